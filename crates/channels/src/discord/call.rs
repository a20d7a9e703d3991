//! How is a call to Discord made, and how are its limits obeyed? What it says is [`super::post`]'s.
//!
//! Too many requests are waited for here, as long as Discord says; every other refusal is told.

use core::time::Duration;

use serde_json::Value;

use super::{Ports, breaker};
use miyabi_core::config::Discord;
use miyabi_core::fault::DiscordError;
use miyabi_core::http::{Method, Request, Response};
use miyabi_core::json;

/// Longest wait for one response.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Longest total wait for limits within one call; an interaction's token generations 15 minutes, and the
/// steps that call take up to 5.
pub const PATIENCE: Duration = Duration::from_mins(4);

/// The same for a post by a webhook, which five attempts of its step try; what other jobs were told by
/// the breaker included.
pub const POST_PATIENCE: Duration = Duration::from_secs(55);

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

/// What may still be waited for limits, and how long one that names no time is waited for.
#[derive(Debug)]
pub struct Patience {
    /// What is left of it.
    left: Duration,
    /// How long to wait before what was just limited is tried again; `None` if it was not, or that is
    /// beyond patience.
    pub due: Option<Duration>,
    unnamed_wait: Duration,
    margin: Duration,
}

impl Patience {
    /// Returns a patience that has waited for nothing yet.
    pub const fn new(left: Duration) -> Self {
        Self { left, due: None, unnamed_wait: UNNAMED_WAIT, margin: MARGIN }
    }

    /// Returns how long to wait, which is as long as a limit says, or if it says nothing longer each
    /// time.
    fn wait(&mut self, limited: &Response) -> Duration {
        if let Some(named) = named_wait(limited) {
            let wait = named.saturating_add(self.margin);
            self.margin *= 2;
            wait
        } else {
            let wait = self.unnamed_wait;
            self.unnamed_wait *= 2;
            wait
        }
    }

    /// Takes a wait from what is left, if there is as much.
    fn take(&mut self, wait: Duration) {
        self.due = None;
        if let Some(left) = self.left.checked_sub(wait) {
            (self.left, self.due) = (left, Some(wait));
        }
    }

    /// Takes as much of a wait as is left.
    pub fn take_some(&mut self, wait: Duration) {
        if !self.left.is_zero() {
            self.take(wait.min(self.left));
        }
    }
}

/// Sends a request, and again after each limit, as long as [`PATIENCE`] allows.
pub(super) async fn send(
    host: &impl Ports,
    operation: &'static str,
    request: Request,
) -> Result<Response, DiscordError> {
    let mut patience = Patience::new(PATIENCE);
    loop {
        let sent = send_once(host, "", operation, &request, &mut patience).await;
        match patience.due.take() {
            Some(wait) => host.sleep(wait).await,
            None => return sent,
        }
    }
}

/// Sends a request. A limit is its caller's to wait for, if there is patience for it; other jobs learn of
/// it by the breaker of `scope`, a webhook's id or nothing, or of all of Discord.
pub(super) async fn send_once(
    host: &impl Ports,
    scope: &str,
    operation: &'static str,
    request: &Request,
    patience: &mut Patience,
) -> Result<Response, DiscordError> {
    let sent = host.send(request).await;
    let response = sent.map_err(|source| DiscordError::NoResponse { operation, source })?;
    if !is_limited(&response) {
        return Ok(response);
    }
    let wait = patience.wait(&response);
    let scope = if is_everywhere(&response) { breaker::EVERYWHERE } else { scope };
    breaker::open(host, scope, wait).await;
    patience.take(wait);
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
