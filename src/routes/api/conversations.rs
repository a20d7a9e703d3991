//! The principal's conversations: listed, read, renamed, deleted and exported.

use serde::Deserialize;
use serde_json::{Value, json};

use miyabi_app::chat::{self, Place};
use miyabi_app::conversation::{MAX_PAGE, PageTurn};
use miyabi_app::conversations::{self, Listed, MAX_TITLE_CHARS};
use miyabi_app::keys::Principal;
use miyabi_channels::web::parse;
use miyabi_core::http::Reply;
use miyabi_core::ports::{Clock, Conversations, Host, Sql};
use miyabi_core::problem::Problem;
use miyabi_core::time::to_iso;

use super::{Api, chat as chats};
use crate::live;

/// Most of an export, in bytes of text: what is older is left out, and the export says so.
const MAX_EXPORT_BYTES: usize = 8 * 1024 * 1024;

/// Body of `PATCH /api/conversations/{id}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    title: String,
}

/// Lists the principal's conversations, the newest first: `?q=` is a part of the title.
///
/// # Errors
/// 400, or a failure of the database.
///
/// # Repeats
/// Reads only.
pub(super) async fn list<H: Sql>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let query = api.query_value("q").unwrap_or_default();
    let cursor = api.query_value("cursor");
    let cursor = cursor.as_deref().map(read_cursor).transpose()?;
    let cursor = cursor.as_ref().map(|(before, id)| (*before, id.as_str()));
    let (found, next) =
        conversations::list(api.host, &principal.owner, query.trim(), cursor).await?;
    let listed: Vec<Value> = found.iter().map(listed).collect();
    let next = next.map(|(before, id)| format!("{before}.{id}"));
    Ok(Reply::json(200, &json!({ "conversations": listed, "cursor": next })))
}

/// Reads a conversation: its newest messages, or those before `?cursor=`.
///
/// # Errors
/// 400, 404, or a failure of a store.
///
/// # Repeats
/// Reads only.
pub(super) async fn read<H: Host>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let (place, found) = find(api, principal).await?;
    let before = match api.query_value("cursor") {
        Some(cursor) => Some(cursor.parse().map_err(|_no_number| no_cursor())?),
        None => None,
    };
    let page = chat::page(api.host, &place, before, MAX_PAGE).await?;
    let running = page.turns.iter().find(|turn| !has_ended(turn));
    // Another answer to a question has no message before its first word.
    let question = running.map(chats::question_id);
    let running = running.map(|turn| turn.id.clone());
    let messages: Vec<Value> = page.turns.iter().rev().flat_map(chats::messages).collect();
    let mut conversation = listed(&found);
    if let Value::Object(fields) = &mut conversation {
        fields.insert("messages".to_owned(), messages.into());
        fields.insert("running".to_owned(), running.into());
        fields.insert("runningQuestion".to_owned(), question.into());
        fields.insert("cursor".to_owned(), page.cursor.map(|cursor| cursor.to_string()).into());
    }
    Ok(Reply::json(200, &conversation))
}

/// Reads a conversation as cloudflare/agents does: a list of the newest messages along its newest turn, which is
/// empty for one that there is not.
///
/// # Errors
/// A failure of a store.
///
/// # Repeats
/// Reads only.
pub(super) async fn agent_messages<H: Host>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    if !parse::is_id(api.parameter(0)) {
        return Err(chats::no_conversation());
    }
    let turns = match find(api, principal).await {
        Ok((place, _)) => chat::page(api.host, &place, None, MAX_PAGE).await?.turns,
        Err(problem) if problem.status == 404 => Vec::new(),
        Err(problem) => return Err(problem),
    };
    Ok(Reply::json(200, &live::branch(&turns)))
}

/// Gives a conversation another title.
///
/// # Errors
/// 400, 404, or a failure of the database.
///
/// # Repeats
/// It has the title already.
pub(super) async fn rename<H: Sql>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let Rename { title } = api.json()?;
    let title = title.trim();
    let is_long = title.chars().count() > MAX_TITLE_CHARS;
    if title.is_empty() || is_long || title.chars().any(char::is_control) {
        let detail = format!("is not 1 to {MAX_TITLE_CHARS} characters without control characters");
        return Err(Problem::wrong("#/title", detail));
    }
    let id = api.parameter(0);
    if !conversations::rename(api.host, &principal.owner, id, title).await? {
        return Err(chats::no_conversation());
    }
    let found = conversations::find(api.host, &principal.owner, id).await?;
    let found = found.ok_or_else(chats::no_conversation)?;
    Ok(Reply::json(200, &listed(&found)))
}

/// Deletes a conversation for good: a question that is being answered does not bring it back.
///
/// # Errors
/// 404 for one that was never there; or a failure of a store.
///
/// # Repeats
/// Gone is gone.
pub(super) async fn delete<H: Conversations + Clock + Sql>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let id = api.parameter(0);
    if !parse::is_id(id) {
        return Err(chats::no_conversation());
    }
    let found = conversations::find(api.host, &principal.owner, id).await?;
    if found.is_some() {
        chats::changes(id)?;
    }
    let owner = found.map_or_else(|| principal.owner.clone(), |found| found.owner);
    let is_known = chat::delete(api.host, &chats::place(&owner, id)).await?;
    if is_known { Ok(Reply::empty(204)) } else { Err(chats::no_conversation()) }
}

/// Returns a whole conversation as JSON or Markdown, oldest first.
///
/// # Errors
/// 400, 404, or a failure of a store.
///
/// # Repeats
/// Reads only.
pub(super) async fn export<H: Host>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let format = api.query_value("format").unwrap_or_else(|| "json".to_owned());
    if !["json", "markdown"].contains(&format.as_str()) {
        return Err(Problem::new(400, "invalid_query", "`format` is not `json` or `markdown`"));
    }
    let (place, found) = find(api, principal).await?;
    let (turns, is_whole) = all(api.host, &place).await?;
    if format == "json" {
        let messages: Vec<Value> = turns.iter().flat_map(chats::messages).collect();
        let mut conversation = listed(&found);
        if let Value::Object(fields) = &mut conversation {
            fields.insert("messages".to_owned(), messages.into());
            fields.insert("isWhole".to_owned(), is_whole.into());
        }
        return Ok(Reply::json(200, &conversation).header("content-disposition", file("json")));
    }
    let reply = Reply::text(200, markdown(&found, &turns, is_whole).into());
    let reply = reply.header("content-type", "text/markdown; charset=utf-8".to_owned());
    Ok(reply.header("content-disposition", file("md")))
}

fn file(extension: &str) -> String {
    format!("attachment; filename=\"conversation.{extension}\"")
}

/// Returns every turn, oldest first, and whether that is all.
async fn all(
    host: &(impl Conversations + Clock),
    place: &Place,
) -> Result<(Vec<PageTurn>, bool), Problem> {
    let (mut turns, mut bytes, mut before) = (Vec::new(), 0, None);
    loop {
        let page = chat::page(host, place, before, MAX_PAGE).await?;
        let length =
            |turn: &PageTurn| turn.question.len() + turn.answer.as_ref().map_or(0, String::len);
        bytes += page.turns.iter().map(length).sum::<usize>();
        turns.extend(page.turns);
        before = page.cursor;
        if before.is_none() || bytes > MAX_EXPORT_BYTES {
            turns.reverse();
            return Ok((turns, before.is_none()));
        }
    }
}

fn markdown(found: &Listed, turns: &[PageTurn], is_whole: bool) -> String {
    let mut text = format!("# {}\n", found.title);
    if !is_whole {
        text.push_str("\n*What is older is left out.*\n");
    }
    for turn in turns {
        let at = to_iso(turn.asked_ms.0 / 1000);
        if turn.source.is_none() {
            text.extend(["\n## You, ", &at, "\n\n", turn.question.trim_end(), "\n"]);
        }
        if let Some(answer) = &turn.answer {
            let mark = if turn.state == "stopped" { " (stopped)" } else { "" };
            text.extend(["\n## Miyabi", mark, "\n\n", answer.trim_end(), "\n"]);
        }
    }
    text
}

async fn find<H: Sql>(api: &Api<'_, H>, principal: &Principal) -> Result<(Place, Listed), Problem> {
    let id = api.parameter(0);
    if !parse::is_id(id) {
        return Err(chats::no_conversation());
    }
    let found = conversations::find(api.host, &principal.owner, id).await?;
    let found = found.ok_or_else(chats::no_conversation)?;
    Ok((chats::place(&found.owner, id), found))
}

fn listed(listed: &Listed) -> Value {
    json!({ "id": listed.id, "title": listed.title, "updatedAt": to_iso(listed.updated_at) })
}

fn has_ended(turn: &PageTurn) -> bool {
    !matches!(turn.state.as_str(), "queued" | "running")
}

fn read_cursor(cursor: &str) -> Result<(u64, String), Problem> {
    let (before, id) = cursor.split_once('.').ok_or_else(no_cursor)?;
    let before = before.parse().map_err(|_no_number| no_cursor())?;
    if parse::is_id(id) { Ok((before, id.to_owned())) } else { Err(no_cursor()) }
}

fn no_cursor() -> Problem {
    Problem::new(400, "invalid_query", "`cursor` is not one that a page before has returned")
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
