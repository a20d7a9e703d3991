//! `cargo xtask dead-letters`: which jobs nothing could start, and sending them again.
//!
//! Sending again is one row in `jobs`, as a new job: the watchdog starts it within a minute. The asker
//! of the old one was told that there is no answer, and its interaction is over, so the answer can
//! only go to a channel.

use anyhow::Result;
use serde_json::Value;

use crate::d1::{Place, execute};
use crate::problem::{problem, usage};
use crate::setup::{Npm, say};
use crate::value::text;

/// Longest question that is shown, in characters.
const SHOWN_CHARS: usize = 60;

/// Every letter whose job did not run after all, and the latest job that it was sent again as. Ids of
/// those begin with the job's and a `-`: a range, for which there is an index.
pub const LIST: &str = "SELECT job, cause, params, datetime(created_at, 'unixepoch') AS at, \
     (SELECT id || ' ' || status FROM jobs \
        WHERE id > dead_letters.job || '-' AND id < dead_letters.job || '.' \
        ORDER BY created_at DESC, id DESC LIMIT 1) AS again \
     FROM dead_letters WHERE NOT EXISTS \
       (SELECT 1 FROM jobs WHERE id = dead_letters.job AND status <> 'ERROR') \
     ORDER BY created_at, job";

/// What to do with the letters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Action {
    /// List them.
    #[default]
    List,
    /// Send one again.
    One(String),
    /// Send all again.
    All,
}

/// Lists the letters, or sends some again.
///
/// # Errors
/// When wrangler fails, or there is nothing to send.
pub fn run(place: &Place, action: &Action) -> Result<()> {
    let npm = Npm::install()?;
    let sent = match action {
        Action::List => {
            print!("{}", list(&execute(&npm, place, LIST)?));
            return Ok(());
        }
        Action::One(job) => execute(&npm, place, &send_again(Some(job))?)?,
        Action::All => execute(&npm, place, &send_again(None)?)?,
    };
    if sent.is_empty() {
        return Err(problem(
            "there is no such letter, or it was sent again already",
            "`cargo xtask dead-letters` with --env or --local lists them",
        ));
    }
    for job in &sent {
        println!("{}", text(job, "id"));
    }
    say("the watchdog starts what was sent again within a minute");
    Ok(())
}

/// Returns the statement that sends one letter again, or all.
///
/// A letter becomes a new job, `{id}-1` or the next free number. One that was sent again is left out
/// unless that failed too, so running it twice sends nothing twice.
///
/// # Errors
/// When it is no id: there are no parameters on this way, so nothing else may get into the text.
pub fn send_again(job: Option<&str>) -> Result<String> {
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let condition = match job {
        Some(id) if is_id(id) => format!("job = '{id}'"),
        Some(id) => {
            return Err(usage(format!("`{id}` is no id of a letter"), "letters and digits"));
        }
        None => "true".to_owned(),
    };
    // A minute ago: the watchdog looks after what has been silent for so long. The time of the
    // question is now, since deadlines count from it.
    Ok(format!(
        "INSERT INTO jobs (id, platform, token, params, asker, server, generation, status, updated_at) \
         SELECT again, json_extract(params, '$.platform'), '', json_set(params, '$.id', again, '$.token', '', '$.generation', 1, \
           '$.asked', unixepoch() * 1000), \
           coalesce(json_extract(params, '$.user'), ''), \
           coalesce(json_extract(params, '$.server'), ''), 1, 'PENDING', unixepoch() - 60 \
         FROM (SELECT params, job || '-' || (1 + coalesce( \
             (SELECT max(CAST(substr(id, length(dead_letters.job) + 2) AS INTEGER)) FROM jobs \
              WHERE id > dead_letters.job || '-' AND id < dead_letters.job || '.'), 0)) AS again \
           FROM dead_letters WHERE {condition} AND NOT EXISTS (SELECT 1 FROM jobs \
             WHERE (id = dead_letters.job OR id > dead_letters.job || '-' \
               AND id < dead_letters.job || '.') AND status <> 'ERROR')) \
         RETURNING id"
    ))
}

fn list(letters: &[Value]) -> String {
    if letters.is_empty() {
        return "no dead letters\n".to_owned();
    }
    let mut lines = String::new();
    for letter in letters {
        let params: Value = serde_json::from_str(text(letter, "params")).unwrap_or_default();
        let question = plain(text(&params, "question"));
        let shown: String = question.chars().take(SHOWN_CHARS).collect();
        let end = if shown == question { "" } else { "…" };
        let place = match text(&params, "server") {
            "" => "outside of servers".to_owned(),
            server => format!("in server {server}"),
        };
        let again = match text(letter, "again") {
            "" => "not sent again".to_owned(),
            again => format!("sent again: {again}"),
        };
        let (job, at, cause) = (text(letter, "job"), text(letter, "at"), text(letter, "cause"));
        let name = plain(text(&params, "name"));
        lines.extend([format!(
            "{job}  {at}  {cause}\n    {name} {place}: {shown}{end}\n    {again}\n"
        )]);
    }
    lines
}

/// What people wrote, without what a terminal would take for orders.
fn plain(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_an_id_gets_into_the_statement() {
        assert!(
            send_again(Some("1302817461728870430"))
                .unwrap()
                .contains("job = '1302817461728870430'")
        );
        assert!(send_again(None).unwrap().contains("WHERE true AND"));
        for bad in ["", "1' OR '1'='1", "1;", "1-1", "é"] {
            assert!(send_again(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn lists_what_an_operator_needs_to_decide() {
        assert_eq!(list(&[]), "no dead letters\n");
        let params = json!({ "question": "q\n".repeat(50), "name": "みお", "server": "7" });
        let letter = json!({
            "job": "1", "at": "2026-11-20 12:00:00", "cause": "why", "params": params.to_string(),
            "again": null,
        });
        let question = "q ".repeat(30);
        let expected = format!(
            "1  2026-11-20 12:00:00  why\n    みお in server 7: {question}…\n    not sent again\n"
        );
        assert_eq!(list(std::slice::from_ref(&letter)), expected);
        let mut sent = letter;
        sent["again"] = json!("1-1 COMPLETED");
        assert!(list(&[sent]).ends_with("    sent again: 1-1 COMPLETED\n"));
    }
}
