//! What all services of one seed share: the clock, chance, the plan of faults, the trace and the record.

use core::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};

use super::actor::Actor;
use super::executor::Executor;
use super::hooks::Hooks;
use super::outage::Service;
use super::plan::Plan;
use super::plant::Plant;
use super::record::{Invariant, Record};
use super::rng::Rng;
use super::trace::Trace;

/// When every seed begins, in milliseconds since 1970.
pub const START_MS: u64 = 1_780_000_000_000;

/// Longest time that a call takes on its way when nothing is wrong, in milliseconds.
pub const USUAL_MS: u64 = 1_500;

/// What the services of one seed share.
pub struct Shared {
    /// Tasks and clock.
    pub executor: Rc<Executor>,
    /// Chance.
    pub rng: Rng,
    /// What may go wrong.
    pub plan: Plan,
    /// The bug that is planted, if one is.
    pub plant: Option<Plant>,
    /// What happened, for a reader.
    pub trace: Trace,
    /// What happened, for the invariants.
    pub record: RefCell<Record>,
    /// From when on nothing goes wrong any more.
    pub fault_free_from_ms: Cell<u64>,
    /// The composition, which owns the services.
    hooks: OnceCell<Weak<dyn Hooks>>,
}

impl core::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Shared").field("executor", &self.executor).finish_non_exhaustive()
    }
}

/// How a call fares: when its effect happens and when the caller hears of it, in milliseconds from
/// now. Without the one there is no effect, without the other no answer.
#[derive(Debug, Clone, Copy)]
pub struct Fate {
    /// When the effect happens.
    pub arrives_ms: Option<u64>,
    /// When the answer is back.
    pub returns_ms: Option<u64>,
}

impl Shared {
    /// Returns what the services of a seed share that begins now.
    pub fn new(rng: Rng, plan: Plan, plant: Option<Plant>, trace: Trace) -> Self {
        Self {
            executor: Executor::new(START_MS),
            rng,
            plan,
            plant,
            trace,
            record: RefCell::default(),
            fault_free_from_ms: Cell::new(u64::MAX),
            hooks: OnceCell::new(),
        }
    }

    /// Names the composition; the first one counts.
    pub fn set_hooks(&self, hooks: Weak<dyn Hooks>) {
        self.hooks.get_or_init(|| hooks);
    }

    /// Returns the composition; `None` when the seed is over.
    pub fn hooks(&self) -> Option<Rc<dyn Hooks>> {
        self.hooks.get()?.upgrade()
    }

    /// Returns whether a fault that comes this often in a thousand times comes now. Towards the end
    /// none does any more: then everything has to end.
    pub fn strikes(&self, per_mille: u64) -> bool {
        self.executor.now() < self.fault_free_from_ms.get() && self.rng.chance(per_mille)
    }

    /// Returns the time since the seed's begin, in milliseconds.
    pub fn since_ms(&self) -> u64 {
        self.executor.now() - START_MS
    }

    /// Returns how far the clock of a new run is off, in milliseconds.
    pub fn skew_ms(&self) -> i64 {
        if self.plan.store.skew_s == 0 {
            return 0;
        }
        i64::try_from(self.rng.below(1_000)).unwrap_or(0) - 500
    }

    /// Notes something in the trace.
    pub fn note(&self, who: &str, what: &str, detail: impl FnOnce() -> String) {
        self.trace.note(self.executor.now(), who, what, detail);
    }

    /// Notes a fault.
    pub fn fault(&self, who: &str, what: &str) {
        self.record.borrow_mut().counts.faults += 1;
        self.note(who, "fault", || what.to_owned());
    }

    /// Counts a fault that has to come everywhere, with where it came.
    pub fn struck(&self, what: String) {
        *self.record.borrow_mut().struck.entry(what).or_default() += 1;
    }

    /// Notes a broken invariant.
    pub fn violate(&self, invariant: Invariant, what: String) {
        self.note("INVARIANT", "broken", || format!("{invariant:?}: {what}"));
        self.record.borrow_mut().violate(invariant, what);
    }

    /// Returns an ordinary fate: there and back.
    pub fn usual(&self, most_ms: u64) -> Fate {
        // Now and then something takes its time, and is still nothing but slow.
        let most_ms = if self.rng.chance(20) { USUAL_MS / 2 } else { most_ms };
        let arrives_ms = self.rng.within(1..=most_ms);
        let returns_ms = arrives_ms + self.rng.within(1..=most_ms);
        Fate { arrives_ms: Some(arrives_ms), returns_ms: Some(returns_ms) }
    }

    /// Returns whether a service is away at any time.
    pub fn has_outage(&self, service: Service) -> bool {
        self.plan.outages.iter().any(|outage| outage.service.includes(service))
    }

    /// Returns whether a service is away now.
    pub fn is_away(&self, service: Service) -> bool {
        self.plan.outage(service, self.since_ms()).is_some()
    }

    /// Lets a run of the program die: all its tasks, where they wait.
    pub fn crash(&self, actor: &Rc<Actor>, side: &str) {
        actor.is_hurt.set(true);
        actor.has_crashed.set(true);
        actor.died_ms.set(Some(self.executor.now()));
        self.record.borrow_mut().counts.crashes += 1;
        self.record.borrow_mut().unsure.extend(actor.ask);
        self.note(&actor.name, "crash", || format!("{side} {}", actor.step.borrow()));
        self.stop(actor);
        if let Some(hooks) = self.hooks() {
            hooks.crashed(actor);
        }
    }

    /// Ends all tasks of a run.
    pub fn stop(&self, actor: &Actor) {
        let tasks = actor.tasks.take();
        for task in tasks {
            self.executor.kill(task);
        }
    }

    /// Starts a task of a run.
    pub fn spawn(&self, actor: &Actor, work: impl Future<Output = ()> + 'static) {
        let task = self.executor.spawn(work);
        actor.tasks.borrow_mut().push(task);
    }
}
