//! Discord's HTTP API: what every call must satisfy, then the operation.

pub(crate) mod attachments;
pub(crate) mod body;
pub(crate) mod checks;
pub(crate) mod commands;
pub(crate) mod errors;
pub(crate) mod follow_ups;
pub(crate) mod limits;
pub(crate) mod messages;
pub(crate) mod openapi;
pub(crate) mod permissions;
pub(crate) mod pings;
pub(crate) mod stored;
pub(crate) mod username;
pub(crate) mod webhook_admin;
pub(crate) mod webhooks;

use serde_json::json;

use crate::http::{Inbound, Reply};
use crate::route::{BotAction, Hook, HookAction, Route};
use crate::state::{Lab, State};
use crate::world::{APPLICATION_ID, BOT_TOKEN};

/// What every call must satisfy before it is looked at; whether it carries the bot's token.
fn enter(inbound: &Inbound) -> Result<bool, Reply> {
    if !is_user_agent(inbound.header("user-agent").unwrap_or_default()) {
        let what = "User-Agent is not `DiscordBot (url, version)`";
        return Err(errors::user_agent().violation(what));
    }
    match inbound.header("authorization") {
        None => Ok(false),
        Some(value) if value == format!("Bot {BOT_TOKEN}") => Ok(true),
        Some(_) => Err(errors::unauthorized().violation("wrong Authorization")),
    }
}

/// A call whose reply is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exchange {
    /// Number of the call.
    pub(crate) seq: u64,
    /// Whether the client gets the reply.
    pub(crate) was_sent: bool,
}

/// Remembers what a reply tells the client, and blames it if it had been told before it called.
///
/// Calls that were on their way when the first was told are blameless, as is a client that was cut off.
pub(crate) fn remember(state: &mut State, route: &Route, reply: &mut Reply, exchange: Exchange) {
    let Route::Hook(hook, _) = route else { return };
    limits::remember_told(state, hook, reply, exchange);
    if !hook.is_interaction() {
        webhooks::remember_gone(state, hook, reply, exchange);
    }
}

/// Answers a call whose address is its permission: a webhook's or an interaction's.
pub(crate) fn answer_hook(lab: &Lab, hook: &Hook, action: &HookAction, inbound: &Inbound) -> Reply {
    if let Err(refusal) = enter(inbound) {
        return refusal;
    }
    let mut state = lab.state();
    let headers = match limits::take(&mut state, hook) {
        Ok(headers) => headers,
        Err(limited) => return limited,
    };
    let state = &mut *state;
    let result = match (action, hook.is_interaction()) {
        (HookAction::Execute, true) => follow_ups::create(lab, state, hook, inbound),
        (HookAction::Execute, false) => webhooks::execute(lab, state, hook, inbound),
        (HookAction::Show, _) => webhook_admin::show(state, hook),
        (HookAction::Touch(touch), true) => follow_ups::touch(lab, state, hook, touch, inbound),
        (HookAction::Touch(touch), false) => webhooks::touch(lab, state, hook, touch, inbound),
    };
    let mut reply = result.unwrap_or_else(|refusal| refusal);
    reply.headers.extend(headers);
    reply
}

/// Answers a call that needs the bot's token.
pub(crate) fn answer_bot(lab: &Lab, action: &BotAction, inbound: &Inbound) -> Reply {
    match enter(inbound) {
        Ok(true) => {}
        Ok(false) => return errors::unauthorized().violation("needs the bot's token"),
        Err(refusal) => return refusal,
    }
    let state = &mut *lab.state();
    let result = match action {
        BotAction::ListMessages(channel) => messages::list(state, channel, inbound),
        BotAction::ListWebhooks(channel) => webhook_admin::list(lab, state, channel),
        BotAction::CreateWebhook(channel) => webhook_admin::create(lab, state, channel, inbound),
        BotAction::ListCommands(scope) => commands::list(state, scope),
        BotAction::SetCommands(scope) => commands::set(lab, state, scope, inbound),
        BotAction::ShowUser => Ok(Reply::json(200, messages::bot_user())),
        BotAction::ShowApplication => Ok(Reply::json(200, application())),
    };
    result.unwrap_or_else(|refusal| refusal)
}

/// Refuses a call that is no operation of the lab's.
pub(crate) fn refuse_unknown(inbound: &Inbound) -> Reply {
    let what = format!("`{} {}` is not emulated", inbound.method, inbound.path);
    errors::not_found().violation(what)
}

fn application() -> serde_json::Value {
    json!({
        "id": APPLICATION_ID, "name": "Miyabi (lab)", "icon": null, "description": "",
        "bot_public": false, "bot_require_code_grant": false,
        "verify_key": crate::world::public_key(), "flags": 0, "bot": messages::bot_user(),
        "interactions_endpoint_url": null, "integration_types_config": { "0": {}, "1": {} },
    })
}

/// Whether a user agent has the form Discord asks of its API's users.
fn is_user_agent(text: &str) -> bool {
    let inner = text
        .strip_prefix("DiscordBot (")
        .and_then(|rest| rest.split_once(')'))
        .and_then(|(inner, _)| inner.split_once(", "));
    inner.is_some_and(|(url, version)| url.starts_with("http") && !version.trim().is_empty())
}

#[cfg(test)]
mod tests {
    #[test]
    fn knows_the_user_agent_of_a_bot() {
        for (text, is_one) in [
            ("DiscordBot (https://example.com, 0.1.0)", true),
            ("DiscordBot (https://example.com, 1) extra/2", true),
            ("DiscordBot", false),
            ("DiscordBot (https://example.com)", false),
            ("DiscordBot (, )", false),
            ("curl/8", false),
            ("", false),
        ] {
            assert_eq!(super::is_user_agent(text), is_one, "{text}");
        }
    }
}
