//! One conversation: a thin class over [`miyabi_app::conversation`].
//!
//! A command is carried out without waiting for anything, so none sees another's half, and the runtime sends
//! the reply when what it wrote is durable. The constructor reads nothing. An alarm forgets what is old; it
//! is set again by the next command where it did not fire.
#![expect(missing_docs, reason = "the macro writes methods without any")]

use core::cell::Cell;
use core::time::Duration;

use worker::{
    DurableObject, Env, Error, Request, Response, Result, Socket, State, WebSocket,
    WebSocketIncomingMessage, durable_object,
};

use super::store::ObjectStore;
use crate::platform::env::Cloudflare;
use crate::platform::{clock, panics};
use miyabi_app::conversation::{self, Wake};
use miyabi_core::event::Event;
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;
use miyabi_core::ports::Log as _;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// How long turns are kept where the settings do not say.
const DEFAULT_DAYS: u32 = 30;

/// The code by which a socket is told that there are none here.
///
/// # Source
/// RFC 6455 7.4.1: 1008, a message that violates the policy.
const NO_SOCKETS: u16 = 1008;

/// The object.
#[durable_object]
#[derive(Debug)]
pub struct Conversation {
    state: State,
    env: Env,
    /// Whether an alarm is known to be set.
    has_alarm: Cell<bool>,
}

impl DurableObject for Conversation {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, has_alarm: Cell::new(false) }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        panics::install();
        let command = request.text().await?;
        let store = self.store();
        match conversation::handle(&store, clock::now(), &command) {
            Ok(reply) => {
                self.set_alarm(&store).await?;
                Response::ok(reply)
            }
            Err(fault) => self.fail(fault),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        panics::install();
        self.has_alarm.set(false);
        let wake = conversation::forget(&self.store(), clock::now(), self.retention_ms());
        match wake {
            Ok(Wake::At(at)) => self.wake_at(at).await?,
            Ok(Wake::Never) => self.state.storage().delete_all().await?,
            // The runtime calls again what fails.
            Err(fault) => return Err(Error::RustError(fault.to_string())),
        }
        Response::empty()
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        _: WebSocketIncomingMessage,
    ) -> Result<()> {
        socket.close(Some(NO_SOCKETS), Some("no sockets here"))
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

impl Conversation {
    fn store(&self) -> ObjectStore {
        ObjectStore::new(&self.state.storage())
    }

    fn retention_ms(&self) -> u64 {
        let host = Cloudflare::new(self.env.clone(), None);
        let days = host.config().settings.as_ref().map(|settings| settings.watch.retention_days);
        u64::from(days.unwrap_or(DEFAULT_DAYS)) * DAY_MS
    }

    /// Sets the alarm, if nobody has.
    async fn set_alarm(&self, store: &ObjectStore) -> Result<()> {
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
        Cloudflare::new(self.env.clone(), None).log(&Event::CommandFailed { fault });
        Response::error("the command failed", 500)
    }
}
