//! Why a platform did not take a message, and how long limits may be waited for.

use core::time::Duration;

use crate::fault::{Fault, Notice, Retry};
use crate::http::HttpError;

/// Why a platform did not take a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Refused for good: the message is not there, and trying again cannot help.
    #[error("{operation} was refused with status `{status}` (code {code})")]
    Refused {
        /// What was tried.
        operation: &'static str,
        /// HTTP status.
        status: u16,
        /// Platform's error code, 0 if there was none.
        code: u32,
    },
    /// Refused now: the message is not there, and trying again may help.
    #[error("{operation} was refused for now with status `{status}` (code {code})")]
    Deferred {
        /// What was tried.
        operation: &'static str,
        /// HTTP status, 0 if it was not sent at all.
        status: u16,
        /// Platform's error code, 0 if there was none.
        code: u32,
    },
    /// Too many requests: the message is not there.
    #[error("{operation} was rate limited for too long")]
    RateLimited {
        /// What was tried.
        operation: &'static str,
    },
    /// An error inside the platform: the message is probably not there.
    #[error("{operation} failed with status `{status}` (code {code})")]
    ServerError {
        /// What was tried.
        operation: &'static str,
        /// HTTP status: from 500 on, or that of a success whose body is not the platform's.
        status: u16,
        /// Platform's error code, 0 if there was none.
        code: u32,
    },
    /// No response: nobody knows whether the message is there.
    #[error("{operation}: {source}")]
    NoResponse {
        /// What was tried.
        operation: &'static str,
        /// Why there was none.
        source: HttpError,
    },
    /// The asker cannot be reached any more: the platform's time for a reply is over.
    #[error("the time for a reply is over")]
    Expired,
}

impl SendError {
    /// Returns whether trying again can help.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Deferred { .. }
            | Self::RateLimited { .. }
            | Self::ServerError { .. }
            | Self::NoResponse { .. } => true,
            Self::Refused { .. } | Self::Expired => false,
        }
    }
}

impl From<SendError> for Fault {
    fn from(error: SendError) -> Self {
        let (retry, notice) = match error {
            SendError::Refused { .. } | SendError::Expired => (Retry::Never, Notice::Blocked),
            SendError::RateLimited { .. } => (Retry::Never, Notice::Busy),
            SendError::Deferred { .. }
            | SendError::ServerError { .. }
            | SendError::NoResponse { .. } => (Retry::Backoff, Notice::TryAgain),
        };
        Self { cause: error.into(), retry, notice }
    }
}

/// How long rate limits may still be waited for, over all attempts of one call.
#[derive(Debug)]
pub struct RateLimitBudget {
    left: Duration,
    /// How long to wait before the call that was just limited is tried again; `None` if it was not
    /// limited, or the wait is longer than what is left.
    pub due: Option<Duration>,
    /// Whether the last limit lasts longer than [`LONGEST_WAIT`]: another attempt meets it too.
    pub is_exceeded: bool,
    unnamed_wait: Duration,
    margin: Duration,
}

/// Longest wait for a limit within one run: after a longer one the job is put aside.
///
/// A Discord interaction's token lives 15 minutes, and the steps that call take up to 5.
pub const LONGEST_WAIT: Duration = Duration::from_mins(4);

/// First wait after a limit that names none; doubles with each.
const UNNAMED_WAIT: Duration = Duration::from_secs(1);
/// Added to the first wait that a limit names, since a timer may fire early and an early request counts
/// against us. It doubles with each, so that limits which name no time worth waiting end after a few.
const MARGIN: Duration = Duration::from_millis(20);

impl RateLimitBudget {
    /// Returns a budget of which nothing was used yet.
    pub const fn new(left: Duration) -> Self {
        Self { left, due: None, is_exceeded: false, unnamed_wait: UNNAMED_WAIT, margin: MARGIN }
    }

    /// Returns how long to wait after a limit: what it names and a margin, or a time that doubles.
    pub fn wait(&mut self, named: Option<Duration>) -> Duration {
        if let Some(named) = named {
            let wait = named.saturating_add(self.margin);
            self.margin *= 2;
            wait
        } else {
            let wait = self.unnamed_wait;
            self.unnamed_wait *= 2;
            wait
        }
    }

    /// Takes a wait from what is left and makes it due, if there is as much.
    pub fn take(&mut self, wait: Duration) {
        self.due = None;
        self.is_exceeded = wait > LONGEST_WAIT;
        if let Some(left) = self.left.checked_sub(wait) {
            (self.left, self.due) = (left, Some(wait));
        }
    }

    /// Takes as much of a wait as is left; nothing of one that is longer than [`LONGEST_WAIT`].
    pub fn take_some(&mut self, wait: Duration) {
        self.is_exceeded = wait > LONGEST_WAIT;
        if !self.left.is_zero() && !self.is_exceeded {
            self.take(wait.min(self.left));
        }
    }
}
