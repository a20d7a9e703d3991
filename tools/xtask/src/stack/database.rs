//! Reads and changes the local D1 database behind the Worker's back.
//!
//! The pinned Node brings `SQLite`, so this costs a small process and no dependency; asking
//! wrangler takes seconds and starts a second runtime on the same file. The process is started by the
//! first statement and serves them all: a test that waits for a row asks many times a second.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::process::{self, Child};
use crate::setup::Npm;

/// Answers each line of its input, and ends with it. The file is opened for each statement, so that nothing is held
/// while the Worker writes.
const SCRIPT: &str = r#"
const { DatabaseSync } = require("node:sqlite");
const carryOut = ({ file, statement, parameters }) => {
  const database = new DatabaseSync(file, { timeout: 5000 });
  try {
    return { rows: database.prepare(statement).all(...parameters) };
  } finally {
    database.close();
  }
};
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  let answer;
  try {
    answer = carryOut(JSON.parse(line));
  } catch (error) {
    answer = { error: String(error) };
  }
  console.log(JSON.stringify(answer));
});
"#;

/// The database of one stack.
#[derive(Debug)]
pub(super) struct Database {
    npm: Npm,
    state: PathBuf,
    reader: Mutex<Option<Reader>>,
}

/// The process that carries out the statements.
#[derive(Debug)]
struct Reader {
    // Dropped first, so that the process ends by itself.
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _child: Child,
}

impl Database {
    /// Returns the only D1 database under wrangler's state, which need not be there yet.
    pub(super) fn new(npm: Npm, state: PathBuf) -> Self {
        Self { npm, state, reader: Mutex::new(None) }
    }

    /// Runs one statement and returns its rows as JSON objects.
    ///
    /// # Errors
    /// When there is no database yet, or the statement fails.
    pub(super) fn query(&self, statement: &str, parameters: &[&str]) -> Result<Vec<Value>> {
        let file = file(&self.state)?;
        let order = json!({ "file": file, "statement": statement, "parameters": parameters });
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let mut running = match reader.take() {
            Some(running) => running,
            None => Reader::start(&self.npm)?,
        };
        // One that has ended is not put back, and the next statement starts another.
        let answer = running.ask(&order)?;
        *reader = Some(running);
        if let Some(error) = answer.get("error").and_then(Value::as_str) {
            bail!("{error}: {statement}");
        }
        let rows = answer.get("rows").and_then(Value::as_array);
        rows.cloned().context("node printed no rows")
    }
}

impl Reader {
    fn start(npm: &Npm) -> Result<Self> {
        let mut command = npm.node();
        command.args(["--no-warnings", "-e", SCRIPT]);
        let mut child = process::spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let input = child.stdin().context("node has no standard input")?;
        let output = child.stdout().context("node has no standard output")?;
        Ok(Self { input, output: BufReader::new(output), _child: child })
    }

    /// Has it carry out one order, and returns what it answers.
    fn ask(&mut self, order: &Value) -> Result<Value> {
        writeln!(self.input, "{order}").context("the database's reader has ended")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        serde_json::from_str(&line).context("the database's reader has ended")
    }
}

/// Returns the file of the only D1 database under wrangler's state.
fn file(state: &Path) -> Result<PathBuf> {
    let folder = state.join("v3/d1/miniflare-D1DatabaseObject");
    let entries = std::fs::read_dir(&folder).context("there is no local D1 database yet")?;
    let mut files = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| {
        let is_database = path.extension().is_some_and(|extension| extension == "sqlite");
        is_database && path.file_stem().is_some_and(|stem| stem != "metadata")
    });
    files.next().context("there is no local D1 database yet")
}
