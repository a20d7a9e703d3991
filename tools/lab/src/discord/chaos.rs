//! The random faults of calls to Discord.

use serde_json::json;

use crate::chaos::{Random, connection_fault};
use crate::faults::Fault;

/// Chooses a fault.
pub(crate) fn fault<C: Default>(random: &mut Random) -> Fault<C> {
    match random.between(0, 6) {
        0 => rate_limited(random),
        1 => Fault::reply(429, json!("<html><body>error code: 1015</body></html>"), false),
        2 => {
            Fault::reply(500, json!({ "message": "500: Internal Server Error", "code": 0 }), false)
        }
        3 => Fault::reply(502, json!("<html><body>502 Bad Gateway</body></html>"), true),
        _ => connection_fault(random),
    }
}

/// Discord's own 429, with a short wait.
fn rate_limited<C: Default>(random: &mut Random) -> Fault<C> {
    let ms = random.between(200, 1000);
    let retry_after = std::time::Duration::from_millis(ms).as_secs_f64();
    let body = json!({
        "message": "You are being rate limited.", "retry_after": retry_after, "global": false,
    });
    let fault = Fault::reply(429, body, false);
    fault.header("retry-after", "1").header("x-ratelimit-scope", "user")
}
