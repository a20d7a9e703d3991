//! What people press: a button below an answer, an entry in the menu of a message, or what sends a form.

use std::borrow::Cow;

use serde_json::Value;

use super::super::buttons::read as read_button;
use super::super::files;
use super::super::form::{self, Kept};
use super::super::place::Place;
use super::super::text::read;
use super::super::verify::Verified;
use super::{
    Inbound, MAX_QUOTED, Pressed, Told, Window, is_direct, millis, person_asks, short, text,
};
use crate::commands::Wish;
use crate::slack::place::OF_FORM;
use crate::slack::{ASK_ABOUT, is_ts};
use miyabi_core::i18n::buttons::Press;
use miyabi_core::ids::Millis;
use miyabi_core::question::Quote;
use miyabi_core::rejection::Rejection;
use miyabi_core::text::first_chars;

/// Parses what was pressed.
///
/// # Errors
/// [`Rejection::Malformed`] when it is no form with the JSON of an interaction.
///
/// # Source
/// docs.slack.dev/reference/interaction-payloads, May 2026.
pub fn interaction(verified: &Verified) -> Result<Inbound, Rejection> {
    let mut fields = form_urlencoded::parse(verified.body());
    let payload: Cow<'_, str> = fields
        .find(|(name, _)| name == "payload")
        .map(|(_, payload)| payload)
        .ok_or(Rejection::Malformed)?;
    let payload: Value = serde_json::from_str(&payload).map_err(|_error| Rejection::Malformed)?;
    Ok(match text(&payload, "type").ok_or(Rejection::Malformed)? {
        "block_actions" => press(&payload).unwrap_or(Inbound::Unserved("block_actions")),
        "message_action" => ask_about(&payload).unwrap_or(Inbound::Unserved("message_action")),
        "shortcut" => Inbound::Unserved("shortcut"),
        "view_submission" => {
            let sent = verified.sent();
            submitted(&payload, sent).unwrap_or(Inbound::Unserved("view_submission"))
        }
        "view_closed" => Inbound::Unserved("view_closed"),
        _ => Inbound::Unserved("other"),
    })
}

/// Returns where somebody has pressed something, with the thread in which it is answered.
fn place(payload: &Value, thread: Option<&str>) -> Option<Place> {
    let id = |path: &str| payload.pointer(path).and_then(Value::as_str);
    let channel = id("/channel/id")?;
    let team = id("/team/id").or_else(|| id("/user/team_id"))?;
    Place::new((team, channel, thread), id("/user/id")?, !is_direct(channel))
}

/// Reads a press; `None` if it is none of a button of ours, below an answer of its channel.
fn press(payload: &Value) -> Option<Inbound> {
    let action = payload.pointer("/actions/0")?;
    let (button, job) = read_button(text(action, "action_id")?, text(action, "value")?)?;
    let message = payload.get("message")?;
    // An answer to a command is the root of its own thread as soon as somebody replies to it.
    let is_root = text(message, "thread_ts") == text(message, "ts");
    let thread = text(message, "thread_ts").filter(|it| is_ts(it) && !is_root);
    let place = place(payload, thread)?;
    // What a button carries is whatever its client sends: an answer of elsewhere is not pressed here.
    if !place.is_of(&job) {
        return None;
    }
    let trigger = text(payload, "trigger_id")?;
    let id = place.job(&format!("p{}", short(trigger)))?;
    let question = person_asks(&place, id, Millis(0));
    let press = Press {
        button,
        job,
        question,
        is_moderator: false,
        // Which messages an answer has is known; that a client says it stands here proves nothing.
        message: String::new(),
        link: String::new(),
    };
    let begins = text(message, "ts").filter(|it| is_ts(it) && thread.is_none());
    let (trigger, begins) = (trigger.to_owned(), begins.map(ToOwned::to_owned));
    Some(Inbound::Pressed(Box::new(Pressed { press, trigger, begins })))
}

/// Reads a form that was sent; `None` if it is none of ours, or of somebody else. The same form again is the same job.
fn submitted(payload: &Value, sent: Millis) -> Option<Inbound> {
    let view = payload.get("view")?;
    let (Kept { id, place, conversation, files }, words) = form::read(view)?;
    let id_of = |path: &str| payload.pointer(path).and_then(Value::as_str);
    let is_theirs = id_of("/user/id") == Some(&place.user);
    let team = id_of("/team/id").or_else(|| id_of("/user/team_id"));
    (is_theirs && team == Some(&place.team)).then_some(())?;
    let job = place.job(&format!("{OF_FORM}{}", short(text(view, "id")?)))?;
    let mut question = person_asks(&place, job, sent);
    words.clone_into(&mut question.text);
    question.conversation = conversation;
    Some(Inbound::Told(Box::new(Told {
        wish: Wish::Answer,
        question,
        place,
        files: Vec::new(),
        quoted_files: files,
        is_command: false,
        in_thread: None,
        respond_to: None,
        window: Some(Window::Sent(id)),
    })))
}

/// Reads the wish to have a message explained; `None` if it is another entry, or the message cannot be told.
fn ask_about(payload: &Value) -> Option<Inbound> {
    let is_ours = text(payload, "callback_id") == Some(ASK_ABOUT);
    let message = payload.get("message").filter(|_| is_ours)?;
    let ts = text(message, "ts").filter(|it| is_ts(it))?;
    let thread = text(message, "thread_ts").filter(|it| is_ts(it)).unwrap_or(ts);
    let place = place(payload, Some(thread))?;
    let trigger = text(payload, "trigger_id")?;
    let id = place.job(&format!("m{}", short(trigger)))?;
    let asked = millis(text(payload, "action_ts").unwrap_or_default());
    let mut question = person_asks(&place, id, asked);
    let words = read(text(message, "text").unwrap_or_default(), "");
    let quoted_files = files::of_message(message);
    let wish =
        if words.is_empty() && quoted_files.is_empty() { Wish::Unreadable } else { Wish::Answer };
    let author = crate::messengers::name(text(message, "username").unwrap_or_default());
    let words = first_chars(&words, MAX_QUOTED).to_owned();
    question.quote = Some(Quote { author, text: words, ..Quote::default() });
    Some(Inbound::Told(Box::new(Told {
        wish,
        question,
        place,
        files: Vec::new(),
        quoted_files,
        is_command: false,
        in_thread: text(message, "thread_ts").map(|_| ts.to_owned()),
        respond_to: text(payload, "response_url").map(ToOwned::to_owned),
        window: Some(Window::Opens(trigger.to_owned())),
    })))
}
