//! `/settings`: each setting and what it changes, who may use the panel, panels that are too old, and undoing.

use serde_json::{Value, json};
use xtask::stack::{Options, Stack};

use crate::world::{self, list, text};

/// Delivers an order of Alex's, who manages the server, and returns the receipt.
fn deliver(stack: &Stack, order: &Value) -> Value {
    let mut order = order.clone();
    order["as"] = json!("alex");
    let receipt = stack.deliver(&order).unwrap();
    assert_eq!(
        (&receipt["status"], &receipt["violations"]),
        (&json!(200), &json!([])),
        "{receipt}"
    );
    receipt
}

/// Opens the panel, and returns the id of its message.
fn open(stack: &Stack) -> String {
    let receipt = deliver(stack, &json!({ "interaction": { "data": { "name": "settings" } } }));
    assert_eq!(
        (&receipt["ack"]["type"], &receipt["ack"]["data"]["flags"]),
        (&json!(4), &json!(64))
    );
    let seen = list(stack.lab().get("/lab/channels/general").unwrap());
    let shown =
        |message: &&Value| message["components"].as_array().is_some_and(|it| !it.is_empty());
    text(seen.iter().rfind(shown).unwrap(), "id").to_owned()
}

/// The panel as it stands.
fn shown(stack: &Stack, panel: &str) -> Value {
    let seen = list(stack.lab().get("/lab/channels/general").unwrap());
    seen.into_iter().find(|message| message["id"] == panel).unwrap()
}

/// What the component carries that changes this.
fn carried(stack: &Stack, panel: &str, part: &str) -> String {
    let shown = shown(stack, panel);
    let rows = list(shown["components"].clone());
    let parts = rows.iter().flat_map(|row| list(row["components"].clone())).collect::<Vec<_>>();
    let ids = parts.iter().map(|part| text(part, "custom_id"));
    ids.into_iter().find(|id| id.ends_with(&format!("-{part}"))).unwrap().to_owned()
}

/// Uses the component that changes this, and returns the order.
fn order(stack: &Stack, panel: &str, part: &str, values: Option<&[&str]>) -> Value {
    let mut press = json!({ "message": panel, "custom_id": carried(stack, panel, part) });
    if let Some(values) = values {
        press["values"] = json!(values);
    }
    json!({ "press": press })
}

/// Changes something by the panel, and returns what it says then.
fn change(stack: &Stack, panel: &str, part: &str, values: Option<&[&str]>) -> String {
    let receipt = deliver(stack, &order(stack, panel, part, values));
    assert_eq!(receipt["ack"]["type"], 7, "{receipt}");
    text(&shown(stack, panel), "content").to_owned()
}

/// Mio asks, and the row of the job is returned when it has ended.
fn ask(stack: &Stack, question: &str) -> Value {
    let receipt = stack.deliver(&json!({ "ask": question })).unwrap();
    stack.wait_for_job(text(&receipt, "id")).unwrap()
}

/// The messages of everybody in `general`, with their authors.
fn posted(stack: &Stack) -> Vec<(String, String)> {
    let seen = list(stack.lab().get("/lab/channels/general").unwrap());
    let posted = seen.iter().filter(|message| !message["only_for"].is_string());
    posted.map(|it| (it["author"].to_string(), text(it, "content").to_owned())).collect()
}

/// The messages of the last call of a model.
fn prompt(stack: &Stack) -> String {
    let calls = list(stack.lab().get("/lab/calls?operation=ai_run").unwrap());
    calls.last().unwrap()["body"]["inputs"].to_string()
}

#[test]
fn each_setting_changes_what_is_answered_and_is_undone() {
    let _world = world::shared();
    let stack = Stack::start(Options::default()).unwrap();
    let world = stack.lab().get("/lab/world").unwrap();
    let channel = |name: &str| text(&world["channels"][name], "id").to_owned();
    let panel = open(&stack);

    // Elsewhere than in its channels it says where it answers, and posts nothing.
    let said = change(&stack, &panel, "channels", Some(&[&channel("random")]));
    assert!(said.contains(&format!("<#{}>", channel("random"))), "{said}");
    let row = ask(&stack, "Where are you?");
    assert_eq!(row["result"], "the server's settings refuse it (place)", "{row}");
    assert_eq!(posted(&stack), []);
    let told = list(stack.lab().get("/lab/channels/general").unwrap());
    let names = |it: &Value| text(it, "content").contains(&format!("<#{}>", channel("random")));
    assert!(told.iter().any(|it| it["only_for"] == "mio" && names(it)), "{told:?}");
    let there = stack.deliver(&json!({ "ask": "Here?", "in": "random" })).unwrap();
    assert_eq!(stack.wait_for_job(text(&there, "id")).unwrap()["status"], "COMPLETED");
    assert!(change(&stack, &panel, "undo", None).contains("Channels: all"));

    // Questions are quoted instead of posted.
    assert!(change(&stack, &panel, "quote", None).contains("quoted in the answer"));
    ask(&stack, "Who said that?");
    let seen = posted(&stack);
    assert!(seen.len() == 1 && seen[0].0.contains("Miyabi"), "{seen:?}");
    assert!(seen[0].1.contains("\n> Who said that?\n"), "{seen:?}");
    change(&stack, &panel, "post", None);

    // The language and the wish are read by the model; the limit is counted.
    assert!(change(&stack, &panel, "language", Some(&["ja"])).contains("日本語"));
    let opened = deliver(&stack, &order(&stack, &panel, "write", None));
    assert_eq!(opened["ack"]["type"], 9, "{opened}");
    let values = json!({ "persona": "Speak of marmalade.", "limit": "4", "budget": "0.5" });
    let sent = deliver(&stack, &json!({ "form": { "of": opened["id"], "values": values } }));
    assert_eq!(sent["ack"]["type"], 7, "{sent}");
    let said = text(&shown(&stack, &panel), "content").to_owned();
    assert!(said.contains("> Speak of marmalade.") && said.contains("in a day: $0.50"), "{said}");
    ask(&stack, "What do you like?");
    let read = prompt(&stack);
    assert!(read.contains("answer in Japanese") && read.contains("marmalade"), "{read}");

    // Tools and memory.
    change(&stack, &panel, "tools", Some(&["calculate"]));
    assert!(change(&stack, &panel, "forget", None).contains("Memory: off"));
    assert_eq!(ask(&stack, "Remember that my cat is called Mochi.")["status"], "COMPLETED");
    let read = prompt(&stack);
    assert!(read.contains("calculate") && !read.contains("fetch_page"), "{read}");
    assert!(!read.contains("What do you like?"), "what was said before is not read: {read}");
    let row = ask(&stack, "A fifth today?");
    assert_eq!(row["result"], "the server's settings refuse it (limit)", "{row}");
    let listed = stack.deliver(&json!({
        "interaction": { "data": { "name": "memory", "options": [{ "name": "list", "type": 1 }] } }
    }));
    assert!(!text(&listed.unwrap()["ack"]["data"], "content").contains("Mochi"));

    // The panel works after a restart, and says who changed what.
    let said = text(&shown(&stack, &panel), "content").to_owned();
    let by = format!("<@{}>", text(&world["users"]["alex"], "id"));
    assert!(said.contains(&format!("`memory`, {by}, <t:")), "{said}");
    assert!(change(&stack, &panel, "undo", None).contains("Memory: on"));
    assert!(!stack.logs().contains("marmalade"));
}

#[test]
fn who_does_not_manage_the_server_is_refused_at_each_press_and_an_old_panel_changes_nothing() {
    let _world = world::shared();
    let stack = Stack::start(Options::default()).unwrap();
    let panel = open(&stack);
    let (quote, forget) =
        (order(&stack, &panel, "quote", None), order(&stack, &panel, "forget", None));
    let write = order(&stack, &panel, "write", None);
    let command = json!({ "interaction": { "data": { "name": "settings" } } });
    for order in [&quote, &write, &command] {
        let mut order = order.clone();
        order["interaction"]["member"]["permissions"] = json!("2048");
        let refused = deliver(&stack, &order);
        let data = &refused["ack"]["data"];
        assert_eq!((&refused["ack"]["type"], &data["flags"]), (&json!(4), &json!(64)), "{refused}");
        assert!(text(data, "content").starts_with("Only members who may manage"), "{refused}");
    }
    let first = deliver(&stack, &quote);
    assert!(text(&first["ack"]["data"], "content").contains("- 1: `questions`"), "{first}");
    // The same interaction again, as Discord's clients may send it.
    let (id, token) = (&first["id"], &first["token"]);
    let again = deliver(&stack, &json!({ "id": id, "token": token }));
    assert!(!text(&again["ack"]["data"], "content").contains("- 2:"), "{again}");
    // Another panel has changed it by now.
    let other = open(&stack);
    change(&stack, &other, "language", Some(&["en"]));
    let mut stale = forget;
    stale["press"]["custom_id"] = json!("1.set.1-forget");
    let panel_now = shown(&stack, &panel);
    assert!(panel_now["components"].to_string().contains("1.set.1-forget"), "{panel_now}");
    let refused = deliver(&stack, &stale);
    let said = text(&refused["ack"]["data"], "content");
    assert!(said.starts_with("The settings were changed meanwhile"), "{said}");
    assert!(said.contains("Memory: on") && said.contains("Language: English"), "{said}");
    let versions = stack.query("SELECT count(*) AS n FROM server_settings", &[]).unwrap();
    assert_eq!(versions[0]["n"], 2);
}

#[test]
fn a_budget_of_the_server_is_shown_refuses_what_passes_it_and_is_undone() {
    let _world = world::shared();
    let stack = Stack::start(Options::default()).unwrap();
    let panel = open(&stack);
    let fill = |budget: &str| {
        let opened = deliver(&stack, &order(&stack, &panel, "write", None));
        let values = json!({ "budget": budget });
        let form = json!({ "form": { "of": opened["id"], "values": values } });
        assert_eq!(deliver(&stack, &form)["ack"]["type"], 7);
        text(&shown(&stack, &panel), "content").to_owned()
    };
    assert!(fill("much").starts_with("An amount is US dollars from 0.01"));
    assert!(fill("0.02").contains("US dollars in a day: $0.02"));
    assert_eq!(ask(&stack, "Is there money?")["status"], "COMPLETED");

    let spend = "UPDATE spending SET cost_nano = 19999000 WHERE kind = 'server' AND model = ''";
    stack.query(spend, &[]).unwrap();
    let usage = deliver(&stack, &json!({ "interaction": { "data": { "name": "usage" } } }));
    let usage = world::told_alone(&usage);
    assert!(usage.contains(" of $0.02, new <t:"), "{usage}");
    let row = ask(&stack, "And now?");
    assert_eq!(row["result"], "the budget of the server has too little left", "{row}");
    let told = list(stack.lab().get("/lab/channels/general").unwrap());
    let refusal = told.iter().filter(|it| it["only_for"] == "mio").find(|it| {
        text(it, "content").starts_with("ごめんなさい、このサーバーの今日の予算を使い切りました")
    });
    assert!(refusal.is_some(), "{told:?}");
    assert!(!posted(&stack).iter().any(|(_, said)| said.contains("And now?")));
    let direct = stack.deliver(&json!({ "ask": "In a direct message?", "in": "dm" })).unwrap();
    assert_eq!(stack.wait_for_job(text(&direct, "id")).unwrap()["status"], "COMPLETED");

    assert!(change(&stack, &panel, "undo", None).contains("US dollars in a day: no limit"));
    assert_eq!(ask(&stack, "Is there money again?")["status"], "COMPLETED");
}
