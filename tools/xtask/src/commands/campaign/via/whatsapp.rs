//! Messages to the number on WhatsApp.

use anyhow::{Context as _, Result};
use miyabi_channels::digest::digest;
use miyabi_channels::whatsapp::job_id;
use serde_json::{Value, json};

use super::{Asking, Deliveries, Ends, by_turns, who};
use crate::commands::campaign::verdict::{Asked, MIYABI, Scene};
use crate::stack::Stack;
use crate::value::{list, text};

const MESSAGES: Deliveries =
    Deliveries { path: "/lab/whatsapp/messages", list: "deliveries", id: "id" };
/// Chats by turns; `own` is the person's.
const CHATS: [&str; 4] = ["own", "friends", "own", "sora"];
/// All of them.
const ALL: [&str; 4] = ["mio", "alex", "sora", "friends"];

/// What the lab is told, so that statuses come twice, and the last of them first.
pub(super) fn config() -> Value {
    json!({ "whatsapp": { "statuses": { "copies": 2, "are_reversed": true } } })
}

/// Asks in a chat of one's own, in the group by a command, or as somebody who shows no number.
pub(super) fn ask(ends: &Ends, asking: Asking) -> Result<Option<Asked>> {
    let Asking { number, text, marks } = asking;
    let (who, place) = (who(number), by_turns(&CHATS, number));
    let (chat, order) = match place {
        "friends" => (place, json!({ "text": format!("/ask {text}"), "as": who, "in": place })),
        "sora" => (place, json!({ "text": text, "as": place })),
        _ => (who, json!({ "text": text, "as": who })),
    };
    let Some(message) = ends.deliver(&MESSAGES, order)? else { return Ok(None) };
    let message = message.as_str().context("a message's id is no text")?;
    let number = ends.known("/whatsapp/phone_number_id")?.as_str().unwrap_or_default();
    let id = job_id(number, message).context("no job has such an id")?;
    Ok(Some(Asked {
        id: id.as_str().to_owned(),
        marks,
        channel: chat.to_owned(),
        is_refused: false,
    }))
}

/// Reads the chats.
pub(super) fn look(stack: &Stack, scene: &mut Scene) -> Result<()> {
    for chat in ALL {
        let seen = stack.whatsapp_chat(chat)?;
        let messages = seen.get("messages").cloned().map(list).unwrap_or_default();
        scene.messages.extend(messages.iter().map(|message| message_of(chat, message)));
    }
    Ok(())
}

/// Returns a message in the form of the others; the Worker knows it by a digest of its id.
fn message_of(chat: &str, message: &Value) -> Value {
    let is_bot = message.get("is_bot") == Some(&Value::Bool(true));
    let author = if is_bot { MIYABI } else { text(message, "author") };
    json!({
        "id": digest(text(message, "id")), "place": chat, "author": author,
        "content": text(message, "plain"), "job": text(message, "data").split('.').next(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_of_which_job_it_is() {
        let message =
            json!({ "is_bot": true, "id": "wamid.1", "plain": "Yes", "data": "whatsapp_1_ab.0f" });
        let shown = message_of("mio", &message);
        assert_eq!((text(&shown, "job"), text(&shown, "author")), ("whatsapp_1_ab", MIYABI));
        assert_eq!(text(&shown, "id"), digest("wamid.1"));
        let asked = json!({ "is_bot": false, "author": "mio", "id": "wamid.2", "data": null });
        assert_eq!(text(&message_of("mio", &asked), "author"), "mio");
    }
}
