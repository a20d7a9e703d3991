//! Validates a message body: returns a draft, or Discord's list of issues.
//!
//! The published schema is checked first, then the rules that it does not state.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::discord::attachments::{self, Attachment};
use crate::discord::draft::Draft;
use crate::discord::errors::{self, Issue};
use crate::discord::message::EPHEMERAL;
use crate::discord::rewrites::rewrite;
use crate::discord::state::State;
use crate::discord::username::{self, Username};
use crate::discord::{body, components, openapi};
use crate::http::{File, Inbound, Reply};

/// Largest size of all embeds of a message together, in code points.
const EMBED_CHARS: usize = 6000;
/// Flags that a message may be sent with: suppress embeds, suppress notifications, components v2.
const SETTABLE_FLAGS: u64 = 4 | 4096 | COMPONENTS_V2;
/// The flag of messages that have components only, no content and no embeds.
const COMPONENTS_V2: u64 = 32_768;

/// What a message body is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A webhook's new message: may bring a name and an avatar.
    Post,
    /// A follow-up, or the message of an acknowledgement: may be ephemeral.
    Answer,
    /// An edit.
    Edit,
}

/// Reads a request as a message.
///
/// # Errors
/// Discord's 413 for a large file, or its 400: invalid JSON, a wrong content type, or a form body with issues.
pub(crate) fn read(
    state: &mut State,
    schema: &Validator,
    inbound: &Inbound,
    purpose: Purpose,
) -> Result<Draft, Reply> {
    let (mut body, files) = body::message(inbound)?;
    attachments::check(&files)?;
    attachments::normalize_ids(&mut body);
    let mut draft = Draft::default();
    let mut issues = Vec::new();
    if purpose == Purpose::Post {
        take_identity(&mut body, &mut draft, &mut issues);
    }
    issues.extend(openapi::check(schema, &body));
    issues.extend(beyond_the_schema(&body));
    if !issues.is_empty() {
        return Err(errors::form(&issues));
    }
    fill(state, &mut draft, &body, &files, purpose);
    Ok(draft)
}

/// Fills a draft from a body that has been checked.
pub(crate) fn fill(
    state: &mut State,
    draft: &mut Draft,
    body: &Value,
    files: &[File],
    purpose: Purpose,
) {
    let list = |name: &str| body.get(name).and_then(Value::as_array).cloned();
    let rewrites = state.config.rewrites;
    let stored = |text: &str| if rewrites { rewrite(text) } else { text.trim().to_owned() };
    draft.content = body.get("content").map(|c| stored(c.as_str().unwrap_or_default()));
    draft.embeds = list("embeds");
    draft.components = list("components");
    draft.allowed_mentions = body.get("allowed_mentions").cloned();
    let entries = list("attachments");
    let attach = |file| Attachment::new(state.snowflake(), file, entries.as_deref());
    draft.violations.extend(attachments::odd_files(files, entries.as_deref()));
    draft.files = files.iter().map(attach).collect();
    draft.kept_attachments = entries.map(|entries| {
        entries.iter().filter_map(|entry| Some(entry.get("id")?.as_str()?.to_owned())).collect()
    });
    take_flags(draft, body, purpose);
    let known = [
        "content",
        "embeds",
        "components",
        "allowed_mentions",
        "attachments",
        "flags",
        "poll",
        "tts",
        "thread_name",
        "applied_tags",
    ];
    let identity = ["username", "avatar_url"];
    for key in body.as_object().into_iter().flat_map(serde_json::Map::keys) {
        let is_identity = purpose == Purpose::Post && identity.contains(&key.as_str());
        if !known.contains(&key.as_str()) && !is_identity {
            draft.notes.push(format!("`{key}` is ignored here"));
        }
    }
}

fn take_flags(draft: &mut Draft, body: &Value, purpose: Purpose) {
    let asked = body.get("flags").and_then(Value::as_u64).unwrap_or(0);
    let ephemeral = if purpose == Purpose::Answer { EPHEMERAL } else { 0 };
    draft.flags = asked & (SETTABLE_FLAGS | ephemeral);
    if draft.flags != asked {
        draft.violations.push(format!("flags {asked}: not all of them may be set here"));
    }
}

/// Moves name and avatar from a body to the draft, and validates them.
fn take_identity(body: &mut Value, draft: &mut Draft, issues: &mut Vec<Issue>) {
    let Some(fields) = body.as_object_mut() else { return };
    if let Some(Value::String(raw)) = fields.get("username") {
        match username::read(raw) {
            Ok(Username::Shown(name)) => {
                draft.violations.extend(username::disguise(&name));
                draft.username = Some(name);
            }
            Ok(Username::Ignored) => draft.notes.push("invisible `username` was ignored".into()),
            Err(issue) => issues.push(issue),
        }
        fields.remove("username");
    }
    let Some(Value::String(url)) = fields.get("avatar_url") else { return };
    match url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase()).as_deref() {
        // The schema finds anything else that is wrong with it.
        Some("http" | "https") | None => draft.avatar_url = Some(url.clone()),
        Some(other) => {
            let message = format!(
                "Scheme \"{other}\" is not supported. Scheme must be one of ('http', 'https')."
            );
            issues.push(Issue::at("avatar_url", "URL_TYPE_INVALID_SCHEME", message));
        }
    }
}

/// Rules of a message that the schema does not state.
pub(crate) fn beyond_the_schema(body: &Value) -> Vec<Issue> {
    let mut issues = Vec::new();
    for kind in ["users", "roles"] {
        let mentions = &body["allowed_mentions"];
        let parses = mentions["parse"].as_array().is_some_and(|l| l.iter().any(|e| e == kind));
        let lists = mentions[kind].as_array().is_some_and(|l| !l.is_empty());
        if parses && lists {
            let message = format!(
                "parse:[\"{kind}\"] and {kind}: {} are mutually exclusive.",
                mentions[kind]
            );
            let code = "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE";
            issues.push(Issue::at("allowed_mentions", code, message));
        }
    }
    if embed_chars(body) > EMBED_CHARS {
        let message = format!("Embed size exceeds maximum size of {EMBED_CHARS}");
        issues.push(Issue::at("embeds", "MAX_EMBED_SIZE_EXCEEDED", message));
    }
    issues.extend(components::check(body));
    if body["flags"].as_u64().unwrap_or(0) & COMPONENTS_V2 != 0 {
        for field in ["content", "embeds", "poll"] {
            let value = &body[field];
            let is_empty = value.is_null() || *value == json!("") || *value == json!([]);
            if !is_empty {
                let code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2";
                let message = format!(
                    "The '{field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                );
                issues.push(Issue::at(field, code, message));
            }
        }
    }
    issues
}

fn embed_chars(body: &Value) -> usize {
    let chars = |value: &Value| value.as_str().map_or(0, |text| text.trim().chars().count());
    let embeds = body["embeds"].as_array().map(Vec::as_slice).unwrap_or_default();
    embeds
        .iter()
        .map(|embed| {
            let fields = embed["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
            chars(&embed["title"])
                + chars(&embed["description"])
                + chars(&embed["footer"]["text"])
                + chars(&embed["author"]["name"])
                + fields.iter().map(|f| chars(&f["name"]) + chars(&f["value"])).sum::<usize>()
        })
        .sum()
}
