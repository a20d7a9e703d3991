//! One conversation: a thin class over [`miyabi_app::conversation`].
//!
//! A command is carried out without waiting for anything, so none sees another's half, and the runtime sends
//! the reply when what it wrote is durable. The constructor reads nothing. An alarm forgets what is old; it
//! is set again by the next command where it did not fire.
#![expect(missing_docs, reason = "the macro writes methods without any")]

use core::cell::Cell;
use core::pin::pin;
use core::time::Duration;
use std::rc::Rc;

use futures::future::select;

use worker::{
    DurableObject, Env, Error, Request, Response, Result, Socket, State, WebSocket,
    WebSocketIncomingMessage, durable_object,
};

use super::listen::{self, WAIT, Waiting};
use super::sockets;
use super::store::ObjectStore;
use crate::live;
use crate::platform::env::Cloudflare;
use crate::platform::{clock, panics};
use miyabi_app::conversation::{self, Command, Live, Reply, Wake};
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ids::Millis;
use miyabi_core::json;
use miyabi_core::ports::{Clock as _, Log as _};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// How long turns are kept where the settings do not say.
const DEFAULT_DAYS: u32 = 30;

/// The class.
#[durable_object]
#[derive(Debug)]
pub struct Conversation(Rc<Object>);

/// The object, shared with the readers of its turns.
#[derive(Debug)]
pub struct Object {
    pub(super) state: State,
    env: Env,
    /// Whether an alarm is known to be set.
    has_alarm: Cell<bool>,
    /// What is being said.
    live: Live,
    /// Who reads it.
    pub(super) waiting: Waiting,
}

impl DurableObject for Conversation {
    fn new(state: State, env: Env) -> Self {
        let (has_alarm, live, waiting) = (Cell::new(false), Live::default(), Waiting::default());
        Self(Rc::new(Object { state, env, has_alarm, live, waiting }))
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        panics::install();
        let path = request.path();
        if path == "/socket" {
            // Not `Request::url`, which brings a table of all letters with it.
            let url = request.inner().url();
            let listener = url.split_once('?').map_or("", |(_, listener)| listener);
            return sockets::accept(&self.0, listener);
        }
        let body = request.text().await?;
        match path.as_str() {
            "/stream" => self.0.stream(&body),
            _ => self.0.command(&body).await,
        }
    }

    async fn alarm(&self) -> Result<Response> {
        panics::install();
        let object = &self.0;
        object.has_alarm.set(false);
        let wake = conversation::forget(&object.store(), clock::now(), object.retention_ms());
        match wake {
            Ok(Wake::At(at)) => object.wake_at(at).await?,
            Ok(Wake::Never) => object.state.storage().delete_all().await?,
            // The runtime calls again what fails.
            Err(fault) => return Err(Error::RustError(fault.to_string())),
        }
        Response::empty()
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        message: WebSocketIncomingMessage,
    ) -> Result<()> {
        panics::install();
        sockets::hear(&self.0, socket, message).await
    }

    async fn websocket_close(&self, _: WebSocket, _: usize, _: String, _: bool) -> Result<()> {
        Ok(())
    }

    async fn websocket_error(&self, _: WebSocket, _: Error) -> Result<()> {
        Ok(())
    }

    async fn connect(&self, _: Socket) -> Result<()> {
        Ok(())
    }
}

impl Object {
    /// Carries out a command, and replies. One that waits is replied to when there is more, or the turn has
    /// ended, or after a while.
    async fn command(self: &Rc<Self>, body: &str) -> Result<Response> {
        let Some(command) = json::parse::<Command>(body) else {
            return self.fail(StoreError::Row { statement: "conversation::command" }.into());
        };
        let begins = matches!(command, Command::Wait { from: 0, .. });
        let is_unchanged = |reply: &Reply| is_unchanged(reply, begins);
        // That the model is asked is said once: two that said so at each look would wake each other for good.
        let look = conversation::look_of(&command);
        let mut reply = self.carry_out(command);
        if let Some(look) = look.filter(|_| reply.as_ref().is_ok_and(is_unchanged)) {
            let host = self.host();
            let quiet = pin!(host.sleep(WAIT));
            let changed = pin!(self.changed(&look, is_unchanged));
            let _which = select(changed, quiet).await;
            reply = self.carry_out(look.clone());
        }
        match reply {
            Ok(reply) => {
                self.set_alarm(&self.store()).await?;
                Response::ok(serde_json::to_string(&reply)?)
            }
            Err(fault) => self.fail(fault),
        }
    }

    /// Returns when the reply to a look is another one.
    async fn changed(self: &Rc<Self>, look: &Command, is_unchanged: impl Fn(&Reply) -> bool) {
        loop {
            self.waiting.changed().await;
            if !self.carry_out(look.clone()).as_ref().is_ok_and(&is_unchanged) {
                return;
            }
        }
    }

    /// Streams a turn.
    fn stream(self: &Rc<Self>, body: &str) -> Result<Response> {
        let listening =
            json::parse(body).ok_or_else(|| Error::RustError("unreadable order".to_owned()))?;
        Response::from_stream(listen::ui_messages(Rc::clone(self), listening))
    }

    /// Carries out a command, and wakes who reads.
    pub(super) fn carry_out(
        self: &Rc<Self>,
        command: Command,
    ) -> core::result::Result<Reply, Fault> {
        self.carry_out_for(command, None)
    }

    /// As [`Self::carry_out`], for the socket of this id, which is told what it has begun by whom asks for it.
    pub(super) fn carry_out_for(
        self: &Rc<Self>,
        command: Command,
        asker: Option<&str>,
    ) -> core::result::Result<Reply, Fault> {
        let changes = conversation::changes(&command);
        let carry_out =
            |command| conversation::carry_out(&self.store(), &self.live, clock::now(), command);
        let kind = live::Kind::of(&command, carry_out);
        let reply = carry_out(command);
        if changes {
            self.waiting.wake();
        }
        if let Ok(reply) = &reply {
            sockets::tell(self, &kind.change(reply), asker);
        }
        reply
    }

    /// Returns the ports.
    pub(super) fn host(&self) -> Cloudflare {
        Cloudflare::new(self.env.clone(), None)
    }

    pub(super) fn store(&self) -> ObjectStore {
        ObjectStore::new(&self.state.storage())
    }

    fn retention_ms(&self) -> u64 {
        let host = self.host();
        let days = host.config().settings.as_ref().map(|settings| settings.watch.retention_days);
        u64::from(days.unwrap_or(DEFAULT_DAYS)) * DAY_MS
    }

    /// Sets the alarm, if nobody has.
    pub(super) async fn set_alarm(&self, store: &ObjectStore) -> Result<()> {
        if self.has_alarm.get() {
            return Ok(());
        }
        if self.state.storage().get_alarm().await?.is_some() {
            self.has_alarm.set(true);
            return Ok(());
        }
        match conversation::wake(store, self.retention_ms()) {
            Ok(Wake::At(at)) => self.wake_at(at).await,
            Ok(Wake::Never) => Ok(()),
            Err(fault) => Err(Error::RustError(fault.to_string())),
        }
    }

    async fn wake_at(&self, Millis(at): Millis) -> Result<()> {
        let wait = Duration::from_millis(at.saturating_sub(clock::now().0).max(1));
        self.state.storage().set_alarm(wait).await?;
        self.has_alarm.set(true);
        Ok(())
    }

    /// Replies that nothing was done; the cause names no text.
    fn fail(&self, fault: Fault) -> Result<Response> {
        self.host().log(&Event::CommandFailed { fault });
        Response::error("the command failed", 500)
    }
}

/// Returns whether a turn runs, and nothing more was said in it; for who waits for its beginning, also whether
/// its model is not asked yet.
fn is_unchanged(reply: &Reply, begins: bool) -> bool {
    matches!(reply, Reply::Seen { turn, entries }
        if !turn.has_ended() && entries.is_empty() && !(begins && turn.is_asked))
}
