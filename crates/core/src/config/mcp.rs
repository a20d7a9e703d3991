//! Reads the MCP servers whose tools a model may use.

use serde_json::Value;

use super::Environment;
use super::reader::Reader;
use super::url::is_base_url;
use crate::ids::Secret;
use crate::text::is_hex;

const NAME: &str = "MIYABI_MCP_SERVERS";

/// Most servers, and most tools of all of them: each question waits for the former, and each model reads the
/// latter.
pub const MAX_SERVERS: usize = 4;
const MAX_TOOLS: usize = 16;

/// Longest name of a server and of a tool, in bytes.
const MAX_NAME_BYTES: usize = 16;
const MAX_TOOL_BYTES: usize = 128;

/// Hex digits of a fingerprint: 160 bits, so that nobody makes two tools with the same one.
pub const FINGERPRINT_DIGITS: usize = 40;

/// An MCP server.
#[derive(Debug, Clone)]
pub struct McpServer {
    /// Name, by which people and models know it: small letters, digits and `_`.
    pub name: String,
    /// URL of its endpoint.
    pub url: String,
    /// Bearer token, if it wants one.
    pub token: Option<Secret>,
    /// Tools of it that may be used, in the order in which models see them.
    pub allowed: Vec<McpAllowed>,
}

/// A tool of an MCP server that the operator allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct McpAllowed {
    /// Name, as the server has it.
    pub tool: String,
    /// Fingerprint of what the operator has read and approved; `None` if nothing was.
    pub fingerprint: Option<String>,
    /// Whether a person has to allow each call, since it does more than read.
    pub asks: bool,
}

impl<E: Environment> Reader<'_, E> {
    /// Returns the servers, in the order of the setting; none if something is wrong with it.
    pub(super) fn mcp_servers(&mut self) -> Vec<McpServer> {
        let text = self.text(NAME);
        if text.is_empty() {
            return Vec::new();
        }
        let Ok(Value::Array(written)) = serde_json::from_str(&text) else {
            self.problem(NAME, Some("is not a JSON list of {\"name\", \"url\", \"allow\": […]}"));
            return Vec::new();
        };
        let mut servers: Vec<McpServer> = Vec::new();
        for server in written {
            match read(&server) {
                Ok(server) if servers.iter().any(|known| known.name == server.name) => {
                    self.problem(NAME, Some("names a server twice"));
                }
                Ok(server) => servers.push(server),
                Err(wrong) => self.problem(NAME, Some(wrong)),
            }
        }
        let tools: usize = servers.iter().map(|server| server.allowed.len()).sum();
        if servers.len() > MAX_SERVERS || tools > MAX_TOOLS {
            self.problem(NAME, Some("names more than 4 servers, or more than 16 tools"));
        }
        for server in &mut servers {
            let token = self.unless_off(&token_name(&server.name));
            if token.iter().any(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
                self.problem(NAME, Some("has a server whose MIYABI_MCP_TOKEN_… is no token"));
            }
            server.token = token.map(Secret::new);
        }
        servers
    }
}

/// Returns the name of the secret with a server's token.
pub fn token_name(server: &str) -> String {
    format!("MIYABI_MCP_TOKEN_{}", server.to_ascii_uppercase())
}

fn read(written: &Value) -> Result<McpServer, &'static str> {
    let text = |field| written.get(field).and_then(Value::as_str);
    let tools = |field| match written.get(field) {
        Some(tools) => tools.as_array().map(Vec::as_slice),
        None => Some(&[][..]),
    };
    let is_listed = written.get("allow").or(written.get("ask")).is_some();
    let (Some(name), Some(url), Some(allow), Some(ask), true) =
        (text("name"), text("url"), tools("allow"), tools("ask"), is_listed)
    else {
        return Err("has a server without a name, a url and a list of what to allow");
    };
    let is_of_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !(1..=MAX_NAME_BYTES).contains(&name.len()) || !name.bytes().all(is_of_name) {
        return Err("has a server whose name is not 1 to 16 small letters, digits and _");
    }
    if !is_base_url(url) {
        return Err("has a server whose url is not an https URL (http only for this machine)");
    }
    let mut allowed: Vec<McpAllowed> = Vec::new();
    let asking = ask.iter().map(|text| (text, true));
    for (text, asks) in allow.iter().map(|text| (text, false)).chain(asking) {
        let tool = text.as_str().and_then(|text| read_tool(text, asks));
        let tool = tool.ok_or("allows what is neither TOOL nor TOOL@FINGERPRINT")?;
        if allowed.iter().any(|known| known.tool == tool.tool) {
            return Err("allows a tool twice");
        }
        allowed.push(tool);
    }
    Ok(McpServer { name: name.to_owned(), url: url.to_owned(), token: None, allowed })
}

fn read_tool(text: &str, asks: bool) -> Option<McpAllowed> {
    let (tool, fingerprint) = match text.split_once('@') {
        Some((tool, fingerprint)) => (tool, Some(fingerprint)),
        None => (text, None),
    };
    let is_of_tool = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte);
    let is_fingerprint = |text: &str| is_hex(text, FINGERPRINT_DIGITS);
    let is_tool = (1..=MAX_TOOL_BYTES).contains(&tool.len()) && tool.bytes().all(is_of_tool);
    (is_tool && fingerprint.is_none_or(is_fingerprint)).then(|| McpAllowed {
        tool: tool.to_owned(),
        fingerprint: fingerprint.map(ToOwned::to_owned),
        asks,
    })
}
