//! What a conversation is asked.

use serde::{Deserialize, Serialize};

use crate::uploads::Upload;
use miyabi_core::ids::Millis;

/// A question that a person has asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// Turn's id, which is its job's. It is made of what makes the submission unique, so that the same
    /// submission twice is one turn.
    pub turn: String,
    /// Question. If `again` names one that is known, that is asked, and this may be blank.
    pub text: String,
    /// Files that come with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Upload>,
    /// When it was asked.
    pub asked: Millis,
    /// Client's id of the question.
    #[serde(default)]
    pub message: Option<String>,
    /// Id of the message that this one takes the place of: an edit.
    #[serde(default)]
    pub replaces: Option<String>,
    /// Id of the message that is to be answered once more, or of its answer.
    #[serde(default)]
    pub again: Option<String>,
    /// Id of the message that it follows; without one, it follows the newest.
    #[serde(default)]
    pub after: Option<String>,
    /// Whether its client has given it a key of its own, and so never means another turn by it.
    #[serde(default)]
    pub is_keyed: bool,
    /// Whether it begins anew: nothing that was said before has part in it, and what is said later goes on
    /// from it.
    #[serde(default)]
    pub is_fresh: bool,
}

impl Submission {
    /// Returns a question that follows the newest message and brings nothing else.
    pub fn new(turn: impl Into<String>, text: impl Into<String>, asked: Millis) -> Self {
        Self {
            turn: turn.into(),
            text: text.into(),
            files: Vec::new(),
            asked,
            message: None,
            replaces: None,
            again: None,
            after: None,
            is_keyed: false,
            is_fresh: false,
        }
    }

    /// Returns the id of the earlier message that it refers to.
    pub(super) fn named(&self) -> Option<&String> {
        self.again.as_ref().or(self.replaces.as_ref())
    }

    /// Returns whether the message that it names is its own, and is there: AI SDK sends a question that was
    /// refused, or lost on its way, as an edit of itself, or asks for another answer to it.
    pub(super) fn brings_its_own(&self) -> bool {
        self.named() == self.message.as_ref() && !self.text.is_empty()
    }
}
