//! What the operator has to know of an MCP server: whether it answers, and which of its tools wait for approval.

use miyabi_ai::mcp::{Listed, McpError, McpTool, Standing, add_offered, judge};
use miyabi_core::config::mcp::{McpAllowed, McpServer, token_name};

use super::{Check, State};

const HINT: &str = "docs/guide/mcp.md says what to do about each";

/// Most names of tools that are not allowed, which are told so that the operator can choose.
const MAX_OTHERS: usize = 40;

/// Judges a server by its list, and adds its tools to those that are offered. What a model would read stands in the
/// detail where it is not approved.
pub(super) fn check(
    server: &McpServer,
    listed: Result<Vec<Listed>, McpError>,
    offered: &mut Vec<McpTool>,
) -> Check {
    let name = &server.name;
    let listed = match listed {
        Ok(listed) => listed,
        Err(error) => {
            let is_refused = error == McpError::Unauthorized;
            let state = if is_refused { State::Fail } else { State::Warn };
            let what = if is_refused { to_set(server) } else { String::new() };
            return Check::new("mcp", state, HINT).detail(&format!("{name}: {error}{what}"));
        }
    };
    let mut state = State::Ok;
    let mut parts = vec![format!("{name} answers")];
    let before = offered.len();
    add_offered(server, &listed, offered);
    let added = offered.get(before..).unwrap_or_default();
    for allowed in &server.allowed {
        let (standing, tool) = judge(allowed, &listed);
        let is_offered = added.iter().any(|it| it.tool == allowed.tool);
        if !is_offered {
            state = State::Warn;
        }
        parts.push(words(allowed, standing, tool.filter(|_| !is_offered)));
    }
    let is_other = |tool: &&Listed| !server.allowed.iter().any(|it| it.tool == tool.name);
    let others = listed.iter().filter(is_other).take(MAX_OTHERS);
    let others: Vec<&str> = others.map(|tool| tool.name.as_str()).collect();
    if !others.is_empty() {
        parts.push(format!("not allowed: {}", others.join(", ")));
    }
    Check::new("mcp", state, HINT).detail(&parts.join("; "))
}

/// Says which secret a server wants, or wants another one of.
fn to_set(server: &McpServer) -> String {
    let secret = token_name(&server.name);
    let token = "a static token, or one that its OAuth server has issued";
    let state = if server.token.is_some() { "was refused or has expired" } else { "is not set" };
    format!("; its token {state}: `npx wrangler secret put {secret}`, {token}")
}

/// Says how a tool stands. One that is offered comes without what its server lists.
fn words(allowed: &McpAllowed, standing: Standing, tool: Option<&Listed>) -> String {
    let name = &allowed.tool;
    let what = match standing {
        Standing::Offered if tool.is_some() => {
            "is approved, and not offered: there is no room for it, or another one has its name"
        }
        Standing::Offered if allowed.asks => "is offered, and asks a person before each call",
        Standing::Offered => "is offered",
        Standing::Missing => "is not among its tools",
        Standing::Writes => "is not said to be read-only",
        Standing::Unfit => "is too long, or has characters that nobody sees",
        Standing::New => "is not approved",
        Standing::Changed => "has changed since it was approved",
    };
    match tool.filter(|_| matches!(standing, Standing::New | Standing::Changed)) {
        None => format!("`{name}` {what}"),
        Some(tool) => format!(
            "`{name}` {what}: write `{name}@{}` if a model may read: {} {}",
            tool.fingerprint(),
            tool.description,
            tool.schema
        ),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use serde_json::json;

    fn listed(name: &str) -> Listed {
        Listed {
            name: name.to_owned(),
            description: "x".repeat(1_000),
            schema: json!({ "type": "object", "description": "x".repeat(3_000) }),
            only_reads: true,
            is_stateless: true,
        }
    }

    #[test]
    fn a_server_that_wants_a_token_is_named_with_the_secret_to_set() {
        let mut server = McpServer {
            name: "books_2".to_owned(),
            url: "https://books.test/mcp".to_owned(),
            token: None,
            allowed: Vec::new(),
        };
        for words in ["is not set: `npx", "was refused or has expired: `npx"] {
            let check = check(&server, Err(McpError::Unauthorized), &mut Vec::new());
            assert_eq!(check.state, State::Fail);
            assert!(check.detail.contains(words), "{}", check.detail);
            assert!(check.detail.contains("put MIYABI_MCP_TOKEN_BOOKS_2`"), "{}", check.detail);
            assert!(!check.detail.contains("t0ken"), "{}", check.detail);
            server.token = Some(miyabi_core::ids::Secret::new("t0ken".to_owned()));
        }
    }

    #[test]
    fn a_tool_for_which_there_is_no_room_is_not_said_to_be_offered() {
        let names = ["one", "two", "three"];
        let all: Vec<Listed> = names.into_iter().map(listed).collect();
        let allowed = all.iter().map(|tool| McpAllowed {
            tool: tool.name.clone(),
            fingerprint: Some(tool.fingerprint()),
            asks: false,
        });
        let server = McpServer {
            name: "books".to_owned(),
            url: "https://books.test/mcp".to_owned(),
            token: None,
            allowed: allowed.collect(),
        };
        let other = McpServer { name: "maps".to_owned(), ..server.clone() };
        let mut offered = Vec::new();
        let first = check(&server, Ok(all.clone()), &mut offered);
        assert_eq!((first.state, offered.len()), (State::Warn, 2));
        assert!(first.detail.contains("`two` is offered"), "{}", first.detail);
        let third = "`three` is approved, and not offered: there is no room for it";
        assert!(first.detail.contains(third), "{}", first.detail);
        let second = check(&other, Ok(all), &mut offered);
        assert!(!second.detail.contains("is offered"), "{}", second.detail);
        assert_eq!(offered.len(), 2);
    }
}
