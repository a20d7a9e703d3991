//! Posts by webhooks, and reads channels, one function per call to Discord. The deferred reply is in
//! [`super::deferred`].
//!
//! Every body carries `allowed_mentions: {"parse": []}`: model text never pings anyone. A reminder pings its
//! asker, and nobody else.

use serde_json::Value;

use super::Ports;
use super::call::{accepted, bot_request, error_code, mute, refuses, request, send, send_once};
use super::names::FALLBACK_NAME;
use super::wire::{
    self, AllowedMentions, Attachment, FILE_NAME, MessageBody, NewWebhook, WebhookBody, read,
    read_list,
};
use miyabi_core::config::Discord;
use miyabi_core::http::{Method, Request, Response};
use miyabi_core::ids::Secret;
use miyabi_core::question::Drawing;
use miyabi_core::text::listings::TextFile;
use miyabi_core::transport::{RateLimitBudget, SendError};

/// Media type of code, whatever its language: it is shown, and not run.
const PLAIN: &str = "text/plain; charset=utf-8";

/// A webhook, and the thread in which it posts, if any.
#[derive(Debug, Clone, Copy)]
pub struct Webhook<'a> {
    /// Id.
    pub id: &'a str,
    /// URL without a query.
    pub url: &'a Secret,
    /// Thread's id.
    pub thread: Option<&'a str>,
}

/// Text and file of a message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Content<'a> {
    /// Content, at most [`super::MAX_CONTENT_CHARS`].
    pub content: &'a str,
    /// Text of the attached `answer.md`.
    pub file: Option<&'a str>,
    /// Attached files of code.
    pub listings: &'a [TextFile],
    /// An attached image.
    pub image: Option<&'a Drawing>,
    /// Buttons below it; an answer without them is better than none, so they are left out if they are refused.
    pub components: Option<&'a Value>,
    /// Id of the only person whom it pings.
    pub pings: Option<&'a str>,
}

/// Under which name and picture a webhook posts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sender<'a> {
    /// Name.
    pub name: &'a str,
    /// Name in its place, if Discord refuses it.
    pub plain_name: &'a str,
    /// Picture's URL; empty for the webhook's own.
    pub picture: &'a str,
}

/// Posts a message by the webhook and returns its id.
///
/// A name or picture that Discord refuses after all is replaced, buttons are left out, and the post tried once more.
///
/// # Errors
/// See [`SendError`]. A limit is the caller's to wait for, since while it waits somebody else may post
/// the same.
///
/// # Repeats
/// Posts again: webhooks have no idempotency key. The product's ledger guards it.
///
/// # Source
/// Discord Docs/Execute Webhook, read 2026-11-20.
pub async fn execute_webhook(
    host: &impl Ports,
    budget: &mut RateLimitBudget,
    webhook: Webhook<'_>,
    sender: Sender<'_>,
    message: Content<'_>,
) -> Result<String, SendError> {
    let mut post = async |name: &str, picture: &str, components: Option<&Value>| {
        let body = MessageBody {
            username: name,
            avatar_url: picture,
            components,
            allowed_mentions: AllowedMentions::of(message.pings),
            ..MessageBody::text(message.content)
        };
        let request = with_body(execute_request(webhook), body, message);
        send_once(host, webhook.id, "execute_webhook", &request, budget).await
    };
    let Sender { name, plain_name, picture } = sender;
    let first = post(name, picture, message.components).await?;
    let refused = ["username", "avatar_url"].map(|field| refuses(&first, field));
    let is_form_refused = message.components.is_some() && error_code(&first) == Some(50_035);
    let response = if refused.contains(&true) || is_form_refused {
        let [is_name_refused, is_picture_refused] = refused;
        let keeps = refused.contains(&true) && !refuses(&first, "components");
        let components = message.components.filter(|_| keeps);
        let name = if is_name_refused { plain_name } else { name };
        let picture = if is_picture_refused { "" } else { picture };
        post(name, picture, components).await?
    } else {
        first
    };
    accepted("execute_webhook", &response).map(|()| message_id(&response))
}

/// Returns the id of the channel that the webhook posts in, or `None` if Discord does not tell.
///
/// # Errors
/// See [`SendError`].
///
/// # Repeats
/// Reads only.
pub async fn webhook_channel(
    host: &impl Ports,
    webhook: Webhook<'_>,
) -> Result<Option<String>, SendError> {
    let request = request(Method::Get, webhook.url.reveal().to_owned());
    let response = send(host, "get_webhook", request).await?;
    accepted("get_webhook", &response)?;
    Ok(read::<WebhookBody>(&response).channel_id)
}

/// A message of a channel, as far as we look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Message's id.
    pub id: String,
    /// Id of the webhook that posted it, empty if a person did.
    pub webhook_id: String,
    /// Name under which it was posted.
    pub author: String,
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
/// See [`SendError`]; a success that is no list of messages is [`SendError::Refused`] too,
/// since a channel that cannot be read must not pass for an empty one.
///
/// # Repeats
/// Reads only.
///
/// # Source
/// Discord Docs/Get Channel Messages, read 2026-11-20: needs View Channel and Read Message History.
/// Without the Message Content intent every `content` is empty: see [`webhook_message`].
pub async fn channel_messages(
    host: &impl Ports,
    discord: &Discord,
    channel: &str,
    after: &str,
) -> Result<Vec<Posted>, SendError> {
    let path = format!("/channels/{channel}/messages?after={after}&limit={PAGE_MESSAGES}");
    let request = bot_request(discord, Method::Get, &path);
    let response = send(host, "channel_messages", request).await?;
    accepted("channel_messages", &response)?;
    let messages: Vec<wire::Posted> =
        read_list(&response).ok_or_else(|| mute("channel_messages", response.status))?;
    Ok(messages.into_iter().map(posted).collect())
}

/// Returns a message that the webhook posted, with its content whatever the bot may read.
///
/// # Errors
/// See [`SendError`].
///
/// # Repeats
/// Reads only.
///
/// # Source
/// Discord Docs/Get Webhook Message, read 2026-11-20; discord-api-docs issue 5411 on its content.
pub async fn webhook_message(
    host: &impl Ports,
    webhook: Webhook<'_>,
    id: &str,
) -> Result<Posted, SendError> {
    let url = format!("{}/messages/{id}", webhook.url.reveal());
    let url = match webhook.thread {
        None => url,
        Some(thread) => format!("{url}?thread_id={thread}"),
    };
    let response = send(host, "get_message", request(Method::Get, url)).await?;
    accepted("get_message", &response)?;
    Ok(posted(read(&response)))
}

fn posted(message: wire::Posted) -> Posted {
    Posted {
        id: message.id.unwrap_or_default(),
        webhook_id: message.webhook_id.unwrap_or_default(),
        author: message.author.and_then(|author| author.username).unwrap_or_default(),
        content: message.content.unwrap_or_default(),
    }
}

/// Returns id and token of the application's own webhooks in a channel.
///
/// # Errors
/// See [`SendError`]; refused without Manage Webhooks.
///
/// # Repeats
/// Reads only.
///
/// # Source
/// Discord Docs/Get Channel Webhooks, read 2026-11-21.
pub async fn channel_webhooks(
    host: &impl Ports,
    discord: &Discord,
    channel: &str,
) -> Result<Vec<(String, String)>, SendError> {
    let request = bot_request(discord, Method::Get, &webhooks_path(channel));
    let response = send(host, "channel_webhooks", request).await?;
    accepted("channel_webhooks", &response)?;
    let webhooks: Vec<WebhookBody> = read_list(&response).unwrap_or_default();
    let own = webhooks
        .into_iter()
        .filter(|webhook| webhook.application_id.as_deref() == Some(&discord.application_id));
    Ok(own.filter_map(id_and_token).collect())
}

/// Returns by what a webhook is called; `None` if Discord does not tell all of it.
fn id_and_token(webhook: WebhookBody) -> Option<(String, String)> {
    let (id, token) = (webhook.id?, webhook.token?);
    (!id.is_empty() && !token.is_empty()).then_some((id, token))
}

/// Makes a webhook in a channel and returns its id and token.
///
/// # Errors
/// See [`SendError`]; refused without Manage Webhooks, and where there are 15 already (30007).
///
/// # Repeats
/// Makes another one: see [`super::webhooks::obtain`].
///
/// # Source
/// Discord Docs/Create Webhook, read 2026-11-21.
pub async fn create_webhook(
    host: &impl Ports,
    discord: &Discord,
    channel: &str,
) -> Result<(String, String), SendError> {
    let request = bot_request(discord, Method::Post, &webhooks_path(channel))
        .json(&NewWebhook { name: FALLBACK_NAME });
    let response = send(host, "create_webhook", request).await?;
    accepted("create_webhook", &response)?;
    id_and_token(read(&response)).ok_or_else(|| mute("create_webhook", response.status))
}

fn webhooks_path(channel: &str) -> String {
    format!("/channels/{channel}/webhooks")
}

/// JSON, or a form if there are files.
///
/// # Source
/// Discord Docs/Reference, Uploading Files, read 2026-11-21.
pub(super) fn with_body<'a>(
    request: Request,
    mut body: MessageBody<'a>,
    Content { file, listings, image, .. }: Content<'a>,
) -> Request {
    let file = file.map(|text| (FILE_NAME, "text/markdown; charset=utf-8", text.as_bytes(), ""));
    let image = image.map(|it| (it.name, it.media, it.bytes.as_slice(), it.prompt.as_str()));
    let mut files: Vec<(&'a str, &'a str, &'a [u8], &'a str)> = Vec::new();
    files.extend(file);
    files.extend(listings.iter().map(|it| (it.name.as_str(), PLAIN, it.text.as_bytes(), "")));
    files.extend(image);
    if files.is_empty() {
        return request.json(&body);
    }
    let mut heads = Vec::new();
    for (id, (filename, _, _, description)) in (0..).zip(&files) {
        body.attachments.push(Attachment { description, filename, id });
        heads.push(format!("name=\"files[{id}]\"; filename=\"{filename}\""));
    }
    let json = serde_json::to_string(&body).unwrap_or_default();
    let mut fields = vec![("name=\"payload_json\"", "application/json", json.as_bytes())];
    let parts = heads.iter().zip(&files);
    fields.extend(parts.map(|(head, (_, media, bytes, _))| (head.as_str(), *media, *bytes)));
    request.form(&fields)
}

fn execute_request(webhook: Webhook<'_>) -> Request {
    let url = webhook.url.reveal();
    let url = match webhook.thread {
        None => format!("{url}?wait=true"),
        Some(thread) => format!("{url}?wait=true&thread_id={thread}"),
    };
    request(Method::Post, url)
}

pub(super) fn message_id(response: &Response) -> String {
    read::<wire::Posted>(response).id.unwrap_or_default()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
