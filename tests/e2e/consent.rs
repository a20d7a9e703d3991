//! A tool that acts outside waits for the asker's consent, over a restart, and is called once or not at all.

use core::time::Duration;

use serde_json::{Value, json};
use xtask::library::{self, LEND};

use crate::world::{self, World, text, told_alone, until, within};

/// Fingerprint of what the pinned version says of its tools.
const LENT: &str = "lent@3974d96117903f73808e30f311744d3880a71415";

/// A member who may write and nothing else: Send Messages and View Channel.
const STRANGER: &str = "3072";

fn ask(world: &World, question: &str) -> String {
    text(&world.deliver(&json!({ "in": "random", "ask": question })), "id").to_owned()
}

fn completed(world: &World, job: &str) -> String {
    let ended = || world.row(job).filter(|row| row["status"] == "COMPLETED");
    text(&within(Duration::from_mins(1), "the job to end", ended), "result").to_owned()
}

/// Waits until the asker alone is asked whether a tool of this job may be called.
fn asked(world: &World, job: &str) -> Value {
    let custom_id = format!("1.approve.{job}-1-1");
    until("the question to the asker", || {
        let mut seen = world.channel("random").into_iter();
        seen.find(|message| message["components"].to_string().contains(&custom_id))
    })
}

/// What stands in place of the question to the asker.
fn told(world: &World, words: &str) {
    until("the asker to be told", || {
        let mut seen = world.channel("random").into_iter();
        seen.find(|it| it.get("only_for").is_some() && text(it, "content").starts_with(words))
    });
}

fn press(message: &Value, job: &str, button: &str) -> Value {
    let custom_id = format!("1.{button}.{job}-1-1");
    json!({ "in": "random", "press": { "message": message["id"], "custom_id": custom_id } })
}

#[test]
fn a_tool_that_acts_waits_for_the_asker_and_is_called_once_or_not_at_all() {
    let (_pypi, library) = library::start(&[]).unwrap();
    let server = json!({ "name": "library", "url": library, "allow": [LENT], "ask": [LEND] });
    let servers = json!([server]).to_string();
    let mut world = world::own(&[
        ("MIYABI_MCP_SERVERS", &servers),
        ("MIYABI_OPERATOR_TOKEN", crate::mcp::TOKEN),
    ]);
    let checks = crate::mcp::checks(&world);
    assert!(checks[0].contains("`lend` is offered, and asks a person"), "{checks:?}");
    let call = r#"[call mcp_library_lend {"title":"Genji @everyone `x`"}]"#;

    let job = ask(&world, call);
    let message = asked(&world, &job);
    let shown = text(&message, "content");
    for part in ["`mcp_library_lend`", r#"`{"title":"Genji @everyone \u{60}x\u{60}"}`"#] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(message.get("only_for").is_some(), "{message}");
    world.restart();
    // Nobody else sees the message; who forges a press is told no.
    let data = json!({ "component_type": 2, "custom_id": format!("1.approve.{job}-1-1") });
    let forged = json!({ "type": 3, "message": { "id": message["id"] }, "data": data,
        "member": { "permissions": STRANGER } });
    let receipt = world.deliver(&json!({ "in": "random", "as": "alex", "interaction": forged }));
    assert!(told_alone(&receipt).starts_with("Only who asked"), "{receipt}");
    assert_eq!(world.row(&job).unwrap()["status"], "PROCESSING");

    let order = press(&message, &job, "approve");
    let receipt = world.deliver(&order);
    assert_eq!(receipt["ack"]["type"], 7, "{receipt}");
    // Discord delivers it twice.
    let again = world.deliver(&json!({ "id": receipt["id"], "token": receipt["token"] }));
    assert!(told_alone(&again).contains("すでに"), "{again}");
    let answer = completed(&world, &job);
    assert!(answer.contains("loans so far: 1"), "{answer}");

    let job = ask(&world, call);
    let receipt = world.deliver(&press(&asked(&world, &job), &job, "deny"));
    assert_eq!(receipt["ack"]["type"], 7, "{receipt}");
    completed(&world, &job);
    // Who wants no answer in place of deciding waits for nothing, and nothing is done.
    let job = ask(&world, call);
    asked(&world, &job);
    let cancel = json!({ "as": "mio", "interaction": { "data": { "name": "cancel" } } });
    assert!(
        told_alone(&world.deliver(&cancel)).starts_with("質問"),
        "the question is being stopped"
    );
    told(&world, "停止しました");
    let ended = || world.row(&job).filter(|row| row["status"] == "ERROR");
    let row = within(Duration::from_mins(2), "the job to end", ended);
    assert_eq!(row["result"], "the asker has cancelled it");

    let job = ask(&world, "[call mcp_library_lent {}]");
    let answer = completed(&world, &job);
    assert!(answer.contains("loans so far: 1"), "{answer}");
    assert_eq!(world.violations(), Vec::<Value>::new());
}

/// Returns what the button of a decision carries below one of these messages, with the message.
fn decides<'m>(said: &'m [Value], begins: &str) -> Option<(&'m Value, String)> {
    said.iter().find_map(|message| {
        let whole = message.to_string();
        let (_, rest) = whole.split_once(&format!("\"{begins}"))?;
        Some((message, [begins, rest.split('"').next()?].concat()))
    })
}

/// Each platform asks in its own form, and takes the question away where it can.
#[test]
fn messengers_ask_by_buttons_which_are_the_asker_s() {
    let (_pypi, library) = library::start(&[]).unwrap();
    let server = json!({ "name": "library", "url": library, "allow": [LENT], "ask": [LEND] });
    let world = world::own(&[("MIYABI_MCP_SERVERS", &json!([server]).to_string())]);
    let stack = world.stack();
    let call = r#"[call mcp_library_lend {"title":"Genji"}]"#;
    let answered = |said: &[Value], words: &str| {
        said.iter().any(|message| message.to_string().contains(words)).then_some(())
    };
    let longest = Duration::from_mins(1);

    let chat = || world::list(stack.telegram_chat("supergroup").unwrap()["messages"].clone());
    let typed = format!("/ask {call}");
    stack.write_on_telegram(&json!({ "text": typed, "in": "supergroup" })).unwrap();
    let (message, data) = until("Telegram to ask", || {
        let said = chat();
        decides(&said, "ok:").map(|(message, data)| (message.clone(), data))
    });
    assert!(text(&message, "text").contains("mcp_library_lend"), "{message}");
    for person in ["alex", "mio", "mio"] {
        let press = json!({ "message": message["id"], "data": data });
        stack
            .write_on_telegram(&json!({ "press": press, "in": "supergroup", "as": person }))
            .unwrap();
    }
    within(longest, "the answer on Telegram", || answered(&chat(), "loans so far: 1"));
    assert!(decides(&chat(), "ok:").is_none(), "the question is gone: {:?}", chat());

    let channel = || world::list(stack.slack_channel("general").unwrap()["messages"].clone());
    stack.write_on_slack(&json!({ "text": call, "mention": true, "in": "general" })).unwrap();
    let message = until("Slack to ask", || {
        channel().into_iter().find(|it| it["blocks"].to_string().contains("\"approve\""))
    });
    for (person, action) in [("alex", "approve"), ("mio", "deny"), ("mio", "approve")] {
        let press = json!({ "message": message["ts"], "action_id": action });
        stack.write_on_slack(&json!({ "press": press, "in": "general", "as": person })).unwrap();
    }
    within(longest, "the answer in Slack", || answered(&channel(), "does not allow this"));
    assert!(!channel().iter().any(|it| it["ts"] == message["ts"]), "the question is gone");

    let chat = || world::list(stack.whatsapp_chat("mio").unwrap()["messages"].clone());
    stack.write_on_whatsapp(&json!({ "text": call })).unwrap();
    let (message, id) = until("WhatsApp to ask", || {
        let said = chat();
        decides(&said, "approve:").map(|(message, id)| (message.clone(), id))
    });
    for _ in 0..2 {
        let press = json!({ "message": message["id"], "id": id });
        stack.write_on_whatsapp(&json!({ "press": press })).unwrap();
    }
    within(longest, "the answer on WhatsApp", || answered(&chat(), "loans so far: 2"));
    assert_eq!(world.violations(), Vec::<Value>::new());
}
