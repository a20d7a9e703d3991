//! Durable steps as Workflows has them: stored by name and retried by policy, each attempt with a timeout.

use core::pin::pin;
use core::time::Duration;
use std::rc::Rc;

use futures::future::{Either, select};
use miyabi_core::fault::{EngineError, Fault, Retry};
use miyabi_core::ports::{Policy, Steps, Stop};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::engine::Engine;
use crate::base::record::Invariant;
use crate::base::run::{Run, milliseconds};

/// Longest time for storing, in milliseconds.
const TIMEOUT_MS: u64 = 10_000;

/// The steps of one run of an instance.
#[derive(Debug)]
pub struct Journal {
    run: Run,
    engine: Rc<Engine>,
    instance: String,
}

impl Journal {
    /// Returns the steps of a run.
    pub fn new(run: &Run, engine: &Rc<Engine>, instance: &str) -> Self {
        Self { run: run.clone(), engine: Rc::clone(engine), instance: instance.to_owned() }
    }

    /// Tries until it works, cannot work, or was tried often enough; returns what is stored.
    async fn attempts<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        policy: Policy,
        work: impl AsyncFn() -> Result<T, Fault>,
    ) -> Result<Value, Fault> {
        let mut delay_ms = milliseconds(policy.delay);
        for left in (0..=policy.retries).rev() {
            let fault = match self.attempt(name, policy, &work).await {
                Ok(value) => return Ok(serde_json::to_value(value).unwrap_or_default()),
                Err(fault) => fault,
            };
            self.note("attempt failed", || format!("{name}: {fault}"));
            if fault.retry == Retry::Never || left == 0 {
                return Err(fault);
            }
            self.run.wait(delay_ms).await;
            delay_ms *= 2;
        }
        Err(timeout(name))
    }

    async fn attempt<T>(
        &self,
        name: &str,
        policy: Policy,
        work: impl AsyncFn() -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let executor = &self.run.shared.executor;
        let time = executor.sleep(milliseconds(policy.timeout));
        match select(pin!(self.run.attempt(name, work())), time).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(((), _)) => Err(Fault { retry: Retry::Backoff, ..timeout(name) }),
        }
    }

    async fn store(&self, name: &str, outcome: &Result<Value, String>) {
        let fate = self.run.shared.usual(15);
        let (engine, instance) = (Rc::clone(&self.engine), self.instance.clone());
        let (step, outcome) = (name.to_owned(), outcome.clone());
        let act = move || engine.store(&instance, &step, outcome);
        self.run.call(fate, TIMEOUT_MS, act).await;
    }

    /// Returns whether the engine ends this run here.
    fn aborts(&self) -> bool {
        let shared = &self.run.shared;
        let aborts =
            shared.strikes(shared.plan.engine.aborts) && self.engine.may_crash(&self.instance);
        if aborts {
            self.run.fault("engine aborts the run");
            self.run.actor.is_aborted.set(true);
        }
        aborts
    }

    fn note(&self, what: &str, detail: impl FnOnce() -> String) {
        self.run.note(what, detail);
    }
}

impl Steps for Journal {
    async fn step<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        policy: Policy,
        work: impl AsyncFn() -> Result<T, Fault>,
    ) -> Result<T, Stop> {
        let known = self.engine.cached(&self.instance, name);
        let outcome = if let Some(outcome) = known {
            self.note("step stored", || name.to_owned());
            outcome
        } else {
            if self.aborts() {
                return Err(Stop::Aborted);
            }
            self.note("step", || name.to_owned());
            let outcome = self.attempts(name, policy, work).await;
            let outcome = outcome.map_err(|fault| fault.to_record());
            self.store(name, &outcome).await;
            outcome
        };
        // As on the platform, only JSON and text come back.
        match outcome {
            Ok(value) => T::deserialize(&value).ok().ok_or_else(|| {
                let what = format!("step {name} does not read back {value}");
                self.run.shared.violate(Invariant::Sane, what);
                Stop::Failed(EngineError::Value { step: name.to_owned() }.into())
            }),
            Err(record) => {
                let fault = Fault::from_record(&record);
                Err(Stop::Failed(fault.unwrap_or_else(|| timeout(name))))
            }
        }
    }

    async fn sleep(&self, name: &str, duration: Duration) -> Result<(), Stop> {
        let now_ms = self.run.shared.executor.now();
        let known = self.engine.cached(&self.instance, name);
        let until_ms = known.and_then(|known| known.ok()?.as_u64());
        let until_ms = if let Some(until_ms) = until_ms {
            until_ms
        } else {
            let until_ms = now_ms + milliseconds(duration);
            self.store(name, &Ok(until_ms.into())).await;
            until_ms
        };
        self.note("sleep", || name.to_owned());
        self.run.wait(until_ms.saturating_sub(now_ms)).await;
        Ok(())
    }
}

fn timeout(step: &str) -> Fault {
    EngineError::Timeout { step: step.to_owned() }.into()
}
