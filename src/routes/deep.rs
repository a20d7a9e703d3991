//! The operator's check: what is wrong with this deployment, as far as the Worker itself can tell.
//!
//! No check shows a secret, a question or an answer. Each model is asked for a few words, because only
//! that shows that its key, name, balance and gateway are in order. `cargo xtask doctor` checks what
//! needs no Worker, and judges what is `found` here more closely.

mod mcp;

use core::time::Duration;

use serde::Serialize;
use serde_json::Value;
use subtle::ConstantTimeEq as _;

use miyabi_ai::mcp as mcp_tools;
use miyabi_ai::protocols;
use miyabi_ai::protocols::Offer;
use miyabi_ai::{Failure, Message};
use miyabi_channels::discord::installs::mismatches;
use miyabi_channels::discord::look::{Sight, look};
use miyabi_core::config::models::Model;
use miyabi_core::config::{Access, Config, Discord};
use miyabi_core::fault::{Class, Fault};
use miyabi_core::ids::Secret;
use miyabi_core::ports::{Host, Rows, Statement};
use miyabi_core::transport::SendError;

/// The newest migration that this version needs.
const NEWEST_MIGRATION: &str = "0022_limits.sql";

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    /// It may pass by itself.
    Warn,
    Fail,
}

/// One check, as the operator reads it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    name: &'static str,
    state: State,
    detail: String,
    /// What to do about it; empty where nothing is to be done.
    hint: &'static str,
    /// What the check found, for `cargo xtask doctor`.
    found: Value,
}

/// A question to the database. Its answer is `found`: fine if it is 0, or the newest migration.
struct Question {
    name: &'static str,
    sql: &'static str,
    /// State if the answer is not fine.
    otherwise: State,
    /// Words after the answer.
    words: &'static str,
    hint: &'static str,
}

/// The schema comes first, because nothing else can be asked without it. 16 minutes are more than the
/// longest deadline and the watchdog's minute.
const QUESTIONS: [Question; 3] = [
    Question {
        name: "database",
        sql: "SELECT max(name) AS found FROM d1_migrations",
        otherwise: State::Fail,
        words: " is the newest migration applied",
        hint: "npx wrangler d1 migrations apply miyabi_db --remote",
    },
    Question {
        name: "stuck",
        sql: "SELECT count(*) AS found FROM jobs
              WHERE status IN ('PENDING', 'PROCESSING') AND created_at < unixepoch() - 960",
        otherwise: State::Fail,
        words: " jobs did not end in 16 minutes",
        hint: "the watchdog does not run: see the Cron Triggers",
    },
    Question {
        name: "dead",
        sql: "SELECT count(*) AS found FROM dead_letters WHERE NOT EXISTS (SELECT 1 FROM jobs
              WHERE (id = dead_letters.job OR id > dead_letters.job || '-'
                AND id < dead_letters.job || '.') AND status <> 'ERROR')",
        otherwise: State::Warn,
        words: " dead letters are not sent again",
        hint: "cargo xtask dead-letters",
    },
];

/// Returns whether an `Authorization` header shows the operator's token, in a time that tells nothing of
/// the token but its length.
pub(super) fn is_operator(header: Option<&str>, token: &Secret) -> bool {
    let shown = header.and_then(|header| header.strip_prefix("Bearer ")).unwrap_or_default();
    shown.as_bytes().ct_eq(token.reveal().as_bytes()).into()
}

/// Runs all checks.
///
/// # Repeats
/// Costs a short call of each model again; otherwise it reads only.
pub(super) async fn checks(host: &impl Host, config: &Config) -> Vec<Check> {
    let mut checks = vec![settings(config)];
    for question in &QUESTIONS {
        let Question { name, sql, .. } = *question;
        let answer = host.query(Statement { name, sql, values: Vec::new() }).await;
        let (check, can_go_on) = database(question, answer);
        checks.push(check);
        if !can_go_on {
            break;
        }
    }
    if let Ok(settings) = &config.settings {
        let messages = [Message::User("Say yes.".to_owned())];
        for model in &settings.models {
            // Few tokens: the words do not matter, nor whether the model gets to them.
            let request = protocols::ModelRequest {
                messages: &messages,
                images: &[],
                offer: Offer::Nothing,
                tools: &[],
                mcp: &[],
                max_tokens: 16,
                rejects_if_busy: true,
                streams: false,
                timeout: Duration::from_secs(15),
            };
            let said = protocols::complete(host, model, &request, &|_text| {}).await;
            checks.push(self::model(model, said.err()));
        }
        let mut offered = Vec::new();
        for server in &settings.mcp_servers {
            let listed = mcp_tools::list(host, server).await;
            checks.push(mcp::check(server, listed, &mut offered));
        }
        for sight in [Sight::Webhook, Sight::Application, Sight::Commands] {
            if !settings.discord.is_on() {
                break;
            }
            match look(host, &settings.discord, sight).await {
                Ok(seen) => {
                    let installs =
                        (sight == Sight::Application).then(|| installs(&seen, &settings.access));
                    checks.push(discord(config, &settings.discord, sight, seen));
                    checks.extend(installs);
                }
                Err(error) => checks.push(unseen(sight, &error)),
            }
        }
    }
    checks
}

impl Check {
    /// The hint is dropped where all is well.
    fn new(name: &'static str, state: State, hint: &'static str) -> Self {
        let hint = if state == State::Ok { "" } else { hint };
        Self { name, state, detail: String::new(), hint, found: Value::Null }
    }

    fn detail(self, detail: &str) -> Self {
        Self { detail: detail.to_owned(), ..self }
    }

    fn found(self, found: Value) -> Self {
        Self { found, ..self }
    }
}

fn settings(config: &Config) -> Check {
    let (state, detail) = match &config.settings {
        Ok(_) => (State::Ok, "complete"),
        Err(_) => (State::Fail, "not complete: see `problems`"),
    };
    Check::new("settings", state, "`problems` lists the commands that set them").detail(detail)
}

/// The detail of a model that answers is its id, which the doctor judges further.
fn model(model: &Model, failure: Option<Failure>) -> Check {
    let hint = "docs/design/models.md says what each failure means";
    let Some(failure) = failure else {
        return Check::new("model", State::Ok, hint).detail(&model.id);
    };
    let may_pass = [Class::Busy, Class::RateLimit, Class::Transient, Class::Truncated];
    let state = if may_pass.contains(&failure.class) { State::Warn } else { State::Fail };
    let detail = format!("{}: {}", model.id, failure.error(model.vendor.name));
    Check::new("model", state, hint).detail(&detail)
}

/// Returns the check, and whether more can be asked.
fn database(question: &Question, answer: Result<Rows, Fault>) -> (Check, bool) {
    let &Question { name, otherwise, words, hint, .. } = question;
    let rows = match answer {
        Ok(rows) => rows,
        Err(fault) => {
            return (Check::new(name, State::Fail, hint).detail(&fault.to_string()), false);
        }
    };
    let found = rows.first().and_then(|row| row.get("found")).cloned().unwrap_or_default();
    let is_fine = match found.as_str() {
        Some(newest) => newest >= NEWEST_MIGRATION,
        None => found.as_u64() == Some(0),
    };
    let can_go_on = is_fine || found.is_u64();
    let state = if is_fine { State::Ok } else { otherwise };
    (Check::new(name, state, hint).detail(&format!("{found}{words}")).found(found), can_go_on)
}

/// Returns the check's name, and what to do if it fails.
const fn of_discord(sight: Sight) -> (&'static str, &'static str) {
    match sight {
        Sight::Webhook => ("webhook", "make one, and set DISCORD_WEBHOOK_URL to its URL"),
        Sight::Application => {
            let hint = "are DISCORD_TOKEN, _APPLICATION_ID and _PUBLIC_KEY of one application?";
            ("application", hint)
        }
        Sight::Commands => ("commands", "cargo xtask register"),
    }
}

/// A rate limit, or silence, may pass.
fn unseen(sight: Sight, error: &SendError) -> Check {
    let (name, hint) = of_discord(sight);
    let is_refused = matches!(
        error,
        SendError::Refused { status: 400..=428, .. } | SendError::Deferred { status: 401, .. }
    );
    let state = if is_refused { State::Fail } else { State::Warn };
    Check::new(name, state, hint).detail(&error.to_string())
}

fn installs(application: &Value, access: &Access) -> Check {
    let mismatches = mismatches(application, access);
    let details: Vec<&str> = mismatches.iter().map(|mismatch| mismatch.detail).collect();
    let (state, hint) =
        mismatches.first().map_or((State::Ok, ""), |mismatch| (State::Warn, mismatch.hint));
    let detail = match state {
        State::Ok => "the application is installed where its settings let people ask".to_owned(),
        State::Warn | State::Fail => details.join("; "),
    };
    Check::new("installs", state, hint).detail(&detail)
}

fn discord(config: &Config, discord: &Discord, sight: Sight, seen: Value) -> Check {
    let (name, hint) = of_discord(sight);
    let (is_fine, detail, found) = match sight {
        Sight::Webhook => {
            (true, "it posts in the channel that is found", text(&seen, "channel_id").into())
        }
        Sight::Application => {
            let mut key = [0; 32];
            let is_key = hex::decode_to_slice(text(&seen, "verify_key"), &mut key).is_ok()
                && config.public_key == Some(key);
            let is_own = text(&seen, "id") == discord.application_id;
            let detail = match (is_own, is_key) {
                (false, _) => "the token is another application's",
                (true, false) => "the public key is another application's",
                (true, true) => "token, id and public key belong together",
            };
            (is_own && is_key, detail, text(&seen, "interactions_endpoint_url").into())
        }
        Sight::Commands => {
            let mut commands = seen.as_array().into_iter().flatten();
            if commands.any(|command| text(command, "name") == "ask") {
                (true, "/ask is registered", seen)
            } else {
                (false, "no /ask is registered", seen)
            }
        }
    };
    let state = if is_fine { State::Ok } else { State::Fail };
    Check::new(name, state, hint).detail(detail).found(found)
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
