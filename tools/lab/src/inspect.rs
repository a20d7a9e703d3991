//! The inspection API under `/lab`: shows what happened and configures what happens next.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant};

use crate::ai::{Cue, Queued};
use crate::discord::world::{self, Channel};
use crate::faults::Rule;
use crate::http::{Inbound, Reply};
use crate::lab::Lab;
use crate::{config, exchange, jobs, route};

/// Answers paths under `/lab`; these calls are not recorded.
pub(crate) async fn answer(lab: &Lab, inbound: &Inbound) -> Reply {
    let result = match (inbound.method.as_str(), inbound.path.trim_end_matches('/')) {
        ("POST", "/lab/interactions") => deliver(lab, inbound).await,
        ("POST", "/lab/telegram/updates") => update(lab, inbound).await,
        ("POST", "/lab/slack/events") => event(lab, inbound).await,
        ("POST", "/lab/whatsapp/messages") => message(lab, inbound).await,
        ("GET", "/lab/calls") => calls(lab, inbound).await,
        (method, path) => answer_now(lab, method, path, inbound),
    };
    match result {
        Ok(value) => Reply::json(200, value),
        Err(Refusal::Mistake(error)) => Reply::json(400, json!({ "error": error })),
        Err(Refusal::NoSuchPath) => {
            let (method, path) = (&inbound.method, &inbound.path);
            let error = format!("no `{method} {path}`; see tools/lab/README.md");
            Reply::json(404, json!({ "error": error }))
        }
    }
}

/// Why a call is not answered.
#[derive(Debug)]
enum Refusal {
    /// A sentence about the request.
    Mistake(String),
    NoSuchPath,
}

impl From<String> for Refusal {
    fn from(error: String) -> Self {
        Self::Mistake(error)
    }
}

fn answer_now(lab: &Lab, method: &str, path: &str, inbound: &Inbound) -> Result<Value, Refusal> {
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    Ok(match (method, segments.as_slice()) {
        ("GET", ["world"]) => lab.describe(),
        ("GET", ["model"]) => lab.ai.progress(),
        ("GET", ["violations"]) => violations(lab),
        ("GET", ["channels", name]) => lab.discord.messages(channel(name)?),
        ("POST", ["channels", name, "messages"]) => {
            lab.discord.say(channel(name)?, read(inbound)?)?
        }
        ("GET", ["channels", name, "webhooks"]) => lab.discord.webhooks(channel(name)?),
        ("POST", ["channels", name, "webhooks"]) => {
            lab.discord.add_webhooks(channel(name)?, &read(inbound)?)?
        }
        ("DELETE", ["webhooks", id]) => {
            lab.discord.remove_webhook(id)?;
            json!({})
        }
        (_, ["telegram", rest @ ..]) => telegram(lab, method, rest)?,
        ("GET", ["slack", rest @ ..]) => slack(lab, rest)?,
        ("GET", ["whatsapp", rest @ ..]) => whatsapp(lab, rest)?,
        ("POST", ["reset"]) => {
            lab.reset();
            json!({})
        }
        ("GET", ["config"]) => config::show(lab),
        ("POST", ["config"]) => {
            config::change(lab, read(inbound)?)?;
            config::show(lab)
        }
        ("GET" | "POST" | "DELETE", ["faults"]) => change_faults(lab, method, inbound)?,
        ("DELETE", ["faults", id]) => {
            let mut faults = lab.faults.lock();
            faults.rules.remove(id)?;
            json!(faults.rules.list())
        }
        ("GET", ["jobs"]) => json!(lab.outside.lock().jobs),
        ("POST", ["jobs"]) => {
            let mut outside = lab.outside.lock();
            jobs::apply(&mut outside.jobs, read(inbound)?);
            json!(outside.jobs)
        }
        ("GET", ["worker"]) => lab.outside.lock().worker.clone(),
        ("POST", ["worker"]) => {
            let mut outside = lab.outside.lock();
            outside.worker = read(inbound)?;
            outside.worker.clone()
        }
        ("POST", ["ai", "script"]) => script(lab, inbound)?,
        ("GET", ["exchange"]) => {
            let id = inbound.parameter("interaction");
            let id = id.ok_or_else(|| "the query must be `?interaction=ID`".to_owned())?;
            exchange::of(lab, &id)?
        }
        ("POST", ["interactions", id]) => lab.discord.change_interaction(id, &read(inbound)?)?,
        ("GET", ["interactions"]) => lab.discord.interactions(),
        _ => return Err(Refusal::NoSuchPath),
    })
}

/// What is shown of Telegram.
fn telegram(lab: &Lab, method: &str, path: &[&str]) -> Result<Value, Refusal> {
    Ok(match (method, path) {
        ("GET", ["updates"]) => lab.telegram.updates(),
        ("GET", ["queries"]) => lab.telegram.queries(),
        ("GET", ["chats", name]) => lab.telegram.chat(name)?,
        ("DELETE", ["chats", name, "messages", id]) => {
            lab.telegram.remove(name, id)?;
            json!({})
        }
        _ => return Err(Refusal::NoSuchPath),
    })
}

/// What is shown of Slack.
fn slack(lab: &Lab, path: &[&str]) -> Result<Value, Refusal> {
    Ok(match path {
        ["events"] => lab.slack.deliveries(),
        ["channels", name] => lab.slack.channel(name)?,
        ["homes", name] => lab.slack.home(name)?,
        _ => return Err(Refusal::NoSuchPath),
    })
}

/// What is shown of WhatsApp.
fn whatsapp(lab: &Lab, path: &[&str]) -> Result<Value, Refusal> {
    Ok(match path {
        ["messages"] => lab.whatsapp.deliveries(),
        ["chats", name] => lab.whatsapp.chat(name)?,
        ["money"] => lab.whatsapp.money(),
        _ => return Err(Refusal::NoSuchPath),
    })
}

/// A JSON body of any declared type.
fn read<T: DeserializeOwned>(inbound: &Inbound) -> Result<T, String> {
    serde_json::from_slice(&inbound.bytes).map_err(|error| format!("body: {error}"))
}

/// Delivers an interaction to the Worker.
async fn deliver(lab: &Lab, inbound: &Inbound) -> Result<Value, Refusal> {
    Ok(lab.discord.deliver(read(inbound)?, worker(lab)).await?)
}

/// Delivers updates of Telegram to the Worker.
async fn update(lab: &Lab, inbound: &Inbound) -> Result<Value, Refusal> {
    Ok(lab.telegram.deliver(read(inbound)?, worker(lab)).await?)
}

/// Has a person do something on Slack, and delivers what comes of it to the Worker.
async fn event(lab: &Lab, inbound: &Inbound) -> Result<Value, Refusal> {
    Ok(lab.slack.deliver(read(inbound)?, worker(lab)).await?)
}

/// Has people do something on WhatsApp, and delivers what comes of it to the Worker.
async fn message(lab: &Lab, inbound: &Inbound) -> Result<Value, Refusal> {
    Ok(lab.whatsapp.deliver(read(inbound)?, worker(lab)).await?)
}

/// The Worker's URL, as the lab was told.
fn worker(lab: &Lab) -> Option<String> {
    lab.outside.lock().worker["url"].as_str().map(str::to_owned)
}

/// Calls so far; with `wait_ms`, as soon as one of them has finished.
async fn calls(lab: &Lab, inbound: &Inbound) -> Result<Value, Refusal> {
    let number = |name: &str| match inbound.parameter(name) {
        Some(text) => text.parse().map_err(|error| format!("{name}: `{text}`: {error}")),
        None => Ok(0),
    };
    let (after, wait_ms) = (number("after")?, number("wait_ms")?);
    let operation = inbound.parameter("operation");
    let deadline = Instant::now() + Duration::from_millis(wait_ms);
    loop {
        // Made before the calls are read, so that one that finishes in between is not missed.
        let finished = lab.record.next_finished();
        {
            let record = lab.record.calls();
            let list = record.list(after, operation.as_deref());
            if list.iter().any(|call| call.finished) || Instant::now() >= deadline {
                return Ok(json!(list));
            }
        }
        drop(tokio::time::timeout_at(deadline, finished).await);
    }
}

fn violations(lab: &Lab) -> Value {
    let record = lab.record.calls();
    let calls = record.list(0, None);
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

/// Adds a rule or a list of rules, or removes all; returns those in force.
fn change_faults(lab: &Lab, method: &str, inbound: &Inbound) -> Result<Value, String> {
    let mut faults = lab.faults.lock();
    match method {
        "POST" => {
            let value: Value = read(inbound)?;
            let value = if value.is_array() { value } else { json!([value]) };
            let rules: Vec<Rule<Cue>> = serde_json::from_value(value).map_err(|e| e.to_string())?;
            let is_unknown = |name: &&str| !route::operations().any(|known| known == *name);
            if let Some(name) = rules.iter().filter_map(Rule::operation).find(is_unknown) {
                let known: Vec<&str> = route::operations().collect();
                return Err(format!("no operation `{name}`; there are: {}", known.join(", ")));
            }
            faults.rules.add(rules);
        }
        "DELETE" => faults.rules.clear(),
        _ => {}
    }
    Ok(json!(faults.rules.list()))
}

/// What `POST /lab/ai/script` takes.
#[derive(Debug, Deserialize)]
struct Script {
    replies: Vec<Queued>,
}

/// Queues replies of the model.
fn script(lab: &Lab, inbound: &Inbound) -> Result<Value, String> {
    let Script { replies } = read(inbound)?;
    let mut ai = lab.ai.state();
    ai.script.extend(replies);
    Ok(json!({ "queued": ai.script.len() }))
}
