//! The reasons for which an inbound request is refused, with the status and sentence of each.

use crate::http::BodyError;

/// Why an inbound request is refused.
///
/// The reply is a status and a fixed sentence, so that the sender learns nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// No such path.
    UnknownPath,
    /// The path exists, the method does not.
    WrongMethod {
        /// Value of `Allow`.
        allow: &'static str,
    },
    /// The body is above the limit.
    TooLarge,
    /// The sender went away in the middle of the body.
    Incomplete,
    /// The signature or its timestamp is missing, malformed, wrong or stale.
    Unsigned,
    /// A platform that tries an address does not show the token that was agreed on.
    WrongToken,
    /// Signed, but not what the channel sends.
    Malformed,
    /// The Worker lacks its configuration.
    Unconfigured,
    /// Something that the Worker needs to read it does not answer now: the sender sends it again.
    Unavailable,
}

impl From<BodyError> for Rejection {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::TooLarge,
            BodyError::Broken => Self::Incomplete,
        }
    }
}

impl Rejection {
    /// Returns the HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::UnknownPath => 404,
            Self::WrongMethod { .. } => 405,
            Self::TooLarge => 413,
            Self::Unsigned => 401,
            Self::WrongToken => 403,
            Self::Incomplete | Self::Malformed => 400,
            Self::Unconfigured | Self::Unavailable => 503,
        }
    }

    /// Returns the fixed sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::UnknownPath => "not found",
            Self::WrongMethod { .. } => "method not allowed",
            Self::TooLarge => "body too large",
            Self::Incomplete => "body incomplete",
            Self::Unsigned => "invalid request signature",
            Self::WrongToken => "wrong verify token",
            Self::Malformed => "malformed request",
            Self::Unconfigured => "not configured",
            Self::Unavailable => "not available now",
        }
    }
}
