//! Emulates the model APIs of other vendors, each with its own format and its own validation.
//!
//! The model behind them is the one behind Workers AI, so one cue or trigger works for all.
//! Sources are named where the rules are.

pub(crate) mod chaos;
mod chat;
mod gateway;
mod gemini;
mod messages;
mod table;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::ai::gateway::{ACCOUNT_ID, GATEWAY_ID, GATEWAY_TOKEN};
use crate::ai::{Ai, Cue, Failure};
use crate::http::{Content, Inbound, Payload, Reply};
use crate::watched::{Changes, Guard, Watched};

use table::{Dialect, VENDORS, Vendor};

/// Name of the operation that lists a vendor's models.
const LIST_MODELS: &str = "list_models";

/// The other vendors. Their model is the one of [`Ai`].
#[derive(Debug)]
pub(crate) struct Vendors {
    config: Watched<Config>,
}

/// The part of `/lab/config` that is about the other vendors.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Config {
    /// Whether the AI Gateway requires its own token.
    gateway_auth: bool,
}

impl Vendors {
    /// The vendors in their initial state.
    pub(crate) fn new(changes: &Changes) -> Self {
        Self { config: Watched::new(changes) }
    }

    /// The configuration, locked.
    pub(crate) fn config(&self) -> Guard<'_, Config> {
        self.config.lock()
    }
}

/// Names of the operations, for fault rules.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    VENDORS.iter().map(|vendor| vendor.name).chain([LIST_MODELS])
}

/// The vendors' part of `GET /lab/world`: base URLs and keys.
pub(crate) fn describe(base: &str) -> Value {
    let vendors = VENDORS.iter().map(|vendor| {
        let base = format!("{base}/{}", vendor.path);
        (vendor.name.to_owned(), json!({ "base": base, "key": vendor.key }))
    });
    json!({
        "vendors": vendors.collect::<Map<_, _>>(),
        "gateway": {
            "base": format!("{base}/gateway/v1"), "account": ACCOUNT_ID, "id": GATEWAY_ID,
            "token": GATEWAY_TOKEN,
        },
    })
}

/// Every secret of the vendors and of the AI Gateway.
pub(crate) fn secrets() -> impl Iterator<Item = &'static str> {
    table::keys().chain([GATEWAY_TOKEN])
}

/// A call to the model of a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModelCall {
    vendor: &'static Vendor,
    action: Action,
    gateway: Option<gateway::Gateway>,
}

/// What a call asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Action {
    Complete,
    /// Gemini's completion: the model is in the path.
    Generate {
        model: String,
        is_stream: bool,
    },
    ListModels,
}

impl ModelCall {
    /// Name used by fault rules and in the record.
    pub(crate) fn operation(&self) -> &'static str {
        if self.action == Action::ListModels { LIST_MODELS } else { self.vendor.name }
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

/// Answers a call: checks the gateway, the key and the request, then answers what the model does.
pub(crate) async fn answer(
    vendors: &Vendors,
    ai: &Ai,
    call: &ModelCall,
    inbound: &Inbound,
    cue: Option<&Cue>,
) -> Reply {
    if let Some(refusal) = call.gateway.as_ref().and_then(|gateway| gateway.check(vendors, inbound))
    {
        return refusal;
    }
    let vendor = call.vendor;
    let mut reply = match (&call.action, vendor.dialect) {
        (action, dialect) if !holds_key(vendor, inbound) => {
            let what = format!("no key that {} takes", vendor.name);
            let refusal = match dialect {
                Dialect::Chat => chat::errors::bad_key(vendor, inbound),
                Dialect::Messages => messages::errors::bad_key(inbound),
                Dialect::Generate => gemini::errors::bad_key(inbound),
            };
            debug_assert!(*action == Action::ListModels || refusal.status >= 400);
            refusal.violation(what)
        }
        (Action::ListModels, _) => list(vendor),
        (Action::Complete, Dialect::Messages) => messages::answer(ai, inbound, cue).await,
        (Action::Generate { model, is_stream }, _) => {
            let asked = gemini::Asked { model, is_stream: *is_stream };
            gemini::answer(ai, &asked, inbound, cue).await
        }
        (Action::Complete, _) => chat::answer(ai, vendor, inbound, cue).await,
    };
    if call.gateway.is_some() {
        reply.notes.push(format!("through the AI Gateway {GATEWAY_ID}"));
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
        // Ollama ignores keys.
        (Some(_), None) => true,
    }
}

/// The list of models, which clients use to check a key.
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

/// Gives a failed reply without a body the body of the vendor's errors.
pub(crate) fn shape_failure(call: &ModelCall, reply: Reply) -> Reply {
    if reply.status < 400 || !matches!(reply.body, Content::Empty) {
        return reply;
    }
    let failure = match reply.status {
        401 | 403 => Failure::BadKey,
        402 => Failure::Quota,
        404 => Failure::NoModel,
        413 => Failure::TooLong,
        429 => Failure::RateLimit,
        503 | 529 => Failure::Busy,
        500.. => Failure::Error,
        _ => Failure::BadRequest,
    };
    let shaped = match call.vendor.dialect {
        Dialect::Chat => chat::errors::failure(call.vendor, failure, None),
        Dialect::Messages => messages::errors::failure(failure, None),
        Dialect::Generate => gemini::errors::failure(failure, None),
    };
    Reply { body: shaped.body, ..reply }
}

/// The JSON object in a request's body.
///
/// # Errors
/// Why there is none.
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

/// Whether there is a model of this name: any but those that contain `no-such-model`.
fn is_model(name: &str) -> bool {
    !name.is_empty() && !name.contains("no-such-model")
}

/// Whether every vendor accepts a tool of this name.
fn is_tool_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(is_plain)
}
