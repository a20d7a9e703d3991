//! [`Steps`] over a journal: what finished is stored and never run again, what did not is. Storing
//! is an effect like any other, so a crash can fall between a step's effect and its record.

use core::cell::RefCell;
use core::time::Duration;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

use serde_json::Value;

use super::Fake;
use miyabi_core::fault::{Fault, Retry};
use miyabi_core::ports::{Policy, Steps, Stop};

/// The steps of one job, over all its generations.
pub struct Journal {
    world: Fake,
    /// Name to stored value, or to the record of the failure.
    stored: RefCell<BTreeMap<String, Result<Value, String>>>,
    /// Names in the order in which they were first asked for.
    pub trace: RefCell<Vec<String>>,
}

impl Journal {
    pub fn new(world: &Fake) -> Self {
        Self { world: world.clone(), stored: RefCell::default(), trace: RefCell::default() }
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
            let outcome = self.attempts(policy, work).await;
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
}
