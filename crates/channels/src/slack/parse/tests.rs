//! What Slack sends, and what is made of it.

mod interaction;

use self::interaction::{press, pressed};
use super::{command as typed_command, event as happened_event, *};
use crate::commands::Command;
use miyabi_core::rejection::Rejection;
use miyabi_testing::fuzz::{Numbers, mutate, rounds};
use serde_json::json;

use super::super::verify::Verified;

const TS: &str = "1700000000.123456";
const JOB: &str = "slack_T1_C1_1700000000123456";

fn verified(body: &[u8]) -> Verified {
    Verified::of_test(body)
}

fn envelope(event: &Value) -> Value {
    json!({
        "type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": "Ev1",
        "event_time": 1_700_000_000, "event": event,
        "authorizations": [{ "team_id": "T1", "user_id": "U0BOT", "is_bot": true }],
    })
}

fn happened(event: &Value) -> Inbound {
    happened_event(&verified(envelope(event).to_string().as_bytes())).unwrap()
}

/// Returns a message with other fields, in a channel unless they say otherwise.
fn message(fields: &Value) -> Value {
    let mut message = json!({
        "type": "message", "channel": "C1", "channel_type": "channel", "user": "U5", "ts": TS,
        "text": "hi",
    });
    message.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    message
}

fn told(inbound: Inbound) -> Told {
    let Inbound::Told(told) = inbound else { panic!("{inbound:?}") };
    *told
}

#[test]
fn an_address_is_verified_by_its_challenge() {
    let body = json!({ "type": "url_verification", "challenge": "3eZbrw1a", "token": "x" });
    let read = happened_event(&verified(body.to_string().as_bytes()));
    assert_eq!(read, Ok(Inbound::Challenge("3eZbrw1a".to_owned())));
    let none = verified(br#"{"type":"url_verification"}"#);
    assert_eq!(happened_event(&none), Err(Rejection::Malformed));
}

#[test]
fn a_mention_is_one_question_in_its_thread_though_it_comes_twice() {
    let words = json!({ "text": "<@U0BOT> what is 雅?" });
    assert_eq!(happened(&message(&words)), Inbound::Passing, "its twin asks");
    // A group message may tell of a mention as a message alone: both are one job.
    for (kind, channel) in [("app_mention", None), ("message", Some("mpim"))] {
        let mut fields = words.clone();
        (fields["type"], fields["channel_type"]) = (json!(kind), json!(channel));
        let told = told(happened(&message(&fields)));
        let Told { wish, question, place, .. } = told;
        assert_eq!((wish, question.text.as_str()), (Wish::Answer, "what is 雅?"), "{kind}");
        assert_eq!(question.id.as_str(), JOB);
        assert_eq!(question.asker.id, "slack:T1.U5");
        assert_eq!(question.server.as_deref(), Some("T1"));
        assert_eq!(
            question.conversation.as_deref(),
            Some("slack:T1.C1.1700000000123456:slack:T1.U5")
        );
        assert_eq!(question.asked, Millis(1_700_000_000_000));
        assert_eq!((place.thread.as_deref(), place.is_shared), (Some(TS), true));
    }
}

#[test]
fn a_thread_is_answered_in_itself() {
    let fields = json!({ "type": "app_mention", "text": "<@U0BOT> and now?", "thread_ts": "1699999999.000001" });
    let asked = told(happened(&message(&fields)));
    assert_eq!(asked.place.thread.as_deref(), Some("1699999999.000001"));
    assert_eq!(asked.question.id.as_str(), JOB);
    let reply = json!({ "thread_ts": "1.2", "parent_user_id": "U0BOT" });
    let reply = told(happened(&message(&reply)));
    assert_eq!(reply.place.thread.as_deref(), Some("1.2"));
    // What is replied to answered a command of the channel.
    assert_eq!(reply.question.conversation.as_deref(), Some("slack:T1.C1:slack:T1.U5"));
}

#[test]
fn a_direct_message_is_a_question_without_a_mention() {
    let direct = json!({ "channel": "D1", "channel_type": "im" });
    let Told { question, place, .. } = told(happened(&message(&direct)));
    assert_eq!(
        (place.thread.as_deref(), place.is_shared, question.server),
        (Some(TS), false, None)
    );
    assert_eq!(question.conversation.as_deref(), Some("slack:T1.D1.1700000000123456:slack:T1.U5"));
}

#[test]
fn in_a_channel_that_workspaces_share_the_team_is_that_of_the_app() {
    let fields = json!({ "type": "app_mention", "text": "<@U0BOT> hi", "user_team": "T2" });
    let mut envelope = envelope(&message(&fields));
    envelope["team_id"] = json!("T2");
    let read = told(happened_event(&verified(envelope.to_string().as_bytes())).unwrap());
    assert_eq!((read.place.team.as_str(), read.place.home.as_deref()), ("T1", Some("T2")));
    // Whoever has installed the app is not the bot.
    envelope["authorizations"][0]["is_bot"] = json!(false);
    envelope["event"]["type"] = json!("message");
    let read = happened_event(&verified(envelope.to_string().as_bytes()));
    assert_eq!(read, Ok(Inbound::Passing));
}

#[test]
fn what_is_not_for_miyabi_is_passed_over() {
    for fields in [
        json!({}),
        json!({ "text": "<@U9> hi" }),
        json!({ "thread_ts": "1.2", "parent_user_id": "U9" }),
        json!({ "text": "<@U0BOT>", "bot_id": "B7" }),
        json!({ "text": "<@U0BOT>", "subtype": "bot_message" }),
        json!({ "channel": "D1", "user": "USLACKBOT" }),
        json!({ "channel": "D1", "subtype": "message_changed", "message": { "text": "x" } }),
        json!({ "channel": "D1", "subtype": "message_deleted", "deleted_ts": TS }),
        json!({ "text": "<@U0BOT> joined", "subtype": "channel_join" }),
        json!({ "channel": "D1", "hidden": true }),
        json!({ "channel": "D1", "user": "U0BOT" }),
    ] {
        assert_eq!(happened(&message(&fields)), Inbound::Passing, "{fields}");
    }
    let null = json!({ "channel": "D1", "bot_id": null, "subtype": null });
    assert!(matches!(happened(&message(&null)), Inbound::Told(_)), "nulls say nothing");
}

#[test]
fn a_mention_alone_asks_nothing_and_a_file_alone_is_asked_about() {
    let alone = json!({ "type": "app_mention", "text": "<@U0BOT>" });
    let alone = told(happened(&message(&alone)));
    assert_eq!(alone.wish, Wish::Nothing);
    let file =
        json!({ "mode": "hosted", "name": "a.pdf", "url_private": "https://files.slack.com/a" });
    let fields = json!({ "channel": "D1", "text": "", "subtype": "file_share", "files": [file] });
    let mut about = told(happened(&message(&fields)));
    about.complete("Mio", "ja-JP");
    assert_eq!((about.wish, about.files.len()), (Wish::Answer, 1));
    assert_eq!(about.question.text, chats::ABOUT_FILE.in_language(Language::Japanese));
    assert_eq!(about.question.asker.name, "Mio");
    let hidden = json!({ "channel": "D1", "text": "", "files": [{ "mode": "tombstone" }] });
    assert_eq!(told(happened(&message(&hidden))).wish, Wish::Unreadable);
}

#[test]
fn what_is_recorded_is_the_question_and_what_is_attached_is_data() {
    let file = |subtype: Option<&str>| {
        json!([{ "mode": "hosted", "name": "a.m4a", "mimetype": "audio/mp4", "subtype": subtype,
                 "url_private": "https://files.slack.com/a" }])
    };
    let spoken = |subtype, text: &str| {
        let fields = json!({ "channel": "D1", "text": text, "files": file(subtype) });
        told(happened(&message(&fields))).files[0].is_spoken
    };
    assert!(spoken(Some("slack_audio"), ""));
    assert!(!spoken(None, "") && !spoken(Some("slack_audio"), "what is this?"));
}

#[test]
fn the_home_is_told_from_what_else_is_opened() {
    let home = json!({ "type": "app_home_opened", "user": "U5", "channel": "D1", "tab": "home" });
    let place = Place::new(("T1", "D1", None), "U5", false).unwrap();
    assert_eq!(happened(&home), Inbound::Home(place.clone()));
    let mut other = home;
    other["tab"] = json!("messages");
    assert_eq!(happened(&other), Inbound::Messages(place));
    other["tab"] = json!("about");
    for event in [other, json!({ "type": "app_home_opened" })] {
        assert_eq!(happened(&event), Inbound::Passing, "{event}");
    }
}

#[test]
fn what_is_not_served_is_told_by_its_kind() {
    for (event, kind) in [
        (json!({ "type": "reaction_added" }), "reaction_added"),
        (json!({ "type": "something_of_tomorrow" }), "other"),
        (json!({ "type": 5 }), "other"),
        (json!({ "type": "message" }), "message"),
        (message(&json!({ "ts": 1.5, "channel": "D1" })), "message"),
        (message(&json!({ "type": "app_mention", "channel": "C 1" })), "message"),
    ] {
        let expected = if event["type"] == 5 { "other" } else { kind };
        assert_eq!(happened(&event), Inbound::Unserved(expected), "{event}");
    }
    let limited =
        verified(br#"{"type":"app_rate_limited","team_id":"T1","minute_rate_limited":1}"#);
    assert_eq!(happened_event(&limited), Ok(Inbound::Unserved("app_rate_limited")));
}

#[test]
fn what_is_no_event_is_malformed() {
    for body in ["", "x", "[]", "{}", "null", r#"{"type":5}"#, "{\"type\":", "\u{feff}{}"] {
        let read = happened_event(&verified(body.as_bytes()));
        assert_eq!(read, Err(Rejection::Malformed), "{body}");
    }
    assert_eq!(happened_event(&verified(&[0xff, 0xfe])), Err(Rejection::Malformed));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(happened_event(&verified(deep.as_bytes())), Ok(Inbound::Unserved("other")));
}

fn typed(command: &str, text: &str) -> Result<Inbound, Rejection> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("team_id", "T1"),
        ("channel_id", "C1"),
        ("user_id", "U5"),
        ("command", command),
        ("text", text),
        ("trigger_id", "13345224609.738474920.8088930838d88f008e0"),
    ] {
        form.append_pair(name, value);
    }
    typed_command(&verified(form.finish().as_bytes()))
}

#[test]
fn a_command_is_what_its_words_say() {
    for (command, text, wish, words) in [
        ("/ask", "what is 雅?", Wish::Answer, "what is 雅?"),
        ("/ask", "help me write", Wish::Answer, "help me write"),
        ("/ask", "  ", Wish::Nothing, ""),
        ("/miyabi", "", Wish::Command(Command::Help), ""),
        ("/miyabi", "help", Wish::Command(Command::Help), ""),
        ("/miyabi", "help me write", Wish::Answer, "help me write"),
        ("/miyabi", "status", Wish::Command(Command::Status), ""),
        ("/miyabi", "link", Wish::Command(Command::Link), ""),
        ("/miyabi", "link ab10-efgh", Wish::Command(Command::Link), "ab10-efgh"),
        ("/miyabi", "link off", Wish::Command(Command::Link), "off"),
        ("/miyabi", "link me to the docs", Wish::Answer, "link me to the docs"),
        ("/miyabi", "cancel 2", Wish::Command(Command::Cancel), "2"),
        ("/miyabi", "memory forget 3", Wish::Command(Command::Memory), "forget 3"),
        (
            "/miyabi",
            "privacy delete everything",
            Wish::Command(Command::Privacy),
            "delete everything",
        ),
        ("/miyabi", "new", Wish::Command(Command::New), ""),
        ("/miyabi", "new what is tea?", Wish::Answer, "what is tea?"),
        ("/miyabi", "ask a &lt; b &amp; c", Wish::Answer, "a < b & c"),
        ("/miyabi", "what is tea?", Wish::Answer, "what is tea?"),
    ] {
        let told = told(typed(command, text).unwrap());
        assert_eq!((told.wish, told.question.text.as_str()), (wish, words), "{command} {text}");
        assert!(told.is_command && told.place.thread.is_none());
        assert_eq!(told.question.is_fresh, text.starts_with("new"));
    }
}

#[test]
fn a_command_is_one_job_by_its_trigger() {
    let id = |text: &str| told(typed("/ask", text).unwrap()).question.id.to_string();
    assert_eq!(id("a"), id("b"), "Slack's id says which command it is");
    assert!(id("a").starts_with("slack_T1_C1_c") && id("a").len() < 50);
}

#[test]
fn what_is_no_command_is_malformed() {
    for body in ["", "team_id=T1", "team_id=T1&channel_id=C1&user_id=U1&command=%2Fask", "%ff=%fe"]
    {
        let read = typed_command(&verified(body.as_bytes()));
        assert_eq!(read, Err(Rejection::Malformed), "{body}");
    }
}

#[test]
fn an_image_is_asked_for_behind_the_command() {
    for (command, text, draws, words) in [
        ("/miyabi", "imagine a crane", true, "a crane"),
        ("/miyabi", "Imagine  a &lt;b&gt;", true, "a <b>"),
        ("/miyabi", "imagine", true, ""),
        ("/miyabi", "imagined cranes", false, "imagined cranes"),
        ("/ask", "imagine a crane", false, "imagine a crane"),
    ] {
        let told = told(typed(command, text).unwrap());
        assert_eq!((told.question.draws, told.question.text.as_str()), (draws, words), "{text}");
        let wish = if words.is_empty() { Wish::Nothing } else { Wish::Answer };
        assert_eq!(told.wish, wish, "{text}");
    }
}

#[test]
fn no_change_to_what_slack_sends_is_a_panic_or_another_s_job() {
    let mut numbers = Numbers::new(0x9e37_79b9_7f4a_7c15);
    let seeds = [
        envelope(&message(&json!({ "text": "<@U0BOT> hi <https://a.example|x>" }))),
        envelope(&message(&json!({ "channel": "D1", "files": [{ "url_private": "x" }] }))),
        envelope(&message(&json!({ "thread_ts": "1.2", "parent_user_id": "U0BOT" }))),
        press("again", JOB),
    ];
    for round in 0..rounds(60_000) {
        let mut payload = seeds[round % seeds.len()].clone();
        for _ in 0..=numbers.below(3) {
            mutate(&mut payload, &mut numbers);
        }
        let text = payload.to_string();
        let bytes = text.as_bytes();
        let cut = if numbers.below(5) == 0 { numbers.below(bytes.len()) } else { bytes.len() };
        let read = [
            happened_event(&verified(&bytes[..cut])),
            typed_command(&verified(&bytes[..cut])),
            pressed(&payload),
        ];
        for inbound in read {
            let Ok(Inbound::Told(told)) = inbound else { continue };
            assert!(told.question.id.as_str().starts_with("slack_"), "{text}");
            assert!(told.place.is_of(&told.question.id), "{text}");
        }
    }
}
