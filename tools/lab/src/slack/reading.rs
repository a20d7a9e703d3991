//! What reads: `auth.test`, `users.info`, `conversations.info`, `conversations.replies`, `conversations.history`.

use serde_json::{Value, json};

use super::message::Message;
use super::params::Params;
use super::state::State;
use super::world::{BOT_ID, BOT_NAME, BOT_USER_ID, Channel, TEAM_DOMAIN, TEAM_ID};
use super::{errors, target, world};
use crate::http::Reply;

/// Most messages of a page.
const MAX_PAGE: u64 = 999;

/// `auth.test`.
pub(super) fn identity() -> Reply {
    errors::ok(json!({
        "url": format!("https://{TEAM_DOMAIN}.slack.com/"), "team": "Miyabi lab", "user": BOT_NAME,
        "team_id": TEAM_ID, "user_id": BOT_USER_ID, "bot_id": BOT_ID, "is_enterprise_install": false,
    }))
}

/// `users.info`.
pub(super) fn user(params: &Params) -> Result<Reply, Reply> {
    if params.text("user") == Some(BOT_USER_ID) {
        return Ok(errors::ok(json!({ "user": world::bot() })));
    }
    let person = target::person(params, "user")?;
    Ok(errors::ok(json!({ "user": person.to_json(params.is_on("include_locale")) })))
}

/// `conversations.info`.
pub(super) fn channel(state: &State, params: &Params) -> Result<Reply, Reply> {
    let channel = target::channel(state, params, "channel")?;
    let mut shown = channel.to_json(state.is_member(channel));
    shown["is_archived"] = json!(state.is_archived(channel));
    if params.is_on("include_locale") {
        shown["locale"] = json!("en-US");
    }
    if params.is_on("include_num_members") {
        shown["num_members"] = json!(world::PEOPLE.len() + usize::from(state.is_member(channel)));
    }
    Ok(errors::ok(json!({ "channel": shown })))
}

/// `conversations.history`: the newest first, and no replies.
pub(super) fn history(state: &State, params: &Params) -> Result<Reply, Reply> {
    let channel = target::channel(state, params, "channel")?;
    target::member(state, channel)?;
    let range = Range::read(params)?;
    let all = state.messages.iter().rev();
    let all = all.filter(|it| it.channel == channel && it.thread.is_none() && it.is_said());
    let all: Vec<&Message> = all.filter(|it| range.has(&it.ts)).collect();
    page(state, params, (&[], &all), 100)
}

/// `conversations.replies`: the root on every page, then the replies, the oldest first.
pub(super) fn replies(state: &State, params: &Params) -> Result<Reply, Reply> {
    let channel = target::channel(state, params, "channel")?;
    target::member(state, channel)?;
    let range = Range::read(params)?;
    let root = root(state, channel, params).ok_or_else(|| errors::refuse("thread_not_found"))?;
    let mut all = state.replies(root);
    all.retain(|it| range.has(&it.ts));
    page(state, params, (&[root], &all), 1000)
}

fn root<'a>(state: &'a State, channel: Channel, params: &Params) -> Option<&'a Message> {
    let message = state.message(channel, params.text("ts")?)?;
    state.message(channel, message.root())
}

/// The times that a call wants.
#[derive(Debug)]
struct Range {
    oldest: String,
    latest: String,
    is_inclusive: bool,
}

impl Range {
    fn read(params: &Params) -> Result<Self, Reply> {
        let bound = |name: &str, default: &str| match params.text(name) {
            None | Some("0") => Ok(default.to_owned()),
            Some(ts) if target::is_ts(ts) => Ok(ts.to_owned()),
            Some(_) => Err(errors::mistake(&format!("invalid_ts_{name}"))),
        };
        Ok(Self {
            oldest: bound("oldest", "0000000000.000000")?,
            latest: bound("latest", "9999999999.999999")?,
            is_inclusive: params.is_on("inclusive"),
        })
    }

    /// Both are of one length, so that their order is that of their times.
    fn has(&self, ts: &str) -> bool {
        let (oldest, latest) = (self.oldest.as_str(), self.latest.as_str());
        (ts > oldest && ts < latest) || (self.is_inclusive && (ts == oldest || ts == latest))
    }
}

/// A page of messages; those of the first list are on each.
fn page(
    state: &State,
    params: &Params,
    (always, all): (&[&Message], &[&Message]),
    default: u64,
) -> Result<Reply, Reply> {
    let limit = params.value("limit").as_u64().unwrap_or(default);
    if !(1..=MAX_PAGE + 1).contains(&limit) {
        return Err(errors::arguments("must be 1 to 999 [json-pointer:/limit]"));
    }
    let from: usize = match params.text("cursor") {
        None => 0,
        Some(cursor) => {
            let number = cursor.strip_prefix("lab-").and_then(|text| text.parse().ok());
            number.ok_or_else(|| errors::mistake("invalid_cursor"))?
        }
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let rest = all.get(from..).unwrap_or_default();
    let shown = always.iter().chain(rest.iter().take(limit));
    let with_metadata = params.is_on("include_all_metadata");
    let messages: Vec<Value> = shown
        .map(|message| {
            let mut value = state.to_json(message);
            if !with_metadata && let Some(fields) = value.as_object_mut() {
                fields.remove("metadata");
            }
            value
        })
        .collect();
    let has_more = rest.len() > limit;
    let mut body = json!({ "messages": messages, "has_more": has_more });
    if has_more {
        body["response_metadata"] = json!({ "next_cursor": format!("lab-{}", from + limit) });
    }
    Ok(errors::ok(body))
}
