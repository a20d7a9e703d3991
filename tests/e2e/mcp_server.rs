//! Miyabi as a server of MCP, by the official clients: npm `@modelcontextprotocol/sdk`, which begins a session, and
//! `mcp` from `PyPI`, which finds the revision without sessions.

use std::process::Command;

use serde_json::{Value, json};
use xtask::setup::{self, python};
use xtask::{process, project};

use crate::api::bearer_for;
use crate::asking::UNSPEAKABLE;
use crate::world::{self, World, list, text};

fn drive(world: &World, mut command: Command, script: &str, who: &str) -> Value {
    let bearer = bearer_for(world, who, "chat,memory:read");
    command.arg(project::root().unwrap().join(script)).arg(world.stack().url());
    command.env("MIYABI_KEY", bearer.trim_start_matches("Bearer "));
    let (status, stdout, stderr) = process::output(&mut command).unwrap();
    assert!(status.success(), "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

#[test]
fn the_official_clients_find_the_tools_ask_and_recall() {
    setup::packages("tests/clients").unwrap();
    let programs = python::packages("tests/mcp").unwrap();
    let world = world::own(&[("MIYABI_MEMORY", "on")]);
    UNSPEAKABLE.lock().unwrap().extend(["kumquat".to_owned(), "persimmon".to_owned()]);

    let seen = drive(&world, world.stack().npm().node(), "tests/clients/mcp.mjs", "mcp-npm");
    assert_eq!(seen["server"]["name"], "miyabi");
    let tools = list(seen["tools"].clone());
    let names: Vec<&str> = tools.iter().map(|tool| text(tool, "name")).collect();
    assert_eq!(names, ["ask", "recall"]);
    assert_eq!(tools[1]["annotations"]["readOnlyHint"], true);
    let asked = &seen["asked"];
    assert_eq!(asked["isError"], false, "{asked}");
    assert_eq!(asked["content"][0]["text"], asked["structuredContent"]["message"]);
    assert_eq!(asked["structuredContent"]["state"], "done");
    assert_eq!(seen["read"]["structuredContent"]["turn"], asked["structuredContent"]["turn"]);
    let said = list(seen["recalled"]["structuredContent"]["said"].clone());
    assert_eq!(said.len(), 1, "{seen}");
    assert_eq!(said[0]["conversation"], asked["structuredContent"]["conversation"]);
    assert_eq!(seen["wrong"]["structuredContent"], json!({ "code": "invalid_body" }));
    assert_eq!(seen["unknown"]["code"], -32_602);
    assert_ne!(seen["refused"], "let in");

    let seen =
        drive(&world, Command::new(programs.join("python")), "tests/mcp/client.py", "mcp-pypi");
    assert_eq!(
        (&seen["version"], &seen["tools"]),
        (&json!("2026-07-28"), &json!(["ask", "recall"]))
    );
    assert_eq!(
        (&seen["asked"]["message"], &seen["asked"]["state"]),
        (&seen["text"], &json!("done"))
    );
}
