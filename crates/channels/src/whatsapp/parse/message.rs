//! A message: whether it is for Miyabi, who wrote it where, and what is wanted.

use serde_json::Value;

use super::super::buttons;
use super::super::files;
use super::super::place::Place;
use super::super::{PLATFORM, conversation_name, group_key, job_id, person, place_name};
use super::{Bot, Message, Told, What, items, text};
use crate::commands::{Command, Wish, of_name};
use crate::messengers;
use crate::sent::SentFile;
use miyabi_core::i18n::buttons::{Button, Press};
use miyabi_core::i18n::{Language, chats, messages};
use miyabi_core::ids::{JobId, Millis, Secret};
use miyabi_core::question::{Asker, Question, Quote};

/// Kinds that are not served. A reaction asks nothing, what was edited or taken back was answered before, and the others
/// are what happened to a chat.
///
/// # Source
/// WhatsApp Cloud API, Webhooks, messages, and public samples of deliveries, read 2026-11.
const UNSERVED: [&str; 7] =
    ["reaction", "order", "system", "unsupported", "edit", "revoke", "request_welcome"];

/// Kinds that cannot be read as words or files.
const UNREADABLE: [&str; 4] = ["video", "sticker", "location", "contacts"];

/// Begins the numbers and the ids of people in Japan.
const JAPAN: [&str; 2] = ["81", "JP."];

/// Reads a message; `None` if it is not for Miyabi.
///
/// # Errors
/// The kind of one that is not served.
pub(super) fn read(
    message: &Value,
    value: &Value,
    bot: Bot<'_>,
) -> Result<Option<Message>, &'static str> {
    let kind = text(message, "type").unwrap_or_default();
    if let Some(kind) = UNSERVED.into_iter().find(|known| *known == kind) {
        return Err(kind);
    }
    let place = place(message, bot).ok_or("messages")?;
    // Who writes with the number's own app is no asker.
    if place.phone.as_deref() == Some(bot.display) {
        return Ok(None);
    }
    let mut said = Said::of(message, kind).ok_or("other")?;
    let mut question = person_asks(&place, value).ok_or("messages")?;
    if let Some((button, job)) = said.pressed.take() {
        let is_ours = |id: &str| id.starts_with(&[PLATFORM, "_", bot.number, "_"].concat());
        if !is_ours(job.as_str()) {
            return Err("other");
        }
        let (is_moderator, link) = (false, String::new());
        let press = Press { button, job, question, is_moderator, message: String::new(), link };
        return Ok(Some(Message { place, what: What::Pressed(Box::new(press)) }));
    }
    let is_forwarded = ["forwarded", "frequently_forwarded"].iter().any(|field| {
        message.pointer(&["/context/", field].concat()).and_then(Value::as_bool) == Some(true)
    });
    let is_named = place.group.is_some() && take_mention(&mut said.words, bot);
    let typed = if is_forwarded { Typed::Words } else { Typed::of(&mut said.words) };
    if place.group.is_some() && !is_named && !addresses(message, typed, bot) {
        return Ok(None);
    }
    question.language = language(&place, &said.words);
    let wish = said.wish(typed, is_forwarded, &mut question);
    let files = said.file.into_iter().collect();
    let told = Told { wish, question, files, is_forwarded };
    Ok(Some(Message { place, what: What::Told(Box::new(told)) }))
}

/// What a message says, before it is known what is wanted.
struct Said {
    words: String,
    file: Option<SentFile>,
    pressed: Option<(Button, JobId)>,
    is_unreadable: bool,
}

impl Said {
    /// Reads a message of a kind; `None` for one that is newer than this program.
    fn of(message: &Value, kind: &str) -> Option<Self> {
        let within = |path: &str| message.pointer(path).and_then(Value::as_str);
        let (mut words, mut pressed) = ("", None);
        match kind {
            "text" => words = within("/text/body").unwrap_or_default(),
            // A button below a template has the words that its sender would have written.
            "button" => words = within("/button/text").unwrap_or_default(),
            "interactive" => {
                let chosen = ["button_reply", "list_reply"];
                let chosen = chosen
                    .iter()
                    .find_map(|kind| message.pointer(&["/interactive/", kind].concat()))?;
                let id = text(chosen, "id").unwrap_or_default();
                pressed = buttons::read(id);
                // A command of the list; what else there is to choose are words.
                let is_command = id.starts_with('/');
                words = if is_command { id } else { text(chosen, "title").unwrap_or_default() };
            }
            "image" | "document" | "audio" | "video" | "sticker" => {
                let caption = message.get(kind).and_then(|file| text(file, "caption"));
                words = caption.unwrap_or_default();
            }
            "location" | "contacts" => {}
            _ => return None,
        }
        let words = words.trim().to_owned();
        let file = files::of_message(message, kind);
        let is_unreadable = UNREADABLE.contains(&kind);
        Some(Self { words, file, pressed, is_unreadable })
    }

    /// Returns what is wanted, and writes it into the question.
    fn wish(&self, typed: Typed, is_forwarded: bool, question: &mut Question) -> Wish {
        self.words.clone_into(&mut question.text);
        let language = question.language;
        let asks = matches!(typed, Typed::Words | Typed::Command(Command::Ask | Command::New));
        question.is_fresh = typed == Typed::Command(Command::New);
        if is_forwarded && !(self.words.is_empty() && self.file.is_none()) {
            let text = core::mem::take(&mut question.text);
            question.quote = Some(Quote { text, ..Quote::default() });
            let locale = if language == Language::Japanese { "ja" } else { "en" };
            question.text = messages::question(messages::Wish::Explain, locale);
        } else if let Some(file) = self.file.as_ref().filter(|_| asks && self.words.is_empty()) {
            let words = if file.is_spoken { chats::SPOKEN } else { chats::ABOUT_FILE };
            words.in_language(language).clone_into(&mut question.text);
        }
        match typed {
            Typed::UnknownCommand => Wish::UnknownCommand,
            Typed::Command(command) if !asks => Wish::Command(command),
            Typed::Words | Typed::Command(_) if !question.text.is_empty() => Wish::Answer,
            Typed::Words | Typed::Command(_) if self.is_unreadable => Wish::Unreadable,
            Typed::Command(command) => Wish::Command(command),
            Typed::Words => Wish::Nothing,
        }
    }
}

/// What a message begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Typed {
    Command(Command),
    UnknownCommand,
    Words,
}

impl Typed {
    /// Takes the command off words that begin with one.
    fn of(words: &mut String) -> Self {
        let Some(rest) = words.strip_prefix('/') else { return Self::Words };
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        // A path, or a slash alone, is no command.
        if word.is_empty() || !word.bytes().all(|it| it.is_ascii_alphabetic() || it == b'_') {
            return Self::Words;
        }
        let typed = of_name(word).map_or(Self::UnknownCommand, Self::Command);
        *words = behind.trim_start().to_owned();
        typed
    }
}

/// Takes Miyabi's number behind an `@` off words, and says whether it was there.
fn take_mention(words: &mut String, bot: Bot<'_>) -> bool {
    let mention = ["@", bot.display].concat();
    let is_named = !bot.display.is_empty() && words.contains(&mention);
    if is_named {
        words.replace(&mention, "").trim().clone_into(words);
    }
    is_named
}

/// Says whether a message of a group addresses Miyabi without naming it: by a command, or as a reply to one of its own.
fn addresses(message: &Value, typed: Typed, bot: Bot<'_>) -> bool {
    let replied = message.pointer("/context/from").and_then(Value::as_str);
    let is_reply = !bot.display.is_empty() && replied == Some(bot.display);
    // Of several that may be there each has commands of its own.
    matches!(typed, Typed::Command(_)) || is_reply
}

/// Returns where a message was written, if it says by whom.
fn place(message: &Value, bot: Bot<'_>) -> Option<Place> {
    let known = |field| text(message, field).filter(|it| !it.is_empty()).map(ToOwned::to_owned);
    let (phone, user) = (known("from"), known("from_user_id"));
    if phone.is_none() && user.is_none() {
        return None;
    }
    let (number, group) = (bot.number.to_owned(), known("group_id"));
    let wrote_s = wrote_s(message);
    Some(Place { number, phone, user, group, message: known("id")?, wrote_s })
}

/// Returns when a message was written; 0 if it does not say. In groups it is a number.
fn wrote_s(message: &Value) -> u64 {
    let timestamp = message.get("timestamp");
    let seconds = timestamp.and_then(|it| it.as_u64().or_else(|| it.as_str()?.parse().ok()));
    seconds.unwrap_or(0)
}

/// Returns what somebody writes in a place as a question without words.
fn person_asks(place: &Place, value: &Value) -> Option<Question> {
    let is_theirs = |contact: &&Value| {
        let is = |field, of: Option<&str>| of.is_some() && text(contact, field) == of;
        is("wa_id", place.phone.as_deref()) || is("user_id", place.user.as_deref())
    };
    let contact = items(value, "contacts").find(is_theirs);
    let profile = |field| contact.and_then(|it| it.get("profile")).and_then(|it| text(it, field));
    let asker = Asker {
        id: person(place.sender()),
        name: messengers::name(profile("name").unwrap_or_default()),
        handle: messengers::name(profile("username").unwrap_or_default()),
        avatar_url: String::new(),
    };
    let name = place_name(&place.number, place.group.as_deref());
    Some(Question {
        platform: PLATFORM.to_owned(),
        id: job_id(&place.number, &place.message)?,
        token: Secret::new(String::new()),
        text: String::new(),
        quote: None,
        files: Vec::new(),
        conversation: Some(conversation_name(&name, &asker.id)),
        asker,
        again: None,
        place: place.to_text(),
        server: place.group.as_deref().map(group_key),
        is_private: false,
        is_quoted: false,
        draws: false,
        is_fresh: false,
        model: None,
        language: language(place, ""),
        asked: Millis(place.wrote_s.saturating_mul(1000)),
    })
}

/// Returns the language in which somebody is told things, which WhatsApp does not say: by what they write, and else by
/// where their number is of.
fn language(place: &Place, words: &str) -> Language {
    let is_of_japan = |id: &Option<String>| {
        id.as_deref().is_some_and(|id| JAPAN.iter().any(|begins| id.starts_with(begins)))
    };
    if is_of_japan(&place.phone) || is_of_japan(&place.user) {
        return Language::Japanese;
    }
    Language::of_text(words)
}
