//! The reply to an interaction itself.
//!
//! # Source
//! Discord Docs/Receiving and Responding to Interactions, Interaction Response, read 2026-11-20.

use serde_json::{Value, json};

use super::custom_id::{Action, CustomId};
use super::parse::message;
use miyabi_core::http::Reply;
use miyabi_core::i18n::{Language, buttons, commands, messages};
use miyabi_core::transport::Transport;

/// Most completions, and the longest of them in code points.
const MAX_CHOICES: usize = 25;
const MAX_CHOICE_CHARS: usize = 100;

/// Longest question in a form, in code points: Discord's own limit for a text input.
const MAX_FORM_CHARS: usize = 4000;

/// Reply to PING.
pub fn pong() -> Reply {
    fixed(r#"{"type":1}"#)
}

/// "Miyabi is thinking…", seen by the asker only; the later answer in its place is as private as this.
pub fn deferred() -> Reply {
    fixed(r#"{"type":5,"data":{"flags":64}}"#)
}

/// No completions.
pub fn no_choices() -> Reply {
    fixed(r#"{"type":8,"data":{"choices":[]}}"#)
}

/// Completions that are offered for an option, each for itself.
pub fn choices<'a>(values: impl Iterator<Item = &'a str>) -> Reply {
    named_choices(values.map(|value| (value, value)))
}

/// Completions that are offered for an option: what is shown, and what is sent for it.
///
/// # Source
/// Discord Docs/Interaction Response, Autocomplete, read 2026-11-29.
pub fn named_choices<'a>(choices: impl Iterator<Item = (&'a str, &'a str)>) -> Reply {
    let fits = |text: &str| (1..=MAX_CHOICE_CHARS).contains(&text.chars().count());
    let choices = choices.filter(|(name, value)| fits(name) && fits(value)).take(MAX_CHOICES);
    let choices: Vec<_> =
        choices.map(|(name, value)| json!({ "name": name, "value": value })).collect();
    Reply::json(200, &json!({ "type": 8, "data": { "choices": choices } }))
}

/// The form in which somebody asks about the message that is kept under this id.
pub fn form(id: &str, language: Language) -> Reply {
    let placeholder = Some(messages::EMPTY.in_language(language));
    question_form(
        id,
        [messages::TITLE, messages::QUESTION].map(|it| it.in_language(language)),
        placeholder,
    )
}

/// The form for another question about the answer that is kept under this id.
pub fn follow_up_form(id: &str, language: Language) -> Reply {
    question_form(id, [buttons::TITLE, buttons::QUESTION].map(|it| it.in_language(language)), None)
}

/// A form with one field, which may stay empty where a placeholder says what that means.
fn question_form(id: &str, [title, label]: [&str; 2], placeholder: Option<&str>) -> Reply {
    let mut input = json!({
        "type": 4,
        "custom_id": message::FIELD,
        "style": 2,
        "required": placeholder.is_none(),
        "max_length": MAX_FORM_CHARS,
    });
    if let (Some(placeholder), Some(fields)) = (placeholder, input.as_object_mut()) {
        fields.insert("placeholder".to_owned(), placeholder.into());
    }
    let data = json!({
        "custom_id": CustomId { action: Action::Ask, id }.to_text(),
        "title": title,
        "components": [{ "type": 18, "label": label, "component": input }],
    });
    Reply::json(200, &json!({ "type": 9, "data": data }))
}

/// A sentence that only the asker reads.
pub fn private(sentence: &str) -> Reply {
    Reply::json(200, &json!({ "type": 4, "data": alone(sentence) }))
}

/// A sentence in the place of the message whose button was pressed, without buttons.
pub fn replaced(sentence: &str) -> Reply {
    with_components(7, alone(sentence), json!([]))
}

/// A text with components that only the asker sees; `is_update` where it takes the place of the one that was used.
pub fn panel(text: &str, components: Value, is_update: bool, transport: &impl Transport) -> Reply {
    let data = alone(&transport.truncate(text, ""));
    with_components(if is_update { 7 } else { 4 }, data, components)
}

fn with_components(kind: u32, mut data: Value, components: Value) -> Reply {
    if let Some(data) = data.as_object_mut() {
        data.insert("components".to_owned(), components);
    }
    Reply::json(200, &json!({ "type": kind, "data": data }))
}

fn alone(content: &str) -> Value {
    json!({
        "content": content,
        "flags": super::EPHEMERAL,
        "allowed_mentions": { "parse": [] },
    })
}

/// Reply to `/ask` without a question.
pub fn ask_something(language: Language) -> Reply {
    private(commands::ASK_SOMETHING.in_language(language))
}

/// Reply to `/imagine` without a prompt.
pub fn draw_something(language: Language) -> Reply {
    private(commands::IMAGINE_SOMETHING.in_language(language))
}

/// Reply to a command, component or modal that the program does not know.
pub fn unknown(language: Language) -> Reply {
    private(commands::UNKNOWN.in_language(language))
}

fn fixed(body: &'static str) -> Reply {
    Reply::text(200, body.into())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::discord::MAX_CONTENT_CHARS;
    use miyabi_core::fault::Notice;
    use miyabi_core::i18n::sentence;

    fn check(reply: &Reply, expected: &Value) {
        assert_eq!((reply.status, reply.headers.as_slice()), (200, &[][..]));
        assert_eq!(&serde_json::from_str::<Value>(&reply.body).unwrap(), expected);
    }

    #[test]
    fn each_reply_has_the_type_that_discord_expects() {
        check(&pong(), &json!({ "type": 1 }));
        check(&deferred(), &json!({ "type": 5, "data": { "flags": super::super::EPHEMERAL } }));
        check(&no_choices(), &json!({ "type": 8, "data": { "choices": [] } }));
    }

    #[test]
    fn choices_are_as_many_and_as_long_as_discord_takes() {
        let long = "x".repeat(101);
        let values = [long.as_str(), "", "a"];
        let reply = choices(values.into_iter().chain(core::iter::repeat_n("b", 30)));
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        let choices = body["data"]["choices"].as_array().unwrap();
        assert_eq!((&body["type"], choices.len()), (&json!(8), 25));
        assert_eq!(choices[0], json!({ "name": "a", "value": "a" }));
        assert_eq!(super::choices(core::iter::empty()), {
            Reply::json(200, &json!({ "type": 8, "data": { "choices": [] } }))
        });
    }

    #[test]
    fn forms_have_one_field_and_are_within_discords_limits() {
        for language in Language::ALL {
            let id = "1300000000000000000";
            for (form, is_required) in
                [(form(id, language), false), (follow_up_form(id, language), true)]
            {
                let body: Value = serde_json::from_str(&form.body).unwrap();
                assert_eq!(
                    (&body["type"], &body["data"]["custom_id"]),
                    (&json!(9), &json!("1.ask.1300000000000000000"))
                );
                let label = &body["data"]["components"][0];
                let input = &label["component"];
                assert_eq!(
                    (&input["required"], &input["max_length"]),
                    (&json!(is_required), &json!(4000))
                );
                let placeholder = input["placeholder"].as_str().unwrap_or("-");
                for (words, most) in [
                    (body["data"]["title"].as_str().unwrap(), 45),
                    (label["label"].as_str().unwrap(), 45),
                    (placeholder, 100),
                ] {
                    assert!((1..=most).contains(&words.chars().count()), "{words}");
                }
            }
        }
    }

    #[test]
    fn a_sentence_is_private_and_pings_nobody() {
        let data = json!({
            "content": "@everyone \"雅\"", "flags": 64, "allowed_mentions": { "parse": [] },
        });
        check(&private("@everyone \"雅\""), &json!({ "type": 4, "data": data }));
    }

    #[test]
    fn every_sentence_fits_into_a_message() {
        for language in Language::ALL {
            let told = Notice::ALL.map(|notice| private(sentence(notice, language)));
            for reply in told.iter().chain(&[ask_something(language), unknown(language)]) {
                let body: Value = serde_json::from_str(&reply.body).unwrap();
                let content = body["data"]["content"].as_str().unwrap();
                assert!((1..=MAX_CONTENT_CHARS).contains(&content.chars().count()), "{content}");
                assert_eq!(body["data"]["flags"], 64);
            }
        }
    }

    #[test]
    fn each_language_has_its_own_words() {
        let (english, japanese) = (Language::English, Language::Japanese);
        assert_ne!(ask_something(english), ask_something(japanese));
        assert_ne!(unknown(english), unknown(japanese));
    }
}
