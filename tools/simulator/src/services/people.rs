//! People, who ask questions on all platforms, and what a platform makes of the program's reply.

mod presses;

use core::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use miyabi_channels::discord::place::Place;
use miyabi_channels::web;
use miyabi_core::i18n::Language;
use miyabi_core::ids::{JobId, Millis, Secret};
use miyabi_core::question::{Asker, Question};

pub use self::presses::STRANGER;
use super::discord::places::{self, SPOTS, Spot};
use super::discord::{self, Discord};
use super::model::{Model, Said};
use super::plain::{self, Plain};
use super::readers::Readers;
use crate::base::hooks::Wish;
use crate::base::ids::snowflake;
use crate::base::marks::{self, Mark, SECRET};
use crate::base::shared::{START_MS, Shared};

/// Where a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Venue {
    /// In a place of Discord.
    Discord(Spot),
    /// In a group on a messenger.
    Group,
    /// Alone with the program, on a messenger.
    Chat,
    /// In a conversation on the web.
    Web,
}

impl Venue {
    /// Returns the channel of Discord, if it is in one.
    pub const fn channel(self) -> Option<u64> {
        match self {
            Self::Discord(spot) => places::channel(spot),
            Self::Group | Self::Chat | Self::Web => None,
        }
    }

    /// Returns the token by which a question of this number is replied to.
    fn token(self, index: usize) -> String {
        match self {
            Self::Group | Self::Chat | Self::Web => String::new(),
            Self::Discord(_) => format!("{SECRET}-interaction-{index}"),
        }
    }

    /// Returns whether it is on a messenger.
    pub const fn is_plain(self) -> bool {
        matches!(self, Self::Group | Self::Chat)
    }
}

/// A question.
#[derive(Debug)]
pub struct Ask {
    /// Job's id.
    pub id: String,
    /// Question as the program gets it.
    pub question: Question,
    /// When it was asked.
    pub asked_ms: u64,
    /// Where.
    pub venue: Venue,
    /// The question that asked the same before, in the same place.
    pub twin_of: Option<usize>,
    /// The question whose answer is wanted once more, by a button: then its words are not posted again.
    pub again_of: Option<usize>,
    /// Whether an answer was promised: Discord got a reply "thinking…" in time, or the other platform any
    /// that does not refuse.
    pub is_accepted: Cell<bool>,
}

impl Ask {
    const fn is_on_discord(&self) -> bool {
        matches!(self.venue, Venue::Discord(_))
    }
}

/// Discord waits so long for a reply, in milliseconds.
const ACK_MS: u64 = 3_000;

/// The people of one seed.
#[derive(Debug)]
pub struct People {
    shared: Rc<Shared>,
    platforms: Platforms,
    model: Rc<Model>,
    readers: Rc<Readers>,
    asks: RefCell<Vec<Ask>>,
    /// When the last button is pressed.
    latest_ms: Cell<u64>,
}

/// The platforms on which people ask.
#[derive(Debug)]
pub struct Platforms {
    /// Discord.
    pub discord: Rc<Discord>,
    /// The chats of messengers.
    pub plain: Rc<Plain>,
}

impl People {
    /// Returns the people of a seed, who have not asked anything yet.
    pub fn new(
        shared: &Rc<Shared>,
        platforms: Platforms,
        model: &Rc<Model>,
        readers: &Rc<Readers>,
    ) -> Self {
        Self {
            shared: Rc::clone(shared),
            platforms,
            model: Rc::clone(model),
            readers: Rc::clone(readers),
            asks: RefCell::default(),
            latest_ms: Cell::default(),
        }
    }

    /// Returns when the last question is asked, or the last button below an answer is pressed.
    pub fn last_ms(&self) -> u64 {
        let asked_ms = self.asks.borrow().iter().map(|ask| ask.asked_ms).max();
        asked_ms.unwrap_or_default().max(self.latest_ms.get())
    }

    /// Returns the questions.
    pub fn asks(&self) -> Ref<'_, Vec<Ask>> {
        self.asks.borrow()
    }

    /// Returns a question as the program gets it.
    pub fn question(&self, index: usize) -> Option<Question> {
        self.asks.borrow().get(index).map(|ask| ask.question.clone())
    }

    /// Draws the questions of a seed and has them asked.
    pub fn begin(self: &Rc<Self>) {
        let shared = &self.shared;
        let count = shared.rng.within(1..=4);
        let mut at_ms = START_MS + 1_000;
        for index in 0..usize::try_from(count).unwrap_or(1) {
            // Often at the same moment, and at times minutes apart.
            at_ms += match shared.rng.below(4) {
                0 => shared.rng.within(30_000..=150_000),
                1 => shared.rng.within(1_000..=20_000),
                _ => shared.rng.below(800),
            };
            let ask = self.draw(index, at_ms);
            self.open(index, &ask);
            if let Some(conversation) = &ask.question.conversation
                && shared.rng.chance(250)
                // What was said before is of nobody's list.
                && shared.plan.people.erases == 0
            {
                self.readers.lengthen(conversation);
            }
            self.model.expect(Said {
                asked_ms: ask.asked_ms,
                twin_of: ask.twin_of,
                conversation: ask.question.conversation.clone(),
                ..Said::default()
            });
            self.asks.borrow_mut().push(ask);
            shared.record.borrow_mut().counts.asked += 1;
            self.deliver_at(index, at_ms + shared.rng.within(20..=400));
            if shared.rng.chance(shared.plan.people.doubles) {
                self.deliver_at(index, at_ms + shared.rng.within(20..=2_500));
            }
            if shared.rng.chance(shared.plan.people.erases) {
                self.wish_at(index, Wish::Erase, at_ms + shared.rng.within(300..=600_000));
            }
            self.draw_wishes(index, at_ms);
            let is_discord = self.asks.borrow().get(index).is_some_and(Ask::is_on_discord);
            if is_discord && shared.rng.chance(shared.plan.people.dismisses) {
                self.platforms
                    .discord
                    .dismiss_at(at_ms + shared.rng.within(1_000..=600_000), index);
            }
        }
    }

    /// Tells the platform who asks a question.
    fn open(&self, index: usize, ask: &Ask) {
        let (rng, plan) = (&self.shared.rng, &self.shared.plan);
        let question = &ask.question;
        match ask.venue {
            Venue::Discord(spot) => {
                let is_refused = rng.chance(plan.discord.refused);
                let (token, asked_ms) = (question.token.reveal(), ask.asked_ms);
                self.platforms
                    .discord
                    .open(index, discord::Opening { token, asked_ms, spot, is_refused });
                // Every third time twice: the second finds what the first has left.
                if rng.chance(plan.people.cancels) {
                    let at_ms = asked_ms + rng.within(300..=60_000);
                    self.wish_at(index, Wish::Cancel, at_ms);
                    if rng.below(3) == 0 {
                        self.wish_at(index, Wish::Cancel, at_ms + rng.below(5_000));
                    }
                }
            }
            Venue::Group | Venue::Chat => {
                let chat = self.place(ask.venue, (&question.asker.id, index), ask.asked_ms).chat;
                let is_refused = rng.chance(plan.plain.refused);
                let blocks = rng.chance(plan.plain.blocked);
                let blocks_from_ms = blocks.then(|| ask.asked_ms + rng.within(0..=300_000));
                self.platforms.plain.open(index, plain::Asker { chat, is_refused, blocks_from_ms });
                let mut record = self.shared.record.borrow_mut();
                record.plain.insert(index);
                record.counts.plain += 1;
            }
            Venue::Web => self.open_web(index, ask),
        }
    }

    /// Draws who reads a question's answer on the web, and what its asker wants meanwhile.
    fn open_web(&self, index: usize, ask: &Ask) {
        let (rng, people) = (&self.shared.rng, &self.shared.plan.people);
        let object = ask.question.conversation.as_deref().unwrap_or_default();
        for _ in 0..rng.below(3) {
            self.readers.open(index, object, &ask.id, ask.asked_ms);
        }
        for (wish, per_mille) in [(Wish::Stop, people.stops), (Wish::Delete, people.deletes)] {
            if rng.chance(per_mille) {
                self.wish_at(index, wish, ask.asked_ms + rng.within(500..=120_000));
            }
        }
        self.shared.record.borrow_mut().counts.web += 1;
    }

    fn draw(&self, index: usize, asked_ms: u64) -> Ask {
        let rng = &self.shared.rng;
        let plan = &self.shared.plan;
        let twin = self.draw_twin(index);
        let venue = twin.map_or_else(|| self.draw_venue(), |(_, venue)| venue);
        let twin_of = twin.map(|(first, _)| first);
        let id = snowflake(asked_ms, u64::try_from(index).unwrap_or(0) + 1).to_string();
        let is_long = twin_of.is_none() && rng.chance(80);
        let name = if rng.chance(50) { "refused" } else { "みお" };
        // In a fault-free seed nobody asks too much.
        let asker = if plan.is_fault_free || !rng.chance(plan.people.eager) { index } else { 0 };
        let text = self.words(twin_of.unwrap_or(index), is_long);
        let asker = (1_000 + asker).to_string();
        let plain::Place { platform, text: place, .. } =
            self.place(venue, (&asker, index), asked_ms);
        let is_alone = matches!(venue, Venue::Chat | Venue::Web | Venue::Discord(Spot::Direct));
        let server = (!is_alone).then(|| "1150".to_owned());
        let token = venue.token(index);
        let conversation = match venue {
            Venue::Web => Some(web::conversation_name(&asker, &place)),
            // A question that repeats another one gets the same words only if it stands by itself.
            Venue::Discord(_) if twin_of.is_none() && rng.chance(plan.people.remembers) => {
                Some(format!("discord:{}:{asker}", venue.channel().unwrap_or(1)))
            }
            Venue::Discord(_) | Venue::Group | Venue::Chat => None,
        };
        let question = Question {
            id: JobId::parse(&id).unwrap_or_else(|| unreachable_id(&id)),
            token: Secret::new(token),
            text,
            asker: Asker {
                id: asker,
                name: name.to_owned(),
                handle: String::new(),
                avatar_url: "https://cdn.discordapp.com/embed/avatars/0.png".to_owned(),
            },
            place,
            server,
            platform: platform.to_owned(),
            conversation,
            quote: None,
            again: None,
            files: Vec::new(),
            is_private: false,
            draws: false,
            is_quoted: false,
            is_fresh: false,
            model: None,
            language: if rng.chance(500) { Language::Japanese } else { Language::English },
            asked: Millis(asked_ms),
        };
        Ask {
            id,
            question,
            asked_ms,
            venue,
            twin_of,
            again_of: None,
            is_accepted: Cell::new(false),
        }
    }

    /// Returns the words of a question, with those of which its asker may be reminded.
    fn words(&self, first: usize, is_long: bool) -> String {
        let (parts, filler) = if is_long { (2, 250) } else { (1, 2) };
        let text = marks::text(parts, filler, |part| Mark::Question { ask: first, part });
        let reminds = self.shared.plan.model.reminds > 0;
        if reminds { [&marks::errand(first), " ", &text].concat() } else { text }
    }

    fn draw_venue(&self) -> Venue {
        let rng = &self.shared.rng;
        if rng.chance(self.shared.plan.people.plain) {
            return if rng.chance(500) { Venue::Group } else { Venue::Chat };
        }
        if rng.chance(self.shared.plan.people.web) {
            return Venue::Web;
        }
        Venue::Discord(rng.pick(&SPOTS).unwrap_or(Spot::Home))
    }

    /// Returns the place of a question as its transport reads it.
    fn place(&self, venue: Venue, (asker, index): (&str, usize), asked_ms: u64) -> plain::Place {
        let elsewhere = |platform, text| plain::Place { platform, text, chat: String::new() };
        match venue {
            Venue::Group | Venue::Chat => {
                let messenger = self.platforms.plain.messenger;
                let is_group = venue == Venue::Group;
                plain::place(messenger, is_group, (asker, index), asked_ms / 1_000)
            }
            Venue::Web => elsewhere(web::PLATFORM, format!("c{}", self.shared.rng.below(2))),
            Venue::Discord(spot) => {
                elsewhere(miyabi_channels::discord::PLATFORM, self.spot(spot).to_text())
            }
        }
    }

    fn spot(&self, spot: Spot) -> Place {
        places::channel(spot).map_or(Place::Direct, |channel| Place::Channel {
            id: Some(channel.to_string()),
            parent: self.platforms.discord.state().parent(channel).map(|parent| parent.to_string()),
            rights: places::told(spot),
        })
    }

    /// Returns an earlier question that this one repeats in its place, if it does.
    fn draw_twin(&self, index: usize) -> Option<(usize, Venue)> {
        // An answer once more would be one of several, of which nobody could tell whose it repeats.
        if self.shared.plan.people.regenerates > 0 {
            return None;
        }
        let asks = self.asks.borrow();
        let first = asks.len().checked_sub(1).filter(|_| self.shared.rng.chance(300))?;
        let ask = asks.get(first).filter(|ask| ask.twin_of.is_none() && first < index)?;
        // What was said before is part of a question.
        if ask.question.conversation.is_some() {
            return None;
        }
        // Long questions are told apart by their second paragraph, which a twin does not have.
        (Mark::all(&ask.question.text).len() == 1).then_some((first, ask.venue))
    }

    fn deliver_at(&self, index: usize, at_ms: u64) {
        let shared = Rc::clone(&self.shared);
        self.shared.executor.at(at_ms, move || {
            if let Some(hooks) = shared.hooks() {
                hooks.accept(index);
            }
        });
    }

    /// Takes our reply to a question, which is on its way now: a sentence at once, or none if an answer
    /// comes later.
    pub fn reply(self: &Rc<Self>, index: usize, sentence: Option<&'static str>) {
        let shared = &self.shared;
        let travel_ms = if shared.rng.chance(shared.plan.people.slow_acks) {
            shared.rng.within(300..=2_500)
        } else {
            shared.rng.within(10..=250)
        };
        let people = Rc::clone(self);
        let at_ms = shared.executor.now() + travel_ms;
        shared.executor.at(at_ms, move || people.acknowledge(index, sentence));
    }

    /// Our reply arrives. Discord takes the first one that comes in time; the other platform has no limit,
    /// and shows each sentence.
    fn acknowledge(&self, index: usize, sentence: Option<&'static str>) {
        let shared = &self.shared;
        let asks = self.asks.borrow();
        let Some(ask) = asks.get(index) else { return };
        if ask.venue == Venue::Web {
            shared.note("web", "replied", || format!("question {index}: {sentence:?}"));
            if sentence.is_none() && !ask.is_accepted.replace(true) {
                shared.record.borrow_mut().counts.accepted += 1;
            }
            return;
        }
        if ask.venue.is_plain() {
            shared.note("plain", "acknowledged", || format!("question {index}: {sentence:?}"));
            match sentence {
                Some(sentence) => self.platforms.plain.reply(index, sentence),
                None if ask.is_accepted.replace(true) => {}
                None => shared.record.borrow_mut().counts.accepted += 1,
            }
            return;
        }
        // As the types of Discord's replies: a deferred message, or one at once.
        let kind = if sentence.is_some() { 4 } else { 5 };
        if shared.executor.now() - ask.asked_ms > ACK_MS {
            shared.note("discord", "too late", || format!("reply to question {index}"));
            return;
        }
        if self.platforms.discord.acknowledge(index, kind) {
            shared.note("discord", "acknowledged", || format!("question {index}, type {kind}"));
            ask.is_accepted.set(kind == 5);
            if kind == 5 {
                shared.record.borrow_mut().counts.accepted += 1;
            }
        }
    }
}

#[expect(clippy::panic, reason = "a snowflake is always an id")]
fn unreachable_id(id: &str) -> JobId {
    panic!("{id} is no id")
}

/// Returns the questions that ask the same as this one, itself first among equals.
pub fn group(asks: &[Ask], index: usize) -> Vec<usize> {
    let root = |index: usize| asks.get(index).and_then(|ask| ask.twin_of).unwrap_or(index);
    (0..asks.len()).filter(|other| root(*other) == root(index)).collect()
}
