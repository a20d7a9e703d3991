//! Judges what has to hold on a messenger, beyond what holds everywhere.
//!
//! Where nobody can look, a message whose outcome is hidden by a fault is sent again and may be there twice; where what
//! was sent can be found, only if it was not there yet. A sentence instead of an answer is a message too, which the
//! ledger has to guard.

use std::collections::BTreeMap;

use super::exceptions::{has_sentence, is_plainly_untellable, unknown_outcome};
use super::once::shown;
use crate::base::marks::Mark;
use crate::base::messenger::Messenger;
use crate::base::outage::Service;
use crate::base::record::{Invariant, Post, Record};
use crate::base::shared::USUAL_MS;
use crate::services::people::Ask;
use crate::world::World;

/// Judges what stands in the chat of a question.
pub fn judge(world: &World, record: &mut Record, (index, ask): (usize, &Ask)) {
    if !ask.venue.is_plain() {
        return;
    }
    once(world, record, (index, ask));
    silent(world, record, (index, ask));
    let status = record.status(&ask.id).unwrap_or("no row").to_owned();
    if ask.is_accepted.get() && status != "COMPLETED" {
        told(world, record, (index, ask), &status);
    }
}

/// Each paragraph of the answer is there once, and so is the sentence instead of one.
fn once(world: &World, record: &mut Record, (index, ask): (usize, &Ask)) {
    let mut copies: BTreeMap<Option<Mark>, Vec<usize>> = BTreeMap::new();
    for message in world.plain.state().sent_for(index) {
        let Some(post) = message.post else { continue };
        let marks = Mark::all(&message.content);
        let sentence = marks.is_empty().then_some(None);
        for mark in marks.into_iter().map(Some).chain(sentence) {
            copies.entry(mark).or_default().push(post);
        }
    }
    for (mark, mut posts) in copies {
        posts.sort_unstable();
        for (at, number) in posts.iter().enumerate() {
            let Some(second) = record.posts.get(*number) else { continue };
            let earlier = posts.iter().take(at).filter_map(|number| record.posts.get(*number));
            let exceptions: Vec<_> = earlier
                .map(|first| {
                    unknown_outcome(record, &ask.id, (first, second))
                        .filter(|_| !could_be_found(world, first, second))
                })
                .collect();
            if exceptions.iter().any(Option::is_none) {
                let who: Vec<String> =
                    posts.iter().filter_map(|post| shown(record, *post)).collect();
                let what = mark.map_or("a sentence".to_owned(), |mark| format!("{mark:?}"));
                let what = format!("{what} is there {} times: {}", posts.len(), who.join(", "));
                record.violate(Invariant::Once, what);
                break;
            }
            for exception in exceptions.into_iter().flatten() {
                world.shared.note("judge", "excepted", || format!("post {number}: {exception}"));
                record.counts.plain_doubled += 1;
            }
        }
    }
}

/// Returns whether the first message was there when the second was about to be sent, where it can be found.
fn could_be_found(world: &World, first: &Post, second: &Post) -> bool {
    /// Slack shows a message at once; what a search reads is on its way for so long.
    const SEARCH_MS: u64 = 1_000;
    let plan = &world.shared.plan;
    let Some(landed_ms) = first.landed_ms else { return false };
    match plan.messenger {
        Messenger::Plain | Messenger::Telegram => false,
        Messenger::Slack => landed_ms + SEARCH_MS < second.attempt_began_ms,
        // Of WhatsApp's messages the database knows, if it was there when Meta told of them.
        Messenger::WhatsApp => {
            let is_whole = !plan.store.is_ill() && !world.shared.has_outage(Service::Store);
            is_whole && plan.crash == 0 && landed_ms + 2 * USUAL_MS < second.attempt_began_ms
        }
    }
}

/// Nobody reads what was asked or answered elsewhere.
fn silent(world: &World, record: &mut Record, (index, ask): (usize, &Ask)) {
    let first = ask.twin_of.unwrap_or(index);
    let plain = world.plain.state();
    let chat = plain.askers.get(&index).map(|asker| asker.chat.as_str());
    for message in plain.sent_for(index) {
        let is_elsewhere = Some(message.chat.as_str()) != chat;
        if is_elsewhere || Mark::all(&message.content).iter().any(|mark| mark.ask() != first) {
            let what = format!("question {index} shows {:?} in {}", message.content, message.chat);
            record.violate(Invariant::Silent, what);
        }
    }
}

/// The asker of a question that was accepted, and has no answer, reads a sentence.
fn told(world: &World, record: &mut Record, (index, ask): (usize, &Ask), status: &str) {
    if is_answered(world, (index, ask)) {
        return;
    }
    if has_sentence(world, index) {
        record.counts.told += 1;
        record.counts.plain_told += 1;
    } else if is_plainly_untellable(world, record, (index, ask)) {
        record.counts.excepted += 1;
    } else {
        let what = format!("question {index} is {status} and shows no sentence");
        record.violate(Invariant::Told, what);
    }
}

/// Returns whether any answer to the question is there from its first to its last paragraph.
fn is_answered(world: &World, (index, ask): (usize, &Ask)) -> bool {
    let first = ask.twin_of.unwrap_or(index);
    let plain = world.plain.state();
    let marks: Vec<Mark> =
        plain.sent_for(index).flat_map(|message| Mark::all(&message.content)).collect();
    (1..).zip(world.model.versions(index)).any(|(version, parts)| {
        (1..=parts).all(|part| marks.contains(&Mark::Answer { ask: first, version, part }))
    })
}
