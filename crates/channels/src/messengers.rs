//! What messengers share: how what they send is read, and conversations as they are in their person's list, where they are
//! read, and go on where they began.

use serde_json::Value;

use super::{slack, telegram, whatsapp};
use miyabi_core::rejection::Rejection;
use miyabi_core::text::{first_chars, is_hidden};

/// Longest name that is read, in code points.
const MAX_NAME: usize = 130;

/// Reads the JSON that a messenger has sent; `None` where it nests more deeply than is read. That is no error: what is
/// refused comes again.
///
/// # Errors
/// [`Rejection::Malformed`] when it is none.
pub fn read_json(body: &[u8]) -> Result<Option<Value>, Rejection> {
    let text = str::from_utf8(body).map_err(|_binary| Rejection::Malformed)?;
    match serde_json::from_str(text) {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.to_string().starts_with("recursion limit") => Ok(None),
        Err(_error) => Err(Rejection::Malformed),
    }
}

/// Returns what a person is called: their choice, so it proves nothing.
pub fn name(chosen: &str) -> String {
    let visible: String = chosen.chars().filter(|c| !is_hidden(*c)).collect();
    let words = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    first_chars(&words, MAX_NAME).to_owned()
}

/// Returns the name of a conversation of a messenger by its id in its owner's list; `None` for one of elsewhere.
pub fn conversation_name(id: &str, owner: &str) -> Option<String> {
    if let Some(place) = telegram::place_of(id) {
        return Some(telegram::conversation_name(place, owner));
    }
    if let Some(place) = whatsapp::place_of(id) {
        return Some(whatsapp::conversation_name(place, owner));
    }
    Some(slack::conversation_name(slack::place_of(id)?, owner))
}

/// Returns whether an id is that of a conversation of a messenger.
pub fn is_conversation(id: &str) -> bool {
    conversation_name(id, "").is_some()
}

/// Returns whether a turn of a conversation was asked in a messenger.
pub fn is_turn(id: &str) -> bool {
    telegram::is_turn(id) || slack::is_turn(id) || whatsapp::is_turn(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_messengers_conversations_are_its_own() {
        for (id, name) in [
            ("telegram.52", Some("telegram:52:me")),
            ("slack.T1.C2", Some("slack:T1.C2:me")),
            ("whatsapp.106540352242922", Some("whatsapp:106540352242922:me")),
            ("discord.5", None),
            ("slack.52", None),
            ("0123abcd", None),
        ] {
            assert_eq!(conversation_name(id, "me").as_deref(), name, "{id}");
            assert_eq!(is_conversation(id), name.is_some());
        }
        assert!(is_turn("telegram_1_2_3") && is_turn("slack_T1_C2_3"));
        assert!(is_turn("whatsapp_1_2") && !is_turn("0123abcd"));
    }

    #[test]
    fn a_name_is_shown_in_one_line_without_what_is_hidden() {
        assert_eq!(name(" Mio\u{202e}\n  Tanaka "), "Mio Tanaka");
        assert_eq!(name(&"x".repeat(500)).len(), MAX_NAME);
    }

    #[test]
    fn what_nests_too_deeply_is_told_from_what_is_no_json() {
        assert_eq!(read_json(b"{}"), Ok(Some(serde_json::json!({}))));
        assert_eq!(read_json("[".repeat(200).as_bytes()), Ok(None));
        for body in [&b"{"[..], b"", b"\xff", b"nothing"] {
            assert_eq!(read_json(body), Err(Rejection::Malformed));
        }
    }
}
