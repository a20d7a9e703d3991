//! The messages along one way through the tree of turns: all that a client without branches can show.

use serde_json::{Value, json};

use miyabi_app::conversation::PageTurn;
use miyabi_channels::web::ui_messages::{answer_id, question_id};

/// Returns the messages from the oldest to those of the newest turn, of turns that are given newest first.
///
/// Edited questions and other answers beside that way are left out, and what is older than the turns given.
pub fn branch(turns: &[PageTurn]) -> Vec<Value> {
    let mut messages = Vec::new();
    // What is behind the turn in hand: parents are older than their children.
    let mut rest = turns.iter();
    let mut next = rest.next();
    while let Some(turn) = next {
        if let Some(answer) = &turn.answer {
            messages.push(message(&answer_id(&turn.id), "assistant", answer));
        }
        let question = question_id(turn.source.as_deref().unwrap_or(&turn.id));
        messages.push(message(&question, "user", &turn.question));
        next = turn.parent.as_ref().and_then(|parent| {
            // The parent is named by its answer, or by its question where it has none.
            let id = parent.strip_suffix("-a").or_else(|| parent.strip_suffix("-q"));
            rest.find(|turn| Some(turn.id.as_str()) == id)
        });
    }
    messages.reverse();
    messages
}

fn message(id: &str, role: &str, text: &str) -> Value {
    json!({ "id": id, "role": role, "parts": [{ "type": "text", "text": text }] })
}
