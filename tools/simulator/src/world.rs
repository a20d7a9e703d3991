//! One seed's world: everything that is there, and how a call travels through it.

use core::cell::{Cell, RefCell};
use core::future::pending;
use std::rc::Rc;

use miyabi_channels::discord::transport;
use miyabi_core::config::Settings;

use crate::actor::{Actor, Role};
use crate::database::Database;
use crate::discord::Discord;
use crate::engine::{self, Engine};
use crate::executor::Executor;
use crate::people::Ask;
use crate::plan::{Plan, Service};
use crate::plant::Plant;
use crate::queue::{self, Mailbox};
use crate::record::{Invariant, Record};
use crate::rng::Rng;
use crate::trace::Trace;

/// When every seed begins, in milliseconds since 1970.
pub const START_MS: u64 = 1_780_000_000_000;

/// The world of one seed.
#[derive(Debug)]
pub struct World {
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
    /// D1.
    pub database: Rc<Database>,
    /// The program's settings.
    pub settings: Settings,
    /// Discord.
    pub discord: RefCell<Discord>,
    /// Workflow instances.
    pub engine: RefCell<Engine>,
    /// Messages of the queue.
    pub queue: RefCell<Mailbox>,
    /// From when on nothing goes wrong any more.
    pub calm_from_ms: Cell<u64>,
    /// Questions.
    pub asks: RefCell<Vec<Ask>>,
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

/// Longest time that a call takes on its way when nothing is wrong, in milliseconds.
pub const USUAL_MS: u64 = 1_500;

impl World {
    /// Returns whether a fault that comes this often in a thousand times comes now. Towards the end
    /// none does any more: then everything has to end.
    pub fn strikes(&self, per_mille: u64) -> bool {
        self.executor.now() < self.calm_from_ms.get() && self.rng.chance(per_mille)
    }

    /// Returns the time since the seed's begin, in milliseconds.
    pub fn since_ms(&self) -> u64 {
        self.executor.now() - START_MS
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
    pub fn crash(self: &Rc<Self>, actor: &Rc<Actor>, side: &str) {
        actor.is_hurt.set(true);
        self.record.borrow_mut().counts.crashes += 1;
        self.record.borrow_mut().unsure.extend(actor.ask);
        self.note(&actor.name, "crash", || format!("{side} {}", actor.step.borrow()));
        self.stop(actor);
        match &actor.role {
            Role::Generation { instance } => engine::crashed(self, instance),
            Role::Consumer { message } => queue::crashed(self, *message),
            Role::Request | Role::Cron => {}
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

/// The program's host in this world: the ports, for one run. Clones are the same run.
#[derive(Debug, Clone)]
pub struct Sim {
    /// World.
    pub world: Rc<World>,
    /// Run.
    pub actor: Rc<Actor>,
}

impl Sim {
    /// Returns the platform as this run sees it.
    pub fn transport(&self) -> transport::Discord<Self> {
        transport::Discord::new(self.clone(), Rc::clone(&self.world.settings.discord))
    }

    /// Returns the host of a new run.
    pub fn new(world: &Rc<World>, actor: Actor) -> Self {
        Self { world: Rc::clone(world), actor: Rc::new(actor) }
    }

    /// Notes a fault that comes in the way of this run.
    pub fn fault(&self, what: &str) {
        self.actor.is_hurt.set(true);
        self.world.fault(&self.actor.name, what);
    }

    /// Starts the run's task.
    pub fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        self.world.spawn(&self.actor, work);
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
        self.world.record.borrow_mut().counts.effects += 1;
        let began_ms = self.world.executor.now();
        let slot = Rc::new(RefCell::new(None));
        if let Some(arrives_ms) = fate.arrives_ms {
            let slot = Rc::clone(&slot);
            self.world.executor.at(began_ms + arrives_ms, move || {
                let value = act();
                slot.replace(Some(value));
            });
        }
        self.crash_point("during").await;
        match fate.returns_ms {
            Some(returns_ms) if returns_ms <= patience_ms => {
                self.world.executor.sleep(returns_ms).await;
            }
            _ => {
                self.world.executor.sleep(patience_ms).await;
                return None;
            }
        }
        self.crash_point("after").await;
        slot.take()
    }

    /// Waits, and may die.
    pub async fn wait(&self, duration_ms: u64) {
        self.crash_point("before waiting in").await;
        self.world.executor.sleep(duration_ms).await;
    }

    /// Dies here, if chance wants it.
    pub async fn crash_point(&self, side: &str) {
        if self.may_crash() && self.world.strikes(self.world.plan.crash) {
            self.world.crash(&self.actor, side);
            pending::<()>().await;
        }
    }

    /// A program that always dies proves nothing: some generations are spared.
    fn may_crash(&self) -> bool {
        match &self.actor.role {
            Role::Generation { instance } => self.world.engine.borrow().may_crash(instance),
            Role::Request | Role::Consumer { .. } | Role::Cron => true,
        }
    }

    fn check_sanity(&self) {
        if self.actor.is_aborted.get() {
            let what = format!("{} goes on after the engine ended it", self.actor.name);
            self.world.violate(Invariant::Sane, what);
        }
    }
}
