//! The fallback chain: which model is asked next, by the order of the configuration and by what each
//! failure means.
//!
//! | class | what follows |
//! | --- | --- |
//! | bad request | the next model: servers differ in the shapes of chats that they refuse |
//! | policy | the end, and the asker is told so |
//! | too long | trimmed and asked again; then the next model that reads more |
//! | config | the next model |
//! | quota | the next model of another vendor |
//! | busy | the next model at once; the last one is asked again after 1, 2 and 4 seconds |
//! | rate limit | the next model; the last one is asked again after the wait that it names, twice |
//! | transient, truncated | once more after a second, then the next model; the last one as when busy |
//!
//! A run never goes back to a model that it left.

use core::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::Failure;
use super::prices::Price;
use miyabi_core::config::models;
use miyabi_core::fault::{Class, ModelError};
use miyabi_core::ids::Millis;

/// What the agent loop knows of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Id, as it is configured.
    pub id: String,
    /// Vendor's name.
    pub vendor: &'static str,
    /// Tokens that prompt and completion together may take.
    pub context: u32,
    /// Price, if there is one to be known.
    pub price: Option<Price>,
}

/// Waits before the last model is asked again.
const WAITS: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// Wait before any other model is asked once more.
const SHORT_WAIT: Duration = Duration::from_secs(1);

/// Wait for a limit per minute that names none.
const LIMIT_WAIT: Duration = Duration::from_secs(30);

/// Longest wait for a limit per minute.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Waits for limits per minute of one run.
const MAX_LIMIT_WAITS: u32 = 2;

/// Failures of one run, whatever they are.
const MAX_FAILURES: u32 = 12;

/// What follows a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextAttempt {
    /// Ask the current model, after this wait.
    Ask(Duration),
    /// Ask the current model with shorter messages.
    Trim,
    /// No model is left to ask.
    GiveUp(ModelError),
}

/// Where a run is in the chain of configured models.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FallbackChain {
    /// Index of the model that is asked.
    current: usize,
    /// Failures of it since it last answered.
    retries: u32,
    limit_waits: u32,
    failures: u32,
    is_trimmed: bool,
    /// Vendors that are not asked any more.
    closed: Vec<String>,
    /// The first failure: what comes after it is often its consequence.
    first: Option<FirstFailure>,
}

/// The first failure of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct FirstFailure {
    vendor: VendorName,
    class: Class,
    code: u32,
}

/// Name of a vendor that can be configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct VendorName(&'static str);

impl<'de> Deserialize<'de> for VendorName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let mut vendors = models::VENDORS.iter().chain([&models::WORKERS_AI]);
        let known = vendors.find(|vendor| vendor.name == name);
        known.map(|vendor| Self(vendor.name)).ok_or_else(|| D::Error::custom("unknown vendor"))
    }
}

impl FallbackChain {
    /// Returns the chain before its first call. Vendors whose circuit breaker is open are passed over.
    pub fn new(closed: Vec<String>, models: &[Candidate]) -> Self {
        let mut chain = Self { closed, ..Self::default() };
        chain.current = chain.find(0, models, |_| true).unwrap_or(models.len());
        chain
    }

    /// Returns the model to ask and its index; `None` if none is left.
    pub fn current<'a>(&self, models: &'a [Candidate]) -> Option<(usize, &'a Candidate)> {
        models.get(self.current).map(|model| (self.current, model))
    }

    /// Returns whether nobody is left after the current model.
    pub fn is_last(&self, models: &[Candidate]) -> bool {
        self.next(models).is_none()
    }

    /// The current model answered.
    pub const fn answered(&mut self) {
        self.retries = 0;
    }

    /// Takes the model with this id for the current one, if it is in the chain.
    pub fn stay_with(&mut self, id: &str, models: &[Candidate]) {
        if let Some(index) = models.iter().position(|model| model.id == id) {
            self.current = index;
        }
    }

    /// Goes on to the next model, if there is one, and returns whether there is.
    pub fn pass(&mut self, models: &[Candidate]) -> bool {
        let next = self.next(models);
        self.switch(next)
    }

    /// Returns why the chain ended, if it did: its first failure.
    pub fn error(&self) -> ModelError {
        let Some(FirstFailure { vendor: VendorName(vendor), class, code }) = self.first else {
            return ModelError::Closed;
        };
        ModelError::Refused { vendor, class, code }
    }

    /// The current model failed.
    pub fn fail(&mut self, failure: &Failure, models: &[Candidate]) -> NextAttempt {
        let Some((_, model)) = self.current(models) else {
            return NextAttempt::GiveUp(self.error());
        };
        let error = failure.error(model.vendor);
        let vendor = VendorName(model.vendor);
        let Failure { class, code, .. } = *failure;
        self.first.get_or_insert(FirstFailure { vendor, class, code });
        self.failures += 1;
        if self.failures >= MAX_FAILURES {
            return NextAttempt::GiveUp(self.error());
        }
        match failure.class {
            Class::Policy => NextAttempt::GiveUp(error),
            Class::TooLong if !self.is_trimmed => {
                self.is_trimmed = true;
                NextAttempt::Trim
            }
            Class::TooLong => {
                let context = model.context;
                let next = self.find(self.current + 1, models, |model| model.context > context);
                self.go_on(next).unwrap_or(NextAttempt::GiveUp(error))
            }
            Class::Quota => {
                self.closed.push(model.vendor.to_owned());
                self.go_on(self.next(models)).unwrap_or_else(|| NextAttempt::GiveUp(self.error()))
            }
            // What one server takes for a wrong request is a right one for another.
            Class::Config | Class::BadRequest => {
                self.go_on(self.next(models)).unwrap_or_else(|| NextAttempt::GiveUp(self.error()))
            }
            Class::Busy => {
                self.go_on(self.next(models)).unwrap_or_else(|| self.wait_for_capacity())
            }
            Class::RateLimit => self
                .go_on(self.next(models))
                .unwrap_or_else(|| self.wait_for_limit(failure.after.unwrap_or(LIMIT_WAIT))),
            Class::Transient | Class::Truncated => {
                if self.retries == 0 {
                    self.retries = 1;
                    return NextAttempt::Ask(SHORT_WAIT);
                }
                self.go_on(self.next(models)).unwrap_or_else(|| self.wait_for_capacity())
            }
        }
    }

    fn wait_for_capacity(&mut self) -> NextAttempt {
        let wait = usize::try_from(self.retries).ok().and_then(|index| WAITS.get(index));
        self.retries += 1;
        wait.map_or_else(|| NextAttempt::GiveUp(self.error()), |wait| NextAttempt::Ask(*wait))
    }

    fn wait_for_limit(&mut self, wait: Duration) -> NextAttempt {
        self.limit_waits += 1;
        if self.limit_waits > MAX_LIMIT_WAITS || wait > LONGEST_WAIT {
            return NextAttempt::GiveUp(self.error());
        }
        NextAttempt::Ask(wait)
    }

    fn go_on(&mut self, next: Option<usize>) -> Option<NextAttempt> {
        self.switch(next).then_some(NextAttempt::Ask(Duration::ZERO))
    }

    const fn switch(&mut self, next: Option<usize>) -> bool {
        if let Some(next) = next {
            self.current = next;
            self.retries = 0;
        }
        next.is_some()
    }

    fn next(&self, models: &[Candidate]) -> Option<usize> {
        self.find(self.current.saturating_add(1), models, |_| true)
    }

    /// Returns the first model from `start` on that is open and `fits`.
    fn find(
        &self,
        start: usize,
        models: &[Candidate],
        fits: impl Fn(&Candidate) -> bool,
    ) -> Option<usize> {
        let is_open = |model: &Candidate| !self.closed.iter().any(|vendor| vendor == model.vendor);
        let mut rest = models.iter().enumerate().skip(start);
        rest.find(|(_, model)| is_open(model) && fits(model)).map(|(index, _)| index)
    }
}

/// How long a balance that is used up is taken to be so: somebody may fill it at any time.
const BALANCE_S: u64 = 15 * 60;

/// Returns until when a vendor whose quota is used up is not asked, in Unix seconds: Workers AI's daily
/// neurons are new at midnight UTC.
///
/// # Source
/// Cloudflare Docs/Workers AI pricing, read 2026-11-20.
pub fn closed_until_s(vendor: &str, now: Millis) -> u64 {
    if vendor == models::WORKERS_AI.name { now.next_midnight_s() } else { now.0 / 1000 + BALANCE_S }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
