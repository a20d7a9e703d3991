//! Parses deliveries: verified bytes in, every message and every status of them out.
//!
//! A delivery has any number of entries, changes, messages and statuses, of any kind. Unknown fields are ignored, and only
//! what an answer cannot do without is required. What is not served is told by its kind, so that it can be counted; it is
//! no error, since Meta would send all of it again for a week.

mod message;

use serde_json::Value;

use super::person;
use super::place::Place;
use super::verify::Verified;
use crate::commands::Wish;
use crate::digest::digest;
use crate::messengers::read_json;
use crate::sent::SentFile;
use miyabi_core::i18n::buttons::Press;
use miyabi_core::order::sort_by_place;
use miyabi_core::question::Question;
use miyabi_core::rejection::Rejection;

/// What a delivery says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivery {
    /// Messages for Miyabi, in the order in which they were written.
    pub messages: Vec<Message>,
    /// What became of messages of ours.
    pub statuses: Vec<Status>,
    /// Who is called something else now: what Meta called them before, and what it does now.
    pub renamed: Vec<(String, String)>,
    /// What is not served, each kind once: Meta's name of it, or `other` for one that is newer than this program.
    pub unserved: Vec<&'static str>,
}

/// A message for Miyabi.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it was written.
    pub place: Place,
    /// What it says.
    pub what: What,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Somebody wants something.
    Told(Box<Told>),
    /// Somebody has pressed a button below an answer.
    Pressed(Box<Press>),
}

impl What {
    /// Says whether it is a question.
    pub fn is_question(&self) -> bool {
        matches!(self, Self::Told(told) if matches!(told.wish, Wish::Answer))
    }
}

/// Who wants what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What is wanted.
    pub wish: Wish,
    /// The message as a question, whose text may be blank.
    pub question: Question,
    /// Files that come with it.
    pub files: Vec<SentFile>,
    /// Whether they are somebody else's: the message is forwarded.
    pub is_forwarded: bool,
}

/// What became of a message of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Message's id, as [`super::transport`] tells it.
    pub message: String,
    /// What was sent with the message; blank if Meta does not tell it.
    pub tag: String,
    /// Code of the error for which it does not arrive, 0 for one without a code; `None` where it goes on or has arrived.
    pub failed: Option<u32>,
}

/// Which number people write to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bot<'a> {
    /// Its id.
    number: &'a str,
    /// The number itself, its digits alone.
    display: &'a str,
}

/// Fields that may come and are not served.
///
/// # Source
/// WhatsApp Cloud API, Webhooks, fields, and public samples of deliveries, read 2026-11.
const FIELDS: [&str; 17] = [
    "account_alerts",
    "account_review_update",
    "account_update",
    "business_capability_update",
    "calls",
    "flows",
    "group_lifecycle_update",
    "group_participants_update",
    "group_settings_update",
    "group_status_update",
    "history",
    "message_template_status_update",
    "phone_number_quality_update",
    "security",
    "smb_app_state_sync",
    "smb_message_echoes",
    "standby",
];

/// Parses a delivery to the phone number whose id is `number`.
///
/// # Errors
/// [`Rejection::Malformed`] when it is no JSON of a WhatsApp business account.
pub fn parse(verified: &Verified, number: &str) -> Result<Delivery, Rejection> {
    let mut delivery = Delivery::default();
    let Some(body) = read_json(verified.body())? else {
        delivery.unserved.push("other");
        return Ok(delivery);
    };
    if text(&body, "object") != Some("whatsapp_business_account") {
        return Err(Rejection::Malformed);
    }
    for entry in items(&body, "entry") {
        for change in items(entry, "changes") {
            match (text(change, "field"), change.get("value")) {
                (Some("messages"), Some(value)) => delivery.take(value, number),
                (Some("user_id_update"), Some(value)) => {
                    delivery.renamed.extend(items(value, "user_id_update").filter_map(renamed));
                }
                (Some(field), _) => {
                    let known = FIELDS.into_iter().find(|known| *known == field);
                    delivery.skip(known.unwrap_or("other"));
                }
                (None, _) => delivery.skip("other"),
            }
        }
    }
    // Meta promises no order.
    sort_by_place(&mut delivery.messages, |message| {
        (usize::try_from(message.place.wrote_s).unwrap_or(usize::MAX), 0)
    });
    Ok(delivery)
}

impl Delivery {
    fn skip(&mut self, kind: &'static str) {
        if !self.unserved.contains(&kind) {
            self.unserved.push(kind);
        }
    }

    fn take(&mut self, value: &Value, number: &str) {
        let metadata = |field| value.get("metadata").and_then(|it| text(it, field));
        if metadata("phone_number_id") != Some(number) {
            return self.skip("another_number");
        }
        let display = metadata("display_phone_number").unwrap_or_default();
        let display: String = display.chars().filter(char::is_ascii_digit).collect();
        let bot = Bot { number, display: &display };
        for message in items(value, "messages") {
            match message::read(message, value, bot) {
                Ok(Some(message)) => self.messages.push(message),
                Ok(None) => {}
                Err(kind) => self.skip(kind),
            }
        }
        self.statuses.extend(items(value, "statuses").filter_map(status));
        if items(value, "errors").next().is_some() {
            self.skip("errors");
        }
    }
}

/// Reads who is called something else now.
///
/// # Source
/// Public samples of deliveries, read 2026-11; in some of them the two stand within `user_id`.
fn renamed(update: &Value) -> Option<(String, String)> {
    let ids = update.get("user_id").filter(|it| it.is_object()).unwrap_or(update);
    let id = |field| text(ids, field).filter(|id| !id.is_empty()).map(person);
    Some((id("previous")?, id("current")?))
}

/// Reads what became of a message; `None` if it does not say of which.
fn status(status: &Value) -> Option<Status> {
    let failed = (text(status, "status")? == "failed").then(|| {
        let code = status.pointer("/errors/0/code").and_then(Value::as_u64);
        code.and_then(|code| code.try_into().ok()).unwrap_or(0)
    });
    let tag = text(status, "biz_opaque_callback_data").unwrap_or_default().to_owned();
    Some(Status { message: digest(text(status, "id")?), tag, failed })
}

fn items<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field)?.as_str()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
