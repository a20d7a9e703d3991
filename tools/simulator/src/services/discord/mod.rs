//! Discord: channels with webhooks, private replies with tokens that expire, and the faults that a request
//! can meet on its way.
//!
//! `faults` decides how a request fares, `api` is what Discord does with it, `places` are where
//! people ask, `way` is how a request comes there and back. This file is what Discord remembers.

mod api;
mod faults;
pub mod places;
mod request;
mod way;

use core::cell::{Ref, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use self::places::{Channel, HOME};
use self::request::{Call, Target};
use crate::base::ids::snowflake;
use crate::base::marks::SECRET;
use crate::base::plan::Plan;
use crate::base::rng::Rng;
use crate::base::shared::{START_MS, Shared};

/// Base URL in the settings.
pub const BASE: &str = "https://discord.test/api/v10";
/// Application's id in the settings.
pub const APPLICATION: &str = "775799577604522054";
/// Number of the configured webhook.
pub const HOOK: u64 = 1_190_000_000_000_000_001;

/// The Discord of one seed.
#[derive(Debug)]
pub struct Discord {
    shared: Rc<Shared>,
    state: RefCell<State>,
}

/// What Discord remembers.
#[derive(Debug, Default)]
pub struct State {
    pub(crate) channels: BTreeMap<u64, Channel>,
    /// All messages of all channels, in the order in which they appeared.
    pub(crate) messages: Vec<Message>,
    pub(crate) webhooks: BTreeMap<u64, Webhook>,
    /// Replies by the number of the question.
    pub(crate) replies: BTreeMap<usize, Interaction>,
    /// Questions whose answers a rule of the server refuses in public.
    refused: BTreeSet<usize>,
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
    /// Job that its buttons name, if it has any.
    pub buttons_of: Option<String>,
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
    /// When the program heard that it has written that down.
    pub(crate) forgotten_ms: Option<u64>,
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
    /// Whether the asker dismissed an answer that was still streaming.
    pub dismissed_while_streaming: bool,
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

impl Private {
    /// Returns whether it says that it goes on: a preview, and no answer to anybody.
    pub fn is_streaming(&self) -> bool {
        self.content.ends_with(" …")
    }
}

/// An interaction's token counts for so long, in milliseconds.
pub const TOKEN_MS: u64 = 15 * 60_000;

/// A question, as far as Discord is concerned.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// Interaction's token.
    pub token: &'a str,
    /// When it was asked.
    pub asked_ms: u64,
    /// Where.
    pub spot: places::Spot,
    /// Whether a rule of the server refuses its answers in public.
    pub is_refused: bool,
}

impl Discord {
    /// Returns the Discord of a seed.
    pub fn new(shared: &Rc<Shared>, state: State) -> Self {
        Self { shared: Rc::clone(shared), state: RefCell::new(state) }
    }

    /// Returns what Discord remembers.
    pub fn state(&self) -> Ref<'_, State> {
        self.state.borrow()
    }

    /// Opens the reply to a question.
    pub fn open(&self, ask: usize, opening: Opening<'_>) {
        self.state.borrow_mut().open(ask, opening);
    }

    /// Takes our reply to an interaction, if it is the first.
    pub fn acknowledge(&self, index: usize, kind: u64) -> bool {
        self.state.borrow_mut().acknowledge(index, kind, self.shared.executor.now())
    }

    /// Lets the asker dismiss what only they see, at a time.
    pub fn dismiss_at(self: &Rc<Self>, at_ms: u64, index: usize) {
        let discord = Rc::clone(self);
        self.shared.executor.at(at_ms, move || discord.state.borrow_mut().dismiss(index));
    }

    /// Draws what others do: somebody may delete a webhook, and people write in the channels.
    pub fn disturb(self: &Rc<Self>) {
        let shared = &self.shared;
        if shared.strikes(shared.plan.discord.deleted) {
            let discord = Rc::clone(self);
            let at_ms = START_MS + shared.rng.within(1_000..=300_000);
            shared.executor.at(at_ms, move || {
                let shared = &discord.shared;
                let deleted = discord.state.borrow_mut().delete_webhook(&shared.rng);
                shared.fault("discord", &format!("somebody deletes webhook {deleted:?}"));
            });
        }
        for number in 0..shared.rng.below(4) {
            let (discord, channel) = (Rc::clone(self), HOME + shared.rng.below(8));
            let at_ms = START_MS + shared.rng.within(1_000..=120_000);
            let chat = move || discord.state.borrow_mut().chat(channel, at_ms, number);
            shared.executor.at(at_ms, chat);
        }
    }
}

impl State {
    /// Draws the places of a seed.
    pub fn draw(rng: &Rng, plan: &Plan) -> Self {
        let hook = Webhook {
            channel: HOME,
            token: format!("{SECRET}-hook"),
            is_own: false,
            is_gone: false,
            told_gone_ms: None,
            forgotten_ms: None,
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

    /// Returns the channel that a request posts in, if it does.
    fn posts_in(&self, call: &Call) -> Option<u64> {
        let Target::Execute { webhook, thread, .. } = call.target else { return None };
        thread.or_else(|| self.webhooks.get(&webhook).map(|hook| hook.channel))
    }

    /// Returns the number of the question whose reply a request is about.
    fn asked(&self, call: &Call) -> Option<usize> {
        let token = call.token()?;
        let mut replies = self.replies.iter();
        replies.find(|(_, reply)| reply.token == token).map(|(ask, _)| *ask)
    }

    /// Returns the channel that a request looks at, if it does.
    fn looked_at(&self, call: &Call) -> Option<u64> {
        match call.target {
            Target::Messages { channel, .. } => Some(channel),
            Target::Message { message, .. } => {
                self.messages.iter().find(|known| known.id == message).map(|known| known.channel)
            }
            Target::Webhook { .. }
            | Target::Execute { .. }
            | Target::Original { .. }
            | Target::FollowUp { .. }
            | Target::Webhooks { .. }
            | Target::Unknown => None,
        }
    }

    fn open(&mut self, ask: usize, opening: Opening<'_>) {
        let is_foreign = opening.spot == places::Spot::Foreign;
        if opening.is_refused {
            self.refused.insert(ask);
        }
        let reply = Interaction {
            token: opening.token.to_owned(),
            asked_ms: opening.asked_ms,
            known_from_ms: None,
            original: Original::Nothing,
            dismissed: None,
            dismissed_while_streaming: false,
            follow_ups: Vec::new(),
            most_follow_ups: is_foreign.then_some(5),
        };
        self.replies.insert(ask, reply);
    }

    fn acknowledge(&mut self, index: usize, kind: u64, now_ms: u64) -> bool {
        let Some(reply) = self.replies.get_mut(&index) else { return false };
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

    fn dismiss(&mut self, index: usize) {
        if let Some(reply) = self.replies.get_mut(&index)
            && matches!(reply.original, Original::Thinking | Original::Text(_))
        {
            let before = core::mem::replace(&mut reply.original, Original::Dismissed);
            if let Original::Text(private) = before {
                if private.is_streaming() {
                    reply.dismissed_while_streaming = true;
                    return;
                }
                reply.dismissed = Some(private);
            }
        }
    }

    /// Lets somebody delete a webhook: that of a channel where people ask.
    fn delete_webhook(&mut self, rng: &Rng) -> Option<u64> {
        let all: Vec<u64> = self.webhooks.keys().copied().collect();
        let number = rng.pick(&all)?;
        self.webhooks.get_mut(&number)?.is_gone = true;
        Some(number)
    }

    /// Lets somebody write in a channel.
    fn chat(&mut self, channel: u64, now_ms: u64, number: u64) {
        self.messages.push(Message {
            id: snowflake(now_ms, number),
            channel,
            webhook: None,
            author: "others".to_owned(),
            content: "chatter".to_owned(),
            file: String::new(),
            post: None,
            buttons_of: None,
        });
    }

    /// Returns a message's or webhook's new id.
    fn new_id(&mut self, now_ms: u64) -> u64 {
        self.sequence += 1;
        snowflake(now_ms, 0x1000 + self.sequence)
    }
}
