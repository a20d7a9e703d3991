//! The allowed exceptions of the invariants, which ask for what the program can do and not for what nobody could.

use core::ops::Range;
use std::rc::Rc;

use super::web;
use crate::base::actor::Role;
use crate::base::ids;
use crate::base::marks::Mark;
use crate::base::outage::{Service, Symptom};
use crate::base::record::{Post, Record};
use crate::base::shared::{START_MS, USUAL_MS};
use crate::program::WAIT_UNTIL_MS;
use crate::services::discord::{Original, TOKEN_MS};
use crate::services::people::Ask;
use crate::world::World;

/// From this age on the watchdog gives a job up; a round that begins then and ends has to do it.
const DEADLINE_MS: u64 = 780_000 + 5_000;
/// A round that begins later may find the token expired.
const LAST_ROUND_MS: u64 = TOKEN_MS - 45_000;
/// Rounds that are closer than this are at once.
const SIMULTANEOUS_MS: u64 = 30_000;

/// Returns when the first round of the watchdog began that nothing came in the way of. Of two at once
/// the one may take a job from the other, and die: both count.
pub(crate) fn undisturbed_round(record: &Record, began_ms: Range<u64>) -> Option<u64> {
    let is_undisturbed = |at_ms: u64| {
        let mut at_once =
            record.rounds.iter().filter(|round| round.began_ms.abs_diff(at_ms) < SIMULTANEOUS_MS);
        at_once.all(|round| round.came_through())
    };
    let mut rounds = record.rounds.iter().map(|round| round.began_ms);
    rounds.find(|at_ms| began_ms.contains(at_ms) && is_undisturbed(*at_ms))
}

/// Returns when a job was last to go on that was put aside, if it was: it has as long from then on.
pub(crate) fn goes_on_ms(world: &World, ask: &Ask) -> Option<u64> {
    let sql = "SELECT resumes_at FROM jobs WHERE id = ?1 AND resumes_at IS NOT NULL";
    let rows = world.store.database.query(sql, &[ask.id.as_str().into()]).ok()?;
    Some(rows.first()?.get("resumes_at")?.as_u64()? * 1000)
}

/// Returns whether the asker of a job wants no answer any more.
fn is_unwanted(world: &World, ask: &Ask) -> bool {
    let sql = "SELECT 1 FROM jobs WHERE id = ?1 AND cancelled_at IS NOT NULL";
    let rows = world.store.database.query(sql, &[ask.id.as_str().into()]);
    rows.is_ok_and(|rows| !rows.is_empty())
}

/// While the database was away, or did not take the row before the request died, there was nothing but the
/// engine's word, and the engine broke it.
pub(crate) fn is_lost_with_its_instance(world: &World, record: &Record, ask: &Ask) -> bool {
    let asked_ms = ask.asked_ms - START_MS;
    let was_away = world.shared.plan.outages.iter().any(|outage| {
        let covers = outage.from_ms <= asked_ms + WAIT_UNTIL_MS && outage.to_ms >= asked_ms;
        outage.service.includes(Service::Store) && covers
    });
    let has_failed = ids::number(&ask.id).is_some_and(|ask| record.unsure.contains(&ask));
    (was_away || has_failed) && world.engine.has_lost(&ask.id)
}

/// If the database was away while the job ran to its end, there is no row; then at least the asker
/// was told.
pub(crate) fn is_told_without_row(world: &World, index: usize) -> bool {
    let is_told_plainly = has_sentence(world, index);
    let asks = world.people.asks();
    let turn = asks.get(index).and_then(|ask| web::turn(world, ask));
    if turn.is_some_and(|turn| turn.has_ended()) {
        return true;
    }
    let discord = world.discord.state();
    let original = discord.replies.get(&index).map(|reply| &reply.original);
    is_told_plainly || matches!(original, Some(Original::Text(_) | Original::Dismissed))
}

/// Returns whether a sentence stands in the chat of a question, where the platform can only send.
pub(crate) fn has_sentence(world: &World, index: usize) -> bool {
    let plain = world.plain.state();
    plain.sent_for(index).any(|message| Mark::all(&message.content).is_empty())
}

/// Returns whether another run's edit, which took effect long after it was given up, stands in place of
/// the answer, or stood there when the asker dismissed it: edits do not know of each other. The same holds
/// if another run ended the job while this one waited to repeat its edit.
pub(crate) fn is_overwritten(world: &World, record: &Record, index: usize, ask: &Ask) -> bool {
    let discord = world.discord.state();
    let last = discord.replies.get(&index).and_then(|reply| match &reply.original {
        Original::Text(last) => Some(last),
        Original::Dismissed => reply.dismissed.as_ref(),
        Original::Nothing | Original::Thinking | Original::Removed => None,
    });
    let post = last.and_then(|last| record.posts.get(last.post?));
    post.is_some_and(|post| {
        let landed_ms = post.landed_ms.unwrap_or(post.sent_ms);
        let is_late = landed_ms > post.sent_ms + 2 * USUAL_MS;
        let mut others = record.posts.iter().filter(|other| other.ask == post.ask);
        let is_ended_beside =
            record.ended_by.get(&ask.id).is_some_and(|who| *who != post.sender.name);
        let is_others = others
            .any(|other| other.sent_ms > post.sent_ms && other.sender.name != post.sender.name);
        is_late && (is_others || is_ended_beside)
    })
}

/// Returns whether an apology stands over the answer and nobody could take it back: the database was away
/// when the run put it there, and the job was not ended before the token had expired.
pub(crate) fn is_apologized_for(world: &World, record: &Record, ask: &Ask) -> bool {
    let was_away =
        world.shared.plan.outages.iter().any(|outage| outage.service.includes(Service::Store));
    let ended_ms = record.ended_ms(&ask.id);
    was_away && ended_ms.is_some_and(|ended_ms| ended_ms >= ask.asked_ms + TOKEN_MS)
}

/// Returns whether the asker dismissed the place where the answer was streaming, which a late preview had
/// put over the whole one: the repeated edit finds nothing to edit.
pub(crate) fn is_dismissed_while_streaming(world: &World, index: usize) -> bool {
    world.discord.state().replies.get(&index).is_some_and(|reply| reply.dismissed_while_streaming)
}

/// Returns whether nobody could have told the asker: the job was still open when it was old enough,
/// and no round of the watchdog came through while the token counted; or Discord was away until the
/// token expired.
pub(crate) fn is_untellable(world: &World, record: &Record, ask: &Ask) -> bool {
    if record.status(&ask.id).is_none() && is_lost_with_its_instance(world, record, ask) {
        return true;
    }
    let due_ms = ask.asked_ms + DEADLINE_MS;
    let last_ms = ask.asked_ms + LAST_ROUND_MS;
    let came_through = undisturbed_round(record, due_ms..last_ms).is_some();
    let was_away = world.shared.plan.outages.iter().any(|outage| {
        let is_meant = outage.service.includes(Service::Interactions);
        is_meant && START_MS + outage.to_ms >= last_ms
    });
    let was_open = record.ended_ms(&ask.id).is_none_or(|ended_ms| ended_ms >= due_ms);
    was_away || (was_open && !came_through)
}

/// Returns whether nobody could have told the asker on the platform that can only send: they block the
/// program, or the job was still open when it was old enough and no round of the watchdog came through
/// until it ended.
pub(crate) fn is_plainly_untellable(
    world: &World,
    record: &Record,
    (index, ask): (usize, &Ask),
) -> bool {
    if record.status(&ask.id).is_none() && is_lost_with_its_instance(world, record, ask) {
        return true;
    }
    let plain = world.plain.state();
    let ended_ms = record.ended_ms(&ask.id).unwrap_or(u64::MAX);
    if plain.askers.get(&index).is_some_and(|asker| asker.blocks(ended_ms)) {
        return true;
    }
    // Who wants no answer need not be told hours later.
    let mut outages = world.shared.plan.outages.iter();
    let is_limited = outages.any(|outage| {
        outage.service == Service::Plain
            && outage.symptom == Symptom::Limited
            && START_MS + outage.to_ms >= ended_ms
            && is_unwanted(world, ask)
    });
    let due_ms = ask.asked_ms + DEADLINE_MS;
    is_limited || (ended_ms >= due_ms && undisturbed_round(record, due_ms..ended_ms).is_none())
}

/// Returns the fault because of which nobody could know that the first message was there when the second
/// was sent, on the platform that can only send; `None` if there was no such fault, or the ledger knew it.
pub(crate) fn unknown_outcome(
    record: &Record,
    job: &str,
    (first, second): (&Post, &Post),
) -> Option<&'static str> {
    let written = first.message_id.as_ref().and_then(|id| {
        let key = (job.to_owned(), id.clone());
        record.written.get(&key).copied()
    });
    let is_known = written.is_some_and(|written| written.has_row && written.at_ms < second.sent_ms);
    if is_known {
        return None;
    }
    let (sender, sent_ms) = (&first.sender, first.sent_ms);
    let is_between = |at_ms: u64| (sent_ms..=second.sent_ms).contains(&at_ms);
    let was_told = |died_ms: u64| written.is_some_and(|written| written.at_ms <= died_ms);
    let mut unwritten = record.unwritten.iter();
    if first.hidden_by.is_some() {
        first.hidden_by
    } else if sender.died_ms.get().is_some_and(|died_ms| is_between(died_ms) && !was_told(died_ms))
    {
        Some("the death of its run")
    } else if unwritten.any(|(run, at_ms)| Rc::ptr_eq(run, sender) && is_between(*at_ms)) {
        Some("the database, which failed or took seconds to tell the ledger")
    } else if sender.role == Role::Cron && sender.is_hurt.get() {
        Some("a round of the watchdog that faults held up until its time was over")
    } else {
        None
    }
}
