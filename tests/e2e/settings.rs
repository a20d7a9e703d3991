//! A Worker that is not set up yet says so, to whoever asks and to its operator.

use serde_json::{Value, json};
use xtask::stack::{Options, Stack};

use crate::world::{self, text};

const SECRETS: [&str; 4] =
    ["DISCORD_APPLICATION_ID", "DISCORD_PUBLIC_KEY", "DISCORD_WEBHOOK_URL", "DISCORD_TOKEN"];

/// Without these Discord is needed: where Telegram, Slack or WhatsApp is set up, it may be off.
const OTHERS: [&str; 8] = [
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "TELEGRAM_BOT_TOKEN",
    "TELEGRAM_SECRET_TOKEN",
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
    "WHATSAPP_PHONE_NUMBER_ID",
];

fn stack_without(secrets: &[&str]) -> Stack {
    let missing_secrets = secrets.iter().map(|name| (*name).to_owned()).collect();
    Stack::start(Options { missing_secrets, ..Options::default() }).unwrap()
}

fn ask(stack: &Stack) -> Value {
    stack.deliver(&json!({ "ask": "anybody?", "as": "alex" })).unwrap()
}

/// Names of what `/health` says is missing; each comes with its repair.
fn problems(stack: &Stack) -> Vec<String> {
    let health = stack.get("/health").unwrap();
    assert_eq!(health.status, 200);
    let health: Value = serde_json::from_str(&health.body).unwrap();
    assert_eq!(health["configured"], false, "{health}");
    let problems = world::list(health["problems"].clone());
    let name = |problem: &Value| {
        let name = text(problem, "name").to_owned();
        assert_eq!(problem["hint"], format!("npx wrangler secret put {name}"));
        name
    };
    problems.iter().map(name).collect()
}

#[test]
fn without_one_secret_the_asker_and_the_operator_are_told_and_discord_s_check_passes() {
    let _world = world::shared();
    let stack = stack_without(&["DISCORD_TOKEN"]);
    assert_eq!(problems(&stack), ["DISCORD_TOKEN"]);
    let receipt = ask(&stack);
    assert_eq!(receipt["status"], 200, "{receipt}");
    assert_eq!(receipt["ack"]["type"], 4, "{receipt}");
    assert_eq!(receipt["ack"]["data"]["flags"], 64, "{receipt}");
    assert!(text(&receipt["ack"]["data"], "content").contains("not set up correctly"), "{receipt}");
    assert_eq!(receipt["violations"], json!([]), "{receipt}");
    let ping = stack.deliver(&json!({ "interaction": { "type": 1 } })).unwrap();
    assert_eq!(ping["ack"], json!({ "type": 1 }), "{ping}");
    let log = world::until("the log line", || {
        Some(stack.logs()).filter(|log| log.contains("npx wrangler secret put DISCORD_TOKEN"))
    });
    assert!(log.contains(r#""event":"misconfigured""#), "{log}");
    assert_eq!(stack.query("SELECT * FROM jobs", &[]).unwrap(), Vec::<Value>::new());
}

#[test]
fn without_any_secret_of_discord_it_is_off_and_telegram_answers() {
    let _world = world::shared();
    let stack = stack_without(&SECRETS);
    let health = stack.get("/health").unwrap();
    let health: Value = serde_json::from_str(&health.body).unwrap();
    assert_eq!((&health["configured"], &health["off"]), (&json!(true), &json!(["discord"])));
    assert_eq!(ask(&stack)["status"], 503, "no interaction is believed");
    let said = || {
        let messages = world::list(stack.telegram_chat("mio").unwrap()["messages"].clone());
        messages.iter().filter(|message| message["is_bot"] == true).count()
    };
    let before = said();
    stack.write_on_telegram(&json!({ "text": "anybody?" })).unwrap();
    world::until("an answer", || (said() > before).then_some(()));
}

#[test]
fn without_any_secret_one_message_lists_all_of_them_with_their_repair() {
    let _world = world::shared();
    let stack = stack_without(&[&SECRETS[..], &OTHERS].concat());
    assert_eq!(problems(&stack), SECRETS);
    let receipt = ask(&stack);
    assert_eq!(receipt["status"], 503, "{receipt}");
    let listed: Vec<_> = world::list(receipt["ack"]["problems"].clone());
    let listed: Vec<_> = listed.iter().map(|problem| text(problem, "name")).collect();
    assert_eq!(listed, SECRETS);
    let log = world::until("the log line", || {
        Some(stack.logs()).filter(|log| log.contains(r#""event":"misconfigured""#))
    });
    let line = log.lines().find(|line| line.contains(r#""event":"misconfigured""#)).unwrap();
    for name in SECRETS {
        assert!(line.contains(&format!("npx wrangler secret put {name}")), "{name}: {line}");
    }
}

/// Asks in a place, and returns the reply at once: the deferred one, or a sentence.
fn ask_in(stack: &Stack, channel: &str) -> Value {
    let receipt = stack.deliver(&json!({ "ask": "may I?", "as": "alex", "in": channel })).unwrap();
    assert_eq!(
        (&receipt["status"], &receipt["violations"]),
        (&json!(200), &json!([])),
        "{receipt}"
    );
    receipt["ack"].clone()
}

#[test]
fn questions_are_answered_where_the_settings_let_people_ask() {
    let _world = world::shared();
    let server = |stack: &Stack| {
        let world = stack.lab().get("/lab/world").unwrap();
        text(&world, "guild_id").to_owned()
    };
    let mut stack = Stack::start(Options::with_vars(&[("MIYABI_USER_INSTALL", "off")])).unwrap();
    let here = server(&stack);
    for (servers, in_server) in [("", 5), (here.as_str(), 5), ("1", 4)] {
        stack.reconfigure(&[("MIYABI_USER_INSTALL", "off"), ("MIYABI_SERVERS", servers)]).unwrap();
        assert_eq!(ask_in(&stack, "general")["type"], in_server, "{servers}");
        for place in ["dm", "group"] {
            let refused = ask_in(&stack, place);
            assert_eq!((&refused["type"], &refused["data"]["flags"]), (&json!(4), &json!(64)));
            let content = text(&refused["data"], "content");
            assert!(content.contains("do not answer questions here"), "{place}: {content}");
        }
    }
    stack.reconfigure(&[("MIYABI_USER_INSTALL", "on")]).unwrap();
    assert_eq!(ask_in(&stack, "dm")["type"], 5);
}

#[test]
fn off_is_no_operator_s_token_and_a_short_one_is_a_problem() {
    let _world = world::shared();
    for (token, status, is_configured) in [("off", 503, true), ("short", 503, false)] {
        let stack = Stack::start(Options::with_vars(&[("MIYABI_OPERATOR_TOKEN", token)])).unwrap();
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];
        let url = format!("{}/health?deep=1", stack.url());
        assert_eq!(xtask::http::send("GET", &url, &headers, None).unwrap().status, status);
        let health: Value = serde_json::from_str(&stack.get("/health").unwrap().body).unwrap();
        assert_eq!(health["configured"], is_configured, "{health}");
    }
}
