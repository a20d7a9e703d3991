//! Emulates Workers AI: the call `AI.run(model, inputs, options)`, as `ai-binding/worker.mjs` sends it.
//!
//! The model behind it also answers for the other vendors.

pub(crate) mod chaos;
mod chunks;
mod cue;
mod decide;
mod disguise;
mod forward;
pub(crate) mod gateway;
pub(crate) mod images;
mod listener;
pub(crate) mod markdown;
mod obeying;
mod output;
mod painter;
mod scripted;
mod shapes;
mod validate;

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::client::Client;
use crate::http::{Content, Inbound, Payload, Reply};
use crate::stream::Pace;
use crate::watched::{Changes, Guard, Watched};

pub(crate) use cue::{Cue, Failure};
pub(crate) use decide::{Outcome, Queued, decide};
pub use forward::Model;
pub(crate) use output::{Call, End, Output, Usage};

/// Name of the operation.
pub(crate) const OPERATION: &str = "ai_run";
/// Name in triggers.
const VENDOR: &str = "workers-ai";

/// The models: Workers AI's own, and the one that the other vendors share.
#[derive(Debug)]
pub(crate) struct Ai {
    /// The real model that answers in place of the scripted one.
    model: Option<Model>,
    client: Client,
    /// Of the real model.
    progress: Watched<forward::Progress>,
    state: Watched<State>,
}

/// What changes while the lab runs.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) config: Config,
    /// Queued replies, used before the model decides.
    pub(crate) script: VecDeque<Queued>,
}

/// The part of `/lab/config` that is about models.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Config {
    /// How streamed answers arrive.
    stream: Pace,
    /// Whether the model obeys every text that it reads, in place of the scripted one's rules.
    obeys: bool,
}

/// What the obeying model answers, in the format of Workers AI: for tests that run the program without a lab.
pub fn obey(inputs: &Value) -> Value {
    let output = obeying::decide(inputs);
    let calls =
        output.calls.iter().map(|call| json!({ "name": call.name, "arguments": call.arguments }));
    let calls: Vec<Value> = calls.collect();
    json!({ "response": output.text, "tool_calls": calls })
}

/// Every text that may be meant by one, however it is disguised.
pub fn readings(text: &str) -> Vec<String> {
    disguise::readings(text)
}

impl Ai {
    /// The service in its initial state.
    pub(crate) fn new(model: Option<Model>, client: Client, changes: &Changes) -> Self {
        Self { model, client, progress: Watched::new(changes), state: Watched::new(changes) }
    }

    /// The state, locked.
    pub(crate) fn state(&self) -> Guard<'_, State> {
        self.state.lock()
    }

    /// What `GET /lab/model` returns: how far the real model has got with its latest call.
    pub(crate) fn progress(&self) -> Value {
        self.progress.lock().describe()
    }

    /// Name of the model that answers.
    pub(crate) fn model_name(&self) -> &str {
        self.model.as_ref().map_or("the scripted model", |model| model.name.as_str())
    }
}

/// What a model returns that is no text model.
type Run = fn(&Value) -> Result<Value, String>;

/// `POST /ai/run`: validates the call, then answers what the model does.
pub(crate) async fn run(ai: &Ai, inbound: &Inbound, cue: Option<&Cue>) -> Reply {
    let Payload::Json(call) = &inbound.body else {
        return fail("5004: Invalid data: the call is not JSON").violation("5004 not JSON");
    };
    let model = call["model"].as_str().unwrap_or_default();
    let inputs = &call["inputs"];
    let other: Option<Run> = match model {
        model if painter::draws(model) => Some(painter::draw),
        model if listener::hears(model) => Some(listener::hear),
        _ => None,
    };
    if let Some(run) = other {
        let mut violations = Vec::new();
        let checked = validate::check_options(&call["options"], &mut violations);
        let result = match (checked, cue.and_then(|cue| cue.fails)) {
            (Err(message), _) => Err(message),
            (Ok(_), Some(failure)) => Err(message(failure).to_owned()),
            (Ok(_), None) => run(inputs),
        };
        let mut reply = match result {
            Ok(result) => Reply::json(200, result),
            Err(message) => fail(&message),
        };
        reply.violations.extend(violations);
        return reply;
    }
    let checked = validate::check(model, inputs).and_then(|mut violations| {
        let notes = validate::check_options(&call["options"], &mut violations)?;
        Ok((violations, notes))
    });
    let (violations, notes) = match checked {
        Ok(checked) => checked,
        Err(message) => return fail(&message).violation(message.clone()),
    };
    if let Some(ms) = cue.and_then(|cue| cue.queue_ms) {
        if call["options"]["rejectIfBusy"] == true {
            return fail(message(Failure::Busy));
        }
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    let mut reply = match decide(ai, VENDOR, inputs, cue).await {
        Outcome::Raw(reply) => reply,
        Outcome::Fails(failure, _) => fail(message(failure)),
        Outcome::Unreachable(why) => fail(&why),
        Outcome::Answers(output, pace) => match scripted::error(inputs) {
            Some(code) => fail(&format!("{code}: the lab was asked for this error")),
            None => shapes::answer(model, inputs, &output, &pace),
        },
    };
    reply.violations.extend(violations);
    reply.notes.extend(notes);
    reply
}

/// The service's message for a failure.
fn message(failure: Failure) -> &'static str {
    match failure {
        Failure::Busy => "3040: Capacity temporarily exceeded, please try again.",
        Failure::RateLimit => "3021: Rate limit exceeded",
        Failure::Quota => {
            "3036: you have used up your daily free allocation of 10,000 neurons, please upgrade to \
             Cloudflare's Workers Paid plan if you would like to continue usage."
        }
        Failure::TooLong => {
            "5021: The estimated number of input and maximum output tokens (30211) exceeded this model \
             context window limit (24000)."
        }
        Failure::Policy => "8001: Invalid input: the content was refused",
        Failure::BadKey => "10000: Authentication error",
        Failure::BadRequest => "5006: Error: oneOf at '/' not met, 0 matches",
        Failure::NoModel => "5007: No such model or task",
        Failure::Error => "Internal server error",
    }
}

/// Gives a failed reply the body that the binding reads errors from.
pub(crate) fn shape_failure(mut reply: Reply) -> Reply {
    let message = match &reply.body {
        _ if reply.status < 400 => return reply,
        Content::Json(_) | Content::Bytes(_) | Content::Pieces(_) => return reply,
        Content::Text(text) => text.clone(),
        Content::Empty => message(Failure::Busy).to_owned(),
    };
    reply.body = fail(&message).body;
    reply
}

/// An error as the binding throws it: `{code}: {description}`.
fn fail(message: &str) -> Reply {
    let digits: String = message.chars().take_while(char::is_ascii_digit).collect();
    let status = match digits.as_str() {
        "3040" | "3021" | "3036" | "4006" => 429,
        "3007" | "3008" | "3046" => 408,
        "3006" | "5021" => 413,
        "5035" | "5016" | "5018" | "3041" | "3023" => 403,
        "5028" => 410,
        "3042" | "7003" => 404,
        "10000" => 401,
        "" => 500,
        _ => 400,
    };
    Reply::json(status, json!({ "name": "InferenceUpstreamError", "message": message }))
}
