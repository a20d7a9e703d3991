//! What a person does: what changes in the chat, and the messages of which the Worker gets to know.

use serde_json::{Value, json};

use super::media;
use super::message::{Author, Message};
use super::order::{Deed, Press};
use super::state::State;
use super::world::{self, Chat, GROUP_ID, NUMBER, Person};
use crate::clock;
use crate::merge::{merge, without_nulls};

/// What a deed comes to.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// Ids of the messages that were written, changed or taken back.
    pub(super) ids: Vec<String>,
    /// `messages` of the webhook.
    pub(super) messages: Vec<Value>,
    /// `contacts` of the webhook.
    pub(super) contacts: Vec<Value>,
    /// `user_id_update`, in a change of its own.
    pub(super) update: Option<Value>,
}

/// Who does something, and where.
type Scene = (Person, Chat);

/// Carries out a deed.
///
/// # Errors
/// A sentence about it.
pub(super) fn build(state: &mut State, deed: &Deed) -> Result<Built, String> {
    let person = world::person(&deed.person);
    let person = person.ok_or_else(|| format!("nobody named `{}`", deed.person))?;
    let label = deed.chat.as_deref().unwrap_or(person.name);
    let chat = world::chat(label).ok_or_else(|| format!("no chat `{label}`"))?;
    if !chat.has(person) {
        return Err(format!("{} is not in `{label}`", person.name));
    }
    if deed.new_number.is_some() || deed.new_user_id.is_some() {
        return Ok(renamed(state, person, deed));
    }
    let scene = (person, chat);
    let mut built = Built { contacts: vec![contact(state, person)], ..Built::default() };
    if let Some(press) = &deed.press {
        pressed(state, scene, press, &mut built)?;
    } else if let Some(react) = &deed.react {
        let message = state.message_mut(&react.message).filter(|it| it.chat == chat);
        let message = message.ok_or_else(|| format!("no message {} there", react.message))?;
        message.reactions.retain(|(who, _)| *who != person.name);
        if !react.emoji.is_empty() {
            message.reactions.push((person.name, react.emoji.clone()));
        }
        let reaction = json!({ "message_id": react.message, "emoji": react.emoji });
        told(state, scene, &json!({ "type": "reaction", "reaction": reaction }), &mut built);
    } else if let Some(id) = &deed.edit {
        let text = deed.text.clone().unwrap_or_default();
        let message = theirs(state, scene, id)?;
        (message.text, message.is_edited) = (text.clone(), true);
        let edit = json!({
            "original_message_id": id, "message": { "type": "text", "text": { "body": text } },
        });
        told(state, scene, &json!({ "type": "edit", "edit": edit }), &mut built);
        built.ids.push(id.clone());
    } else if let Some(id) = &deed.revoke {
        theirs(state, scene, id)?.is_revoked = true;
        let revoke = json!({ "original_message_id": id });
        told(state, scene, &json!({ "type": "revoke", "revoke": revoke }), &mut built);
        built.ids.push(id.clone());
    } else {
        written(state, scene, deed, &mut built)?;
    }
    for message in &mut built.messages {
        merge(message, &deed.message);
        let at_s = (clock::now_ms() / 1_000).saturating_sub(deed.age_s);
        if deed.age_s > 0 {
            message["timestamp"] = json!(at_s.to_string());
        }
    }
    let heard_ms = clock::now_ms().saturating_sub(deed.age_s.saturating_mul(1_000));
    state.heard_ms.insert(chat.label(), heard_ms);
    Ok(built)
}

/// A person as `contacts` has them.
fn contact(state: &State, person: Person) -> Value {
    without_nulls(json!({
        "profile": without_nulls(json!({ "name": person.profile, "username": person.username })),
        "wa_id": state.number(person), "user_id": state.user_id(person),
    }))
}

/// A message of a person.
fn theirs<'a>(
    state: &'a mut State,
    (person, chat): Scene,
    id: &str,
) -> Result<&'a mut Message, String> {
    let message = state.message_mut(id);
    let message = message.filter(|it| it.chat == chat && it.author == Author::Person(person));
    message.ok_or_else(|| format!("{} has no message {id} there", person.name))
}

/// What every message of the webhook has.
fn base(state: &State, (person, chat): Scene, id: &str) -> Value {
    without_nulls(json!({
        "from": state.number(person), "from_user_id": state.user_id(person), "id": id,
        "timestamp": (clock::now_ms() / 1_000).to_string(),
        "group_id": (chat == Chat::Group).then_some(GROUP_ID),
    }))
}

/// Adds a message that readers see only by what it changes.
fn told(state: &mut State, scene: Scene, fields: &Value, built: &mut Built) {
    let (_, id) = state.next_id(scene.1);
    let mut message = base(state, scene, &id);
    merge(&mut message, fields);
    built.messages.push(message);
}

/// Adds a message that is in the chat.
fn said(
    state: &mut State,
    scene: Scene,
    (kind, fields): (&str, Value),
    built: &mut Built,
    fill: impl FnOnce(&mut Message),
) {
    let (person, chat) = scene;
    let mut message = Message::new(state.next_id(chat), chat, Author::Person(person), kind);
    fill(&mut message);
    let mut value = base(state, scene, &message.id);
    value["type"] = json!(kind);
    merge(&mut value, &fields);
    if let Some(id) = &message.reply_to {
        let of = state.message(id).map(|answered| match answered.author {
            Author::Business => Some(NUMBER.to_owned()),
            Author::Person(person) => state.number(person),
        });
        value["context"] = without_nulls(json!({ "from": of.flatten(), "id": id }));
    }
    built.messages.push(value);
    built.ids.push(message.id.clone());
    state.put(message);
}

/// A person writes: a text, or files.
fn written(state: &mut State, scene: Scene, deed: &Deed, built: &mut Built) -> Result<(), String> {
    let reply_to = deed.reply_to.clone();
    if let Some(id) = &reply_to
        && state.message(id).is_none_or(|message| message.chat != scene.1)
    {
        return Err(format!("no message {id} there"));
    }
    let forwarded =
        if deed.forwarded { json!({ "context": { "forwarded": true } }) } else { json!({}) };
    let text = deed.text.clone().unwrap_or_default();
    for (at, sent) in deed.files.iter().enumerate() {
        let (kind, mut told, seen) = media::send(state, sent, deed.voice)?;
        let caption = if at == 0 { text.clone() } else { String::new() };
        let has_caption = !caption.is_empty() && matches!(kind, "image" | "video" | "document");
        if has_caption {
            told["caption"] = json!(caption);
        }
        let mut fields = forwarded.clone();
        fields[kind] = told;
        said(state, scene, (kind, fields), built, |message| {
            message.reply_to.clone_from(&reply_to);
            message.medium = Some(seen);
            message.text = if has_caption { caption } else { String::new() };
        });
    }
    if deed.files.is_empty() && !text.is_empty() {
        let mut fields = forwarded;
        fields["text"] = json!({ "body": text });
        said(state, scene, ("text", fields), built, |message| {
            message.reply_to = reply_to;
            message.text = text;
        });
    } else if deed.files.is_empty() && deed.message.is_object() {
        let kind = deed.message["type"].as_str().unwrap_or("unsupported").to_owned();
        said(state, scene, (&kind, json!({})), built, |message| message.reply_to = reply_to);
    } else if deed.files.is_empty() {
        return Err("nothing is done: no text, no file, nothing else".to_owned());
    }
    Ok(())
}

/// A person presses a button or chooses a row, which is a message of theirs.
fn pressed(
    state: &mut State,
    scene: Scene,
    press: &Press,
    built: &mut Built,
) -> Result<(), String> {
    let message = state.message(&press.message).filter(|it| it.chat == scene.1 && it.is_own());
    let message = message.ok_or_else(|| format!("no message {} there", press.message))?;
    let button = message.buttons.iter().find(|(id, _)| *id == press.id);
    let rows = message.list.iter().flat_map(|list| {
        let sections = list["sections"].as_array().into_iter().flatten();
        sections.flat_map(|section| section["rows"].as_array().into_iter().flatten())
    });
    let row = rows.into_iter().find(|row| row["id"] == press.id.as_str()).cloned();
    let (interactive, title) = match (button, row) {
        (Some((id, title)), _) => {
            let reply = json!({ "id": id, "title": title });
            (json!({ "type": "button_reply", "button_reply": reply }), title.clone())
        }
        (None, Some(row)) => {
            let title = row["title"].as_str().unwrap_or_default().to_owned();
            (json!({ "type": "list_reply", "list_reply": row }), title)
        }
        (None, None) => return Err(format!("no button and no row `{}`", press.id)),
    };
    let fields = json!({ "interactive": interactive });
    said(state, scene, ("interactive", fields), built, |message| {
        message.reply_to = Some(press.message.clone());
        message.text = title;
    });
    Ok(())
}

/// A person has another number or another id from now on. Such messages come without `contacts`.
fn renamed(state: &mut State, person: Person, deed: &Deed) -> Built {
    let mut built = Built::default();
    let scene = (person, Chat::With(person));
    if let Some(number) = &deed.new_number {
        let before = state.number(person);
        let body = format!(
            "User {} changed from {} to {number}",
            person.profile,
            before.clone().unwrap_or_default()
        );
        let system = json!({ "body": body, "wa_id": number, "type": "user_changed_number" });
        told(state, scene, &json!({ "type": "system", "system": system }), &mut built);
        state.numbers.insert(person.name, number.clone());
    }
    if let Some(id) = &deed.new_user_id {
        let before = state.user_id(person);
        let body = format!("User {} changed their id", person.profile);
        let system = json!({ "body": body, "user_id": id, "type": "user_changed_user_id" });
        told(state, scene, &json!({ "type": "system", "system": system }), &mut built);
        built.update = Some(without_nulls(json!({
            "wa_id": state.number(person), "user_id": { "previous": before, "current": id },
            "detail": body, "timestamp": (clock::now_ms() / 1_000).to_string(),
        })));
        state.user_ids.insert(person.name, id.clone());
    }
    built
}
