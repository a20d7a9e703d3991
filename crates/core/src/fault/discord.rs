//! Failures of Discord's API.

use super::{Fault, Notice, Retry};
use crate::http::HttpError;

/// A refusal by Discord, or no response from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscordError {
    /// Discord answered with an error status and, if it sent JSON, its code.
    #[error("discord answered `{status}` (code {code}) to {operation}")]
    Refused {
        /// What was tried.
        operation: &'static str,
        /// HTTP status.
        status: u16,
        /// Discord's JSON error code, 0 if there was none.
        code: u32,
    },
    /// Rate limited for longer than a call waits.
    #[error("discord limited {operation} for too long")]
    Limited {
        /// What was tried.
        operation: &'static str,
    },
    /// The interaction's token is older than 15 minutes and no longer valid.
    #[error("the interaction's token has expired")]
    Expired,
    /// No response: it is open whether the request took effect.
    #[error("{operation} at discord: {source}")]
    NoResponse {
        /// What was tried.
        operation: &'static str,
        /// Why.
        source: HttpError,
    },
}

impl From<DiscordError> for Fault {
    fn from(error: DiscordError) -> Self {
        let (retry, notice) = match error {
            DiscordError::Refused { status, .. } if status >= 500 => {
                (Retry::Backoff, Notice::TryAgain)
            }
            DiscordError::Refused { .. } | DiscordError::Expired => (Retry::Never, Notice::Blocked),
            DiscordError::Limited { .. } => (Retry::Never, Notice::Busy),
            DiscordError::NoResponse { .. } => (Retry::Backoff, Notice::TryAgain),
        };
        Self { cause: error.into(), retry, notice }
    }
}
