//! The ports: the effects that the program has on the world, as traits.
//!
//! The Worker implements them over the platform, and native tests over values in memory.
//! Everything else is a plain function: chat platforms, Open-Meteo and the like are functions over
//! [`Http`], and models are functions over [`Ai`] or [`Http`].

mod conversation;
mod files;
mod sql;

use core::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use self::conversation::{Conversations, Store};
pub use self::files::Files;
pub use self::sql::{MAX_SQL_INTEGER, Rows, Sql, SqlValue, Statement, read_flag, read_rows};
use crate::event::Event;
use crate::fault::Fault;
use crate::http::{HttpError, Page, Request, Response, media_type};
use crate::ids::Millis;

/// Time.
pub trait Clock {
    /// Returns the current time. In Workers it only advances with I/O.
    fn now(&self) -> Millis;

    /// Returns after `duration`. It does not survive a restart: see [`Steps::sleep`] for that.
    async fn sleep(&self, duration: Duration);

    /// Returns the date and time now in an IANA time zone, or `None` if the runtime does not know the
    /// zone.
    ///
    /// It is in words, with the zone's offset, daylight saving included.
    ///
    /// # Example
    /// `Asia/Tokyo` → `Friday, 20 November 2026 at 23:45:00 GMT+9`
    fn local_time(&self, time_zone: &str) -> Option<String>;
}

/// Outbound HTTP.
pub trait Http {
    /// Sends a request and returns the response, whatever its status.
    ///
    /// # Errors
    /// See [`HttpError`]: after any of them the request may have taken effect.
    ///
    /// # Repeats
    /// Not deduplicated; the caller says why repeating is safe.
    async fn send(&self, request: &Request) -> Result<Response, HttpError>;

    /// Sends a request, and hands on each piece of a successful response's body as it arrives.
    ///
    /// Pieces are cut anywhere. This implementation hands on the whole body as one piece.
    ///
    /// # Errors
    /// As for [`Http::send`]; pieces may have come before.
    ///
    /// # Repeats
    /// As for [`Http::send`].
    async fn stream(
        &self,
        request: &Request,
        pieces: &dyn Fn(&[u8]),
    ) -> Result<Response, HttpError> {
        let response = self.send(request).await?;
        if response.is_success() {
            pieces(response.body.as_bytes());
        }
        Ok(response)
    }

    /// Requests a web page and returns its readable text; a redirect is returned and not followed.
    ///
    /// This implementation knows UTF-8 only and reads no HTML: the text is the body as it is.
    ///
    /// # Errors
    /// As for [`Http::send`].
    ///
    /// # Repeats
    /// As for [`Http::send`].
    async fn page(&self, request: &Request) -> Result<Page, HttpError> {
        let response = self.send(request).await?;
        let header = |name| response.header(name).unwrap_or_default();
        Ok(Page {
            status: response.status,
            location: response.header("location").map(ToOwned::to_owned),
            content_type: media_type(header("content-type")).0,
            text: response.body.clone(),
            ..Page::default()
        })
    }

    /// Requests a file and returns the status and the body's bytes; a redirect is not followed. This implementation knows UTF-8 only.
    ///
    /// # Errors
    /// As for [`Http::send`]; [`HttpError::TooLarge`] as soon as there are more than `limit_bytes`, whatever
    /// the response's headers said.
    ///
    /// # Repeats
    /// As for [`Http::send`].
    async fn download(
        &self,
        request: &Request,
        limit_bytes: usize,
    ) -> Result<(u16, Vec<u8>), HttpError> {
        let Response { status, body, .. } = self.send(request).await?;
        if body.len() > limit_bytes {
            return Err(HttpError::TooLarge);
        }
        Ok((status, body.into_bytes()))
    }

    /// Returns the text that bytes are in a character set, with U+FFFD for what is none. This implementation
    /// knows UTF-8 only.
    fn decode(&self, bytes: &[u8], _charset: &str) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }
}

/// A public key of RSA, as a set of JSON Web Keys has it: both numbers in Base64 for URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RsaKey {
    /// Modulus.
    pub n: String,
    /// Exponent.
    pub e: String,
}

/// Ed25519 with the application's public key.
pub trait Signatures {
    /// Returns whether `signature` is the application's over `message`.
    async fn is_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool;

    /// Returns whether a signature by RSA and SHA-256 (`RS256`) is this key's; a host that cannot tell says no.
    async fn is_signed_by_rsa(&self, _key: &RsaKey, _message: &[u8], _signature: &[u8]) -> bool {
        false
    }
}

/// Models behind one binding.
pub trait Ai {
    /// Runs a model: `run(model, inputs, options)`.
    ///
    /// A stream is read to its end and returned as one JSON string; each piece also goes to `pieces`
    /// when it arrives, cut anywhere.
    ///
    /// # Errors
    /// The internal code, 0 if the error has none; pieces may have come before.
    ///
    /// # Repeats
    /// Costs again; has no other effect.
    async fn run(
        &self,
        model: &str,
        inputs: &Value,
        options: &Value,
        pieces: &dyn Fn(&[u8]),
    ) -> Result<Value, u32>;

    /// Turns a document into Markdown, at most `limit` UTF-16 units of it: `toMarkdown(files)`. Returns that
    /// and whether it is cut; `None` if the service cannot read the document. This implementation reads none.
    ///
    /// # Errors
    /// The internal code, 0 if the error has none.
    ///
    /// # Repeats
    /// Has no other effect.
    async fn to_markdown(
        &self,
        _name: &str,
        _kind: &str,
        _bytes: &[u8],
        _limit: usize,
    ) -> Result<Option<(String, bool)>, u32> {
        Ok(None)
    }
}

/// Starting durable work, and seeing what became of it.
pub trait Workflows {
    /// Starts the Workflow instance `instance` with `params`, JSON text, unless it is already there.
    ///
    /// # Errors
    /// A [`Fault`] with an engine cause when it is not known to have started.
    ///
    /// # Repeats
    /// The second call changes nothing.
    async fn start(&self, instance: &str, params: &str) -> Result<(), Fault>;

    /// Returns what the engine says about an instance.
    ///
    /// # Errors
    /// A [`Fault`] with an engine cause when the engine does not say.
    ///
    /// # Repeats
    /// Reads only.
    async fn state(&self, instance: &str) -> Result<InstanceState, Fault>;

    /// Sends an instance an event that it waits for, or will: see [`Steps::wait`].
    ///
    /// # Errors
    /// A [`Fault`] with an engine cause when it is not known to have arrived.
    ///
    /// # Repeats
    /// The second event of a kind ends no other wait, since each waits for a kind of its own.
    async fn send_event(&self, instance: &str, kind: &str) -> Result<(), Fault>;
}

/// What the engine knows of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceState {
    /// There is none, or none any more.
    Missing,
    /// It is queued, runs, sleeps or waits: the engine will go on with it.
    Alive,
    /// It completed, failed or was terminated: the engine will not touch it again.
    Ended,
}

/// A queue, for jobs whose Workflow instance could not be started.
pub trait Queue {
    /// Puts a message, JSON text, on the queue; its consumer gets it at least once, in any order, perhaps late.
    ///
    /// # Errors
    /// A [`Fault`] with an engine cause when it is not known to have been taken.
    ///
    /// # Repeats
    /// The second message is a second delivery: the consumer is written for that.
    async fn enqueue(&self, message: &str) -> Result<(), Fault>;
}

/// Values by key that may be lost at any time, shared by all isolates.
pub trait Cache {
    /// Returns the value under `key`; `None` if there is none, or it cannot be read now.
    ///
    /// It may be of any length, and older than the last one that was written.
    ///
    /// # Repeats
    /// Reads only.
    async fn recall(&self, key: &str) -> Option<String>;

    /// Writes `value` for `seconds`, at least 60. A failure is not reported.
    ///
    /// # Repeats
    /// The last value stays.
    async fn remember(&self, key: &str, value: &str, seconds: u32);
}

/// Whose questions are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Those of one person.
    Asker,
    /// Those of one server.
    Server,
    /// New visitors of one address.
    Visitor,
}

/// Rate limits against bursts of questions.
///
/// They count roughly, and per location of the platform: they are no accounts.
pub trait RateLimits {
    /// Counts one question for `asker` and then for `server`, and returns the first limit that refuses it.
    ///
    /// Nothing is counted for `None`. A limit that is not set up, or does not answer, refuses nothing.
    ///
    /// # Repeats
    /// Counts again.
    async fn refusal(&self, asker: Option<&str>, server: Option<&str>) -> Option<Limit>;

    /// Counts one new visitor of an address, and returns whether it is one too many.
    ///
    /// # Repeats
    /// Counts again.
    async fn refuses_visitor(&self, address: &str) -> bool;
}

/// Work that goes on after the reply to an inbound request, for at most 30 seconds.
pub trait WaitUntil {
    /// Starts `work` now and keeps the isolate alive for it.
    fn wait_until(&self, work: impl Future<Output = ()> + 'static);
}

/// Random numbers that nobody can guess, for keys and ids.
pub trait Random {
    /// Returns so many random bytes.
    ///
    /// # Errors
    /// A [`Fault`] with an engine cause, when the platform has none; a key is never made of anything else.
    fn random<const N: usize>(&self) -> Result<[u8; N], Fault>;
}

/// Log lines.
pub trait Log {
    /// Writes one event as one JSON line.
    fn log(&self, event: &Event);
}

/// How often and how patiently a step is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Attempts after the first.
    pub retries: u32,
    /// Wait before the first of them; doubles with each.
    pub delay: Duration,
    /// Longest time of one attempt.
    pub timeout: Duration,
}

/// Durable steps: a step that has finished is never run again, and one that has not is run again.
pub trait Steps {
    /// Runs `work` until it succeeds, its fault says [`crate::fault::Retry::Never`], or the policy is used
    /// up.
    ///
    /// If the step has finished before a restart, its stored value is returned and `work` is not run.
    ///
    /// Names are `verb` or `verb:ordinal`, deterministic, and stable forever: renaming a step is a
    /// migration, and so is changing the shape of `T`.
    ///
    /// # Errors
    /// - [`Stop::Failed`] when the step failed for good; the job may go on and say so.
    /// - [`Stop::Aborted`] when the engine ends this generation of the job; pass it on at once.
    ///
    /// # Repeats
    /// `work` may run more than once, also after it took effect: each caller says why that is safe.
    async fn step<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        policy: Policy,
        work: impl AsyncFn() -> Result<T, Fault>,
    ) -> Result<T, Stop>;

    /// Sleeps durably: a restart goes on with the rest of the time.
    ///
    /// # Errors
    /// [`Stop::Aborted`], as for [`Steps::step`].
    async fn sleep(&self, name: &str, duration: Duration) -> Result<(), Stop>;

    /// Waits durably for an event of a kind, also one that came before, and no longer than `timeout`, of which a
    /// restart goes on with the rest. What became of it is to be read where the sender has written it: an event
    /// may be lost.
    ///
    /// A kind is letters, digits, `-` and `_`, and is waited for once.
    ///
    /// # Errors
    /// [`Stop::Aborted`], as for [`Steps::step`].
    async fn wait(&self, name: &str, kind: &str, timeout: Duration) -> Result<(), Stop>;
}

/// Why a durable flow does not get a step's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The step failed for good.
    Failed(Fault),
    /// The engine ends this generation of the job: return without any further effect.
    Aborted,
}

/// All ports together; functions that need less ask for less.
pub trait Host:
    Clock
    + Http
    + Signatures
    + Sql
    + Conversations
    + Files
    + Ai
    + Workflows
    + Queue
    + Cache
    + RateLimits
    + WaitUntil
    + Random
    + Log
{
}

impl<T> Host for T where
    T: Clock
        + Http
        + Signatures
        + Sql
        + Conversations
        + Files
        + Ai
        + Workflows
        + Queue
        + Cache
        + RateLimits
        + WaitUntil
        + Random
        + Log
{
}
