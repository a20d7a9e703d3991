//! Decides what a model does: by a fault rule, a queued reply, a real model or the scripted model.

use serde_json::{Value, json};

use super::cue::{Cue, Failure};
use super::output::Output;
use super::{Ai, forward, scripted};
use crate::http::{Content, Reply};
use crate::stream::Pace;

/// The outcome.
#[derive(Debug)]
pub(crate) enum Played {
    /// The complete reply.
    Raw(Reply),
    /// A failure, and the seconds that it asks to wait; each vendor has its own format.
    Fails(Failure, Option<u64>),
    /// The real model cannot be reached: the message of Workers AI's error.
    Unreachable(String),
    /// What the model does, and how its stream arrives.
    Says(Output, Pace),
}

/// Decides for one call to a vendor; `inputs` is the conversation in the format of Workers AI.
pub(crate) async fn play(ai: &Ai, vendor: &str, inputs: &Value, cue: Option<&Cue>) -> Played {
    let queued = if cue.is_none() { ai.state.lock().script.pop_front() } else { None };
    let queued = match queued {
        Some(reply) => match serde_json::from_value::<Cue>(reply["model"].clone()) {
            Ok(cue) => Some(cue),
            Err(_) => return Played::Raw(from_script(&reply)),
        },
        None => None,
    };
    let cue = cue.or(queued.as_ref());
    let asked = scripted::cue(inputs, vendor);
    let fails = cue.or(asked.as_ref()).and_then(|cue| cue.fails);
    if let Some(fails) = fails {
        return Played::Fails(fails, cue.and_then(|cue| cue.after_s));
    }
    let output = match (&ai.model, cue) {
        (Some(server), None) => match forward::run(&ai.client, server, inputs).await {
            // Workers AI has models that answer in this very form.
            Ok(completion) if vendor == super::VENDOR && inputs["stream"] != true => {
                return Played::Raw(Reply::json(200, completion));
            }
            Ok(completion) => Output::from_chat(&completion),
            Err(why) => return Played::Unreachable(why),
        },
        _ => scripted::decide(inputs),
    };
    let output = cue.map_or_else(|| output.clone(), |cue| cue.change(output.clone()));
    let pace = cue.and_then(|cue| cue.stream.clone()).or_else(|| scripted::pace(inputs));
    Played::Says(output, pace.unwrap_or_else(|| ai.state.lock().config.stream.clone()))
}

/// A queued reply: any JSON as it is, or `{"error": {"message", "name"?, "status"?}}`.
fn from_script(reply: &Value) -> Reply {
    let Some(error) = reply.get("error") else {
        return Reply::json(200, reply.clone());
    };
    let mut failure = super::fail(error["message"].as_str().unwrap_or_default());
    if let Some(status) = error["status"].as_u64().and_then(|status| u16::try_from(status).ok()) {
        failure.status = status;
    }
    if let (Some(name), Content::Json(body)) = (error["name"].as_str(), &mut failure.body) {
        body["name"] = json!(name);
    }
    failure
}
