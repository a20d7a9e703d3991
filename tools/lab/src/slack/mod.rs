//! Emulates Slack: the Web API, and the events, commands and interactions that it sends to the Worker.
//!
//! | files | what |
//! | --- | --- |
//! | `world`, `route`, `errors`, `config`, `chaos` | fixed data, the methods, refusals, switches, faults |
//! | `schema`, `params` | the arguments of a call, checked against the published reference |
//! | `blocks`, `message`, `events`, `deliveries`, `state`, `service` | what is kept |
//! | `target`, `content`, `posting`, `streaming`, `reading`, `panes`, `windows`, `files` | the methods |
//! | `order`, `typed`, `interactions`, `deeds` | what people do |
//! | `signature`, `answers`, `delivery` | how the Worker gets to know of it |

mod answers;
mod blocks;
pub(crate) mod chaos;
mod config;
mod content;
mod deeds;
mod deliveries;
mod delivery;
mod errors;
mod events;
mod files;
mod interactions;
mod message;
mod order;
mod panes;
mod params;
mod posting;
mod reading;
mod route;
mod schema;
mod service;
mod signature;
mod state;
mod streaming;
mod target;
#[cfg(test)]
mod tests;
mod typed;
mod windows;
pub(crate) mod world;

use serde_json::Value;

use crate::http::{Inbound, Reply};
use crate::record::Exchange;

pub(crate) use config::Config;
pub(crate) use order::Order;
pub(crate) use route::{Route, find, operations};
pub(crate) use service::Slack;

use deliveries::Delivery;
use params::Params;
use route::Method;
use state::State;

/// Messages at once that a channel tolerates, and the window: one in a second.
const CHANNEL_PACE: (usize, u64) = (3, 3_000);
const MINUTE_MS: u64 = 60_000;

impl Slack {
    /// Answers a call.
    pub(crate) fn answer(&self, route: &Route, inbound: &Inbound) -> Reply {
        let state = &mut *self.state();
        let reply = match route {
            Route::Unknown(name) => errors::refuse("unknown_method")
                .violation(format!("slack: no method `{name}` is emulated")),
            Route::Call(method) => self.call(state, *method, inbound),
            Route::Upload(key) => files::upload(state, key, inbound),
            Route::Download(path) => files::download(state, path, inbound),
            Route::Respond(key) => answers::respond(state, key, inbound),
        };
        delivery::echo(self, state);
        reply
    }

    /// Notes a refusal that the reference of its method does not name.
    fn known(&self, method: Method, mut refusal: Reply) -> Reply {
        let error = errors::error_of(&refusal).filter(|error| *error != "ratelimited");
        if let Some(error) = error.filter(|error| !self.schemas.has_error(method.name(), error)) {
            let note = format!("the reference of {} does not name `{error}`", method.name());
            refusal.notes.push(note);
        }
        refusal
    }

    /// Carries out a call of the app; every answer says what it may do.
    fn call(&self, state: &mut State, method: Method, inbound: &Inbound) -> Reply {
        if let Err(refusal) = params::authorize(inbound) {
            return self.known(method, refusal);
        }
        let granted = state.config.scopes().collect::<Vec<_>>().join(",");
        let needed = self.schemas.scopes(method.name());
        let is_granted = |it: &String| granted.split(',').any(|scope| scope == it);
        let reply = if needed.is_empty() || needed.iter().any(is_granted) {
            self.perform(state, method, inbound)
        } else {
            Err(errors::scope(needed, &granted))
        };
        let reply = reply.unwrap_or_else(|refusal| self.known(method, refusal));
        reply.header("x-oauth-scopes", &granted)
    }

    fn perform(
        &self,
        state: &mut State,
        method: Method,
        inbound: &Inbound,
    ) -> Result<Reply, Reply> {
        let params = &Params::read(self.schemas, method, inbound)?;
        if state.config.rate_limits {
            self.take(state, method, params)?;
        }
        match method {
            Method::AuthTest => Ok(reading::identity()),
            Method::PostMessage => posting::post(state, params),
            Method::PostEphemeral => posting::whisper(state, params),
            Method::Update => posting::update(state, params),
            Method::Delete => posting::delete(state, params),
            Method::StartStream => streaming::start(state, params),
            Method::AppendStream => streaming::append(state, params),
            Method::StopStream => streaming::stop(state, params),
            Method::SetStatus => panes::status(state, params),
            Method::SetPrompts => panes::prompts(state, params),
            Method::UserInfo => reading::user(params),
            Method::ChannelInfo => reading::channel(state, params),
            Method::Replies => reading::replies(state, params),
            Method::History => reading::history(state, params),
            Method::PublishView => panes::publish(state, params),
            Method::OpenView => windows::open(state, params),
            Method::DeleteFile => files::delete(state, params),
            Method::GetUpload => files::promise(state, &self.base, params),
            Method::CompleteUpload => files::complete(state, &self.base, params),
        }
    }

    /// Counts a call: messages by channel, others by method.
    fn take(&self, state: &mut State, method: Method, params: &Params) -> Result<(), Reply> {
        let minute = self.schemas.per_minute(method.name()).map(|limit| (limit, MINUTE_MS));
        let limit = if method == Method::PostMessage { Some(CHANNEL_PACE) } else { minute };
        let Some(limit) = limit else { return Ok(()) };
        let pace = state.paces.entry(paced(method, params)).or_default();
        pace.take(&[limit]).map_err(errors::wait)
    }

    /// Remembers that a reply asks the client to wait, and adds a violation if an earlier reply had done so.
    pub(crate) fn remember(
        &self,
        route: &Route,
        inbound: &Inbound,
        reply: &mut Reply,
        call: Exchange,
    ) {
        let Route::Call(method) = route else { return };
        let Ok(params) = Params::read(self.schemas, *method, inbound) else { return };
        if let Some(pace) = self.state().paces.get_mut(&paced(*method, &params)) {
            pace.remember_wait(reply, call, "slack: called again before `Retry-After` had passed");
        }
    }

    /// `POST /lab/slack/events`: a person does something, and the Worker gets to know of it.
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

    /// `GET /lab/slack/events`: all requests to the Worker, and what became of them.
    pub(crate) fn deliveries(&self) -> Value {
        self.state().deliveries.all().iter().map(Delivery::to_json).collect()
    }

    /// `GET /lab/slack/channels/{name}`: what people see in a channel.
    ///
    /// # Errors
    /// A sentence, when there is no such channel.
    pub(crate) fn channel(&self, name: &str) -> Result<Value, String> {
        let channel = world::channel(name).ok_or_else(|| format!("no channel `{name}`"))?;
        Ok(self.state().seen(channel))
    }

    /// `GET /lab/slack/homes/{name}`: what a person sees in the app's home; null if nothing was published.
    ///
    /// # Errors
    /// A sentence, when there is no such person.
    pub(crate) fn home(&self, name: &str) -> Result<Value, String> {
        let person = world::person(name).ok_or_else(|| format!("nobody named `{name}`"))?;
        Ok(self.state().homes.get(person.name).cloned().unwrap_or_default())
    }
}

/// What a call counts for.
fn paced(method: Method, params: &Params) -> (Method, String) {
    let channel = params.text("channel").filter(|_| method == Method::PostMessage);
    (method, channel.unwrap_or_default().to_owned())
}
