//! What Telegram is sent, byte by byte, and what its refusals lead to.

use super::*;
use core::time::Duration;
use miyabi_core::http::{HttpError, Response};
use miyabi_core::question::Drawing;
use miyabi_testing::telegram::{Call, Fate, telegram};
use miyabi_testing::{Fake, run};
use serde_json::json;

const ALONE: Place = Place { chat: 52, topic: None, message: 5, is_group: false };
const TOPIC: Place = Place { chat: -1001, topic: Some(7), message: 55, is_group: true };

fn transport(world: &Fake) -> Telegram<Fake> {
    Telegram::new(world.clone(), Rc::new(telegram()))
}

fn question(place: Place) -> Question {
    let platform = super::super::PLATFORM.to_owned();
    Question { platform, place: place.to_text(), ..miyabi_testing::question("hi") }
}

fn sent(world: &Fake, place: Place, message: &Message<'_>) -> Result<String, SendError> {
    let (transport, question) = (transport(world), question(place));
    let route = run(transport.route(&question)).unwrap().unwrap();
    let mut budget = RateLimitBudget::new(Duration::from_secs(55));
    run(transport.send(&question, &route, message, &mut budget)).unwrap()
}

fn calls(world: &Fake) -> Vec<(String, Value)> {
    let telegram = world.telegram.borrow();
    telegram.calls.iter().map(|Call { method, body }| (method.clone(), body.clone())).collect()
}

fn refuse(world: &Fake, status: u16, body: &Value) {
    let response = Ok(Response { status, headers: Vec::new(), body: body.to_string() });
    world.telegram.borrow_mut().fates.push_back(Fate { takes_effect: false, response });
}

#[test]
fn an_answer_is_a_message_with_entities() {
    let world = Fake::new();
    assert_eq!(sent(&world, ALONE, &Message::text("**Hi** `x`")).as_deref(), Ok("1"));
    assert_eq!(sent(&world, TOPIC, &Message::text("Hi")).as_deref(), Ok("2"));
    let no_preview = json!({ "is_disabled": true });
    assert_eq!(
        calls(&world),
        [
            (
                "sendMessage".to_owned(),
                json!({
                    "chat_id": 52, "text": "Hi x", "link_preview_options": no_preview,
                    "entities": [{ "type": "bold", "offset": 0, "length": 2 }, { "type": "code", "offset": 3, "length": 1 }],
                })
            ),
            (
                "sendMessage".to_owned(),
                json!({
                    "chat_id": -1001, "message_thread_id": 7, "text": "Hi", "link_preview_options": no_preview,
                    "reply_parameters": { "message_id": 55, "allow_sending_without_reply": true },
                })
            ),
        ]
    );
}

#[test]
fn buttons_stand_below_the_last_message_of_an_answer() {
    let world = Fake::new();
    sent(&world, ALONE, &Message { has_buttons: true, ..Message::text("Hi") }).unwrap();
    sent(&world, ALONE, &Message { has_buttons: true, file: Some("all"), ..Message::text("Hi") })
        .unwrap();
    let calls = calls(&world);
    let keys = &calls[0].1["reply_markup"]["inline_keyboard"][0];
    let data: Vec<_> =
        keys.as_array().unwrap().iter().map(|key| key["callback_data"].clone()).collect();
    assert_eq!(
        data,
        ["again", "ask", "why", "delete"].map(|it| format!("{it}:1300000000000000000"))
    );
    assert!(calls[1].1.as_str().unwrap().contains("name=\"reply_markup\""));
}

#[test]
fn a_file_and_an_image_come_with_their_words_where_those_fit() {
    let world = Fake::new();
    let image = Drawing {
        name: "image.jpg",
        media: "image/jpeg",
        bytes: b"\xff\xd8\xff".to_vec(),
        prompt: "a cat".to_owned(),
    };
    let long = "word ".repeat(400);
    for message in [
        Message { file: Some("# All"), ..Message::text("**all** of it") },
        Message { image: Some(&image), ..Message::text("") },
        Message { image: Some(&image), ..Message::text(&long) },
    ] {
        sent(&world, TOPIC, &message).unwrap();
    }
    let calls = calls(&world);
    let methods: Vec<_> = calls.iter().map(|(method, _)| method.as_str()).collect();
    assert_eq!(methods, ["sendDocument", "sendPhoto", "sendPhoto", "sendMessage"]);
    let form = calls[0].1.as_str().unwrap().replace("\r\n", "\n");
    for part in [
        "name=\"chat_id\"\nContent-Type: text/plain; charset=utf-8\n\n-1001\n",
        "name=\"message_thread_id\"\nContent-Type: text/plain; charset=utf-8\n\n7\n",
        "name=\"caption\"\nContent-Type: text/plain; charset=utf-8\n\nall of it\n",
        "[{\"type\":\"bold\",\"offset\":0,\"length\":3}]",
        "name=\"document\"; filename=\"answer.md\"\nContent-Type: text/markdown; charset=utf-8\n\n# All\n",
    ] {
        assert!(form.contains(part), "{part:?} in {form}");
    }
    assert!(!calls[1].1.as_str().unwrap().contains("caption"));
}

#[test]
fn a_photo_is_sent_once_also_where_its_words_are_tried_again() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), question(ALONE));
    let prompt = "a cat".to_owned();
    let image = Drawing { name: "a.jpg", media: "image/jpeg", bytes: vec![1], prompt };
    let words = "x".repeat(1025);
    let message = Message { image: Some(&image), ..Message::text(&words) };
    let route = run(transport.route(&question)).unwrap().unwrap();
    let send = || {
        let mut budget = RateLimitBudget::new(Duration::from_secs(55));
        run(transport.send(&question, &route, &message, &mut budget)).unwrap()
    };
    let photo =
        Ok(miyabi_testing::response(200, &json!({ "ok": true, "result": { "message_id": 1 } })));
    world.telegram.borrow_mut().fates.push_back(Fate { takes_effect: true, response: photo });
    refuse(
        &world,
        429,
        &json!({ "ok": false, "error_code": 429, "parameters": { "retry_after": 1 } }),
    );
    assert!(send().is_err());
    assert!(send().is_ok());
    let methods: Vec<_> = calls(&world).into_iter().map(|(method, _)| method).collect();
    assert_eq!(methods, ["sendPhoto", "sendMessage"]);
}

#[test]
fn no_formatting_and_no_picture_costs_an_answer() {
    let world = Fake::new();
    let refused = |description: &str| {
        refuse(&world, 400, &json!({ "ok": false, "error_code": 400, "description": description }));
    };
    refused("Bad Request: entity URL 'x' is invalid");
    sent(&world, ALONE, &Message::text("**Hi**")).unwrap();
    refused("Bad Request: not enough rights to send photos to the chat");
    let (bytes, prompt) = (b"\xff\xd8\xff".to_vec(), "a cat".to_owned());
    let image = Drawing { name: "image.jpg", media: "image/jpeg", bytes, prompt };
    sent(&world, ALONE, &Message { image: Some(&image), ..Message::text("A cat.") }).unwrap();
    assert_eq!(world.telegram.borrow().texts(52), ["Hi", "A cat."]);
    assert!(calls(&world)[0].1.get("entities").is_none());
}

#[test]
fn a_group_that_has_moved_gets_its_answer_where_it_is_now() {
    let world = Fake::new();
    refuse(
        &world,
        400,
        &json!({ "ok": false, "error_code": 400, "parameters": { "migrate_to_chat_id": -1009 } }),
    );
    sent(&world, TOPIC, &Message::text("Hi")).unwrap();
    assert_eq!(world.telegram.borrow().texts(-1009), ["Hi"]);
    // It does not move again and again.
    for _ in 0..2 {
        refuse(&world, 400, &json!({ "ok": false, "parameters": { "migrate_to_chat_id": -1009 } }));
    }
    assert!(matches!(sent(&world, TOPIC, &Message::text("Hi")), Err(SendError::Refused { .. })));
}

#[test]
fn who_has_blocked_the_bot_is_not_tried_again() {
    let world = Fake::new();
    refuse(
        &world,
        403,
        &json!({ "ok": false, "error_code": 403, "description": "Forbidden: bot was blocked by the user" }),
    );
    let error = sent(&world, ALONE, &Message::text("Hi")).unwrap_err();
    assert!(!error.may_pass(), "{error:?}");
    assert!(calls(&world).is_empty());
}

#[test]
fn an_answer_grows_as_a_draft() {
    let world = Fake::new();
    let shown = run(transport(&world).edit_once(&question(ALONE), "It **is** …")).unwrap();
    assert_eq!(shown, Ok(EditOutcome::Done));
    assert_eq!(
        calls(&world),
        [(
            "sendMessageDraft".to_owned(),
            json!({
                "chat_id": 52, "draft_id": 5, "text": "It is …", "entities": [{ "type": "bold", "offset": 3, "length": 2 }],
            })
        )]
    );
}

#[test]
fn a_message_that_is_gone_needs_no_removal() {
    let world = Fake::new();
    let transport = transport(&world);
    assert_eq!(run(transport.retract(&question(TOPIC), "77")).unwrap(), Ok(()));
    assert_eq!(
        calls(&world),
        [("deleteMessage".to_owned(), json!({ "chat_id": -1001, "message_id": 77 }))]
    );
    assert_eq!(run(transport.retract(&question(TOPIC), "")).unwrap(), Ok(()));
    let removed = |description: &str| {
        let body = json!({ "ok": false, "error_code": 400, "description": description });
        refuse(&world, 400, &body);
        run(transport.retract(&question(TOPIC), "77")).unwrap()
    };
    assert_eq!(removed("Bad Request: message to delete not found"), Ok(()));
    let kept = removed("Bad Request: message can't be deleted for everyone");
    assert!(matches!(kept, Err(SendError::Refused { .. })), "it is too old: {kept:?}");
}

#[test]
fn a_long_answer_is_several_messages_none_of_which_telegram_refuses() {
    let transport = transport(&Fake::new());
    let numbered = "1. word\n".repeat(1_200);
    let table = format!("| a | b |\n|---|---|\n{}", "| 雅 | 2 |\n".repeat(400));
    for text in
        ["😀".repeat(5_000), numbered, table, format!("```\n{}\n```", "x = 1\n".repeat(2_000))]
    {
        let contents = transport.render(Author::Assistant, &text);
        assert!(contents.len() > 1);
        for content in &contents {
            let shown = format(content, usize::MAX).text;
            assert!((1..=MAX_TEXT).contains(&shown.encode_utf16().count()), "{}", shown.len());
        }
    }
    assert!(transport.render(Author::Assistant, " \n ").is_empty());
    assert!(transport.render(Author::Assistant, "\u{200b}\u{3164}").is_empty());
}

#[test]
fn no_link_is_lost_where_a_message_has_more_entities_than_telegram_takes() {
    let links = (1..=250).map(|n| format!("[a](https://a.example/{n})")).collect::<Vec<_>>();
    let contents = transport(&Fake::new()).render(Author::Assistant, &links.join(" "));
    let entities = contents.iter().map(|content| format(content, MAX_TEXT).entities.len());
    assert!(entities.clone().all(|count| count <= MAX_ENTITIES) && entities.sum::<usize>() == 250);
}

#[test]
fn a_face_keeps_its_arms() {
    let contents = transport(&Fake::new()).render(Author::Assistant, r"**Hi** ¯\_(ツ)_/¯ (*^_^*)");
    assert_eq!(format(&contents[0], MAX_TEXT).text, r"Hi ¯\_(ツ)_/¯ (*^_^*)");
}

#[test]
fn a_question_without_a_place_of_telegram_goes_nowhere() {
    let world = Fake::new();
    let stray = miyabi_testing::question("hi");
    let transport = transport(&world);
    assert!(run(transport.route(&stray)).unwrap().is_err());
    let route = Route::Shared { way: String::new() };
    let mut budget = RateLimitBudget::new(Duration::ZERO);
    let sent = run(transport.send(&stray, &route, &Message::text("x"), &mut budget)).unwrap();
    assert_eq!(sent, Err(SendError::Expired));
}

#[test]
fn a_reply_that_was_lost_leaves_it_open_whether_the_message_is_there() {
    let world = Fake::new();
    world
        .telegram
        .borrow_mut()
        .fates
        .push_back(Fate { takes_effect: true, response: Err(HttpError::Lost) });
    let error = sent(&world, ALONE, &Message::text("Hi")).unwrap_err();
    assert!(matches!(error, SendError::NoResponse { .. }) && error.may_pass());
    assert_eq!(world.telegram.borrow().texts(52), ["Hi"]);
}
