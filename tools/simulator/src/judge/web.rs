//! Judges conversations: the turns of the web, where people read the answer in its conversation, and those of
//! Discord, where it is only remembered.

use std::collections::BTreeSet;

use miyabi_app::conversation::TurnState;
use miyabi_core::conversation::End;

use crate::base::marks::Mark;
use crate::base::record::{Invariant, Record};
use crate::services::people::{Ask, Venue};
use crate::world::World;

/// Judges the turn of a question that was asked on the web.
pub fn judge(world: &World, record: &mut Record, (index, ask): (usize, &Ask)) {
    if ask.venue != Venue::Web {
        return;
    }
    let object = ask.question.conversation.as_deref().unwrap_or_default();
    match record.deleted.get(object) {
        Some(true) => return gone(world, record, (index, object)),
        // Nobody knows whether it is gone.
        Some(false) => return,
        None => {}
    }
    let Some(turn) = turn(world, ask) else {
        if ask.is_accepted.get() {
            record.violate(Invariant::Told, format!("question {index} has no turn"));
        }
        return;
    };
    if record.stopped.contains(&index) {
        record.counts.stopped += 1;
        if turn.state != "stopped" {
            let what = format!("question {index} was stopped, and is {}", turn.state);
            record.violate(Invariant::Final, what);
        }
    }
    let status = record.status(&turn.id).unwrap_or("no row").to_owned();
    match turn.state.as_str() {
        "done" if status == "COMPLETED" => whole(world, record, (index, &turn)),
        // The answer is there, and the job could not say so.
        "done" if status == "ERROR" => {}
        "failed" if status == "COMPLETED" => {
            let what = format!("question {index} is {status}, and its turn has failed");
            record.violate(Invariant::Told, what);
        }
        "failed" => record.counts.told += u64::from(ask.is_accepted.get()),
        "stopped" => {}
        other => record.violate(Invariant::Ends, format!("the turn of {index} is {other}")),
    }
}

/// Nothing of a deleted conversation is left, nor comes back.
fn gone(world: &World, record: &mut Record, (index, object): (usize, &str)) {
    let left = world.objects.turns(object);
    if !left.is_empty() {
        let what = format!("question {index} is in a deleted conversation: {left:?}");
        record.violate(Invariant::Final, what);
    }
}

/// The answer is the one that was saved.
fn whole(world: &World, record: &mut Record, (index, turn): (usize, &TurnState)) {
    let sql = "SELECT result FROM jobs WHERE id = ?1";
    let id = miyabi_core::ports::SqlValue::Text(turn.id.clone());
    let rows = world.store.database.query(sql, &[id]).unwrap_or_default();
    let saved = rows.first().and_then(|row| row.get("result")?.as_str()).unwrap_or_default();
    let answer = turn.answer.as_deref().unwrap_or_default();
    if Mark::all(answer).is_empty() || Mark::all(answer) != Mark::all(saved) {
        let what = format!("question {index} shows {answer:?}, and {saved:?} was saved");
        record.violate(Invariant::Whole, what);
    }
}

/// Returns the turn of a question on the web as its reader finds it; `None` if there is none.
pub(super) fn turn(world: &World, ask: &Ask) -> Option<TurnState> {
    let object = ask.question.conversation.as_deref()?;
    // One that failed was perhaps asked once more.
    let is_of = |id: &str| id == ask.id || id.starts_with(&format!("{}-", ask.id));
    let last = world.objects.turns(object).into_iter().rfind(|turn| is_of(&turn.id))?;
    world.objects.look(object, &last.id, u64::MAX).map(|(turn, _)| turn)
}

/// Judges all conversations: each turn has ended, none is there twice, and whoever read one while it was
/// written has read what it is.
pub fn judge_all(world: &World) {
    let mut found = Vec::new();
    for object in world.objects.names() {
        // The next command ends what was interrupted.
        let _none = world.objects.look(&object, "", 0);
        let mut ids = BTreeSet::new();
        for turn in world.objects.turns(&object) {
            if turn.state == "queued" || turn.state == "running" {
                found.push((Invariant::Ends, format!("{} of {object} is {}", turn.id, turn.state)));
            }
            if !ids.insert(turn.id.clone()) {
                found.push((Invariant::Once, format!("{} is there twice", turn.id)));
            }
        }
    }
    for reader in world.readers.finish() {
        let asks = world.people.asks();
        let Some(turn) = asks.get(reader.ask).and_then(|ask| turn(world, ask)) else { continue };
        if turn.id != reader.turn {
            continue;
        }
        let read = reader.parts.last().map_or("", String::as_str).trim_end();
        let answer = turn.answer.as_deref().unwrap_or_default().trim_end();
        let end = match turn.state.as_str() {
            "done" => Some(End::Done),
            "stopped" => Some(End::Stopped),
            _ => turn.notice.map(End::Failed),
        };
        if reader.end != end || (turn.answer.is_some() && read != answer) {
            let what = format!(
                "a reader of {} has {read:?} and {:?}, the turn is {answer:?} and {end:?}",
                reader.ask, reader.end
            );
            found.push((Invariant::Whole, what));
        }
        world.shared.record.borrow_mut().counts.read += u64::from(reader.parts.len() > 1);
    }
    let mut record = world.shared.record.borrow_mut();
    for (invariant, what) in found {
        record.violate(invariant, what);
    }
}
