//! One run of the program: the calls that it makes, which take time, and the moments at which it may die.

use core::cell::RefCell;
use core::future::{pending, poll_fn};
use core::pin::pin;
use core::time::Duration;
use std::rc::Rc;

use super::actor::Actor;
use super::record::Invariant;
use super::shared::{Fate, Shared};

/// One run of the program. Clones are the same run.
#[derive(Debug, Clone)]
pub struct Run {
    /// What the seed's services share.
    pub shared: Rc<Shared>,
    /// Who runs.
    pub actor: Rc<Actor>,
}

impl Run {
    /// Returns a new run.
    pub fn new(shared: &Rc<Shared>, actor: Actor) -> Self {
        Self { shared: Rc::clone(shared), actor: Rc::new(actor) }
    }

    /// Notes a fault that comes in the way of this run.
    pub fn fault(&self, what: &str) {
        self.actor.is_hurt.set(true);
        self.shared.fault(&self.actor.name, what);
    }

    /// The engine ends this run at a step, with an error of its own: it may do nothing any more, and what it
    /// has under way nobody hears of.
    pub fn abort(&self, what: &str) {
        self.fault(what);
        self.actor.is_aborted.set(true);
        self.actor.died_ms.set(Some(self.shared.executor.now()));
        self.shared.record.borrow_mut().unsure.extend(self.actor.ask);
    }

    /// Notes something that this run does.
    pub fn note(&self, what: &str, detail: impl FnOnce() -> String) {
        self.shared.note(&self.actor.name, what, detail);
    }

    /// Starts a task of the run.
    pub fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        self.shared.spawn(&self.actor, work);
    }

    /// Makes a call: `act` is the effect, and happens even if the caller dies once it is sent.
    /// Returns nothing if the caller never hears of it; that takes `patience_ms`.
    pub async fn call<T: 'static>(
        &self,
        fate: Fate,
        patience_ms: u64,
        act: impl FnOnce() -> T + 'static,
    ) -> Option<T> {
        self.check_sanity();
        self.crash_point("before").await;
        self.shared.record.borrow_mut().counts.effects += 1;
        let executor = &self.shared.executor;
        let began_ms = executor.now();
        let slot = Rc::new(RefCell::new(None));
        if let Some(arrives_ms) = fate.arrives_ms {
            let slot = Rc::clone(&slot);
            executor.at(began_ms + arrives_ms, move || {
                let value = act();
                slot.replace(Some(value));
            });
        }
        self.crash_point("during").await;
        match fate.returns_ms {
            Some(returns_ms) if returns_ms <= patience_ms => executor.sleep(returns_ms).await,
            _ => {
                executor.sleep(patience_ms).await;
                return None;
            }
        }
        self.crash_point("after").await;
        slot.take()
    }

    /// Waits, and may die.
    pub async fn wait(&self, duration_ms: u64) {
        self.check_sanity();
        self.crash_point("before waiting in").await;
        self.shared.executor.sleep(duration_ms).await;
    }

    /// Dies here, if chance wants it, or if it has died at another of its awaits at this very moment: steps
    /// that run side by side are one task.
    pub async fn crash_point(&self, side: &str) {
        if self.actor.died_ms.get().is_some() {
            pending::<()>().await;
        }
        if self.may_crash() && self.shared.strikes(self.shared.plan.crash) {
            self.shared.crash(&self.actor, side);
            pending::<()>().await;
        }
    }

    /// A program that always dies proves nothing: some runs are spared.
    fn may_crash(&self) -> bool {
        self.shared.hooks().is_some_and(|hooks| hooks.may_crash(&self.actor))
    }

    /// Runs `work` as an attempt of a step that begins now. Each of several steps that run side by side has
    /// its own, so what is noted of an attempt is set anew whenever its work goes on.
    pub async fn attempt<T>(&self, step: &str, work: impl Future<Output = T>) -> T {
        let (actor, step) = (&self.actor, Rc::<str>::from(step));
        let began_ms = self.shared.executor.now();
        let mut work = pin!(work);
        poll_fn(|context| {
            actor.attempt_began_ms.set(began_ms);
            actor.step.replace(Rc::clone(&step));
            work.as_mut().poll(context)
        })
        .await
    }

    fn check_sanity(&self) {
        if self.actor.is_aborted.get() {
            let what = format!("{} goes on after the engine ended it", self.actor.name);
            self.shared.violate(Invariant::Sane, what);
        }
    }
}

/// Returns a duration in whole milliseconds, at least one: time passes with every wait.
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX / 4).max(1)
}
