//! One call to Discord, and its rate limits. What a call says is in [`super::post`].
//!
//! A rate limit is waited for here, as long as Discord says; every other refusal is returned.

use core::time::Duration;

use super::wire::{ErrorBody, read};
use super::{Ports, breaker};
use miyabi_core::config::Discord;
use miyabi_core::http::{Method, Request, Response};
use miyabi_core::transport::{RateLimitBudget, SendError};

/// Longest wait for one response.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Longest total wait for limits within one call; an interaction's token lives 15 minutes, and the
/// steps that call take up to 5.
pub(super) const MAX_WAIT: Duration = Duration::from_mins(4);

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

/// Sends a request, and again after each limit, as long as [`MAX_WAIT`] allows.
pub(super) async fn send(
    host: &impl Ports,
    operation: &'static str,
    request: Request,
) -> Result<Response, SendError> {
    let mut budget = RateLimitBudget::new(MAX_WAIT);
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
    let wait = budget.wait(named_wait(&response));
    let scope = if is_everywhere(&response) { breaker::EVERYWHERE } else { scope };
    breaker::open(host, scope, wait).await;
    budget.take(wait);
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

/// `retry_after` of the JSON body, else `Retry-After`, both in seconds.
fn named_wait(response: &Response) -> Option<Duration> {
    let body: ErrorBody = read(response);
    let in_header = || response.header("retry-after")?.trim().parse().ok();
    let seconds: f64 = body.retry_after.or_else(in_header)?;
    // More than a `Duration` holds is certainly more than any budget.
    (seconds >= 0.0).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

pub(super) fn accepted(operation: &'static str, response: &Response) -> Result<(), SendError> {
    if response.is_success() {
        return Ok(());
    }
    Err(refusal(operation, response.status, error_code(response).unwrap_or(0)))
}

/// Returns what a status that is no success means.
pub(super) const fn refusal(operation: &'static str, status: u16, code: u32) -> SendError {
    match status {
        500.. => SendError::ServerError { operation, status, code },
        _ => SendError::Refused { operation, status, code },
    }
}

/// Returns Discord's JSON error code; `None` if the body is not Discord's JSON.
pub(super) fn error_code(response: &Response) -> Option<u32> {
    read::<ErrorBody>(response).code
}

/// Whether a field is named in a refusal of the whole form, error 50035.
pub(super) fn refuses(response: &Response, field: &str) -> bool {
    response.status == 400 && read::<ErrorBody>(response).errors.contains_key(field)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
