//! One call to Discord, and its rate limits. What a call says is in [`super::post`].
//!
//! A rate limit is waited for here, as long as Discord says; every other refusal is returned. A refusal is
//! final only if Discord itself says so with one of the codes of [`FINAL_CODES`]: Cloudflare, a proxy and
//! Discord's own trouble answer with the same statuses, and what they refuse may pass.

use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use super::Ports;
use super::wire::{ErrorBody, read};
use crate::breaker;
use miyabi_core::config::Discord;
use miyabi_core::http::{Method, Request, Response};
use miyabi_core::ids::Millis;
use miyabi_core::transport::{LONGEST_WAIT, RateLimitBudget, SendError};
use serde_json::Value;

/// Longest wait for one response.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Identifies the program, in the form that Discord asks for; requests without it are blocked.
///
/// # Source
/// Discord Docs/Reference, User Agent, read 2026-11-20.
const USER_AGENT: &str =
    concat!("DiscordBot (https://miyabi.example, ", env!("CARGO_PKG_VERSION"), ")");

pub(super) fn request(method: Method, url: String) -> Request {
    Request::new(method, url, TIMEOUT).header("user-agent", USER_AGENT.to_owned())
}

pub(super) fn bot_request(discord: &Discord, method: Method, path: &str) -> Request {
    let authorization = format!("Bot {}", discord.bot_token.reveal());
    let url = format!("{}{path}", discord.api_base);
    request(method, url).header("authorization", authorization)
}

/// Sends a request, and again after each limit, as long as [`LONGEST_WAIT`] allows.
pub(super) async fn send(
    host: &impl Ports,
    operation: &'static str,
    request: Request,
) -> Result<Response, SendError> {
    let mut budget = RateLimitBudget::new(LONGEST_WAIT);
    loop {
        let sent = send_once(host, "", operation, &request, &mut budget).await;
        match budget.due.take() {
            Some(wait) => host.sleep(wait).await,
            None => return sent,
        }
    }
}

/// Sends a request. The caller waits for a limit, if `budget` has as much; other jobs learn of it by the
/// breaker of `scope` (a webhook's id, or blank) or of all of Discord.
pub(super) async fn send_once(
    host: &impl Ports,
    scope: &str,
    operation: &'static str,
    request: &Request,
    budget: &mut RateLimitBudget,
) -> Result<Response, SendError> {
    let sent = host.send(request).await;
    let response = sent.map_err(|source| SendError::NoResponse { operation, source })?;
    if !is_limited(&response) {
        return Ok(response);
    }
    let scope = if is_everywhere(&response) { super::PLATFORM } else { scope };
    breaker::limited(host, scope, budget, named_wait(&response, host.now())).await;
    Err(SendError::RateLimited { operation })
}

/// 429, and the 403 without JSON by which Cloudflare, in front of Discord, blocks an address that
/// other Workers share with us.
fn is_limited(response: &Response) -> bool {
    response.status == 429 || (response.status == 403 && error_code(response).is_none())
}

/// A limit that Discord calls global, or a block of our address: HTML, or JSON that lacks what a limit's
/// has ("You are being blocked from accessing our API temporarily").
fn is_everywhere(response: &Response) -> bool {
    let body: ErrorBody = read(response);
    body.retry_after.is_none() || body.global == Some(true)
}

/// Returns the wait that a limit names: `retry_after` of the JSON body, else `Retry-After`, which is a
/// number of seconds or a date, else `X-RateLimit-Reset-After`. What is neither names no wait. Of a header
/// that came twice the first counts.
///
/// # Source
/// Discord Docs/Rate Limits, read 2026-11-20; RFC 9110, 10.2.3.
fn named_wait(response: &Response, now: Millis) -> Option<Duration> {
    let body: ErrorBody = read(response);
    let in_body = || match body.retry_after? {
        Value::Number(seconds) => wait_of(seconds.as_f64()?),
        Value::String(seconds) => wait_of(number(&seconds)?),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let seconds = |text: &str| wait_of(number(text.split(',').next()?)?);
    let in_header = || {
        let header = response.header("retry-after")?.trim();
        let until = || wait_until(httpdate::parse_http_date(header).ok()?, now);
        seconds(header).or_else(until)
    };
    let of_bucket = || seconds(response.header("x-ratelimit-reset-after")?);
    in_body().or_else(in_header).or_else(of_bucket)
}

/// Reads a number as JSON has it. The standard library's reader of floats brings a table of 10 kB that nothing
/// compresses, and is used nowhere else (docs/decisions/0027).
fn number(text: &str) -> Option<f64> {
    serde_json::from_str::<Value>(text).ok()?.as_f64()
}

fn wait_of(seconds: f64) -> Option<Duration> {
    // More than a `Duration` holds is certainly more than any budget. NaN is not above zero.
    (seconds >= 0.0).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

/// Returns the time until a date; none is left until one that is over.
fn wait_until(date: SystemTime, now: Millis) -> Option<Duration> {
    let since_epoch = date.duration_since(UNIX_EPOCH).ok()?;
    Some(since_epoch.saturating_sub(Duration::from_millis(now.0)))
}

/// Returns whether Discord took a request. A page that has a success's status is somebody else's, such as
/// Cloudflare's in front of Discord, and so is every body but an object, a list, or none: whether Discord has
/// seen the request is unclear.
pub(super) fn accepted(operation: &'static str, response: &Response) -> Result<(), SendError> {
    let Response { status, ref body, .. } = *response;
    if !response.is_success() {
        return Err(refusal(operation, status, error_code(response).unwrap_or(0)));
    }
    let body = body.trim_start();
    if body.is_empty() || body.starts_with(['{', '[']) {
        return Ok(());
    }
    Err(SendError::ServerError { operation, status, code: 0 })
}

/// Codes by which Discord refuses for good: the same request is refused again.
///
/// # Source
/// Discord Docs/Opcodes and Status Codes, read 2026-11-20. Not among them is 40333, which is Cloudflare's
/// block in front of Discord (discord-api-docs issue 6473), nor any code of a limit or an overload.
const FINAL_CODES: [u32; 40] = [
    10_003,  // unknown channel
    10_004,  // unknown server
    10_007,  // unknown member
    10_008,  // unknown message
    10_013,  // unknown user
    10_015,  // unknown webhook
    10_062,  // unknown interaction
    20_009,  // explicit content
    20_012,  // not authorized for this application
    30_007,  // 15 webhooks in the channel
    30_058,  // 1000 webhooks in the server
    40_005,  // file too large
    40_060,  // interaction acknowledged already
    40_094,  // too many follow-ups
    50_001,  // missing access
    50_005,  // message of another author
    50_006,  // empty message
    50_007,  // cannot send to this user
    50_008,  // not in a voice channel
    50_013,  // missing permissions
    50_014,  // invalid authentication token
    50_024,  // not in this type of channel
    50_025,  // invalid OAuth2 token
    50_027,  // invalid webhook token
    50_035,  // invalid form
    50_045,  // file too large
    50_068,  // invalid type of message
    50_083,  // archived thread
    50_109,  // invalid JSON
    50_146,  // invalid file
    50_178,  // not for this application
    160_005, // locked thread
    200_000, // AutoMod
    200_001, // AutoMod, a title
    220_001, // forum without a thread
    220_002, // forum with two threads
    220_003, // no forum
    220_004, // no webhooks in a forum's media
    240_000, // harmful link
    340_015, // content that Discord filters
];

/// Returns what a status that is no success means.
pub(super) fn refusal(operation: &'static str, status: u16, code: u32) -> SendError {
    match status {
        500.. => SendError::ServerError { operation, status, code },
        _ if FINAL_CODES.contains(&code) => SendError::Refused { operation, status, code },
        _ => SendError::Deferred { operation, status, code },
    }
}

/// Returns the error about a success that says nothing: another look shows nothing else.
pub(super) const fn mute(operation: &'static str, status: u16) -> SendError {
    SendError::Refused { operation, status, code: 0 }
}

/// Returns Discord's JSON error code; `None` if the body is not Discord's JSON.
pub(super) fn error_code(response: &Response) -> Option<u32> {
    read::<ErrorBody>(response).code
}

/// Whether a field is named in a refusal of the whole form, error 50035.
pub(super) fn refuses(response: &Response, field: &str) -> bool {
    let errors = read::<ErrorBody>(response).errors;
    response.status == 400 && errors.is_some_and(|errors| errors.contains_key(field))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
