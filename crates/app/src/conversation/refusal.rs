//! Why a command is not carried out.

use serde::{Deserialize, Serialize};

use miyabi_core::fault::Fault;

/// Why a conversation does not do as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It was deleted.
    Deleted,
    /// It holds as much as one may: a new one has to be begun.
    Full,
    /// The question is longer than [`super::MAX_QUESTION_BYTES`].
    TooLong,
    /// There is no such turn or message.
    Unknown,
    /// Another run has the turn, or it has ended.
    Superseded,
}

/// A reason to stop, beside the reply that there would have been.
pub(crate) enum Denied {
    Refused(Refusal),
    Failed(Fault),
}

impl From<Fault> for Denied {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
