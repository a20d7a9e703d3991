//! People: who asks what where, and what the platform makes of our reply.

use core::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use miyabi_core::i18n::Language;
use miyabi_core::ids::{JobId, Millis, Secret};
use miyabi_core::question::{Asker, Place, Question};

use super::discord::places::{self, SPOTS, Spot};
use super::discord::{self, Discord};
use super::model::Model;
use crate::base::ground::{Ground, START_MS};
use crate::base::ids::snowflake;
use crate::base::marks::{self, Mark, SECRET};

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
    pub spot: Spot,
    /// The question that asked the same before, in the same place.
    pub twin_of: Option<usize>,
    /// Whether Discord got a reply "thinking…" in time.
    pub is_accepted: Cell<bool>,
}

/// Discord waits so long for a reply, in milliseconds.
const ACK_MS: u64 = 3_000;

/// The people of one seed.
#[derive(Debug)]
pub struct People {
    ground: Rc<Ground>,
    discord: Rc<Discord>,
    model: Rc<Model>,
    asks: RefCell<Vec<Ask>>,
}

impl People {
    /// Returns the people of a seed, who have not asked anything yet.
    pub fn new(ground: &Rc<Ground>, discord: &Rc<Discord>, model: &Rc<Model>) -> Self {
        Self {
            ground: Rc::clone(ground),
            discord: Rc::clone(discord),
            model: Rc::clone(model),
            asks: RefCell::default(),
        }
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
        let ground = &self.ground;
        let count = ground.rng.within(1..=4);
        let mut at_ms = START_MS + 1_000;
        for index in 0..usize::try_from(count).unwrap_or(1) {
            // Often at the same moment, and at times minutes apart.
            at_ms += match ground.rng.below(4) {
                0 => ground.rng.within(30_000..=150_000),
                1 => ground.rng.within(1_000..=20_000),
                _ => ground.rng.below(800),
            };
            let (ask, is_refused) = self.draw(index, at_ms);
            let token = ask.question.token.reveal();
            let (asked_ms, spot) = (ask.asked_ms, ask.spot);
            self.discord.open(discord::Opening { token, asked_ms, spot, is_refused });
            self.model.expect(ask.asked_ms, ask.twin_of);
            self.asks.borrow_mut().push(ask);
            ground.record.borrow_mut().counts.asked += 1;
            self.deliver_at(index, at_ms + ground.rng.within(20..=400));
            if ground.rng.chance(ground.plan.people.doubles) {
                self.deliver_at(index, at_ms + ground.rng.within(20..=2_500));
            }
            if ground.rng.chance(ground.plan.people.dismisses) {
                self.discord.dismiss_at(at_ms + ground.rng.within(1_000..=600_000), index);
            }
        }
    }

    /// Draws a question, and whether a rule of the server refuses its answers in public.
    fn draw(&self, index: usize, asked_ms: u64) -> (Ask, bool) {
        let rng = &self.ground.rng;
        let plan = &self.ground.plan;
        let twin = self.draw_twin(index);
        let spot = twin.map_or_else(|| rng.pick(&SPOTS).unwrap_or(Spot::Home), |(_, spot)| spot);
        let twin_of = twin.map(|(first, _)| first);
        let id = snowflake(asked_ms, u64::try_from(index).unwrap_or(0) + 1).to_string();
        let is_long = twin_of.is_none() && rng.chance(80);
        let (parts, filler) = if is_long { (2, 250) } else { (1, 2) };
        let name = if rng.chance(50) { "refused" } else { "みお" };
        // In a calm seed nobody asks too much.
        let asker = if plan.is_calm || !rng.chance(plan.people.eager) { index } else { 0 };
        let first = twin_of.unwrap_or(index);
        let text = marks::text(parts, filler, |part| Mark::Question { ask: first, part });
        let place = match places::channel(spot) {
            None => Place::Direct,
            Some(channel) => Place::Channel {
                id: Some(channel.to_string()),
                parent: self.discord.state().parent(channel).map(|parent| parent.to_string()),
                rights: places::told(spot),
            },
        };
        let server = matches!(place, Place::Channel { .. }).then(|| "1150".to_owned());
        let question = Question {
            id: JobId::parse(&id).unwrap_or_else(|| unreachable_id(&id)),
            token: Secret::new(format!("{SECRET}-interaction-{index}")),
            text,
            asker: Asker {
                id: (1_000 + asker).to_string(),
                name: name.to_owned(),
                avatar_url: "https://cdn.discordapp.com/embed/avatars/0.png".to_owned(),
            },
            place,
            server,
            platform: miyabi_channels::discord::PLATFORM.to_owned(),
            is_fresh: false,
            language: if rng.chance(500) { Language::Japanese } else { Language::English },
            asked: Millis(asked_ms),
        };
        let is_refused = rng.chance(plan.discord.refused);
        let is_accepted = Cell::new(false);
        (Ask { id, question, asked_ms, spot, twin_of, is_accepted }, is_refused)
    }

    /// Returns an earlier question that this one repeats in its place, if it does.
    fn draw_twin(&self, index: usize) -> Option<(usize, Spot)> {
        let asks = self.asks.borrow();
        let first = asks.len().checked_sub(1).filter(|_| self.ground.rng.chance(300))?;
        let ask = asks.get(first).filter(|ask| ask.twin_of.is_none() && first < index)?;
        // Long questions are told apart by their second paragraph, which a twin does not have.
        (Mark::all(&ask.question.text).len() == 1).then_some((first, ask.spot))
    }

    fn deliver_at(&self, index: usize, at_ms: u64) {
        let ground = Rc::clone(&self.ground);
        self.ground.executor.at(at_ms, move || {
            if let Some(hooks) = ground.hooks() {
                hooks.accept(index);
            }
        });
    }

    /// Takes our reply to a question, which is on its way now; `kind` as in Discord's replies: 5 is a
    /// deferred message, and 4 a sentence at once.
    pub fn reply(self: &Rc<Self>, index: usize, kind: u64) {
        let ground = &self.ground;
        let travel_ms = if ground.rng.chance(ground.plan.people.slow_acks) {
            ground.rng.within(300..=2_500)
        } else {
            ground.rng.within(10..=250)
        };
        let people = Rc::clone(self);
        let at_ms = ground.executor.now() + travel_ms;
        ground.executor.at(at_ms, move || people.acknowledge(index, kind));
    }

    /// Our reply arrives at Discord, which takes the first one that comes in time.
    fn acknowledge(&self, index: usize, kind: u64) {
        let ground = &self.ground;
        let asks = self.asks.borrow();
        let Some(ask) = asks.get(index) else { return };
        if ground.executor.now() - ask.asked_ms > ACK_MS {
            ground.note("discord", "too late", || format!("reply to question {index}"));
            return;
        }
        if self.discord.acknowledge(index, kind) {
            ground.note("discord", "acknowledged", || format!("question {index}, type {kind}"));
            ask.is_accepted.set(kind == 5);
            if kind == 5 {
                ground.record.borrow_mut().counts.accepted += 1;
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
