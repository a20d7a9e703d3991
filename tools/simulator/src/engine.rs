//! Workflow instances: started once by name, run again after a death with what they stored, and
//! now and then lost by the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use miyabi_app::workflow;
use miyabi_core::job::from_params;
use miyabi_core::ports::{InstanceState, Stop};
use serde_json::Value;

use crate::actor::{Actor, Role};
use crate::people;
use crate::plan::{Outage, Service, Symptom};
use crate::plant::Plant;
use crate::steps::Journal;
use crate::world::{Fate, Sim, World};

/// Longest wait for the engine, in milliseconds: longer than work beside a reply generations.
const PATIENCE_MS: u64 = 60_000;
/// An instance that died so often is spared.
const MAX_CRASHES: u32 = 4;
/// Nothing that is under way when a run dies takes longer to arrive: see `USUAL_MS`.
const RESTART_MS: core::ops::RangeInclusive<u64> = 2_000..=20_000;

/// The instances by name.
#[derive(Debug, Default)]
pub struct Engine {
    /// Runs that are to begin.
    waiting: usize,
    /// Names of all that it said to have started.
    promised: BTreeSet<String>,
    instances: BTreeMap<String, Instance>,
}

/// A Workflow instance.
#[derive(Debug)]
struct Instance {
    params: Value,
    state: State,
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
    /// Returns whether a run of this instance may still die.
    pub fn may_crash(&self, instance: &str) -> bool {
        self.instances.get(instance).is_some_and(|instance| instance.crashes < MAX_CRASHES)
    }

    /// Returns what a step stored.
    pub fn cached(&self, instance: &str, step: &str) -> Option<Result<Value, String>> {
        self.instances.get(instance)?.cache.get(step).cloned()
    }

    /// Stores what a step returned.
    pub fn store(&mut self, instance: &str, step: &str, outcome: Result<Value, String>) {
        if let Some(instance) = self.instances.get_mut(instance) {
            instance.cache.insert(step.to_owned(), outcome);
        }
    }

    /// Returns whether the engine has lost an instance that it had promised to run.
    pub fn has_lost(&self, instance: &str) -> bool {
        let found = self.instances.get(instance);
        let is_lost =
            found.is_none_or(|instance| instance.state == State::Zombie || instance.is_lost);
        is_lost && self.promised.contains(instance)
    }

    /// Returns whether an instance will still do something.
    pub fn is_busy(&self) -> bool {
        self.waiting > 0
    }
}

/// Starts an instance, unless there is one of this name; `None` if the engine does not say so.
pub async fn start(sim: &Sim, instance: &str, params: &str) -> Option<()> {
    let world = &sim.world;
    let (fate, is_lost) = fate(sim, "start", world.plan.engine.start_fails);
    let (inner, name, params) =
        (Rc::clone(world), instance.to_owned(), serde_json::from_str::<Value>(params).ok()?);
    let who = sim.actor.name.clone();
    let act = move || inner.create(&who, &name, params);
    let started = sim.call(fate, PATIENCE_MS, act).await;
    if is_lost { None } else { started }
}

/// Returns what the engine says about an instance; `None` if it does not.
pub async fn state(sim: &Sim, instance: &str) -> Option<InstanceState> {
    let world = &sim.world;
    let (fate, is_lost) = fate(sim, "state", world.plan.engine.state_fails);
    let (inner, name) = (Rc::clone(world), instance.to_owned());
    let act = move || match inner.engine.borrow().instances.get(&name).map(|found| found.state) {
        None => InstanceState::Missing,
        Some(State::Running | State::Zombie) => InstanceState::Alive,
        Some(State::Ended) => InstanceState::Ended,
    };
    let state = sim.call(fate, PATIENCE_MS, act).await;
    world.note(&sim.actor.name, "state", || format!("{instance} → {state:?}"));
    if is_lost { None } else { state }
}

/// Returns how a call to the engine fares, and whether its answer is lost.
fn fate(sim: &Sim, what: &str, fails: u64) -> (Fate, bool) {
    let world = &sim.world;
    let usual = world.usual(150);
    let fault = |how: &str| sim.fault(&format!("engine {how} {what}"));
    match world.plan.outage(Service::Engine, world.since_ms()) {
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
    if world.strikes(fails) {
        if world.rng.chance(500) {
            fault("failed before");
            (Fate { arrives_ms: None, ..usual }, true)
        } else {
            fault("failed after");
            (usual, true)
        }
    } else if what == "start" && world.strikes(world.plan.engine.start_hangs) {
        fault("hangs at");
        let returns_ms = world.rng.within(2_500..=50_000);
        // What hangs may have happened at once, at the end, or not at all.
        let arrives_ms = match world.rng.below(3) {
            0 => usual.arrives_ms,
            1 => Some(returns_ms - 1),
            _ => return (Fate { arrives_ms: None, returns_ms: Some(returns_ms) }, true),
        };
        (Fate { arrives_ms, returns_ms: Some(returns_ms) }, false)
    } else {
        (usual, false)
    }
}

impl World {
    fn create(self: &Rc<Self>, who: &str, name: &str, params: Value) {
        let is_taken = self.engine.borrow().instances.contains_key(name);
        let another = format!("{name}#{}", self.engine.borrow().instances.len());
        let is_unnamed = self.plant == Some(Plant::UnnamedInstances);
        let name = if is_taken && is_unnamed { another.as_str() } else { name };
        if is_taken && !is_unnamed {
            self.note(who, "start", || format!("{name} → already there"));
            return;
        }
        let mut instance = Instance {
            params,
            state: State::Running,
            cache: BTreeMap::new(),
            crashes: 0,
            runs: 0,
            is_lost: false,
        };
        let is_zombie = self.strikes(self.plan.engine.zombies / 4);
        self.note(who, "start", || {
            format!("{name} → new{}", if is_zombie { ", and never runs" } else { "" })
        });
        if is_zombie {
            instance.state = State::Zombie;
        }
        self.engine.borrow_mut().promised.insert(name.to_owned());
        self.engine.borrow_mut().instances.insert(name.to_owned(), instance);
        self.wake_before(name);
        if is_zombie {
            wake_late(self, name);
        } else {
            self.run_in(name, self.rng.within(20..=2_000));
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
        let state = self.engine.borrow().instances.get(&before).map(|instance| instance.state);
        if state == Some(State::Zombie) && self.strikes(self.plan.engine.wakes) {
            self.fault("engine", &format!("goes on with {before}"));
            self.run_in(&before, self.rng.within(20..=6_000));
        }
    }

    fn run_in(self: &Rc<Self>, name: &str, wait_ms: u64) {
        let (inner, name) = (Rc::clone(self), name.to_owned());
        let at_ms = self.executor.now() + wait_ms;
        self.engine.borrow_mut().waiting += 1;
        self.executor.at(at_ms, move || {
            inner.engine.borrow_mut().waiting -= 1;
            inner.launch(&name);
        });
    }

    /// Runs an instance from the top.
    fn launch(self: &Rc<Self>, name: &str) {
        let (params, run) = {
            let mut engine = self.engine.borrow_mut();
            let Some(instance) = engine.instances.get_mut(name) else { return };
            if instance.state == State::Ended {
                return;
            }
            instance.state = State::Running;
            instance.runs += 1;
            (instance.params.clone(), instance.runs)
        };
        let Some(job) = from_params(&params) else {
            self.note(name, "unreadable", String::new);
            self.end(name);
            return;
        };
        let ask = people::number(job.id().as_str());
        let short = format!("{}.{}", people::short_name(name), run);
        let role = Role::Generation { instance: name.to_owned() };
        let skew_ms = people::skew_ms(self);
        let actor = Actor::new(role, short, ask, self.executor.now(), skew_ms);
        let sim = Sim::new(self, actor);
        self.note(&sim.actor.name, "run", || format!("instance {name}"));
        let steps = Journal::new(&sim, name);
        let (inner, name) = (sim.clone(), name.to_owned());
        sim.spawn(async move {
            let world = &inner.world;
            let outcome = workflow::run(miyabi_app::JobContext {
                host: &inner,
                steps: &steps,
                transport: &inner.transport(),
                settings: &world.settings,
                job: &job,
            })
            .await;
            world.note(&inner.actor.name, "end", || format!("{outcome:?}"));
            match outcome {
                Ok(()) | Err(Stop::Failed(_)) => world.end(&name),
                Err(Stop::Aborted) => after_death(world, &name),
            }
        });
    }

    fn end(&self, name: &str) {
        if let Some(instance) = self.engine.borrow_mut().instances.get_mut(name) {
            instance.state = State::Ended;
        }
    }
}

/// Decides what becomes of an instance whose run died.
pub fn crashed(world: &Rc<World>, name: &str) {
    if let Some(instance) = world.engine.borrow_mut().instances.get_mut(name) {
        instance.crashes += 1;
    }
    after_death(world, name);
}

fn after_death(world: &Rc<World>, name: &str) {
    let plan = &world.plan.engine;
    if world.strikes(plan.loses) {
        let is_gone = world.rng.chance(300);
        world.fault(name, if is_gone { "engine forgets instance" } else { "engine ends instance" });
        if is_gone {
            world.engine.borrow_mut().instances.remove(name);
        } else {
            world.end(name);
            if let Some(instance) = world.engine.borrow_mut().instances.get_mut(name) {
                instance.is_lost = true;
            }
        }
    } else if world.strikes(plan.zombies) {
        world.fault(name, "engine never goes on with instance");
        if let Some(instance) = world.engine.borrow_mut().instances.get_mut(name) {
            instance.state = State::Zombie;
        }
        wake_late(world, name);
    } else if world.strikes(plan.pauses) {
        world.fault(name, "engine takes its time");
        world.run_in(name, world.rng.within(30_000..=400_000));
    } else {
        world.run_in(name, world.rng.within(RESTART_MS));
    }
}

/// Lets a zombie wake up long after anybody waited for it, or not at all.
fn wake_late(world: &Rc<World>, name: &str) {
    if world.strikes(world.plan.engine.wakes) {
        world.run_in(name, world.rng.within(60_000..=1_500_000));
    }
}
