//! Which model is asked next? The order of the configuration, and what each failure means for it.
//!
//! | class | what follows |
//! | --- | --- |
//! | bad request | the end: it would be wrong anywhere |
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

use serde_json::Value;

use super::Failure;
use super::prices::Price;
use super::stored::{optional, required};
use miyabi_core::config::models;
use miyabi_core::fault::{Class, ModelError};
use miyabi_core::ids::Millis;
use miyabi_core::json::object;
use miyabi_core::ports::Stored;

/// What the loop knows of a model.
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

/// Wait for a limit per minute that names none, and the longest that one is waited for.
const LIMIT_WAIT: Duration = Duration::from_secs(30);
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Waits for limits per minute of one run.
const MAX_LIMIT_WAITS: u32 = 2;

/// Failures of one run, whatever they are.
const MAX_FAILURES: u32 = 12;

/// What follows a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// Ask the current model, after this wait.
    Ask(Duration),
    /// Ask the current model with less.
    Trim,
    /// Nobody is left to ask.
    GiveUp(ModelError),
}

/// Where a run is in its chain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
    first: Option<ModelError>,
}

impl FallbackChain {
    /// Returns the chain before its first call. Vendors whose breaker is open are passed over.
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
        self.first.clone().unwrap_or(ModelError::Closed)
    }

    /// The current model failed.
    pub fn fail(&mut self, failure: &Failure, models: &[Candidate]) -> Then {
        let Some((_, model)) = self.current(models) else {
            return Then::GiveUp(self.error());
        };
        let error = failure.error(model.vendor);
        self.first.get_or_insert_with(|| error.clone());
        self.failures += 1;
        if self.failures >= MAX_FAILURES {
            return Then::GiveUp(self.error());
        }
        match failure.class {
            Class::BadRequest | Class::Policy => Then::GiveUp(error),
            Class::TooLong if !self.is_trimmed => {
                self.is_trimmed = true;
                Then::Trim
            }
            Class::TooLong => {
                let context = model.context;
                let next = self.find(self.current + 1, models, |model| model.context > context);
                self.go_on(next).unwrap_or(Then::GiveUp(error))
            }
            Class::Quota => {
                self.closed.push(model.vendor.to_owned());
                self.go_on(self.next(models)).unwrap_or_else(|| Then::GiveUp(self.error()))
            }
            Class::Config => {
                self.go_on(self.next(models)).unwrap_or_else(|| Then::GiveUp(self.error()))
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
                    return Then::Ask(SHORT_WAIT);
                }
                self.go_on(self.next(models)).unwrap_or_else(|| self.wait_for_capacity())
            }
        }
    }

    fn wait_for_capacity(&mut self) -> Then {
        let wait = usize::try_from(self.retries).ok().and_then(|index| WAITS.get(index));
        self.retries += 1;
        wait.map_or_else(|| Then::GiveUp(self.error()), |wait| Then::Ask(*wait))
    }

    fn wait_for_limit(&mut self, wait: Duration) -> Then {
        self.limit_waits += 1;
        if self.limit_waits > MAX_LIMIT_WAITS || wait > LONGEST_WAIT {
            return Then::GiveUp(self.error());
        }
        Then::Ask(wait)
    }

    fn go_on(&mut self, next: Option<usize>) -> Option<Then> {
        self.switch(next).then_some(Then::Ask(Duration::ZERO))
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

impl Stored for FallbackChain {
    fn to_json(&self) -> Value {
        let (vendor, class, code) = match &self.first {
            Some(ModelError::Refused { vendor, class, code }) => (*vendor, class.name(), *code),
            Some(ModelError::Late | ModelError::Closed) | None => ("", "", 0),
        };
        object([
            ("current", self.current.into()),
            ("retries", self.retries.into()),
            ("waits", self.limit_waits.into()),
            ("failures", self.failures.into()),
            ("trimmed", self.is_trimmed.to_json()),
            ("closed", self.closed.to_json()),
            ("vendor", vendor.into()),
            ("class", class.into()),
            ("code", code.into()),
        ])
    }

    fn from_json(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name)?.as_str();
        let first = Class::parse(text("class")?).and_then(|class| {
            let name = text("vendor")?;
            let mut vendors = models::VENDORS.iter().chain([&models::WORKERS_AI]);
            let vendor = vendors.find(|vendor| vendor.name == name)?.name;
            Some(ModelError::Refused { vendor, class, code: required(value, "code")? })
        });
        Some(Self {
            current: required::<u64>(value, "current")?.try_into().ok()?,
            retries: required(value, "retries")?,
            limit_waits: required(value, "waits")?,
            failures: required(value, "failures")?,
            is_trimmed: required(value, "trimmed")?,
            closed: optional(value, "closed")?,
            first,
        })
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
