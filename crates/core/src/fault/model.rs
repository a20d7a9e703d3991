//! Failures of models.

use serde::{Deserialize, Serialize};

use super::{Fault, Notice, Retry, named};

/// What kind of failure a model's is; the fallback chain decides by it alone what to do next.
///
/// # Shape
/// A stored format: `bad-request`, `rate-limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The program's request has a shape that this server refuses; another may take it.
    BadRequest,
    /// The key, the model's name, an agreement or the account is not in order.
    Config,
    /// The day's allowance, or the balance, is used up.
    Quota,
    /// Too many requests or tokens per minute.
    RateLimit,
    /// Out of capacity right now.
    Busy,
    /// A timeout, an internal error, a lost connection or a response that cannot be read.
    Transient,
    /// The messages are longer than the model reads.
    TooLong,
    /// The vendor refuses what was asked or answered.
    Policy,
    /// A response that broke off, or that ended before there was anything of use in it.
    Truncated,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 9] = [
        Self::BadRequest,
        Self::Config,
        Self::Quota,
        Self::RateLimit,
        Self::Busy,
        Self::Transient,
        Self::TooLong,
        Self::Policy,
        Self::Truncated,
    ];

    /// Returns the stable name; it is stored, and part of the error's text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::Config => "config",
            Self::Quota => "quota",
            Self::RateLimit => "rate-limit",
            Self::Busy => "busy",
            Self::Transient => "transient",
            Self::TooLong => "too-long",
            Self::Policy => "policy",
            Self::Truncated => "truncated",
        }
    }

    /// Returns the class with this name.
    pub fn parse(name: &str) -> Option<Self> {
        named(name)
    }

    /// Returns what the asker reads if no model of the chain did better.
    pub const fn notice(self) -> Notice {
        match self {
            Self::BadRequest | Self::Transient | Self::Truncated => Notice::TryAgain,
            Self::Config => Notice::Misconfigured,
            Self::Quota => Notice::Quota,
            Self::RateLimit | Self::Busy => Notice::Busy,
            Self::TooLong => Notice::TooLong,
            Self::Policy => Notice::Refused,
        }
    }
}

/// A model that did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The vendor refused, failed or sent what cannot be read.
    #[error("{vendor} answered: {} (code {code})", class.name())]
    Refused {
        /// Vendor's name, one of [`crate::config::models::VENDORS`].
        vendor: &'static str,
        /// What kind of failure it is.
        class: Class,
        /// HTTP status, or an internal code of Workers AI, 0 if there was none.
        code: u32,
    },
    /// There was no time left to ask.
    #[error("there was no time left to ask the model")]
    Late,
    /// The allowance of every vendor in the chain is used up.
    #[error("no model can be asked: the allowance of each is used up")]
    Closed,
}

/// The step is never retried: the agent loop itself tries again, or asks the next model.
impl From<ModelError> for Fault {
    fn from(error: ModelError) -> Self {
        let notice = match error {
            ModelError::Refused { class, .. } => class.notice(),
            ModelError::Late => Notice::Late,
            ModelError::Closed => Notice::Quota,
        };
        Self { cause: error.into(), retry: Retry::Never, notice }
    }
}
