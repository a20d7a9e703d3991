//! Emulates Telegram: the Bot API, and the updates that it sends to the Worker.
//!
//! | files | what |
//! | --- | --- |
//! | `world`, `route`, `errors`, `config` | fixed data, the methods, refusals, switches |
//! | `schema`, `params` | the parameters of a call, checked against the published description |
//! | `utf16`, `detect`, `entities`, `html` | texts and their formatting |
//! | `message`, `limits`, `queue`, `state`, `service` | what is kept |
//! | `files`, `target`, `markup`, `words`, `sending`, `changing`, `inline`, `setup` | the methods |
//! | `order`, `updates`, `delivery` | what people do, and how the Worker gets to know of it |

mod changing;
pub(crate) mod chaos;
mod config;
mod delivery;
mod detect;
mod entities;
mod errors;
mod files;
mod html;
mod inline;
mod limits;
mod markup;
mod message;
mod order;
mod params;
mod queue;
mod route;
mod schema;
mod sending;
mod service;
mod setup;
mod state;
mod target;
#[cfg(test)]
mod tests;
mod updates;
mod utf16;
mod words;
pub(crate) mod world;

use std::collections::BTreeMap;

use hyper::body::Bytes;
use serde_json::Value;

use crate::http::{Inbound, Payload, Reply};
use crate::record::Exchange;

pub(crate) use config::Config;
pub(crate) use order::Order;
pub(crate) use route::{Route, find, operations};
pub(crate) use service::Telegram;

use message::MediumKind;
use params::Params;
use queue::Update;
use route::{Action, Method};
use world::BOT_TOKEN;

impl Telegram {
    /// Answers a call.
    pub(crate) fn answer(&self, route: &Route, inbound: &Inbound) -> Reply {
        if route.token != BOT_TOKEN {
            return errors::unauthorized();
        }
        match &route.action {
            Action::Unknown(name) => errors::no_such_method(name),
            Action::Download(path) => files::download(&self.state(), path),
            Action::Call(method) => self.call(*method, inbound).unwrap_or_else(|refusal| refusal),
        }
    }

    /// Carries out the call in the answer to an update, and records it as a call of its own.
    fn carry_out(&self, name: &str, body: &Value) {
        let mut params = body.clone();
        params.as_object_mut().into_iter().for_each(|fields| drop(fields.remove("method")));
        let inbound = Inbound {
            method: "POST".to_owned(),
            path: format!("/telegram/bot{BOT_TOKEN}/{name}"),
            query: String::new(),
            headers: BTreeMap::new(),
            bytes: Bytes::new(),
            body: Payload::Json(params),
        };
        let segments: Vec<&str> = inbound.path.trim_matches('/').split('/').collect();
        let Some(route) = find(&inbound.method, &segments) else { return };
        let seq = self.record.open(route.operation(), &inbound);
        let mut reply = self.answer(&route, &inbound);
        reply.notes.push("in the answer to an update: nobody gets to know the result".to_owned());
        self.record.close(seq, &reply, true);
    }

    fn call(&self, method: Method, inbound: &Inbound) -> Result<Reply, Reply> {
        let params = &Params::read(self.schemas, method, inbound)?;
        let state = &mut *self.state();
        state.expire();
        // Of a message in somebody's name no bot knows the chat.
        let is_of_chat = params.value("inline_message_id").is_null();
        if method.is_paced() && is_of_chat && state.config.rate_limits {
            let chat = target::chat(state, params)?;
            limits::take(&mut state.paces, chat)?;
        }
        match method {
            Method::GetMe => Ok(setup::me(state)),
            Method::SetWebhook => setup::set_webhook(state, params),
            Method::DeleteWebhook => Ok(setup::delete_webhook(state)),
            Method::GetWebhookInfo => Ok(setup::webhook_info(state)),
            Method::SetMyCommands => setup::set_commands(state, params),
            Method::GetMyCommands => Ok(setup::commands(state, params)),
            Method::DeleteMyCommands => Ok(setup::delete_commands(state, params)),
            Method::SendMessage => sending::message(state, params),
            Method::SendMessageDraft => sending::draft(state, params),
            Method::SendChatAction => sending::action(state, params),
            Method::SendDocument => sending::medium(state, params, MediumKind::Document),
            Method::SendPhoto => sending::medium(state, params, MediumKind::Photo),
            Method::EditMessageText => changing::edit(state, params),
            Method::DeleteMessage => changing::delete(state, params),
            Method::SetMessageReaction => changing::react(state, params),
            Method::AnswerCallbackQuery => changing::answer_query(state, params),
            Method::AnswerInlineQuery => inline::answer(state, params),
            Method::GetFile => Ok(files::get(state, params)),
        }
    }

    /// Remembers that a reply asks the client to wait, and adds a violation if an earlier reply had done so.
    pub(crate) fn remember(
        &self,
        route: &Route,
        inbound: &Inbound,
        reply: &mut Reply,
        call: Exchange,
    ) {
        let Action::Call(method) = route.action else { return };
        if !method.is_paced() {
            return;
        }
        let Ok(params) = Params::read(self.schemas, method, inbound) else { return };
        let state = &mut *self.state();
        if let Ok(chat) = target::chat(state, &params) {
            limits::remember_wait(&mut state.paces, chat, reply, call);
        }
    }

    /// `POST /lab/telegram/updates`: a person does something, and the Worker gets to know of it.
    ///
    /// # Errors
    /// A sentence about the order, which was not carried out.
    pub(crate) async fn deliver(
        &self,
        order: Order,
        worker: Option<String>,
    ) -> Result<Value, String> {
        delivery::deliver(self, order, worker).await
    }

    /// `GET /lab/telegram/updates`: all updates, and what became of them.
    pub(crate) fn updates(&self) -> Value {
        self.state().queues.all().iter().map(Update::to_json).collect()
    }

    /// `GET /lab/telegram/chats/{name}`: what the readers of a chat see.
    ///
    /// # Errors
    /// A sentence, when there is no such chat.
    pub(crate) fn chat(&self, name: &str) -> Result<Value, String> {
        let chat = world::chat(name).ok_or_else(|| format!("no chat `{name}`"))?;
        Ok(self.state().seen(chat))
    }

    /// `DELETE /lab/telegram/chats/{name}/messages/{id}`: a person removes a message, of which no bot is told.
    ///
    /// # Errors
    /// A sentence, when there is no such message.
    pub(crate) fn remove(&self, name: &str, id: &str) -> Result<(), String> {
        let chat = world::chat(name).ok_or_else(|| format!("no chat `{name}`"))?;
        let mut state = self.state();
        let is_it =
            |message: &message::Message| message.chat == chat && message.id.to_string() == id;
        let at = state.messages.iter().position(is_it);
        state.messages.remove(at.ok_or_else(|| format!("no message `{id}`"))?);
        Ok(())
    }

    /// `GET /lab/telegram/queries`: pressed buttons, and how the bot has answered.
    pub(crate) fn queries(&self) -> Value {
        let state = self.state();
        let shown = |query: &state::Query| serde_json::json!({ "id": query.id, "as": query.person, "answer": query.answer });
        state.queries.iter().map(shown).collect()
    }
}
