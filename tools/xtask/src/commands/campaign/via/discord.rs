//! Commands on Discord.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{Asking, Ends, by_id, by_turns, who};
use crate::commands::campaign::verdict::{Asked, Scene};
use crate::stack::{Stack, lab};

/// Channels by turns: the webhook's own, one with a webhook to be made, a thread, and one with none.
const CHANNELS: [&str; 8] =
    ["general", "random", "general", "thread", "general", "dm", "random", "general"];

/// Asks; a question counts as accepted if its asker saw "thinking…", or a sentence in its place.
pub(super) fn ask(ends: &Ends, asking: Asking) -> Result<Option<Asked>> {
    let Asking { number, text, marks } = asking;
    let channel = by_turns(&CHANNELS, number);
    // Ten people: no one person may have more than a hundred questions at a time.
    let user = json!({ "id": format!("11800000000000{}", 10_000 + number % 10) });
    let user = if channel == "dm" {
        json!({ "user": user })
    } else {
        json!({ "member": { "user": user } })
    };
    let order = json!({ "ask": text, "as": who(number), "in": channel, "interaction": user });
    let receipt = lab::deliver(&ends.lab, &ends.worker, &order)?;
    let kind = receipt.get("ack").and_then(|ack| ack.get("type")).and_then(Value::as_u64);
    let id = receipt.get("id").and_then(Value::as_str).context("no id")?.to_owned();
    let channel = channel.to_owned();
    Ok(match kind {
        Some(5) => Some(Asked { id, marks, channel, is_refused: false }),
        Some(4) => Some(Asked { id, marks, channel, is_refused: true }),
        _ => None,
    })
}

/// Reads the channels and what became of the interactions.
pub(super) fn look(stack: &Stack, scene: &mut Scene) -> Result<()> {
    let mut channels = CHANNELS.to_vec();
    channels.sort_unstable();
    channels.dedup();
    for channel in channels {
        scene.messages.extend(stack.channel(channel)?);
    }
    scene.interactions = by_id(stack.lab().list("/lab/interactions")?);
    Ok(())
}
