//! The whole HTTP surface.
//!
//! | method, path | reply |
//! | --- | --- |
//! | `POST /discord/interactions` | the interaction's reply, or a rejection |
//! | `GET /health` | 200 with version and missing settings |
//! | `GET /health?deep=1` | the same and `checks`, for who shows the operator's token; else 401, or 503 when none is set |
//! | any other method on these | 405 with `Allow` |
//! | anything else | 404 |

mod deep;

use std::rc::Rc;

use serde_json::Value;

use miyabi_app::accept::{Accepted, accept};
use miyabi_app::usage;
use miyabi_channels::discord::parse::{Inbound, parse};
use miyabi_channels::discord::transport::Discord;
use miyabi_channels::discord::{MAX_CONTENT_CHARS, reply, verify};
use miyabi_core::config::{Config, ConfigError};
use miyabi_core::event::Event;
use miyabi_core::fault::Notice;
use miyabi_core::http::{Incoming, Reply};
use miyabi_core::i18n::usage::Inquiry;
use miyabi_core::i18n::{Language, sentence};
use miyabi_core::json::object;
use miyabi_core::ports::{Host, Log};
use miyabi_core::question::Question;
use miyabi_core::rejection::Rejection;

/// Replies to a request. Never fails: what is wrong with the request is a 4xx with a JSON body.
///
/// # Repeats
/// See [`accept::accept`]; everything else only reads.
pub async fn serve<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    request: &impl Incoming,
) -> Reply {
    let replied = match (request.method(), request.path()) {
        ("POST", "/discord/interactions") => interactions(host, config, request).await,
        (_, "/discord/interactions") => Err(Rejection::WrongMethod { allow: "POST" }),
        ("GET", "/health") if is_deep(request.query()) => Ok(deep(host, config, request).await),
        ("GET" | "HEAD", "/health") => Ok(Reply::json(200, &health(config))),
        (_, "/health") => Err(Rejection::WrongMethod { allow: "GET, HEAD" }),
        _ => Err(Rejection::UnknownPath),
    };
    replied.unwrap_or_else(|rejection| reject(host, config, rejection))
}

async fn interactions<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    request: &impl Incoming,
) -> Result<Reply, Rejection> {
    if config.public_key.is_none() {
        return Err(Rejection::Unconfigured);
    }
    let verified = verify::verify(host, request).await?;
    Ok(match parse(&verified)? {
        Inbound::Ping => reply::pong(),
        Inbound::Autocomplete => reply::no_choices(),
        Inbound::Unknown(language) => reply::unknown(language),
        Inbound::AskNothing(language) => reply::ask_something(language),
        Inbound::Ask(question) => ask(host, config, *question).await,
        Inbound::Usage(inquiry) => tell_usage(host, config, &inquiry).await,
    })
}

async fn tell_usage(host: &impl Host, config: &Config, inquiry: &Inquiry) -> Reply {
    match &config.settings {
        Ok(settings) => {
            let told = usage::tell(host, &settings.budgets, inquiry, MAX_CONTENT_CHARS).await;
            reply::private(&told)
        }
        Err(error) => misconfigured(host, error, inquiry.language),
    }
}

async fn ask<H: Host + Clone + 'static>(host: &H, config: &Config, question: Question) -> Reply {
    match &config.settings {
        Ok(settings) => {
            let transport = Discord::new(host.clone(), Rc::clone(&settings.discord));
            match accept(host, &transport, question).await {
                Accepted::Deferred => reply::deferred(),
                Accepted::Refused(sentence) => reply::private(sentence),
            }
        }
        Err(error) => misconfigured(host, error, question.language),
    }
}

fn misconfigured(host: &impl Log, error: &ConfigError, language: Language) -> Reply {
    host.log(&Event::Misconfigured { message: error.to_string() });
    reply::private(sentence(Notice::Misconfigured, language))
}

fn is_deep(query: &str) -> bool {
    query.split('&').any(|parameter| parameter == "deep=1")
}

/// The operator's check: what is wrong is a finding, not a status.
async fn deep(host: &impl Host, config: &Config, request: &impl Incoming) -> Reply {
    let (status, reason) = match &config.operator_token {
        None => (503, "MIYABI_OPERATOR_TOKEN is not set"),
        Some(token) if deep::is_operator(request.header("authorization").as_deref(), token) => {
            let mut health = health(config);
            let checks = deep::checks(host, config).await;
            if let Some(fields) = health.as_object_mut() {
                fields.insert("checks".to_owned(), checks);
            }
            return Reply::json(200, &health);
        }
        Some(_) => (401, "not the operator's token"),
    };
    host.log(&Event::RequestRejected { status, reason });
    Reply::error(status, reason)
}

/// Liveness. It names what is missing, never a value.
fn health(config: &Config) -> Value {
    let missing = config.settings.as_ref().err().map(problems).unwrap_or_default();
    object([
        ("status", "ok".into()),
        ("version", env!("CARGO_PKG_VERSION").into()),
        ("environment", config.environment.as_str().into()),
        ("configured", missing.is_empty().into()),
        ("problems", missing.into()),
    ])
}

fn problems(error: &ConfigError) -> Vec<Value> {
    let to_json = |problem: &miyabi_core::config::Problem| {
        object([
            ("name", problem.setting.name.into()),
            ("problem", problem.wrong.unwrap_or("is missing").into()),
            ("hint", problem.setting.hint().into()),
        ])
    };
    error.problems.iter().map(to_json).collect()
}

fn reject(host: &impl Log, config: &Config, rejection: Rejection) -> Reply {
    let (status, reason) = (rejection.status(), rejection.sentence());
    host.log(&Event::RequestRejected { status, reason });
    let mut reply = Reply::error(status, reason);
    if let Rejection::WrongMethod { allow } = rejection {
        reply.allow = Some(allow);
    }
    if let (Rejection::Unconfigured, Err(error)) = (rejection, &config.settings) {
        host.log(&Event::Misconfigured { message: error.to_string() });
        let problems = problems(error).into();
        reply = Reply::json(status, &object([("error", reason.into()), ("problems", problems)]));
    }
    reply
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
