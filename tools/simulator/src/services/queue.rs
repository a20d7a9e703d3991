//! The queue, which delivers each message at least once, in any order, perhaps twice or late; and its
//! dead-letter queue, which delivers what could not be handled.

use core::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;

use crate::base::actor::Actor;
use crate::base::hooks::Delivery;
use crate::base::outage::{Outage, Service, Symptom};
use crate::base::plant::Plant;
use crate::base::run::Run;
use crate::base::shared::{Fate, Shared};

/// Longest wait for the queue to take a message, in milliseconds.
const TIMEOUT_MS: u64 = 10_000;
/// Deliveries after the first, as in `wrangler.toml`.
const MAX_RETRIES: [u32; 2] = [5, 100];
/// Wait before the next delivery, in milliseconds, as in `wrangler.toml`.
const RETRY_MS: [u64; 2] = [10_000, 60_000];
/// Longest time of one delivery, in milliseconds.
const WALL_MS: u64 = 15 * 60_000;

/// The queue of one seed, and that of dead messages.
#[derive(Debug)]
pub struct Queue {
    shared: Rc<Shared>,
    /// Messages, by number.
    messages: RefCell<Vec<Queued>>,
}

#[derive(Debug)]
struct Queued {
    body: Value,
    /// Whether it is on the queue for those that could not be handled.
    is_dead: bool,
    deliveries: u32,
    is_settled: bool,
}

impl Queue {
    /// Returns the queue of a seed, without messages.
    pub fn new(shared: &Rc<Shared>) -> Self {
        Self { shared: Rc::clone(shared), messages: RefCell::default() }
    }

    /// Returns whether a message waits.
    pub fn is_busy(&self) -> bool {
        self.messages.borrow().iter().any(|queued| !queued.is_settled)
    }

    /// Puts a message on the queue; `None` if that is not known to have happened.
    pub async fn enqueue(self: &Rc<Self>, run: &Run, message: &str) -> Option<()> {
        let shared = &self.shared;
        let usual = shared.usual(60);
        let fault = |what: &str| run.fault(what);
        let (fate, is_lost) = match shared.plan.outage(Service::Queue, shared.since_ms()) {
            Some(Outage { symptom: Symptom::Silence, .. }) => {
                fault("queue silent");
                (Fate { arrives_ms: None, returns_ms: None }, true)
            }
            Some(_) => {
                fault("queue away");
                (Fate { arrives_ms: None, ..usual }, true)
            }
            None if shared.strikes(shared.plan.queue.enqueue_fails) => {
                let arrives_ms = usual.arrives_ms.filter(|_| shared.rng.chance(500));
                let is_taken = arrives_ms.is_some();
                fault(if is_taken { "queue failed after" } else { "queue failed before" });
                (Fate { arrives_ms, ..usual }, true)
            }
            None => (usual, false),
        };
        let (queue, who) = (Rc::clone(self), run.actor.name.clone());
        let body: Value = serde_json::from_str(message).ok()?;
        let taken = run.call(fate, TIMEOUT_MS, move || queue.take(&who, body, false)).await;
        if is_lost { None } else { taken }
    }

    fn take(self: &Rc<Self>, who: &str, body: Value, is_dead: bool) {
        let shared = &self.shared;
        let message = {
            let mut messages = self.messages.borrow_mut();
            messages.push(Queued { body, is_dead, deliveries: 0, is_settled: false });
            messages.len() - 1
        };
        shared.note(who, "queue", || format!("takes message {message}, dead: {is_dead}"));
        if !is_dead && shared.plant == Some(Plant::QueueLosesAll) {
            self.settle(message);
            return;
        }
        self.deliver_in(message, shared.rng.within(50..=5_000));
        if shared.strikes(shared.plan.queue.doubles) {
            shared.fault("queue", "delivers a message twice");
            self.deliver_in(message, shared.rng.within(50..=20_000));
        }
    }

    fn deliver_in(self: &Rc<Self>, message: usize, wait_ms: u64) {
        let shared = &self.shared;
        let late_ms = if shared.strikes(shared.plan.queue.delays) {
            shared.fault("queue", "delivers a message late");
            shared.rng.within(10_000..=180_000)
        } else {
            0
        };
        let queue = Rc::clone(self);
        let at_ms = shared.executor.now() + wait_ms + late_ms;
        shared.executor.at(at_ms, move || queue.deliver(message));
    }

    fn deliver(&self, message: usize) {
        let delivery = {
            let mut messages = self.messages.borrow_mut();
            let Some(queued) = messages.get_mut(message) else { return };
            if queued.is_settled {
                return;
            }
            queued.deliveries += 1;
            Delivery { message, body: queued.body.clone(), is_dead: queued.is_dead }
        };
        if !delivery.is_dead && self.shared.plant == Some(Plant::ConsumerAcksFirst) {
            self.settle(message);
        }
        if let Some(hooks) = self.shared.hooks() {
            hooks.consume(delivery);
        }
    }

    /// Ends a delivery when its time is over.
    pub fn limit(&self, actor: &Rc<Actor>) {
        let (shared, actor) = (Rc::clone(&self.shared), Rc::clone(actor));
        let executor = &self.shared.executor;
        executor.at(executor.now() + WALL_MS, move || shared.stop(&actor));
    }

    /// Takes a message for handled.
    pub fn settle(&self, message: usize) {
        if let Some(queued) = self.messages.borrow_mut().get_mut(message) {
            queued.is_settled = true;
        }
    }

    /// Delivers a message again, or gives it up.
    pub fn again(self: &Rc<Self>, message: usize) {
        let (body, is_dead) = {
            let mut messages = self.messages.borrow_mut();
            let Some(queued) = messages.get_mut(message) else { return };
            if queued.is_settled {
                return;
            }
            let [most, most_dead] = MAX_RETRIES;
            let most = if queued.is_dead { most_dead } else { most };
            if queued.deliveries <= most {
                let [wait_ms, wait_dead_ms] = RETRY_MS;
                let wait_ms = if queued.is_dead { wait_dead_ms } else { wait_ms };
                drop(messages);
                self.deliver_in(message, wait_ms);
                return;
            }
            queued.is_settled = true;
            (queued.body.clone(), queued.is_dead)
        };
        self.shared.fault("queue", "gives up a message");
        if !is_dead {
            self.take("queue", body, true);
        }
    }
}
