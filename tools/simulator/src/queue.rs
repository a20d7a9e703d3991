//! The queue: each message at least once, in any order, perhaps twice, perhaps late; and the queue
//! of those that could not be handled.

use std::rc::Rc;

use miyabi_app::consumers::{self, StartJob, Verdict};
use serde_json::Value;

use crate::actor::{Actor, Role};
use crate::people;
use crate::plan::{Outage, Service, Symptom};
use crate::plant::Plant;
use crate::world::{Fate, Sim, World};

/// Longest wait for the queue to take a message, in milliseconds.
const PATIENCE_MS: u64 = 10_000;
/// Deliveries after the first, as in `wrangler.toml`.
const MAX_RETRIES: [u32; 2] = [5, 100];
/// Wait before the next delivery, in milliseconds, as in `wrangler.toml`.
const RETRY_MS: [u64; 2] = [10_000, 60_000];
/// Longest time of one delivery, in milliseconds.
const WALL_MS: u64 = 15 * 60_000;

/// The messages, by number.
#[derive(Debug, Default)]
pub struct Mailbox {
    letters: Vec<Letter>,
}

#[derive(Debug)]
struct Letter {
    body: Value,
    /// Whether it is on the queue for those that could not be handled.
    is_dead: bool,
    deliveries: u32,
    is_settled: bool,
}

impl Mailbox {
    /// Returns whether a message waits.
    pub fn is_busy(&self) -> bool {
        self.letters.iter().any(|letter| !letter.is_settled)
    }
}

/// Puts a message on the queue; `None` if that is not known to have happened.
pub async fn enqueue(sim: &Sim, message: &str) -> Option<()> {
    let world = &sim.world;
    let usual = world.usual(60);
    let fault = |what: &str| sim.fault(what);
    let (fate, is_lost) = match world.plan.outage(Service::Queue, world.since_ms()) {
        Some(Outage { symptom: Symptom::Silence, .. }) => {
            fault("queue silent");
            (Fate { arrives_ms: None, returns_ms: None }, true)
        }
        Some(_) => {
            fault("queue away");
            (Fate { arrives_ms: None, ..usual }, true)
        }
        None if world.strikes(world.plan.queue.enqueue_fails) => {
            let arrives_ms = usual.arrives_ms.filter(|_| world.rng.chance(500));
            fault(if arrives_ms.is_some() { "queue failed after" } else { "queue failed before" });
            (Fate { arrives_ms, ..usual }, true)
        }
        None => (usual, false),
    };
    let (inner, body, who) =
        (Rc::clone(world), serde_json::from_str::<Value>(message).ok()?, sim.actor.name.clone());
    let taken = sim.call(fate, PATIENCE_MS, move || inner.take_letter(&who, body, false)).await;
    if is_lost { None } else { taken }
}

/// Decides what becomes of a message whose consumer died: it is delivered again.
pub fn crashed(world: &Rc<World>, message: usize) {
    again(world, message);
}

impl World {
    fn take_letter(self: &Rc<Self>, who: &str, body: Value, is_dead: bool) {
        let message = {
            let mut queue = self.queue.borrow_mut();
            queue.letters.push(Letter { body, is_dead, deliveries: 0, is_settled: false });
            queue.letters.len() - 1
        };
        self.note(who, "queue", || format!("takes message {message}, dead: {is_dead}"));
        if !is_dead && self.plant == Some(Plant::QueueLosesAll) {
            self.settle(message);
            return;
        }
        self.deliver_in(message, self.rng.within(50..=5_000));
        if self.strikes(self.plan.queue.doubles) {
            self.fault("queue", "delivers a message twice");
            self.deliver_in(message, self.rng.within(50..=20_000));
        }
    }

    fn deliver_in(self: &Rc<Self>, message: usize, wait_ms: u64) {
        let late_ms = if self.strikes(self.plan.queue.delays) {
            self.fault("queue", "delivers a message late");
            self.rng.within(10_000..=180_000)
        } else {
            0
        };
        let inner = Rc::clone(self);
        let at_ms = self.executor.now() + wait_ms + late_ms;
        self.executor.at(at_ms, move || inner.deliver(message));
    }

    fn deliver(self: &Rc<Self>, message: usize) {
        let (body, is_dead) = {
            let mut queue = self.queue.borrow_mut();
            let Some(letter) = queue.letters.get_mut(message) else { return };
            if letter.is_settled {
                return;
            }
            letter.deliveries += 1;
            (letter.body.clone(), letter.is_dead)
        };
        let name = format!("{} {message}", if is_dead { "dead_letter" } else { "consume" });
        let ask =
            miyabi_core::job::from_params(&body).and_then(|job| people::number(job.id().as_str()));
        let role = Role::Consumer { message };
        let actor = Actor::new(role, name, ask, self.executor.now(), people::skew_ms(self));
        let sim = Sim::new(self, actor);
        if !is_dead && self.plant == Some(Plant::ConsumerAcksFirst) {
            self.settle(message);
        }
        let inner = sim.clone();
        sim.spawn(async move {
            let world = &inner.world;
            let verdict = if is_dead {
                consumers::dead::<StartJob>(&inner, &|_: &str| Some(inner.transport()), &body).await
            } else {
                consumers::run::<StartJob>(&inner, &|_: &str| Some(inner.transport()), &body).await
            };
            world.note(&inner.actor.name, "verdict", || format!("{verdict:?}"));
            match verdict {
                Verdict::Done => world.settle(message),
                Verdict::Again => again(world, message),
            }
        });
        let (inner, actor) = (Rc::clone(self), Rc::clone(&sim.actor));
        self.executor.at(self.executor.now() + WALL_MS, move || inner.stop(&actor));
    }

    fn settle(&self, message: usize) {
        if let Some(letter) = self.queue.borrow_mut().letters.get_mut(message) {
            letter.is_settled = true;
        }
    }
}

/// Delivers a message again, or gives it up.
fn again(world: &Rc<World>, message: usize) {
    let (body, is_dead) = {
        let mut queue = world.queue.borrow_mut();
        let Some(letter) = queue.letters.get_mut(message) else { return };
        if letter.is_settled {
            return;
        }
        let [most, most_dead] = MAX_RETRIES;
        let most = if letter.is_dead { most_dead } else { most };
        if letter.deliveries <= most {
            let [wait_ms, wait_dead_ms] = RETRY_MS;
            let wait_ms = if letter.is_dead { wait_dead_ms } else { wait_ms };
            drop(queue);
            world.deliver_in(message, wait_ms);
            return;
        }
        letter.is_settled = true;
        (letter.body.clone(), letter.is_dead)
    };
    world.fault("queue", "gives up a message");
    if !is_dead {
        world.take_letter("queue", body, true);
    }
}
