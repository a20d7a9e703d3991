//! People: who asks what where, and what Discord makes of our reply.

use core::cell::Cell;
use std::rc::Rc;

use miyabi_app::accept::{Accepted, accept};
use miyabi_core::i18n::Language;
use miyabi_core::ids::{JobId, Millis, Secret};
use miyabi_core::question::{Asker, Place, Question};

use crate::actor::{Actor, Role};
use crate::discord::places::{self, SPOTS, Spot};
use crate::marks::{self, Mark, SECRET};
use crate::world::{START_MS, Sim, World};

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
    /// The answers that the model gave, as their numbers of paragraphs.
    pub versions: Vec<usize>,
    /// Whether a rule of the server refuses the answer in public.
    pub is_refused: bool,
    /// Whether Discord got a reply "thinking…" in time.
    pub is_accepted: Cell<bool>,
}

/// Discord waits so long for a reply, in milliseconds.
const ACK_MS: u64 = 3_000;
/// Work beside a reply generations so long after it, in milliseconds.
pub const BESIDE_MS: u64 = 30_000;
/// Bits of a snowflake below its time.
const SNOWFLAKE_BITS: u32 = 22;
/// First millisecond of Discord's time.
const EPOCH_MS: u64 = 1_420_070_400_000;

/// Returns a snowflake of a time.
pub fn snowflake(at_ms: u64, number: u64) -> u64 {
    ((at_ms - EPOCH_MS) << SNOWFLAKE_BITS) | (number & 0x3F_FFFF)
}

/// Returns the number of a question by its job's id.
pub fn number(id: &str) -> Option<usize> {
    let digits = id.split(['-', '_']).next()?;
    let id: u64 = digits.parse().ok()?;
    usize::try_from(id & 0xFFF).ok()?.checked_sub(1)
}

/// Returns a readable name for a Workflow instance: number of the question and generation.
pub fn short_name(instance: &str) -> String {
    let generation = instance.split_once('_').map_or("1", |(_, generation)| generation);
    number(instance).map_or_else(|| instance.to_owned(), |ask| format!("job {ask}/{generation}"))
}

/// Returns how far a run's clock is off, in milliseconds.
pub fn skew_ms(world: &World) -> i64 {
    if world.plan.store.skew_s == 0 {
        return 0;
    }
    i64::try_from(world.rng.below(1_000)).unwrap_or(0) - 500
}

/// Draws the questions of a seed and has them asked.
pub fn begin(world: &Rc<World>) {
    let count = world.rng.within(1..=4);
    let mut at_ms = START_MS + 1_000;
    for index in 0..usize::try_from(count).unwrap_or(1) {
        // Often at the same moment, and at times minutes apart.
        at_ms += match world.rng.below(4) {
            0 => world.rng.within(30_000..=150_000),
            1 => world.rng.within(1_000..=20_000),
            _ => world.rng.below(800),
        };
        let ask = draw(world, index, at_ms);
        world.discord.borrow_mut().open(&ask);
        world.asks.borrow_mut().push(ask);
        world.record.borrow_mut().counts.asked += 1;
        deliver_at(world, index, at_ms + world.rng.within(20..=400));
        if world.rng.chance(world.plan.people.doubles) {
            deliver_at(world, index, at_ms + world.rng.within(20..=2_500));
        }
        if world.rng.chance(world.plan.people.dismisses) {
            let (inner, at_ms) = (Rc::clone(world), at_ms + world.rng.within(1_000..=600_000));
            world.executor.at(at_ms, move || inner.discord.borrow_mut().dismiss(index));
        }
    }
}

fn draw(world: &World, index: usize, asked_ms: u64) -> Ask {
    let rng = &world.rng;
    let twin = draw_twin(world, index);
    let spot = twin.map_or_else(|| rng.pick(&SPOTS).unwrap_or(Spot::Home), |(_, spot)| spot);
    let twin_of = twin.map(|(first, _)| first);
    let id = snowflake(asked_ms, u64::try_from(index).unwrap_or(0) + 1).to_string();
    let is_long = twin_of.is_none() && rng.chance(80);
    let (parts, filler) = if is_long { (2, 250) } else { (1, 2) };
    let name = if rng.chance(50) { "refused" } else { "みお" };
    // In a calm seed nobody asks too much.
    let asker = if world.plan.is_calm || !rng.chance(world.plan.people.eager) { index } else { 0 };
    let first = twin_of.unwrap_or(index);
    let text = marks::text(parts, filler, |part| Mark::Question { ask: first, part });
    let place = match places::channel(spot) {
        None => Place::Direct,
        Some(channel) => Place::Channel {
            id: Some(channel.to_string()),
            parent: world.discord.borrow().parent(channel).map(|parent| parent.to_string()),
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
    let is_refused = rng.chance(world.plan.discord.refused);
    Ask {
        id,
        question,
        asked_ms,
        spot,
        twin_of,
        versions: Vec::new(),
        is_refused,
        is_accepted: Cell::new(false),
    }
}

/// Returns an earlier question that this one repeats in its place, if it does.
fn draw_twin(world: &World, index: usize) -> Option<(usize, Spot)> {
    let asks = world.asks.borrow();
    let first = asks.len().checked_sub(1).filter(|_| world.rng.chance(300))?;
    let ask = asks.get(first).filter(|ask| ask.twin_of.is_none() && first < index)?;
    // Long questions are told apart by their second paragraph, which a twin does not have.
    (Mark::all(&ask.question.text).len() == 1).then_some((first, ask.spot))
}

#[expect(clippy::panic, reason = "a snowflake is always an id")]
fn unreachable_id(id: &str) -> JobId {
    panic!("{id} is no id")
}

fn deliver_at(world: &Rc<World>, index: usize, at_ms: u64) {
    let inner = Rc::clone(world);
    world.executor.at(at_ms, move || deliver(&inner, index));
}

/// Delivers the question to the program.
fn deliver(world: &Rc<World>, index: usize) {
    let Some(question) = world.asks.borrow().get(index).map(|ask| ask.question.clone()) else {
        return;
    };
    let name = format!("ask {index}");
    let skew_ms = skew_ms(world);
    let actor = Actor::new(Role::Request, name, Some(index), world.executor.now(), skew_ms);
    let sim = Sim::new(world, actor);
    world.note(&sim.actor.name, "deliver", || {
        let id = question.id.as_str();
        let spot = world.asks.borrow().get(index).map(|ask| ask.spot);
        format!("{id} at {spot:?}")
    });
    let inner = sim.clone();
    sim.spawn(async move {
        let world = &inner.world;
        let reply = accept(&inner, &inner.transport(), question).await;
        // As the types of Discord's replies: a deferred message, or one at once.
        let kind = match reply {
            Accepted::Deferred => 5,
            Accepted::Refused(_) => 4,
        };
        world.note(&inner.actor.name, "reply", || format!("type {kind}"));
        let travel_ms = if world.rng.chance(world.plan.people.slow_acks) {
            world.rng.within(300..=2_500)
        } else {
            world.rng.within(10..=250)
        };
        let (arriving, at_ms) = (Rc::clone(world), world.executor.now() + travel_ms);
        world.executor.at(at_ms, move || acknowledge(&arriving, index, kind));
        let (ending, actor) = (Rc::clone(world), Rc::clone(&inner.actor));
        world.executor.at(world.executor.now() + BESIDE_MS, move || ending.stop(&actor));
    });
}

/// Returns the questions that ask the same as this one, itself first among equals.
pub fn group(asks: &[Ask], index: usize) -> Vec<usize> {
    let root = |index: usize| asks.get(index).and_then(|ask| ask.twin_of).unwrap_or(index);
    (0..asks.len()).filter(|other| root(*other) == root(index)).collect()
}

/// Our reply arrives at Discord, which takes the first one that comes in time.
fn acknowledge(world: &Rc<World>, index: usize, kind: u64) {
    let now_ms = world.executor.now();
    let asks = world.asks.borrow();
    let Some(ask) = asks.get(index) else { return };
    if now_ms - ask.asked_ms > ACK_MS {
        world.note("discord", "too late", || format!("reply to question {index}"));
        return;
    }
    if world.discord.borrow_mut().acknowledge(index, kind, now_ms) {
        world.note("discord", "acknowledged", || format!("question {index}, type {kind}"));
        ask.is_accepted.set(kind == 5);
        if kind == 5 {
            world.record.borrow_mut().counts.accepted += 1;
        }
    }
}
