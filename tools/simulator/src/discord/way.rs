//! The way of a request to Discord and back, and what is noted of it.

use miyabi_core::http::{HttpError, Request, Response};

use super::api;
use super::faults::{self, Ruling};
use super::request::{self, Call, Target};
use crate::host::milliseconds;
use crate::plan::Service;
use crate::plant;
use crate::record::{Invariant, Look, Post};
use crate::world::{Fate, Sim, World};

/// Sends a request through the world to Discord.
///
/// # Errors
/// As the world wants it: no answer, or a connection that breaks.
pub async fn send(sim: &Sim, request: &Request) -> Result<Response, HttpError> {
    let world = &sim.world;
    let call = Call::read(request);
    if let Some(response) = planted(sim, &call).await {
        return Ok(response);
    }
    let ruling = faults::rule(sim, &call);
    let began_ms = world.executor.now();
    let notes = Notes::take(sim, &call);
    let usual = world.usual(120);
    let lost_ms = world.rng.within(10..=600);
    let patience_ms = milliseconds(request.timeout);
    let (fate, is_served, instead) = match ruling {
        Ruling::Serve => (usual, true, None),
        Ruling::Refuse(response) => (usual, false, Some(response)),
        Ruling::ServeBut(response) => (usual, true, Some(response)),
        Ruling::Silence { is_served, is_late } => {
            let arrives_ms = if is_late {
                Some(patience_ms + world.rng.within(500..=40_000))
            } else {
                usual.arrives_ms
            };
            let arrives_ms = arrives_ms.filter(|_| is_served || is_late);
            (Fate { arrives_ms, returns_ms: None }, is_served || is_late, None)
        }
        Ruling::Lose { is_served } => {
            let arrives_ms = usual.arrives_ms.filter(|_| is_served);
            let patience_ms = lost_ms.max(arrives_ms.unwrap_or(0) + 1);
            let fate = Fate { arrives_ms, returns_ms: None };
            let inner = sim.clone();
            let act = move || inner.serve(&call, notes, false);
            sim.call(fate, patience_ms, act).await;
            return Err(HttpError::Lost);
        }
    };
    let is_heard = instead.is_none() && fate.returns_ms.is_some();
    let inner = sim.clone();
    let act = move || {
        let served = is_served.then(|| inner.serve(&call, notes, is_heard));
        instead.or(served).unwrap_or_else(|| api::error(500, 0, "nothing"))
    };
    let outcome = sim.call(fate, patience_ms, act).await.ok_or(HttpError::Timeout);
    world.note(&sim.actor.name, "http", || {
        let status = outcome.as_ref().map(|response| response.status);
        let took_ms = world.executor.now() - began_ms;
        format!("{} → {status:?} in {took_ms} ms", request::shown(request))
    });
    outcome
}

/// Takes note that the program heard that it has written down that a webhook is gone: from now on it
/// knows.
pub fn forgotten(world: &World, webhook: u64) {
    if let Some(hook) = world.discord.borrow_mut().webhooks.get_mut(&webhook) {
        hook.forgotten_ms = hook.forgotten_ms.or(Some(world.executor.now()));
    }
}

impl Sim {
    /// Notes a call to a webhook that is gone. An attempt that began before the program wrote that down
    /// may still call; and where nothing fails it has to write it down.
    fn call_to_gone(&self, webhook: u64, began_ms: u64, is_heard: bool) {
        const GRACE_MS: u64 = 2_000;
        let (world, now_ms) = (&self.world, self.world.executor.now());
        let known_ms = {
            let mut discord = world.discord.borrow_mut();
            let Some(hook) = discord.webhooks.get_mut(&webhook) else { return };
            let can_fail = world.plan.crash > 0
                || world.plan.store.is_ill()
                || world.has_outage(Service::Store);
            let told_ms = hook.told_gone_ms.filter(|_| !can_fail);
            if is_heard {
                hook.told_gone_ms = hook.told_gone_ms.or(Some(now_ms));
            }
            hook.forgotten_ms.or(told_ms)
        };
        if known_ms.is_some_and(|known_ms| began_ms > known_ms + GRACE_MS) {
            let what = format!("{} calls webhook {webhook}, which is gone", self.actor.name);
            world.violate(Invariant::Gone, what);
        }
    }
}

/// Returns what a planted bug makes Discord seem to answer.
async fn planted(sim: &Sim, call: &Call) -> Option<Response> {
    let step = sim.actor.step.borrow().clone();
    let body = plant::response(&sim.world, &sim.actor.role, &step, &call.shown())?;
    sim.wait(50).await;
    sim.world.note(&sim.actor.name, "planted", || call.shown());
    Some(Response { status: 200, headers: Vec::new(), body: body.to_string() })
}

/// Where in the record this request is noted.
#[derive(Debug, Clone, Copy, Default)]
struct Notes {
    post: Option<usize>,
    look: Option<usize>,
}

impl Notes {
    /// Notes that a request is sent.
    fn take(sim: &Sim, call: &Call) -> Self {
        let now_ms = sim.world.executor.now();
        let mut record = sim.world.record.borrow_mut();
        let mut notes = Self::default();
        if call.is_post() {
            let channel = sim.world.discord.borrow().posts_in(call);
            record.posts.push(Post {
                marks: call.marks.clone(),
                channel,
                ask: sim.actor.ask.or_else(|| sim.world.discord.borrow().asked(call)),
                generation: sim.actor.generation(),
                sent_ms: now_ms,
                landed_ms: None,
                run_began_ms: sim.actor.began_ms,
                attempt_began_ms: sim.actor.attempt_began_ms.get(),
                who: sim.actor.name.clone(),
            });
            notes.post = Some(record.posts.len() - 1);
        }
        if let Some(channel) = sim.world.discord.borrow().looked_at(call) {
            let look = Look { ask: sim.actor.ask, channel, began_ms: now_ms, read_ms: None };
            record.looks.push(look);
            notes.look = Some(record.looks.len() - 1);
        }
        notes
    }
}

impl Sim {
    /// Has Discord do what a request says, now; `is_heard` if the program hears of it.
    fn serve(&self, call: &Call, notes: Notes, is_heard: bool) -> Response {
        let world = &self.world;
        let now_ms = world.executor.now();
        let (response, has_landed) = {
            let count = world.discord.borrow().messages.len();
            let response = api::serve(world, call, notes.post);
            let discord = world.discord.borrow();
            let is_there =
                response.status < 300 && (call.is_post() || discord.messages.len() > count);
            (response, is_there)
        };
        let mut record = world.record.borrow_mut();
        if let Some(post) = notes.post.and_then(|post| record.posts.get_mut(post))
            && has_landed
        {
            post.landed_ms = Some(now_ms);
        }
        if let Some(look) = notes.look.and_then(|look| record.looks.get_mut(look))
            && is_heard
            && response.status < 300
        {
            look.read_ms = Some(now_ms);
        }
        drop(record);
        let who = &self.actor.name;
        world.note(who, "discord", || format!("{} → {}", call.shown(), response.status));
        if let Target::Execute { webhook, .. } | Target::Webhook { webhook, .. } = call.target
            && response.status == 404
        {
            let post = notes.post.and_then(|post| world.record.borrow().posts.get(post).cloned());
            let began_ms = post.map(|post| post.attempt_began_ms);
            let began_ms = began_ms.unwrap_or_else(|| self.actor.attempt_began_ms.get());
            self.call_to_gone(webhook, began_ms, is_heard);
        }
        response
    }
}
