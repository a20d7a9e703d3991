//! Decides what a model does: by a fault rule, a queued reply, a real model or the scripted model.

use serde::Deserialize;
use serde_json::{Value, json};

use super::cue::{Cue, Failure};
use super::output::Output;
use super::{Ai, forward, obeying, scripted};
use crate::http::{Content, Reply};
use crate::stream::Pace;

/// What a call to a model gets.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The complete reply.
    Raw(Reply),
    /// A failure, and the seconds that it asks to wait; each vendor has its own format.
    Fails(Failure, Option<u64>),
    /// The real model cannot be reached: the message of Workers AI's error.
    Unreachable(String),
    /// What the model answers, and how its stream arrives.
    Answers(Output, Pace),
}

/// A reply that `POST /lab/ai/script` has queued.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Queued {
    /// What the model does, for any vendor.
    Cue { model: Cue },
    /// An error of Workers AI.
    Error { error: QueuedError },
    /// The body of a reply.
    Raw(Value),
}

/// An error of Workers AI; without a status, the message decides about it.
#[derive(Debug, Deserialize)]
pub(crate) struct QueuedError {
    #[serde(default)]
    message: String,
    name: Option<String>,
    status: Option<u16>,
}

/// Decides about one call to a vendor; `inputs` is the conversation in the format of Workers AI.
pub(crate) async fn decide(ai: &Ai, vendor: &str, inputs: &Value, cue: Option<&Cue>) -> Outcome {
    let queued = if cue.is_none() { ai.state.lock().script.pop_front() } else { None };
    let queued = match queued {
        Some(Queued::Cue { model }) => Some(model),
        Some(Queued::Error { error }) => return Outcome::Raw(error.reply()),
        Some(Queued::Raw(body)) => return Outcome::Raw(Reply::json(200, body)),
        None => None,
    };
    let cue = cue.or(queued.as_ref());
    let asked = scripted::cue(inputs, vendor);
    let fails = cue.or(asked.as_ref()).and_then(|cue| cue.fails);
    if let Some(fails) = fails {
        return Outcome::Fails(fails, cue.and_then(|cue| cue.after_s));
    }
    let output = match (&ai.model, cue) {
        (Some(server), None) => {
            match forward::run(&ai.client, server, inputs, &ai.progress).await {
                // Workers AI has models that answer in this format.
                Ok(completion) if vendor == super::VENDOR && inputs["stream"] != true => {
                    return Outcome::Raw(Reply::json(200, completion));
                }
                Ok(completion) => Output::from_chat(&completion),
                Err(why) => return Outcome::Unreachable(why),
            }
        }
        _ if ai.state.lock().config.obeys => obeying::decide(inputs),
        _ => scripted::decide(inputs),
    };
    let output = cue.map_or_else(|| output.clone(), |cue| cue.change(output.clone()));
    let pace = cue.and_then(|cue| cue.stream.clone()).or_else(|| scripted::pace(inputs));
    Outcome::Answers(output, pace.unwrap_or_else(|| ai.state.lock().config.stream.clone()))
}

impl QueuedError {
    fn reply(&self) -> Reply {
        let mut reply = super::fail(&self.message);
        reply.status = self.status.unwrap_or(reply.status);
        if let (Some(name), Content::Json(body)) = (&self.name, &mut reply.body) {
            body["name"] = json!(name);
        }
        reply
    }
}
