//! Is every interaction read as what it is, whatever is missing from it or new in it?

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes a hash always")]

use expect_test::{Expect, expect};
use serde_json::json;

use super::*;
use crate::fake::verified;

fn parse_bytes(body: impl AsRef<[u8]>) -> Result<Inbound, Rejection> {
    parse(&verified(body))
}

fn question(interaction: &Value) -> Question {
    match parse_bytes(interaction.to_string()) {
        Ok(Inbound::Ask(question)) => question,
        other => panic!("{interaction}: {other:?}"),
    }
}

/// Compares what a fixture is read as.
fn check(fixture: &str, expected: &Expect) {
    let outcome = parse_bytes(fixture);
    expected.assert_eq(&match outcome {
        Ok(Inbound::Ask(asked)) => render(&asked),
        other => format!("{other:?}"),
    });
}

fn render(asked: &Question) -> String {
    let Question { id, token, text, asker, place, language } = asked;
    let token = token.reveal();
    let Asker { name, avatar_url } = asker;
    format!("{id} {token}\n{language:?}: {text}\n{name} {avatar_url}\n{place:?}")
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
        1300000000000000000 aW50ZXJhY3Rpb246MTMwMDAw
        Japanese: 雅とは何ですか？
        みお https://cdn.discordapp.com/avatars/539082325061836806/a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6.png
        Channel { id: Some("645027906669510667"), parent: None }"#]],
    );
    check(
        include_str!("fixtures/server_command_minimal.json"),
        &expect![[r#"
        1300000000000000000 A_UNIQUE_TOKEN
        English: hi
        mio.example https://cdn.discordapp.com/embed/avatars/2.png
        Channel { id: None, parent: None }"#]],
    );
    check(
        include_str!("fixtures/user_install.json"),
        &expect![[r#"
        1300000000000000000 aW50ZXJhY3Rpb246MTMwMDAw
        English: hi
        Mio https://cdn.discordapp.com/guilds/290926798626357999/users/539082325061836806/avatars/a_c0ffee00c0ffee00c0ffee00c0ffee00.png
        Channel { id: Some("645027906669510667"), parent: None }"#]],
    );
}

#[test]
fn reads_a_question_in_a_thread() {
    check(
        include_str!("fixtures/thread.json"),
        &expect![[r#"
        1300000000000000000 aW50ZXJhY3Rpb246MTMwMDAw
        Japanese: hi
        mio.example https://cdn.discordapp.com/embed/avatars/2.png
        Channel { id: Some("1030303030303030303"), parent: Some("645027906669510667") }"#]],
    );
}

#[test]
fn reads_a_question_outside_of_servers() {
    check(
        include_str!("fixtures/direct_message.json"),
        &expect![[r#"
        1300000000000000000 aW50ZXJhY3Rpb246MTMwMDAw
        English: Are you there?
        Mio https://cdn.discordapp.com/avatars/539082325061836806/a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6.png
        Direct"#]],
    );
    check(
        include_str!("fixtures/group_message.json"),
        &expect![[r#"
        1300000000000000000 aW50ZXJhY3Rpb246MTMwMDAw
        English: hi
        mio.example https://cdn.discordapp.com/embed/avatars/2.png
        Direct"#]],
    );
}

#[test]
fn reads_on_past_fields_it_does_not_know() {
    check(
        include_str!("fixtures/unknown_fields.json"),
        &expect![[r#"
        1300000000000000000 aW50ZXJhY3Rpb246MTMwMDAw
        English: hi
        mio.example https://cdn.discordapp.com/embed/avatars/2.png
        Channel { id: Some("645027906669510667"), parent: None }"#]],
    );
}

#[test]
fn takes_what_it_does_not_serve_for_what_it_is() {
    check(include_str!("fixtures/options_absent.json"), &expect!["Ok(AskNothing(Japanese))"]);
    check(include_str!("fixtures/message_command.json"), &expect!["Ok(Unknown(Japanese))"]);
    check(include_str!("fixtures/component.json"), &expect!["Ok(Unknown(Japanese))"]);
    check(include_str!("fixtures/autocomplete.json"), &expect!["Ok(Autocomplete)"]);
    check(include_str!("fixtures/modal.json"), &expect!["Ok(Unknown(English))"]);
    check(include_str!("fixtures/unknown_type.json"), &expect!["Err(Malformed)"]);
}

#[test]
fn another_command_is_unknown() {
    for (pointer, value) in [
        ("/data/name", Some(json!("tell"))),
        ("/data/name", Some(json!("ASK"))),
        ("/data/name", None),
        ("/data/type", Some(json!(2))),
        ("/data/type", Some(json!("1"))),
        ("/data", None),
        ("/data", Some(json!([]))),
    ] {
        let parsed = parse_bytes(with(pointer, value).to_string());
        assert_eq!(parsed, Ok(Inbound::Unknown(Language::Japanese)), "{pointer}");
    }
}

#[test]
fn a_command_without_a_type_is_a_slash_command() {
    for kind in [None, Some(json!(null)), Some(json!(1))] {
        assert_eq!(question(&with("/data/type", kind)).text, "雅とは何ですか？");
    }
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
fn the_name_is_the_nickname_then_the_display_name_then_the_username() {
    for (nick, global_name, username, expected) in [
        (json!("みお"), json!("Mio"), json!("mio"), "みお"),
        (json!(null), json!("Mio"), json!("mio"), "Mio"),
        (json!(""), json!("Mio"), json!("mio"), "Mio"),
        (json!(" \u{3000}"), json!("Mio"), json!("mio"), "Mio"),
        (json!("\u{200b}\u{3164}"), json!("Mio"), json!("mio"), "Mio"),
        (json!(7), json!("Mio"), json!("mio"), "Mio"),
        (json!(null), json!(null), json!("mio"), "mio"),
        (json!(null), json!(" "), json!("mio"), "mio"),
        (json!(null), json!(null), json!(null), ""),
    ] {
        let mut command = command();
        set(&mut command, "/member/nick", Some(nick));
        set(&mut command, "/member/user/global_name", Some(global_name));
        set(&mut command, "/member/user/username", Some(username));
        assert_eq!(question(&command).asker.name, expected);
    }
}

#[test]
fn a_question_needs_no_asker() {
    for member in [None, Some(json!(null)), Some(json!({})), Some(json!({ "user": null }))] {
        let asker = question(&with("/member", member)).asker;
        assert_eq!(asker.name, "");
        assert_eq!(asker.avatar_url, "https://cdn.discordapp.com/embed/avatars/0.png");
    }
}

/// Returns the avatar's path for these values of member's hash, user's hash, id and discriminator.
fn avatar(member: Option<&str>, user: Option<&str>, id: &str, discriminator: &str) -> String {
    let mut command = command();
    set(&mut command, "/member/avatar", Some(json!(member)));
    set(&mut command, "/member/user/avatar", Some(json!(user)));
    set(&mut command, "/member/user/id", Some(json!(id)));
    set(&mut command, "/member/user/discriminator", Some(json!(discriminator)));
    let url = question(&command).asker.avatar_url;
    url.strip_prefix("https://cdn.discordapp.com/").unwrap().to_owned()
}

/// Shifted by 22 bits it is 19157197529, which is 5 modulo 6.
const USER: &str = "80351110224678912";

#[test]
fn the_avatar_is_the_members_then_the_users_then_a_default_one() {
    let of_member = format!("guilds/290926798626357999/users/{USER}/avatars");
    for (member, user, id, discriminator, expected) in [
        (Some("abc"), Some("def"), USER, "0", format!("{of_member}/abc.png")),
        (Some("a_abc"), Some("def"), USER, "0", format!("{of_member}/a_abc.png")),
        (None, Some("def"), USER, "0", format!("avatars/{USER}/def.png")),
        (None, Some("a_def"), USER, "0", format!("avatars/{USER}/a_def.png")),
        (None, None, USER, "0", "embed/avatars/5.png".to_owned()),
        (None, None, USER, "0000", "embed/avatars/5.png".to_owned()),
        (None, None, USER, "", "embed/avatars/5.png".to_owned()),
        (None, None, USER, "1337", "embed/avatars/2.png".to_owned()),
        (None, None, "1", "0", "embed/avatars/0.png".to_owned()),
    ] {
        assert_eq!(avatar(member, user, id, discriminator), expected);
    }
}

#[test]
fn an_avatar_that_is_no_hash_cannot_lead_anywhere_else() {
    for hostile in [
        "",
        "../../x",
        "a/b",
        "a?b",
        "a#b",
        "a%2fb",
        "a b",
        "a\\b",
        "é",
        "https://evil.example/a",
        &"a".repeat(65),
    ] {
        let shown = avatar(Some(hostile), Some(hostile), USER, "0");
        assert_eq!(shown, "embed/avatars/5.png", "{hostile}");
    }
    for hostile in ["", "..", "1/2", "-1", "١", "1?", "1000000000000000000000"] {
        let shown = avatar(Some("abc"), Some("abc"), hostile, "0");
        assert_eq!(shown, "embed/avatars/0.png", "{hostile}");
    }
    let mut command = with("/guild_id", Some(json!("../1")));
    set(&mut command, "/member/avatar", Some(json!("abc")));
    assert_eq!(
        question(&command).asker.avatar_url,
        "https://cdn.discordapp.com/avatars/539082325061836806/\
         a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6.png"
    );
}

#[test]
fn a_place_is_a_servers_if_anything_says_so() {
    let direct = || {
        let text = include_str!("fixtures/direct_message.json");
        serde_json::from_str::<Value>(text).unwrap()
    };
    assert_eq!(question(&direct()).place, Place::Direct);
    for (field, value) in [
        ("/guild_id", json!("1")),
        ("/guild", json!({ "id": "1" })),
        ("/member", json!({})),
        ("/context", json!(0)),
    ] {
        let mut command = direct();
        set(&mut command, field, Some(value));
        let id = Some("1010101010101010101".to_owned());
        assert_eq!(question(&command).place, Place::Channel { id, parent: None }, "{field}");
    }
}

#[test]
fn a_channel_is_known_by_either_field_and_only_a_thread_has_a_parent() {
    let channel = |id: Option<&str>, parent: Option<&str>| Place::Channel {
        id: id.map(ToOwned::to_owned),
        parent: parent.map(ToOwned::to_owned),
    };
    for (object, plain, expected) in [
        (json!({ "id": "5", "type": 0, "parent_id": "6" }), json!("5"), channel(Some("5"), None)),
        (
            json!({ "id": "5", "type": 10, "parent_id": "6" }),
            json!("5"),
            channel(Some("5"), Some("6")),
        ),
        (
            json!({ "id": "5", "type": 11, "parent_id": "6" }),
            json!("5"),
            channel(Some("5"), Some("6")),
        ),
        (
            json!({ "id": "5", "type": 12, "parent_id": "6" }),
            json!("5"),
            channel(Some("5"), Some("6")),
        ),
        (json!({ "id": "5", "type": 13, "parent_id": "6" }), json!("5"), channel(Some("5"), None)),
        (json!({ "id": "5", "type": 11 }), json!("5"), channel(Some("5"), None)),
        (json!({ "id": "5" }), json!(null), channel(Some("5"), None)),
        (json!(null), json!("5"), channel(Some("5"), None)),
        (json!(null), json!(null), channel(None, None)),
        (json!({ "id": "../5", "type": 11, "parent_id": "6/7" }), json!(null), channel(None, None)),
    ] {
        let mut command = command();
        set(&mut command, "/channel", Some(object));
        set(&mut command, "/channel_id", Some(plain));
        assert_eq!(question(&command).place, expected);
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
    let deep_in = format!(r#"{{"type":1,"x":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
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
    for body in bodies.chain([deep_in.as_bytes()]) {
        let start = body.get(..body.len().min(40)).unwrap();
        assert_eq!(parse_bytes(body), Err(Rejection::Malformed), "{}", start.escape_ascii());
    }
}
