//! Judges reminders: each is set once, and brought once when it is due, unless it was taken back.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::once;
use crate::base::ids;
use crate::base::marks;
use crate::base::record::{Invariant, Record, is_terminal};
use crate::world::World;

const REMINDERS: &str = "SELECT id, job, asker, due_at, state FROM reminders";

/// How far clocks differ at most, in milliseconds.
const CLOCKS_MS: u64 = 5_000;

/// Judges the reminders of a seed.
pub(super) fn judge(world: &World) {
    let rows = world.store.database.query(REMINDERS, &[]).unwrap_or_default();
    let mut record = world.shared.record.take();
    let mut of_job: BTreeMap<String, usize> = BTreeMap::new();
    for row in &rows {
        *of_job.entry(text(row, "job").to_owned()).or_default() += 1;
        judge_one(world, &mut record, row);
    }
    for (job, count) in of_job.into_iter().filter(|(_, count)| *count > 1) {
        record.violate(Invariant::Reminded, format!("{job} has set {count} reminders for one"));
    }
    world.shared.record.replace(record);
}

fn text<'r>(row: &'r Map<String, Value>, column: &str) -> &'r str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}

fn judge_one(world: &World, record: &mut Record, row: &Map<String, Value>) {
    let (id, state) = (text(row, "id"), text(row, "state"));
    let Some(index) = ids::number(id) else { return };
    let due_ms = row.get("due_at").and_then(Value::as_u64).unwrap_or_default() * 1000;
    let (person, errand) = (format!("<@{}>", text(row, "asker")), marks::errand(index));
    let posts: Vec<Option<usize>> = {
        let discord = world.discord.state();
        let is_it = |content: &str| content.contains(&person) && content.contains(&errand);
        let messages = discord.messages.iter().filter(|message| is_it(&message.content));
        messages.map(|message| message.post).collect()
    };
    let mut numbers: Vec<usize> = posts.iter().flatten().copied().collect();
    // In the order in which they were sent: one may appear after another one that was sent later.
    numbers.sort_unstable();
    let excepted = once::excepted(world, record, &[index], &numbers);
    let status = record.status(id).unwrap_or("no row").to_owned();
    let is_withdrawn = record.withdrawn.contains(id);
    let is_early = numbers
        .iter()
        .filter_map(|number| record.posts.get(*number))
        .any(|post| post.sent_ms + CLOCKS_MS < due_ms);
    let is_brought = state == "BROUGHT";
    for (is_wrong, what) in [
        (posts.len() > 1 + excepted, "is there more than once"),
        (is_early, "comes too early"),
        (!is_brought && !posts.is_empty(), "is there, and is not brought"),
        (is_withdrawn && state != "CANCELLED", "was taken back, and goes on"),
        (!is_brought && state != "CANCELLED", "has not come"),
        (is_brought && !is_terminal(&status), "is brought, and its job has not ended"),
        (status == "COMPLETED" && posts.is_empty(), "is not there"),
        (
            world.shared.plan.is_fault_free && is_brought && status != "COMPLETED",
            "fails without a fault",
        ),
    ] {
        if is_wrong {
            let what = format!("the reminder {id} {what}: {state}, {status}, {}", posts.len());
            record.violate(Invariant::Reminded, what);
        }
    }
    record.counts.reminded += u64::from(status == "COMPLETED");
    record.counts.withdrawn += u64::from(is_withdrawn);
}
