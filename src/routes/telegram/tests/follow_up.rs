//! A question about an answer, and an image.

use super::*;

#[test]
fn a_press_opens_a_reply_whose_question_is_about_the_answer() {
    for (chat, words) in [(52, "What is tea?"), (GROUP, "/ask What is tea?")] {
        let world = world();
        call(&world, &update(chat, &text(words)));
        live(&world, &Journal::new(&world)).unwrap();
        let sent = world.telegram.borrow().calls.last().unwrap().body.clone();
        let data = &sent["reply_markup"]["inline_keyboard"][0][1]["callback_data"];
        let message = json!({
            "message_id": 1, "chat": { "id": chat, "type": if chat > 0 { "private" } else { "supergroup" } },
            "date": 1_700_000_000, "reply_to_message": { "message_id": 5 },
        });
        let press = |user: i64| {
            json!({ "update_id": 11, "callback_query": {
                "id": format!("43826{user}"), "data": data, "message": message,
                "from": { "id": user, "is_bot": false, "first_name": "Mio", "language_code": "en" },
            }})
        };
        assert_eq!(call(&world, &press(53))["method"], "answerCallbackQuery", "it is not theirs");
        let prompt = call(&world, &press(52));
        assert_eq!((&prompt["method"], &prompt["chat_id"]), (&json!("sendMessage"), &json!(chat)));
        assert_eq!(prompt["reply_markup"]["force_reply"], true);
        assert_eq!(prompt["reply_markup"]["selective"], true);
        // Its reply is for whoever asked, since it replies to their question.
        let replies_to = &prompt["reply_parameters"]["message_id"];
        assert_eq!(replies_to, &if chat > 0 { Value::Null } else { json!(5) });
        let quoted = prompt["text"].as_str().unwrap();
        assert!(quoted.starts_with("It is noon."), "{quoted}");
        let reply = json!({ "message_id": 8, "text": "And tomorrow?", "reply_to_message": {
            "message_id": 7, "text": quoted, "from": { "id": 110_201_543, "is_bot": true, "first_name": "Miyabi" },
        }});
        call(&world, &update(chat, &reply));
        live(&world, &Journal::new(&world)).unwrap();
        let asked = world.prompts.borrow().last().unwrap().to_string();
        assert!(asked.contains("And tomorrow?") && asked.contains("It is noon."), "{asked}");
    }
}

#[test]
fn an_image_is_drawn_and_posted() {
    let world = world();
    assert!(
        call(&world, &update(52, &text("/imagine"))).to_string().contains("Write your question")
    );
    assert!(world.started.borrow().is_empty());
    call(&world, &update(52, &text("/imagine a cat")));
    live(&world, &Journal::new(&world)).unwrap();
    let telegram = world.telegram.borrow();
    assert_eq!(telegram.calls.last().unwrap().method, "sendPhoto");
}
