//! Messages to the bot on Slack.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{Asking, Deliveries, Ends, by_turns, who};
use crate::commands::campaign::verdict::{Asked, MIYABI, Scene};
use crate::stack::Stack;
use crate::value::{list, text};

const EVENTS: Deliveries = Deliveries { path: "/lab/slack/events", list: "deliveries", id: "id" };
/// Channels by turns; `dm` is the person's own.
const CHANNELS: [&str; 4] = ["general", "dm", "general", "private"];
/// All of them.
const ALL: [&str; 4] = ["general", "private", "dm:mio", "dm:alex"];

/// Asks in a channel by a mention, or in a direct message.
pub(super) fn ask(ends: &Ends, asking: Asking) -> Result<Option<Asked>> {
    let Asking { number, text, marks } = asking;
    let (who, place) = (who(number), by_turns(&CHANNELS, number));
    let (label, order) = if place == "dm" {
        (format!("dm:{who}"), json!({ "text": text, "as": who }))
    } else {
        (place.to_owned(), json!({ "text": text, "as": who, "in": place, "mention": true }))
    };
    let Some(ts) = ends.deliver(&EVENTS, order)? else { return Ok(None) };
    let ts = ts.as_str().context("a message's time is no text")?.replace('.', "");
    let known = |path: &str| {
        let id = ends.known(path)?;
        id.as_str().with_context(|| format!("{path} is no text"))
    };
    let team = known("/slack/team/id")?;
    let channel = known(&format!("/slack/channels/{label}/id"))?;
    let id = format!("slack_{team}_{channel}_{ts}");
    Ok(Some(Asked { id, marks, channel: label, is_refused: false }))
}

/// Reads the channels.
pub(super) fn look(stack: &Stack, scene: &mut Scene) -> Result<()> {
    for channel in ALL {
        let seen = stack.slack_channel(channel)?;
        for message in seen.get("messages").cloned().map(list).unwrap_or_default() {
            let shown = message_of(channel, &message);
            if is_left(&message) {
                scene.left.push(shown);
            } else {
                scene.messages.push(shown);
            }
        }
    }
    Ok(())
}

/// Returns a message in the form of the others.
fn message_of(channel: &str, message: &Value) -> Value {
    let author = if is_bot(message) { MIYABI } else { text(message, "author") };
    let markdown = message.pointer("/blocks/0/text").and_then(Value::as_str);
    let content = markdown.filter(|_| is_bot(message)).unwrap_or_else(|| text(message, "text"));
    json!({
        "id": message.get("ts"), "place": channel, "author": author, "content": content,
        "thread": message.get("thread_ts"), "streaming": message.get("streaming"),
        "job": message.pointer("/metadata/event_payload/job"),
    })
}

/// Whether a message of the bot is the beginning of an answer that nobody went on with: what is whole says of which
/// job it is.
fn is_left(message: &Value) -> bool {
    let is_whole = message.pointer("/metadata/event_payload/job").is_some();
    is_bot(message) && (!is_whole || text(message, "streaming") == "in_progress")
}

fn is_bot(message: &Value) -> bool {
    message.get("is_bot") == Some(&Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_still_grows_or_names_no_job_is_left() {
        let job = json!({ "event_type": "miyabi_message", "event_payload": { "job": "1" } });
        for (message, is_so) in [
            (json!({ "is_bot": true, "metadata": job }), false),
            (json!({ "is_bot": true, "metadata": job, "streaming": "completed" }), false),
            (json!({ "is_bot": true, "metadata": job, "streaming": "in_progress" }), true),
            (json!({ "is_bot": true, "metadata": null, "streaming": "completed" }), true),
            (json!({ "is_bot": false, "metadata": null }), false),
        ] {
            assert_eq!(is_left(&message), is_so, "{message}");
        }
    }

    #[test]
    fn an_answer_is_read_where_slack_shows_it() {
        let blocks = json!([{ "type": "markdown", "text": "**Yes**" }]);
        let message = json!({ "is_bot": true, "ts": "1.2", "text": "Yes", "blocks": blocks });
        let shown = message_of("general", &message);
        assert_eq!((text(&shown, "content"), text(&shown, "author")), ("**Yes**", MIYABI));
    }
}
