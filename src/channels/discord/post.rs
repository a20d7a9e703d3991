//! How are messages posted, edited and removed? One function per call to Discord.
//!
//! Every body carries `allowed_mentions: {"parse": []}`: model text never pings anyone. Too many
//! requests are obeyed here, by the wait that Discord names; everything else is the caller's.

use core::time::Duration;

use serde_json::Value;

use super::names::FALLBACK_NAME;
use crate::channels::Asker;
use crate::config::Discord;
use crate::fault::DiscordError;
use crate::host::{Clock, Http};
use crate::http::{Method, Request, Response};
use crate::ids::Secret;
use crate::json::{self, object};

/// Longest wait for one response.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Longest total wait for limits within one call; an interaction's token lives 15 minutes, and the
/// steps that post take up to 5.
const PATIENCE: Duration = Duration::from_mins(4);

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

/// The configured webhook, and the thread in which it posts, if any.
#[derive(Debug, Clone, Copy)]
pub struct Webhook<'a> {
    /// Settings.
    pub discord: &'a Discord,
    /// Thread's id.
    pub thread: Option<&'a str>,
}

/// The reply to one interaction, reached by its token, for 15 minutes.
#[derive(Debug, Clone, Copy)]
pub struct Interaction<'a> {
    /// Settings.
    pub discord: &'a Discord,
    /// Interaction's token.
    pub token: &'a Secret,
}

/// Posts a message by the webhook and returns its id.
///
/// A name or picture that Discord refuses after all is replaced, and the post tried once more.
///
/// # Errors
/// See [`DiscordError`].
///
/// # Repeats
/// Posts again: webhooks have no idempotency key. `ask::ledger` guards it.
///
/// # Source
/// Discord Docs/Execute Webhook, read 2026-11-20.
pub async fn execute_webhook(
    host: &(impl Http + Clock),
    webhook: Webhook<'_>,
    author: &Asker,
    content: &str,
) -> Result<String, DiscordError> {
    let body = signed_message(content, &author.name, &author.avatar_url);
    let first = send(host, "execute_webhook", execute_request(webhook, &body)).await?;
    let refused = ["username", "avatar_url"].map(|field| refuses(&first, field));
    let response = if refused.contains(&true) {
        let [is_name_refused, is_picture_refused] = refused;
        let name = if is_name_refused { FALLBACK_NAME } else { author.name.as_str() };
        let picture = if is_picture_refused { "" } else { author.avatar_url.as_str() };
        let body = signed_message(content, name, picture);
        send(host, "execute_webhook", execute_request(webhook, &body)).await?
    } else {
        first
    };
    accepted("execute_webhook", &response).map(|()| message_id(&response))
}

/// Returns the id of the channel that the webhook posts in, or `None` if Discord does not tell.
///
/// # Errors
/// See [`DiscordError`].
///
/// # Repeats
/// Reads only.
pub async fn webhook_channel(
    host: &(impl Http + Clock),
    discord: &Discord,
) -> Result<Option<String>, DiscordError> {
    let request = request(Method::Get, discord.webhook_url.reveal().to_owned());
    let response = send(host, "get_webhook", request).await?;
    accepted("get_webhook", &response)?;
    let body = json::parse(&response.body).unwrap_or_default();
    Ok(body.get("channel_id").and_then(Value::as_str).map(ToOwned::to_owned))
}

/// A message of a channel, as far as we look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Message's id.
    pub id: String,
    /// Id of the webhook that posted it, empty if a person did.
    pub webhook_id: String,
    /// Content; empty if Discord hides it from the bot.
    pub content: String,
}

/// Most messages on one page of [`channel_messages`].
///
/// # Source
/// Discord Docs/Get Channel Messages, read 2026-11-20.
pub const PAGE_MESSAGES: usize = 100;

/// Returns the first [`PAGE_MESSAGES`] messages of a channel after `after`, newest first.
///
/// # Errors
/// See [`DiscordError`]; a success that is no list of messages is [`DiscordError::Refused`] too,
/// since a channel that cannot be read must not pass for an empty one.
///
/// # Repeats
/// Reads only.
///
/// # Source
/// Discord Docs/Get Channel Messages, read 2026-11-20: needs View Channel and Read Message History.
/// Without the Message Content intent every `content` is empty: see [`webhook_message`].
pub async fn channel_messages(
    host: &(impl Http + Clock),
    discord: &Discord,
    channel: &str,
    after: &str,
) -> Result<Vec<Posted>, DiscordError> {
    let base = &discord.api_base;
    let url = format!("{base}/channels/{channel}/messages?after={after}&limit={PAGE_MESSAGES}");
    let authorization = format!("Bot {}", discord.bot_token.reveal());
    let request = request(Method::Get, url).header("authorization", authorization);
    let response = send(host, "channel_messages", request).await?;
    accepted("channel_messages", &response)?;
    let body = json::parse(&response.body).unwrap_or_default();
    let messages = body.as_array().ok_or(DiscordError::Refused {
        operation: "channel_messages",
        status: response.status,
        code: 0,
    })?;
    Ok(messages.iter().map(posted).collect())
}

/// Returns a message that the webhook posted, with its content whatever the bot may read.
///
/// # Errors
/// See [`DiscordError`].
///
/// # Repeats
/// Reads only.
///
/// # Source
/// Discord Docs/Get Webhook Message, read 2026-11-20; discord-api-docs issue 5411 on its content.
pub async fn webhook_message(
    host: &(impl Http + Clock),
    webhook: Webhook<'_>,
    id: &str,
) -> Result<Posted, DiscordError> {
    let url = format!("{}/messages/{id}", webhook.discord.webhook_url.reveal());
    let url = match webhook.thread {
        None => url,
        Some(thread) => format!("{url}?thread_id={thread}"),
    };
    let response = send(host, "get_message", request(Method::Get, url)).await?;
    accepted("get_message", &response)?;
    Ok(posted(&json::parse(&response.body).unwrap_or_default()))
}

fn posted(message: &Value) -> Posted {
    Posted {
        id: text(message, "id"),
        webhook_id: text(message, "webhook_id"),
        content: text(message, "content"),
    }
}

/// What became of an edit or removal of the deferred reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// There is no such reply: the asker dismissed it, or Discord has not yet seen our
    /// acknowledgement.
    Missing,
    /// The token does not count: its 15 minutes are over, or Discord has not yet seen our
    /// acknowledgement.
    Expired,
}

/// Replaces the deferred reply by `content`.
///
/// # Errors
/// See [`DiscordError`].
///
/// # Repeats
/// The second edit changes nothing.
///
/// # Source
/// Discord Docs/Edit Original Interaction Response, read 2026-11-20.
pub async fn edit_reply(
    host: &(impl Http + Clock),
    interaction: Interaction<'_>,
    content: &str,
) -> Result<Outcome, DiscordError> {
    let request = request(Method::Patch, reply_url(interaction)).json(&message(content));
    let response = send(host, "edit_original", request).await?;
    outcome("edit_original", &response)
}

/// Removes the deferred reply.
///
/// # Errors
/// See [`DiscordError`].
///
/// # Repeats
/// The second removal finds nothing.
///
/// # Source
/// Discord Docs/Delete Original Interaction Response, read 2026-11-20.
pub async fn delete_reply(
    host: &(impl Http + Clock),
    interaction: Interaction<'_>,
) -> Result<Outcome, DiscordError> {
    let request = request(Method::Delete, reply_url(interaction));
    let response = send(host, "delete_original", request).await?;
    outcome("delete_original", &response)
}

/// Posts a private follow-up to the interaction and returns its id.
///
/// # Errors
/// See [`DiscordError`].
///
/// # Repeats
/// Posts again.
///
/// # Source
/// Discord Docs/Create Followup Message, read 2026-11-20.
pub async fn follow_up(
    host: &(impl Http + Clock),
    interaction: Interaction<'_>,
    content: &str,
) -> Result<String, DiscordError> {
    let mut body = message(content);
    set(&mut body, "flags", super::EPHEMERAL.into());
    let request = request(Method::Post, interaction_url(interaction)).json(&body);
    let response = send(host, "follow_up", request).await?;
    accepted("follow_up", &response).map(|()| message_id(&response))
}

fn message(content: &str) -> Value {
    let nobody = object([("parse", Value::Array(Vec::new()))]);
    object([("content", content.into()), ("allowed_mentions", nobody)])
}

/// A message under a name and, unless it is empty, a picture.
fn signed_message(content: &str, name: &str, picture: &str) -> Value {
    let mut body = message(content);
    set(&mut body, "username", name.into());
    if !picture.is_empty() {
        set(&mut body, "avatar_url", picture.into());
    }
    body
}

fn set(body: &mut Value, key: &str, value: Value) {
    if let Some(fields) = body.as_object_mut() {
        fields.insert(key.to_owned(), value);
    }
}

fn request(method: Method, url: String) -> Request {
    Request::new(method, url, TIMEOUT).header("user-agent", USER_AGENT.to_owned())
}

fn execute_request(webhook: Webhook<'_>, body: &Value) -> Request {
    let url = webhook.discord.webhook_url.reveal();
    let url = match webhook.thread {
        None => format!("{url}?wait=true"),
        Some(thread) => format!("{url}?wait=true&thread_id={thread}"),
    };
    request(Method::Post, url).json(body)
}

fn interaction_url(interaction: Interaction<'_>) -> String {
    let Discord { api_base, application_id, .. } = interaction.discord;
    format!("{api_base}/webhooks/{application_id}/{}", interaction.token.reveal())
}

fn reply_url(interaction: Interaction<'_>) -> String {
    format!("{}/messages/@original", interaction_url(interaction))
}

/// Sends a request, and again after each limit, as long as [`PATIENCE`] allows.
async fn send(
    host: &(impl Http + Clock),
    operation: &'static str,
    request: Request,
) -> Result<Response, DiscordError> {
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
        if waited.saturating_add(wait) > PATIENCE {
            return Err(DiscordError::Limited { operation });
        }
        host.sleep(wait).await;
        waited += wait;
    }
}

/// 429, and the 403 without JSON by which Cloudflare, in front of Discord, blocks an address that
/// other Workers share with us.
fn is_limited(response: &Response) -> bool {
    response.status == 429 || (response.status == 403 && error_code(response).is_none())
}

/// `retry_after` of the JSON body, else `Retry-After`, both in seconds.
fn named_wait(response: &Response) -> Option<Duration> {
    let body = json::parse(&response.body);
    let in_body = body.as_ref().and_then(|body| body.get("retry_after")).and_then(Value::as_f64);
    let seconds = in_body.or_else(|| response.header("retry-after")?.trim().parse().ok())?;
    // More than a `Duration` holds is certainly more than our patience.
    (seconds >= 0.0).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

fn accepted(operation: &'static str, response: &Response) -> Result<(), DiscordError> {
    if response.is_success() {
        return Ok(());
    }
    let code = error_code(response).unwrap_or(0);
    Err(DiscordError::Refused { operation, status: response.status, code })
}

/// Returns Discord's JSON error code; `None` if the body is not Discord's JSON.
fn error_code(response: &Response) -> Option<u32> {
    let body = json::parse(&response.body)?;
    body.get("code")?.as_u64()?.try_into().ok()
}

/// 10015 and 50027 are about the token, any other 404 about the message.
fn outcome(operation: &'static str, response: &Response) -> Result<Outcome, DiscordError> {
    match (response.status, error_code(response)) {
        (404, Some(10_015)) | (401, Some(50_027)) => Ok(Outcome::Expired),
        (404, _) => Ok(Outcome::Missing),
        _ => accepted(operation, response).map(|()| Outcome::Done),
    }
}

/// 50035 on a field.
fn refuses(response: &Response, field: &str) -> bool {
    let body = json::parse(&response.body).unwrap_or_default();
    response.status == 400 && body.get("errors").is_some_and(|errors| errors.get(field).is_some())
}

fn message_id(response: &Response) -> String {
    text(&json::parse(&response.body).unwrap_or_default(), "id")
}

fn text(body: &Value, field: &str) -> String {
    body.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
