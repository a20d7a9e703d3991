//! What is wrong with this deployment, as far as it can tell by itself: the operator's check.
//!
//! Nothing here is a secret, a question or an answer. Each model is asked for a few words, as only that
//! shows that key, name, balance and gateway are in order. What needs no Worker is looked at by
//! `cargo xtask doctor`, which also judges what is `found` more closely.

use core::time::Duration;

use serde_json::Value;

use miyabi_ai::protocols;
use miyabi_ai::protocols::Offer;
use miyabi_ai::{Failure, Message};
use miyabi_channels::discord::look::{Sight, look};
use miyabi_core::config::models::Model;
use miyabi_core::config::{Config, Discord};
use miyabi_core::fault::{Class, Fault};
use miyabi_core::ids::Secret;
use miyabi_core::json;
use miyabi_core::json::object;
use miyabi_core::ports::{Host, Rows, Statement};
use miyabi_core::text::hex;
use miyabi_core::transport::SendError;

/// The newest migration that this version needs.
const NEWEST_MIGRATION: &str = "0001_initial.sql";

const OK: &str = "ok";
const WARN: &str = "warn";
const FAIL: &str = "fail";

/// What is asked of the database: a number is well if it is 0.
struct Question {
    name: &'static str,
    sql: &'static str,
    /// State if it is not well.
    bad: &'static str,
    /// What the answer is, after it.
    what: &'static str,
    hint: &'static str,
}

/// The schema first: without it there is no use in going on. 16 minutes are more than any
/// deadline that can be set, and the watchdog's minute.
const QUESTIONS: [Question; 3] = [
    Question {
        name: "database",
        sql: "SELECT max(name) AS found FROM d1_migrations",
        bad: FAIL,
        what: " is the newest migration applied",
        hint: "npx wrangler d1 migrations apply miyabi_db --remote",
    },
    Question {
        name: "stuck",
        sql: "SELECT count(*) AS found FROM jobs
              WHERE status IN ('PENDING', 'PROCESSING') AND created_at < unixepoch() - 960",
        bad: FAIL,
        what: " jobs did not end in 16 minutes",
        hint: "the watchdog does not run: see the Cron Triggers",
    },
    Question {
        name: "dead",
        sql: "SELECT count(*) AS found FROM dead_letters WHERE NOT EXISTS (SELECT 1 FROM jobs
              WHERE (id = dead_letters.job OR id > dead_letters.job || '-'
                AND id < dead_letters.job || '.') AND status <> 'ERROR')",
        bad: WARN,
        what: " dead letters are not sent again",
        hint: "cargo xtask dead-letters",
    },
];

/// Returns whether an `Authorization` header shows the operator's token. How long it takes depends on
/// the lengths only.
pub(super) fn is_operator(header: Option<&str>, token: &Secret) -> bool {
    let shown = header.and_then(|header| header.strip_prefix("Bearer ")).unwrap_or_default();
    let (shown, token) = (shown.as_bytes(), token.reveal().as_bytes());
    let pairs = shown.iter().zip(token);
    let difference = pairs.fold(0, |difference, (a, b)| core::hint::black_box(difference | a ^ b));
    shown.len() == token.len() && difference == 0
}

/// Looks at everything, and returns the checks as `[{name, state, detail, hint, found}]`.
///
/// # Repeats
/// Costs a short call of each model again; otherwise it reads only.
pub(super) async fn checks(host: &impl Host, config: &Config) -> Value {
    let mut checks = Checks(Vec::new());
    checks.settings(config);
    for question in &QUESTIONS {
        let Question { name, sql, .. } = *question;
        let answer = host.query(Statement { name, sql, values: Vec::new() }).await;
        if !checks.database(question, answer) {
            break;
        }
    }
    if let Ok(settings) = &config.settings {
        let messages = [Message::User("Say yes.".to_owned())];
        for model in &settings.models {
            // Few tokens: what it says does not matter, nor whether it comes to that.
            let request = protocols::ModelRequest {
                messages: &messages,
                offer: Offer::Nothing,
                max_tokens: 16,
                rejects_if_busy: true,
                streams: false,
                timeout: Duration::from_secs(15),
            };
            let said = protocols::complete(host, model, &request, &|_text| {}).await;
            checks.model(model, said.err());
        }
        for sight in [Sight::Webhook, Sight::Application, Sight::Commands] {
            let seen = look(host, &settings.discord, sight).await;
            checks.discord(config, &settings.discord, sight, seen);
        }
    }
    Value::Array(checks.0)
}

/// The checks so far.
struct Checks(Vec<Value>);

impl Checks {
    /// A hint is for what is not well.
    fn add(&mut self, (name, hint): (&str, &str), state: &str, detail: &str, found: Value) {
        let hint = if state == OK { "" } else { hint };
        self.0.push(object([
            ("name", name.into()),
            ("state", state.into()),
            ("detail", detail.into()),
            ("hint", hint.into()),
            ("found", found),
        ]));
    }

    fn settings(&mut self, config: &Config) {
        if config.settings.is_ok() {
            self.add(("settings", ""), OK, "complete", Value::Null);
        } else {
            let hint = "`problems` lists the commands that set them";
            self.add(("settings", hint), FAIL, "not complete: see `problems`", Value::Null);
        }
    }

    /// The detail of a model that answers is its id, which the doctor judges further.
    fn model(&mut self, model: &Model, failure: Option<Failure>) {
        let Some(failure) = failure else {
            return self.add(("model", ""), OK, &model.id, Value::Null);
        };
        let passes = [Class::Busy, Class::RateLimit, Class::Transient, Class::Truncated]
            .contains(&failure.class);
        let state = if passes { WARN } else { FAIL };
        let detail = [&model.id, ": ", &failure.error(model.vendor.name).to_string()].concat();
        self.add(
            ("model", "docs/design/models.md says what each failure means"),
            state,
            &detail,
            Value::Null,
        );
    }

    /// Returns whether there is use in asking more.
    fn database(&mut self, question: &Question, answer: Result<Rows, Fault>) -> bool {
        let Question { name, bad, what, hint, .. } = *question;
        match answer {
            Ok(rows) => {
                let found = rows.first().and_then(|row| row.get("found")).cloned();
                let found = found.unwrap_or_default();
                let is_well = match found.as_str() {
                    Some(newest) => newest >= NEWEST_MIGRATION,
                    None => found.as_u64() == Some(0),
                };
                let goes_on = is_well || found.is_u64();
                let state = if is_well { OK } else { bad };
                self.add((name, hint), state, &(json::to_text(&found) + what), found);
                goes_on
            }
            Err(fault) => {
                self.add((name, hint), FAIL, &fault.to_string(), Value::Null);
                false
            }
        }
    }

    fn discord(
        &mut self,
        config: &Config,
        discord: &Discord,
        sight: Sight,
        seen: Result<Value, SendError>,
    ) {
        let (name, hint) = match sight {
            Sight::Webhook => ("webhook", "make one, and set DISCORD_WEBHOOK_URL to its URL"),
            Sight::Application => (
                "application",
                "are DISCORD_TOKEN, _APPLICATION_ID and _PUBLIC_KEY of one application?",
            ),
            Sight::Commands => ("commands", "cargo xtask register"),
        };
        let seen = match seen {
            Ok(seen) => seen,
            Err(error) => {
                // A limit or silence may pass.
                let is_refused = matches!(error, SendError::Refused { status: 400..=428, .. });
                let state = if is_refused { FAIL } else { WARN };
                return self.add((name, hint), state, &error.to_string(), Value::Null);
            }
        };
        let (is_well, detail, found) = match sight {
            Sight::Webhook => (true, "it posts in the channel that is found", "channel_id"),
            Sight::Application => {
                let key = hex::decode(text(&seen, "verify_key"));
                let is_key = key.is_some() && config.public_key == key;
                let is_own = text(&seen, "id") == discord.application_id;
                let detail = match (is_own, is_key) {
                    (false, _) => "the token is another application's",
                    (true, false) => "the public key is another application's",
                    (true, true) => "token, id and public key belong together",
                };
                (is_own && is_key, detail, "interactions_endpoint_url")
            }
            Sight::Commands => {
                let mut commands = seen.as_array().into_iter().flatten();
                let is_there = commands.any(|command| text(command, "name") == "ask");
                (
                    is_there,
                    if is_there { "/ask is registered" } else { "no /ask is registered" },
                    "",
                )
            }
        };
        // Commands are a list: all of it.
        let found = if found.is_empty() { seen } else { text(&seen, found).into() };
        self.add((name, hint), if is_well { OK } else { FAIL }, detail, found);
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
