//! The two Workers that are compared, and how each is run: in workerd with stubs in place of the
//! bindings, or on Miniflare with its local D1 and Workflow engine.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

use super::client;
use super::interaction::{self, Kind};
use crate::commands::build;
use crate::process::{self, Child};
use crate::project;
use crate::setup::{self, Npm, step};
use crate::stack::{config, worker};

/// Longest start of a workerd.
const START: Duration = Duration::from_secs(20);
const FOLDER: &str = "tools/bench";
/// The bench is one person who asks everything, so the limit of one person is high.
const VARIABLES: [(&str, &str); 8] = [
    ("DISCORD_APPLICATION_ID", "1100000000000000001"),
    ("DISCORD_TOKEN", "token"),
    ("DISCORD_API_BASE", "https://discord.com/api/v10"),
    ("DISCORD_WEBHOOK_URL", "https://discord.com/api/webhooks/1100000000000000007/token"),
    ("MIYABI_MODEL", "@cf/model"),
    ("MIYABI_JOBS_PER_ASKER", "100"),
    ("MIYABI_BUDGET_ASKER", "off"),
    ("MIYABI_BUDGET_DAY", "off"),
];

/// A Worker, ready to be run.
#[derive(Debug, Clone)]
pub struct Contender {
    folder: PathBuf,
    /// Modules, the main one first: `worker.mjs`.
    modules: Vec<String>,
}

/// A Worker that answers; its process ends when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Its process.
    pub child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Time from the start of the process to the first answer.
    pub started_in: Duration,
}

/// Builds this Worker as it is deployed.
///
/// # Errors
/// When the build fails.
pub fn ours() -> Result<Contender> {
    build::run(build::Profile::Release)?;
    let (from, folder) = (project::root()?.join("build"), folder("miyabi")?);
    let mut modules = vec!["worker.mjs".to_owned()];
    for file in build::files(&from)? {
        let is_main = file == "shim.mjs";
        let target = folder.join(if is_main { "worker.mjs" } else { &file });
        std::fs::create_dir_all(target.parent().context("a file has no folder")?)?;
        std::fs::copy(from.join(&file), target).with_context(|| file.clone())?;
        modules.extend((!is_main).then_some(file));
    }
    Ok(Contender { folder, modules })
}

/// Bundles the peer as wrangler would. Its packages are installed for the bench alone.
///
/// # Errors
/// When npm or the bundler fails.
pub fn peer(npm: &Npm) -> Result<Contender> {
    let root = project::root()?;
    let source = root.join(FOLDER).join("peer");
    setup::packages(&format!("{FOLDER}/peer"))?;
    let folder = folder("peer")?;
    let mut command = npm.node();
    command.current_dir(&source).arg(npm.esbuild_path());
    command.args(["src/index.ts", "--bundle", "--format=esm", "--target=es2024"]);
    command.args(["--log-level=error", "--external:cloudflare:workers"]);
    command.arg("--conditions=workerd,worker,browser");
    command.arg(format!("--outfile={}", folder.join("worker.mjs").display()));
    step("the peer's bundle", || process::run(&mut command))?;
    Ok(Contender { folder, modules: vec!["worker.mjs".to_owned()] })
}

fn folder(name: &str) -> Result<PathBuf> {
    let folder = project::target()?.join("bench").join(name);
    std::fs::create_dir_all(&folder)?;
    for file in ["job.mjs", "stubs.mjs"] {
        let from = project::root()?.join(FOLDER).join(file);
        std::fs::copy(from, folder.join(file)).with_context(|| file.to_owned())?;
    }
    Ok(folder)
}

/// Returns the variables and secrets that both are given.
fn variables() -> Vec<(&'static str, String)> {
    let fixed = VARIABLES.map(|(name, value)| (name, value.to_owned()));
    fixed.into_iter().chain([("DISCORD_PUBLIC_KEY", interaction::public_key())]).collect()
}

/// Returns the compatibility date of the deployed Worker.
fn compatibility_date() -> Result<String> {
    let config = config::parse(&project::read("wrangler.toml")?)?;
    let date = config.get("compatibility_date").and_then(Value::as_str);
    date.map(ToOwned::to_owned).context("wrangler.toml has no compatibility_date")
}

impl Contender {
    /// Runs it in workerd, with bindings that are `delay_ms` away, and waits until it answers a PING.
    ///
    /// # Errors
    /// When it does not.
    pub fn start(&self, npm: &Npm, delay_ms: u32) -> Result<Running> {
        let port = worker::choose_port(0)?;
        let file = self.folder.join(format!("{port}.capnp"));
        std::fs::write(&file, self.config(port, delay_ms, &compatibility_date()?))?;
        let pings = interaction::requests(Kind::Ping, 1)?;
        let ping = pings.first().context("no request was made")?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut command = process::guarded(&npm.workerd_path()?);
        command.arg("serve").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let begun = Instant::now();
        let mut child = process::spawn(&mut command)?;
        while begun.elapsed() < START && child.is_running() {
            if client::once(address, Kind::Ping, ping).is_ok() {
                let started_in = begun.elapsed();
                drop(std::fs::remove_file(file));
                return Ok(Running { child, address, started_in });
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        bail!("workerd did not start with {}", file.display())
    }

    /// Runs it on Miniflare behind `tools/bench/job.mjs`.
    ///
    /// # Errors
    /// When it does not start; what it said is in `host.log` beside the modules.
    pub fn host(&self, npm: &Npm) -> Result<Running> {
        let bindings: Map<String, Value> =
            variables().into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        let root = project::root()?;
        let options = json!({
            "root": root, "folder": self.folder, "modules": self.modules,
            "date": compatibility_date()?, "bindings": bindings,
        });
        let [file, log] = ["options.json", "host.log"].map(|name| self.folder.join(name));
        std::fs::write(&file, options.to_string())?;
        let mut command = process::guarded(&npm.node_path());
        command.arg(root.join(FOLDER).join("host.mjs")).arg(file);
        npm.environment(&mut command);
        worker::environment(&mut command, &self.folder);
        command.stdout(Stdio::piped()).stderr(std::fs::File::create(&log)?);
        let begun = Instant::now();
        let mut child = process::spawn(&mut command)?;
        let mut line = String::new();
        let stdout = child.stdout().context("node has no standard output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.trim().strip_prefix("http://").and_then(|text| text.parse().ok());
        let address = address.with_context(|| format!("no start: see {}", log.display()))?;
        Ok(Running { child, address, started_in: begun.elapsed() })
    }

    /// Returns workerd's configuration, in Cap'n Proto's text form.
    fn config(&self, port: u16, delay_ms: u32, date: &str) -> String {
        let (mut modules, mut bindings) = (String::new(), String::new());
        for module in &self.modules {
            let kind = if module.ends_with("wasm") { "wasm" } else { "esModule" };
            // Writing to a `String` cannot fail.
            let _ok = writeln!(modules, "(name = \"{module}\", {kind} = embed \"{module}\"),");
        }
        for (name, value) in variables() {
            let _ok = writeln!(bindings, "(name = \"{name}\", text = \"{value}\"),");
        }
        for (name, stub) in [
            ("miyabi_db", "database"),
            ("miyabi_workflow", "workflow"),
            ("miyabi_queue", "queue"),
            ("AI", "model"),
            ("miyabi_asker_limit", "limit"),
            ("miyabi_server_limit", "limit"),
        ] {
            let _ok = writeln!(
                bindings,
                "(name = \"{name}\", wrapped = (moduleName = \"bench:stubs\", entrypoint = \
                 \"{stub}\", innerBindings = [(name = \"delay\", json = \"{delay_ms}\")])),"
            );
        }
        format!(
            r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "main")],
  extensions = [(modules = [
    (name = "bench:stubs", esModule = embed "stubs.mjs", internal = true),
  ])],
);
const worker :Workerd.Worker = (
  modules = [{modules}],
  bindings = [{bindings}],
  compatibilityDate = "{date}",
);
"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_names_modules_bindings_and_their_distance() {
        let modules = ["worker.mjs", "a.wasm"].map(ToOwned::to_owned).to_vec();
        let config = Contender { folder: PathBuf::new(), modules }.config(9, 20, "2026-11-01");
        for part in [
            "(name = \"worker.mjs\", esModule = embed \"worker.mjs\")",
            "(name = \"a.wasm\", wasm = embed \"a.wasm\")",
            "127.0.0.1:9",
            "\"2026-11-01\"",
            "json = \"20\"",
        ] {
            assert!(config.contains(part), "{part}: {config}");
        }
    }
}
