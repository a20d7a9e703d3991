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

/// Longest times after which the engine fails in the middle of a step, in milliseconds: in a statement, in a
/// call of a platform, or in one of a model.
const MOST_WITHIN_MS: [u64; 3] = [40, 400, 20_000];
/// How long an event takes at most to end a wait, in milliseconds.
const EVENT_MS: u64 = 2_000;

/// What the engine's own errors say. None of them is one of the program's.
///
/// # Source
/// Cloudflare Docs/Durable Objects, Troubleshooting, read 2026-11-28.
const ERRORS: [&str; 3] = [
    "Durable Object reset because its code was updated.",
    "Network connection lost.",
    "Durable Object storage operation exceeded timeout which caused object to be reset.",
];

/// An error of the engine at a step.
#[derive(Debug, Clone, Copy)]
struct Failure {
    moment: Moment,
    error: &'static str,
}

/// When the engine fails at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// Before its work begins.
    Before,
    /// While its work is under way, which nobody hears of any more.
    Within {
        /// So long after its begin, if the work takes as long.
        after_ms: u64,
    },
    /// When its work has ended, and what it returned is not stored.
    Unstored,
    /// When what its work returned is stored, and the run does not hear so.
    Stored,
}

impl Moment {
    const fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Within { .. } => "within",
            Self::Unstored => "unstored",
            Self::Stored => "stored",
        }
    }
}

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

    /// Returns how the engine fails at a step, if it does.
    fn draw_failure(&self, step: &str) -> Option<Failure> {
        let (shared, plan) = (&self.run.shared, &self.run.shared.plan.engine);
        let strikes = shared.strikes(if kind(step) == plan.fails_at { 500 } else { plan.fails });
        if !strikes || !self.engine.may_crash(&self.instance) {
            return None;
        }
        let moment = match shared.rng.below(4) {
            0 => Moment::Before,
            1 => {
                let most_ms = shared.rng.pick(&MOST_WITHIN_MS)?;
                Moment::Within { after_ms: shared.rng.within(1..=most_ms) }
            }
            2 => Moment::Unstored,
            _ => Moment::Stored,
        };
        Some(Failure { moment, error: shared.rng.pick(&ERRORS)? })
    }

    /// Ends this run: the step failed by an error of the engine.
    fn fail(&self, step: &str, Failure { moment, error }: Failure) -> Stop {
        self.run.shared.struck(format!("{} {}", moment.name(), kind(step)));
        self.run.shared.struck(error.to_owned());
        self.run.abort(&format!("engine: {error} ({} {step})", moment.name()));
        Stop::Aborted
    }

    /// Tries a step that has not ended yet and stores what became of it, unless the engine fails.
    async fn run_step<T: Serialize + DeserializeOwned>(
        &self,
        (name, policy): (&str, Policy),
        work: impl AsyncFn() -> Result<T, Fault>,
        failure: Option<Failure>,
    ) -> Result<Result<Value, String>, Stop> {
        let within_ms = match failure {
            Some(Failure { moment: Moment::Within { after_ms }, .. }) => after_ms,
            _ => u64::MAX / 4,
        };
        let attempts = pin!(self.attempts(name, policy, work));
        let time = self.run.shared.executor.sleep(within_ms);
        let outcome = match (select(attempts, time).await, failure) {
            (Either::Right(_), Some(failure)) => return Err(self.fail(name, failure)),
            (Either::Right(_), None) => Err(timeout(name)),
            (Either::Left((outcome, _)), _) => outcome,
        };
        let outcome = outcome.map_err(|fault| fault.to_record());
        if let Some(failure) = failure.filter(|failure| failure.moment != Moment::Stored) {
            return Err(self.fail(name, Failure { moment: Moment::Unstored, ..failure }));
        }
        self.store(name, &outcome).await;
        failure.map_or(Ok(outcome), |failure| Err(self.fail(name, failure)))
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
            let failure = self.draw_failure(name);
            if let Some(failure) = failure.filter(|failure| failure.moment == Moment::Before) {
                return Err(self.fail(name, failure));
            }
            self.note("step", || name.to_owned());
            self.run_step((name, policy), work, failure).await?
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
        let failure = self.draw_failure(name);
        let known = self.engine.cached(&self.instance, name);
        let until_ms = known.and_then(|known| known.ok()?.as_u64());
        let until_ms = match (until_ms, failure) {
            (Some(until_ms), _) => until_ms,
            (None, Some(failure)) if failure.moment == Moment::Before => {
                return Err(self.fail(name, failure));
            }
            (None, _) => {
                let until_ms = now_ms + milliseconds(duration);
                self.store(name, &Ok(until_ms.into())).await;
                until_ms
            }
        };
        self.note("sleep", || name.to_owned());
        let left_ms = until_ms.saturating_sub(now_ms);
        let within_ms = match failure {
            Some(Failure { moment: Moment::Within { after_ms }, .. }) => left_ms.min(after_ms),
            _ => left_ms,
        };
        self.run.wait(within_ms).await;
        failure.map_or(Ok(()), |failure| Err(self.fail(name, failure)))
    }

    async fn wait(&self, name: &str, kind: &str, timeout: Duration) -> Result<(), Stop> {
        let failure = self.draw_failure(name);
        let known = self.engine.cached(&self.instance, name);
        let until_ms = if let Some(until_ms) = known.and_then(|known| known.ok()?.as_u64()) {
            until_ms
        } else {
            if let Some(failure) = failure.filter(|failure| failure.moment == Moment::Before) {
                return Err(self.fail(name, failure));
            }
            let until_ms = self.run.shared.executor.now() + milliseconds(timeout);
            self.store(name, &Ok(until_ms.into())).await;
            until_ms
        };
        self.note("wait", || format!("{name} for {kind}"));
        let within_ms = match failure {
            Some(Failure { moment: Moment::Within { after_ms }, .. }) => after_ms,
            _ => u64::MAX / 4,
        };
        let until_ms = until_ms.min(self.run.shared.executor.now().saturating_add(within_ms));
        loop {
            let left_ms = until_ms.saturating_sub(self.run.shared.executor.now());
            if left_ms == 0 || self.engine.has_event(&self.instance, kind) {
                break;
            }
            self.run.wait(left_ms.min(EVENT_MS)).await;
        }
        failure.map_or(Ok(()), |failure| Err(self.fail(name, failure)))
    }
}

/// Returns the kind of a step: its name without its number.
fn kind(step: &str) -> &str {
    step.split(':').next().unwrap_or_default()
}

fn timeout(step: &str) -> Fault {
    EngineError::Timeout { step: step.to_owned() }.into()
}
