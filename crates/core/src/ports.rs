//! The ports: the effects that the program has on the world, as traits.
//!
//! The Worker implements them over the platform, and native tests over values in memory.
//! Everything else is a plain function: chat platforms, Open-Meteo and the like are functions over
//! [`Http`], and models are functions over [`Ai`] or [`Http`].

use core::time::Duration;

use serde::Serialize;
use serde::de::{Deserialize as _, DeserializeOwned, Deserializer};
use serde_json::Value;

use crate::event::Event;
use crate::fault::{Fault, StoreError};
use crate::http::{HttpError, Request, Response};
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
}

/// Ed25519 with the application's public key.
pub trait Signatures {
    /// Returns whether `signature` is the application's over `message`.
    async fn is_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool;
}

/// A value that a statement takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqlValue {
    /// `NULL`
    Null,
    /// Integer, between -2^53 and 2^53, since it passes through a JavaScript number.
    Integer(i64),
    /// Text, also JSON text.
    Text(String),
}

/// The largest integer that a JavaScript number, and so a column of this program, holds exactly.
pub const MAX_SQL_INTEGER: i64 = (1 << 53) - 1;

impl From<&str> for SqlValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for SqlValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u32> for SqlValue {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<u64> for SqlValue {
    /// Larger numbers than [`MAX_SQL_INTEGER`] become that.
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).map_or(MAX_SQL_INTEGER, |it| it.min(MAX_SQL_INTEGER)))
    }
}

impl<T: Into<Self>> From<Option<T>> for SqlValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A static SQL statement with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Name for errors and logs: `table::verb`.
    pub name: &'static str,
    /// SQL with `?1`, `?2`, …
    pub sql: &'static str,
    /// Values for the parameters, in order.
    pub values: Vec<SqlValue>,
}

/// Rows as JSON objects, column name to value.
pub type Rows = Vec<serde_json::Map<String, Value>>;

/// Reads a statement's rows into structs whose fields are named as its columns.
///
/// # Errors
/// A store fault that is not worth a retry, when a column is missing or of another type.
pub fn read_rows<T: DeserializeOwned>(name: &'static str, rows: Rows) -> Result<Vec<T>, Fault> {
    let read = |row| serde_json::from_value(Value::Object(row));
    let rows: Result<_, _> = rows.into_iter().map(read).collect();
    rows.map_err(|_error| StoreError::Row { statement: name }.into())
}

/// Reads a column that holds 0 or 1, for serde's `deserialize_with`: `SQLite` has no booleans.
///
/// # Errors
/// When it is no integer.
pub fn read_flag<'de, D: Deserializer<'de>>(column: D) -> Result<bool, D::Error> {
    i64::deserialize(column).map(|number| number != 0)
}

/// The database, in the dialect of `SQLite`.
pub trait Sql {
    /// Runs one statement and returns its rows.
    ///
    /// # Errors
    /// A [`Fault`] with a store cause; worth a retry.
    ///
    /// # Repeats
    /// Each statement of this program is written so that running it twice is running it once, but for
    /// `ledger::begin`, whose second run says that there was a first.
    async fn query(&self, statement: Statement) -> Result<Rows, Fault>;

    /// Runs statements in one transaction, in order, and returns the rows of each.
    ///
    /// One round trip. By the program's convention the last statement is the one that the others are
    /// there for, such as the one that moves a job; faults carry its name.
    ///
    /// # Errors
    /// A [`Fault`] with a store cause, worth a retry: then none of them took effect, or, when the answer
    /// was lost, all of them.
    ///
    /// # Repeats
    /// As for [`Sql::query`]: each batch of this program is written so that running it twice is running
    /// it once.
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, Fault>;

    /// Runs one statement and returns its rows as structs whose fields are named as its columns.
    ///
    /// # Errors
    /// See [`Sql::query`] and [`read_rows`].
    ///
    /// # Repeats
    /// See [`Sql::query`].
    async fn rows<T: DeserializeOwned>(&self, statement: Statement) -> Result<Vec<T>, Fault> {
        let name = statement.name;
        read_rows(name, self.query(statement).await?)
    }

    /// Runs one statement and returns its first row, as [`Sql::rows`] does.
    ///
    /// # Errors
    /// See [`Sql::rows`].
    ///
    /// # Repeats
    /// See [`Sql::query`].
    async fn row<T: DeserializeOwned>(&self, statement: Statement) -> Result<Option<T>, Fault> {
        self.rows(statement).await.map(|rows| rows.into_iter().next())
    }

    /// Runs one statement and returns whether it finds or changes a row.
    ///
    /// # Errors
    /// See [`Sql::query`].
    ///
    /// # Repeats
    /// See [`Sql::query`].
    async fn hits(&self, statement: Statement) -> Result<bool, Fault> {
        self.query(statement).await.map(|rows| !rows.is_empty())
    }

    /// Runs one statement for its effect.
    ///
    /// # Errors
    /// See [`Sql::query`].
    ///
    /// # Repeats
    /// See [`Sql::query`].
    async fn run(&self, statement: Statement) -> Result<(), Fault> {
        self.query(statement).await.map(drop)
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
}

/// Work that runs beside the reply to an inbound request, for at most 30 seconds after it.
pub trait WaitUntil {
    /// Starts `work` now and keeps the isolate alive for it.
    fn wait_until(&self, work: impl Future<Output = ()> + 'static);
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
    Clock + Http + Signatures + Sql + Ai + Workflows + Queue + Cache + RateLimits + WaitUntil + Log
{
}

impl<T> Host for T where
    T: Clock
        + Http
        + Signatures
        + Sql
        + Ai
        + Workflows
        + Queue
        + Cache
        + RateLimits
        + WaitUntil
        + Log
{
}
