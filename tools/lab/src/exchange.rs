//! `GET /lab/exchange`: one interaction and every call that followed, as a fixture without secrets.
//!
//! A call does not say for which interaction it was made, so the lab does not guess: with another
//! interaction in its memory it refuses, and else every call since the delivery belongs to this one.

use serde_json::{Value, json};

use crate::clock;
use crate::live;
use crate::record::Call;
use crate::state::Lab;

/// Operation of a delivery to the Worker.
const DELIVERY: &str = "interaction";
/// The rule above, for who reads a fixture.
const RULE: &str = "all calls since the delivery of the only interaction";

/// The exchange of an interaction, in the order of its calls.
///
/// # Errors
/// A sentence, when it is unknown, not the only one, or not over.
pub(crate) fn of(lab: &Lab, id: &str) -> Result<Value, String> {
    let state = lab.state();
    if !state.interactions.iter().any(|known| known.id == id) {
        return Err(format!("no interaction `{id}`"));
    }
    if state.interactions.len() > 1 {
        return Err(
            "other interactions were delivered: whose are the calls? Reset first".to_owned()
        );
    }
    let deliveries = state.record.list(0, Some(DELIVERY));
    let delivery = *deliveries.first().ok_or("the interaction was not delivered yet")?;
    let mut calls = state.record.list(delivery.seq, None);
    calls.retain(|call| call.operation != DELIVERY);
    if let Some(running) = deliveries.iter().chain(&calls).find(|call| !call.finished) {
        return Err(format!("call {} ({}) still runs", running.seq, running.operation));
    }
    let model = lab.model.as_ref().map_or("the scripted model", |model| model.name.as_str());
    let exchange = json!({
        "source": format!("the lab with {model}: {RULE}"),
        "recorded_at": clock::rfc3339(delivery.at_ms),
        "interaction": delivery.body,
        "ack": delivery.response,
        "calls": calls.into_iter().map(shown).collect::<Vec<_>>(),
    });
    Ok(live::masked(&state, &exchange))
}

/// What was said, and nothing about when; headers would carry signatures and tokens.
fn shown(call: &Call) -> Value {
    json!({
        "operation": call.operation, "method": call.method, "path": call.path,
        "query": call.query, "body": call.body, "status": call.status, "response": call.response,
    })
}
