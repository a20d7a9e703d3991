//! The tools that clients of MCP may call.
//!
//! | tool | what it does | why repeating it is safe |
//! | --- | --- | --- |
//! | `ask` | asks as `POST /api/chat` does | with the same `Idempotency-Key` it is the same turn; without one it is another question, and the tool does not claim to be idempotent |
//! | `ask` without a question | waits for the newest answer of a conversation | reads only |
//! | `recall` | finds what the person had remembered, and what was said before | reads only |
//!
//! `search_knowledge` comes with the knowledge base: there is none yet, so there is no such tool.

use core::time::Duration;

use serde_json::{Map, Value, json};

use miyabi_app::chat::{self as asking, Place};
use miyabi_app::conversation::TurnState;
use miyabi_app::conversations;
use miyabi_app::facts::terms::Query;
use miyabi_app::keys::Principal;
use miyabi_app::memory::owner;
use miyabi_channels::web::parse;
use miyabi_core::key::{Access, Scope};
use miyabi_core::ports::Host;
use miyabi_core::problem::Problem;

use super::parsed;
use crate::routes::api::Api;
use crate::routes::api::chat;
use crate::routes::api::submit::{self, Sender};

/// Longest wait for an answer. Clients give up after a minute, and ask again for what is not there yet.
const PATIENCE: Duration = Duration::from_secs(45);

/// Conversations that are looked through, the newest first, and turns of each.
const MAX_CONVERSATIONS: usize = 6;
const TURNS: u32 = 20;

/// Most turns that are found, and the longest part of an answer that is told, in characters.
const MAX_FOUND: usize = 8;
const ANSWER_CHARS: usize = 600;

const ASK: &str = r#"{"name":"ask",
"description":"Asks Miyabi a question in a conversation, and returns the answer. Without `question` it returns the newest answer of the conversation, for which it waits if need be.",
"inputSchema":{"type":"object","properties":{
"question":{"type":"string","description":"The question, at most 32 KiB."},
"conversation":{"type":"string","description":"Id of the conversation to go on with; a new one without it."}},
"required":[]},
"annotations":{"readOnlyHint":false,"destructiveHint":false,"idempotentHint":false,"openWorldHint":true}}"#;

const RECALL: &str = r#"{"name":"recall",
"description":"Finds what the person has had remembered, and what was said in their newest conversations.",
"inputSchema":{"type":"object","properties":{
"query":{"type":"string","description":"Words to look for, in the person's language."}},
"required":["query"]},
"annotations":{"readOnlyHint":true,"destructiveHint":false,"idempotentHint":true,"openWorldHint":false}}"#;

/// A tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    /// A question.
    Ask,
    /// What is known of before.
    Recall,
}

impl Tool {
    const ALL: [Self; 2] = [Self::Ask, Self::Recall];

    const fn name(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Recall => "recall",
        }
    }

    fn is_granted(self, principal: &Principal) -> bool {
        let (scope, access) = match self {
            Self::Ask => (Scope::Chat, Access::Write),
            Self::Recall => (Scope::Memory, Access::Read),
        };
        principal.scopes.grant(scope, access)
    }

    /// Returns the tool of this name, if the key grants it.
    pub(super) fn named(name: &str, principal: &Principal) -> Option<Self> {
        let is_it = |tool: &Self| tool.name() == name && tool.is_granted(principal);
        Self::ALL.into_iter().find(is_it)
    }

    /// What clients read of it, as text: a program that builds it takes more of the upload.
    const fn description(self) -> &'static str {
        match self {
            Self::Ask => ASK,
            Self::Recall => RECALL,
        }
    }
}

/// Returns the tools that a key grants.
pub(super) fn list(principal: &Principal) -> Vec<Value> {
    let granted = Tool::ALL.into_iter().filter(|tool| tool.is_granted(principal));
    granted.map(|tool| parsed(tool.description())).collect()
}

/// Calls a tool, and returns its result. What is wrong with the call, and why a question has no answer, is told
/// in words, for a model to read.
///
/// # Errors
/// A failure of a store.
///
/// # Repeats
/// See the table of this module.
pub(super) async fn call<H: Host + Clone + 'static>(
    api: &Api<'_, H>,
    principal: &Principal,
    tool: Tool,
    arguments: &Value,
) -> Result<Value, Problem> {
    let called = match tool {
        Tool::Ask => ask(api, principal, arguments).await,
        Tool::Recall => recall(api, principal, arguments).await,
    };
    match called {
        Ok((texts, found)) => Ok(result(&texts, &found, false)),
        Err(problem) if problem.fault.is_none() => Ok(result(
            core::slice::from_ref(&problem.detail),
            &json!({ "code": problem.code }),
            true,
        )),
        Err(problem) => Err(problem),
    }
}

fn result(texts: &[String], found: &Value, is_error: bool) -> Value {
    let part = |text: &String| json!({ "type": "text", "text": text });
    json!({
        "content": texts.iter().map(part).collect::<Vec<_>>(),
        "structuredContent": found,
        "isError": is_error,
        "resultType": "complete",
    })
}

/// Texts for a model, and the same for a program.
type Told = (Vec<String>, Value);

async fn ask<H: Host + Clone + 'static>(
    api: &Api<'_, H>,
    principal: &Principal,
    arguments: &Value,
) -> Result<Told, Problem> {
    let of = |name: &str| arguments.get(name).filter(|it| !it.is_null()).cloned();
    let (place, turn) = match (of("question"), of("conversation")) {
        (None, Some(Value::String(id))) => newest(api, principal, &id).await?,
        (question, conversation) => {
            let mut body = Map::new();
            body.insert("message".to_owned(), question.unwrap_or_default());
            body.extend(conversation.map(|id| ("conversation".to_owned(), id)));
            let submitted = parse::parse(&body.into()).map_err(submit::refused_submission)?;
            let sender = Sender { owner: &principal.owner, language: api.language };
            let key = chat::keyed(api)?;
            let is_keyed = key.is_some();
            let begun = submit::ask(api.host, api.settings, sender, submitted, key).await?;
            chat::check_key(&begun, is_keyed)?;
            (begun.place, begun.turn)
        }
    };
    let id = place.id.clone();
    let turn = asking::wait_within(api.host, &place, turn, PATIENCE).await?;
    if !turn.has_ended() {
        let words = format!(
            "The answer is not finished. Call this tool again with \"conversation\": \"{id}\" and without \
             \"question\" to read it."
        );
        let found = json!({ "conversation": id, "turn": turn.id, "state": turn.state });
        return Ok((vec![words], found));
    }
    let found = chat::answered(api, &place, turn).await?;
    let answer = found.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok((vec![answer, format!("(conversation {id})")], found))
}

async fn newest<H: Host>(
    api: &Api<'_, H>,
    principal: &Principal,
    id: &str,
) -> Result<(Place, TurnState), Problem> {
    if !parse::is_id(id) {
        return Err(chat::no_conversation());
    }
    let found = conversations::find(api.host, &principal.owner, id).await?;
    let place = chat::place(&found.ok_or_else(chat::no_conversation)?.owner, id);
    let turn = asking::look(api.host, &place, None).await?;
    turn.map(|turn| (place, turn)).ok_or_else(chat::no_conversation)
}

async fn recall<H: Host>(
    api: &Api<'_, H>,
    principal: &Principal,
    arguments: &Value,
) -> Result<Told, Problem> {
    let words = arguments.get("query").and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if words.is_empty() || words.len() > parse::MAX_TEXT_BYTES {
        return Err(Problem::new(400, "invalid_body", "`query` has to be a few words"));
    }
    let query = Query::of(words);
    let facts = owner::list(api.host, &principal.owner).await?.facts;
    let facts = facts.iter().filter(|fact| query.score(&fact.text).is_some());
    let facts: Vec<Value> =
        facts.map(|fact| json!({ "text": fact.text, "at": chat::at(fact.at.0) })).collect();
    let (listed, _) = conversations::list(api.host, &principal.owner, "", None).await?;
    let mut said = Vec::new();
    for conversation in listed.into_iter().take(MAX_CONVERSATIONS) {
        let place = chat::place(&conversation.owner, &conversation.id);
        let page = asking::page(api.host, &place, None, TURNS).await?;
        for turn in page.turns {
            let answer = turn.answer.unwrap_or_default();
            let score = query.score(&turn.question).max(query.score(&answer));
            let Some(score) = score else { continue };
            let cut = |text: &str| text.chars().take(ANSWER_CHARS).collect::<String>();
            let found = json!({
                "conversation": place.id,
                "at": chat::at(turn.asked_ms.0),
                "question": cut(&turn.question),
                "answer": cut(&answer),
            });
            // Of equals the newer ones come first.
            let index = said.iter().position(|(other, _)| *other < score).unwrap_or(said.len());
            said.insert(index, (score, found));
            said.truncate(MAX_FOUND);
        }
    }
    let said: Vec<Value> = said.into_iter().map(|(_, found)| found).collect();
    let found = json!({ "facts": facts, "said": said });
    Ok((vec![found.to_string()], found))
}
