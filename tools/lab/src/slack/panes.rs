//! The assistant's pane and the home of the app: `assistant.threads.setStatus`,
//! `assistant.threads.setSuggestedPrompts`, `views.publish`.

use serde_json::{Value, json};

use super::blocks::Place;
use super::params::Params;
use super::state::{State, Status};
use super::world::{APP_ID, BOT_ID, Channel, TEAM_ID};
use super::{content, errors, target};
use crate::clock;
use crate::http::Reply;

/// Most suggestions, and most messages that a status turns through.
const MAX_PROMPTS: usize = 4;
const MAX_LOADING: usize = 10;

/// Where a call of the pane is for.
fn place(state: &State, params: &Params) -> Result<(Channel, String), Reply> {
    let channel = target::channel(state, params, "channel_id")?;
    target::writable(state, channel).map_err(|_refused| errors::refuse("channel_not_found"))?;
    let thread = target::thread(state, channel, params, "invalid_thread_ts")?;
    Ok((channel, thread.ok_or_else(|| errors::mistake("invalid_thread_ts"))?))
}

/// `assistant.threads.setStatus`: shown until the bot writes there or the time is over; an empty text takes it away.
pub(super) fn status(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let (channel, thread) = place(state, params)?;
    let loading = params.list("loading_messages");
    let is_text = |it: &Value| it.as_str().is_some_and(|text| !text.is_empty());
    if loading.len() > MAX_LOADING || !loading.iter().all(is_text) {
        return Err(errors::arguments("must be at most 10 texts [json-pointer:/loading_messages]"));
    }
    for name in ["username", "icon_emoji", "icon_url"] {
        if !params.value(name).is_null() {
            return Err(errors::stricter(&format!("`{name}` is not emulated")));
        }
    }
    state.statuses.retain(|it| it.channel != channel || it.thread != thread);
    if let Some(text) = params.text("status") {
        let until_ms = clock::now_ms() + state.config.status_ms;
        let (text, loading) = (text.to_owned(), json!(loading));
        state.statuses.push(Status { channel, thread, text, loading, until_ms });
    }
    Ok(errors::ok(json!({})))
}

/// `assistant.threads.setSuggestedPrompts`.
pub(super) fn prompts(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let channel = target::channel(state, params, "channel_id")?;
    // An app with an agent's view names no thread, and Slack says nothing where it does.
    if params.text("thread_ts").is_some() {
        return Err(errors::stricter("`thread_ts` is for apps with an assistant's view"));
    }
    let thread = String::new();
    if !channel.is_direct() {
        return Err(errors::mistake("channel_not_found"));
    }
    let list = params.list("prompts");
    let is_prompt = |prompt: &Value| {
        let is_text = |name: &str| prompt[name].as_str().is_some_and(|text| !text.is_empty());
        let count = prompt.as_object().map_or(0, serde_json::Map::len);
        count == 2 && is_text("title") && is_text("message")
    };
    if !(1..=MAX_PROMPTS).contains(&list.len()) || !list.iter().all(is_prompt) {
        let what = "must be 1 to 4 objects with `title` and `message` [json-pointer:/prompts]";
        return Err(errors::arguments(what));
    }
    let shown = json!({
        "channel": channel.label(), "thread_ts": thread, "title": params.text("title"),
        "prompts": list,
    });
    state.prompts.insert((channel.id.to_owned(), thread), shown);
    Ok(errors::ok(json!({})))
}

/// `views.publish`: the home of a person.
pub(super) fn publish(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let person = target::person(params, "user_id")
        .map_err(|_unknown| errors::arguments("lab: nobody has this id [json-pointer:/user_id]"))?;
    let view = params.value("view");
    let known = ["type", "blocks", "private_metadata", "callback_id", "external_id"];
    for name in view.as_object().into_iter().flat_map(serde_json::Map::keys) {
        if !known.contains(&name.as_str()) {
            return Err(errors::arguments(format!(
                "invalid additional property: {name} [json-pointer:/view]"
            )));
        }
    }
    if view["type"] != "home" || !view["blocks"].is_array() {
        return Err(errors::arguments("must be a home with blocks [json-pointer:/view]"));
    }
    let mut blocks = view["blocks"].as_array().cloned().unwrap_or_default();
    // The method names no error of its own for them.
    content::check(&blocks, Place::Home, "view_too_large").map_err(|mut reply| {
        if let crate::http::Content::Json(body) = &mut reply.body {
            body["error"] = json!("invalid_arguments");
        }
        reply
    })?;
    content::name(state, &mut blocks);
    let number = state.next_number();
    let mut shown = view.clone();
    for (name, value) in [
        ("id", json!(format!("V{number:010}"))),
        ("team_id", json!(TEAM_ID)),
        ("app_id", json!(APP_ID)),
        ("bot_id", json!(BOT_ID)),
        ("hash", json!(format!("{number}.lab"))),
        ("blocks", json!(blocks)),
        ("state", json!({ "values": {} })),
    ] {
        shown[name] = value;
    }
    let current = state.homes.get(person.name).map(|view| &view["hash"]);
    if params.text("hash").is_some_and(|hash| current.is_some_and(|current| *current != hash)) {
        return Err(errors::refuse("hash_conflict"));
    }
    state.homes.insert(person.name, shown.clone());
    Ok(errors::ok(json!({ "view": shown })))
}
