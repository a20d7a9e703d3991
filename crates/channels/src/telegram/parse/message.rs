//! A message: whether it is for Miyabi, who wrote it where, and what is wanted.

use serde_json::Value;

use super::super::files;
use super::super::place::Place;
use super::super::{PLATFORM, conversation_name, person, place_name};
use super::written::{Part, Written};
use super::{Bot, Inbound, Item, Told};
use crate::commands::{Command, IMAGINE, Wish, of_name};
use crate::messengers::name as shown;
use crate::sent::SentFile;
use miyabi_core::i18n::{Language, chats, messages};
use miyabi_core::ids::{JobId, Millis, Secret};
use miyabi_core::question::{Asker, Question, Quote};
use miyabi_core::text::first_chars;

/// Most of a quoted message that is read, in code points.
const MAX_QUOTED: usize = 6_000;

/// What comes with a message that cannot be read as words.
///
/// # Source
/// Telegram Bot API 10.1/Message, read 2026-11-30.
const CONTENT: [&str; 16] = [
    "photo",
    "document",
    "voice",
    "audio",
    "video",
    "video_note",
    "animation",
    "sticker",
    "location",
    "venue",
    "contact",
    "poll",
    "dice",
    "story",
    "paid_media",
    "rich_message",
];

/// Reads a message; `None` if it lacks what every message has.
pub(super) fn read(message: &Value, bot: Bot<'_>) -> Option<Inbound> {
    let (chat, user) = (message.get("chat")?, message.get("from"));
    let (chat_id, message_id) = (number(chat, "id")?, number(message, "message_id")?);
    let is_group = match text(chat, "type")? {
        "private" => false,
        "group" | "supergroup" => true,
        // A channel has no askers.
        _ => return Some(Inbound::Passing),
    };
    let Some(user) = user.filter(|_| is_of_person(message) && message_id > 0) else {
        return Some(Inbound::Passing);
    };
    let topic = number(message, "message_thread_id").filter(|_| flag(message, "is_topic_message"));
    let place = Place { chat: chat_id, topic, message: message_id, is_group };
    let written = Written::of(message);
    let album = text(message, "media_group_id").filter(|album| is_album(album));
    // In a group who has not addressed Miyabi by words has not addressed it.
    if album.is_some() && is_group && written.text.is_empty() {
        return Some(Inbound::Passing);
    }
    let is_forwarded = message.get("forward_origin").is_some();
    let typed = match address(&written, replied(message), (bot, is_group, is_forwarded)) {
        Addressed::To(typed) => typed,
        Addressed::Elsewhere => return Some(Inbound::Passing),
        Addressed::Unknown => return Some(Inbound::NeedsName),
    };
    let is_typed = |part: &Part<'_>| typed != Typed::Words && is_command(part);
    let words = written.markdown(|part| is_for(part, &written, bot) || is_typed(part));
    let mut question = person_asks(message, user, (bot, place))?;
    let asks = matches!(typed, Typed::Words | Typed::Command(Command::Ask | Command::New));
    (question.text, question.quote) = if asks {
        quoted(message, words, (bot, is_group, text(user, "language_code").unwrap_or_default()))
    } else {
        (words, None)
    };
    question.draws = typed == Typed::Imagine;
    question.is_fresh = typed == Typed::Command(Command::New);
    let (mut files, quoted_files) = files(message);
    if asks && question.text.is_empty() && is_recorded(message) {
        chats::SPOKEN.in_language(question.language).clone_into(&mut question.text);
        for file in &mut files {
            file.is_spoken = true;
        }
    } else if asks && question.text.is_empty() && !(files.is_empty() && quoted_files.is_empty()) {
        chats::ABOUT_FILE.in_language(question.language).clone_into(&mut question.text);
    }
    let has_words = !question.text.is_empty();
    let Some(wish) = wish(typed, has_words, message) else { return Some(Inbound::Passing) };
    let user = number(user, "id")?;
    let told = Box::new(Told { wish, question, place, user, files, quoted_files });
    Some(of_album(told, album, !written.text.is_empty()))
}

/// Returns what is wanted; `None` if nobody asks anything. `has_words` says whether there is a question.
fn wish(typed: Typed, has_words: bool, message: &Value) -> Option<Wish> {
    Some(match typed {
        Typed::UnknownCommand => Wish::UnknownCommand,
        Typed::Command(Command::Ask | Command::New) | Typed::Words | Typed::Imagine
            if has_words =>
        {
            Wish::Answer
        }
        Typed::Command(command @ (Command::Ask | Command::New)) if !has_content(message) => {
            Wish::Command(command)
        }
        Typed::Command(Command::Ask | Command::New) => Wish::Unreadable,
        Typed::Command(command) => Wish::Command(command),
        Typed::Words if has_content(message) => Wish::Unreadable,
        // A member who joins, a title that is changed.
        Typed::Words if Written::of(message).text.is_empty() => return None,
        Typed::Words | Typed::Imagine => Wish::Nothing,
    })
}

/// Returns a message, as a part of its album where it is one that is asked in a private chat.
fn of_album(told: Box<Told>, album: Option<&str>, has_words: bool) -> Inbound {
    match album.filter(|_| told.wish == Wish::Answer && !told.place.is_group) {
        Some(album) => Inbound::Item(Box::new(Item { told, has_words, album: album.to_owned() })),
        None => Inbound::Told(told),
    }
}

/// Says whether the name of an album is one: Telegram's have digits alone.
fn is_album(album: &str) -> bool {
    (1..=32).contains(&album.len()) && album.bytes().all(|it| it.is_ascii_alphanumeric())
}

/// Returns the files of a message, and those of the message that it is about. What is forwarded is somebody else's.
fn files(message: &Value) -> (Vec<SentFile>, Vec<SentFile>) {
    if message.get("forward_origin").is_some() {
        return (Vec::new(), files::of_message(message));
    }
    let quoted = replied(message).map(files::of_message).unwrap_or_default();
    (files::of_message(message), quoted)
}

/// Says whether its sender spoke a message: what is forwarded, or a file that sounds, may be somebody else's.
fn is_recorded(message: &Value) -> bool {
    message.get("voice").is_some() && message.get("forward_origin").is_none()
}

/// Returns what somebody does in a place as a question without words, at the time of the message.
pub(super) fn person_asks(
    message: &Value,
    user: &Value,
    (bot, place): (Bot<'_>, Place),
) -> Option<Question> {
    let Place { chat, topic, message: message_id, is_group } = place;
    let asker = Asker {
        id: person(number(user, "id")?),
        name: name(user),
        handle: text(user, "username").unwrap_or_default().to_owned(),
        avatar_url: String::new(),
    };
    let asked_s = message.get("date").and_then(Value::as_u64).unwrap_or(0);
    Some(Question {
        platform: PLATFORM.to_owned(),
        id: job_id(bot.id, chat, &message_id.to_string())?,
        token: Secret::new(String::new()),
        text: String::new(),
        quote: None,
        files: Vec::new(),
        conversation: Some(conversation_name(&place_name(chat, topic), &asker.id)),
        asker,
        again: None,
        place: place.to_text(),
        server: is_group.then(|| chat.to_string()),
        is_private: false,
        is_quoted: false,
        draws: false,
        is_fresh: false,
        model: None,
        language: Language::of_locale(text(user, "language_code").unwrap_or_default()),
        asked: Millis(asked_s.saturating_mul(1000)),
    })
}

/// Says whether something comes with a message that is more than words.
fn has_content(message: &Value) -> bool {
    CONTENT.iter().any(|kind| message.get(kind).is_some())
}

/// Says whether a person wrote a message. Who is anonymous is nobody whose questions could be told from others', and an
/// answer to a bot may be answered by it.
fn is_of_person(message: &Value) -> bool {
    let is_bot = message.get("from").is_none_or(|user| flag(user, "is_bot"));
    let is_stand_in = ["sender_chat", "via_bot", "sender_business_bot"]
        .iter()
        .any(|field| message.get(field).is_some());
    !is_bot && !is_stand_in && !flag(message, "is_automatic_forward")
}

/// Says whether a part of a text is the command that it begins with. It may be bold, too, or in a quote.
fn is_command(part: &Part<'_>) -> bool {
    part.kind == "bot_command" && part.range.start == 0
}

/// Whom a message addresses.
enum Addressed {
    To(Typed),
    Elsewhere,
    /// It depends on Miyabi's name, which is not known.
    Unknown,
}

/// What a message begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Typed {
    Command(Command),
    /// What an image is to show.
    Imagine,
    UnknownCommand,
    Words,
}

/// Says whether a message is for Miyabi: each in a private chat, and in a group a command, a mention and a reply to
/// one of Miyabi's.
fn address(
    written: &Written<'_>,
    replied: Option<&Value>,
    (bot, is_group, is_forwarded): (Bot<'_>, bool, bool),
) -> Addressed {
    let command = written.parts.iter().find(|it| is_command(it));
    // What is forwarded is somebody else's, and commands nothing.
    if let Some(part) = command.filter(|_| !is_forwarded) {
        let word = written.words(part).trim_start_matches('/');
        let (word, whose) =
            word.split_once('@').map_or((word, None), |(word, it)| (word, Some(it)));
        let typed = match of_name(word) {
            Some(command) => Typed::Command(command),
            None if word.eq_ignore_ascii_case(IMAGINE.0) => Typed::Imagine,
            None => Typed::UnknownCommand,
        };
        return match (whose, bot.name) {
            (None, _) if typed != Typed::UnknownCommand || !is_group => Addressed::To(typed),
            (Some(whose), Some(name)) if whose.eq_ignore_ascii_case(name) => Addressed::To(typed),
            (Some(_), None) => Addressed::Unknown,
            // Of several bots each has commands of its own.
            (None, _) | (Some(_), Some(_)) => Addressed::Elsewhere,
        };
    }
    let is_answer = replied.and_then(|it| number(it.get("from")?, "id")) == Some(bot.id);
    let is_named = written.parts.iter().any(|part| is_for(part, written, bot));
    if !is_group || is_answer || is_named {
        return Addressed::To(Typed::Words);
    }
    let names_somebody = written.parts.iter().any(|part| part.kind == "mention");
    if names_somebody && bot.name.is_none() { Addressed::Unknown } else { Addressed::Elsewhere }
}

/// Says whether a part of a text names Miyabi.
fn is_for(part: &Part<'_>, written: &Written<'_>, bot: Bot<'_>) -> bool {
    match part.kind {
        "mention" => bot.name.is_some_and(|name| {
            let named = written.words(part).trim_start_matches('@');
            named.eq_ignore_ascii_case(name)
        }),
        "text_mention" => {
            part.entity.get("user").and_then(|user| number(user, "id")) == Some(bot.id)
        }
        _ => false,
    }
}

/// Returns the message that one replies to. In a topic Telegram says so of each message that replies to none: they reply
/// to that by which the topic was made.
fn replied(message: &Value) -> Option<&Value> {
    let replied = message.get("reply_to_message")?;
    replied.get("forum_topic_created").is_none().then_some(replied)
}

/// Returns the words of a message and what they are about: the message that it replies to, or the one that it forwards,
/// whose words are somebody else's.
fn quoted(
    message: &Value,
    words: String,
    (bot, is_group, locale): (Bot<'_>, bool, &str),
) -> (String, Option<Quote>) {
    let explain = || messages::question(messages::Wish::Explain, locale);
    if let Some(origin) = message.get("forward_origin") {
        if words.is_empty() && files::of_message(message).is_empty() {
            return (words, None);
        }
        let quote = Quote { author: author_of_origin(origin), text: words, ..Quote::default() };
        return (explain(), Some(quote));
    }
    let replied = replied(message);
    let of_reply = || replied.map(|it| Written::of(it).markdown(|_| false));
    let part = message.pointer("/quote/text").and_then(Value::as_str).map(ToOwned::to_owned);
    let quoted = part.or_else(of_reply).filter(|text| !text.is_empty());
    let has_files = replied.is_some_and(|it| !files::of_message(it).is_empty());
    let Some(quoted) = quoted.or(has_files.then(String::new)) else { return (words, None) };
    let from = replied.and_then(|it| it.get("from"));
    let author = from.map(name).unwrap_or_default();
    let is_own = !is_group && from.and_then(|it| number(it, "id")) == Some(bot.id);
    let link = replied.map(|it| link(message, it)).unwrap_or_default();
    let text = first_chars(&quoted, MAX_QUOTED).to_owned();
    let quote = Quote { link, author, text, is_own, ..Quote::default() };
    (if words.is_empty() && !is_recorded(message) { explain() } else { words }, Some(quote))
}

/// Returns who wrote a message that is forwarded: a name that they chose.
///
/// # Source
/// Telegram Bot API/MessageOrigin, read 2026-11-30.
fn author_of_origin(origin: &Value) -> String {
    let user = origin.get("sender_user").map(name);
    let told = || {
        let chat = origin.get("sender_chat").or_else(|| origin.get("chat"));
        let title = chat.and_then(|chat| text(chat, "title"));
        Some(shown(text(origin, "sender_user_name").or(title)?))
    };
    user.or_else(told).unwrap_or_default()
}

/// Returns the address of a message of a supergroup, by which its members find it; blank for any other.
pub(super) fn link(message: &Value, replied: &Value) -> String {
    let chat = message.get("chat").and_then(|chat| number(chat, "id")).unwrap_or_default();
    let chat = chat.to_string();
    match (chat.strip_prefix("-100"), number(replied, "message_id")) {
        (Some(chat), Some(id)) => format!("https://t.me/c/{chat}/{id}"),
        (Some(_) | None, _) => String::new(),
    }
}

/// Returns the id of the job that a message asks for: the same message twice is one job, whatever its update is.
pub(super) fn job_id(bot: i64, chat: i64, message: &str) -> Option<JobId> {
    let sign = if chat < 0 { "n" } else { "" };
    JobId::parse(&format!("{PLATFORM}_{bot}_{sign}{}_{message}", chat.unsigned_abs()))
}

/// Returns somebody's name as others see it: their choice, so it proves nothing.
fn name(user: &Value) -> String {
    let names = ["first_name", "last_name"].map(|field| text(user, field).unwrap_or_default());
    shown(&names.join(" "))
}

pub(super) fn number(value: &Value, field: &str) -> Option<i64> {
    value.get(field)?.as_i64()
}

pub(super) fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field)?.as_str()
}

pub(super) fn flag(value: &Value, field: &str) -> bool {
    value.get(field).and_then(Value::as_bool).unwrap_or(false)
}
