//! How is a call to Discord made, and how are its limits obeyed? What it says is [`super::post`]'s.
//!
//! Too many requests are waited for here, as long as Discord says; every other refusal is told.

use core::time::Duration;

use serde_json::Value;

use super::{Ports, breaker};
use crate::config::Discord;
use crate::fault::DiscordError;
use crate::http::{Method, Request, Response};
use crate::json;

/// Longest wait for one response.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Longest total wait for limits within one call; an interaction's token lives 15 minutes, and the
/// steps that call take up to 5.
pub const PATIENCE: Duration = Duration::from_mins(4);

/// The same for a post by a webhook: after a longer wait somebody else may have the job, so the step's
/// next attempt asks the ledger again.
pub(super) const POST_PATIENCE: Duration = Duration::from_secs(40);

/// First wait after a limit that names none; doubles with each.
const UNNAMED_WAIT: Duration = Duration::from_secs(1);

/// Added to the first wait that a limit names: a timer may fire early, and a request that comes
/// early counts against us. It doubles with each, so that limits which name no time worth the word
/// end in a few requests.
const MARGIN: Duration = Duration::from_millis(20);

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

/// Sends a request, and again after each limit, as long as patience allows: [`POST_PATIENCE`] for a
/// post, whose `scope` is the webhook's id, and [`PATIENCE`] for anything else, which has none. Other
/// jobs learn of a limit by the breaker, of this scope or of all of Discord.
pub(super) async fn send(
    host: &impl Ports,
    scope: &str,
    operation: &'static str,
    request: Request,
) -> Result<Response, DiscordError> {
    let patience = if scope.is_empty() { PATIENCE } else { POST_PATIENCE };
    let mut waited = Duration::ZERO;
    let (mut unnamed_wait, mut margin) = (UNNAMED_WAIT, MARGIN);
    loop {
        let response = host
            .send(&request)
            .await
            .map_err(|source| DiscordError::NoResponse { operation, source })?;
        if !is_limited(&response) {
            return Ok(response);
        }
        let wait = if let Some(named) = named_wait(&response) {
            let wait = named.saturating_add(margin);
            margin *= 2;
            wait
        } else {
            let wait = unnamed_wait;
            unnamed_wait *= 2;
            wait
        };
        let scope = if is_everywhere(&response) { breaker::EVERYWHERE } else { scope };
        breaker::open(host, scope, wait).await;
        if waited.saturating_add(wait) > patience {
            return Err(DiscordError::Limited { operation });
        }
        host.sleep(wait).await;
        waited += wait;
    }
}

/// Sends a request that is not worth waiting for: one that Discord limits is not repeated, though
/// other jobs learn of the limit.
pub(super) async fn send_once(
    host: &impl Ports,
    operation: &'static str,
    request: &Request,
) -> Result<Response, DiscordError> {
    let sent = host.send(request).await;
    let response = sent.map_err(|source| DiscordError::NoResponse { operation, source })?;
    if !is_limited(&response) {
        return Ok(response);
    }
    if is_everywhere(&response) {
        let wait = named_wait(&response).unwrap_or(UNNAMED_WAIT);
        breaker::open(host, breaker::EVERYWHERE, wait).await;
    }
    Err(DiscordError::Limited { operation })
}

/// 429, and the 403 without JSON by which Cloudflare, in front of Discord, blocks an address that
/// other Workers share with us.
fn is_limited(response: &Response) -> bool {
    response.status == 429 || (response.status == 403 && error_code(response).is_none())
}

/// A limit that Discord calls global, or a block of our address: HTML, or JSON that lacks what a limit's
/// has ("You are being blocked from accessing our API temporarily").
fn is_everywhere(response: &Response) -> bool {
    let body = json::parse(&response.body).unwrap_or_default();
    body.get("retry_after").is_none()
        || body.get("global").and_then(Value::as_bool).unwrap_or(false)
}

/// `retry_after` of the JSON body, else `Retry-After`, both in seconds.
fn named_wait(response: &Response) -> Option<Duration> {
    let body = json::parse(&response.body);
    let in_body = body.as_ref().and_then(|body| body.get("retry_after")).and_then(Value::as_f64);
    let seconds = in_body.or_else(|| json::number(response.header("retry-after")?))?;
    // More than a `Duration` holds is certainly more than our patience.
    (seconds >= 0.0).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

pub(super) fn accepted(operation: &'static str, response: &Response) -> Result<(), DiscordError> {
    if response.is_success() {
        return Ok(());
    }
    let code = error_code(response).unwrap_or(0);
    Err(DiscordError::Refused { operation, status: response.status, code })
}

/// Returns Discord's JSON error code; `None` if the body is not Discord's JSON.
pub(super) fn error_code(response: &Response) -> Option<u32> {
    let body = json::parse(&response.body)?;
    body.get("code")?.as_u64()?.try_into().ok()
}

/// 50035 on a field.
pub(super) fn refuses(response: &Response, field: &str) -> bool {
    let body = json::parse(&response.body).unwrap_or_default();
    response.status == 400 && body.get("errors").is_some_and(|errors| errors.get(field).is_some())
}

pub(super) fn text(body: &Value, field: &str) -> String {
    body.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
