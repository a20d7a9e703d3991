//! Emulates Discord: its HTTP API, and the interactions that it sends to the Worker.
//!
//! Imported in this order: fixed data (`world`, `route`) and checks of a body; what the state holds
//! (`config`, `draft`, `message`, `interaction`, `limits`), which knows nothing of it; `state`; `service`;
//! the operations, one file for each subject; and this file, which calls them.

mod attachments;
mod blocked;
mod body;
pub(crate) mod cdn;
pub(crate) mod chaos;
mod checks;
mod commands;
mod components;
mod config;
mod draft;
mod errors;
mod follow_ups;
mod interaction;
mod interactions;
mod limits;
mod message;
mod messages;
mod openapi;
mod permissions;
mod pings;
mod rewrites;
mod route;
mod server;
mod service;
mod state;
mod stored;
mod username;
mod webhook_admin;
mod webhooks;
pub(crate) mod world;

use serde_json::{Value, json};

use crate::faults::Fault;
use crate::http::{Inbound, Reply};
use crate::record::Exchange;

pub(crate) use config::Config;
pub(crate) use interactions::Delivery;
pub(crate) use route::{OPERATIONS, Route, find};
pub(crate) use service::Discord;

use interaction::Interaction;
use message::Message;
use route::{BotAction, Hook, HookAction};
use world::{APPLICATION_ID, BOT_TOKEN, Channel};

impl Discord {
    /// Removes a block whose time has passed.
    pub(crate) fn expire_block(&self) {
        self.state().expire_block();
    }

    /// The rejection of a call that the configured block covers.
    pub(crate) fn block<C: Default>(&self, route: &Route) -> Option<Fault<C>> {
        blocked::find(self.state().config.blocked.as_ref(), route)
    }

    /// Answers a call.
    pub(crate) fn answer(&self, route: &Route, inbound: &Inbound) -> Reply {
        match route {
            Route::Hook(hook, action) => self.answer_hook(hook, action, inbound),
            Route::Bot(action) => self.answer_bot(action, inbound),
        }
    }

    /// Remembers that a reply asks the client to wait or to stop, and adds a violation if an earlier
    /// reply had done so.
    ///
    /// A call that arrived before the earlier reply was sent has no violation, nor has any call if
    /// the connection of the earlier one was cut.
    pub(crate) fn remember(&self, route: &Route, reply: &mut Reply, exchange: Exchange) {
        let Route::Hook(hook, _) = route else { return };
        let mut state = self.state();
        limits::remember_wait(&mut state.buckets, hook, reply, exchange);
        if !hook.is_interaction() {
            webhooks::remember_gone(&mut state, hook, reply, exchange);
        }
    }

    /// Answers a call to a webhook or an interaction.
    fn answer_hook(&self, hook: &Hook, action: &HookAction, inbound: &Inbound) -> Reply {
        if let Err(refusal) = authenticate(inbound) {
            return refusal;
        }
        let mut state = self.state();
        let state = &mut *state;
        let headers = if state.config.rate_limits {
            match limits::take(&mut state.buckets, hook) {
                Ok(headers) => headers,
                Err(limited) => return limited,
            }
        } else {
            limits::Headers::new()
        };
        let result = match (action, hook.is_interaction()) {
            (HookAction::Execute, true) => follow_ups::create(self, state, hook, inbound),
            (HookAction::Execute, false) => webhooks::execute(self, state, hook, inbound),
            (HookAction::Show, _) => webhook_admin::show(state, hook),
            (HookAction::Message(action), true) => {
                follow_ups::act_on_message(self, state, hook, action, inbound)
            }
            (HookAction::Message(action), false) => {
                webhooks::act_on_message(self, state, hook, action, inbound)
            }
        };
        let mut reply = result.unwrap_or_else(|refusal| refusal);
        reply.headers.extend(headers);
        reply
    }

    /// Answers a call that needs the bot's token.
    fn answer_bot(&self, action: &BotAction, inbound: &Inbound) -> Reply {
        match authenticate(inbound) {
            Ok(true) => {}
            Ok(false) => return errors::unauthorized().violation("needs the bot's token"),
            Err(refusal) => return refusal,
        }
        let state = &mut *self.state();
        let result = match action {
            BotAction::ListMessages(channel) => messages::list(state, channel, inbound),
            BotAction::ListWebhooks(channel) => webhook_admin::list(self, state, channel),
            BotAction::CreateWebhook(channel) => {
                webhook_admin::create(self, state, channel, inbound)
            }
            BotAction::ListCommands(scope) => commands::list(state, scope),
            BotAction::SetCommands(scope) => commands::set(self, state, scope, inbound),
            BotAction::ShowUser => Ok(Reply::json(200, message::bot_user())),
            BotAction::ShowApplication => Ok(Reply::json(200, application())),
            BotAction::ShowChannel(channel) => server::channel(state, channel),
            BotAction::ShowGuild(guild) => server::guild(guild),
            BotAction::ShowMember(member) => server::member(state, member),
            BotAction::ShowThreadMember(member) => server::thread_member(state, member),
        };
        result.unwrap_or_else(|refusal| refusal)
    }

    /// `POST /lab/interactions`: delivers an interaction; `worker` is the URL if the order has none.
    ///
    /// # Errors
    /// A sentence about the order, which was not carried out.
    pub(crate) async fn deliver(
        &self,
        order: Delivery,
        worker: Option<String>,
    ) -> Result<Value, String> {
        interactions::deliver(self, order, worker).await
    }

    /// `GET /lab/interactions`: all delivered interactions.
    pub(crate) fn interactions(&self) -> Value {
        let state = self.state();
        state.interactions.iter().map(Interaction::to_record).collect()
    }

    /// `POST /lab/interactions/{id}`: lets the token expire, or removes a message as its reader can.
    ///
    /// # Errors
    /// A sentence about the request.
    pub(crate) fn change_interaction(
        &self,
        id: &str,
        change: &interactions::Change,
    ) -> Result<Value, String> {
        interactions::change(&mut self.state(), id, change)
    }

    /// `GET /lab/channels/{name}`: what the readers of a channel see.
    pub(crate) fn messages(&self, channel: Channel) -> Value {
        let state = self.state();
        let seen = state.messages.iter().filter(|message| message.channel_id == channel.id);
        seen.map(Message::to_reader).collect()
    }

    /// `POST /lab/channels/{name}/messages`: a person says something.
    ///
    /// # Errors
    /// A sentence about the request.
    pub(crate) fn say(&self, channel: Channel, order: messages::Said) -> Result<Value, String> {
        messages::say(&mut self.state(), channel, order)
    }

    /// `GET /lab/channels/{name}/webhooks`: all webhooks of a channel, secrets included.
    pub(crate) fn webhooks(&self, channel: Channel) -> Value {
        webhook_admin::inspect(self, &self.state(), channel)
    }

    /// `POST /lab/channels/{name}/webhooks`: makes webhooks, as many as fit.
    ///
    /// # Errors
    /// A sentence about the request.
    pub(crate) fn add_webhooks(
        &self,
        channel: Channel,
        order: &webhook_admin::Order,
    ) -> Result<Value, String> {
        webhook_admin::add(self, &mut self.state(), channel, order)
    }

    /// `DELETE /lab/webhooks/{id}`: removes a webhook; every later call to it answers 10015.
    ///
    /// # Errors
    /// A sentence, when there is none.
    pub(crate) fn remove_webhook(&self, id: &str) -> Result<(), String> {
        webhook_admin::remove(&mut self.state(), id)
    }
}

/// Checks what every call must have; returns whether it carries the bot's token.
fn authenticate(inbound: &Inbound) -> Result<bool, Reply> {
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

/// Refuses a call that no service of the lab has.
pub(crate) fn refuse_unknown(inbound: &Inbound) -> Reply {
    let what = format!("`{} {}` is not emulated", inbound.method, inbound.path);
    errors::not_found().violation(what)
}

fn application() -> Value {
    json!({
        "id": APPLICATION_ID, "name": "Miyabi (lab)", "icon": null, "description": "",
        "bot_public": false, "bot_require_code_grant": false,
        "verify_key": world::public_key(), "flags": 0, "bot": message::bot_user(),
        "interactions_endpoint_url": null, "integration_types_config": { "0": {}, "1": {} },
    })
}

/// Whether a user agent has the form that Discord requires.
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
