//! `GET /lab/exchange`: one interaction and every call since, as a fixture without secrets.
//!
//! A call does not say which interaction it belongs to. The lab therefore refuses if it has delivered
//! another interaction; otherwise every call since the delivery belongs to this one.

use serde_json::{Value, json};

use crate::clock;
use crate::lab::Lab;
use crate::live;
use crate::record::Call;

/// Operation of a delivery to the Worker.
const DELIVERY: &str = "interaction";
/// The rule above, for readers of the fixture.
const RULE: &str = "all calls since the delivery of the only interaction";

/// The exchange of an interaction, in the order of its calls.
///
/// # Errors
/// A sentence, when it is unknown, not the only one, or not over.
pub(crate) fn of(lab: &Lab, id: &str) -> Result<Value, String> {
    let (is_known, count) = {
        let discord = lab.discord.state();
        (discord.interaction_ids().any(|known| known == id), discord.interaction_ids().count())
    };
    if !is_known {
        return Err(format!("no interaction `{id}`"));
    }
    if count > 1 {
        let why = "other interactions were delivered, and calls do not say which they belong to";
        return Err(format!("{why}; reset first"));
    }
    let record = lab.record.calls();
    let deliveries = record.list(0, Some(DELIVERY));
    let delivery = *deliveries.first().ok_or("the interaction was not delivered yet")?;
    let mut calls = record.list(delivery.seq, None);
    calls.retain(|call| call.operation != DELIVERY);
    if let Some(running) = deliveries.iter().chain(&calls).find(|call| !call.finished) {
        return Err(format!("call {} ({}) still runs", running.seq, running.operation));
    }
    let exchange = json!({
        "source": format!("the lab with {}: {RULE}", lab.ai.model_name()),
        "recorded_at": clock::rfc3339(delivery.at_ms),
        "interaction": delivery.body,
        "ack": delivery.response,
        "calls": calls.into_iter().map(shown).collect::<Vec<_>>(),
    });
    drop(record);
    Ok(live::masked(lab, &exchange))
}

/// A call without times, and without headers, which carry signatures and tokens.
fn shown(call: &Call) -> Value {
    json!({
        "operation": call.operation, "method": call.method, "path": call.path,
        "query": call.query, "body": call.body, "status": call.status, "response": call.response,
    })
}
