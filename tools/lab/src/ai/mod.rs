//! Workers AI: the call `AI.run(model, inputs, options)`, as a small Worker hands it over.

mod chunks;
mod cue;
mod forward;
mod output;
mod play;
mod scripted;
mod shapes;
mod validate;

use std::time::Duration;

use serde_json::json;

use crate::http::{Content, Inbound, Payload, Reply};
use crate::state::Lab;

pub(crate) use cue::{Cue, Failing};
pub(crate) use output::{Call, End, Output, Usage};
pub(crate) use play::{Played, play};

/// Name in triggers.
const VENDOR: &str = "workers-ai";

/// `POST /ai/run`: validated, then answered by a rule, the script, a model server or the scripted model.
pub(crate) async fn run(lab: &Lab, inbound: &Inbound, cue: Option<&Cue>) -> Reply {
    let Payload::Json(call) = &inbound.body else {
        return fail("5004: Invalid data: the call is not JSON").violation("5004 not JSON");
    };
    let model = call["model"].as_str().unwrap_or_default();
    let inputs = &call["inputs"];
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
            return fail(message(Failing::Busy));
        }
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    let mut reply = match play(lab, VENDOR, inputs, cue).await {
        Played::Raw(reply) => reply,
        Played::Fails(failing, _) => fail(message(failing)),
        Played::Gone(why) => fail(&why),
        Played::Says(output, pace) => match scripted::error(inputs) {
            Some(code) => fail(&format!("{code}: the lab was asked for this error")),
            None => shapes::answer(model, inputs, &output, &pace),
        },
    };
    reply.violations.extend(violations);
    reply.notes.extend(notes);
    reply
}

/// The service's words for a failure.
fn message(failing: Failing) -> &'static str {
    match failing {
        Failing::Busy => "3040: Capacity temporarily exceeded, please try again.",
        Failing::RateLimit => "3021: Rate limit exceeded",
        Failing::Quota => {
            "3036: you have used up your daily free allocation of 10,000 neurons, please upgrade to \
             Cloudflare's Workers Paid plan if you would like to continue usage."
        }
        Failing::TooLong => "3006: Request is too large",
        Failing::Policy => "8001: Invalid input: the content was refused",
        Failing::BadKey => "10000: Authentication error",
        Failing::BadRequest => "5006: Error: oneOf at '/' not met, 0 matches",
        Failing::NoModel => "5007: No such model or task",
        Failing::Error => "Internal server error",
    }
}

/// Gives a faulted reply the shape the binding reads its errors from.
pub(crate) fn shape_failure(mut reply: Reply) -> Reply {
    let message = match &reply.body {
        _ if reply.status < 400 => return reply,
        Content::Json(_) | Content::Pieces(_) => return reply,
        Content::Text(text) => text.clone(),
        Content::Empty => message(Failing::Busy).to_owned(),
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
        "3006" => 413,
        "5035" | "5016" | "5018" | "3041" | "3023" => 403,
        "5028" => 410,
        "3042" | "7003" => 404,
        "10000" => 401,
        "" => 500,
        _ => 400,
    };
    Reply::json(status, json!({ "name": "InferenceUpstreamError", "message": message }))
}
