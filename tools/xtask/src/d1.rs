//! One statement on a D1 database, by wrangler: it knows the account, and where local state is.

use std::path::PathBuf;
use std::time::Duration;

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

/// Waits before a statement is run again that met a local database which somebody else was writing.
const RETRIES_MS: [u64; 5] = [100, 200, 400, 800, 1_600];

/// How `SQLite` says that it has done nothing, since somebody else writes.
const BUSY: &str = "SQLITE_BUSY";

/// Runs one statement and returns its rows as JSON objects. Local state is shared with the Worker that runs on
/// it, so a statement that finds it locked, and has done nothing, is run again.
///
/// There are no parameters on this way, and the text is on a command line: nothing secret, and nothing that
/// was not looked at, gets into it.
///
/// # Errors
/// When wrangler fails, with the end of its output.
pub fn execute(npm: &Npm, place: &Place, statement: &str) -> Result<Vec<Value>> {
    let mut waits = RETRIES_MS.into_iter();
    loop {
        let ran = execute_once(npm, place, statement);
        let is_busy = ran.as_ref().is_err_and(|error| error.to_string().contains(BUSY));
        match waits.next().filter(|_| is_busy) {
            Some(wait) => std::thread::sleep(Duration::from_millis(wait)),
            None => return ran,
        }
    }
}

fn execute_once(npm: &Npm, place: &Place, statement: &str) -> Result<Vec<Value>> {
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
