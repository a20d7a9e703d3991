//! Judges what has to hold when a seed is over, by what people see and what the database holds, not by what
//! the program says.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{again, consent, exceptions, once, plain, reminded, web};
use crate::base::marks::{Mark, SECRET};
use crate::base::record::{Invariant, Post, Record, is_terminal};
use crate::services::discord::places::Spot;
use crate::services::discord::{Original, Private};
use crate::services::people::{Ask, Venue};
use crate::world::World;

/// From this age on a round of the watchdog ends a job, whatever becomes of its asker.
const END_MS: u64 = 16 * 60_000 + 10_000;
/// It takes so long at most.
const ROUND_MS: u64 = 60_000;
/// A generation that looks so long after another one took over has to see it.
const TAKEOVER_MS: u64 = 2_000;
/// What was under way when a job ended may still happen.
const UNDER_WAY_MS: u64 = 30_000;

/// A text that somebody sees, with the number of its post in the record.
#[derive(Debug, Clone)]
struct Seen {
    text: String,
    file: String,
    is_public: bool,
}

/// Judges a seed.
pub fn judge(world: &Rc<World>) {
    let asks = world.people.asks();
    for (index, ask) in asks.iter().enumerate() {
        let mut record = world.shared.record.take();
        judge_ask(world, &mut record, index, ask);
        once::judge(world, &mut record, index, &asks);
        plain::judge(world, &mut record, (index, ask));
        web::judge(world, &mut record, (index, ask));
        consent::judge(&mut record, index);
        again::judge(&mut record, index, &asks);
        world.shared.record.replace(record);
    }
    reminded::judge(world);
    judge_places(world, &asks);
    judge_secrets(world);
    web::judge_all(world);
    for violation in &world.shared.record.borrow().violations {
        world.shared.note("INVARIANT", "broken", || {
            format!("{:?}: {}", violation.invariant, violation.what)
        });
    }
}

fn status_of(record: &Record, ask: &Ask) -> String {
    record.status(&ask.id).unwrap_or("no row").to_owned()
}

fn judge_ask(world: &World, record: &mut Record, index: usize, ask: &Ask) {
    let status = status_of(record, ask);
    let is_accepted = ask.is_accepted.get();
    ends(world, record, (index, ask), &status);
    fenced(record, index, ask);
    yields(record, index, ask);
    let seen = seen(world, index, ask);
    let is_web = ask.venue == Venue::Web;
    let is_whole = status != "COMPLETED"
        || is_web
        || exceptions::is_overwritten(world, record, index, ask)
        || exceptions::is_dismissed_while_streaming(world, index)
        || (!ask.venue.is_plain() && exceptions::is_apologized_for(world, record, ask))
        || whole(world, record, (index, ask), &seen);
    if is_accepted && !(status == "ERROR" && is_answered(world, (index, ask), &seen)) {
        told(world, record, (index, ask), &status);
    }
    // A press may be refused: the answer is being written once more already, or it is not theirs.
    let is_refused = ask.again_of.is_some() && !is_accepted;
    let is_good = is_refused || (is_accepted && status == "COMPLETED");
    if world.shared.plan.is_fault_free && !is_good {
        let what = format!("question {index} is {status}, accepted: {is_accepted}");
        record.violate(Invariant::FaultFree, what);
    }
    if world.shared.plan.is_fault_free
        && !(ask.venue.is_plain() || is_web)
        && is_answer_alone(index, ask, &seen)
    {
        record.violate(Invariant::FaultFree, format!("question {index} is not above its answer"));
    }
    if is_accepted && is_whole && status == "COMPLETED" {
        record.counts.answered += 1;
    }
}

/// Every accepted question ends, and every row: at the latest in the first round of the watchdog that
/// comes through when the interaction's token is over.
fn ends(world: &World, record: &mut Record, (index, ask): (usize, &Ask), status: &str) {
    let is_lost = status == "no row"
        && ask.is_accepted.get()
        && !exceptions::is_told_without_row(world, index)
        && !exceptions::is_lost_with_its_instance(world, record, ask);
    if is_lost || (status != "no row" && !is_terminal(status)) {
        record.violate(Invariant::Ends, format!("question {index} is {status}"));
    }
    // What nobody was promised may begin late.
    let begun_ms =
        record.statuses.get(&ask.id).and_then(|all| all.first()).map(|(at_ms, _)| *at_ms);
    let goes_on_ms = exceptions::goes_on_ms(world, ask).map_or(0, |at_ms| at_ms + END_MS);
    let due_ms = (ask.asked_ms + END_MS).max(begun_ms.unwrap_or(0)).max(goes_on_ms);
    let round_ms = exceptions::undisturbed_round(record, due_ms..u64::MAX);
    let bound_ms = round_ms.map_or(u64::MAX, |began_ms| began_ms + ROUND_MS);
    if let Some(ended_ms) = record.ended_ms(&ask.id)
        && ended_ms > bound_ms
    {
        let late_s = (ended_ms - bound_ms) / 1000;
        record.violate(Invariant::Ends, format!("question {index} ended {late_s} s too late"));
    }
}

/// A job that ended begins nothing any more.
fn fenced(record: &mut Record, index: usize, ask: &Ask) {
    let Some(ended_ms) = record.ended_ms(&ask.id) else { return };
    // On the web a question that failed is asked once more by whoever submits it again.
    let again = format!("{}-", ask.id);
    if record.statuses.keys().any(|id| id.starts_with(&again)) {
        return;
    }
    let is_new =
        |run_ms: u64, attempt_ms: u64| run_ms > ended_ms || attempt_ms > ended_ms + UNDER_WAY_MS;
    // A run that goes on beside the one that ended the job may ask again: it costs, and no more.
    let model_calls = record
        .model_calls
        .iter()
        .filter(|model_call| model_call.ask == index && model_call.run_began_ms > ended_ms);
    let posts = record.posts.iter().filter(|post| {
        is_about(record, post, index) && is_new(post.sender.began_ms, post.attempt_began_ms)
    });
    let model_calls =
        model_calls.map(|model_call| ("asks the model", &model_call.who, model_call.at_ms));
    let posts = posts.map(|post| ("posts", &post.sender.name, post.sent_ms));
    let found: Vec<String> = model_calls
        .chain(posts)
        .map(|(what, who, at_ms)| {
            let after_s = at_ms.saturating_sub(ended_ms) / 1000;
            format!("{who} {what} {after_s} s after question {index} ended")
        })
        .collect();
    for what in found {
        record.violate(Invariant::Fenced, what);
    }
}

/// Returns whether a post shows some of a question or its answer, or a sentence that nobody can edit.
fn is_about(record: &Record, post: &Post, index: usize) -> bool {
    post.ask == Some(index) && (!post.marks.is_empty() || record.plain.contains(&index))
}

/// A generation that another one has taken over begins no message any more.
fn yields(record: &mut Record, index: usize, ask: &Ask) {
    let is_superseded = |post: &Post| {
        let before_ms = post.attempt_began_ms.saturating_sub(TAKEOVER_MS);
        post.sender
            .generation()
            .is_some_and(|generation| generation < record.generation_at(&ask.id, before_ms))
    };
    let posts = record
        .posts
        .iter()
        .filter(|post| is_about(record, post, index))
        .filter(|post| is_superseded(post));
    let found: Vec<String> = posts.map(|post| post.sender.name.clone()).collect();
    for who in found {
        let what =
            format!("{who} posts for question {index}, which another generation has taken over");
        record.violate(Invariant::Fenced, what);
    }
}

/// Returns what the asker sees of a question, in reading order.
fn seen(world: &World, index: usize, ask: &Ask) -> Vec<Seen> {
    if ask.venue.is_plain() {
        let plain = world.plain.state();
        let texts = plain.sent_for(index).map(|message| message.content.clone());
        return texts.map(|text| Seen { text, file: String::new(), is_public: true }).collect();
    }
    let discord = world.discord.state();
    let channel = ask.venue.channel();
    let here = discord.messages.iter().filter(|message| Some(message.channel) == channel);
    let mut seen: Vec<Seen> = here
        .map(|message| Seen {
            text: message.content.clone(),
            file: message.file.clone(),
            is_public: true,
        })
        .collect();
    let Some(reply) = discord.replies.get(&index) else { return seen };
    let show = |private: &Private| Seen {
        text: private.content.clone(),
        file: private.file.clone(),
        is_public: false,
    };
    if let Original::Text(private) = &reply.original
        && !private.is_streaming()
    {
        seen.push(show(private));
    }
    // Who dismisses a text has read it.
    seen.extend(reply.dismissed.iter().map(show));
    seen.extend(reply.follow_ups.iter().map(show));
    seen
}

/// A completed answer is there, whole and in order.
fn whole(world: &World, record: &mut Record, (index, ask): (usize, &Ask), seen: &[Seen]) -> bool {
    let sql = "SELECT result FROM jobs WHERE id = ?1";
    let id = miyabi_core::ports::SqlValue::Text(ask.id.clone());
    let rows = world.store.database.query(sql, &[id]).unwrap_or_default();
    let kept = rows.first().and_then(|row| row.get("result")?.as_str()).unwrap_or_default();
    let wanted = Mark::all(kept);
    let first = ask.twin_of.unwrap_or(index);
    if wanted.is_empty() {
        record.violate(Invariant::Whole, format!("question {index} has no answer"));
        return false;
    }
    let mut first_seen: BTreeMap<Mark, usize> = BTreeMap::new();
    let mut place = 0;
    let mut note = |text: &str| {
        for mark in Mark::all(text) {
            place += 1;
            first_seen.entry(mark).or_insert(place);
        }
    };
    for seen in seen {
        note(&seen.text);
    }
    // A file holds all of it, and so comes after what was shown beside it.
    for seen in seen {
        note(&seen.file);
    }
    let places: Vec<Option<usize>> =
        wanted.iter().map(|mark| first_seen.get(mark).copied()).collect();
    if let Some(missing) = places.iter().position(Option::is_none) {
        let what = format!("question {index} lacks paragraph {} of its answer", missing + 1);
        record.violate(Invariant::Whole, what);
        return false;
    }
    if !places.is_sorted() {
        record.violate(Invariant::Whole, format!("question {index} has its answer in disorder"));
        return false;
    }
    let others = first_seen.keys().filter(|mark| {
        matches!(mark, Mark::Answer { ask, .. } if *ask == first) && !wanted.contains(mark)
    });
    if let Some(other) = others.copied().next() {
        let what = format!("question {index} has {other:?} too, which is of another answer");
        record.violate(Invariant::Whole, what);
        return false;
    }
    true
}

/// Returns whether an answer stands in the channel without its question above it.
fn is_answer_alone(index: usize, ask: &Ask, seen: &[Seen]) -> bool {
    let is_of = |mark: &Mark, is_answer: bool| {
        mark.ask() == index && matches!(mark, Mark::Answer { .. }) == is_answer
    };
    let shows = |seen: &&Seen, is_answer: bool| {
        seen.is_public && Mark::all(&seen.text).iter().any(|mark| is_of(mark, is_answer))
    };
    let first_answer = seen.iter().position(|seen| shows(&seen, true));
    let first_question = seen.iter().position(|seen| shows(&seen, false));
    let is_there = first_question.is_some_and(|question| Some(question) < first_answer);
    ask.twin_of.is_none() && ask.again_of.is_none() && first_answer.is_some() && !is_there
}

/// Returns whether any answer to the question is there from its first to its last paragraph.
fn is_answered(world: &World, (index, ask): (usize, &Ask), seen: &[Seen]) -> bool {
    let first = ask.twin_of.unwrap_or(index);
    let marks: Vec<Mark> =
        seen.iter().flat_map(|seen| Mark::all(&format!("{} {}", seen.text, seen.file))).collect();
    (1..).zip(world.model.versions(index)).any(|(version, parts)| {
        (1..=parts).all(|part| marks.contains(&Mark::Answer { ask: first, version, part }))
    })
}

/// The asker of an accepted question reads an answer or a sentence.
fn told(world: &World, record: &mut Record, (index, ask): (usize, &Ask), status: &str) {
    let discord = world.discord.state();
    let Some(reply) = discord.replies.get(&index) else { return };
    let is_untold = match &reply.original {
        Original::Thinking => true,
        // Nothing stands there, so the answer has to be somewhere else; `whole` looks for it.
        Original::Removed => status == "ERROR",
        Original::Text(_) | Original::Dismissed | Original::Nothing => false,
    };
    if !is_untold {
        if status == "ERROR" {
            record.counts.told += 1;
        }
        return;
    }
    if exceptions::is_untellable(world, record, ask) {
        record.counts.excepted += 1;
        return;
    }
    let what = format!("question {index} is {status} and shows {:?}", reply.original);
    record.violate(Invariant::Told, what);
}

/// Nobody reads what was asked or answered elsewhere.
fn judge_places(world: &World, asks: &[Ask]) {
    let discord = world.discord.state();
    let mut found = Vec::new();
    for message in &discord.messages {
        for mark in Mark::all(&message.content) {
            let spot = asks.get(mark.ask()).map(|ask| ask.venue.channel());
            if spot != Some(Some(message.channel)) {
                found.push(format!("{mark:?} is in channel {}", message.channel));
            }
            if asks.get(mark.ask()).is_some_and(|ask| ask.venue == Venue::Discord(Spot::Mute)) {
                found.push(format!("{mark:?} is where its asker may not write"));
            }
        }
    }
    for (&index, reply) in &discord.replies {
        let original = match &reply.original {
            Original::Text(private) => Some(private),
            Original::Nothing | Original::Thinking | Original::Removed | Original::Dismissed => {
                None
            }
        };
        for private in reply.follow_ups.iter().chain(original) {
            let marks = Mark::all(&private.content).into_iter().chain(Mark::all(&private.file));
            let first = asks.get(index).and_then(|ask| ask.twin_of).unwrap_or(index);
            for mark in marks.filter(|mark| mark.ask() != first) {
                found.push(format!("{mark:?} is shown to the asker of question {index}"));
            }
        }
    }
    let mut record = world.shared.record.borrow_mut();
    for what in found {
        record.violate(Invariant::Silent, what);
    }
}

/// No token stays in the tables once its job is over.
fn judge_secrets(world: &World) {
    let sql = "SELECT job, params FROM dead_letters";
    let letters = world.store.database.query(sql, &[]).unwrap_or_default();
    let mut record = world.shared.record.borrow_mut();
    for letter in letters {
        let text = serde_json::Value::Object(letter).to_string();
        if text.contains(SECRET) {
            record.violate(Invariant::Final, format!("a dead letter holds a secret: {text}"));
        }
    }
}
