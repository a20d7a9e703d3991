//! Judges what is remembered: the turn of a completed question is there, once, with the answer that its
//! asker got, and none is left running.

use crate::base::record::Invariant;
use crate::world::World;

/// Judges the conversations of a seed.
pub fn judge(world: &World) {
    let shared = &world.shared;
    for (index, ask) in world.people.asks().iter().enumerate() {
        let Some(name) = &ask.question.conversation else { continue };
        let turns = world.conversations.turns(name);
        let turns: Vec<_> = turns.iter().filter(|turn| turn.id == ask.id).collect();
        let broken = |what: String| shared.violate(Invariant::Remembers, format!("{index}: {what}"));
        if let Some(running) = turns.iter().find(|turn| turn.ended_ms.is_none()) {
            broken(format!("its turn is {}", running.state));
        }
        let record = shared.record.borrow();
        let is_completed = record.status(&ask.id) == Some("COMPLETED");
        // The watchdog completes a job whose answer is all there, when its time is over; what is on its way
        // to the conversation may be lost.
        let by_watchdog = record.ended_by.get(&ask.id).is_some_and(|who| who.starts_with("cron"));
        let is_excused = by_watchdog || world.conversations.is_unsure(index);
        drop(record);
        if !is_completed {
            continue;
        }
        let sql = "SELECT result FROM jobs WHERE id = ?1";
        let rows = world.store.database.query(sql, &[ask.id.as_str().into()]).unwrap_or_default();
        let result = rows.first().and_then(|row| row.get("result")?.as_str());
        match turns.first() {
            Some(turn) if turn.state == "done" => {
                if turn.answer.as_deref() != result {
                    broken(format!("its turn has {:?} and not {result:?}", turn.answer));
                }
            }
            _ if is_excused => {}
            other => broken(format!("its turn is {:?}", other.map(|turn| &turn.state))),
        }
    }
}
