//! Where a question was asked: the text that it carries for Telegram's transport.

use serde::{Deserialize, Serialize};

use miyabi_core::json;
use miyabi_core::question::Question;

/// Where a question was asked.
///
/// # Shape
/// A stored format: `{"chat":-1001234567890,"topic":7,"message":55,"is_group":true}`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Chat's id: a person's own, or negative for a group.
    pub chat: i64,
    /// Topic of a forum, `None` outside of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<i64>,
    /// Id of the message that asks, within its chat.
    pub message: i64,
    /// Whether others read along.
    pub is_group: bool,
}

impl Place {
    /// Reads the place of a question; `None` if it was not written here.
    pub fn of(question: &Question) -> Option<Self> {
        json::parse(&question.place)
    }

    /// Returns the text that [`Place::of`] reads.
    pub fn to_text(self) -> String {
        // Numbers and flags always have JSON.
        serde_json::to_string(&self).unwrap_or_default()
    }
}

/// Where a question was asked by naming the bot in any chat: a message in its asker's name, which is changed.
///
/// # Shape
/// A stored format: `{"inline":"AAAAAKr0","user":52}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inline {
    /// Id of the message, which no bot reads but changes by it.
    pub inline: String,
    /// Who asked.
    pub user: i64,
}

impl Inline {
    /// Reads the place of a question; `None` if it was not asked so.
    pub fn of(question: &Question) -> Option<Self> {
        json::parse(&question.place)
    }

    /// Returns the text that [`Inline::of`] reads.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns where its asker is alone with the bot, if they have ever written to it.
    pub const fn alone(&self) -> Place {
        Place { chat: self.user, topic: None, message: 0, is_group: false }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back() {
        for place in [
            Place { chat: 52, topic: None, message: 5, is_group: false },
            Place { chat: -1_001_234_567_890, topic: Some(7), message: 55, is_group: true },
        ] {
            let question = Question { place: place.to_text(), ..miyabi_testing::question("hi") };
            assert_eq!(Place::of(&question), Some(place));
        }
        assert_eq!(Place::of(&miyabi_testing::question("hi")), None, "a channel of Discord");
        let inline = Inline { inline: "AAAAAKr0".to_owned(), user: 52 };
        let question = Question { place: inline.to_text(), ..miyabi_testing::question("hi") };
        assert_eq!((Place::of(&question), Inline::of(&question)), (None, Some(inline)));
    }
}
