//! What happens to a request on its way to Discord and back.

use miyabi_core::http::{Method, Response};
use serde_json::json;

use super::api;
use super::request::{Call, Target};
use crate::plan::{Outage, Service, Symptom};
use crate::world::Sim;

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
pub(super) fn rule(sim: &Sim, call: &Call) -> Ruling {
    let world = &sim.world;
    let service = service(call);
    let ruling = match world.plan.outage(service, world.since_ms()) {
        Some(outage) => away(sim, outage),
        None => chance(sim, call, service),
    };
    if !matches!(ruling, Ruling::Serve) {
        let how = match &ruling {
            Ruling::Refuse(response) => format!("{} before", response.status),
            Ruling::ServeBut(response) => format!("{} after", response.status),
            other @ (Ruling::Serve | Ruling::Silence { .. } | Ruling::Lose { .. }) => {
                format!("{other:?}")
            }
        };
        sim.fault(&format!("{how}: {}", call.shown()));
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

fn away(sim: &Sim, outage: Outage) -> Ruling {
    let rest_ms = outage.to_ms.saturating_sub(sim.world.since_ms());
    match outage.symptom {
        Symptom::Errors => Ruling::Refuse(api::error(503, 0, "unavailable")),
        Symptom::Silence => Ruling::Silence { is_served: false, is_late: false },
        Symptom::Limited => Ruling::Refuse(limited(rest_ms, true)),
        Symptom::Blocked => {
            Ruling::Refuse(blocked(if sim.world.rng.chance(500) { 403 } else { 429 }))
        }
    }
}

fn chance(sim: &Sim, call: &Call, service: Service) -> Ruling {
    let world = &sim.world;
    let (rng, plan) = (&world.rng, &world.plan.discord);
    let reads = matches!(call.method, Method::Get);
    if service == Service::Channels && reads && world.strikes(plan.blind) {
        return match rng.below(3) {
            0 => Ruling::Refuse(api::error(500, 0, "internal")),
            1 => Ruling::Lose { is_served: false },
            _ => Ruling::Refuse(limited(rng.within(100..=3_000), false)),
        };
    }
    if world.strikes(plan.silent) {
        let is_served = rng.chance(500);
        if rng.chance(500) {
            Ruling::Silence { is_served, is_late: false }
        } else {
            Ruling::Lose { is_served }
        }
    } else if !reads && world.strikes(plan.late) {
        Ruling::Silence { is_served: true, is_late: true }
    } else if world.strikes(plan.broken) {
        let response = api::error(rng.pick(&[500, 502, 503, 504]).unwrap_or(500), 0, "internal");
        if rng.chance(500) { Ruling::Refuse(response) } else { Ruling::ServeBut(response) }
    } else if world.strikes(plan.limited) {
        Ruling::Refuse(limited(rng.within(100..=8_000), rng.chance(100)))
    } else if world.strikes(plan.limited_unnamed) {
        Ruling::Refuse(blocked(429))
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
