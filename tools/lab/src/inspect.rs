//! The lab's own endpoints: read what happened, decide what happens next.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant};

use crate::discord::messages::Message;
use crate::discord::webhook_admin;
use crate::faults::Rule;
use crate::http::{Inbound, Reply};
use crate::interactions::{self, Interaction};
use crate::route::OPERATIONS;
use crate::state::Lab;
use crate::world::{self, Channel};
use crate::{blocked, config, exchange, faults, jobs};

/// Answers paths under `/lab`; these calls are not recorded.
pub(crate) async fn answer(lab: &Lab, inbound: &Inbound) -> Reply {
    let result = match (inbound.method.as_str(), inbound.path.trim_end_matches('/')) {
        ("POST", "/lab/interactions") => match read(inbound) {
            Ok(order) => interactions::deliver(lab, order).await.map(|done| Reply::json(200, done)),
            Err(error) => Err(error),
        },
        ("GET", "/lab/calls") => calls(lab, inbound).await,
        (method, path) => answer_now(lab, method, path, inbound),
    };
    result.unwrap_or_else(|error| Reply::json(400, json!({ "error": error })))
}

fn answer_now(lab: &Lab, method: &str, path: &str, inbound: &Inbound) -> Result<Reply, String> {
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    match (method, segments.as_slice()) {
        ("GET", ["world"]) => Ok(Reply::json(200, world::describe(&lab.base))),
        ("GET", ["violations"]) => Ok(Reply::json(200, violations(lab))),
        ("GET", ["channels", name]) => Ok(messages(lab, channel(name)?)),
        ("GET", ["channels", name, "webhooks"]) => Ok(webhook_admin::inspect(lab, channel(name)?)),
        ("POST", ["channels", name, "webhooks"]) => {
            webhook_admin::add(lab, channel(name)?, &read(inbound)?)
        }
        ("DELETE", ["webhooks", id]) => webhook_admin::remove(lab, id),
        ("POST", ["reset"]) => {
            lab.state().reset();
            Ok(Reply::json(200, json!({})))
        }
        ("GET" | "POST", ["config"]) => configure(lab, method, inbound),
        ("GET" | "POST" | "DELETE", ["faults"]) => change_faults(lab, method, inbound),
        ("DELETE", ["faults", id]) => {
            let mut state = lab.state();
            faults::forget(&mut state, id)?;
            Ok(Reply::json(200, json!(state.faults)))
        }
        ("GET" | "POST", ["jobs"]) => change_jobs(lab, method, inbound),
        ("GET" | "POST", ["worker"]) => {
            let mut state = lab.state();
            if method == "POST" {
                state.worker = read(inbound)?;
            }
            Ok(Reply::json(200, state.worker.clone()))
        }
        ("POST", ["ai", "script"]) => script(lab, inbound),
        ("GET", ["exchange"]) => {
            let id = inbound.parameter("interaction").ok_or("which? `?interaction=ID`")?;
            exchange::of(lab, &id).map(|exchange| Reply::json(200, exchange))
        }
        ("POST", ["interactions", id]) => {
            interactions::change(&mut lab.state(), id, &read(inbound)?)
        }
        ("GET", ["interactions"]) => {
            let shown = lab.state().interactions.iter().map(Interaction::to_record).collect();
            Ok(Reply::json(200, shown))
        }
        _ => Ok(Reply::json(
            404,
            json!({ "error": format!("no `{method} {path}`; see tools/lab/README.md") }),
        )),
    }
}

/// A JSON body, whatever its declared type.
fn read<T: DeserializeOwned>(inbound: &Inbound) -> Result<T, String> {
    serde_json::from_slice(&inbound.bytes).map_err(|error| format!("body: {error}"))
}

/// Calls so far; with `wait_ms`, as soon as one of them has finished.
async fn calls(lab: &Lab, inbound: &Inbound) -> Result<Reply, String> {
    let number = |name: &str| match inbound.parameter(name) {
        Some(text) => text.parse().map_err(|error| format!("{name}: `{text}`: {error}")),
        None => Ok(0),
    };
    let (after, wait_ms) = (number("after")?, number("wait_ms")?);
    let operation = inbound.parameter("operation");
    let deadline = Instant::now() + Duration::from_millis(wait_ms);
    loop {
        // Made before the look, so that nothing finishes unseen in between.
        let finished = lab.finished.notified();
        {
            let state = lab.state();
            let list = state.record.list(after, operation.as_deref());
            if list.iter().any(|call| call.finished) || Instant::now() >= deadline {
                return Ok(Reply::json(200, json!(list)));
            }
        }
        drop(tokio::time::timeout_at(deadline, finished).await);
    }
}

fn violations(lab: &Lab) -> Value {
    let state = lab.state();
    let calls = state.record.list(0, None);
    let all = calls.into_iter().flat_map(|call| {
        call.violations.iter().map(|what| {
            json!({ "seq": call.seq, "operation": call.operation, "path": call.path, "violation": what })
        })
    });
    all.collect()
}

fn channel(name: &str) -> Result<Channel, String> {
    world::channel(name).ok_or_else(|| format!("no channel `{name}`"))
}

/// What the readers of a channel see.
fn messages(lab: &Lab, channel: Channel) -> Reply {
    let state = lab.state();
    let seen = state.messages.iter().filter(|message| message.channel_id == channel.id);
    Reply::json(200, seen.map(Message::to_reader).collect())
}

/// Changes the fields that are given and returns them all.
fn configure(lab: &Lab, method: &str, inbound: &Inbound) -> Result<Reply, String> {
    let mut state = lab.state();
    if method == "POST" {
        config::change(&mut state, read(inbound)?)?;
    }
    blocked::end(&mut state);
    Ok(Reply::json(200, json!(state.config)))
}

/// Adds a rule or a list of rules, or forgets them; returns those that are left.
fn change_faults(lab: &Lab, method: &str, inbound: &Inbound) -> Result<Reply, String> {
    let mut state = lab.state();
    match method {
        "POST" => {
            let value: Value = read(inbound)?;
            let value = if value.is_array() { value } else { json!([value]) };
            let rules: Vec<Rule> = serde_json::from_value(value).map_err(|e| e.to_string())?;
            if let Some(name) = rules.iter().find_map(Rule::unknown_operation) {
                return Err(format!("no operation `{name}`; there are: {}", OPERATIONS.join(", ")));
            }
            faults::add(&mut state, rules);
        }
        "DELETE" => state.faults.clear(),
        _ => {}
    }
    Ok(Reply::json(200, json!(state.faults)))
}

/// Adds what is new about jobs; returns all of them.
fn change_jobs(lab: &Lab, method: &str, inbound: &Inbound) -> Result<Reply, String> {
    let mut state = lab.state();
    if method == "POST" {
        jobs::add(&mut state, read(inbound)?);
    }
    Ok(Reply::json(200, json!(state.jobs)))
}

/// Queues replies of the model.
fn script(lab: &Lab, inbound: &Inbound) -> Result<Reply, String> {
    let body: Value = read(inbound)?;
    let replies = body["replies"].as_array().ok_or("`replies` must be a list")?;
    let mut state = lab.state();
    state.script.extend(replies.iter().cloned());
    Ok(Reply::json(200, json!({ "queued": state.script.len() })))
}
