//! Conversations of messengers, as they are in their person's list: they are read there, and go on where they began.

use super::{slack, telegram};

/// Returns the name of a conversation of a messenger by its id in its owner's list; `None` for one of elsewhere.
pub fn conversation_name(id: &str, owner: &str) -> Option<String> {
    let of_telegram = telegram::place_of(id).map(|it| telegram::conversation_name(it, owner));
    of_telegram.or_else(|| Some(slack::conversation_name(slack::place_of(id)?, owner)))
}

/// Returns whether an id is that of a conversation of a messenger.
pub fn is_conversation(id: &str) -> bool {
    telegram::place_of(id).is_some() || slack::place_of(id).is_some()
}

/// Returns whether a turn of a conversation was asked in a messenger.
pub fn is_turn(id: &str) -> bool {
    telegram::is_turn(id) || slack::is_turn(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_messengers_conversations_are_its_own() {
        for (id, name) in [
            ("telegram.52", Some("telegram:52:me")),
            ("slack.T1.C2", Some("slack:T1.C2:me")),
            ("discord.5", None),
            ("slack.52", None),
            ("0123abcd", None),
        ] {
            assert_eq!(conversation_name(id, "me").as_deref(), name, "{id}");
            assert_eq!(is_conversation(id), name.is_some());
        }
        assert!(is_turn("telegram_1_2_3") && is_turn("slack_T1_C2_3") && !is_turn("0123abcd"));
    }
}
