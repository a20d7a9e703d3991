//! [`Steps`] over a journal: what finished is stored and never run again, what did not is. Storing
//! is an effect like any other, so a crash can fall between a step's effect and its record.
//!
//! Steps that run side by side take turns: each waits for its turn before its work, and again before its
//! result is stored. The journal's [`Order`] says whose turn it is.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::Poll;
use core::time::Duration;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

use serde_json::Value;

use super::Fake;
use miyabi_core::fault::{Fault, Retry};
use miyabi_core::ports::{Clock as _, Policy, Steps, Stop};

/// Which of the steps that run side by side comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The one that was asked for first, and all that follows it, for as long as it waits for nobody.
    FirstAhead,
    /// Each in turn.
    InTurn,
    /// The one that was asked for last, and all that follows it.
    LastAhead,
}

impl Order {
    /// All orders.
    pub const ALL: [Self; 3] = [Self::FirstAhead, Self::InTurn, Self::LastAhead];
}

/// The steps of one job, over all its generations.
pub struct Journal {
    world: Fake,
    order: Order,
    /// Who waits for a turn, in the order of their requests.
    waiting: RefCell<Vec<u64>>,
    next_ticket: Cell<u64>,
    /// Name to stored value, or to the record of the failure.
    stored: RefCell<BTreeMap<String, Result<Value, String>>>,
    /// Names in the order in which they were first asked for.
    pub trace: RefCell<Vec<String>>,
}

impl Journal {
    pub fn new(world: &Fake) -> Self {
        Self::ordered(world, Order::InTurn)
    }

    pub fn ordered(world: &Fake, order: Order) -> Self {
        Self {
            world: world.clone(),
            order,
            waiting: RefCell::default(),
            next_ticket: Cell::new(0),
            stored: RefCell::default(),
            trace: RefCell::default(),
        }
    }

    /// Waits until it is the caller's turn.
    async fn turn(&self) {
        if self.order == Order::FirstAhead {
            return;
        }
        let ticket = Ticket::new(self);
        let mut has_yielded = false;
        poll_fn(|context| {
            let is_turn = match self.order {
                Order::FirstAhead | Order::InTurn => true,
                Order::LastAhead => self.waiting.borrow().last() == Some(&ticket.number),
            };
            if has_yielded && is_turn {
                return Poll::Ready(());
            }
            has_yielded = true;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    async fn attempts<T>(
        &self,
        policy: Policy,
        work: impl AsyncFn() -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut left = policy.retries;
        loop {
            match work().await {
                Err(fault) if fault.retry == Retry::Backoff && left > 0 => left -= 1,
                outcome => return outcome,
            }
        }
    }
}

/// A place in the line of those who wait for a turn.
struct Ticket<'a> {
    journal: &'a Journal,
    number: u64,
}

impl<'a> Ticket<'a> {
    fn new(journal: &'a Journal) -> Self {
        let number = journal.next_ticket.get();
        journal.next_ticket.set(number + 1);
        journal.waiting.borrow_mut().push(number);
        Self { journal, number }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.journal.waiting.borrow_mut().retain(|number| *number != self.number);
    }
}

impl Steps for Journal {
    async fn step<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        policy: Policy,
        work: impl AsyncFn() -> Result<T, Fault>,
    ) -> Result<T, Stop> {
        if !self.trace.borrow().iter().any(|known| known == name) {
            self.trace.borrow_mut().push(name.to_owned());
        }
        let known = self.stored.borrow().get(name).cloned();
        let outcome = if let Some(outcome) = known {
            outcome
        } else {
            self.turn().await;
            let outcome = self.attempts(policy, work).await;
            self.turn().await;
            let outcome = outcome
                .map(|value| serde_json::to_value(value).unwrap())
                .map_err(|fault| fault.to_record());
            let store = || self.stored.borrow_mut().insert(name.to_owned(), outcome.clone());
            self.world.effect(store).await;
            outcome
        };
        // As on the platform, only JSON and text come back.
        match outcome {
            Ok(value) => Ok(serde_json::from_value(value).unwrap()),
            Err(record) => Err(Stop::Failed(Fault::from_record(&record).unwrap())),
        }
    }

    async fn sleep(&self, _name: &str, duration: Duration) -> Result<(), Stop> {
        let duration_ms: u64 = duration.as_millis().try_into().unwrap();
        self.world.now.set(self.world.now.get() + duration_ms);
        Ok(())
    }

    /// An event that comes in time takes a second; what happens meanwhile is what happens while somebody sleeps.
    async fn wait(&self, name: &str, kind: &str, timeout: Duration) -> Result<(), Stop> {
        if self.stored.borrow().contains_key(name) {
            return Ok(());
        }
        self.trace.borrow_mut().push(name.to_owned());
        self.world.sleep(Duration::from_secs(1)).await;
        let ends = format!(" {kind}");
        if !self.world.sent_events.borrow().iter().any(|sent| sent.ends_with(&ends)) {
            self.world.sleep(timeout).await;
        }
        self.world
            .effect(|| self.stored.borrow_mut().insert(name.to_owned(), Ok(Value::Null)))
            .await;
        Ok(())
    }
}
