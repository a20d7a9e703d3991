//! The message that grows.

use super::*;
use miyabi_core::conversation::StepState;

fn step(state: StepState, tools: &[&str]) -> Step {
    let tools = tools.iter().map(|name| (*name).to_owned()).collect();
    Step { id: "1-2".to_owned(), state, tools }
}

fn shown_step(transport: &Slack<Fake>, question: &Question, step: &Step) -> EditOutcome {
    run(transport.show_step(question, step)).unwrap().unwrap()
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
fn tools_are_shown_where_the_answer_grows_and_it_goes_on_below_them() {
    let world = Fake::new();
    let (transport, mut question) = (transport(&world), asked(Some(TS)));
    question.language = Language::English;
    let names = ["fetch_page", "web_search", "https://evil.example/?q=secret", "<!channel>"];
    shown_step(&transport, &question, &step(StepState::Running, &names));
    let message = || world.slack.borrow().messages.values().next().unwrap().clone();
    let running = json!(["Looking into it: fetch_page, web_search", "in_progress"]);
    assert_eq!(message()["tasks"]["1-2"], running);
    shown(&transport, &question, "Let me …");
    shown_step(&transport, &question, &step(StepState::Done, &names[..1]));
    assert_eq!(message()["tasks"]["1-2"], json!(["Used fetch_page", "complete"]));
    shown(&transport, &question, "It is noon …");
    assert_eq!(message()["markdown_text"], "Let meIt is noon");
    assert_eq!(
        methods(&world),
        [&["chat.startStream"][..], &["chat.appendStream"; 3]].concat(),
        "there is one message"
    );
    sent(&transport, &question, &Message::text("It is noon.")).unwrap();
    assert_eq!(world.slack.borrow().texts(), ["It is noon."]);
    assert_eq!(message()["tasks"], Value::Null);
}

#[test]
fn tools_that_are_over_begin_no_message_and_those_without_a_name_are_not_shown() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    for step in [
        step(StepState::Done, &["weather"]),
        step(StepState::Failed, &["weather"]),
        step(StepState::Running, &["see https://a.example"]),
        step(StepState::Running, &[]),
    ] {
        assert_eq!(shown_step(&transport, &question, &step), EditOutcome::Missing);
    }
    let outside = shown_step(&transport, &asked(None), &step(StepState::Running, &["weather"]));
    assert_eq!((outside, methods(&world).len()), (EditOutcome::Missing, 0));
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
