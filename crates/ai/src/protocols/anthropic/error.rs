//! Errors of Anthropic's Messages.

use serde::Deserialize;
use serde_json::Value;

use crate::Failure;
use crate::protocols::vendor_error::{self, VendorWords};
use crate::protocols::wire::{self, Lenient};

/// The body of a response that is no success.
///
/// # Shape
/// `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"…"}`
///
/// # Source
/// Anthropic API/Errors, read 2026-11-21.
#[derive(Default, Deserialize)]
struct ErrorBody {
    #[serde(default)]
    error: ErrorDetail,
}

/// An error, in a response or in a stream.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ErrorDetail {
    #[serde(rename = "type")]
    kind: Lenient<String>,
    message: Lenient<String>,
}

/// Reads a response that is no success.
pub(in crate::protocols) fn read_error(status: u32, body: &Value) -> Failure {
    let body: ErrorBody = wire::read(body).unwrap_or_default();
    body.error.into_failure(status)
}

impl ErrorDetail {
    /// Returns the failure that the error is; `status` is 0 in a stream.
    pub(super) fn into_failure(self, status: u32) -> Failure {
        let mut words = VendorWords::default();
        if let Some(message) = &self.message.0 {
            words.add_message(message);
        }
        if let Some(kind) = &self.kind.0 {
            words.add_word(kind);
        }
        vendor_error::classify(status, &words)
    }
}
