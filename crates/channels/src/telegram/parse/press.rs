//! A button that was pressed.

use serde_json::Value;

use super::super::PLATFORM;
use super::super::buttons::read as read_data;
use super::message::{flag, job_id, link, number, person_asks, text};
use super::{Bot, Inbound, Pressed};
use crate::telegram::place::Place;
use miyabi_core::i18n::buttons::Press;
use miyabi_core::ids::JobId;

/// Reads a press; `None` if it is none of a button of ours, below a message that is known.
///
/// # Source
/// Telegram Bot API 10.1/CallbackQuery and `MaybeInaccessibleMessage`, read 2026-11-30.
pub(super) fn read(query: &Value, bot: Bot<'_>) -> Option<Inbound> {
    let (id, user) = (text(query, "id")?, query.get("from")?);
    let (button, job) = read_data(text(query, "data")?)?;
    let message = query.get("message")?;
    let chat = message.get("chat")?;
    let topic = number(message, "message_thread_id").filter(|_| flag(message, "is_topic_message"));
    let place = Place {
        chat: number(chat, "id")?,
        topic,
        message: number(message, "message_id")?,
        is_group: text(chat, "type")? != "private",
    };
    let digits = id.bytes().all(|byte| byte.is_ascii_digit());
    let press_id = job_id(bot.id, place.chat, &format!("p{id}")).filter(|_| digits)?;
    // What a button carries is whatever its client sends: an answer of elsewhere is not pressed here.
    if chat_of(&job)? != chat_of(&press_id)? {
        return None;
    }
    let mut question = person_asks(message, user, (bot, place))?;
    // A message is from before its press, which may come much later.
    (question.id, question.asked) = (press_id, miyabi_core::ids::Millis(0));
    let press = Press {
        button,
        job,
        question,
        is_moderator: false,
        // Which messages an answer has is known; that a client says it stands here proves nothing.
        message: String::new(),
        link: link(message, message),
    };
    let (id, user) = (id.to_owned(), number(user, "id")?);
    let asked = message.get("reply_to_message").and_then(|it| number(it, "message_id"));
    Some(Inbound::Pressed(Box::new(Pressed { press, place, asked, user, id })))
}

/// Returns how the id of a job names the chat in which it was asked.
fn chat_of(job: &JobId) -> Option<&str> {
    job.as_str().strip_prefix(PLATFORM)?.split('_').nth(2)
}
