//! Inline mode: what somebody types behind the bot's name, what it offers, and the message that is sent in their name.
//!
//! Source: core.telegram.org/bots/api#inline-mode and core.telegram.org/bots/inline.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::message::{Author, Message};
use super::params::Params;
use super::state::{State, Typed};
use super::world::{Chat, Person};
use super::{errors, markup, words};
use crate::http::Reply;

/// Most of what is typed that the bot is told, in characters, and most results.
const MAX_CHARS: usize = 256;
const MAX_RESULTS: usize = 50;

/// Somebody types; returns the id of the query.
///
/// # Errors
/// A sentence, where Telegram sends the bot nothing of it.
pub(super) fn typed(
    state: &mut State,
    updates: &mut Vec<Value>,
    person: Person,
    words: &str,
) -> Result<String, String> {
    if !state.config.inline {
        return Err("the bot cannot be named in any chat: `inline` is off".to_owned());
    }
    let words: String = words.chars().take(MAX_CHARS).collect();
    let id = format!("5{:018}", state.next_number());
    updates.push(json!({ "inline_query": {
        "id": id, "from": person.to_json(), "query": words, "offset": "", "chat_type": "supergroup",
    } }));
    state.typed.push(Typed { id: id.clone(), person, words, results: None });
    Ok(id)
}

/// `answerInlineQuery`: articles with a text.
pub(super) fn answer(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let id = params.text("inline_query_id").unwrap_or_default();
    let results = params.list("results").to_vec();
    if results.len() > MAX_RESULTS {
        return Err(errors::mistake("RESULTS_TOO_MUCH"));
    }
    let mut ids = BTreeSet::new();
    for result in &results {
        let id = result["id"].as_str().unwrap_or_default();
        if !(1..=64).contains(&id.len()) {
            return Err(errors::mistake("RESULT_ID_INVALID"));
        }
        if !ids.insert(id) {
            return Err(errors::mistake("RESULT_ID_DUPLICATE"));
        }
        if result["type"] != "article" {
            return Err(errors::stricter("only articles are emulated"));
        }
        if result["title"].as_str().is_none_or(|title| title.trim().is_empty()) {
            return Err(errors::mistake("article title is empty"));
        }
        let content = content(result);
        words::some_text(&content)?;
        markup::keyboard(&content)?;
    }
    let typed = state.typed.iter_mut().find(|typed| typed.id == id);
    let Some(typed) = typed.filter(|typed| typed.results.is_none()) else {
        let why = "query is too old and response timeout expired or query ID is invalid";
        return Err(errors::bad(why));
    };
    typed.results = Some(results);
    Ok(errors::ok(true))
}

/// Somebody sends the first that is offered; returns the id of their message.
///
/// # Errors
/// A sentence about the order.
pub(super) fn choose(
    state: &mut State,
    updates: &mut Vec<Value>,
    (person, chat): (Person, Chat),
    id: &str,
) -> Result<i64, String> {
    let typed = state.typed.iter().find(|typed| typed.id == id && typed.person == person);
    let typed = typed.ok_or_else(|| format!("{} has typed no `{id}`", person.name))?.clone();
    let result = typed.results.and_then(|all| all.into_iter().next());
    let result = result.ok_or_else(|| format!("nothing was offered for `{id}`"))?;
    let content = content(&result);
    let refused = |reply: Reply| format!("{reply:?}");
    let words = words::some_text(&content).map_err(refused)?;
    let mut message = Message::new(state.next_message(chat), chat, Author::Person(person), words);
    message.keyboard = markup::keyboard(&content).map_err(refused)?;
    // Without a keyboard nobody can change it.
    let inline = format!("AgAAA{:012}_-x", state.next_number());
    message.inline = message.keyboard.as_ref().map(|_| inline);
    let mut chosen = json!({
        "result_id": result["id"], "from": person.to_json(), "query": typed.words,
    });
    if let Some(inline) = &message.inline {
        chosen["inline_message_id"] = json!(inline);
    }
    if state.config.inline_feedback {
        updates.push(json!({ "chosen_inline_result": chosen }));
    }
    let id = message.id;
    state.messages.push(message);
    Ok(id)
}

fn content(result: &Value) -> Params {
    Params::of_content(&result["input_message_content"], &result["reply_markup"])
}
