//! One statement on a D1 database, by wrangler: it knows the account, and where local state is.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::setup::Npm;
use crate::stack::{config, worker};
use crate::{process, project};

/// Whose database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// That of `wrangler dev` in this checkout, or of one with its state in this folder.
    Local(Option<PathBuf>),
    /// That of an environment of `wrangler.toml`.
    Environment(String),
}

/// Runs one statement and returns its rows as JSON objects.
///
/// There are no parameters on this way, and the text is on a command line: nothing secret, and nothing that
/// was not looked at, gets into it.
///
/// # Errors
/// When wrangler fails, with the end of its output.
pub fn execute(npm: &Npm, place: &Place, statement: &str) -> Result<Vec<Value>> {
    let config = config::parse(&project::read("wrangler.toml")?)?;
    let mut command = npm.node();
    command.current_dir(project::root()?).arg(npm.wrangler_path());
    command.args(["d1", "execute", config::database(&config)?, "--json", "--command", statement]);
    match place {
        Place::Local(None) => command.arg("--local"),
        Place::Local(Some(folder)) => {
            // Wrangler runs in another folder than whoever has typed this one.
            command.args(["--local", "--persist-to"]).arg(std::path::absolute(folder)?)
        }
        Place::Environment(name) => command.args(["--remote", "--env", name]),
    };
    let (status, stdout, stderr) = process::output(&mut command)?;
    if !status.success() {
        bail!("wrangler d1 execute\n{}", worker::tail(&format!("{stdout}\n{stderr}")));
    }
    let printed: Value = serde_json::from_str(&stdout).context("wrangler printed no JSON")?;
    let rows = printed.get(0).and_then(|first| first.get("results")).and_then(Value::as_array);
    rows.cloned().context("wrangler printed no rows")
}
