//! Durable steps over a Workflow's `step` object, as straight-line Rust that borrows.
//!
//! `step.do` wants a callback that outlives the call. So the callback only makes a promise and sends
//! its `resolve` and `reject` through a channel, and the future around `step.do` waits for whichever
//! comes first:
//!
//! 1. the step settles: its stored value, or its error, is the result;
//! 2. the engine asks for an attempt: the caller's closure starts, in place, with its borrows; an older
//!    attempt that still runs (its time was up) is dropped;
//! 3. the attempt ends: its promise is resolved or rejected, and the engine decides on another attempt.
//!
//! | what happens | what the engine sees |
//! | --- | --- |
//! | the closure succeeds | a plain value, made from its JSON |
//! | it fails with [`AttemptError::Retry`] | an `Error`, repeated by the policy |
//! | it fails with [`AttemptError::Final`] | an `Error` named `NonRetryableError` |
//!
//! Each step has its own channel and no state is shared, so steps may run side by side: two futures of
//! [`Steps::run`] in one `join` are two steps of the engine at a time.
//!
//! The engine reports a failed step as the error that its last attempt threw, after a restart with
//! nothing but its name and message: an attempt's message should say all that the caller has to know.
//!
//! A step rejects with one of three errors:
//!
//! | error | what it means | result |
//! | --- | --- | --- |
//! | its message has the mark of a failed attempt | the last attempt failed | [`StepError::Failed`] |
//! | the engine's `WorkflowTimeoutError` | the last attempt ran out of time | [`StepError::Timeout`] |
//! | any other | the engine cannot go on with this run | [`StepError::Aborted`] |
//!
//! The last kind has no list: "Aborting engine: …", "Durable Object reset because its code was updated."
//! at every deployment, "Network connection lost.", errors of its storage, and whatever comes next. It
//! says nothing about the step, and the engine goes by the object: it has to leave `run` unchanged.

use core::time::Duration;

use futures::channel::mpsc;
use futures::future::{Fuse, FutureExt as _, LocalBoxFuture};
use futures::{StreamExt as _, select_biased};
use js_sys::{Error, Function, JSON, Promise};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use super::js;

#[wasm_bindgen]
extern "C" {
    /// The `step` object that the engine passes to `run`.
    #[derive(Debug)]
    pub type StepObject;
    #[wasm_bindgen(method, catch, js_name = do)]
    fn run(
        this: &StepObject,
        name: &str,
        config: JsValue,
        callback: &Function,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn sleep(this: &StepObject, name: &str, duration_ms: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = waitForEvent)]
    fn wait_for_event(this: &StepObject, name: &str, options: JsValue) -> Result<JsValue, JsValue>;
}

/// How often and how patiently a step is tried. Waits double with each attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Attempts after the first.
    pub retries: u32,
    /// Wait before the second attempt.
    pub delay: Duration,
    /// Longest time of one attempt.
    pub timeout: Duration,
}

/// Why an attempt failed, with a message for [`StepError::Failed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptError {
    /// Another attempt may succeed.
    Retry(String),
    /// No other attempt will.
    Final(String),
}

/// Why a step has no value.
#[derive(Debug)]
pub enum StepError {
    /// The last attempt failed with this message, which the engine may have put words after.
    Failed(String),
    /// The last attempt ran out of time.
    Timeout,
    /// The value has no JSON form, or the stored one another shape.
    Value,
    /// The engine's own error: return at once without any further effect, and throw this value.
    Aborted(JsValue),
}

/// Stands in the message of every error that an attempt throws, before the attempt's own message. The
/// engine keeps messages across a restart, and neither classes nor properties.
const MARK: &str = "Attempt failed: ";

/// The steps of one run of an instance.
#[derive(Debug)]
pub struct Steps {
    step: StepObject,
}

/// An attempt that the engine asks for.
struct Attempt {
    number: u32,
    resolve: Function,
    reject: Function,
}

/// What an attempt came to: the value to store, or the error to throw.
type Outcome = Result<JsValue, JsValue>;

impl Steps {
    /// Wraps the engine's `step` object.
    pub const fn new(step: StepObject) -> Self {
        Self { step }
    }

    /// Runs `work` until it succeeds, fails for good, or the policy is used up; returns the stored value
    /// without running it if an earlier run of the instance finished this step. `work` gets the number of
    /// the attempt, from 1.
    ///
    /// A name is used once in a run and never renamed: it is the key under which the engine stores the
    /// value, and the shape of `T` is a stored format.
    ///
    /// # Errors
    /// See [`StepError`].
    ///
    /// # Repeats
    /// `work` may run more than once, also after it took effect.
    pub async fn run<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        policy: Policy,
        work: impl AsyncFn(u32) -> Result<T, AttemptError>,
    ) -> Result<T, StepError> {
        let write =
            |value: T| serde_json::to_string(&value).map_err(|_error| AttemptError::unstorable());
        let attempt = async |number| work(number).await.and_then(write);
        let value = self.run_json(name, policy, attempt).await?;
        serde_json::from_str(&value).map_err(|_error| StepError::Value)
    }

    /// As [`Self::run`], with values that are JSON text already, or are read by other means.
    ///
    /// # Errors
    /// See [`StepError`].
    ///
    /// # Repeats
    /// As [`Self::run`].
    pub async fn run_json(
        &self,
        name: &str,
        policy: Policy,
        work: impl AsyncFn(u32) -> Result<String, AttemptError>,
    ) -> Result<String, StepError> {
        let work = &work;
        let attempt =
            |number| -> LocalBoxFuture<'_, Result<String, AttemptError>> { Box::pin(work(number)) };
        let value = self.drive(name, policy, &attempt).await.map_err(StepError::from)?;
        js::to_json(&value).map_err(|_error| StepError::Value)
    }

    /// Sleeps durably: a restart goes on with the rest of the time.
    ///
    /// # Errors
    /// [`StepError::Aborted`]; others when the engine refuses the duration or the name.
    pub async fn sleep(&self, name: &str, duration: Duration) -> Result<(), StepError> {
        js::settle(self.step.sleep(name, milliseconds(duration))?).await?;
        Ok(())
    }

    /// Waits durably for an event of a kind, which may have come before, and returns whether it came in time.
    ///
    /// # Errors
    /// [`StepError::Aborted`]; others when the engine refuses the kind, the time or the name.
    ///
    /// # Source
    /// Cloudflare Docs/Workflows, Events and parameters, read 2026-11-29: a kind has up to 100 characters of
    /// `[a-zA-Z0-9_-]`, a time-out is a second to a year, and is thrown.
    pub async fn wait_for_event(
        &self,
        name: &str,
        kind: &str,
        timeout: Duration,
    ) -> Result<bool, StepError> {
        let options =
            js::to_js(&serde_json::json!({ "type": kind, "timeout": milliseconds(timeout) }))?;
        match js::settle(self.step.wait_for_event(name, options)?).await {
            Ok(_event) => Ok(true),
            Err(error) => match StepError::from(error) {
                StepError::Timeout => Ok(false),
                error @ (StepError::Failed(_) | StepError::Value | StepError::Aborted(_)) => {
                    Err(error)
                }
            },
        }
    }

    /// Not generic, so that this loop is compiled once and not for each type of value.
    async fn drive<'a>(
        &self,
        name: &str,
        policy: Policy,
        work: &dyn Fn(u32) -> LocalBoxFuture<'a, Result<String, AttemptError>>,
    ) -> Result<JsValue, JsValue> {
        let (ask, mut attempts) = mpsc::unbounded();
        let callback = Closure::<dyn FnMut(JsValue) -> Promise>::new(move |context: JsValue| {
            let number = attempt_number(&context);
            Promise::new(&mut |resolve, reject| {
                // Without a receiver the step has settled, and nobody waits for this attempt.
                drop(ask.unbounded_send(Attempt { number, resolve, reject }));
            })
        });
        let asked = self.step.run(name, config(policy)?, callback.as_ref().unchecked_ref())?;
        let mut settled = js::settle(asked).boxed_local().fuse();
        let mut running = Fuse::terminated();
        loop {
            // In this order: a settled step wins over an attempt, a new attempt over the running one.
            select_biased! {
                outcome = settled => return outcome,
                attempt = attempts.select_next_some() => {
                    let work = work(attempt.number);
                    running = async move { (attempt, outcome(work.await)) }.boxed_local().fuse();
                }
                (attempt, outcome) = running => attempt.end(outcome)?,
            }
        }
    }
}

impl Attempt {
    fn end(&self, outcome: Outcome) -> Result<(), JsValue> {
        match outcome {
            Ok(value) => self.resolve.call1(&JsValue::NULL, &value)?,
            Err(error) => self.reject.call1(&JsValue::NULL, &error)?,
        };
        Ok(())
    }
}

/// Returns what an attempt came to, as the engine takes it.
fn outcome(ended: Result<String, AttemptError>) -> Outcome {
    let unstorable = |_error| AttemptError::unstorable();
    ended.and_then(|json| JSON::parse(&json).map_err(unstorable)).map_err(JsValue::from)
}

impl AttemptError {
    /// Returns the failure of an attempt whose value cannot be stored.
    pub fn unstorable() -> Self {
        Self::Final("the step's value has no JSON form".to_owned())
    }
}

impl From<AttemptError> for JsValue {
    /// The engine stops retrying by the error's name or by how its message starts, and retries whatever
    /// is no `Error`.
    fn from(error: AttemptError) -> Self {
        match error {
            AttemptError::Retry(message) => Error::new(&format!("{MARK}{message}")).into(),
            AttemptError::Final(message) => {
                let error = Error::new(&format!("NonRetryableError: {MARK}{message}"));
                error.set_name("NonRetryableError");
                error.into()
            }
        }
    }
}

impl From<JsValue> for StepError {
    fn from(error: JsValue) -> Self {
        let message = js::message(&error);
        if let Some((_, message)) = message.split_once(MARK) {
            Self::Failed(message.to_owned())
        } else if is_timeout(&error, &message) {
            Self::Timeout
        } else {
            Self::Aborted(error)
        }
    }
}

/// Returns whether an error is the time-out of a step's attempt. After a restart, and through a call from
/// one object to another, the name is `Error` and may stand in the message instead.
///
/// # Source
/// cloudflare/workers-sdk, `packages/workflows-shared/src/context.ts`, read 2026-11-22: it throws
/// `WorkflowTimeoutError` with the message `Execution timed out after 5000ms`.
fn is_timeout(error: &JsValue, message: &str) -> bool {
    const NAME: &str = "WorkflowTimeoutError";
    let said =
        message.strip_prefix(NAME).map_or(message, |rest| rest.trim_start_matches([':', ' ']));
    said.starts_with("Execution timed out after ")
        || js::text(error, "name").is_some_and(|name| name == NAME)
}

impl From<StepError> for JsValue {
    /// Returns what `run` should throw.
    fn from(error: StepError) -> Self {
        match error {
            StepError::Aborted(error) => error,
            StepError::Failed(message) => Error::new(&message).into(),
            StepError::Timeout => Error::new("a step timed out").into(),
            StepError::Value => Error::new("a step's value is unreadable").into(),
        }
    }
}

/// # Shape
/// `{"step":{"name","count"},"attempt":n,…}`; older engines pass nothing.
fn attempt_number(context: &JsValue) -> u32 {
    let attempt = js::property(context, "attempt").as_f64().unwrap_or(1.0);
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small positive number, and `as` saturates"
    )]
    let attempt = attempt as u32;
    attempt
}

/// # Source
/// Cloudflare Docs/Workflows, Sleeping and retrying, read 2026-11-20.
fn config(policy: Policy) -> Result<JsValue, JsValue> {
    js::to_js(&serde_json::json!({
        "retries": {
            "limit": policy.retries,
            "delay": milliseconds(policy.delay),
            "backoff": "exponential",
        },
        "timeout": milliseconds(policy.timeout),
    }))
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests;
