//! A contender on Miniflare, with its local D1 and Workflow.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

use super::contender::{Contender, compatibility_date, variables};
use crate::process::{self, Child};
use crate::project;
use crate::setup::Npm;
use crate::stack::worker;

/// A running Miniflare; it ends when dropped.
#[derive(Debug)]
pub struct Host {
    _child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Host {
    /// Starts a contender behind a main module of `tools/bench/`.
    ///
    /// # Errors
    /// When it does not start; what it said is in `host.log` beside the modules.
    pub fn start(npm: &Npm, contender: &Contender, main: &str) -> Result<Self> {
        let folder = contender.folder.join("host");
        std::fs::create_dir_all(&folder)?;
        let options = options(contender, main)?.to_string();
        let (file, log) = (folder.join("options.json"), folder.join("host.log"));
        std::fs::write(&file, options)?;
        let mut command = process::guarded(&npm.node_path());
        command.arg(project::root()?.join("tools/bench/host.mjs")).arg(file);
        npm.environment(&mut command);
        worker::environment(&mut command, &folder);
        command.stdout(Stdio::piped()).stderr(std::fs::File::create(&log)?);
        let mut child = process::spawn(&mut command)?;
        let mut line = String::new();
        let stdout = child.stdout().context("node has no standard output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.trim().strip_prefix("http://").and_then(|text| text.parse().ok());
        let Some(address) = address else {
            bail!("{} did not start: see {}", contender.name, log.display());
        };
        Ok(Self { _child: child, address })
    }

    /// Returns the URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

fn options(contender: &Contender, main: &str) -> Result<Value> {
    let root = project::root()?;
    let bindings: Map<String, Value> =
        variables().into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    let mut modules = vec![main.to_owned()];
    if main == "job.mjs" {
        modules.extend(["count.mjs"].map(ToOwned::to_owned));
    }
    modules.extend(contender.modules.iter().cloned());
    let module = |name: &String| {
        let is_wasm = contender.folder.join(name).extension().is_some_and(|kind| kind == "wasm");
        let kind = if is_wasm { "CompiledWasm" } else { "ESModule" };
        json!({ "type": kind, "path": contender.folder.join(name) })
    };
    let mut worker = json!({
        "host": "127.0.0.1",
        "port": 0,
        "cf": false,
        "modulesRoot": contender.folder,
        "modules": modules.iter().map(module).collect::<Vec<_>>(),
        "compatibilityDate": compatibility_date()?,
        "bindings": bindings,
        "d1Databases": { "miyabi_db": "bench" },
    });
    if main == "job.mjs"
        && let Some(worker) = worker.as_object_mut()
    {
        let workflow = json!({ "name": "bench", "className": "MiyabiWorkflow" });
        worker.insert("workflows".to_owned(), json!({ "miyabi_workflow": workflow }));
    }
    // The root ends in a slash, so that packages are looked for in it.
    let root = format!("{}/", root.display());
    Ok(
        json!({ "root": root, "worker": worker, "schema": statements(&project::read("schema.sql")?) }),
    )
}

/// Splits the schema: an empty line is between statements, and a comment is before the first.
fn statements(schema: &str) -> Vec<&str> {
    let statements = schema.split("\n\n").map(str::trim);
    statements.filter(|text| !text.is_empty() && !text.starts_with("--")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_schema_is_split_between_its_statements() {
        let schema =
            "-- Written by.\n\nCREATE TABLE a (b);\n\nCREATE TRIGGER c\nBEGIN\n  d;\nEND;\n";
        let expected = ["CREATE TABLE a (b);", "CREATE TRIGGER c\nBEGIN\n  d;\nEND;"];
        assert_eq!(super::statements(schema), expected);
    }
}
