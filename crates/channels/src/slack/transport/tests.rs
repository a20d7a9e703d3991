//! What Slack is sent, and what its refusals lead to.

use super::*;
use core::time::Duration;
use miyabi_core::http::{HttpError, Response};
use miyabi_testing::slack::{Fate, slack};
use miyabi_testing::{Fake, run};
use serde_json::json;

const TS: &str = "1700000000.123456";

fn transport(world: &Fake) -> Slack<Fake> {
    Slack::new(world.clone(), Rc::new(slack()))
}

fn asked(thread: Option<&str>) -> Question {
    let place = Place::new(("T1", "C1", thread), "U5", true).unwrap();
    let id = place.job_of(TS).unwrap();
    let platform = super::super::PLATFORM.to_owned();
    Question { platform, id, place: place.to_text(), ..miyabi_testing::question("hi") }
}

fn sent(
    transport: &Slack<Fake>,
    question: &Question,
    message: &Message<'_>,
) -> Result<String, SendError> {
    let route = run(transport.route(question)).unwrap().unwrap();
    let mut budget = RateLimitBudget::new(Duration::from_secs(55));
    run(transport.send(question, &route, message, &mut budget)).unwrap()
}

fn shown(transport: &Slack<Fake>, question: &Question, words: &str) -> EditOutcome {
    run(transport.edit_once(question, words)).unwrap().unwrap()
}

fn methods(world: &Fake) -> Vec<String> {
    world.slack.borrow().calls.iter().map(|call| call.method.clone()).collect()
}

fn fail(world: &Fake, takes_effect: bool, response: Result<Response, HttpError>) {
    world.slack.borrow_mut().fates.push_back(Fate { takes_effect, response });
}

fn refusal(error: &str) -> Response {
    miyabi_testing::response(200, &json!({ "ok": false, "error": error }))
}

#[test]
fn an_answer_is_markdown_in_its_thread_and_says_of_which_job_it_is() {
    let world = Fake::new();
    let question = asked(Some(TS));
    let message = Message { has_buttons: true, ..Message::text("**Hi** <!channel>") };
    let ts = sent(&transport(&world), &question, &message).unwrap();
    assert!(super::super::is_ts(&ts));
    let slack = world.slack.borrow();
    let body = slack.called("chat.postMessage")[0];
    assert_eq!((&body["channel"], &body["thread_ts"]), (&json!("C1"), &json!(TS)));
    assert_eq!(
        body["blocks"][0],
        json!({ "type": "markdown", "text": "**Hi** <\u{2060}!channel>" })
    );
    assert_eq!(body["text"], "**Hi** &lt;\u{2060}!channel&gt;");
    assert_eq!(body["metadata"]["event_payload"]["job"], question.id.as_str());
    assert_eq!(body["blocks"][1]["elements"][0]["value"], question.id.as_str());
    assert_eq!((&body["unfurl_links"], &body["unfurl_media"]), (&json!(false), &json!(false)));
}

#[test]
fn a_message_is_found_by_its_job_and_words() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    let message = Message::text("One.");
    let ts = sent(&transport, &question, &message).unwrap();
    sent(&transport, &question, &Message::text("Two.")).unwrap();
    let found = run(transport.find(&question, &message)).unwrap().unwrap();
    assert!(found.is_complete);
    assert_eq!(found.candidates.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), [ts.as_str()]);
    let other = Question {
        id: miyabi_core::ids::JobId::parse("slack_T1_C1_9").unwrap(),
        ..question.clone()
    };
    assert!(run(transport.find(&other, &message)).unwrap().unwrap().candidates.is_empty());
    let query = world.slack.borrow().called("conversations.replies")[0].clone();
    assert_eq!((&query["ts"], &query["include_all_metadata"]), (&json!(TS), &json!("true")));
    let oldest = query["oldest"].as_str().unwrap();
    assert!(super::super::is_ts(oldest), "{oldest}");
    let direct = asked(None);
    run(transport.find(&direct, &message)).unwrap().unwrap();
    assert_eq!(world.slack.borrow().called("conversations.history").len(), 1);
}

#[test]
fn a_limit_of_the_search_is_waited_for() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    let message = Message::text("One.");
    sent(&transport, &question, &message).unwrap();
    world.slack.borrow_mut().limits = 1;
    let found = run(transport.find(&question, &message)).unwrap().unwrap();
    assert_eq!((found.candidates.len(), world.slept.borrow().len()), (1, 1));
}

#[test]
fn what_slack_does_not_show_is_an_incomplete_search() {
    let world = Fake::new();
    world.slack.borrow_mut().errors.insert("conversations.replies", "missing_scope");
    let found =
        run(transport(&world).find(&asked(Some(TS)), &Message::text("x"))).unwrap().unwrap();
    assert_eq!(found, Search::default());
}

#[test]
fn an_answer_grows_in_its_thread_and_is_that_message_at_the_end() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    for words in ["It is …", "It is noon …", "It is noon …", "It is noon in Tokyo. …"] {
        assert_eq!(shown(&transport, &question, words), EditOutcome::Done);
    }
    assert_eq!(methods(&world), ["chat.startStream", "chat.appendStream", "chat.appendStream"]);
    let begun = world.slack.borrow().called("chat.startStream")[0].clone();
    assert_eq!(
        (&begun["recipient_user_id"], &begun["recipient_team_id"]),
        (&json!("U5"), &json!("T1"))
    );
    let grown = world.slack.borrow().messages.values().next().unwrap()["markdown_text"].clone();
    assert_eq!(grown, "It is noon in Tokyo.");

    let first = Message::text("It is noon in Tokyo.");
    let ts = sent(&transport, &question, &first).unwrap();
    let second = sent(&transport, &question, &Message::text("Good day.")).unwrap();
    assert_ne!(ts, second);
    let slack = world.slack.borrow();
    assert_eq!(slack.texts(), ["It is noon in Tokyo.", "Good day."]);
    assert_eq!(slack.messages[&ts]["grows"], false);
    drop(slack);
    assert_eq!(shown(&transport, &question, "late"), EditOutcome::Missing);
    // It is the answer, which the next run finds.
    let found = run(transport.find(&question, &first)).unwrap().unwrap();
    assert_eq!(found.candidates[0].id, ts);
}

#[test]
fn words_that_were_said_are_not_taken_back_while_it_grows() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    shown(&transport, &question, "Perhaps …");
    assert_eq!(shown(&transport, &question, "No. …"), EditOutcome::Done);
    assert_eq!(methods(&world), ["chat.startStream"]);
    sent(&transport, &question, &Message::text("No.")).unwrap();
    assert_eq!(world.slack.borrow().texts(), ["No."]);
}

#[test]
fn nothing_grows_where_there_is_no_thread() {
    let world = Fake::new();
    assert_eq!(shown(&transport(&world), &asked(None), "It is …"), EditOutcome::Missing);
    run(transport(&world).think(&asked(None))).unwrap();
    assert!(methods(&world).is_empty());
    run(transport(&world).think(&asked(Some(TS)))).unwrap();
    assert_eq!(methods(&world), ["assistant.threads.setStatus"]);
}

#[test]
fn a_message_that_a_lost_run_has_begun_is_removed() {
    let world = Fake::new();
    let question = asked(Some(TS));
    shown(&transport(&world), &question, "It is …");
    let next = transport(&world);
    sent(&next, &question, &Message::text("It is noon.")).unwrap();
    assert_eq!(world.slack.borrow().texts(), ["It is noon."]);
    assert_eq!(world.slack.borrow().messages.len(), 1);
}

#[test]
fn an_answer_that_a_lost_run_has_finished_stays() {
    let world = Fake::new();
    let question = asked(Some(TS));
    let lost = transport(&world);
    shown(&lost, &question, "It is …");
    sent(&lost, &question, &Message::text("It is noon.")).unwrap();
    sent(&transport(&world), &question, &Message::text("Good day.")).unwrap();
    assert_eq!(world.slack.borrow().texts(), ["It is noon.", "Good day."]);
}

#[test]
fn an_answer_is_posted_where_the_message_that_grew_is_gone_or_cannot_be_changed() {
    for error in ["message_not_found", "cant_update_message"] {
        let world = Fake::new();
        let (transport, question) = (transport(&world), asked(Some(TS)));
        shown(&transport, &question, "It is …");
        world.slack.borrow_mut().errors.insert("chat.update", error);
        sent(&transport, &question, &Message::text("It is noon.")).unwrap();
        assert_eq!(world.slack.borrow().texts(), ["It is noon."], "{error}");
    }
}

#[test]
fn a_lost_reply_to_the_last_change_is_changed_again() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    shown(&transport, &question, "It is …");
    fail(&world, true, Ok(refusal("message_not_in_streaming_state")));
    fail(&world, true, Err(HttpError::Lost));
    let message = Message::text("It is noon.");
    assert!(sent(&transport, &question, &message).is_err());
    assert!(sent(&transport, &question, &message).is_ok());
    assert_eq!(world.slack.borrow().texts(), ["It is noon."]);
}

#[test]
fn a_beginning_whose_reply_is_lost_is_not_begun_again_and_does_not_stay() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    fail(&world, true, Err(HttpError::Lost));
    assert!(run(transport.edit_once(&question, "It is …")).unwrap().is_err());
    assert_eq!(shown(&transport, &question, "It is noon …"), EditOutcome::Missing);
    assert_eq!(methods(&world), ["chat.startStream"]);
    sent(&transport, &question, &Message::text("It is noon.")).unwrap();
    assert_eq!(world.slack.borrow().texts(), ["It is noon."]);
    assert_eq!(world.slack.borrow().messages.len(), 1);
}

#[test]
fn a_search_and_a_removal_are_tried_again_where_slack_fails() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    let message = Message::text("One.");
    let ts = sent(&transport, &question, &message).unwrap();
    world.slack.borrow_mut().failures = 3;
    assert_eq!(run(transport.find(&question, &message)).unwrap().unwrap().candidates.len(), 1);
    world.slack.borrow_mut().failures = 4;
    assert!(run(transport.find(&question, &message)).unwrap().is_err());
    fail(&world, false, Err(HttpError::Lost));
    assert_eq!(run(transport.retract(&question, &ts)).unwrap(), Ok(()));
    assert!(world.slack.borrow().messages.is_empty());
}

#[test]
fn a_message_is_removed_and_one_that_is_not_there_is_removed_already() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    let ts = sent(&transport, &question, &Message::text("One.")).unwrap();
    for id in [ts.as_str(), ts.as_str(), ""] {
        assert_eq!(run(transport.retract(&question, id)).unwrap(), Ok(()));
    }
    assert!(world.slack.borrow().messages.is_empty());
    world.slack.borrow_mut().errors.insert("chat.delete", "cant_delete_message");
    assert!(run(transport.retract(&question, &ts)).unwrap().is_err());
}

#[test]
fn a_long_answer_is_several_messages() {
    let world = Fake::new();
    let contents = transport(&world).render(Author::Assistant, &"雅 ".repeat(MAX_TEXT));
    assert!(contents.len() > 1 && contents.iter().all(|it| it.chars().count() <= MAX_TEXT));
    assert!(transport(&world).render(Author::Assistant, " \n\u{200b}").is_empty());
}

#[test]
fn a_question_of_elsewhere_has_no_way() {
    let world = Fake::new();
    let elsewhere = miyabi_testing::question("hi");
    assert!(run(transport(&world).route(&elsewhere)).unwrap().is_err());
}

#[test]
fn one_that_grew_and_was_found_is_not_said_over() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    shown(&transport, &question, "One …");
    fail(&world, true, Ok(refusal("message_not_in_streaming_state")));
    fail(&world, true, Err(HttpError::Lost));
    let first = Message::text("One.");
    assert!(sent(&transport, &question, &first).is_err());
    assert_eq!(run(transport.find(&question, &first)).unwrap().unwrap().candidates.len(), 1);
    sent(&transport, &question, &Message::text("Two.")).unwrap();
    assert_eq!(world.slack.borrow().texts(), ["One.", "Two."]);
}

#[test]
fn a_run_that_lets_another_message_grow_removes_that_of_a_lost_run() {
    let world = Fake::new();
    let question = asked(Some(TS));
    shown(&transport(&world), &question, "It is …");
    let next = transport(&world);
    shown(&next, &question, "It is noon …");
    sent(&next, &question, &Message::text("It is noon.")).unwrap();
    assert_eq!(world.slack.borrow().texts(), ["It is noon."]);
    assert_eq!(world.slack.borrow().messages.len(), 1);
}

#[test]
fn code_grows_though_each_preview_closes_it() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    let whole = "See:\n```rust\nlet a = 1;\nlet b = 2;\n```\nDone, and more words.";
    for words in ["See:\n```rust\nlet a", "See:\n```rust\nlet a = 1;\nlet b", whole] {
        let first = transport.render(Author::Assistant, words).swap_remove(0);
        shown(&transport, &question, &(transport.truncate(&first, " …") + " …"));
    }
    let grown = world.slack.borrow().messages.values().next().unwrap()["markdown_text"].clone();
    assert_eq!(grown, whole);
}

#[test]
fn no_word_is_lost_where_marks_are_broken() {
    let world = Fake::new();
    let text = "<@U123> ".repeat(2_000);
    let parts = transport(&world).render(Author::Assistant, &text);
    let sent: String = parts.iter().map(|part| crate::slack::text::block(part)).collect();
    let words = |text: &str| text.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&parts.join(" ")).len(), 2_000);
    assert_eq!(sent.matches("<\u{2060}@U").count(), 2_000);
}

#[test]
fn an_address_is_shown_by_a_message_that_forbids_to_ask_for_it() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    for words in
        ["See …", "See https://a.example/?q=secret …", "See https://a.example/?q=secret now …"]
    {
        shown(&transport, &question, words);
    }
    let grown = world.slack.borrow().messages.values().next().unwrap()["markdown_text"].clone();
    assert_eq!(grown, "See");
    sent(&transport, &question, &Message::text("See https://a.example/?q=secret now.")).unwrap();
    let slack = world.slack.borrow();
    assert_eq!(slack.messages.len(), 1);
    assert_eq!(slack.called("chat.postMessage")[0]["unfurl_links"], false);
    assert!(slack.called("chat.update").is_empty());
}

#[test]
fn a_limit_at_the_end_is_waited_for_and_leaves_nothing_behind() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    shown(&transport, &question, "It is …");
    let limited = || Response { status: 429, ..refusal("ratelimited") };
    fail(&world, false, Ok(limited()));
    let message = Message::text("It is noon.");
    let error = sent(&transport, &question, &message).unwrap_err();
    assert!(matches!(error, SendError::RateLimited { .. }), "{error:?}");
    sent(&transport, &question, &message).unwrap();
    assert_eq!(world.slack.borrow().texts(), ["It is noon."]);
    assert_eq!(world.slack.borrow().messages.len(), 1);
}

#[test]
fn words_of_which_nobody_knows_are_not_said_twice() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    shown(&transport, &question, "It is …");
    fail(&world, true, Err(HttpError::Lost));
    assert!(run(transport.edit_once(&question, "It is noon …")).unwrap().is_err());
    shown(&transport, &question, "It is noon in …");
    let grown = world.slack.borrow().messages.values().next().unwrap()["markdown_text"].clone();
    assert_eq!(grown, "It is noon");
}

#[test]
fn a_limit_while_it_grows_stops_nothing() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    let limited = || Response { status: 429, ..refusal("ratelimited") };
    for words in ["It is …", "It is noon …"] {
        fail(&world, false, Ok(limited()));
        assert!(run(transport.edit_once(&question, words)).unwrap().is_err());
        shown(&transport, &question, words);
    }
    let grown = world.slack.borrow().messages.values().next().unwrap()["markdown_text"].clone();
    assert_eq!((world.slack.borrow().messages.len(), grown), (1, json!("It is noon")));
}
