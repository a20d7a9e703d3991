//! Interactions as Discord documents them, as it sends them, and with fields missing, new or odd.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes a hash always")]

mod asker;
mod commands;
mod component;
mod message;
mod place;
mod settings;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::*;
use crate::discord::place::{Place, Rights};
use crate::discord::verify::{Verified, verify};
use miyabi_core::question::Asker;
use miyabi_testing::{Arrival, Fake, Gullible, run};

/// Returns a body as if Discord had signed it.
fn verified(body: impl AsRef<[u8]>) -> Verified {
    let world = Fake::new();
    let arrival = Arrival::forged(&world, body);
    run(verify(&Gullible(world), &arrival)).unwrap().unwrap()
}

fn parse_bytes(body: impl AsRef<[u8]>) -> Result<Inbound, Rejection> {
    parse(&verified(body))
}

fn question(interaction: &Value) -> Question {
    match parse_bytes(interaction.to_string()) {
        Ok(Inbound::Ask(question, _)) => *question,
        other => panic!("{interaction}: {other:?}"),
    }
}

/// Compares what a fixture is read as.
fn check(fixture: &str, expected: &Expect) {
    let outcome = parse_bytes(fixture);
    expected.assert_eq(&match outcome {
        Ok(Inbound::Ask(asked, _)) => render(&asked),
        other => format!("{other:?}"),
    });
}

fn render(question: &Question) -> String {
    let Question { platform, id, token, text, asker, server, is_fresh, language, asked, .. } =
        question;
    assert_eq!(platform, "discord");
    assert!(!is_fresh);
    let token = token.reveal();
    let Asker { id: who, name, handle, avatar_url } = asker;
    let what = format!("{id} {token} {}\n{language:?}: {text}", asked.0);
    format!("{what}\n{who} {name} @{handle} {avatar_url}\n{server:?} {:?}", Place::of(question))
}

/// A command that a test changes by one field.
fn command() -> Value {
    serde_json::from_str(include_str!("fixtures/server_command.json")).unwrap()
}

/// Returns the command with `value` at `pointer`, or without the field if that is `None`.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut command = command();
    set(&mut command, pointer, value);
    command
}

fn set(command: &mut Value, pointer: &str, value: Option<Value>) {
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let fields = command.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => drop(fields.insert(field.to_owned(), value)),
        None => drop(fields.remove(field)),
    }
}

#[test]
fn reads_the_ping_of_an_endpoint_check() {
    check(include_str!("fixtures/ping.json"), &expect!["Ok(Ping)"]);
    check(include_str!("fixtures/ping_minimal.json"), &expect!["Ok(Ping)"]);
}

#[test]
fn reads_a_question_in_a_server() {
    check(
        include_str!("fixtures/server_command.json"),
        &expect![[r#"
            1300000000000000000 aW50ZXJhY3Rpb246MTMwMDAw 1730014552832
            Japanese: 雅とは何ですか？
            539082325061836806 みお @mio.example https://cdn.discordapp.com/avatars/539082325061836806/a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6.png
            Some("290926798626357999") Channel { id: Some("645027906669510667"), parent: None, rights: Rights { speaks: true, attaches: true, reads: false, manages_webhooks: false } }"#]],
    );
    check(
        include_str!("fixtures/server_command_minimal.json"),
        &expect![[r#"
            1300000000000000000 A_UNIQUE_TOKEN 1730014552832
            English: hi
            539082325061836806 mio.example @mio.example https://cdn.discordapp.com/embed/avatars/2.png
            Some("290926798626357999") Channel { id: None, parent: None, rights: Rights { speaks: true, attaches: true, reads: true, manages_webhooks: true } }"#]],
    );
    check(
        include_str!("fixtures/user_install.json"),
        &expect![[r#"
            1300000000000000000 aW50ZXJhY3Rpb246MTMwMDAw 1730014552832
            English: hi
            539082325061836806 Mio @mio.example https://cdn.discordapp.com/guilds/290926798626357999/users/539082325061836806/avatars/a_c0ffee00c0ffee00c0ffee00c0ffee00.png
            Some("290926798626357999") Channel { id: Some("645027906669510667"), parent: None, rights: Rights { speaks: false, attaches: false, reads: false, manages_webhooks: false } }"#]],
    );
}

#[test]
fn reads_a_question_in_a_thread() {
    check(
        include_str!("fixtures/thread.json"),
        &expect![[r#"
            1300000000000000000 aW50ZXJhY3Rpb246MTMwMDAw 1730014552832
            Japanese: hi
            539082325061836806 mio.example @mio.example https://cdn.discordapp.com/embed/avatars/2.png
            Some("290926798626357999") Channel { id: Some("1030303030303030303"), parent: Some("645027906669510667"), rights: Rights { speaks: true, attaches: true, reads: true, manages_webhooks: true } }"#]],
    );
}

#[test]
fn reads_a_question_outside_of_servers() {
    check(
        include_str!("fixtures/direct_message.json"),
        &expect![[r#"
            1300000000000000000 aW50ZXJhY3Rpb246MTMwMDAw 1730014552832
            English: Are you there?
            539082325061836806 Mio @mio.example https://cdn.discordapp.com/avatars/539082325061836806/a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6.png
            None Direct"#]],
    );
    check(
        include_str!("fixtures/group_message.json"),
        &expect![[r#"
            1300000000000000000 aW50ZXJhY3Rpb246MTMwMDAw 1730014552832
            English: hi
            539082325061836806 mio.example @ https://cdn.discordapp.com/embed/avatars/2.png
            None Direct"#]],
    );
}

#[test]
fn reads_on_past_fields_it_does_not_know() {
    check(
        include_str!("fixtures/unknown_fields.json"),
        &expect![[r#"
            1300000000000000000 aW50ZXJhY3Rpb246MTMwMDAw 1730014552832
            English: hi
            539082325061836806 mio.example @mio.example https://cdn.discordapp.com/embed/avatars/2.png
            Some("290926798626357999") Channel { id: Some("645027906669510667"), parent: None, rights: Rights { speaks: true, attaches: true, reads: true, manages_webhooks: true } }"#]],
    );
}

#[test]
fn takes_what_it_does_not_serve_for_what_it_is() {
    check(include_str!("fixtures/options_absent.json"), &expect!["Ok(AskNothing(Japanese))"]);
    check(include_str!("fixtures/message_command.json"), &expect!["Ok(Unknown(Japanese))"]);
    check(include_str!("fixtures/component.json"), &expect!["Ok(Unknown(Japanese))"]);
    check(
        include_str!("fixtures/autocomplete.json"),
        &expect![[
            r#"Ok(CompleteQuestion { asker: "539082325061836806", conversation: "discord:645027906669510667:539082325061836806", typed: "wh" })"#
        ]],
    );
    check(include_str!("fixtures/modal.json"), &expect!["Ok(Unknown(English))"]);
    check(include_str!("fixtures/unknown_type.json"), &expect!["Err(Malformed)"]);
}

#[test]
fn a_question_that_shows_nothing_is_none() {
    for nothing in [
        json!(""),
        json!(" "),
        json!("\n\t\u{3000}\u{a0}"),
        json!("\u{200b}\u{200d}\u{2060}\u{feff}"),
        json!("\u{3164} \u{2800}\u{115f}"),
        json!("\u{e0041}\u{fe0f}"),
        json!("\u{0}"),
        json!(null),
        json!([]),
        json!({ "text": "hi" }),
    ] {
        let command = with("/data/options/0/value", Some(nothing.clone()));
        let parsed = parse_bytes(command.to_string());
        assert_eq!(parsed, Ok(Inbound::AskNothing(Language::Japanese)), "{nothing}");
    }
}

#[test]
fn a_question_without_its_option_is_none() {
    for options in [
        json!(null),
        json!([]),
        json!({}),
        json!([null, 1, "question"]),
        json!([{ "name": "question" }]),
        json!([{ "name": "other", "value": "hi" }]),
    ] {
        let parsed = parse_bytes(with("/data/options", Some(options.clone())).to_string());
        assert_eq!(parsed, Ok(Inbound::AskNothing(Language::Japanese)), "{options}");
    }
}

#[test]
fn a_question_is_taken_word_for_word() {
    for (value, text) in [
        (json!(42), "42"),
        (json!(-1.5), "-1.5"),
        (json!(true), "true"),
        (json!("007"), "007"),
        (json!(" hi\n"), " hi\n"),
        (json!("@everyone <@1> \\\"x\\\""), "@everyone <@1> \\\"x\\\""),
        (json!("👩\u{200d}👩\u{200d}👧"), "👩\u{200d}👩\u{200d}👧"),
        (json!("あ".repeat(6000)), "あ".repeat(6000).as_str()),
    ] {
        assert_eq!(question(&with("/data/options/0/value", Some(value))).text, text);
    }
}

#[test]
fn the_askers_language_comes_before_the_servers() {
    for (asker, server, expected) in [
        (json!("ja"), json!("en-US"), Language::Japanese),
        (json!("en-US"), json!("ja"), Language::English),
        (json!("ko"), json!("ja"), Language::English),
        (json!(null), json!("ja"), Language::Japanese),
        (json!(null), json!(null), Language::English),
    ] {
        let mut command = command();
        set(&mut command, "/locale", Some(asker));
        set(&mut command, "/guild_locale", Some(server));
        assert_eq!(question(&command).language, expected);
    }
}

#[test]
fn a_command_that_could_not_be_answered_is_refused() {
    for (pointer, value) in [
        ("/id", None),
        ("/id", Some(json!(1_300_000_000_000_000_000_u64))),
        ("/id", Some(json!(""))),
        ("/id", Some(json!("../1"))),
        ("/id", Some(json!("1".repeat(65)))),
        ("/token", None),
        ("/token", Some(json!(null))),
        ("/token", Some(json!(""))),
        ("/token", Some(json!("a/b"))),
        ("/token", Some(json!("a?b"))),
        ("/token", Some(json!("a#b"))),
        ("/token", Some(json!("a%2fb"))),
        ("/token", Some(json!("a b"))),
        ("/token", Some(json!("a\nb"))),
        ("/token", Some(json!("."))),
        ("/token", Some(json!(".."))),
        ("/token", Some(json!("é"))),
    ] {
        let command = with(pointer, value);
        let parsed = parse_bytes(command.to_string());
        assert_eq!(parsed, Err(Rejection::Malformed), "{}", command[pointer.trim_matches('/')]);
    }
}

#[test]
fn what_is_no_interaction_is_refused() {
    let nested = ["[".repeat(10_000), "{\"a\":".repeat(10_000)].map(String::into_bytes);
    let garbage: [&[u8]; 16] = [
        b"",
        b" ",
        b"null",
        b"1",
        b"\"type\"",
        b"[]",
        br#"[{"type":1}]"#,
        b"{}",
        br#"{"type":null}"#,
        br#"{"type":"1"}"#,
        br#"{"type":-1}"#,
        br#"{"type":1.0}"#,
        br#"{"type":0}"#,
        br#"{"type":1}{"type":1}"#,
        b"{\"type\":1,\"x\":\"\xff\"}",
        b"\xef\xbb\xbf{\"type\":1}",
    ];
    let bodies = garbage.into_iter().chain(nested.iter().map(Vec::as_slice));
    for body in bodies {
        let start = body.get(..body.len().min(40)).unwrap();
        assert_eq!(parse_bytes(body), Err(Rejection::Malformed), "{}", start.escape_ascii());
    }
}

#[test]
fn nesting_of_any_depth_is_no_danger() {
    let (open, close) = ("[".repeat(60_000), "]".repeat(60_000));
    for field in ["x", "data", "member", "locale"] {
        let body = format!(r#"{{"type":1,"{field}":{open}{close}}}"#);
        assert_eq!(parse_bytes(body), Ok(Inbound::Ping), "{field}");
    }
}

#[test]
fn a_field_of_another_type_counts_as_absent() {
    let fields = [
        "/member",
        "/member/nick",
        "/member/avatar",
        "/member/user",
        "/channel",
        "/channel/id",
        "/channel_id",
        "/channel/type",
        "/guild",
        "/context",
        "/locale",
        "/guild_locale",
        "/app_permissions",
        "/authorizing_integration_owners",
        "/user",
    ];
    for field in fields {
        let without = question(&with(field, Some(json!(null))));
        for odd in [json!(-1.5), json!(true), json!([{}, [1]])] {
            assert_eq!(question(&with(field, Some(odd.clone()))), without, "{field}: {odd}");
        }
    }
}

#[test]
fn a_whole_number_is_read_exactly() {
    for digits in ["9007199254740993", "18446744073709551615", "-9223372036854775808"] {
        let value: Value = serde_json::from_str(digits).unwrap();
        assert_eq!(question(&with("/data/options/0/value", Some(value))).text, digits);
    }
}

#[test]
fn a_fresh_answer_is_one_that_was_asked_for() {
    for (value, expected) in
        [(json!(true), true), (json!(false), false), (json!("true"), false), (json!(null), false)]
    {
        let mut command = command();
        let options = command["data"]["options"].as_array_mut().unwrap();
        options.push(json!({ "name": "fresh", "type": 5, "value": value }));
        assert_eq!(question(&command).is_fresh, expected);
    }
}
