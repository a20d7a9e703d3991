//! What Meta is sent, byte by byte, and what its refusals lead to.

use super::*;
use crate::whatsapp::parse::Status;
use miyabi_core::config::Template;
use miyabi_core::event::Event;
use miyabi_core::http::{HttpError, Response};
use miyabi_core::ids::{JobId, Millis, Secret};
use miyabi_core::question::Drawing;
use miyabi_core::transport::MAX_FIND;
use miyabi_testing::whatsapp::{Call, Fate, NUMBER, whatsapp};
use miyabi_testing::{Fake, run};
use serde_json::json;

fn place() -> Place {
    Place {
        number: NUMBER.to_owned(),
        phone: Some("16505551234".to_owned()),
        user: Some("US.1".to_owned()),
        group: None,
        message: "wamid.a".to_owned(),
        wrote_s: 0,
    }
}

fn question(world: &Fake, place: &Place) -> Question {
    let place = Place { wrote_s: world.now.get() / 1000, ..place.clone() };
    asked_late(world, &place)
}

/// As a question is that is asked by now, whenever its place's message was written.
fn asked_late(world: &Fake, place: &Place) -> Question {
    let platform = super::super::PLATFORM.to_owned();
    let asked = Millis(world.now.get());
    Question { platform, place: place.to_text(), asked, ..miyabi_testing::question("hi") }
}

fn send(world: &Fake, question: &Question, message: &Message<'_>) -> Result<String, SendError> {
    let transport = WhatsApp::new(world.clone(), Rc::new(whatsapp()));
    send_by(&transport, question, message)
}

fn send_by(
    transport: &WhatsApp<Fake>,
    question: &Question,
    message: &Message<'_>,
) -> Result<String, SendError> {
    let route = run(transport.route(question)).unwrap().unwrap();
    let mut budget = RateLimitBudget::new(Duration::from_secs(55));
    run(transport.send(question, &route, message, &mut budget)).unwrap()
}

fn calls(world: &Fake) -> Vec<(String, Value)> {
    let whatsapp = world.whatsapp.borrow();
    whatsapp.calls.iter().map(|Call { method, body }| (method.clone(), body.clone())).collect()
}

fn image() -> Drawing {
    let (bytes, prompt) = (b"JPEG".to_vec(), "a cat".to_owned());
    Drawing { name: "a.jpg", media: "image/jpeg", bytes, prompt }
}

fn refuse(world: &Fake, status: u16, code: u32) {
    let body = json!({ "error": { "message": "words", "code": code } });
    let response = Ok(Response { status, headers: Vec::new(), body: body.to_string() });
    world.whatsapp.borrow_mut().fates.push_back(Fate { takes_effect: false, response });
}

#[test]
fn an_answer_is_a_message_with_marks_and_a_tag() {
    let world = Fake::new();
    let question = question(&world, &place());
    let id = send(&world, &question, &Message::text("**Hi** `x`")).unwrap();
    assert_eq!(id, digest("wamid.1"), "no id of Meta's, which holds a phone number");
    let tag = format!("{}.{}", question.id, digest("**Hi** `x`"));
    assert_eq!(
        calls(&world),
        [(
            "messages".to_owned(),
            json!({
                "messaging_product": "whatsapp", "recipient_type": "individual", "to": "16505551234",
                "biz_opaque_callback_data": tag,
                "type": "text", "text": { "body": "*Hi* `x`", "preview_url": false },
            })
        )]
    );
}

#[test]
fn buttons_stand_below_what_they_fit_below() {
    let world = Fake::new();
    let question = question(&world, &place());
    for (words, kind) in [("Hi".to_owned(), "interactive"), ("x".repeat(1025), "text")] {
        send(&world, &question, &Message { has_buttons: true, ..Message::text(&words) }).unwrap();
        assert_eq!(calls(&world).last().unwrap().1["type"], kind);
    }
    let ids: Vec<_> = calls(&world)[0].1["interactive"]["action"]["buttons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|button| button["reply"]["id"].clone())
        .collect();
    assert_eq!(ids, ["again:1300000000000000000", "why:1300000000000000000"]);
}

#[test]
fn nothing_stands_below_what_a_group_reads() {
    let world = Fake::new();
    let group = Place { group: Some("Y2Fw".to_owned()), ..place() };
    let question = question(&world, &group);
    send(&world, &question, &Message { has_buttons: true, ..Message::text("Hi") }).unwrap();
    let sent = calls(&world).remove(0).1;
    assert_eq!((&sent["type"], &sent["recipient_type"]), (&json!("text"), &json!("group")));
}

#[test]
fn files_are_uploaded_and_sent_with_words() {
    let world = Fake::new();
    let question = question(&world, &place());
    send(&world, &question, &Message { file: Some("all of it"), ..Message::text("Attached") })
        .unwrap();
    let image = image();
    send(&world, &question, &Message { image: Some(&image), ..Message::text("A cat") }).unwrap();
    let calls = calls(&world);
    let methods: Vec<_> = calls.iter().map(|(method, _)| method.as_str()).collect();
    assert_eq!(methods, ["media", "messages", "media", "messages"]);
    let form = calls[0].1.as_str().unwrap();
    assert!(form.contains("name=\"messaging_product\"") && form.contains("all of it"), "{form}");
    let document = json!({ "id": "media-1", "caption": "Attached", "filename": "answer.txt" });
    assert_eq!(calls[1].1["document"], document);
    assert_eq!(calls[3].1["image"], json!({ "id": "media-3", "caption": "A cat" }));
}

#[test]
fn an_image_with_many_words_is_sent_once_also_where_its_words_are_limited() {
    let world = Fake::new();
    let question = question(&world, &place());
    let transport = WhatsApp::new(world.clone(), Rc::new(whatsapp()));
    let image = image();
    let words = "x".repeat(1025);
    let message = Message { image: Some(&image), ..Message::text(&words) };
    for status in [200, 200] {
        let response = Ok(miyabi_testing::response(
            status,
            &json!({ "id": "7", "messages": [{ "id": "wamid.7" }] }),
        ));
        world.whatsapp.borrow_mut().fates.push_back(Fate { takes_effect: true, response });
    }
    refuse(&world, 400, 131_056);
    let limited = send_by(&transport, &question, &message);
    assert_eq!(limited, Err(SendError::RateLimited { operation: "send" }));
    assert!(send_by(&transport, &question, &message).is_ok());
    let kinds: Vec<_> = calls(&world).iter().map(|(_, body)| body["type"].clone()).collect();
    assert_eq!(kinds, [Value::Null, json!("image"), json!("text")]);
    // A run that comes after a lost one finds the image by what Meta has told of it.
    let tag = calls(&world)[1].1["biz_opaque_callback_data"].as_str().unwrap().to_owned();
    let status = Status { message: "m".to_owned(), tag, failed: None };
    run(kept::note_statuses(&world, core::slice::from_ref(&status))).unwrap().unwrap();
    send(&world, &question, &message).unwrap();
    assert_eq!(calls(&world).len(), 4, "the words alone");
}

#[test]
fn after_a_day_only_a_template_is_sent() {
    let world = Fake::new();
    // A reminder, and a message that came after days, are asked when that is.
    let late = asked_late(&world, &Place { wrote_s: 1_600_000_000, ..place() });
    let refused = send(&world, &late, &Message::text("Tea"));
    assert_eq!(refused, Err(SendError::Refused { operation: "send", status: 0, code: CLOSED }));
    let template = Template { name: "reminder".to_owned(), language: "en_US".to_owned() };
    let settings = config::WhatsApp { template: Some(template), ..whatsapp() };
    let transport = WhatsApp::new(world.clone(), Rc::new(settings));
    send_by(&transport, &late, &Message::text("**Tea**\nis ready")).unwrap();
    let sent = &calls(&world)[0].1["template"];
    assert_eq!(sent["components"][0]["parameters"][0]["text"], "Tea is ready");
    // Who has written since may be answered in any words.
    let now = world.db.query_row("SELECT unixepoch()", [], |row| row.get::<_, i64>(0)).unwrap();
    let since = Place { wrote_s: now.unsigned_abs(), ..place() };
    let _new = run(kept::note(&world, &whatsapp(), &since)).unwrap().unwrap();
    send_by(&transport, &late, &Message::text("Tea")).unwrap();
    assert_eq!(calls(&world)[1].1["type"], "text");
}

#[test]
fn a_reminder_that_is_due_does_not_open_the_window() {
    let world = Fake::new();
    let asked = question(&world, &place());
    let id = JobId::of_reminder(&asked.id, 0).unwrap();
    let refused = send(&world, &Question { id, ..asked }, &Message::text("Tea"));
    assert_eq!(refused, Err(SendError::Refused { operation: "send", status: 0, code: CLOSED }));
}

#[test]
fn a_message_whose_reply_was_lost_is_found_by_its_status() {
    let world = Fake::new();
    let question = question(&world, &place());
    let transport = WhatsApp::new(world.clone(), Rc::new(whatsapp()));
    let response = Err(HttpError::Timeout);
    world.whatsapp.borrow_mut().fates.push_back(Fate { takes_effect: true, response });
    assert!(send_by(&transport, &question, &Message::text("Hi")).is_err());
    let find = || run(transport.find(&question, &Message::text("Hi"))).unwrap().unwrap();
    assert_eq!(find(), Search { candidates: Vec::new(), is_complete: true });
    // The watchdog has to have time left to tell somebody.
    assert_eq!(world.slept.borrow().iter().sum::<Duration>(), MAX_FIND);
    let tag = calls(&world)[0].1["biz_opaque_callback_data"].as_str().unwrap().to_owned();
    let status = Status { message: "m".to_owned(), tag, failed: None };
    run(kept::note_statuses(&world, core::slice::from_ref(&status))).unwrap().unwrap();
    assert_eq!(find().candidates.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["m"]);
    let other = run(transport.find(&question, &Message::text("Other"))).unwrap().unwrap();
    assert!(other.candidates.is_empty());
    let failed = Status { failed: Some(131_000), ..status };
    run(kept::note_statuses(&world, &[failed])).unwrap().unwrap();
    assert!(find().candidates.is_empty(), "one that does not arrive is not there");
}

#[test]
fn a_limit_of_one_person_is_kept_and_logged_without_their_number() {
    let world = Fake::new();
    let alone = Place { user: None, ..place() };
    let question = question(&world, &alone);
    refuse(&world, 400, 131_056);
    assert!(send(&world, &question, &Message::text("Hi")).is_err());
    let sql = "SELECT scope FROM breakers";
    let scope: String = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(scope, format!("whatsapp:{}", kept::chat(&whatsapp(), &alone)));
    assert!(
        matches!(&world.events.borrow()[..], [Event::BreakerOpened { scope: logged, .. }] if *logged == scope)
    );
    let mut other = whatsapp();
    other.app_secret = Secret::new("another".to_owned());
    assert_ne!(kept::chat(&other, &alone), kept::chat(&whatsapp(), &alone), "no plain digest");
}

#[test]
fn that_an_answer_is_written_is_shown_and_nothing_of_it() {
    let world = Fake::new();
    let question = question(&world, &place());
    let transport = WhatsApp::new(world.clone(), Rc::new(whatsapp()));
    let shown = run(transport.edit_once(&question, "half an answer")).unwrap();
    assert_eq!(shown, Ok(EditOutcome::Done));
    let typing = json!({
        "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.a",
        "typing_indicator": { "type": "text" },
    });
    assert_eq!(calls(&world), [("messages".to_owned(), typing)]);
}

#[test]
fn an_answer_is_one_message_if_it_fits_into_one() {
    let transport = WhatsApp::new(Fake::new(), Rc::new(whatsapp()));
    let lengths = |text: &str| -> Vec<usize> {
        transport.render(Author::Assistant, text).iter().map(|it| marks::length(it)).collect()
    };
    assert_eq!(lengths(&"あ".repeat(4096)), [4096]);
    assert_eq!(lengths(&"あ".repeat(4097)).len(), 2);
    assert!(lengths(&"*a* b ".repeat(3000)).iter().all(|length| *length <= MAX_TEXT));
    assert!(lengths(" \n\u{200b}").is_empty());
}
