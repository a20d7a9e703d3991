//! Models of other vendors: each in its own language, as strict as its own service.
//!
//! The model behind them is the one behind Workers AI's binding, so a test says once what it does.
//! Sources are named where the rules are; `tools/lab/README.md` lists what is not sourced.

mod chat;
mod gateway;
mod gemini;
mod messages;
pub(crate) mod table;

use serde_json::{Value, json};

use crate::ai::{Cue, Failing};
use crate::http::{Content, Inbound, Payload, Reply};
use crate::state::Lab;

use table::{Dialect, VENDORS, Vendor};

/// A call to a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModelCall {
    vendor: &'static Vendor,
    action: Action,
    gateway: Option<gateway::Gateway>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Action {
    Complete,
    /// Gemini's name for it: the model is in the path.
    Generate {
        model: String,
        is_stream: bool,
    },
    ListModels,
}

impl ModelCall {
    /// Name used by fault rules and in the record.
    pub(crate) fn operation(&self) -> &'static str {
        if self.action == Action::ListModels { "list_models" } else { self.vendor.name }
    }
}

/// Finds the call of a path, if it is one to a vendor.
pub(crate) fn find(method: &str, segments: &[&str]) -> Option<ModelCall> {
    let gateway = gateway::find(segments);
    let rest = if gateway.is_some() { segments.get(4..)? } else { segments };
    VENDORS.iter().find_map(|vendor| {
        let base = if gateway.is_some() { vendor.slug? } else { vendor.path };
        let mut rest = rest.iter();
        if !base.split('/').all(|part| rest.next() == Some(&part)) {
            return None;
        }
        let action = find_action(vendor.dialect, method, rest.as_slice())?;
        Some(ModelCall { vendor, action, gateway: gateway.clone() })
    })
}

fn find_action(dialect: Dialect, method: &str, rest: &[&str]) -> Option<Action> {
    match (dialect, method, rest) {
        (_, "GET", ["models"]) => Some(Action::ListModels),
        (Dialect::Chat, "POST", ["chat", "completions"])
        | (Dialect::Messages, "POST", ["messages"]) => Some(Action::Complete),
        (Dialect::Generate, "POST", ["models", name]) => {
            let (model, verb) = name.split_once(':')?;
            let is_stream = match verb {
                "generateContent" => false,
                "streamGenerateContent" => true,
                _ => return None,
            };
            Some(Action::Generate { model: model.to_owned(), is_stream })
        }
        _ => None,
    }
}

/// Answers a call: the gateway's check, the key's, the request's, and then the model.
pub(crate) async fn answer(
    lab: &Lab,
    call: &ModelCall,
    inbound: &Inbound,
    cue: Option<&Cue>,
) -> Reply {
    if let Some(refusal) = call.gateway.as_ref().and_then(|gateway| gateway.enter(lab, inbound)) {
        return refusal;
    }
    let vendor = call.vendor;
    let mut reply = match (&call.action, vendor.dialect) {
        (action, dialect) if !holds_key(vendor, inbound) => {
            let what = format!("no key that {} takes", vendor.name);
            let refusal = match dialect {
                Dialect::Chat => chat::errors::key(vendor, inbound),
                Dialect::Messages => messages::errors::key(inbound),
                Dialect::Generate => gemini::errors::key(inbound),
            };
            debug_assert!(*action == Action::ListModels || refusal.status >= 400);
            refusal.violation(what)
        }
        (Action::ListModels, _) => list(vendor),
        (Action::Complete, Dialect::Messages) => messages::answer(lab, inbound, cue).await,
        (Action::Generate { model, is_stream }, _) => {
            let asked = gemini::Asked { model, is_stream: *is_stream };
            gemini::answer(lab, &asked, inbound, cue).await
        }
        (Action::Complete, _) => chat::answer(lab, vendor, inbound, cue).await,
    };
    if call.gateway.is_some() {
        reply.notes.push(format!("through the AI Gateway {}", table::GATEWAY_ID));
        reply = reply.header("cf-aig-log-id", "01LABGATEWAYLOG");
    }
    reply
}

/// Whether a call carries the key that the vendor takes, or the vendor takes none.
fn holds_key(vendor: &Vendor, inbound: &Inbound) -> bool {
    let given = match vendor.dialect {
        Dialect::Chat => {
            inbound.header("authorization").map(|value| value.strip_prefix("Bearer ").unwrap_or(""))
        }
        Dialect::Messages => inbound.header("x-api-key"),
        Dialect::Generate => inbound.header("x-goog-api-key"),
    };
    match (given, vendor.key) {
        (None, _) => vendor.is_open,
        (Some(given), Some(key)) => given == key,
        // Ollama reads none.
        (Some(_), None) => true,
    }
}

/// A short list of models, for those who check a key with it.
fn list(vendor: &Vendor) -> Reply {
    Reply::json(
        200,
        match vendor.dialect {
            Dialect::Chat => {
                let model = json!({ "id": "lab-model", "object": "model", "created": 0, "owned_by": "lab" });
                json!({ "object": "list", "data": [model] })
            }
            Dialect::Messages => {
                let model = json!({ "type": "model", "id": "lab-model", "display_name": "Lab",
                "created_at": "2026-01-01T00:00:00Z" });
                json!({ "data": [model], "has_more": false, "first_id": "lab-model", "last_id": "lab-model" })
            }
            Dialect::Generate => {
                let verbs = ["generateContent", "streamGenerateContent"];
                json!({ "models": [{ "name": "models/lab-model", "supportedGenerationMethods": verbs }] })
            }
        },
    )
}

/// Gives a faulted reply without a body the shape that the vendor's errors have.
pub(crate) fn shape_failure(call: &ModelCall, reply: Reply) -> Reply {
    if reply.status < 400 || !matches!(reply.body, Content::Empty) {
        return reply;
    }
    let failing = match reply.status {
        401 | 403 => Failing::BadKey,
        402 => Failing::Quota,
        404 => Failing::NoModel,
        413 => Failing::TooLong,
        429 => Failing::RateLimit,
        503 | 529 => Failing::Busy,
        500.. => Failing::Error,
        _ => Failing::BadRequest,
    };
    let shaped = match call.vendor.dialect {
        Dialect::Chat => chat::errors::failing(call.vendor, failing, None),
        Dialect::Messages => messages::errors::failing(failing, None),
        Dialect::Generate => gemini::errors::failing(failing, None),
    };
    Reply { body: shaped.body, ..reply }
}

/// Why a body cannot be read, if it cannot.
fn body(inbound: &Inbound) -> Result<&Value, String> {
    match &inbound.body {
        Payload::Json(value) if value.is_object() => Ok(value),
        Payload::Json(_) => Err("the body is not an object".to_owned()),
        Payload::Empty => Err("there is no body".to_owned()),
        Payload::Broken(why) => Err(why.clone()),
        Payload::Other(_) | Payload::Multipart { .. } => {
            Err("the body is not declared as JSON".to_owned())
        }
    }
}

/// Whether the lab plays a model of this name; only names made to be wrong have none.
fn is_model(name: &str) -> bool {
    !name.is_empty() && !name.contains("no-such-model")
}

/// Whether a name of a tool is one that every vendor takes.
fn is_tool_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(is_plain)
}
