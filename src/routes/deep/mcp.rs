//! What the operator has to know of an MCP server: whether it answers, and which of its tools wait for approval.

use miyabi_ai::mcp::{Listed, McpError, Standing, judge};
use miyabi_core::config::mcp::{McpAllowed, McpServer};

use super::{Check, State};

const HINT: &str = "docs/guide/mcp.md says what to do about each";

/// Most names of tools that are not allowed, which are told so that the operator can choose.
const MAX_OTHERS: usize = 40;

/// Judges a server by its list. What a model would read stands in the detail where it is not approved.
pub(super) fn check(server: &McpServer, listed: Result<Vec<Listed>, McpError>) -> Check {
    let name = &server.name;
    let listed = match listed {
        Ok(listed) => listed,
        Err(error) => {
            let is_refused = error == McpError::Unauthorized;
            let state = if is_refused { State::Fail } else { State::Warn };
            return Check::new("mcp", state, HINT).detail(&format!("{name}: {error}"));
        }
    };
    let mut state = State::Ok;
    let mut parts = vec![format!("{name} answers")];
    for allowed in &server.allowed {
        let (standing, tool) = judge(allowed, &listed);
        if standing != Standing::Offered {
            state = State::Warn;
        }
        parts.push(words(allowed, standing, tool));
    }
    let is_other = |tool: &&Listed| !server.allowed.iter().any(|it| it.tool == tool.name);
    let others = listed.iter().filter(is_other).take(MAX_OTHERS);
    let others: Vec<&str> = others.map(|tool| tool.name.as_str()).collect();
    if !others.is_empty() {
        parts.push(format!("not allowed: {}", others.join(", ")));
    }
    Check::new("mcp", state, HINT).detail(&parts.join("; "))
}

fn words(allowed: &McpAllowed, standing: Standing, tool: Option<&Listed>) -> String {
    let name = &allowed.tool;
    let what = match standing {
        Standing::Offered if allowed.asks => {
            return format!("`{name}` is offered, and asks a person before each call");
        }
        Standing::Offered => return format!("`{name}` is offered"),
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
