//! Events: a message, and whether it is for Miyabi.

use serde_json::Value;

use super::super::files;
use super::super::place::Place;
use super::super::text::{mentions, read};
use super::super::verify::Verified;
use super::{Inbound, Told, is_direct, millis, person_asks, text};
use crate::commands::Wish;
use crate::messengers::read_json;
use crate::slack::{conversation_name, is_id, is_ts, place_name};
use miyabi_core::rejection::Rejection;

/// The kinds of events that may come and are not served, with those of the envelope.
const UNSERVED: [&str; 9] = [
    "app_rate_limited",
    "app_uninstalled",
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
    // Blocks may nest more deeply than is read.
    let Some(envelope) = read_json(verified.body())? else { return Ok(Inbound::Unserved("other")) };
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
        (Some(event), "app_home_opened") => {
            Ok(opened(&envelope, event).unwrap_or(Inbound::Passing))
        }
        (_, kind) => {
            let known = UNSERVED.into_iter().find(|it| *it == kind);
            Ok(Inbound::Unserved(known.unwrap_or("other")))
        }
    }
}

/// Reads who has opened the app; `None` if it is neither its home nor their messages that they see.
///
/// # Source
/// `docs.slack.dev/reference/events/app_home_opened`, May 2026.
fn opened(envelope: &Value, event: &Value) -> Option<Inbound> {
    let opened = match text(event, "tab")? {
        "home" => Inbound::Home,
        "messages" => Inbound::Messages,
        _ => return None,
    };
    let place = (text(envelope, "team_id")?, text(event, "channel")?, None);
    Some(opened(Place::new(place, text(event, "user")?, false)?))
}

/// Reads a message; `None` if it lacks what every message has.
///
/// A mention in a channel comes twice, as a message and as a mention, and is read as the second; in a group message,
/// where it may come as a message alone, both are the same job.
fn message(envelope: &Value, event: &Value) -> Option<Inbound> {
    if !is_of_person(event) {
        return Some(Inbound::Passing);
    }
    let (bot, team) = bot(envelope);
    if text(event, "user") == Some(bot) {
        return Some(Inbound::Passing);
    }
    let (channel, ts) = (text(event, "channel")?, text(event, "ts").filter(|ts| is_ts(ts))?);
    let (team, user) = (team.or_else(|| text(envelope, "team_id"))?, text(event, "user")?);
    let thread = text(event, "thread_ts").filter(|it| is_ts(it));
    let is_shared = !is_direct(channel);
    let written = text(event, "text").unwrap_or_default();
    let comes_twice = matches!(text(event, "channel_type"), Some("channel" | "group"));
    let is_mention =
        text(event, "type") == Some("app_mention") || (mentions(written, bot) && !comes_twice);
    let is_reply_to_us = !bot.is_empty() && text(event, "parent_user_id") == Some(bot);
    if is_shared && !is_mention && (!is_reply_to_us || mentions(written, bot)) {
        return Some(Inbound::Passing);
    }
    // A message outside of threads begins one.
    let mut place = Place::new((team, channel, Some(thread.unwrap_or(ts))), user, is_shared)?;
    // Who is of another workspace, in a channel that both share.
    place.home =
        text(event, "user_team").filter(|it| is_id(it) && *it != team).map(ToOwned::to_owned);
    let mut question = person_asks(&place, place.job_of(ts)?, millis(ts));
    if is_reply_to_us && is_shared {
        // What Miyabi said there outside of threads answered a command of the channel.
        let channel = place_name(team, channel, None);
        question.conversation = Some(conversation_name(&channel, &question.asker.id));
    }
    question.text = read(written, bot);
    let mut files = files::of_message(event);
    for file in &mut files {
        file.is_spoken &= question.text.is_empty();
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
        in_thread: thread.map(|_| ts.to_owned()),
        respond_to: None,
        window: None,
    })))
}

/// Returns the id of the bot's person, blank if it is not told, and of its team: in a channel that several share, that
/// around the event may be another one.
fn bot(envelope: &Value) -> (&str, Option<&str>) {
    let all = envelope.get("authorizations").and_then(Value::as_array);
    let is_bot = |it: &&Value| it.get("is_bot").and_then(Value::as_bool) == Some(true);
    let bot = all.into_iter().flatten().find(is_bot).unwrap_or(&Value::Null);
    (text(bot, "user_id").unwrap_or_default(), text(bot, "team_id"))
}

/// Says whether a person wrote a message. An answer to a bot may be answered by it.
fn is_of_person(event: &Value) -> bool {
    let is_written = text(event, "subtype").is_none_or(|subtype| WRITTEN.contains(&subtype));
    let is_bot = event.get("bot_id").is_some_and(|id| !id.is_null());
    let is_hidden = event.get("hidden").and_then(Value::as_bool).unwrap_or(false);
    is_written && !is_bot && !is_hidden && text(event, "user") != Some("USLACKBOT")
}
