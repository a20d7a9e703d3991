//! The whole surface answers as documented, and gives nothing away.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::*;
use crate::testing::{configured, unconfigured, with_only};
use miyabi_core::http::MAX_INBOUND_BYTES;
use miyabi_testing::{Arrival, Fake, public_key, run, settings};

mod admission;
mod buttons;
mod forms;
mod health;
mod secrets;

const PING: &str = include_str!("../../crates/channels/src/discord/parse/fixtures/ping.json");
const ASK: &str =
    include_str!("../../crates/channels/src/discord/parse/fixtures/server_command.json");
const ASK_NOTHING: &str =
    include_str!("../../crates/channels/src/discord/parse/fixtures/options_absent.json");
const AUTOCOMPLETE: &str =
    include_str!("../../crates/channels/src/discord/parse/fixtures/autocomplete.json");
const COMPONENT: &str =
    include_str!("../../crates/channels/src/discord/parse/fixtures/component.json");
const MODAL: &str = include_str!("../../crates/channels/src/discord/parse/fixtures/modal.json");
const MESSAGE_COMMAND: &str =
    include_str!("../../crates/channels/src/discord/parse/fixtures/message_command.json");
const INTERACTIONS: &str = "/discord/interactions";

fn with_only_the_public_key() -> Config {
    with_only(vec![("DISCORD_PUBLIC_KEY", hex::encode(public_key()))])
}

fn reply(world: &Fake, config: &Config, arrival: &Arrival) -> Reply {
    run(serve(world, config, arrival)).expect("the reply waited")
}

/// Sends an interaction, waits for what goes on after the reply, and returns that.
fn send(world: &Fake, config: &Config, interaction: &Value) -> Value {
    let reply = reply(world, config, &Arrival::signed(world, interaction.to_string()));
    assert_eq!(reply.status, 200);
    world.run_waiting();
    serde_json::from_str(&reply.body).unwrap()
}

/// Settings under which questions are answered.
fn config() -> Config {
    Config { settings: Ok(settings()), ..configured() }
}

/// Checks that a sentence is told to who asked alone.
fn is_told(reply: &Value, sentence: &str) {
    assert_eq!((&reply["type"], &reply["data"]["flags"]), (&json!(4), &json!(64)), "{reply}");
    assert_eq!(reply["data"]["content"], sentence);
}

/// Compares status, `Allow` and body, and that a refusal says so in JSON and in the log.
fn check(config: &Config, arrival: &Arrival, expected: &Expect) {
    let world = Fake::new();
    let reply = reply(&world, config, arrival);
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    let error = body.get("error").and_then(Value::as_str);
    assert_eq!(error.is_some(), reply.status != 200, "{reply:?}");
    let logged = world.events.borrow().iter().any(|event| {
        matches!(event, Event::RequestRejected { status, reason } if (*status, Some(*reason)) == (reply.status, error))
    });
    assert_eq!(logged, error.is_some(), "{reply:?}");
    let allow = match reply.headers.as_slice() {
        [] => String::new(),
        [("allow", allow)] => format!(" (allow {allow})"),
        others => panic!("{others:?}"),
    };
    expected.assert_eq(&format!("{}{allow} {}", reply.status, reply.body));
}

/// An interaction, signed at the time at which [`check`]'s world begins.
fn signed(body: impl AsRef<[u8]>) -> Arrival {
    Arrival::signed(&Fake::new(), body)
}

#[test]
fn an_unknown_path_is_not_found() {
    for path in [
        "/",
        "",
        "/discord",
        "/discord/interactions/",
        "/Discord/interactions",
        "//discord/interactions",
        "/discord/interactions/x",
        "/health/",
        "/healthz",
        "/favicon.ico",
        "/é",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let expected = expect![[r#"404 {"error":"not found"}"#]];
            check(&configured(), &Arrival::new(method, path), &expected);
        }
    }
}

#[test]
fn another_method_is_told_which_is_allowed() {
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "post"] {
        let expected = expect![[r#"405 (allow POST) {"error":"method not allowed"}"#]];
        check(&configured(), &Arrival::new(method, INTERACTIONS), &expected);
        check(&unconfigured(), &Arrival::new(method, INTERACTIONS), &expected);
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let expected = expect![[r#"405 (allow GET, HEAD) {"error":"method not allowed"}"#]];
        check(&configured(), &Arrival::new(method, "/health"), &expected);
    }
}

#[test]
fn a_request_that_discord_did_not_sign_is_refused() {
    let expected = expect![[r#"401 {"error":"invalid request signature"}"#]];
    for arrival in [
        Arrival::new("POST", INTERACTIONS),
        Arrival::new("POST", INTERACTIONS).body(PING),
        signed(PING).body(ASK),
        signed(PING).header("x-signature-ed25519", "example invalid signature"),
        signed(PING).header("x-signature-timestamp", "1600000000"),
        signed("not even JSON").body("not even JSON "),
    ] {
        check(&configured(), &arrival, &expected);
    }
}

#[test]
fn a_body_above_the_limit_is_refused() {
    let size = (MAX_INBOUND_BYTES + 1).to_string();
    let expected = expect![[r#"413 {"error":"body too large"}"#]];
    check(&configured(), &signed(PING).header("content-length", &size), &expected);
    let grown = Arrival::forged(&Fake::new(), "x".repeat(MAX_INBOUND_BYTES + 1));
    check(&configured(), &grown, &expected);
}

#[test]
fn a_signed_body_that_is_no_interaction_is_refused() {
    for body in ["", "[]", "{}", r#"{"type":99}"#, r#"{"type":2}"#, "\u{feff}{\"type\":1}"] {
        check(&configured(), &signed(body), &expect![[r#"400 {"error":"malformed request"}"#]]);
    }
    check(
        &configured(),
        &signed(PING).breaking_off(),
        &expect![[r#"400 {"error":"body incomplete"}"#]],
    );
}

#[test]
fn each_interaction_has_its_reply() {
    check(&configured(), &signed(PING), &expect![[r#"200 {"type":1}"#]]);
    check(&configured(), &signed(ASK), &expect![[r#"200 {"type":5,"data":{"flags":64}}"#]]);
    check(
        &configured(),
        &signed(ASK_NOTHING),
        &expect![[
            r#"200 {"data":{"allowed_mentions":{"parse":[]},"content":"質問を書いてください: `/ask question: …`","flags":64},"type":4}"#
        ]],
    );
    check(
        &configured(),
        &signed(AUTOCOMPLETE),
        &expect![[r#"200 {"data":{"choices":[]},"type":8}"#]],
    );
    check(
        &configured(),
        &signed(COMPONENT),
        &expect![[
            r#"200 {"data":{"allowed_mentions":{"parse":[]},"content":"このコマンドやボタンには対応していません。質問は `/ask` でどうぞ。","flags":64},"type":4}"#
        ]],
    );
    check(
        &configured(),
        &signed(MODAL),
        &expect![[
            r#"200 {"data":{"allowed_mentions":{"parse":[]},"content":"I do not know this command or button (any more). You can ask me with `/ask`.","flags":64},"type":4}"#
        ]],
    );
    check(
        &configured(),
        &signed(MESSAGE_COMMAND),
        &expect![[
            r#"200 {"data":{"allowed_mentions":{"parse":[]},"content":"このコマンドやボタンには対応していません。質問は `/ask` でどうぞ。","flags":64},"type":4}"#
        ]],
    );
}

#[test]
fn only_a_question_has_an_effect() {
    for body in [PING, ASK_NOTHING, AUTOCOMPLETE, COMPONENT, MODAL, MESSAGE_COMMAND] {
        let world = Fake::new();
        reply(&world, &configured(), &signed(body));
        world.run_waiting();
        assert_eq!(world.started.borrow().len(), 0, "{body}");
        assert_eq!(world.job("1300000000000000000"), None, "{body}");
        assert_eq!(world.discord.borrow().requests, [], "{body}");
        assert_eq!(world.events.borrow().as_slice(), [], "{body}");
    }
}

#[test]
fn usage_is_told_at_once_to_the_asker_alone() {
    let usage = ASK.replace("\"ask\"", "\"usage\"");
    let world = Fake::new();
    let replied = reply(&world, &configured(), &signed(&usage));
    let replied: Value = serde_json::from_str(&replied.body).unwrap();
    assert_eq!((&replied["type"], &replied["data"]["flags"]), (&json!(4), &json!(64)));
    assert_eq!(replied["data"]["allowed_mentions"], json!({ "parse": [] }));
    let content = replied["data"]["content"].as_str().unwrap();
    assert!(content.contains("**あなた**") && content.contains("**このサーバー**"), "{content}");
    assert_eq!(world.started.borrow().len(), 0);
    let replied = reply(&Fake::new(), &with_only_the_public_key(), &signed(&usage));
    assert_eq!(replied, reply::private(sentence(Notice::Misconfigured, Language::Japanese)));
}

#[test]
fn what_is_remembered_is_told_at_once_to_its_person_alone() {
    let command = ASK.replace("\"ask\"", "\"memory\"");
    let mut command: Value = serde_json::from_str(&command).unwrap();
    command["data"]["options"] = json!([{ "name": "list", "type": 1 }]);
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        let live = miyabi_app::conversation::Live::default();
        miyabi_app::conversation::handle(store, &live, now, command)
    }));
    let replied = reply(&world, &configured(), &signed(command.to_string()));
    let replied: Value = serde_json::from_str(&replied.body).unwrap();
    assert_eq!((&replied["type"], &replied["data"]["flags"]), (&json!(4), &json!(64)));
    assert_eq!(replied["data"]["allowed_mentions"], json!({ "parse": [] }));
    assert!(replied["data"]["content"].as_str().unwrap().contains("覚えていることはありません"));
    command["data"]["options"] = json!([{ "name": "export", "type": 1 }]);
    let replied = reply(&world, &configured(), &signed(command.to_string()));
    assert_eq!(replied, reply::deferred());
    assert_eq!(world.started.borrow().len(), 0);
}

#[test]
fn the_same_question_twice_is_one_job() {
    let world = Fake::new();
    let replies = [(); 2].map(|()| {
        let reply = reply(&world, &configured(), &signed(ASK));
        world.run_waiting();
        reply
    });
    assert_eq!(replies, [reply::deferred(), reply::deferred()]);
    assert_eq!(world.started.borrow().len(), 1);
    assert_eq!(world.job("1300000000000000000").unwrap().0, "PENDING");
}

#[test]
fn without_a_public_key_nothing_is_believed() {
    for arrival in [signed(PING), Arrival::new("POST", INTERACTIONS)] {
        let world = Fake::new();
        let reply = reply(&world, &unconfigured(), &arrival);
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!((reply.status, &body["error"]), (503, &json!("not configured")));
        let names: Vec<_> = body["problems"].as_array().unwrap().iter().collect();
        assert!(names.iter().any(|problem| problem["name"] == "DISCORD_PUBLIC_KEY"), "{body}");
        assert!(!arrival.is_read());
        assert_all_logged(&world, &unconfigured());
    }
}

/// One logged message lists every problem of the configuration.
fn assert_all_logged(world: &Fake, config: &Config) {
    let events = world.events.borrow();
    let messages: Vec<_> =
        events
            .iter()
            .filter_map(|event| {
                if let Event::Misconfigured { message } = event { Some(message) } else { None }
            })
            .collect();
    assert_eq!(messages.len(), 1, "{events:?}");
    for problem in &config.settings.as_ref().unwrap_err().problems {
        assert!(messages[0].contains(problem.setting.name), "{messages:?}");
        assert!(messages[0].contains(&problem.setting.hint()), "{messages:?}");
    }
}

#[test]
fn with_only_the_public_key_discord_can_save_the_endpoint() {
    let world = Fake::new();
    assert_eq!(reply(&world, &with_only_the_public_key(), &signed(PING)), reply::pong());
    assert_eq!(world.events.borrow().as_slice(), []);
    let forged = signed(PING).body("{}");
    assert_eq!(reply(&world, &with_only_the_public_key(), &forged).status, 401);
}

#[test]
fn with_only_the_public_key_a_question_is_told_what_is_wrong_in_private() {
    let world = Fake::new();
    let config = with_only_the_public_key();
    let replied = reply::private(sentence(Notice::Misconfigured, Language::Japanese));
    assert_eq!(reply(&world, &config, &signed(ASK)), replied);
    world.run_waiting();
    assert_eq!(world.started.borrow().len(), 0);
    assert_all_logged(&world, &config);
}
