//! [`Steps`] over a Workflow's `step` object: straight-line Rust that borrows what it likes.
//!
//! `step.do` wants a callback that outlives the call. So the callback does nothing but leave its
//! promise's `resolve` and `reject` where they are found, and the future around `step.do` waits for
//! whichever comes first:
//!
//! 1. the engine asks for an attempt: the caller's work starts, in place, with its borrows; an older
//!    attempt that still runs (its time was up) is dropped;
//! 2. the work ends: its promise is resolved or rejected, and the engine decides on another attempt;
//! 3. the step settles: its stored value, or its error, is the result.
//!
//! | what happens | what the engine sees |
//! | --- | --- |
//! | work succeeds | a plain value, made from its JSON |
//! | fault with [`Retry::Backoff`] | an `Error`, repeated by the policy |
//! | fault with [`Retry::Never`] | an `Error` named `NonRetryableError` |
//!
//! A failed step is reported by the engine as the error that the last attempt threw, also after a
//! restart, when only its name and message are left: [`Fault::to_record`] is in the message.
//! Errors by which the engine itself ends a run ("Aborting engine: …") must reach it again as the
//! same object: [`JsSteps::take_abort`] hands it to the entry point.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::rc::Rc;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use js_sys::{Error, Function, Promise};
use serde_json::Value;
use wasm_bindgen::prelude::*;

use super::js;
use super::tasks::Settling;
use miyabi_core::event::Event;
use miyabi_core::fault::{EngineError, Fault, Retry};
use miyabi_core::ids::JobId;
use miyabi_core::json::object;
use miyabi_core::ports::{Log, Policy, Steps, Stop, Stored};
use miyabi_core::text::contains;

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
}

/// The steps of one generation of one instance.
#[derive(Debug)]
pub struct JsSteps<L> {
    step: StepObject,
    log: L,
    job: JobId,
    abort: RefCell<Option<JsValue>>,
}

/// An attempt that the engine asks for.
struct Attempt {
    number: u32,
    resolve: Function,
    reject: Function,
}

/// What comes next in a step.
enum Next {
    Asked(Attempt),
    Ended(Attempt, Result<Value, Fault>),
    Settled(Result<JsValue, JsValue>),
}

/// One attempt at the caller's work, which becomes the value to store.
type Work<'a> = LocalBoxFuture<'a, Result<Value, Fault>>;

impl<L: Log> JsSteps<L> {
    /// Wraps the engine's `step` object; failed attempts are logged under `job`.
    pub const fn new(step: StepObject, log: L, job: JobId) -> Self {
        Self { step, log, job, abort: RefCell::new(None) }
    }

    /// Returns the error by which the engine ended this generation, after a [`Stop::Aborted`].
    pub fn take_abort(&self) -> Option<JsValue> {
        self.abort.take()
    }

    /// Not generic, so that it is in the program once and not once per step.
    async fn drive<'a>(
        &self,
        name: &str,
        policy: Policy,
        work: &dyn Fn() -> Work<'a>,
    ) -> Result<Value, JsValue> {
        let (callback, attempts) = callback();
        let asked = self.step.run(name, config(policy)?, callback.as_ref().unchecked_ref())?;
        let mut settled = Settling::new(&asked);
        let mut running = None;
        loop {
            match next(&attempts, &mut settled, &mut running).await {
                Next::Asked(attempt) => running = Some((attempt, work())),
                Next::Ended(attempt, outcome) => self.report(name, &attempt, outcome)?,
                Next::Settled(outcome) => return js::from_js(&outcome?),
            }
        }
    }

    /// Drives a step to its stored value. Boxed, so that each kind of step holds a pointer to it and not
    /// a copy of its states.
    fn settled<'a>(
        &'a self,
        name: &'a str,
        policy: Policy,
        work: &'a dyn Fn() -> Work<'a>,
    ) -> LocalBoxFuture<'a, Result<Value, Stop>> {
        Box::pin(async move {
            self.drive(name, policy, work).await.map_err(|error| self.decode(name, error))
        })
    }

    /// Settles an attempt's promise.
    fn report(
        &self,
        name: &str,
        attempt: &Attempt,
        outcome: Result<Value, Fault>,
    ) -> Result<(), JsValue> {
        match outcome {
            Ok(value) => attempt.resolve.call1(&JsValue::NULL, &js::to_js(&value)?)?,
            Err(fault) => {
                let error = to_error(&fault);
                self.log.log(&Event::StepFailed {
                    job: self.job.clone(),
                    step: name.to_owned(),
                    attempt: attempt.number,
                    fault,
                });
                attempt.reject.call1(&JsValue::NULL, &error)?
            }
        };
        Ok(())
    }

    /// Tells an error of the step from one by which the engine ends the run.
    fn decode(&self, name: &str, error: JsValue) -> Stop {
        let message = js::message(&error);
        if let Some(fault) = Fault::from_record(&message) {
            return Stop::Failed(fault);
        }
        if message.starts_with("Aborting engine") {
            self.abort.replace(Some(error));
            return Stop::Aborted;
        }
        let step = name.to_owned();
        let is_timeout = js::text(&error, "name").is_some_and(|name| contains(&name, "Timeout"))
            || contains(&message, "timed out");
        Stop::Failed(if is_timeout {
            EngineError::Timeout { step }.into()
        } else {
            EngineError::Value { step }.into()
        })
    }
}

impl<L: Log> Steps for JsSteps<L> {
    async fn step<T: Stored>(
        &self,
        name: &str,
        policy: Policy,
        work: impl AsyncFn() -> Result<T, Fault>,
    ) -> Result<T, Stop> {
        let attempt = || -> Work<'_> { Box::pin(async { Ok(work().await?.to_json()) }) };
        let value = self.settled(name, policy, &attempt).await?;
        T::from_json(&value).ok_or_else(|| unreadable(name))
    }

    async fn sleep(&self, name: &str, duration: Duration) -> Result<(), Stop> {
        let slept = match self.step.sleep(name, milliseconds(duration)) {
            Ok(promise) => js::settle(promise).await,
            Err(error) => Err(error),
        };
        slept.map(drop).map_err(|error| self.decode(name, error))
    }
}

fn unreadable(step: &str) -> Stop {
    Stop::Failed(EngineError::Value { step: step.to_owned() }.into())
}

/// Where the engine leaves the attempts that it asks for. A channel would keep each: only the latest
/// counts.
#[derive(Default)]
struct Asked {
    latest: Cell<Option<Attempt>>,
    waker: Cell<Option<Waker>>,
}

impl Asked {
    fn put(&self, attempt: Attempt) {
        self.latest.set(Some(attempt));
        self.waker.take().into_iter().for_each(Waker::wake);
    }

    fn poll(&self, context: &Context<'_>) -> Option<Attempt> {
        self.waker.set(Some(context.waker().clone()));
        self.latest.take()
    }
}

/// Returns the callback for `step.do`, and where the attempts that it is asked for arrive.
fn callback() -> (Closure<dyn FnMut(JsValue) -> Promise>, Rc<Asked>) {
    let asked = Rc::new(Asked::default());
    let attempts = Rc::clone(&asked);
    let callback = Closure::new(move |context: JsValue| {
        let number = attempt_number(&context);
        Promise::new(&mut |resolve, reject| asked.put(Attempt { number, resolve, reject }))
    });
    (callback, attempts)
}

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

/// A settled step wins over an attempt, and a new attempt over the one that runs.
async fn next(
    attempts: &Asked,
    settled: &mut Settling,
    running: &mut Option<(Attempt, Work<'_>)>,
) -> Next {
    poll_fn(|context: &mut Context<'_>| {
        if let Poll::Ready(outcome) = settled.poll_unpin(context) {
            return Poll::Ready(Next::Settled(outcome));
        }
        if let Some(attempt) = attempts.poll(context) {
            return Poll::Ready(Next::Asked(attempt));
        }
        let Some((attempt, mut work)) = running.take() else {
            return Poll::Pending;
        };
        match work.poll_unpin(context) {
            Poll::Ready(outcome) => Poll::Ready(Next::Ended(attempt, outcome)),
            Poll::Pending => {
                *running = Some((attempt, work));
                Poll::Pending
            }
        }
    })
    .await
}

/// # Source
/// Cloudflare Docs/Workflows, Sleeping and retrying, read 2026-11-20.
fn config(policy: Policy) -> Result<JsValue, JsValue> {
    let retries = object([
        ("limit", policy.retries.into()),
        ("delay", milliseconds(policy.delay).into()),
        ("backoff", "exponential".into()),
    ]);
    js::to_js(&object([("retries", retries), ("timeout", milliseconds(policy.timeout).into())]))
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// The engine stops retrying by name or by how the message starts; a thrown string is retried.
fn to_error(fault: &Fault) -> Error {
    let record = fault.to_record();
    match fault.retry {
        Retry::Backoff => Error::new(&record),
        Retry::Never => {
            let error = Error::new(&format!("NonRetryableError: {record}"));
            error.set_name("NonRetryableError");
            error
        }
    }
}

#[cfg(test)]
mod tests;
