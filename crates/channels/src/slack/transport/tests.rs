//! What Slack is sent, and what its refusals lead to.

mod growing;
mod sharing;

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
    assert!(is_ts(&ts));
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
    assert!(is_ts(oldest), "{oldest}");
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
fn no_word_is_lost_where_marks_are_broken() {
    let world = Fake::new();
    let text = "<@U123> ".repeat(2_000);
    let parts = transport(&world).render(Author::Assistant, &text);
    let sent: String = parts.iter().map(|part| crate::slack::text::block(part)).collect();
    let words = |text: &str| text.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&parts.join(" ")).len(), 2_000);
    assert_eq!(sent.matches("<\u{2060}@U").count(), 2_000);
}
