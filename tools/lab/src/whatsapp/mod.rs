//! Emulates WhatsApp: the Cloud API of a business, and the requests that it sends to the Worker.
//!
//! | files | what |
//! | --- | --- |
//! | `world`, `route`, `errors`, `config`, `chaos` | fixed data, the operations, refusals, switches, faults |
//! | `schema`, `params` | what a call says, checked against the published schema |
//! | `marks`, `message`, `deliveries`, `state`, `service` | what is kept, and what people see of it |
//! | `media`, `templates`, `sending`, `setup` | the operations |
//! | `order`, `deeds` | what people do |
//! | `statuses`, `delivery` | how the Worker gets to know of it, and of what becomes of its messages |

pub(crate) mod chaos;
mod config;
mod deeds;
mod deliveries;
mod delivery;
mod errors;
mod marks;
mod media;
mod message;
mod order;
mod params;
mod route;
mod schema;
mod sending;
mod service;
mod setup;
mod state;
mod statuses;
mod templates;
#[cfg(test)]
mod tests;
pub(crate) mod world;

use serde_json::Value;

use crate::http::{Inbound, Reply};

pub(crate) use config::Config;
pub(crate) use order::Order;
pub(crate) use route::{Route, find, operations};
pub(crate) use service::WhatsApp;

use deliveries::Delivery;
use route::Method;
use state::State;

impl WhatsApp {
    /// Answers a call.
    pub(crate) async fn answer(&self, route: &Route, inbound: &Inbound) -> Reply {
        let (method, id) = match route {
            Route::Unknown => return errors::mistake(2500, "the lab has no such operation"),
            Route::Download(key) => return media::download(&self.state(), key, inbound),
            Route::Call(method, id) => (*method, id.as_str()),
        };
        self.call(method, id, inbound).await.unwrap_or_else(|refusal| refusal)
    }

    async fn call(&self, method: Method, id: &str, inbound: &Inbound) -> Result<Reply, Reply> {
        // These two ask or tell the Worker before they answer.
        if method == Method::SetWebhook {
            return self.set_webhook(id, inbound).await;
        }
        if method == Method::Send {
            let (reply, sent) = sending::perform(self.schemas, &mut self.state(), id, inbound)?;
            if let Some(sent) = sent {
                delivery::tell(self, &sent).await;
            }
            return Ok(reply);
        }
        self.perform(&mut self.state(), (method, id), inbound)
    }

    fn perform(
        &self,
        state: &mut State,
        (method, id): (Method, &str),
        inbound: &Inbound,
    ) -> Result<Reply, Reply> {
        match method {
            Method::Upload => media::upload(state, id, inbound),
            Method::Medium => media::address(state, &self.base, id, inbound),
            Method::PhoneNumber => setup::phone_number(state, inbound),
            Method::Account => setup::account(state, inbound),
            Method::PhoneNumbers => setup::phone_numbers(state, id, inbound),
            Method::Templates => setup::templates(state, id, inbound),
            Method::SubscribedApps => setup::subscribed(state, id, inbound, None),
            Method::Subscribe => setup::subscribed(state, id, inbound, Some(true)),
            Method::Unsubscribe => setup::subscribed(state, id, inbound, Some(false)),
            Method::DebugToken => setup::debug_token(state, inbound),
            Method::Automate => setup::automate(state, id, inbound),
            Method::Webhooks => setup::webhooks(state, id, inbound),
            Method::Send | Method::SetWebhook => Err(errors::no_object(id)),
        }
    }

    /// `POST /{app}/subscriptions`: keeps the address if it proves that it is the operator's.
    async fn set_webhook(&self, id: &str, inbound: &Inbound) -> Result<Reply, Reply> {
        let webhook = setup::webhook(id, inbound)?;
        if let Err(why) = delivery::verify(self, &webhook).await {
            return Err(errors::refuse(2200, &why));
        }
        self.state().webhook = Some((webhook.url, webhook.fields));
        Ok(errors::success())
    }

    /// `POST /lab/whatsapp/messages`: people do something, and the Worker gets to know of it.
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

    /// `GET /lab/whatsapp/messages`: all requests to the Worker, and what became of them.
    pub(crate) fn deliveries(&self) -> Value {
        self.state().deliveries.all().iter().map(Delivery::to_json).collect()
    }

    /// `GET /lab/whatsapp/chats/{name}`: what people see in a chat.
    ///
    /// # Errors
    /// A sentence, when there is no such chat.
    pub(crate) fn chat(&self, name: &str) -> Result<Value, String> {
        let chat = world::chat(name).ok_or_else(|| format!("no chat `{name}`"))?;
        Ok(self.state().seen(chat))
    }

    /// `GET /lab/whatsapp/money`: what is charged.
    pub(crate) fn money(&self) -> Value {
        self.state().money()
    }
}
