//! Builds the updates of what a person does.

use serde_json::{Value, json};

use super::entities::{self, Formatted};
use super::files;
use super::inline;
use super::message::{Author, Medium, MediumKind, Message};
use super::order::{Item, Order, Press};
use super::state::{Query, State};
use super::world::{self, Chat, Kind, Person};
use crate::clock;

/// Kinds that are sent only if `setWebhook` asks for them.
const ON_REQUEST: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// What an order comes to.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) chat: Chat,
    /// Updates without their numbers; none if the bot does not get to know of it.
    pub(super) updates: Vec<Value>,
    /// Ids of the messages that were written.
    pub(super) messages: Vec<i64>,
    /// Id of the callback query, if a button was pressed.
    pub(super) query: Option<String>,
}

/// Carries out what a person does, and builds the updates about it.
///
/// # Errors
/// A sentence about the order.
pub(super) fn build(state: &mut State, order: &Order) -> Result<Built, String> {
    let person = world::person(&order.person);
    let person = person.ok_or_else(|| format!("nobody named `{}`", order.person))?;
    let chat = chat(order, person)?;
    let mut built = Built { chat, updates: Vec::new(), messages: Vec::new(), query: None };
    if let Some(press) = &order.press {
        built.query = Some(pressed(state, &mut built.updates, (person, chat), press)?);
    } else if let Some(words) = &order.inline {
        built.query = Some(inline::typed(state, &mut built.updates, person, words)?);
    } else if let Some(id) = &order.choose {
        built.messages.push(inline::choose(state, &mut built.updates, (person, chat), id)?);
    } else if let Some(id) = order.edit {
        built.messages.push(id);
        built.updates.extend(edited(state, (person, chat), id, order)?);
    } else {
        for message in written(state, (person, chat), order)? {
            built.messages.push(message.id);
            let seen = is_seen(state, &message);
            built.updates.extend(seen.then(|| json!({ "message": state.to_json(&message) })));
            state.messages.push(message);
        }
    }
    let is_wanted = |update: &Value| {
        let mut kinds = update.as_object().into_iter().flatten().map(|(kind, _)| kind);
        let allowed = &state.webhook.allowed;
        kinds.all(|kind| {
            if allowed.is_empty() {
                !ON_REQUEST.contains(&kind.as_str())
            } else {
                allowed.contains(kind)
            }
        })
    };
    built.updates.retain(is_wanted);
    // An update of a kind of its own.
    if built.messages.is_empty() && built.query.is_none() {
        built.updates.push(json!({}));
    }
    Ok(built)
}

fn chat(order: &Order, person: Person) -> Result<Chat, String> {
    let name = order.chat.as_deref().unwrap_or(person.name);
    let chat = world::chat(name).ok_or_else(|| format!("no chat `{name}`"))?;
    if chat.kind == Kind::Private && chat.id != person.id {
        return Err(format!("{} does not write in the private chat of {name}", person.name));
    }
    Ok(chat)
}

/// The messages that a person writes: one, or one for each item of an album.
fn written(
    state: &mut State,
    (person, chat): (Person, Chat),
    order: &Order,
) -> Result<Vec<Message>, String> {
    let topic = match &order.topic {
        Some(name) if chat.kind == Kind::Forum => {
            Some(world::topic(name).ok_or_else(|| format!("no topic `{name}`"))?)
        }
        Some(_) => return Err(format!("`{}` has no topics", chat.name)),
        None => None,
    };
    if order.reply_to.is_some_and(|id| state.message(chat, id).is_none()) {
        return Err(format!("`{}` has no message to reply to", chat.name));
    }
    let media = media(state, order)?;
    let text = order.text.as_deref().unwrap_or_default();
    if text.trim().is_empty() && media.is_empty() {
        if order.update.is_object() || order.raw_body.is_some() {
            return Ok(Vec::new());
        }
        return Err("the order has nothing to say".to_owned());
    }
    let words = entities::format(text, &order.entities)?;
    let album = (media.len() > 1).then(|| format!("1{:017}", state.next_number()));
    let mut make = |words: Formatted, medium: Option<Medium>| {
        let mut message =
            Message::new(state.next_message(chat), chat, Author::Person(person), words);
        message.topic = topic;
        message.reply_to = order.reply_to;
        message.medium = medium;
        message.album.clone_from(&album);
        message
    };
    if media.is_empty() {
        return Ok(vec![make(words, None)]);
    }
    // Only the first of an album has the caption.
    let captions = std::iter::once(words).chain(std::iter::repeat_with(Formatted::default));
    Ok(media.into_iter().zip(captions).map(|(medium, words)| make(words, Some(medium))).collect())
}

fn media(state: &mut State, order: &Order) -> Result<Vec<Medium>, String> {
    let single = [
        (MediumKind::Photo, order.photo.as_ref()),
        (MediumKind::Document, order.document.as_ref()),
        (MediumKind::Voice, order.voice.as_ref()),
    ];
    let of_item = |Item { photo, document }: &Item| {
        [(MediumKind::Photo, photo.clone()), (MediumKind::Document, document.clone())]
    };
    let single = single.map(|(kind, sent)| (kind, sent.cloned()));
    let all = single.into_iter().chain(order.album.iter().flat_map(of_item));
    let all: Vec<_> = all.filter_map(|(kind, sent)| Some((kind, sent?))).collect();
    all.into_iter().map(|(kind, sent)| files::send(state, kind, sent)).collect()
}

/// Whether the bot gets to know of a message: in a group only of what is for it, unless privacy mode is off.
fn is_seen(state: &State, message: &Message) -> bool {
    let replied = message.reply_to.and_then(|id| state.message(message.chat, id));
    let is_removed = state.config.removed.iter().any(|name| name == message.chat.name);
    let is_for_it =
        !message.chat.is_group() || !state.config.privacy || message.is_for_the_bot(replied);
    is_for_it && !is_removed
}

/// A person changes a text of theirs.
fn edited(
    state: &mut State,
    (person, chat): (Person, Chat),
    id: i64,
    order: &Order,
) -> Result<Option<Value>, String> {
    let words = entities::format(order.text.as_deref().unwrap_or_default(), &order.entities)?;
    let theirs = |message: &&mut Message| {
        message.chat == chat && message.id == id && message.author == Author::Person(person)
    };
    let message = state.messages.iter_mut().find(theirs);
    let message = message.ok_or_else(|| format!("{} has no message {id} there", person.name))?;
    message.words = words;
    message.edited_ms = Some(clock::now_ms());
    let message = message.clone();
    let seen = is_seen(state, &message);
    Ok(seen.then(|| json!({ "edited_message": state.to_json(&message) })))
}

/// A person presses a button.
fn pressed(
    state: &mut State,
    updates: &mut Vec<Value>,
    (person, chat): (Person, Chat),
    press: &Press,
) -> Result<String, String> {
    let message = state.message(chat, press.message);
    let message = message.filter(|message| message.has_button(&press.data));
    let message =
        message.ok_or_else(|| format!("no message {} with that button", press.message))?;
    let shown = state.to_json(message);
    let id = format!("4{:018}", state.next_number());
    updates.push(json!({ "callback_query": {
        "id": id, "from": person.to_json(), "message": shown, "chat_instance": "-1718000000000000001",
        "data": press.data,
    } }));
    state.queries.push(Query { id: id.clone(), person: person.name, answer: None });
    Ok(id)
}
