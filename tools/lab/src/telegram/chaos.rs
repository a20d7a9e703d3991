//! The random faults of calls to Telegram, and the bodies of those that a rule gives a status only.

use serde_json::{Value, json};

use super::errors;
use crate::chaos::{Random, connection_fault};
use crate::faults::Fault;
use crate::http::{Content, Reply};

/// Chooses a fault.
pub(crate) fn fault<C: Default>(random: &mut Random) -> Fault<C> {
    match random.between(0, 6) {
        0 => Fault::reply(429, errors::wait(1), false),
        1 => Fault::reply(500, body(500), false),
        2 => Fault::reply(502, body(502), false),
        3 => Fault::reply(502, json!("<html><body>502 Bad Gateway</body></html>"), true),
        _ => connection_fault(random),
    }
}

/// Gives a failure without a body the one that Telegram has for its status.
pub(crate) fn shape_failure(reply: Reply) -> Reply {
    if reply.status < 400 || !matches!(reply.body, Content::Empty) {
        return reply;
    }
    let body = body(reply.status);
    Reply { body: Content::Json(body), ..reply }
}

fn body(status: u16) -> Value {
    let what = match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden: bot was blocked by the user",
        404 => "Not Found",
        409 => "Conflict",
        429 => return errors::wait(1),
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        504 => "Gateway Timeout",
        _ => "Service Unavailable",
    };
    json!({ "ok": false, "error_code": status, "description": what })
}
