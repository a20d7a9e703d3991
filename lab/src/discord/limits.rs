//! The webhook bucket: 5 requests in 2 seconds, failed ones included.
//!
//! Observed by others (birdie0's webhook guide); Discord documents no number.
//! Off unless `POST /lab/config {"rate_limits": true}`.

use serde_json::json;

use crate::clock;
use crate::http::Reply;
use crate::route::Hook;
use crate::state::State;

const LIMIT: u64 = 5;
const WINDOW_MS: u64 = 2000;

/// Headers to add to a reply.
type Headers = Vec<(String, String)>;

/// One webhook's window.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bucket {
    resets_ms: u64,
    used: u64,
    /// Whether the client has been told to wait in this window.
    was_limited: bool,
}

/// Takes one request from a webhook's bucket; the headers that say how many are left.
///
/// # Errors
/// The 429, when none is left.
pub(crate) fn take(state: &mut State, hook: &Hook) -> Result<Headers, Reply> {
    if !state.config.rate_limits {
        return Ok(Headers::new());
    }
    let now_ms = clock::now_ms();
    let bucket = state.buckets.entry(format!("{}/{}", hook.id, hook.token)).or_default();
    if now_ms >= bucket.resets_ms {
        *bucket = Bucket { resets_ms: now_ms + WINDOW_MS, ..Bucket::default() };
    }
    if bucket.used < LIMIT {
        bucket.used += 1;
        return Ok(headers(bucket, now_ms));
    }
    let ignored_wait = std::mem::replace(&mut bucket.was_limited, true);
    let wait_ms = bucket.resets_ms - now_ms;
    let body = json!({
        "message": "You are being rate limited.", "retry_after": seconds(wait_ms), "global": false,
    });
    let mut reply = Reply::json(429, body);
    reply.headers = headers(bucket, now_ms);
    reply.headers.push(("retry-after".into(), wait_ms.div_ceil(1000).to_string()));
    reply.headers.push(("x-ratelimit-scope".into(), "user".into()));
    if ignored_wait {
        reply = reply.violation("called again before `retry_after` had passed");
    }
    Err(reply)
}

fn headers(bucket: &Bucket, now_ms: u64) -> Headers {
    let left = LIMIT.saturating_sub(bucket.used);
    [
        ("x-ratelimit-limit", LIMIT.to_string()),
        ("x-ratelimit-remaining", left.to_string()),
        ("x-ratelimit-reset", seconds(bucket.resets_ms).to_string()),
        ("x-ratelimit-reset-after", seconds(bucket.resets_ms - now_ms).to_string()),
        ("x-ratelimit-bucket", "lab-webhook-bucket".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

fn seconds(ms: u64) -> f64 {
    std::time::Duration::from_millis(ms).as_secs_f64()
}
