//! `cargo xtask key`: a person's first API key, made by the operator.
//!
//! The key is made here and printed, alone on the last line. Only its hash goes to wrangler and into the
//! database, so neither a list of processes nor a log of wrangler shows it.

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use clap::Args;
use miyabi_core::key::{ApiKey, MAX_KEYS, Scopes};

use super::dev::running;
use crate::d1::{self, Place};
use crate::problem::{problem, usage};
use crate::setup::{Npm, say};

/// Name of such a key in its owner's list.
const NAME: &str = "from the operator";
/// Longest id of a person or workspace, in bytes.
const MAX_ID_BYTES: usize = 64;

/// Whose key, for what, and where.
#[derive(Debug, Args)]
pub struct Options {
    /// Whose it is: any name, or somebody's user id of Discord, whose usage and budget it shares then
    #[arg(long, value_name = "NAME")]
    user: String,
    /// What it may do: chat, memory, knowledge, files, usage, keys, admin; each also as NAME:read
    #[arg(long, value_name = "LIST")]
    scopes: String,
    /// Whose knowledge it reads: a server's id, or any name
    #[arg(long, value_name = "ID")]
    workspace: Option<String>,
    #[command(flatten)]
    place: Where,
    /// Folder with the state of a local `wrangler dev`
    #[arg(long, value_name = "DIR", conflicts_with_all = ["env", "dev"])]
    persist_to: Option<PathBuf>,
}

/// Whose database.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Where {
    /// Of an environment of wrangler.toml
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Of `wrangler dev` in this checkout
    #[arg(long)]
    local: bool,
    /// Of the `cargo xtask dev` that runs in this checkout
    #[arg(long)]
    dev: bool,
}

/// Makes a key and prints it.
///
/// # Errors
/// When an option is wrong, wrangler fails, or the person has as many keys as there may be.
pub fn run(options: Options) -> Result<()> {
    let Options { user, scopes, workspace, place, persist_to } = options;
    let place = match place {
        Where { env: Some(name), .. } => Place::Environment(name),
        Where { dev: true, .. } => Place::Local(Some(running::state()?)),
        Where { .. } => Place::Local(persist_to),
    };
    let workspace = workspace.unwrap_or_default();
    let key = make(&place, &user, &scopes, &workspace)?;
    say(&format!("a key of {user}, shown this once: only its hash is stored"));
    println!("{}", key.reveal());
    Ok(())
}

/// Makes a key in a database.
///
/// # Errors
/// As for [`run`].
pub fn make(place: &Place, user: &str, scopes: &str, workspace: &str) -> Result<ApiKey> {
    let mut random = [0; 28];
    getrandom::fill(&mut random).map_err(|error| anyhow!("no random numbers: {error}"))?;
    let (key, id) = random.split_at(20);
    let key = ApiKey::of(key.try_into()?);
    let statement = statement(&key, &hex::encode(id), user, scopes, workspace)?;
    let made = d1::execute(&Npm::install()?, place, &statement).map_err(|error| {
        let is_old = error.to_string().contains("no such table");
        let hint = "`npx wrangler d1 migrations apply miyabi_db` with --local or --remote makes it";
        if is_old { problem("the database has no table of keys yet", hint) } else { error }
    })?;
    if made.is_empty() {
        let what = format!("{user} has {MAX_KEYS} keys already");
        return Err(problem(what, "take one back: `DELETE /api/keys/{id}`, or /key in Discord"));
    }
    Ok(key)
}

/// Returns the statement that stores a key, unless its owner has too many.
///
/// # Errors
/// When a part is not what it has to be: there are no parameters on this way, so nothing else may get into
/// the text.
fn statement(key: &ApiKey, id: &str, user: &str, scopes: &str, workspace: &str) -> Result<String> {
    let scopes = Scopes::parse(scopes).ok_or_else(|| {
        let hint = "such as chat,memory:read; chat, memory, knowledge, files, usage, keys, admin";
        usage(format!("`{scopes}` is no list of scopes"), hint)
    })?;
    for (name, id) in [("--user", user), ("--workspace", workspace)] {
        let is_plain = |char: char| char.is_alphanumeric() || "._-@+:".contains(char);
        let is_blank = name == "--user" && id.is_empty();
        if is_blank || id.len() > MAX_ID_BYTES || !id.chars().all(is_plain) {
            let hint = format!("letters, digits and ._-@+: up to {MAX_ID_BYTES} bytes");
            return Err(usage(format!("`{id}` is no {name}"), hint));
        }
    }
    let (hash, tail, scopes) = (key.hash(), key.tail(), scopes.list());
    Ok(format!(
        "INSERT INTO api_keys (id, owner, name, hash, tail, scopes, workspace) \
         SELECT '{id}', '{user}', '{NAME}', '{hash}', '{tail}', '{scopes}', '{workspace}' \
         WHERE (SELECT count(*) FROM api_keys WHERE owner = '{user}' AND revoked_at IS NULL \
           AND coalesce(expires_at, unixepoch() + 1) > unixepoch()) < {MAX_KEYS} \
         RETURNING id"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(user: &str, scopes: &str, workspace: &str) -> Result<String> {
        statement(&ApiKey::of([7; 20]), "00ff", user, scopes, workspace)
    }

    #[test]
    fn the_statement_has_the_hash_and_not_the_key() {
        let statement = text("みお@home", "keys:read, chat", "1200000000000000009").unwrap();
        let key = ApiKey::of([7; 20]);
        assert!(statement.contains(&key.hash()) && !statement.contains("miyabi_"), "{statement}");
        assert!(statement.contains("'00ff', 'みお@home', 'from the operator'"), "{statement}");
        assert!(statement.contains("'chat,keys:read', '1200000000000000009'"), "{statement}");
    }

    #[test]
    fn only_ids_and_scopes_get_into_the_statement() {
        for (user, scopes, workspace) in [
            ("", "chat", ""),
            ("mio'--", "chat", ""),
            ("mio alex", "chat", ""),
            (&"m".repeat(65), "chat", ""),
            ("mio", "", ""),
            ("mio", "chat,fly", ""),
            ("mio", "chat'", ""),
            ("mio", "chat", "1' OR '1'='1"),
        ] {
            let error = text(user, scopes, workspace).unwrap_err();
            assert_eq!(crate::problem::exit_code(&error), 2, "{error}");
        }
    }
}
