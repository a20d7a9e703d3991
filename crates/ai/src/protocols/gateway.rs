//! Errors of Cloudflare's AI Gateway, which stands before the vendors of any protocol over HTTP.

use serde::Deserialize;
use serde_json::Value;

use super::{wire, workers_ai};
use crate::Failure;

/// The body of the gateway's own errors. A vendor's error passes through in the vendor's shape,
/// whose `error` is never a list of numbered entries.
#[derive(Deserialize)]
struct ErrorBody {
    error: Vec<GatewayError>,
}

#[derive(Deserialize)]
struct GatewayError {
    code: u32,
}

/// Returns the failure that a response's body is, `None` if it is not the gateway's.
///
/// The gateway's codes say more than its statuses.
///
/// # Shape
/// `{"success":false,"result":[],"messages":[],"error":[{"code":2001,"message":"…"}]}`
///
/// # Source
/// Cloudflare Docs/AI Gateway: Guardrails, Authenticated Gateway, Rate limiting; read 2026-11-21.
pub(super) fn read_error(body: &Value) -> Option<Failure> {
    let body: ErrorBody = wire::read(body)?;
    let code = body.error.first()?.code;
    Some(Failure::new(workers_ai::classify(code), code))
}
