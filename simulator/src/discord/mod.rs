//! Discord, as far as the program can tell: channels with webhooks, private replies with tokens that
//! expire, and everything that can happen to a request on its way.
//!
//! `faults` decides how a request fares, `api` is what Discord does with it, `places` are where
//! people ask. This file is what Discord remembers, and the way of a request.

mod api;
mod faults;
pub mod places;
mod request;

use std::collections::BTreeMap;

use miyabi::http::{HttpError, Request, Response};

use self::faults::Ruling;
use self::places::{Channel, HOME};
use self::request::{Call, Target};
use crate::host::milliseconds;
use crate::marks::SECRET;
use crate::people::Ask;
use crate::plan::{Plan, Service};
use crate::plant;
use crate::record::{Invariant, Look, Post, Reply};
use crate::rng::Rng;
use crate::world::{Fate, Sim};

/// Base URL in the settings.
pub const BASE: &str = "https://discord.test/api/v10";
/// Application's id in the settings.
pub const APPLICATION: &str = "775799577604522054";
/// Number of the configured webhook.
pub const HOOK: u64 = 1_190_000_000_000_000_001;

/// What Discord remembers.
#[derive(Debug, Default)]
pub struct Discord {
    pub(crate) channels: BTreeMap<u64, Channel>,
    /// All messages of all channels, in the order in which they appeared.
    pub(crate) messages: Vec<Message>,
    pub(crate) webhooks: BTreeMap<u64, Webhook>,
    /// Replies by the number of the question.
    pub(crate) replies: Vec<Interaction>,
    sequence: u64,
}

/// A message in a channel.
#[derive(Debug, Clone)]
pub struct Message {
    /// Id.
    pub id: u64,
    /// Channel or thread.
    pub channel: u64,
    /// Webhook that posted it; `None` if a person did.
    pub webhook: Option<u64>,
    /// Name.
    pub author: String,
    /// Content.
    pub content: String,
    /// Text of an attached file.
    pub file: String,
    /// Number among the posts of the record.
    pub post: Option<usize>,
}

/// A webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    pub(crate) channel: u64,
    pub(crate) token: String,
    /// Whether the application owns it.
    pub(crate) is_own: bool,
    pub(crate) is_gone: bool,
    /// When the program was first told that it is gone.
    pub(crate) told_gone_ms: Option<u64>,
}

/// The reply to one question, which only its asker sees.
#[derive(Debug, Clone)]
pub struct Interaction {
    pub(crate) token: String,
    pub(crate) asked_ms: u64,
    /// When Discord got our acknowledgement.
    pub(crate) known_from_ms: Option<u64>,
    /// What stands where "thinking…" stood.
    pub original: Original,
    /// The text that the asker dismissed.
    pub dismissed: Option<Private>,
    /// Private messages after it.
    pub follow_ups: Vec<Private>,
    /// Most of them.
    pub(crate) most_follow_ups: Option<usize>,
}

/// What stands where "thinking…" stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Original {
    /// Nothing yet, or "did not respond".
    Nothing,
    /// "thinking…"
    Thinking,
    /// A text.
    Text(Private),
    /// We removed it.
    Removed,
    /// The asker dismissed it.
    Dismissed,
}

/// A private text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Private {
    /// Text.
    pub content: String,
    /// Text of an attached file.
    pub file: String,
    /// Number among the posts of the record.
    pub post: Option<usize>,
}

/// An interaction's token counts for so long, in milliseconds.
pub const TOKEN_MS: u64 = 15 * 60_000;

impl Discord {
    /// Draws the places of a seed.
    pub fn draw(rng: &Rng, plan: &Plan) -> Self {
        let hook = Webhook {
            channel: HOME,
            token: format!("{SECRET}-hook"),
            is_own: false,
            is_gone: false,
            told_gone_ms: None,
        };
        let mut webhooks = BTreeMap::from([(HOOK, hook.clone())]);
        if rng.chance(200) {
            // Made by an earlier version of the program, and not remembered.
            let token = format!("{SECRET}-own");
            webhooks.insert(HOOK + 1, Webhook { channel: HOME + 2, token, is_own: true, ..hook });
        }
        let channels = places::draw(rng, plan);
        Self { channels, webhooks, ..Self::default() }
    }

    /// Returns the channel that a thread belongs to.
    pub fn parent(&self, channel: u64) -> Option<u64> {
        self.channels.get(&channel).and_then(|channel| channel.parent)
    }

    /// Returns the channel that a request looks at, if it does.
    fn looked_at(&self, call: &Call) -> Option<u64> {
        match call.target {
            Target::Messages { channel, .. } => Some(channel),
            Target::Message { message, .. } => {
                self.messages.iter().find(|known| known.id == message).map(|known| known.channel)
            }
            _ => None,
        }
    }

    /// Opens the reply to a question, which comes next.
    pub fn open(&mut self, ask: &Ask) {
        let is_foreign = ask.spot == places::Spot::Foreign;
        self.replies.push(Interaction {
            token: ask.question.token.reveal().to_owned(),
            asked_ms: ask.asked_ms,
            known_from_ms: None,
            original: Original::Nothing,
            dismissed: None,
            follow_ups: Vec::new(),
            most_follow_ups: is_foreign.then_some(5),
        });
    }

    /// Takes our reply to an interaction, if it is the first.
    pub fn acknowledge(&mut self, index: usize, kind: u64, now_ms: u64) -> bool {
        let Some(reply) = self.replies.get_mut(index) else { return false };
        if reply.known_from_ms.is_some() {
            return false;
        }
        reply.known_from_ms = Some(now_ms);
        reply.original = match kind {
            5 => Original::Thinking,
            _ => Original::Text(Private {
                content: "a sentence at once".to_owned(),
                file: String::new(),
                post: None,
            }),
        };
        true
    }

    /// Lets the asker dismiss what only they see.
    pub fn dismiss(&mut self, index: usize) {
        if let Some(reply) = self.replies.get_mut(index)
            && matches!(reply.original, Original::Thinking | Original::Text(_))
        {
            let before = core::mem::replace(&mut reply.original, Original::Dismissed);
            if let Original::Text(private) = before {
                reply.dismissed = Some(private);
            }
        }
    }

    /// Lets somebody delete a webhook: that of a channel where people ask.
    pub fn delete_webhook(&mut self, rng: &Rng) -> Option<u64> {
        let all: Vec<u64> = self.webhooks.keys().copied().collect();
        let number = rng.pick(&all)?;
        self.webhooks.get_mut(&number)?.is_gone = true;
        Some(number)
    }

    /// Lets somebody write in a channel.
    pub fn chat(&mut self, channel: u64, now_ms: u64, number: u64) {
        self.messages.push(Message {
            id: crate::people::snowflake(now_ms, number),
            channel,
            webhook: None,
            author: "others".to_owned(),
            content: "chatter".to_owned(),
            file: String::new(),
            post: None,
        });
    }

    /// Returns a message's or webhook's new id.
    fn new_id(&mut self, now_ms: u64) -> u64 {
        self.sequence += 1;
        crate::people::snowflake(now_ms, 0x1000 + self.sequence)
    }
}

/// Sends a request through the world to Discord.
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

impl Sim {
    /// Notes a call to a webhook that is gone; the program is told once, and has a little time to
    /// remember it.
    fn call_to_gone(&self, webhook: u64, is_heard: bool) {
        const GRACE_MS: u64 = 30_000;
        let (world, now_ms) = (&self.world, self.world.executor.now());
        let told_ms = {
            let mut discord = world.discord.borrow_mut();
            let Some(hook) = discord.webhooks.get_mut(&webhook) else { return };
            let told_ms = hook.told_gone_ms;
            if is_heard {
                hook.told_gone_ms = told_ms.or(Some(now_ms));
            }
            told_ms
        };
        let can_forget =
            world.plan.crash > 0 || world.plan.store.is_ill() || world.has_outage(Service::Store);
        if told_ms.is_some_and(|told_ms| now_ms > told_ms + GRACE_MS) && !can_forget {
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
    reply: Option<usize>,
}

impl Notes {
    /// Notes that a request is sent.
    fn take(sim: &Sim, call: &Call) -> Self {
        let now_ms = sim.world.executor.now();
        let mut record = sim.world.record.borrow_mut();
        let mut notes = Self::default();
        if call.is_post() {
            let channel = match &call.target {
                Target::Execute { webhook, thread, .. } => {
                    let discord = sim.world.discord.borrow();
                    thread.or_else(|| discord.webhooks.get(webhook).map(|hook| hook.channel))
                }
                _ => None,
            };
            record.posts.push(Post {
                marks: call.marks.clone(),
                channel,
                life: sim.actor.life(),
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
        if let Some(token) = call.token() {
            let discord = sim.world.discord.borrow();
            if let Some(ask) = discord.replies.iter().position(|reply| reply.token == token) {
                record.replies.push(Reply { ask, at_ms: now_ms, is_settled: false });
                notes.reply = Some(record.replies.len() - 1);
            }
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
        if let Some(reply) = notes.reply.and_then(|reply| record.replies.get_mut(reply)) {
            reply.is_settled = is_heard;
        }
        drop(record);
        let who = &self.actor.name;
        world.note(who, "discord", || format!("{} → {}", call.shown(), response.status));
        if let Target::Execute { webhook, .. } | Target::Webhook { webhook, .. } = call.target
            && response.status == 404
        {
            self.call_to_gone(webhook, is_heard);
        }
        response
    }
}
