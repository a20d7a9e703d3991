//! Judges deletions: nothing is left of what a person had deleted, whatever ran and failed meanwhile.
//!
//! In a seed with a deletion nothing else is judged: what people see goes on as it was, but the rows do not say
//! any more what became of it.

use std::rc::Rc;

use crate::base::marks::Mark;
use crate::base::record::Invariant;
use crate::services::cron::MINUTE_MS;
use crate::world::World;

/// Something may come late for twenty minutes; then each person has a round.
const UNTIL_GONE_MS: u64 = 30 * MINUTE_MS;

/// What is not deleted yet.
const LEFT: &str = "SELECT id FROM people WHERE erase_ms IS NOT NULL AND erase_after IS NOT '~~'";

/// Returns whether somebody had everything deleted.
pub fn is_meant(world: &World) -> bool {
    !world.shared.record.borrow().erased.is_empty()
}

/// Lets the watchdog come until everything is deleted, and judges what is left.
pub fn judge(world: &Rc<World>) {
    let shared = &world.shared;
    let begun = rows(world, "SELECT id FROM people WHERE erase_ms IS NOT NULL");
    let end_ms = shared.executor.now() + UNTIL_GONE_MS;
    shared.executor.run(end_ms, &shared.rng, || false);
    for person in rows(world, LEFT) {
        shared.violate(Invariant::Erased, format!("{person} is still being deleted"));
    }
    let mut texts =
        vec![("the database".to_owned(), world.store.database.texts().unwrap_or_default())];
    texts.extend(world.objects.names().into_iter().map(|name| {
        let text = world.objects.texts(&name);
        (name, text)
    }));
    let asks = world.people.asks();
    let erased = shared.record.borrow().erased.clone();
    for (person, (until_ms, is_confirmed)) in erased {
        if !is_confirmed && !begun.contains(&person) {
            continue;
        }
        let is_its = |index: usize| {
            let has_twin = asks.iter().any(|ask| ask.twin_of == Some(index));
            asks.get(index).is_some_and(|ask| {
                let is_meant = ask.question.asker.id == person && ask.asked_ms <= until_ms;
                is_meant && ask.twin_of.is_none() && !has_twin
            })
        };
        for (place, text) in &texts {
            for mark in Mark::all(text).into_iter().filter(|mark| is_its(mark.ask())) {
                shared.violate(Invariant::Erased, format!("{mark:?} is left in {place}"));
            }
        }
        shared.record.borrow_mut().counts.erased += 1;
    }
}

fn rows(world: &World, sql: &str) -> Vec<String> {
    let rows = world.store.database.query(sql, &[]).unwrap_or_default();
    let id = |row: &serde_json::Map<String, serde_json::Value>| {
        Some(row.get("id")?.as_str()?.to_owned())
    };
    rows.iter().filter_map(id).collect()
}
