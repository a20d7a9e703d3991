//! The Workflow engine: instances are started once by name, run again after a crash with the results of
//! their finished steps, and now and then lost.

use core::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use miyabi_core::ports::InstanceState;
use serde_json::Value;

use crate::base::outage::{Outage, Service, Symptom};
use crate::base::plant::Plant;
use crate::base::run::Run;
use crate::base::shared::{Fate, Shared};

/// Longest wait for the engine, in milliseconds: longer than work in `wait_until` may take.
const TIMEOUT_MS: u64 = 60_000;
/// An instance that died so often is spared.
const MAX_CRASHES: u32 = 4;
/// Nothing that is under way when a run dies takes longer to arrive: see `USUAL_MS`.
const RESTART_MS: core::ops::RangeInclusive<u64> = 2_000..=20_000;

/// The engine of one seed.
#[derive(Debug)]
pub struct Engine {
    shared: Rc<Shared>,
    state: RefCell<Instances>,
}

/// The instances by name.
#[derive(Debug, Default)]
struct Instances {
    /// Runs that are to begin.
    waiting: usize,
    /// Names of all that it said to have started.
    promised: BTreeSet<String>,
    by_name: BTreeMap<String, Instance>,
}

/// A Workflow instance.
#[derive(Debug)]
struct Instance {
    params: Value,
    state: State,
    /// Kinds of the events that it was sent.
    events: BTreeSet<String>,
    /// What finished steps stored: a value, or the text of the error.
    cache: BTreeMap<String, Result<Value, String>>,
    crashes: u32,
    runs: u32,
    /// Whether the engine ended it before the program did.
    is_lost: bool,
}

/// What the engine says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It runs, or will.
    Running,
    /// It says that it runs, and never goes on.
    Zombie,
    /// It is over: complete, errored or terminated.
    Ended,
}

impl Engine {
    /// Returns the engine of a seed, without instances.
    pub fn new(shared: &Rc<Shared>) -> Self {
        Self { shared: Rc::clone(shared), state: RefCell::default() }
    }

    /// Returns whether a run of this instance may still die.
    pub fn may_crash(&self, instance: &str) -> bool {
        let state = self.state.borrow();
        state.by_name.get(instance).is_some_and(|instance| instance.crashes < MAX_CRASHES)
    }

    /// Returns what a step stored.
    pub fn cached(&self, instance: &str, step: &str) -> Option<Result<Value, String>> {
        self.state.borrow().by_name.get(instance)?.cache.get(step).cloned()
    }

    /// Stores what a step returned.
    pub fn store(&self, instance: &str, step: &str, outcome: Result<Value, String>) {
        self.change(instance, |instance| {
            instance.cache.insert(step.to_owned(), outcome);
        });
    }

    /// Returns whether an instance was sent an event.
    pub fn has_event(&self, instance: &str, kind: &str) -> bool {
        let state = self.state.borrow();
        state.by_name.get(instance).is_some_and(|instance| instance.events.contains(kind))
    }

    /// Sends an instance an event; `None` if the engine does not say that it has it.
    pub async fn send_event(self: &Rc<Self>, run: &Run, instance: &str, kind: &str) -> Option<()> {
        let (fate, is_lost) = self.fate(run, "event", self.shared.plan.engine.state_fails);
        let (engine, name, event) = (Rc::clone(self), instance.to_owned(), kind.to_owned());
        let act = move || {
            engine.change(&name, |instance| {
                instance.events.insert(event);
            });
        };
        run.note("event", || format!("{instance} {kind}"));
        let sent = run.call(fate, TIMEOUT_MS, act).await;
        if is_lost { None } else { sent }
    }

    /// Returns whether the engine has lost an instance that it had promised to run.
    pub fn has_lost(&self, instance: &str) -> bool {
        let state = self.state.borrow();
        let found = state.by_name.get(instance);
        let is_lost =
            found.is_none_or(|instance| instance.state == State::Zombie || instance.is_lost);
        is_lost && state.promised.contains(instance)
    }

    /// Returns whether an instance will still do something.
    pub fn is_busy(&self) -> bool {
        self.state.borrow().waiting > 0
    }

    fn change(&self, instance: &str, change: impl FnOnce(&mut Instance)) {
        if let Some(instance) = self.state.borrow_mut().by_name.get_mut(instance) {
            change(instance);
        }
    }

    fn state_of(&self, instance: &str) -> Option<State> {
        self.state.borrow().by_name.get(instance).map(|instance| instance.state)
    }

    /// Starts an instance, unless there is one of this name; `None` if the engine does not say so.
    pub async fn start(self: &Rc<Self>, run: &Run, instance: &str, params: &str) -> Option<()> {
        let (fate, is_lost) = self.fate(run, "start", self.shared.plan.engine.start_fails);
        let (engine, name) = (Rc::clone(self), instance.to_owned());
        let params: Value = serde_json::from_str(params).ok()?;
        let who = run.actor.name.clone();
        let started = run.call(fate, TIMEOUT_MS, move || engine.create(&who, &name, params)).await;
        if is_lost { None } else { started }
    }

    /// Returns what the engine says about an instance; `None` if it does not.
    pub async fn state(self: &Rc<Self>, run: &Run, instance: &str) -> Option<InstanceState> {
        let (fate, is_lost) = self.fate(run, "state", self.shared.plan.engine.state_fails);
        let (engine, name) = (Rc::clone(self), instance.to_owned());
        let act = move || match engine.state_of(&name) {
            None => InstanceState::Missing,
            Some(State::Running | State::Zombie) => InstanceState::Alive,
            Some(State::Ended) => InstanceState::Ended,
        };
        let state = run.call(fate, TIMEOUT_MS, act).await;
        run.note("state", || format!("{instance} → {state:?}"));
        if is_lost { None } else { state }
    }

    /// Returns how a call to the engine fares, and whether its answer is lost.
    fn fate(&self, run: &Run, what: &str, fails: u64) -> (Fate, bool) {
        let shared = &self.shared;
        let usual = shared.usual(150);
        let fault = |how: &str| run.fault(&format!("engine {how} {what}"));
        match shared.plan.outage(Service::Engine, shared.since_ms()) {
            Some(Outage { symptom: Symptom::Silence, .. }) => {
                fault("silent at");
                return (Fate { arrives_ms: None, returns_ms: None }, true);
            }
            Some(_) => {
                fault("away at");
                return (Fate { arrives_ms: None, ..usual }, true);
            }
            None => {}
        }
        if shared.strikes(fails) {
            if shared.rng.chance(500) {
                fault("failed before");
                (Fate { arrives_ms: None, ..usual }, true)
            } else {
                fault("failed after");
                (usual, true)
            }
        } else if what == "start" && shared.strikes(shared.plan.engine.start_hangs) {
            fault("hangs at");
            let returns_ms = shared.rng.within(2_500..=50_000);
            // What hangs may have happened at once, at the end, or not at all.
            let arrives_ms = match shared.rng.below(3) {
                0 => usual.arrives_ms,
                1 => Some(returns_ms - 1),
                _ => return (Fate { arrives_ms: None, returns_ms: Some(returns_ms) }, true),
            };
            (Fate { arrives_ms, returns_ms: Some(returns_ms) }, false)
        } else {
            (usual, false)
        }
    }

    fn create(self: &Rc<Self>, who: &str, name: &str, params: Value) {
        let shared = &self.shared;
        let is_taken = self.state_of(name).is_some();
        let another = format!("{name}#{}", self.state.borrow().by_name.len());
        let is_unnamed = shared.plant == Some(Plant::UnnamedInstances);
        let name = if is_taken && is_unnamed { another.as_str() } else { name };
        if is_taken && !is_unnamed {
            shared.note(who, "start", || format!("{name} → already there"));
            return;
        }
        let is_zombie = shared.strikes(shared.plan.engine.zombies / 4);
        shared.note(who, "start", || {
            format!("{name} → new{}", if is_zombie { ", and never runs" } else { "" })
        });
        let instance = Instance {
            params,
            state: if is_zombie { State::Zombie } else { State::Running },
            events: BTreeSet::new(),
            cache: BTreeMap::new(),
            crashes: 0,
            runs: 0,
            is_lost: false,
        };
        {
            let mut state = self.state.borrow_mut();
            state.promised.insert(name.to_owned());
            state.by_name.insert(name.to_owned(), instance);
        }
        self.wake_before(name);
        if is_zombie {
            self.wake_late(name);
        } else {
            self.run_in(name, shared.rng.within(20..=2_000));
        }
    }

    /// When a generation begins, the one before it may go on too: what kept it is over for both.
    fn wake_before(self: &Rc<Self>, name: &str) {
        let Some((job, generation)) = name.split_once('_') else { return };
        let before = match generation.parse::<u32>() {
            Ok(2) => job.to_owned(),
            Ok(generation) => format!("{job}_{}", generation - 1),
            Err(_) => return,
        };
        let state = self.state_of(&before);
        if state == Some(State::Zombie) && self.shared.strikes(self.shared.plan.engine.wakes) {
            self.shared.fault("engine", &format!("goes on with {before}"));
            self.run_in(&before, self.shared.rng.within(20..=6_000));
        }
    }

    fn run_in(self: &Rc<Self>, name: &str, wait_ms: u64) {
        let (engine, name) = (Rc::clone(self), name.to_owned());
        let executor = &self.shared.executor;
        self.state.borrow_mut().waiting += 1;
        executor.at(executor.now() + wait_ms, move || {
            engine.state.borrow_mut().waiting -= 1;
            engine.launch(&name);
        });
    }

    /// Runs an instance from the top.
    fn launch(&self, name: &str) {
        let (params, number) = {
            let mut state = self.state.borrow_mut();
            let Some(instance) = state.by_name.get_mut(name) else { return };
            if instance.state == State::Ended {
                return;
            }
            instance.state = State::Running;
            instance.runs += 1;
            (instance.params.clone(), instance.runs)
        };
        if let Some(hooks) = self.shared.hooks() {
            hooks.run_instance(name, &params, number);
        }
    }

    /// Takes note that a run of an instance came to its end.
    pub fn end(&self, name: &str) {
        self.change(name, |instance| instance.state = State::Ended);
    }

    /// Decides what becomes of an instance whose run died, or failed by an error of the engine.
    pub fn died(self: &Rc<Self>, name: &str) {
        self.change(name, |instance| instance.crashes += 1);
        let shared = &self.shared;
        let plan = &shared.plan.engine;
        if shared.strikes(plan.loses) {
            let is_gone = shared.rng.chance(300);
            let how = if is_gone { "engine forgets instance" } else { "engine ends instance" };
            shared.fault(name, how);
            if is_gone {
                self.state.borrow_mut().by_name.remove(name);
            } else {
                self.end(name);
                self.change(name, |instance| instance.is_lost = true);
            }
        } else if shared.strikes(plan.zombies) {
            shared.fault(name, "engine never goes on with instance");
            self.change(name, |instance| instance.state = State::Zombie);
            self.wake_late(name);
        } else if shared.strikes(plan.pauses) {
            shared.fault(name, "engine takes its time");
            self.run_in(name, shared.rng.within(30_000..=400_000));
        } else {
            self.run_in(name, shared.rng.within(RESTART_MS));
        }
    }

    /// Lets a zombie wake up long after anybody waited for it, or not at all.
    fn wake_late(self: &Rc<Self>, name: &str) {
        if self.shared.strikes(self.shared.plan.engine.wakes) {
            self.run_in(name, self.shared.rng.within(60_000..=1_500_000));
        }
    }
}
