//! Events: a message, and whether it is for Miyabi.

use serde_json::Value;

use super::super::files;
use super::super::place::Place;
use super::super::text::{mentions, read};
use super::super::verify::Verified;
use super::{Inbound, Opened, Pane, Told, is_direct, millis, person_asks, text};
use crate::commands::Wish;
use crate::slack::is_ts;
use miyabi_core::rejection::Rejection;

/// The kinds of events that may come and are not served, with those of the envelope.
const UNSERVED: [&str; 10] = [
    "app_rate_limited",
    "app_uninstalled",
    "assistant_thread_context_changed",
    "channel_archive",
    "file_shared",
    "member_joined_channel",
    "reaction_added",
    "reaction_removed",
    "team_join",
    "tokens_revoked",
];

/// Kinds of messages that people write themselves. All others are what happened to a channel or to another message.
///
/// # Source
/// docs.slack.dev/reference/events/message, May 2026.
const WRITTEN: [&str; 3] = ["file_share", "thread_broadcast", "me_message"];

/// Parses an event.
///
/// # Errors
/// [`Rejection::Malformed`] when it is no JSON object with a `type`.
pub fn event(verified: &Verified) -> Result<Inbound, Rejection> {
    let text_ = str::from_utf8(verified.body()).map_err(|_binary| Rejection::Malformed)?;
    let envelope: Value = match serde_json::from_str(text_) {
        Ok(envelope) => envelope,
        // Blocks may nest more deeply than is read: refused, it would come again.
        Err(error) if error.to_string().starts_with("recursion limit") => {
            return Ok(Inbound::Unserved("other"));
        }
        Err(_error) => return Err(Rejection::Malformed),
    };
    let kind = text(&envelope, "type").ok_or(Rejection::Malformed)?;
    if kind == "url_verification" {
        let challenge = text(&envelope, "challenge").ok_or(Rejection::Malformed)?;
        return Ok(Inbound::Challenge(challenge.to_owned()));
    }
    let event = envelope.get("event").filter(|_| kind == "event_callback");
    let kind = event.and_then(|event| text(event, "type")).unwrap_or(kind);
    match (event, kind) {
        (Some(event), "message" | "app_mention") => {
            Ok(message(&envelope, event).unwrap_or(Inbound::Unserved("message")))
        }
        (Some(event), "app_home_opened" | "assistant_thread_started") => {
            Ok(opened(&envelope, event, kind).unwrap_or(Inbound::Passing))
        }
        (_, kind) => {
            let known = UNSERVED.into_iter().find(|it| *it == kind);
            Ok(Inbound::Unserved(known.unwrap_or("other")))
        }
    }
}

/// Reads what was opened; `None` if there is nothing to be filled.
///
/// # Source
/// `docs.slack.dev/reference/events/app_home_opened` and `assistant_thread_started`, May 2026.
fn opened(envelope: &Value, event: &Value, kind: &str) -> Option<Inbound> {
    let team = text(envelope, "team_id")?;
    let (place, pane) = if kind == "app_home_opened" {
        text(event, "tab").filter(|tab| *tab == "home")?;
        let (channel, user) = (text(event, "channel")?, text(event, "user")?);
        (Place::new((team, channel, None), user, false)?, Pane::Home)
    } else {
        let thread = event.get("assistant_thread")?;
        let (channel, user) = (text(thread, "channel_id")?, text(thread, "user_id")?);
        let ts = text(thread, "thread_ts").filter(|ts| is_ts(ts));
        (Place::new((team, channel, ts), user, false)?, Pane::Thread)
    };
    Some(Inbound::Opened(Opened { place, pane }))
}

/// Reads a message; `None` if it lacks what every message has. A mention comes twice, as a message and as a mention, of
/// which each is the same job.
fn message(envelope: &Value, event: &Value) -> Option<Inbound> {
    if !is_of_person(event) {
        return Some(Inbound::Passing);
    }
    let bot = bot(envelope);
    let (channel, ts) = (text(event, "channel")?, text(event, "ts").filter(|ts| is_ts(ts))?);
    let (team, user) = (text(envelope, "team_id")?, text(event, "user")?);
    let thread = text(event, "thread_ts").filter(|it| is_ts(it));
    let is_shared = !is_direct(channel);
    let written = text(event, "text").unwrap_or_default();
    let is_told = text(event, "type") == Some("app_mention");
    let is_mention = is_told || mentions(written, bot);
    let is_reply_to_us = !bot.is_empty() && text(event, "parent_user_id") == Some(bot);
    if is_shared && !is_mention && !is_reply_to_us {
        return Some(Inbound::Passing);
    }
    // In front of others the answer stands in the question's thread; where nobody else is, the question may have none.
    let thread = thread.or(is_shared.then_some(ts));
    let place = Place::new((team, channel, thread), user, is_shared)?;
    let mut question = person_asks(&place, place.job_of(ts)?, millis(ts));
    question.text = read(written, bot);
    let mut files = files::of_message(event);
    if question.text.is_empty() && files::is_recorded(event) {
        for file in &mut files {
            file.is_spoken = true;
        }
    }
    let wish = match (question.text.is_empty(), files.is_empty()) {
        (false, _) | (_, false) => Wish::Answer,
        (true, true) if event.get("files").is_some() => Wish::Unreadable,
        (true, true) => Wish::Nothing,
    };
    Some(Inbound::Told(Box::new(Told {
        wish,
        question,
        place,
        files,
        quoted_files: Vec::new(),
        is_command: false,
        is_first: is_told || !is_shared || !is_mention,
    })))
}

/// Returns the id of the bot's person; blank if it is not told.
fn bot(envelope: &Value) -> &str {
    let known = envelope.pointer("/authorizations/0/user_id").and_then(Value::as_str);
    known.unwrap_or_default()
}

/// Says whether a person wrote a message. An answer to a bot may be answered by it.
fn is_of_person(event: &Value) -> bool {
    let is_written = text(event, "subtype").is_none_or(|subtype| WRITTEN.contains(&subtype));
    let is_bot = event.get("bot_id").is_some_and(|id| !id.is_null());
    let is_hidden = event.get("hidden").and_then(Value::as_bool).unwrap_or(false);
    is_written && !is_bot && !is_hidden && text(event, "user") != Some("USLACKBOT")
}
