//! Judges answers that are written once more: by whoever may want that, and not twice at once.

use crate::base::record::{Invariant, Record};
use crate::services::people::{Ask, STRANGER};

/// A press looks at its answer, and becomes a job, within this time; what changes meanwhile may be seen or not.
const LOOKS_MS: u64 = 8_000;

/// Judges the presses below the answer to a question.
pub(super) fn judge(record: &mut Record, index: usize, asks: &[Ask]) {
    let presses: Vec<&Ask> = record
        .presses
        .iter()
        .filter(|(of, _)| *of == index)
        .filter_map(|(_, press)| asks.get(*press))
        .filter(|ask| record.statuses.contains_key(&ask.id))
        .collect();
    let mut found = Vec::new();
    for (at, press) in presses.iter().enumerate() {
        if press.question.asker.id == STRANGER {
            found.push(format!("question {index} is answered once more for a stranger"));
        }
        if record.status(&press.id) == Some("COMPLETED") {
            record.counts.regenerated += 1;
        }
        let runs = |other: &&&Ask| {
            let begun_ms = record.statuses.get(&other.id).and_then(|all| all.first());
            let ended_ms = record.ended_ms(&other.id).unwrap_or(u64::MAX);
            other.is_accepted.get()
                && begun_ms.is_some_and(|(begun_ms, _)| *begun_ms < press.asked_ms)
                && ended_ms > press.asked_ms + LOOKS_MS
        };
        if presses.iter().take(at).any(|other| runs(&other)) {
            found.push(format!("question {index} is answered once more twice at once"));
        }
    }
    for what in found {
        record.violate(Invariant::Again, what);
    }
}
