//! The rate limit of webhooks: 5 requests in 2 seconds, failed ones included.
//!
//! The numbers are from birdie0's webhook guide; Discord documents none.
//! Off unless `POST /lab/config {"rate_limits": true}`.

use std::collections::BTreeMap;

use serde_json::json;

use crate::clock;
use crate::discord::route::Hook;
use crate::http::Reply;
use crate::record::Exchange;

const LIMIT: u64 = 5;
const WINDOW_MS: u64 = 2000;
/// Header that names the bucket, and the bucket's name.
const NAME: &str = "x-ratelimit-bucket";
const BUCKET: &str = "lab-webhook-bucket";

/// Headers to add to a reply.
pub(super) type Headers = Vec<(String, String)>;

/// The windows of all webhooks.
pub(super) type Buckets = BTreeMap<String, Bucket>;

/// One webhook's window.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bucket {
    resets_ms: u64,
    used: u64,
    /// The latest call when the client was told to wait, if it was in this window.
    told: Option<u64>,
}

/// Takes one request from a webhook's bucket; returns the headers that say how many are left.
///
/// # Errors
/// The 429, when none is left.
pub(super) fn take(buckets: &mut Buckets, hook: &Hook) -> Result<Headers, Reply> {
    let now_ms = clock::now_ms();
    let bucket = buckets.entry(key(hook)).or_default();
    if now_ms >= bucket.resets_ms {
        *bucket = Bucket { resets_ms: now_ms + WINDOW_MS, ..Bucket::default() };
    }
    if bucket.used < LIMIT {
        bucket.used += 1;
        return Ok(headers(bucket, now_ms));
    }
    let wait_ms = bucket.resets_ms - now_ms;
    let body = json!({
        "message": "You are being rate limited.", "retry_after": seconds(wait_ms), "global": false,
    });
    let mut reply = Reply::json(429, body);
    reply.headers = headers(bucket, now_ms);
    reply.headers.push(("retry-after".into(), wait_ms.div_ceil(1000).to_string()));
    reply.headers.push(("x-ratelimit-scope".into(), "user".into()));
    Err(reply)
}

/// Remembers that a client was told to wait, and adds a violation to its next call in this window.
///
/// It sees the reply that is sent, and ignores a 429 that is not of this bucket, such as a fault's.
pub(super) fn remember_wait(buckets: &mut Buckets, hook: &Hook, reply: &mut Reply, call: Exchange) {
    let is_ours = |(name, value): &(String, String)| name == NAME && value == BUCKET;
    if reply.status != 429 || !reply.headers.iter().any(is_ours) {
        return;
    }
    let Some(bucket) = buckets.get_mut(&key(hook)) else { return };
    match bucket.told {
        Some(told) if call.seq > told => {
            reply.violations.push("called again before `retry_after` had passed".into());
        }
        None if call.was_sent => bucket.told = Some(call.last_seq),
        Some(_) | None => {}
    }
}

fn key(hook: &Hook) -> String {
    format!("{}/{}", hook.id, hook.token)
}

fn headers(bucket: &Bucket, now_ms: u64) -> Headers {
    let left = LIMIT.saturating_sub(bucket.used);
    [
        ("x-ratelimit-limit", LIMIT.to_string()),
        ("x-ratelimit-remaining", left.to_string()),
        ("x-ratelimit-reset", seconds(bucket.resets_ms).to_string()),
        ("x-ratelimit-reset-after", seconds(bucket.resets_ms - now_ms).to_string()),
        (NAME, BUCKET.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

fn seconds(ms: u64) -> f64 {
    std::time::Duration::from_millis(ms).as_secs_f64()
}
