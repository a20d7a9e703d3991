//! A question: who asked it, where, and what may be done there.

use crate::i18n::Language;
use crate::ids::{JobId, Millis, Secret};

/// A question, as every platform delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Name of the platform on which it was asked, that of its transport.
    pub platform: String,
    /// Id of the platform's event.
    pub id: JobId,
    /// Token with which the platform accepts an answer to this event.
    pub token: Secret,
    /// The question's text, not blank.
    pub text: String,
    /// Who asks.
    pub asker: Asker,
    /// Where.
    pub place: Place,
    /// Name of the conversation that it belongs to: the platform, the place and the asker. `None` where the
    /// platform does not tell one of them, and for a question by itself.
    pub conversation: Option<String>,
    /// Server's id, if it was asked in one.
    pub server: Option<String>,
    /// Whether the asker wants no saved answer.
    pub is_fresh: bool,
    /// Language of sentences that the program itself writes to the asker.
    pub language: Language,
    /// When it was asked, by the platform's clock.
    pub asked: Millis,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// Id; empty if the platform did not tell it.
    pub id: String,
    /// Display name, as the platform shows it in this place: the asker's choice, so it proves nothing.
    pub name: String,
    /// Name that the platform gave to this person only; empty if it did not tell one.
    pub handle: String,
    /// Picture's URL.
    pub avatar_url: String,
}

/// Where a question was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a server's channel or thread.
    Channel {
        /// Channel's id, if the platform told it.
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
    /// Returns the thread's id, if it is one.
    pub fn thread(&self) -> Option<&str> {
        match self {
            Self::Channel { id, parent: Some(_), .. } => id.as_deref(),
            Self::Channel { .. } | Self::Direct => None,
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
/// What the platform did not tell counts as allowed: an attempt that is refused costs one call, while an
/// attempt that is not made puts the answer in the wrong place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a right of its own")]
pub struct Rights {
    /// Post the question under the asker's name: the asker may write there at any time, and the
    /// application is installed there.
    pub speaks: bool,
    /// Show previews of an answer's links: the asker may, and so may the application.
    pub embeds: bool,
    /// Read the channel's messages.
    pub reads: bool,
    /// Find and make webhooks.
    pub manages_webhooks: bool,
}

impl Rights {
    /// Everything.
    pub const ALL: Self = Self { speaks: true, embeds: true, reads: true, manages_webhooks: true };
    /// Nothing: where the application is not installed.
    pub const NONE: Self =
        Self { speaks: false, embeds: false, reads: false, manages_webhooks: false };
}
