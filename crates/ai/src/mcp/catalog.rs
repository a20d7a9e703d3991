//! Which of a server's tools are offered.
//!
//! A tool's description and schema are read by the model as the operator's own words are. So the operator
//! reads them first, and writes down their fingerprint; a tool that is another one afterwards is not offered
//! until its new words are approved too (docs/decisions/0047).

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::McpTool;
use crate::protocols::meant_tool;
use miyabi_core::config::mcp::{FINGERPRINT_DIGITS, McpAllowed, McpServer};
use miyabi_core::text::is_hidden;

/// Longest description and schema of a tool that is offered, in characters and in bytes.
const DESCRIPTION_CHARS: usize = 1_024;
const SCHEMA_BYTES: usize = 4_096;

/// Most that all descriptions and schemas take together, in bytes: the default model's context is 24,000
/// tokens, and these are about 4,000.
const ALL_BYTES: usize = 12_000;

/// Longest name that every vendor takes, in bytes.
///
/// # Source
/// `OpenAI` API reference/Chat, `tools.function.name`, read 2026-11-29.
const NAME_BYTES: usize = 64;

/// A tool as its server lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// JSON schema of its arguments: an object.
    pub schema: Value,
    /// Whether the server says that it only reads.
    pub only_reads: bool,
    /// Whether the server speaks the protocol that has no sessions.
    pub is_stateless: bool,
}

impl Listed {
    /// Reads a tool; `None` if it has no name, or takes no object.
    pub(super) fn read(tool: &Value, is_stateless: bool) -> Option<Self> {
        let text = |field| tool.get(field).and_then(Value::as_str);
        let schema = tool.get("inputSchema").filter(|it| it.is_object())?;
        let only_reads = tool.pointer("/annotations/readOnlyHint").and_then(Value::as_bool);
        Some(Self {
            name: text("name")?.to_owned(),
            description: text("description").unwrap_or_default().to_owned(),
            schema: schema.clone(),
            only_reads: only_reads == Some(true),
            is_stateless,
        })
    }

    /// Returns what is approved: a hash of all that a model reads of it, and of whether it only reads. The
    /// keys of objects are sorted in this program, so their order does not count.
    pub fn fingerprint(&self) -> String {
        let all = json!([self.name, self.description, self.schema, self.only_reads]);
        let mut digits = hex::encode(Sha256::digest(all.to_string()));
        digits.truncate(FINGERPRINT_DIGITS);
        digits
    }
}

/// Why an allowed tool is offered or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Offered,
    /// The server has none of this name.
    Missing,
    /// The server does not say that it only reads, and the operator not that a person has to allow its calls.
    Writes,
    /// It is longer than may be, or has characters that its reader does not see.
    Unfit,
    /// The operator has approved nothing.
    New,
    /// The operator has approved something else.
    Changed,
}

/// Returns how an allowed tool stands, and what its server lists.
pub fn judge<'a>(allowed: &McpAllowed, listed: &'a [Listed]) -> (Standing, Option<&'a Listed>) {
    let Some(tool) = listed.iter().find(|tool| tool.name == allowed.tool) else {
        return (Standing::Missing, None);
    };
    let schema = tool.schema.to_string();
    let is_unfit = tool.description.chars().count() > DESCRIPTION_CHARS
        || schema.len() > SCHEMA_BYTES
        || tool.description.chars().chain(schema.chars()).any(is_hidden);
    let standing = match &allowed.fingerprint {
        _ if !tool.only_reads && !allowed.asks => Standing::Writes,
        _ if is_unfit => Standing::Unfit,
        None => Standing::New,
        Some(approved) if *approved == tool.fingerprint() => Standing::Offered,
        Some(_) => Standing::Changed,
    };
    (standing, Some(tool))
}

/// Adds the tools of a server that are offered, as far as there is room beside those of the servers before it, and
/// their names differ.
pub fn add_offered(server: &McpServer, listed: &[Listed], tools: &mut Vec<McpTool>) {
    for allowed in &server.allowed {
        let (Standing::Offered, Some(tool)) = judge(allowed, listed) else { continue };
        let name = name(&server.name, &tool.name);
        let names: Vec<&str> = tools.iter().map(|known| known.name.as_str()).collect();
        let bytes =
            |description: &str, schema: &Value| description.len() + schema.to_string().len();
        let used: usize = tools.iter().map(|it| bytes(&it.description, &it.schema)).sum();
        let fits = used + bytes(&tool.description, &tool.schema) <= ALL_BYTES;
        // A model may mean either of two names that differ in a dash.
        if fits && meant_tool(&name, &names).is_none() {
            tools.push(McpTool {
                name,
                server: server.name.clone(),
                tool: tool.name.clone(),
                description: tool.description.clone(),
                schema: adapted(&tool.schema),
                is_stateless: tool.is_stateless,
                asks: allowed.asks,
            });
        }
    }
}

/// Returns a schema as every vendor takes it: without the dialect of its language, and with a type and a
/// description of each argument, without which Workers AI refuses the whole request (5006).
fn adapted(schema: &Value) -> Value {
    let mut schema = schema.clone();
    schema.as_object_mut().and_then(|object| object.remove("$schema"));
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        if !property.is_object() {
            *property = json!({});
        }
        let of_choice = ["/anyOf/0/type", "/oneOf/0/type"].map(|path| property.pointer(path));
        let kind = of_choice.into_iter().flatten().next().cloned();
        if let Some(property) = property.as_object_mut() {
            property.entry("type").or_insert_with(|| kind.unwrap_or_else(|| "string".into()));
            property.entry("description").or_insert_with(|| name.as_str().into());
        }
    }
    schema
}

/// Returns the name by which models call a tool. It is none of this program's own tools': none of them begins so.
fn name(server: &str, tool: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let mut name = format!("mcp_{server}_");
    name.extend(tool.chars().map(plain));
    name.truncate(NAME_BYTES);
    name
}
