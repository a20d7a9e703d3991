//! What an operator sets up: `getMe`, the webhook, the commands.

use serde_json::{Value, json};

use super::params::Params;
use super::state::{State, Webhook};
use super::{errors, world};
use crate::http::Reply;
use crate::merge::without_nulls;

/// Kinds of updates that there are.
const KINDS: [&str; 10] = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "my_chat_member",
    "poll_answer",
    "message_reaction",
];
/// Most commands, and the longest description of one.
const MAX_COMMANDS: usize = 100;
const MAX_DESCRIPTION: usize = 256;

/// `getMe`.
pub(super) fn me(state: &State) -> Reply {
    let mut bot = world::bot();
    bot["can_join_groups"] = json!(true);
    bot["can_read_all_group_messages"] = json!(!state.config.privacy);
    bot["supports_inline_queries"] = json!(state.config.inline);
    errors::ok(bot)
}

/// `setWebhook`. The lab takes plain HTTP on this machine too.
pub(super) fn set_webhook(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let url = params.text("url").unwrap_or_default();
    let is_here = url.starts_with("http://127.0.0.1:") || url.starts_with("http://localhost:");
    if !(url.is_empty() || url.starts_with("https://") || is_here) {
        return Err(errors::mistake("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    let secret = params.text("secret_token").unwrap_or_default();
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if secret.len() > 256 {
        return Err(errors::mistake("secret token is too long"));
    }
    if !secret.chars().all(is_allowed) {
        return Err(errors::mistake("secret token contains unallowed characters"));
    }
    let connections = params.number("max_connections").unwrap_or(40);
    if !(1..=100).contains(&connections) {
        return Err(errors::stricter("`max_connections` is not 1 to 100"));
    }
    let allowed = params.list("allowed_updates").iter().filter_map(Value::as_str);
    let allowed: Vec<String> = allowed.map(str::to_owned).collect();
    if let Some(kind) = allowed.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        return Err(errors::stricter(&format!("`allowed_updates`: the lab knows no \"{kind}\"")));
    }
    state.webhook = Webhook {
        url: url.to_owned(),
        secret: secret.to_owned(),
        max_connections: connections,
        allowed,
        last_error: None,
    };
    Ok(errors::ok(true))
}

/// `deleteWebhook`.
pub(super) fn delete_webhook(state: &mut State) -> Reply {
    state.webhook = Webhook::default();
    errors::ok(true)
}

/// `getWebhookInfo`.
pub(super) fn webhook_info(state: &State) -> Reply {
    let Webhook { url, max_connections, allowed, last_error, .. } = &state.webhook;
    let is_set = !url.is_empty();
    errors::ok(without_nulls(json!({
        "url": url, "has_custom_certificate": false,
        "pending_update_count": state.queues.pending(),
        "max_connections": is_set.then_some(max_connections),
        "allowed_updates": Some(allowed).filter(|list| !list.is_empty()),
        "last_error_date": last_error.as_ref().map(|(seconds, _)| seconds),
        "last_error_message": last_error.as_ref().map(|(_, message)| message),
    })))
}

/// Where commands are kept.
fn scope(params: &Params) -> String {
    let scope = params.value("scope");
    let kind = scope["type"].as_str().unwrap_or("default");
    let language = params.text("language_code").unwrap_or_default();
    let chat = scope["chat_id"].as_i64().map_or(String::new(), |id| format!(" {id}"));
    format!("{kind}{chat}/{language}")
}

/// `setMyCommands`.
pub(super) fn set_commands(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let commands = params.list("commands");
    if commands.len() > MAX_COMMANDS {
        return Err(errors::mistake("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in commands {
        let text = |name: &str| command[name].as_str().unwrap_or_default();
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !(1..=32).contains(&text("command").len()) || !text("command").chars().all(is_name) {
            return Err(errors::mistake("BOT_COMMAND_INVALID"));
        }
        if !(1..=MAX_DESCRIPTION).contains(&text("description").chars().count()) {
            return Err(errors::mistake("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    if params.text("language_code").is_some_and(|code| !code.is_empty() && code.len() != 2) {
        return Err(errors::mistake("BOT_COMMANDS_LANG_CODE_INVALID"));
    }
    state.commands.insert(scope(params), params.value("commands").clone());
    Ok(errors::ok(true))
}

/// `getMyCommands`.
pub(super) fn commands(state: &State, params: &Params) -> Reply {
    let kept = state.commands.get(&scope(params)).cloned();
    errors::ok(kept.unwrap_or_else(|| json!([])))
}

/// `deleteMyCommands`.
pub(super) fn delete_commands(state: &mut State, params: &Params) -> Reply {
    state.commands.remove(&scope(params));
    errors::ok(true)
}
