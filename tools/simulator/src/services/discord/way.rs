//! Carries a request to Discord and its reply back, and notes in the record what was sent and read.

use std::rc::Rc;

use miyabi_core::http::{HttpError, Request, Response};

use super::faults::{self, Ruling};
use super::request::{self, Call, Target};
use super::{Discord, api};
use crate::base::outage::Service;
use crate::base::planted;
use crate::base::record::{Invariant, Look, Post};
use crate::base::run::{Run, milliseconds};
use crate::base::shared::Fate;

impl Discord {
    /// Sends a request through the world to Discord.
    ///
    /// # Errors
    /// As the world wants it: no answer, or a connection that breaks.
    pub async fn send(
        self: &Rc<Self>,
        run: &Run,
        request: &Request,
    ) -> Result<Response, HttpError> {
        let shared = &self.shared;
        let call = Call::read(request);
        if let Some(response) = planted(run, &call).await {
            return Ok(response);
        }
        let ruling = faults::rule(run, &call);
        let began_ms = shared.executor.now();
        let notes = self.notes(run, &call);
        let usual = shared.usual(120);
        let lost_ms = shared.rng.within(10..=600);
        let patience_ms = milliseconds(request.timeout);
        let (fate, is_served, instead) = match ruling {
            Ruling::Serve => (usual, true, None),
            Ruling::Refuse(response) => (usual, false, Some(response)),
            Ruling::ServeBut(response) => (usual, true, Some(response)),
            Ruling::Silence { is_served, is_late } => {
                let arrives_ms = if is_late {
                    Some(patience_ms + shared.rng.within(500..=40_000))
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
                let (discord, inner) = (Rc::clone(self), run.clone());
                let act = move || discord.serve(&inner, &call, notes, false);
                run.call(fate, patience_ms, act).await;
                return Err(HttpError::Lost);
            }
        };
        let is_heard = instead.is_none() && fate.returns_ms.is_some();
        let (discord, inner) = (Rc::clone(self), run.clone());
        let act = move || {
            let served = is_served.then(|| discord.serve(&inner, &call, notes, is_heard));
            instead.or(served).unwrap_or_else(|| api::error(500, 0, "nothing"))
        };
        let outcome = run.call(fate, patience_ms, act).await.ok_or(HttpError::Timeout);
        run.note("http", || {
            let status = outcome.as_ref().map(|response| response.status);
            let took_ms = shared.executor.now() - began_ms;
            format!("{} → {status:?} in {took_ms} ms", request::shown(request))
        });
        outcome
    }

    /// Records that the program knows its note "webhook gone" is stored.
    pub fn forgotten(&self, webhook: u64) {
        if let Some(hook) = self.state.borrow_mut().webhooks.get_mut(&webhook) {
            hook.forgotten_ms = hook.forgotten_ms.or(Some(self.shared.executor.now()));
        }
    }

    /// Notes a call to a webhook that is gone. An attempt that began before the program wrote that down
    /// may still call; and where nothing fails it has to write it down.
    fn call_to_gone(&self, run: &Run, webhook: u64, (began_ms, is_heard): (u64, bool)) {
        // What the claim has read is as old as its wait for the conversation and the facts.
        const GRACE_MS: u64 = 10_000;
        let (shared, now_ms) = (&self.shared, self.shared.executor.now());
        let known_ms = {
            let mut discord = self.state.borrow_mut();
            let Some(hook) = discord.webhooks.get_mut(&webhook) else { return };
            let can_fail = shared.plan.crash > 0
                || shared.plan.engine.can_fail()
                || shared.plan.store.is_ill()
                || shared.has_outage(Service::Store);
            let told_ms = hook.told_gone_ms.filter(|_| !can_fail);
            if is_heard {
                hook.told_gone_ms = hook.told_gone_ms.or(Some(now_ms));
            }
            hook.forgotten_ms.or(told_ms)
        };
        if known_ms.is_some_and(|known_ms| began_ms > known_ms + GRACE_MS) {
            let what = format!("{} calls webhook {webhook}, which is gone", run.actor.name);
            shared.violate(Invariant::Gone, what);
        }
    }

    /// Notes that a request is sent.
    fn notes(&self, run: &Run, call: &Call) -> Notes {
        let (discord, now_ms) = (self.state.borrow(), self.shared.executor.now());
        let mut record = self.shared.record.borrow_mut();
        let mut notes = Notes::default();
        if call.is_post() {
            record.posts.push(Post {
                marks: call.marks.clone(),
                channel: discord.posts_in(call),
                ask: run.actor.ask.or_else(|| discord.asked(call)),
                sent_ms: now_ms,
                landed_ms: None,
                attempt_began_ms: run.actor.attempt_began_ms.get(),
                sender: Rc::clone(&run.actor),
                message_id: None,
                hidden_by: None,
            });
            notes.post = Some(record.posts.len() - 1);
        }
        if let Some(channel) = discord.looked_at(call) {
            let look = Look { ask: run.actor.ask, channel, began_ms: now_ms, read_ms: None };
            record.looks.push(look);
            notes.look = Some(record.looks.len() - 1);
        }
        notes
    }

    /// Has Discord do what a request says, now; `is_heard` if the program hears of it.
    fn serve(&self, run: &Run, call: &Call, notes: Notes, is_heard: bool) -> Response {
        let shared = &self.shared;
        let now_ms = shared.executor.now();
        let (response, has_landed) = {
            let mut discord = self.state.borrow_mut();
            let count = discord.messages.len();
            let response = api::serve(shared, &mut discord, call, notes.post);
            let is_there =
                response.status < 300 && (call.is_post() || discord.messages.len() > count);
            (response, is_there)
        };
        let mut record = shared.record.borrow_mut();
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
        let post = notes.post.and_then(|post| record.posts.get(post));
        let began_ms = post.map(|post| post.attempt_began_ms);
        drop(record);
        run.note("discord", || format!("{} → {}", call.shown(), response.status));
        if let Target::Execute { webhook, .. } | Target::Webhook { webhook, .. } = call.target
            && response.status == 404
        {
            let began_ms = began_ms.unwrap_or_else(|| run.actor.attempt_began_ms.get());
            self.call_to_gone(run, webhook, (began_ms, is_heard));
        }
        response
    }
}

/// Returns what a planted bug makes Discord seem to answer.
async fn planted(run: &Run, call: &Call) -> Option<Response> {
    let step = run.actor.step.borrow().clone();
    let body = planted::response(&run.shared, &run.actor.role, &step, &call.shown())?;
    run.wait(50).await;
    run.note("planted", || call.shown());
    Some(Response { status: 200, headers: Vec::new(), body: body.to_string() })
}

/// Where in the record a request is noted.
#[derive(Debug, Clone, Copy, Default)]
struct Notes {
    post: Option<usize>,
    look: Option<usize>,
}
