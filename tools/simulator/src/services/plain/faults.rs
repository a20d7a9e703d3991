//! Faults of calls to the platform that can only send: silence, late arrival, server errors, rate limits,
//! refusals for now and outages.

use crate::base::outage::{Outage, Service, Symptom};
use std::rc::Rc;

use crate::base::marks::Mark;
use crate::base::record::Post;
use crate::base::run::Run;
use crate::base::shared::Fate;

/// Longest wait for one response, in milliseconds.
const TIMEOUT_MS: u64 = 15_000;

/// How a message fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ruling {
    /// The platform takes it, or refuses it for good, and says so.
    Serve,
    /// Too many requests: it is not there.
    Limited {
        /// How long to wait, if the platform says so.
        wait_ms: Option<u64>,
    },
    /// It is refused for now.
    Deferred,
    /// An error inside the platform.
    Broken {
        /// Whether it is there all the same.
        is_served: bool,
    },
    /// No response comes until the program gives up.
    Silence {
        /// Whether it is there all the same.
        is_served: bool,
    },
    /// No response comes, and the message appears after the program gave up.
    Late,
    /// The connection breaks.
    Lost {
        /// Whether it is there all the same.
        is_served: bool,
    },
}

impl Ruling {
    /// Returns its name.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Serve => "nothing",
            Self::Limited { .. } => "a limit",
            Self::Deferred => "a refusal for now",
            Self::Broken { .. } => "a server error",
            Self::Silence { .. } => "no response",
            Self::Late => "a late arrival",
            Self::Lost { .. } => "a lost connection",
        }
    }

    /// Returns the fault that keeps the sender from knowing whether the message is there, if one does.
    pub(super) const fn hides_outcome(self) -> Option<&'static str> {
        match self {
            Self::Serve | Self::Limited { .. } | Self::Deferred => None,
            Self::Broken { .. } => Some("a server error"),
            Self::Silence { .. } => Some("no response"),
            Self::Late => Some("no response and a late arrival"),
            Self::Lost { .. } => Some("a lost connection"),
        }
    }
}

/// Decides how a message fares.
pub(super) fn rule(run: &Run, what: &str) -> Ruling {
    let shared = &run.shared;
    let ruling = match shared.plan.outage(Service::Plain, shared.since_ms()) {
        Some(outage) => away(run, outage),
        None => chance(run),
    };
    if ruling != Ruling::Serve {
        run.fault(&format!("{ruling:?}: {what}"));
    }
    ruling
}

/// Decides how a look for the way to a chat fares.
pub(super) fn rule_route(run: &Run) -> Ruling {
    let (shared, rng) = (&run.shared, &run.shared.rng);
    let ruling = match shared.plan.outage(Service::Plain, shared.since_ms()) {
        Some(outage) => away(run, outage),
        None if shared.strikes(shared.plan.plain.unrouted) => rng
            .pick(&[
                Ruling::Silence { is_served: false },
                Ruling::Lost { is_served: false },
                Ruling::Broken { is_served: false },
                Ruling::Limited { wait_ms: None },
                Ruling::Deferred,
            ])
            .unwrap_or(Ruling::Deferred),
        None => Ruling::Serve,
    };
    if ruling != Ruling::Serve {
        run.fault(&format!("{ruling:?}: route"));
    }
    ruling
}

/// Returns the ways of a message and of its response.
pub(super) fn fate(run: &Run, ruling: Ruling) -> (Fate, u64) {
    let usual = run.shared.usual(120);
    let served = |is_served: bool| usual.arrives_ms.filter(|_| is_served);
    let silent = |arrives_ms: Option<u64>| Fate { arrives_ms, returns_ms: None };
    match ruling {
        Ruling::Serve => (usual, TIMEOUT_MS),
        Ruling::Limited { .. } | Ruling::Deferred => {
            (Fate { arrives_ms: None, ..usual }, TIMEOUT_MS)
        }
        Ruling::Broken { is_served } => {
            (Fate { arrives_ms: served(is_served), ..usual }, TIMEOUT_MS)
        }
        Ruling::Silence { is_served } => (silent(served(is_served)), TIMEOUT_MS),
        Ruling::Late => {
            let arrives_ms = TIMEOUT_MS + run.shared.rng.within(500..=40_000);
            (silent(Some(arrives_ms)), TIMEOUT_MS)
        }
        Ruling::Lost { is_served } => {
            let lost_ms = run.shared.rng.within(10..=600);
            let arrives_ms = served(is_served);
            (silent(arrives_ms), lost_ms.max(arrives_ms.unwrap_or(0) + 1))
        }
    }
}

/// Notes that a message is sent, and returns its number among the posts.
pub(super) fn note(run: &Run, ask: Option<usize>, content: &str, ruling: Ruling) -> usize {
    let (actor, shared) = (&run.actor, &run.shared);
    let mut record = shared.record.borrow_mut();
    record.posts.push(Post {
        marks: Mark::all(content),
        channel: None,
        ask,
        sent_ms: shared.executor.now(),
        landed_ms: None,
        attempt_began_ms: actor.attempt_began_ms.get(),
        sender: Rc::clone(actor),
        message_id: None,
        hidden_by: ruling.hides_outcome(),
    });
    record.posts.len() - 1
}

fn away(run: &Run, outage: Outage) -> Ruling {
    match outage.symptom {
        Symptom::Errors => Ruling::Broken { is_served: false },
        Symptom::Silence => Ruling::Silence { is_served: false },
        Symptom::Limited => {
            let wait_ms = outage.to_ms.saturating_sub(run.shared.since_ms());
            Ruling::Limited { wait_ms: Some(wait_ms) }
        }
        Symptom::Blocked => Ruling::Deferred,
    }
}

fn chance(run: &Run) -> Ruling {
    let (shared, plan) = (&run.shared, &run.shared.plan.plain);
    let rng = &shared.rng;
    if shared.strikes(plan.silent) {
        let is_served = rng.chance(500);
        if rng.chance(500) { Ruling::Silence { is_served } } else { Ruling::Lost { is_served } }
    } else if shared.strikes(plan.late) {
        Ruling::Late
    } else if shared.strikes(plan.broken) {
        Ruling::Broken { is_served: rng.chance(500) }
    } else if shared.strikes(plan.limited) {
        let wait_ms = rng.chance(700).then(|| rng.within(100..=8_000));
        Ruling::Limited { wait_ms }
    } else if shared.strikes(plan.deferred) {
        Ruling::Deferred
    } else {
        Ruling::Serve
    }
}
