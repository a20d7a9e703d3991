//! `cargo xtask schema`: the schema after all migrations, in one file that a person can read.

use anyhow::{Context as _, Result};

use crate::problem::problem;
use crate::setup::Npm;
use crate::{process, project};

const FILE: &str = "schema.sql";
const FOLDER: &str = "migrations";
const HEADER: &str =
    "-- The schema after all migrations. Written by `cargo xtask schema`; do not edit.\n";
/// The pinned Node brings a database; statements are read back as they were written.
const SCRIPT: &str = r#"
const { readFileSync } = require("node:fs");
const { DatabaseSync } = require("node:sqlite");
const database = new DatabaseSync(":memory:");
for (const file of process.argv.slice(1)) database.exec(readFileSync(file, "utf8"));
const rows = database.prepare(
  "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type = 'table' DESC, name",
).all();
process.stdout.write(rows.map((row) => row.sql + ";\n").join("\n"));
"#;

/// What to do with the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Write `schema.sql`.
    Write,
    /// Compare `schema.sql` with what the migrations make.
    Check,
}

/// Applies the migrations to an empty database and writes or compares the result.
///
/// # Errors
/// When a migration fails, or `schema.sql` is not what they make.
pub fn run(mode: Mode) -> Result<()> {
    let npm = Npm::install()?;
    let root = project::root()?;
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root.join(FOLDER)).context(FOLDER)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            files.push(path);
        }
    }
    files.sort();
    let mut command = npm.node();
    command.args(["--no-warnings", "-e", SCRIPT]).args(&files);
    let schema = format!("{HEADER}\n{}", process::capture(&mut command)?);
    let is_equal = std::fs::read_to_string(root.join(FILE)).is_ok_and(|found| found == schema);
    match mode {
        Mode::Check if is_equal => Ok(()),
        Mode::Check => Err(problem(
            format!("{FILE} is not what {FOLDER}/ make"),
            "`cargo xtask schema` writes it; commit the change",
        )),
        Mode::Write => std::fs::write(root.join(FILE), schema).context(FILE),
    }
}
