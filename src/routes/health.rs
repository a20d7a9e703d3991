//! `GET /health`: what is missing, which channels are off, and for the operator the deep check.

use serde::Serialize;
use serde_json::json;

use super::deep;
use miyabi_channels::{discord, slack, telegram, whatsapp};
use miyabi_core::config::{Config, ConfigError, Settings};
use miyabi_core::event::Event;
use miyabi_core::http::{Incoming, Reply};
use miyabi_core::ports::Host;

/// Says whether a query asks for the operator's check.
pub(super) fn is_deep(query: &str) -> bool {
    query.split('&').any(|parameter| parameter == "deep=1")
}

/// The operator's check. What is wrong is in the reply, and its status is 200 all the same.
pub(super) async fn check(host: &impl Host, config: &Config, request: &impl Incoming) -> Reply {
    let (status, reason) = match &config.operator_token {
        None => (503, "MIYABI_OPERATOR_TOKEN is not set"),
        Some(token) if deep::is_operator(request.header("authorization").as_deref(), token) => {
            let checks = Some(deep::checks(host, config).await);
            return Reply::json(200, &json!(Health { checks, ..health(config) }));
        }
        Some(_) => (401, "not the operator's token"),
    };
    host.log(&Event::RequestRejected { status, reason });
    Reply::error(status, reason)
}

/// Reply of `/health`. It names what is missing, and never a value.
#[derive(Serialize)]
pub(super) struct Health<'a> {
    status: &'static str,
    version: &'static str,
    environment: &'a str,
    configured: bool,
    problems: Vec<Unset<'a>>,
    /// Channels that are not set up, and so are off.
    off: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Vec<deep::Check>>,
}

/// A setting that is missing or wrong, and what sets it.
#[derive(Serialize)]
pub(super) struct Unset<'a> {
    name: &'a str,
    problem: &'a str,
    hint: String,
}

/// Returns what the reply of `/health` says, without checks.
pub(super) fn health(config: &Config) -> Health<'_> {
    let problems = config.settings.as_ref().err().map(problems).unwrap_or_default();
    Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        environment: &config.environment,
        configured: problems.is_empty(),
        off: config.settings.as_ref().map(off).unwrap_or_default(),
        problems,
        checks: None,
    }
}

fn off(settings: &Settings) -> Vec<&'static str> {
    let channels = [
        (discord::PLATFORM, settings.discord.is_on()),
        (slack::PLATFORM, settings.slack.is_some()),
        (telegram::PLATFORM, settings.telegram.is_some()),
        (whatsapp::PLATFORM, settings.whatsapp.as_ref().is_some_and(|it| it.asks)),
    ];
    channels.into_iter().filter(|(_, is_on)| !is_on).map(|(name, _)| name).collect()
}

/// Returns what is missing or wrong.
pub(super) fn problems(error: &ConfigError) -> Vec<Unset<'_>> {
    let problems = error.problems.iter().map(|problem| Unset {
        name: problem.setting.name,
        problem: problem.wrong.unwrap_or("is missing"),
        hint: problem.setting.hint(),
    });
    problems.collect()
}
