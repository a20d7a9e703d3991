//! What the fake messengers share: calls that are noted, and what happens to the next ones.

use miyabi_core::http::{HttpError, Response};
use serde_json::Value;

/// A call of a method.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub method: String,
    /// Its JSON, or its arguments; for a form with a file its text, with what is no UTF-8 replaced.
    pub body: Value,
}

/// What happens to the next call.
pub struct Fate {
    /// Whether it takes effect although the response is replaced.
    pub takes_effect: bool,
    pub response: Result<Response, HttpError>,
}
