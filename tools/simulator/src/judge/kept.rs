//! Judges what is kept for the buttons below answers: it is there exactly where buttons stand.

use std::collections::BTreeSet;

use crate::base::record::Invariant;
use crate::services::people::group;
use crate::world::World;

/// Jobs with an answer for whose buttons something is kept.
const KEPT: &str = "SELECT id FROM jobs WHERE status = 'COMPLETED' AND kept IS NOT NULL";

/// Jobs that ended otherwise, for which something is kept all the same.
const LEFT: &str = "SELECT id FROM jobs WHERE status = 'ERROR' AND kept IS NOT NULL";

/// Jobs whose answer went to the asker alone after all. A post may have arrived all the same, though nobody could
/// know: its buttons then say that the answer is too old.
const PRIVATE: &str = "SELECT DISTINCT job AS id FROM posts WHERE step GLOB 'reply:*'";

/// Judges what a seed has kept.
pub fn judge(world: &World) {
    let ids = |sql: &str| -> BTreeSet<String> {
        let rows = world.store.database.query(sql, &[]).unwrap_or_else(|error| {
            world.shared.violate(Invariant::Sane, format!("{error:?}"));
            Vec::new()
        });
        let id = |row: &serde_json::Map<String, serde_json::Value>| {
            row.get("id").and_then(serde_json::Value::as_str).map(ToOwned::to_owned)
        };
        rows.iter().filter_map(id).collect()
    };
    for id in ids(LEFT) {
        world.shared.violate(Invariant::Kept, format!("{id} has failed and is kept"));
    }
    let (kept, private) = (ids(KEPT), ids(PRIVATE));
    let completed = ids("SELECT id FROM jobs WHERE status = 'COMPLETED'");
    let discord = world.discord.state();
    let shown: BTreeSet<String> =
        discord.messages.iter().filter_map(|message| message.buttons_of.clone()).collect();
    drop(discord);
    // The buttons of messengers are looked at by the tests of each.
    let is_on_messenger = |id: &str| {
        let index = world.people.asks().iter().position(|ask| ask.id == id);
        index.is_some_and(|index| world.shared.record.borrow().plain.contains(&index))
    };
    // Of two that ask the same, one may have found the other's message, with the other's buttons.
    let asks = world.people.asks();
    let has_twin = |id: &str| {
        let index = asks.iter().position(|ask| ask.id == id);
        index.is_some_and(|index| group(&asks, index).len() > 1)
    };
    let is_judged = |id: &&String| {
        let is_told = completed.contains(*id) && !is_on_messenger(id);
        is_told && !has_twin(id) && (kept.contains(*id) || !private.contains(*id))
    };
    for id in kept.symmetric_difference(&shown).filter(is_judged) {
        let what = if kept.contains(id) { "is kept without buttons" } else { "has buttons only" };
        world.shared.violate(Invariant::Kept, format!("{id} {what}"));
    }
}
