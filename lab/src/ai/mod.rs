//! Workers AI: the call `AI.run(model, inputs, options)`, as a small Worker hands it over.

mod forward;
mod scripted;
mod shapes;
mod validate;

use serde_json::{Value, json};

use crate::http::{Content, Inbound, Payload, Reply};
use crate::state::Lab;

/// `POST /ai/run`: validated, then answered by the script, a model server or the scripted model.
pub(crate) async fn run(lab: &Lab, inbound: &Inbound) -> Reply {
    let Payload::Json(call) = &inbound.body else {
        return fail("5004: Invalid data: the call is not JSON").violation("5004 not JSON");
    };
    let model = call["model"].as_str().unwrap_or_default();
    let inputs = &call["inputs"];
    let violations = match validate::check(model, inputs) {
        Ok(violations) => violations,
        Err(message) => {
            let violation = message.clone();
            return fail(&message).violation(violation);
        }
    };
    let next = lab.state().script.pop_front();
    let mut reply = match (next, &lab.model) {
        (Some(reply), _) => from_script(&reply),
        (None, Some(server)) => forward::run(&lab.client, server, inputs).await,
        (None, None) => scripted::run(model, inputs),
    };
    reply.violations.extend(violations);
    reply
}

/// A queued reply: any JSON as it is, or `{"error": {"message", "name"?, "status"?}}`.
fn from_script(reply: &Value) -> Reply {
    let Some(error) = reply.get("error") else {
        return Reply::json(200, reply.clone());
    };
    let mut failure = fail(error["message"].as_str().unwrap_or_default());
    if let Some(status) = error["status"].as_u64().and_then(|status| u16::try_from(status).ok()) {
        failure.status = status;
    }
    if let (Some(name), Content::Json(body)) = (error["name"].as_str(), &mut failure.body) {
        body["name"] = json!(name);
    }
    failure
}

/// Gives a faulted reply the shape the binding reads its errors from.
pub(crate) fn shape_failure(mut reply: Reply) -> Reply {
    let message = match &reply.body {
        _ if reply.status < 400 => return reply,
        Content::Json(_) => return reply,
        Content::Text(text) => text.clone(),
        Content::Empty => "3040: Capacity temporarily exceeded, please try again.".to_owned(),
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
        _ => 400,
    };
    Reply::json(status, json!({ "name": "InferenceUpstreamError", "message": message }))
}
