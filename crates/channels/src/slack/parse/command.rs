//! Commands that are typed: `/ask QUESTION`, and `/miyabi` with another one of its words.

use std::borrow::Cow;

use super::super::place::Place;
use super::super::text::unescape;
use super::super::verify::Verified;
use super::{Inbound, Told, is_direct, person_asks, short};
use crate::commands::{Command, Wish, of_name};
use crate::slack::{IMAGINE, MIYABI};
use miyabi_core::code::Code;
use miyabi_core::rejection::Rejection;

/// Parses a command. Slack tells of no time but that of its signature.
///
/// # Errors
/// [`Rejection::Malformed`] when it lacks what every command has.
///
/// # Source
/// docs.slack.dev/interactivity/implementing-slash-commands, May 2026.
pub fn command(verified: &Verified) -> Result<Inbound, Rejection> {
    let form: Vec<(Cow<'_, str>, Cow<'_, str>)> = form_urlencoded::parse(verified.body()).collect();
    let field = |name: &str| {
        let (_, value) = form.iter().rfind(|(key, _)| key == name)?;
        Some(value.as_ref()).filter(|it| !it.is_empty())
    };
    let needed = |name: &str| field(name).ok_or(Rejection::Malformed);
    let (team, channel, user) = (needed("team_id")?, needed("channel_id")?, needed("user_id")?);
    let (typed, trigger) = (needed("command")?, needed("trigger_id")?);
    let place = Place::new((team, channel, None), user, !is_direct(channel));
    let place = place.ok_or(Rejection::Malformed)?;
    let id = place.job(&format!("c{}", short(trigger))).ok_or(Rejection::Malformed)?;
    let mut question = person_asks(&place, id, verified.sent());
    let words = unescape(field("text").unwrap_or_default().trim());
    let prompt = prompt_of(&words).filter(|_| typed == MIYABI);
    question.draws = prompt.is_some();
    let (command, words) = match prompt {
        Some(prompt) => (None, prompt),
        None if typed == MIYABI => first_word(&words),
        None => (None, words),
    };
    question.is_fresh = command == Some(Command::New);
    let has_words = !words.is_empty();
    question.text = words;
    let wish = match command {
        None if !has_words && typed == MIYABI && !question.draws => Wish::Command(Command::Help),
        None | Some(Command::Ask | Command::New) if has_words => Wish::Answer,
        None => Wish::Nothing,
        Some(command) => Wish::Command(command),
    };
    Ok(Inbound::Told(Box::new(Told {
        wish,
        question,
        place,
        files: Vec::new(),
        quoted_files: Vec::new(),
        is_command: true,
        in_thread: None,
        respond_to: None,
        window: None,
    })))
}

/// Returns what an image is to show, if words begin with the wish for one.
fn prompt_of(words: &str) -> Option<String> {
    let (word, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    word.eq_ignore_ascii_case(IMAGINE).then(|| rest.trim().to_owned())
}

/// Says whether words are what stands behind `link`: nothing, `off`, or a code in one word.
fn is_of_link(words: &str) -> bool {
    let is_code = || !words.contains(char::is_whitespace) && Code::parse(words).is_some();
    words.is_empty() || words.eq_ignore_ascii_case("off") || is_code()
}

/// Returns the command that a text begins with, and the words behind it; all of them if it begins with none.
fn first_word(text: &str) -> (Option<Command>, String) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    match of_name(word) {
        // These take no words: what has more is a question that begins with such a word.
        Some(Command::Help | Command::Usage | Command::Status) if !rest.is_empty() => {
            (None, text.to_owned())
        }
        Some(Command::Link) if !is_of_link(rest.trim()) => (None, text.to_owned()),
        Some(command) => (Some(command), rest.trim().to_owned()),
        None => (None, text.to_owned()),
    }
}
