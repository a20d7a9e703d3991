//! Faults of requests to Discord: silence, late arrival, server errors, rate limits and outages.

use miyabi_core::http::{Method, Response};
use serde_json::json;

use super::api;
use super::request::{Call, Target};
use crate::base::outage::{Outage, Service, Symptom};
use crate::base::run::Run;

/// How a request fares.
#[derive(Debug, Clone)]
pub(super) enum Ruling {
    /// Discord does what it says and answers.
    Serve,
    /// It is answered without an effect.
    Refuse(Response),
    /// It takes effect, and another answer comes back.
    ServeBut(Response),
    /// No answer comes until the program gives up.
    Silence {
        /// Whether it takes effect all the same.
        is_served: bool,
        /// Whether it takes effect only after the program gave up.
        is_late: bool,
    },
    /// The connection breaks.
    Lose {
        /// Whether it takes effect all the same.
        is_served: bool,
    },
}

/// Decides how a request fares.
pub(super) fn rule(run: &Run, call: &Call) -> Ruling {
    let shared = &run.shared;
    let service = service(call);
    let ruling = match shared.plan.outage(service, shared.since_ms()) {
        Some(outage) => away(run, call, outage),
        None => chance(run, call, service),
    };
    if !matches!(ruling, Ruling::Serve) {
        let how = match &ruling {
            Ruling::Refuse(response) => format!("{} before", response.status),
            Ruling::ServeBut(response) => format!("{} after", response.status),
            other @ (Ruling::Serve | Ruling::Silence { .. } | Ruling::Lose { .. }) => {
                format!("{other:?}")
            }
        };
        run.fault(&format!("{how}: {}", call.shown()));
    }
    ruling
}

const fn service(call: &Call) -> Service {
    match call.target {
        Target::Original { .. } | Target::FollowUp { .. } => Service::Interactions,
        Target::Messages { .. } | Target::Webhooks { .. } => Service::Channels,
        Target::Webhook { .. }
        | Target::Execute { .. }
        | Target::Message { .. }
        | Target::Unknown => Service::Webhooks,
    }
}

fn away(run: &Run, call: &Call, outage: Outage) -> Ruling {
    let rest_ms = outage.to_ms.saturating_sub(run.shared.since_ms());
    match outage.symptom {
        Symptom::Errors => Ruling::Refuse(api::error(503, 0, "unavailable")),
        Symptom::Silence => Ruling::Silence { is_served: false, is_late: false },
        Symptom::Limited => Ruling::Refuse(limited(rest_ms, true)),
        Symptom::Blocked => Ruling::Refuse(match run.shared.rng.below(3) {
            0 => blocked(403),
            1 => blocked(429),
            _ => fronted(run, call),
        }),
    }
}

fn chance(run: &Run, call: &Call, service: Service) -> Ruling {
    let shared = &run.shared;
    let (rng, plan) = (&shared.rng, &shared.plan.discord);
    let reads = matches!(call.method, Method::Get);
    if service == Service::Channels && reads && shared.strikes(plan.blind) {
        return match rng.below(3) {
            0 => Ruling::Refuse(api::error(500, 0, "internal")),
            1 => Ruling::Lose { is_served: false },
            _ => Ruling::Refuse(limited(rng.within(100..=3_000), false)),
        };
    }
    if shared.strikes(plan.silent) {
        let is_served = rng.chance(500);
        if rng.chance(500) {
            Ruling::Silence { is_served, is_late: false }
        } else {
            Ruling::Lose { is_served }
        }
    } else if !reads && shared.strikes(plan.late) {
        Ruling::Silence { is_served: true, is_late: true }
    } else if shared.strikes(plan.broken) {
        let response = api::error(rng.pick(&[500, 502, 503, 504]).unwrap_or(500), 0, "internal");
        if rng.chance(500) { Ruling::Refuse(response) } else { Ruling::ServeBut(response) }
    } else if shared.strikes(plan.limited) {
        Ruling::Refuse(limited(rng.within(100..=8_000), rng.chance(100)))
    } else if shared.strikes(plan.limited_unnamed) {
        Ruling::Refuse(blocked(429))
    } else if shared.strikes(plan.fronted) {
        Ruling::Refuse(fronted(run, call))
    } else {
        Ruling::Serve
    }
}

/// Discord's own limit.
fn limited(wait_ms: u64, is_global: bool) -> Response {
    // Seconds with three digits, as Discord writes them.
    let wait = format!("{}.{:03}", wait_ms / 1000, wait_ms % 1000);
    let wait: serde_json::Value = wait.parse().unwrap_or_default();
    let body = json!({ "message": "You are being rate limited.", "retry_after": wait, "global": is_global });
    Response { status: 429, headers: Vec::new(), body: body.to_string() }
}

/// A web page by whoever stands in front of Discord.
fn blocked(status: u16) -> Response {
    let body = "<html><title>Access denied</title></html>".to_owned();
    Response { status, headers: vec![("content-type", "text/html".to_owned())], body }
}

/// An answer by whoever stands in front of Discord that reads like Discord's own.
///
/// # Source
/// discord-api-docs #6473.
fn fronted(run: &Run, call: &Call) -> Response {
    run.shared.struck(format!("40333 at {}", call.kind()));
    api::error(403, 40_333, "internal network error")
}
