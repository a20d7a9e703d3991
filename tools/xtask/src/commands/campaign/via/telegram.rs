//! Messages to the bot on Telegram.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{Asking, Deliveries, Ends, by_turns, who};
use crate::commands::campaign::verdict::{Asked, MIYABI, Scene};
use crate::stack::Stack;
use crate::value::{list, text};

const UPDATES: Deliveries =
    Deliveries { path: "/lab/telegram/updates", list: "updates", id: "update_id" };
/// Chats by turns; `private` is the person's own.
const CHATS: [&str; 6] = ["private", "supergroup", "private", "group", "private", "forum"];
/// All of them.
const ALL: [&str; 5] = ["mio", "alex", "group", "supergroup", "forum"];
/// How long before workerd was killed it may have got a reply that it had not written down yet.
const WRITTEN_MS: u64 = 2_000;

/// Asks in a chat, in a group by a command.
pub(super) fn ask(ends: &Ends, asking: Asking) -> Result<Option<Asked>> {
    let Asking { number, text, marks } = asking;
    let (who, place) = (who(number), by_turns(&CHATS, number));
    let order = match place {
        "private" => json!({ "text": text, "as": who }),
        "forum" => {
            json!({ "text": format!("/ask {text}"), "as": who, "in": place, "topic": "questions" })
        }
        _ => json!({ "text": format!("/ask {text}"), "as": who, "in": place }),
    };
    let chat = if place == "private" { who } else { place };
    let Some(message) = ends.deliver(&UPDATES, order)? else { return Ok(None) };
    let bot = ends.known("/telegram/bot/id")?;
    let id = ends.known(&format!("/telegram/chats/{chat}/id"))?;
    let id = id.as_i64().context("a chat's id is no number")?;
    let sign = if id < 0 { "n" } else { "" };
    let id = format!("telegram_{bot}_{sign}{}_{message}", id.unsigned_abs());
    Ok(Some(Asked { id, marks, channel: chat.to_owned(), is_refused: false }))
}

/// Reads the chats, and which messages came of calls whose reply did not come.
pub(super) fn look(stack: &Stack, scene: &mut Scene, killed_ms: Option<u64>) -> Result<()> {
    for chat in ALL {
        let seen = stack.telegram_chat(chat)?;
        let messages = seen.get("messages").cloned().map(list).unwrap_or_default();
        scene.messages.extend(messages.iter().map(|message| message_of(chat, message)));
    }
    let calls = stack.lab().list("/lab/calls?operation=telegram_send_message")?;
    let lost = calls.iter().filter(|call| is_lost(call, killed_ms));
    scene.lost = lost
        .filter_map(|call| call.pointer("/body/text")?.as_str())
        .map(ToOwned::to_owned)
        .collect();
    Ok(())
}

/// Returns a message in the form of the others.
fn message_of(chat: &str, message: &Value) -> Value {
    let is_bot = message.get("is_bot") == Some(&Value::Bool(true));
    let author = if is_bot { MIYABI } else { text(message, "author") };
    let id = message.get("id").map(ToString::to_string);
    json!({ "id": id, "place": chat, "author": author, "content": text(message, "text") })
}

/// Whether a call took effect and the Worker did not get to know: the connection was cut after it, the reply was that
/// of a proxy in between, or workerd was killed before it could write down the reply.
fn is_lost(call: &Value, killed_ms: Option<u64>) -> bool {
    let fault = |name: &str| call.get("fault").and_then(|fault| fault.get(name));
    let number = |name: &str| call.get(name).and_then(Value::as_u64);
    let status = number("status");
    let has_effect = match fault("drop").and_then(Value::as_str) {
        Some(cut) => cut == "after",
        None => status.is_none_or(|it| it == 200) || fault("effect") == Some(&Value::Bool(true)),
    };
    let was_told = status == Some(200);
    let was_killed = killed_ms.is_some_and(|killed_ms| {
        let begin_ms = number("at_ms").unwrap_or_default();
        let end_ms = number("took_ms").map_or(u64::MAX, |ms| begin_ms.saturating_add(ms));
        begin_ms <= killed_ms && end_ms.saturating_add(WRITTEN_MS) >= killed_ms
    });
    has_effect && (!was_told || was_killed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_lost_if_the_call_took_effect_and_the_worker_was_not_told() {
        let call = |status: Option<u16>, fault: Value| json!({ "at_ms": 10_000, "took_ms": 500, "status": status, "fault": fault });
        let cut = |when: &str| call(None, json!({ "drop": when }));
        assert!(is_lost(&cut("after"), None) && !is_lost(&cut("before"), None));
        let proxy = |effect: bool| call(Some(502), json!({ "status": 502, "effect": effect }));
        assert!(is_lost(&proxy(true), None) && !is_lost(&proxy(false), None));
        let told = call(Some(200), Value::Null);
        assert!(!is_lost(&told, None));
        for (killed_ms, is_so) in [(9_999, false), (10_200, true), (12_000, true), (12_501, false)]
        {
            assert_eq!(is_lost(&told, Some(killed_ms)), is_so, "{killed_ms}");
            assert!(!is_lost(&proxy(false), Some(killed_ms)), "{killed_ms}");
        }
        let refused = call(Some(400), Value::Null);
        assert!(!is_lost(&refused, Some(10_200)));
    }
}
