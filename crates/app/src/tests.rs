//! A question is the same after its way through the Workflow's parameters.

use expect_test::expect;
use serde_json::json;

use super::*;
use crate::testing::run_job;
use miyabi_core::http::{HttpError, Response};
use miyabi_core::i18n::Language;
use miyabi_core::ids::Secret;
use miyabi_core::question::{Asker, Place, Question, Rights};
use miyabi_testing::{Answer, Fake, Journal, job, params, question, response, run, settings};

/// Compares what is stored, and reads it back.
fn check(question: &Question, expected: &expect_test::Expect) {
    let job = Job::first(question.clone());
    let params = params(&job);
    expected.assert_eq(&serde_json::to_string_pretty(&params).unwrap());
    assert_eq!(from_params(&params).as_ref(), Some(&job));
}

#[test]
fn a_question_is_stored_and_read_back() {
    let asked = question("雅とは? \"quotes\" \u{0} 👩\u{200d}👩\u{200d}👧");
    check(
        &asked,
        &expect![[r#"
            {
              "asked": 1699999990000,
              "avatar": "https://cdn.discordapp.com/embed/avatars/0.png",
              "channel": "1200000000000000002",
              "conversation": null,
              "direct": false,
              "embeds": true,
              "fresh": false,
              "generation": 1,
              "handle": "mio_art",
              "id": "1300000000000000000",
              "language": "ja",
              "name": "みお",
              "parent": null,
              "platform": "discord",
              "question": "雅とは? \"quotes\" \u0000 👩‍👩‍👧",
              "reads": true,
              "server": "1200000000000000009",
              "speaks": true,
              "token": "interaction-token",
              "user": "80351110224678912",
              "v": 1,
              "webhooks": true
            }"#]],
    );
}

#[test]
fn a_question_in_a_thread_is_stored_and_read_back() {
    let mut asked = question("雅とは? \"quotes\" \u{0} 👩\u{200d}👩\u{200d}👧");
    asked.place = Place::Channel {
        id: Some("7".to_owned()),
        parent: Some("8".to_owned()),
        rights: Rights::NONE,
    };
    asked.server = None;
    asked.language = Language::English;
    check(
        &asked,
        &expect![[r#"
            {
              "asked": 1699999990000,
              "avatar": "https://cdn.discordapp.com/embed/avatars/0.png",
              "channel": "7",
              "conversation": null,
              "direct": false,
              "embeds": false,
              "fresh": false,
              "generation": 1,
              "handle": "mio_art",
              "id": "1300000000000000000",
              "language": "en",
              "name": "みお",
              "parent": "8",
              "platform": "discord",
              "question": "雅とは? \"quotes\" \u0000 👩‍👩‍👧",
              "reads": false,
              "server": null,
              "speaks": false,
              "token": "interaction-token",
              "user": "80351110224678912",
              "v": 1,
              "webhooks": false
            }"#]],
    );
}

#[test]
fn a_later_generation_and_an_unknown_channel_are_stored_and_read_back() {
    let place = Place::Channel { id: None, parent: None, rights: Rights::ALL };
    let other = Job { question: Question { place, ..question("hi") }, generation: 3 };
    assert_eq!(from_params(&params(&other)), Some(other));
}

#[test]
fn a_direct_question_is_stored_and_read_back() {
    let mut asked = question("雅とは?");
    asked.server = None;
    asked.place = Place::Direct;
    check(
        &asked,
        &expect![[r#"
            {
              "asked": 1699999990000,
              "avatar": "https://cdn.discordapp.com/embed/avatars/0.png",
              "channel": null,
              "conversation": null,
              "direct": true,
              "embeds": false,
              "fresh": false,
              "generation": 1,
              "handle": "mio_art",
              "id": "1300000000000000000",
              "language": "ja",
              "name": "みお",
              "parent": null,
              "platform": "discord",
              "question": "雅とは?",
              "reads": false,
              "server": null,
              "speaks": false,
              "token": "interaction-token",
              "user": "80351110224678912",
              "v": 1,
              "webhooks": false
            }"#]],
    );
}

#[test]
fn what_a_later_version_adds_is_ignored() {
    let asked = job("hi");
    let mut params = params(&asked);
    params["v"] = json!(2);
    params["brand_new"] = json!([{}]);
    assert_eq!(from_params(&params), Some(asked));
}

#[test]
fn what_an_answer_can_do_without_may_be_missing() {
    let asked = question("hi");
    for (field, expected) in [
        ("v", asked.clone()),
        (
            "name",
            Question {
                asker: Asker { name: String::new(), ..asked.asker.clone() },
                ..asked.clone()
            },
        ),
        (
            "avatar",
            Question {
                asker: Asker { avatar_url: String::new(), ..asked.asker.clone() },
                ..asked.clone()
            },
        ),
        ("direct", asked.clone()),
        (
            "channel",
            Question {
                place: Place::Channel { id: None, parent: None, rights: Rights::ALL },
                ..asked.clone()
            },
        ),
        ("reads", asked.clone()),
        ("webhooks", asked.clone()),
        ("generation", asked.clone()),
        ("server", Question { server: None, ..asked.clone() }),
        (
            "user",
            Question { asker: Asker { id: String::new(), ..asked.asker.clone() }, ..asked.clone() },
        ),
        // The id holds the time too.
        ("parent", asked.clone()),
        ("language", Question { language: Language::English, ..asked.clone() }),
    ] {
        let expected = Job::first(expected);
        let mut params = params(&job("hi"));
        params.as_object_mut().unwrap().remove(field).unwrap();
        assert_eq!(from_params(&params).as_ref(), Some(&expected), "without {field}");
        params[field] = json!(null);
        assert_eq!(from_params(&params).as_ref(), Some(&expected), "with {field} null");
    }
}

#[test]
fn parameters_without_a_question_are_none() {
    for field in ["id", "token", "question"] {
        for value in [json!(null), json!(1), json!([])] {
            let mut params = params(&job("hi"));
            params[field] = value;
            assert_eq!(from_params(&params), None, "{field}");
        }
    }
    let mut params = params(&job("hi"));
    params["id"] = json!("../1");
    assert_eq!(from_params(&params), None);
    for params in [json!(null), json!([]), json!("hi"), json!({})] {
        assert_eq!(from_params(&params), None);
    }
}

#[test]
fn each_generation_has_an_instance_of_its_own() {
    let generations = [1, 2, 3].map(|generation| Job { generation, ..job("hi") }.instance());
    let id = "1300000000000000000";
    assert_eq!(generations, [id.to_owned(), format!("{id}_2"), format!("{id}_3")]);
}

/// What no log line may show, whatever goes wrong with a question that is full of it.
const MARKER: &str = "hunter2";

/// Runs a marked question to its end in a world where something is wrong.
fn assert_silent(wrong: impl FnOnce(&Fake)) {
    let world = Fake::new();
    let call = json!({
        "response": MARKER,
        "tool_calls": [{ "name": MARKER, "arguments": { MARKER: MARKER } }],
    });
    world.model.borrow_mut().extend([Ok(call), Ok(json!({ "response": MARKER }))]);
    wrong(&world);
    let mut asked = question(MARKER);
    asked.token = Secret::new(format!("{MARKER}-token"));
    asked.asker.name = MARKER.to_owned();
    let mut settings = settings();
    let discord = std::rc::Rc::make_mut(&mut settings.discord);
    discord.bot_token = Secret::new(MARKER.to_owned());
    let journal = Journal::new(&world);
    assert_eq!(run(run_job(&world, &journal, &settings, &Job::first(asked))), Some(Ok(())));
    let events = world.events.borrow();
    assert!(events.len() >= 2, "{events:?}");
    for event in events.iter() {
        assert!(!event.to_json().to_string().contains(MARKER), "{event:?}");
        assert!(!format!("{event:?}").contains(MARKER), "{event:?}");
    }
    let (status, token, result) = world.job("1300000000000000000").unwrap();
    assert_eq!(token, "");
    let result = result.unwrap();
    assert!(status == "COMPLETED" || !result.contains(MARKER), "{status}: {result}");
}

#[test]
fn no_log_line_holds_what_was_asked_or_answered_or_a_token() {
    let echo = || response(400, &json!({ "message": MARKER, "code": 50035, "errors": MARKER }));
    let page = || Response { status: 502, headers: Vec::new(), body: MARKER.to_owned() };
    assert_silent(|_| {});
    for (method, path) in
        [("GET", "hook"), ("POST", "hook"), ("PATCH", ""), ("DELETE", ""), ("GET", "/channels")]
    {
        for response in [Ok(echo()), Ok(page()), Err(HttpError::Timeout)] {
            assert_silent(|world| {
                let order = |response| Answer { to: (method, path), takes_effect: false, response };
                let mut discord = world.discord.borrow_mut();
                discord.reply = discord.reply.take().filter(|_| method != "PATCH");
                discord.answers.extend((0..7).map(|_| order(response.clone())));
            });
        }
    }
}

#[test]
fn no_log_line_holds_what_a_model_said_in_a_shape_we_do_not_know() {
    for answer in
        [Ok(json!({ MARKER: MARKER })), Ok(json!(MARKER)), Ok(json!([MARKER])), Err(3036), Err(0)]
    {
        assert_silent(|world| {
            let mut model = world.model.borrow_mut();
            model.clear();
            model.extend((0..20).map(|_| answer.clone()));
        });
    }
}

#[test]
fn no_log_line_holds_what_the_database_was_to_keep() {
    for statement in ["jobs::claim", "ledger::begin", "jobs::complete"] {
        assert_silent(|world| world.store_faults.borrow_mut().push(statement));
    }
}
