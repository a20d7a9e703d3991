//! What a group sees while an answer is written, and what becomes of it.

use super::*;
use core::time::Duration;
use std::rc::Rc;

use miyabi_core::http::{HttpError, Response};
use miyabi_core::ports::Clock as _;
use miyabi_core::question::Drawing;
use miyabi_core::transport::{Route, Transport as _};
use miyabi_testing::telegram::{Call, Fate, telegram};
use miyabi_testing::{Fake, run};
use serde_json::json;

const TOPIC: Place = Place { chat: -1001, topic: Some(7), message: 55, is_group: true };

fn transport(world: &Fake) -> Telegram<Fake> {
    Telegram::new(world.clone(), Rc::new(telegram()))
}

fn question() -> Question {
    let platform = super::super::PLATFORM.to_owned();
    Question { platform, place: TOPIC.to_text(), ..miyabi_testing::question("hi") }
}

fn calls(world: &Fake) -> Vec<(String, Value)> {
    let telegram = world.telegram.borrow();
    telegram.calls.iter().map(|Call { method, body }| (method.clone(), body.clone())).collect()
}

fn refuse(world: &Fake, status: u16, body: &Value) {
    let response = Ok(Response { status, headers: Vec::new(), body: body.to_string() });
    world.telegram.borrow_mut().fates.push_back(Fate { takes_effect: false, response });
}

/// The answer grows in one run, as far as these words; returns the id of the message.
fn grow(transport: &Telegram<Fake>, words: &[&str]) -> Vec<Result<EditOutcome, SendError>> {
    let question = question();
    let each = words.iter().map(|words| {
        let shown = run(transport.edit_once(&question, words)).unwrap();
        run(transport.host.sleep(Duration::from_secs(3))).unwrap();
        shown
    });
    each.collect()
}

fn end(transport: &Telegram<Fake>, message: &Message<'_>) -> Result<String, SendError> {
    let route = Route::Shared { way: scope(TOPIC.chat) };
    let mut budget = RateLimitBudget::new(Duration::from_secs(55));
    run(transport.send(&question(), &route, message, &mut budget)).unwrap()
}

fn methods(world: &Fake) -> Vec<String> {
    calls(world).into_iter().map(|(method, _)| method).collect()
}

fn lose(world: &Fake, takes_effect: bool) {
    let response = Err(HttpError::Lost);
    world.telegram.borrow_mut().fates.push_back(Fate { takes_effect, response });
}

#[test]
fn in_a_group_a_message_grows_and_becomes_the_answer() {
    let world = Fake::new();
    let transport = transport(&world);
    assert_eq!(
        grow(&transport, &["It **is** …", "It is no …"]),
        [const { Ok(EditOutcome::Done) }; 2]
    );
    let last = Message { has_buttons: true, ..Message::text("It is noon.") };
    assert_eq!(end(&transport, &last).as_deref(), Ok("1"));
    assert_eq!(end(&transport, &Message::text("And more.")).as_deref(), Ok("2"));
    let (calls, thread) = (calls(&world), json!(7));
    assert_eq!((calls[0].0.as_str(), &calls[0].1["message_thread_id"]), ("sendMessage", &thread));
    assert_eq!(calls[0].1["reply_parameters"]["message_id"], 55);
    let edited = json!({
        "chat_id": -1001, "message_id": 1, "text": "It is no …", "link_preview_options": { "is_disabled": true },
    });
    assert_eq!(calls[1], ("editMessageText".to_owned(), edited));
    assert_eq!(
        (&calls[2].1["text"], &calls[2].1["message_id"]),
        (&json!("It is noon."), &json!(1))
    );
    assert!(calls[2].1["reply_markup"].is_object());
    assert_eq!((calls[3].0.as_str(), calls.len()), ("sendMessage", 4));
    assert_eq!(grow(&transport, &["It is"]), [Ok(EditOutcome::Missing)], "nothing is put over it");
}

#[test]
fn a_group_is_not_written_to_oftener_than_it_takes() {
    let world = Fake::new();
    let transport = transport(&world);
    let shown = |words| run(transport.edit_once(&question(), words)).unwrap();
    assert_eq!(shown("It"), Ok(EditOutcome::Done));
    assert!(matches!(shown("It is"), Err(SendError::RateLimited { .. })));
    run(world.sleep(Duration::from_secs(3))).unwrap();
    refuse(&world, 429, &json!({ "ok": false, "parameters": { "retry_after": 40 } }));
    assert!(matches!(shown("It is"), Err(SendError::RateLimited { .. })));
    run(world.sleep(Duration::from_secs(39))).unwrap();
    assert!(matches!(shown("It is"), Err(SendError::RateLimited { .. })));
    assert_eq!(calls(&world).len(), 1);
    run(world.sleep(Duration::from_secs(2))).unwrap();
    assert_eq!(shown("It is"), Ok(EditOutcome::Done));
}

#[test]
fn another_run_goes_on_with_what_a_lost_one_has_left() {
    let world = Fake::new();
    grow(&transport(&world), &["It is …"]);
    grow(&transport(&world), &["It was …"]);
    // What it says for good is put there by every run, and nothing else is.
    for _ in 0..2 {
        assert_eq!(end(&transport(&world), &Message::text("It was noon.")).as_deref(), Ok("1"));
    }
    assert_eq!(end(&transport(&world), &Message::text("Second.")).as_deref(), Ok("2"));
    let edited = methods(&world);
    let edit = "editMessageText";
    assert_eq!(edited, ["sendMessage", edit, edit, edit, "sendMessage"]);
}

#[test]
fn of_two_runs_that_begin_one_keeps_its_message() {
    let world = Fake::new();
    let (one, other) = (transport(&world), transport(&world));
    for run_of in [&one, &other] {
        run_of.looked_up(&question(), &Rows::new());
    }
    grow(&one, &["It is …"]);
    grow(&other, &["It was …", "It was no …"]);
    assert_eq!(end(&other, &Message::text("It was noon.")).as_deref(), Ok("1"));
    let (send, edit) = ("sendMessage", "editMessageText");
    assert_eq!(methods(&world), [send, send, "deleteMessage", edit, edit]);
}

#[test]
fn an_answer_is_posted_where_nothing_may_be_put_in_the_message_that_grew() {
    let image =
        Drawing { name: "i.jpg", media: "image/jpeg", bytes: vec![], prompt: String::new() };
    let (text, drawn) =
        (Message::text("It is noon."), Message { image: Some(&image), ..Message::text("") });
    // Nobody knows its id; a late edit would be put over the answer; somebody removed it; a photo is no text.
    for (name, at, expected) in [
        ("lost", 0, vec!["sendMessage", "sendMessage"]),
        ("unclear", 1, vec!["sendMessage", "editMessageText", "deleteMessage", "sendMessage"]),
        ("removed", 9, vec!["sendMessage", "editMessageText", "deleteMessage", "sendMessage"]),
        ("drawn", 9, vec!["sendMessage", "editMessageText", "deleteMessage", "sendPhoto"]),
    ] {
        let world = Fake::new();
        let transport = transport(&world);
        for (nth, words) in ["It …", "It is …"].into_iter().enumerate() {
            if nth == at {
                lose(&world, true);
            }
            grow(&transport, &[words]);
        }
        if name == "removed" {
            let description = "Bad Request: message to edit not found";
            refuse(
                &world,
                400,
                &json!({ "ok": false, "error_code": 400, "description": description }),
            );
        }
        end(&transport, if name == "drawn" { &drawn } else { &text }).unwrap();
        assert_eq!(methods(&world), expected, "{name}");
    }
}

#[test]
fn an_edit_whose_reply_was_lost_is_made_again_and_is_the_answer() {
    let world = Fake::new();
    let transport = transport(&world);
    grow(&transport, &["It is …"]);
    lose(&world, true);
    let error = end(&transport, &Message::text("It is noon.")).unwrap_err();
    assert!(matches!(error, SendError::NoResponse { .. }));
    let description = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same";
    refuse(&world, 400, &json!({ "ok": false, "error_code": 400, "description": description }));
    assert_eq!(end(&transport, &Message::text("It is noon.")).as_deref(), Ok("1"));
    assert_eq!(methods(&world), ["sendMessage", "editMessageText"]);
    // Without the database nobody knows which message it is: nothing is sent meanwhile.
    world.store_faults.borrow_mut().push("growing::claim");
    let other = self::transport(&world);
    assert!(end(&other, &Message::text("It is noon.")).unwrap_err().may_pass());
    assert_eq!(methods(&world).len(), 2);
}
