//! The messages along one way through the tree of turns: all that a client without branches can show.

use std::collections::HashMap;

use serde_json::{Value, json};

use miyabi_app::conversation::PageTurn;
use miyabi_channels::web::ui_messages::{answer_id, question_id};

/// Returns the messages from the oldest to those of the newest turn, of turns that are given newest first.
///
/// Edited questions and other answers beside that way are left out, and what is older than the turns given.
pub fn branch(turns: &[PageTurn]) -> Vec<Value> {
    let by_message: HashMap<String, &PageTurn> = turns
        .iter()
        .flat_map(|turn| [(answer_id(&turn.id), turn), (question_id(&turn.id), turn)])
        .collect();
    let (mut messages, mut next) = (Vec::new(), turns.first());
    while let Some(turn) = next {
        if let Some(answer) = &turn.answer {
            messages.push(message(answer_id(&turn.id), "assistant", answer));
        }
        let question = question_id(turn.source.as_deref().unwrap_or(&turn.id));
        messages.push(message(question, "user", &turn.question));
        // Parents are older than their children, so this ends.
        next = turn.parent.as_ref().and_then(|parent| by_message.get(parent).copied());
    }
    messages.reverse();
    messages
}

fn message(id: String, role: &str, text: &str) -> Value {
    json!({ "id": id, "role": role, "parts": [{ "type": "text", "text": text }] })
}
