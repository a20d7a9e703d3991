//! A question is the same after its way through the Workflow's parameters.

use expect_test::expect;
use serde_json::json;

use super::*;
use crate::testing::run_job;
use miyabi_core::http::{HttpError, Response};
use miyabi_core::i18n::Language;
use miyabi_core::ids::Secret;
use miyabi_core::question::Question;
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
    let mut asked = question("雅とは? \"quotes\" \u{0} 👩\u{200d}👩\u{200d}👧");
    asked.place = "here".to_owned();
    check(
        &asked,
        &expect![[r#"
            {
              "asked": 1699999990000,
              "avatar": "https://cdn.discordapp.com/embed/avatars/0.png",
              "conversation": null,
              "fresh": false,
              "generation": 1,
              "handle": "mio_art",
              "id": "1300000000000000000",
              "language": "ja",
              "name": "みお",
              "place": "here",
              "platform": "discord",
              "question": "雅とは? \"quotes\" \u0000 👩‍👩‍👧",
              "server": "1200000000000000009",
              "token": "interaction-token",
              "user": "80351110224678912"
            }"#]],
    );
}

#[test]
fn a_question_outside_of_servers_is_stored_and_read_back() {
    let mut asked = question("雅とは?");
    asked.place = String::new();
    asked.server = None;
    asked.language = Language::English;
    asked.is_fresh = true;
    check(
        &asked,
        &expect![[r#"
            {
              "asked": 1699999990000,
              "avatar": "https://cdn.discordapp.com/embed/avatars/0.png",
              "conversation": null,
              "fresh": true,
              "generation": 1,
              "handle": "mio_art",
              "id": "1300000000000000000",
              "language": "en",
              "name": "みお",
              "place": "",
              "platform": "discord",
              "question": "雅とは?",
              "server": null,
              "token": "interaction-token",
              "user": "80351110224678912"
            }"#]],
    );
}

#[test]
fn a_later_generation_is_stored_and_read_back() {
    let other = Job { generation: 3, ..job("hi") };
    assert_eq!(from_params(&params(&other)), Some(other));
}

#[test]
fn a_place_of_any_channel_is_stored_and_read_back_as_it_is() {
    let place = "{\"room\":\"7\",\"may\":[\"post\"]} \u{0}雅".to_owned();
    let other = Job::first(Question { place, ..question("hi") });
    assert_eq!(from_params(&params(&other)), Some(other));
}

#[test]
fn what_a_later_version_adds_is_ignored() {
    let asked = job("hi");
    let mut params = params(&asked);
    params["brand_new"] = json!([{}]);
    assert_eq!(from_params(&params), Some(asked));
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
