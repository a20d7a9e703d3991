//! The chat: `POST /api/chat`, `GET /api/chat/{id}/stream`, `POST /api/chat/{id}/stop`.

use core::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use miyabi_app::chat::{self, Place};
use miyabi_app::conversation::TurnState;
use miyabi_app::conversations;
use miyabi_app::keys::Principal;
use miyabi_app::uploads::Upload;
use miyabi_channels::discord;
use miyabi_channels::messengers;
use miyabi_channels::web::parse;
use miyabi_channels::web::{conversation_name, ui_messages};
use miyabi_core::fault::Notice;
use miyabi_core::http::{ConversationStream, Reply};
use miyabi_core::i18n::{Language, sentence};
use miyabi_core::ports::{Clock, Conversations, Host, Sql};
use miyabi_core::problem::Problem;

use super::Api;
use super::limits::{self, Policy};
use super::submit::{self, Begun, Sender, is_limit, refused_submission};

/// How long a stream waits before it begins: a question that is refused at once is told by a status.
const REFUSED_WITHIN: Duration = Duration::from_millis(1_500);

/// Longest `Idempotency-Key`, in bytes.
const MAX_KEY_BYTES: usize = 256;

/// Body of `POST /api/chat/{id}/stop`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stop {
    turn: String,
}

/// Asks a question, and replies with its answer or a stream of it.
///
/// # Errors
/// 400, 404, 409, 410, 413, 422, 429, 502, 503, 504: each says what to do.
///
/// # Repeats
/// The same submission is the same turn, and gets the same answer; one that has failed is tried again.
pub(super) async fn ask<H: Host + Clone + 'static>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let submitted = parse::parse(&api.json::<Value>()?).map_err(refused_submission)?;
    let key = keyed(api)?;
    let is_ui_messages = submitted.is_ui_messages;
    let is_keyed = key.is_some() && !is_ui_messages;
    let sender = Sender { owner: &principal.owner, language: api.language };
    let begun = submit::ask(api.host, api.settings, sender, submitted, key).await?;
    check_key(&begun, is_keyed)?;
    let Begun { place, turn, .. } = begun;
    if is_ui_messages || api.accept.contains("text/event-stream") {
        let begun = begin(api, &place, turn).await?;
        return Ok(stream(api, &place, &begun));
    }
    let turn = chat::wait(api.host, &place, turn).await?;
    Ok(Reply::json(200, &answered(api, &place, turn).await?))
}

/// Returns what makes a repeat the same submission, if its sender has said so.
///
/// # Errors
/// 400.
pub(super) fn keyed<H>(api: &Api<'_, H>) -> Result<Option<String>, Problem> {
    let key = api.idempotency_key.as_deref().map(idempotency_key).transpose()?;
    Ok(key.map(|key| format!("key {key}")))
}

/// Refuses a key that has come with another question before.
///
/// # Errors
/// 422.
pub(super) fn check_key(begun: &Begun, is_keyed: bool) -> Result<(), Problem> {
    if !is_keyed || begun.turn.question == begun.text {
        return Ok(());
    }
    let detail = "this Idempotency-Key came with another question before; use a new one";
    Err(Problem::new(422, "idempotency_key_reused", detail))
}

/// Waits a moment for the beginning of an answer, and refuses where there is none.
async fn begin<H: Conversations + Clock>(
    api: &Api<'_, H>,
    place: &Place,
    turn: TurnState,
) -> Result<TurnState, Problem> {
    let seen = chat::begun(api.host, place, turn, REFUSED_WITHIN).await?;
    match seen.notice {
        Some(notice) if seen.state == "failed" && is_limit(notice) => {
            Err(failed(api.language, &seen.id, notice))
        }
        _ => Ok(seen),
    }
}

fn stream<H>(api: &Api<'_, H>, place: &Place, turn: &TurnState) -> Reply {
    let request = json!({
        "turn": turn.id,
        "conversation": place.id,
        "language": api.language.name(),
    });
    let stream =
        ConversationStream { conversation: place.name.clone(), request: request.to_string() };
    let mut reply = Reply::empty(200);
    reply.stream = Some(stream);
    reply
        .header("content-type", "text/event-stream; charset=utf-8".to_owned())
        // A stream that is compressed is held back until there is enough of it.
        .header("content-encoding", "identity".to_owned())
        .header("x-vercel-ai-ui-message-stream", "v1".to_owned())
        .header("x-accel-buffering", "no".to_owned())
}

/// Returns the answer of a turn, or says why there is none.
pub(super) async fn answered<H: Sql>(
    api: &Api<'_, H>,
    place: &Place,
    turn: TurnState,
) -> Result<Value, Problem> {
    if let Some(notice) = turn.notice.filter(|_| turn.state == "failed") {
        return Err(failed(api.language, &turn.id, notice));
    }
    if !turn.has_ended() {
        let detail = format!(
            "the answer takes longer than a request may; read it at /api/conversations/{} later",
            place.id
        );
        return Err(Problem::new(504, "not_answered_yet", detail));
    }
    let used = chat::used(api.host, &turn.id).await?;
    Ok(json!({
        "message": turn.answer.unwrap_or_default(),
        "messageCount": turn.messages,
        "conversation": place.id,
        "turn": turn.id,
        "state": turn.state,
        "usage": {
            "inputTokens": used.input_tokens,
            "outputTokens": used.output_tokens,
            "totalTokens": used.input_tokens + used.output_tokens,
            "costNanoUsd": used.cost_nano,
        },
    }))
}

/// Streams the turn that runs, from its beginning; 204 if none does.
///
/// # Errors
/// A failure of a store.
///
/// # Repeats
/// Reads only.
pub(super) async fn resume<H: Host>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    if !parse::is_id(api.parameter(0)) {
        return Err(no_conversation());
    }
    // A client of AI SDK chooses the id, and asks for it before there is anything.
    let Some(place) = existing(api, principal).await? else { return Ok(Reply::empty(204)) };
    match chat::look(api.host, &place, None).await? {
        Some(turn) if !turn.has_ended() => Ok(stream(api, &place, &turn)),
        _ => Ok(Reply::empty(204)),
    }
}

/// Ends a turn, with what was said so far.
///
/// # Errors
/// 400, 404, or a failure of a store.
///
/// # Repeats
/// A turn that has ended stays as it is.
pub(super) async fn stop<H: Host>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let Stop { turn } = api.json()?;
    let place = existing(api, principal).await?.ok_or_else(no_conversation)?;
    may_stop(&place.id, &turn)?;
    let turn = chat::stop(api.host, &place, &turn).await?.ok_or_else(no_turn)?;
    let message = turn.answer.unwrap_or_default();
    Ok(Reply::json(200, &json!({ "turn": turn.id, "state": turn.state, "message": message })))
}

/// Returns where the conversation of the path is, if the principal has it.
pub(super) async fn existing<H: Sql>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Option<Place>, Problem> {
    let id = api.parameter(0);
    if !parse::is_id(id) {
        return Ok(None);
    }
    let found = conversations::find(api.host, &principal.owner, id).await?;
    Ok(found.map(|found| place(&found.owner, id)))
}

/// The problem of a conversation that the principal does not have.
pub(super) fn no_conversation() -> Problem {
    let detail = "you have no conversation of this id, or not any more";
    Problem::new(404, "not_found", detail)
}

/// The problem of a question in a conversation of an account that is linked to the principal.
pub(super) fn of_account() -> Problem {
    let detail =
        "this conversation began on the page of an account that is yours now; begin a new one";
    Problem::new(409, "conversation_of_account", detail)
}

/// The problem of a turn that the conversation does not have.
pub(super) fn no_turn() -> Problem {
    Problem::new(404, "unknown_turn", "the conversation has no turn of this id")
}

/// Returns where a conversation of an owner is.
pub(crate) fn place(owner: &str, id: &str) -> Place {
    let name = match discord::channel_of(id) {
        Some(channel) => discord::conversation_name(channel, owner),
        None => {
            messengers::conversation_name(id, owner).unwrap_or_else(|| conversation_name(owner, id))
        }
    };
    Place { owner: owner.to_owned(), id: id.to_owned(), name }
}

/// Refuses to change a conversation of a messenger: whoever reads it there would see nothing of that.
///
/// # Errors
/// 409.
pub(crate) fn changes(id: &str) -> Result<(), Problem> {
    if discord::channel_of(id).is_none() && !messengers::is_conversation(id) {
        return Ok(());
    }
    Err(elsewhere("it is read here, and goes on there"))
}

/// Refuses to stop what was asked in a messenger itself: nothing there asks the conversation whether to go on.
///
/// # Errors
/// 409.
pub(crate) fn may_stop(id: &str, turn: &str) -> Result<(), Problem> {
    // A turn of Discord's own has the id of its interaction, and one of here no number of that size.
    let is_of_messenger = discord::created(turn).is_some() || messengers::is_turn(turn);
    if is_of_messenger { changes(id) } else { Ok(()) }
}

/// The problem of a conversation of a messenger, with what to do instead.
pub(super) fn elsewhere(instead: &str) -> Problem {
    let detail = format!("this conversation is one of a messenger: {instead}");
    Problem::new(409, "conversation_elsewhere", detail)
}

/// Returns the key without the quotes that the draft asks for, and that many clients leave out.
fn idempotency_key(header: &str) -> Result<String, Problem> {
    let key = header.trim();
    let key = key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key);
    if (1..=MAX_KEY_BYTES).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(key.to_owned());
    }
    let detail = format!("Idempotency-Key is not 1 to {MAX_KEY_BYTES} visible characters of ASCII");
    Err(Problem::new(400, "invalid_idempotency_key", detail))
}

/// The problem of a turn that has failed.
fn failed(language: Language, turn: &str, notice: Notice) -> Problem {
    let words = sentence(notice, language);
    let (status, code) = match notice {
        Notice::AskerBudget | Notice::ServerBudget | Notice::DayBudget => (429, "quota_exceeded"),
        Notice::BudgetHeld => (429, "budget_held"),
        Notice::Crowded | Notice::ServerCrowded | Notice::DayLimit => (429, "too_many_questions"),
        Notice::Busy | Notice::Quota => (503, "model_busy"),
        Notice::TooLong => (413, "message_too_long"),
        Notice::Refused => (422, "refused_by_model"),
        Notice::Misconfigured | Notice::NotHere => (503, "not_configured"),
        Notice::Late => (504, "late"),
        Notice::TryAgain | Notice::Blocked | Notice::Cancelled => (502, "not_answered"),
        Notice::NotInChannel | Notice::NotThisModel | Notice::NoDrawing => {
            (403, "not_allowed_here")
        }
    };
    let problem = Problem::new(status, code, words).header("x-turn", turn.to_owned());
    let retries = |problem: Problem, answer| problem.header("x-should-retry", answer);
    match code {
        "quota_exceeded" => limits::exceeded(retries(problem, "false")),
        "budget_held" => limits::exceeded(retries(problem, "true")).header("retry-after", "30"),
        "too_many_questions" => limits::refused(retries(problem, "true"), Policy::Running),
        _ if status == 503 => problem.header("retry-after", "30"),
        _ => problem,
    }
}

/// Returns the id of the message that a turn answers: another turn's, where it answers that once more.
pub(super) fn question_id(turn: &miyabi_app::conversation::PageTurn) -> String {
    ui_messages::question_id(turn.source.as_deref().unwrap_or(&turn.id))
}

/// Returns a turn's messages in AI SDK's form, each with the id of the one before it.
pub(crate) fn messages(turn: &miyabi_app::conversation::PageTurn) -> Vec<Value> {
    let text = |text: &str| vec![json!({ "type": "text", "text": text })];
    let question_id = question_id(turn);
    let mut messages = Vec::new();
    if turn.source.is_none() {
        messages.push(json!({
            "id": question_id,
            "parentId": turn.parent,
            "role": "user",
            "parts": with_files(text(&turn.question), &turn.files()),
            "metadata": { "turn": turn.id, "at": at(turn.asked_ms.0) },
        }));
    }
    if let Some(answer) = &turn.answer {
        messages.push(json!({
            "id": ui_messages::answer_id(&turn.id),
            "parentId": question_id,
            "role": "assistant",
            "parts": text(answer),
            "metadata": {
                "turn": turn.id,
                "state": turn.state,
                "at": turn.ended_ms.map(|ended| at(ended.0)),
            },
        }));
    }
    messages
}

/// Adds files to the parts of a message, in AI SDK's form.
fn with_files(mut parts: Vec<Value>, files: &[Upload]) -> Vec<Value> {
    parts.extend(files.iter().map(|Upload { id, name, media, .. }| {
        let url = [parse::FILES, id].concat();
        json!({ "type": "file", "mediaType": media, "filename": name, "url": url })
    }));
    parts
}

pub(super) fn at(unix_ms: u64) -> String {
    miyabi_core::time::to_iso(unix_ms / 1000)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
