//! `POST /{number}/messages`: a message of the business, or the mark that one was read.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::errors;
use super::media;
use super::message::{Author, Message};
use super::params::authorize;
use super::schema::Schemas;
use super::state::State;
use super::templates;
use super::world::{self, Chat, GROUP_ID, MESSAGING, PHONE_NUMBER_ID};
use crate::clock;
use crate::http::{Inbound, Payload, Reply};
use crate::pace::Pace;

/// Messages in a second of a number.
const NUMBER_PACE: (usize, u64) = (80, 1_000);
/// Messages to one person: one in six seconds, of which 45 may be sent at once.
const PAIR_PACE: (usize, u64) = (45, 45 * 6_000);
/// Most rows of a list, in all of its sections.
const MAX_ROWS: usize = 10;
/// Types that a group takes. Source: developers.facebook.com/docs/whatsapp/groups.
const IN_GROUPS: [&str; 7] = ["text", "image", "video", "audio", "document", "sticker", "template"];

/// Carries out a call; returns the reply, and the id of the message that was sent.
pub(super) fn perform(
    schemas: &Schemas,
    state: &mut State,
    id: &str,
    inbound: &Inbound,
) -> Result<(Reply, Option<String>), Reply> {
    authorize(state, inbound, MESSAGING)?;
    if id != PHONE_NUMBER_ID {
        return Err(errors::no_object(id));
    }
    let Payload::Json(body) = &inbound.body else {
        return Err(errors::mistake(100, "the body is no JSON"));
    };
    if let Some((code, what)) = schemas.check(body) {
        return Err(errors::mistake(code, &what));
    }
    if body["status"] == "read" {
        return read(state, body).map(|reply| (reply, None));
    }
    send(state, body).map(|(reply, id)| (reply, Some(id)))
}

/// Marks a message as read, and may have the business be seen to type.
fn read(state: &mut State, body: &Value) -> Result<Reply, Reply> {
    let id = body["message_id"].as_str().unwrap_or_default();
    let message = state.message_mut(id).filter(|message| !message.is_own());
    let Some(message) = message else {
        return Err(errors::mistake(131_009, "message_id is of no message that was received"));
    };
    message.is_read = true;
    let (chat, number) = (message.chat, message.number);
    // What came before it counts as read too.
    let is_before = |it: &&mut Message| it.chat == chat && it.number < number;
    state.messages.iter_mut().filter(is_before).for_each(|it| it.is_read = true);
    if body["typing_indicator"].is_object() {
        let until_ms = clock::now_ms() + state.config.typing_ms;
        state.typing.insert(chat.label(), until_ms);
    }
    Ok(errors::success())
}

/// Where a message goes: `None` if nobody has that number.
fn target(state: &State, body: &Value) -> Result<Option<Chat>, Reply> {
    if body["recipient_type"] == "group" {
        return match body["to"].as_str() {
            Some(GROUP_ID) => Ok(Some(Chat::Group)),
            _ => Err(errors::mistake(131_009, "to is no group of this number")),
        };
    }
    let with = |is_it: &dyn Fn(&world::Person) -> bool| {
        world::PEOPLE.into_iter().find(|person| is_it(person)).map(Chat::With)
    };
    // With both of them, the number counts.
    let Some(to) = body["to"].as_str() else {
        let recipient = body["recipient"].as_str().unwrap_or_default();
        return Ok(with(&|it| state.user_id(*it).as_deref() == Some(recipient)));
    };
    let digits = to.strip_prefix('+').unwrap_or(to);
    if !(5..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(errors::mistake(131_009, "to is no telephone number"));
    }
    Ok(with(&|it| state.number(*it).as_deref() == Some(digits)))
}

fn send(state: &mut State, body: &Value) -> Result<(Reply, String), Reply> {
    let chat = target(state, body)?;
    let kind = body["type"].as_str().unwrap_or_default();
    if chat == Some(Chat::Group) && !IN_GROUPS.contains(&kind) {
        let what = format!("{kind} is not supported in groups");
        return Err(errors::mistake(131_051, &what));
    }
    let reply_to = body["context"]["message_id"].as_str();
    if reply_to.is_some_and(|id| state.message(id).is_none_or(|it| Some(it.chat) != chat)) {
        return Err(errors::mistake(131_009, "context.message_id is of no message of the chat"));
    }
    // The chat of nobody is that of the first person, who does not see the message.
    let [first, ..] = world::PEOPLE;
    let place = chat.unwrap_or(Chat::With(first));
    let mut message = Message::new(state.next_id(place), place, Author::Business, kind);
    message.reply_to = reply_to.map(str::to_owned);
    message.data = body["biz_opaque_callback_data"].as_str().map(str::to_owned);
    fill(state, &mut message, body)?;
    if state.config.rate_limits {
        take(state, place)?;
    }
    message.failure = failure(state, chat, message.template.is_some());
    if message.failure.is_none() {
        let category = if message.template.is_some() { "utility" } else { "service" };
        let count = u64::try_from(place.people()).unwrap_or_default();
        *state.charges.entry(category).or_default() += count;
    }
    let input = if body["to"].is_null() { &body["recipient"] } else { &body["to"] };
    let reply = accepted(state, chat, &message, input);
    let id = message.id.clone();
    state.put(message);
    Ok((
        if chat.is_none() { reply.violation("whatsapp: nobody has that number") } else { reply },
        id,
    ))
}

/// The reply to a message that is accepted, which says nothing of whether anybody gets it.
fn accepted(state: &State, chat: Option<Chat>, message: &Message, input: &Value) -> Reply {
    let mut contact = json!({ "input": input });
    match chat {
        Some(Chat::With(person)) => {
            if let Some(number) = state.number(person) {
                contact["wa_id"] = json!(number);
            }
            if let Some(id) = state.user_id(person) {
                contact["user_id"] = json!(id);
            }
        }
        Some(Chat::Group) | None => contact["wa_id"] = input.clone(),
    }
    let mut sent = json!({ "id": message.id });
    if message.template.is_some() {
        sent["message_status"] = json!("accepted");
    }
    let body =
        json!({ "messaging_product": "whatsapp", "contacts": [contact], "messages": [sent] });
    Reply::json(200, body)
}

/// Why a message that is accepted reaches nobody.
fn failure(state: &State, chat: Option<Chat>, is_template: bool) -> Option<(u32, &'static str)> {
    let is_unreachable = match chat {
        None => true,
        Some(chat) => state.config.unreachable.iter().any(|name| name == chat.label()),
    };
    if is_unreachable {
        return Some((131_026, "Message Undeliverable."));
    }
    if state.config.is_payment_due {
        return Some((131_042, "There was an error related to your payment method."));
    }
    let is_open = chat.is_some_and(|chat| state.is_open(chat));
    let late = "Message failed to send because more than 24 hours have passed since the customer last replied to this \
                number.";
    (!is_template && !is_open).then_some((131_047, late))
}

/// Counts a message: of the number, and of the pair.
fn take(state: &mut State, chat: Chat) -> Result<(), Reply> {
    let mut count = |key: &str, limit, code| {
        let pace: &mut Pace = state.paces.entry(key.to_owned()).or_default();
        pace.take(&[limit]).map_err(|_wait| errors::refuse(code, "too many messages"))
    };
    count("number", NUMBER_PACE, 130_429)?;
    count(chat.label(), PAIR_PACE, 131_056)
}

/// Fills a message by what a call says.
fn fill(state: &State, message: &mut Message, body: &Value) -> Result<(), Reply> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind = message.kind.clone();
    let part = &body[kind.as_str()];
    match kind.as_str() {
        "text" => message.text = text(&part["body"]),
        "image" | "document" | "audio" | "video" | "sticker" => {
            let Some(id) = part["id"].as_str() else {
                return Err(errors::stricter("a file by its address is not emulated"));
            };
            let Some(file) = state.file(id) else {
                return Err(errors::mistake(131_009, "there is no medium of that id"));
            };
            let is_right = kind == "document" || media::message_type(&file.kind) == kind;
            if !is_right {
                let what = format!("{} is sent as no {kind}", file.kind);
                return Err(errors::mistake(131_053, &what));
            }
            message.text = text(&part["caption"]);
            message.medium = Some(file.to_reader(part["filename"].as_str(), false));
        }
        "interactive" => interactive(message, part)?,
        "template" => {
            let (template, words) = templates::fill(state, part)?;
            (message.template, message.text) = (Some(template.label()), words);
        }
        _ => return Err(errors::stricter(&format!("`{kind}` is not emulated"))),
    }
    if message.text.trim().is_empty() && message.medium.is_none() {
        return Err(errors::mistake(131_008, "the text is empty"));
    }
    Ok(())
}

/// Buttons or a list below a text.
fn interactive(message: &mut Message, part: &Value) -> Result<(), Reply> {
    if !part["header"].is_null() || !part["footer"].is_null() {
        return Err(errors::stricter("headers and footers are not emulated"));
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    message.text = text(&part["body"]["text"]);
    let pair = |of: &Value| (text(&of["id"]), text(&of["title"]));
    let list = |of: &Value| of.as_array().cloned().unwrap_or_default();
    let choices: Vec<(String, String)> = match part["type"].as_str() {
        Some("button") => {
            list(&part["action"]["buttons"]).iter().map(|button| pair(&button["reply"])).collect()
        }
        Some("list") => {
            let sections = list(&part["action"]["sections"]);
            if sections.len() > 1 && sections.iter().any(|section| section["title"].is_null()) {
                return Err(errors::mistake(131_009, "each of several sections has a title"));
            }
            sections
                .iter()
                .flat_map(|section| list(&section["rows"]))
                .map(|row| pair(&row))
                .collect()
        }
        other => return Err(errors::stricter(&format!("{other:?} is not emulated"))),
    };
    let ids: BTreeSet<&str> = choices.iter().map(|(id, _)| id.as_str()).collect();
    let titles: BTreeSet<&str> = choices.iter().map(|(_, title)| title.trim()).collect();
    let is_list = part["type"] == "list";
    if ids.len() < choices.len() || (!is_list && titles.len() < choices.len()) {
        return Err(errors::mistake(131_009, "two choices have the same id or title"));
    }
    if choices.len() > MAX_ROWS || titles.contains("") {
        return Err(errors::mistake(131_009, "there are too many rows, or one has no title"));
    }
    if is_list {
        message.list = Some(part["action"].clone());
    } else {
        message.buttons = choices;
    }
    Ok(())
}
