//! Errors of Gemini's `generateContent`.

use core::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::Failure;
use crate::protocols::http;
use crate::protocols::vendor_error::{self, VendorWords};
use crate::protocols::wire::{self, Lenient};

/// The body of a response that is no success; a list of one where a stream was asked for.
///
/// # Source
/// Gemini API/Troubleshooting and Rate limits; google.rpc.Status; read 2026-11-21.
#[derive(Default, Deserialize)]
struct ErrorBody {
    #[serde(default)]
    error: ErrorDetail,
}

/// An error, in a response or in a stream.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ErrorDetail {
    /// HTTP status.
    code: Lenient<u32>,
    message: Lenient<String>,
    status: Lenient<String>,
    details: Lenient<Vec<Detail>>,
}

/// A detail: `ErrorInfo` has a reason, `QuotaFailure` violations, `RetryInfo` a delay.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    reason: Lenient<String>,
    violations: Lenient<Vec<Violation>>,
    /// Seconds, such as `17.4s`.
    retry_delay: Lenient<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Violation {
    quota_id: Lenient<String>,
}

/// Reads a response that is no success.
pub(in crate::protocols) fn read_error(status: u32, body: &Value) -> Failure {
    let body = body.as_array().map_or(Some(body), |list| list.first());
    let ErrorBody { error } = body.and_then(wire::read).unwrap_or_default();
    let delay = error.retry_delay();
    let failure = error.classify(status);
    // Gemini names a wait of seconds also for a day's limit, whose own wait is longer.
    Failure { after: failure.after.or(delay), ..failure }
}

impl ErrorDetail {
    /// Returns the failure that the error is; `status` is used if the error names none.
    pub(super) fn into_failure(self, status: u32) -> Failure {
        self.classify(self.code.0.unwrap_or(status))
    }

    fn classify(&self, status: u32) -> Failure {
        let mut words = VendorWords::default();
        if let Some(message) = &self.message.0 {
            words.add_message(message);
        }
        let details = self.details.0.iter().flatten();
        let quotas = details.clone().flat_map(|detail| detail.violations.0.iter().flatten());
        let quotas = quotas.filter_map(|violation| violation.quota_id.0.as_ref());
        let reasons = details.filter_map(|detail| detail.reason.0.as_ref());
        for word in self.status.0.iter().chain(reasons).chain(quotas) {
            words.add_word(word);
        }
        vendor_error::classify(status, &words)
    }

    fn retry_delay(&self) -> Option<Duration> {
        let mut details = self.details.0.iter().flatten();
        details.find_map(|detail| http::whole_seconds(detail.retry_delay.0.as_deref()?))
    }
}
