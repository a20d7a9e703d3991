//! What becomes of a message that was accepted: the statuses of which the Worker gets to know.

use serde_json::{Value, json};

use super::errors;
use super::message::Message;
use super::state::State;
use super::world::{self, Chat, GROUP_ID};
use crate::clock;

/// The statuses of a message, in the order in which they are told.
pub(super) fn of(state: &State, message: &Message) -> Vec<Value> {
    let switches = &state.config.statuses;
    if !switches.are_on {
        return Vec::new();
    }
    let mut names = match message.failure {
        Some(_) => vec!["failed"],
        None if switches.are_read => vec!["sent", "delivered", "read"],
        None => vec!["sent", "delivered"],
    };
    if switches.are_reversed {
        names.reverse();
    }
    let copies = usize::try_from(switches.copies).unwrap_or(1);
    names
        .into_iter()
        .flat_map(|name| std::iter::repeat_n(status(state, message, name), copies))
        .collect()
}

fn status(state: &State, message: &Message, name: &str) -> Value {
    let mut value = json!({
        "id": message.id, "status": name, "timestamp": (clock::now_ms() / 1_000).to_string(),
    });
    match message.chat {
        Chat::With(person) => {
            if let Some(number) = state.number(person) {
                value["recipient_id"] = json!(number);
            }
            if let Some(id) = state.user_id(person) {
                value["recipient_user_id"] = json!(id);
            }
        }
        Chat::Group => {
            value["recipient_id"] = json!(GROUP_ID);
            value["recipient_type"] = json!("group");
            // Of each person who has got it; the lab tells of the first.
            let [first, ..] = world::PEOPLE;
            if let Some(number) = state.number(first).filter(|_| name != "sent") {
                value["recipient_participant_id"] = json!(number);
            }
        }
    }
    if let Some(data) = &message.data {
        value["biz_opaque_callback_data"] = json!(data);
    }
    match message.failure {
        Some((code, details)) => value["errors"] = json!([errors::of_status(code, details)]),
        None if name != "read" => {
            let category = if message.template.is_some() { "utility" } else { "service" };
            value["pricing"] = json!({
                "billable": true, "pricing_model": "PMP", "category": category, "type": "regular",
            });
        }
        None => {}
    }
    value
}
