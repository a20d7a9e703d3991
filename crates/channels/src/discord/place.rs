//! Where a question was asked, and what may be done there: the text that a question carries for Discord's
//! transport.

use serde::{Deserialize, Serialize};

use miyabi_core::json;
use miyabi_core::question::Question;

/// Where a question was asked.
///
/// # Shape
/// A stored format: `"direct"`, or
/// `{"channel":{"id":"…","parent":null,"rights":{"speaks":true,"attaches":true,"reads":true,"manages_webhooks":true}}}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In a server's channel or thread.
    Channel {
        /// Channel's id, if Discord told it.
        id: Option<String>,
        /// Id of the channel that a thread belongs to; `None` outside of threads.
        parent: Option<String>,
        /// What the application may do there.
        rights: Rights,
    },
    /// In a conversation that is not a server's.
    Direct,
}

impl Place {
    /// Reads the place of a question; of one whose place cannot be read, only the asker is known.
    pub fn of(question: &Question) -> Self {
        json::parse(&question.place).unwrap_or(Self::Direct)
    }

    /// Returns the text that [`Place::of`] reads.
    pub fn to_text(&self) -> String {
        // Plain texts and flags always have JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns the thread's id, if it is one.
    pub fn thread(&self) -> Option<&str> {
        match self {
            Self::Channel { id, parent: Some(_), .. } => id.as_deref(),
            Self::Channel { .. } | Self::Direct => None,
        }
    }

    /// Returns whether an answer may come with a file: the asker alone sees it, or it may be attached there.
    pub const fn takes_files(&self) -> bool {
        match self {
            Self::Channel { rights, .. } => rights.attaches || !rights.speaks,
            Self::Direct => true,
        }
    }

    /// Returns the id of the channel that has the webhooks: the parent of a thread.
    pub fn home(&self) -> Option<&str> {
        match self {
            Self::Channel { id, parent, .. } => parent.as_deref().or(id.as_deref()),
            Self::Direct => None,
        }
    }
}

/// What may be done in a channel.
///
/// What Discord did not tell counts as allowed: an attempt that is refused costs one call, while an
/// attempt that is not made puts the answer in the wrong place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a right of its own")]
pub struct Rights {
    /// Post the question under the asker's name: the asker may write there at any time, and the
    /// application is installed there.
    pub speaks: bool,
    /// Attach files to messages there: the asker may, and so may the application.
    pub attaches: bool,
    /// Read the channel's messages.
    pub reads: bool,
    /// Find and make webhooks.
    pub manages_webhooks: bool,
}

impl Rights {
    /// Everything.
    pub const ALL: Self =
        Self { speaks: true, attaches: true, reads: true, manages_webhooks: true };
    /// Nothing: where the application is not installed.
    pub const NONE: Self =
        Self { speaks: false, attaches: false, reads: false, manages_webhooks: false };
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_testing::question;

    #[test]
    fn a_place_is_read_back_from_its_text() {
        for place in [
            Place::Direct,
            Place::Channel { id: None, parent: None, rights: Rights::NONE },
            Place::Channel {
                id: Some("1".to_owned()),
                parent: Some("2".to_owned()),
                rights: Rights { attaches: false, ..Rights::ALL },
            },
        ] {
            assert_eq!(Place::of(&Question { place: place.to_text(), ..question("hi") }), place);
        }
    }

    #[test]
    fn what_cannot_be_read_as_a_place_is_the_asker_alone() {
        for text in ["", "{}", "chat", "\"elsewhere\""] {
            let place = text.to_owned();
            assert_eq!(Place::of(&Question { place, ..question("hi") }), Place::Direct, "{text}");
        }
    }

    #[test]
    fn the_fake_world_s_question_is_asked_in_a_channel_where_all_is_allowed() {
        let place = Place::of(&question("hi"));
        let Place::Channel { id: Some(_), parent: None, rights } = place else {
            panic!("{place:?}")
        };
        assert_eq!(rights, Rights::ALL);
    }
}
