//! A question by naming the bot in any chat: what is offered costs nothing, and what is sent is answered once, where it
//! stands.

use super::*;

fn typed(words: &str) -> Value {
    json!({ "update_id": 9, "inline_query": {
        "id": "77", "query": words, "offset": "", "chat_type": "group",
        "from": { "id": 52, "is_bot": false, "first_name": "Mio", "language_code": "en" },
    }})
}

fn chosen() -> Value {
    json!({ "update_id": 10, "chosen_inline_result": {
        "result_id": "ask", "inline_message_id": "AgAAAKr0", "query": "What is tea?",
        "from": { "id": 52, "is_bot": false, "first_name": "Mio", "language_code": "en" },
    }})
}

fn statements(world: &Fake) -> u64 {
    world.db.query_row("SELECT count(*) FROM jobs", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_letter_that_is_typed_costs_nothing() {
    let world = world();
    let offered = call(&world, &typed("What is t"));
    assert_eq!(offered["method"], "answerInlineQuery");
    assert_eq!(
        (&offered["inline_query_id"], &offered["is_personal"]),
        (&json!("77"), &json!(true))
    );
    let result = &offered["results"][0];
    assert_eq!((&result["id"], &result["description"]), (&json!("ask"), &json!("What is t")));
    assert_eq!(
        result["input_message_content"]["entities"],
        json!([{ "type": "blockquote", "offset": 0, "length": 9 }])
    );
    assert!(result["reply_markup"]["inline_keyboard"][0][0].is_object(), "else its id is not told");
    assert_eq!(call(&world, &typed(" "))["results"], json!([]));
    assert!(world.telegram.borrow().calls.is_empty() && world.started.borrow().is_empty());
    assert_eq!(statements(&world), 0);
}

#[test]
fn what_is_sent_is_answered_in_its_message_wherever_the_program_dies() {
    wherever_it_dies(6, |death| {
        let world = world();
        for _ in 0..2 {
            assert_eq!(call(&world, &chosen()), Value::Null);
        }
        let died = run_to_its_end(&world, death, &on());
        let telegram = world.telegram.borrow();
        assert!(telegram.calls.iter().all(|call| call.method == "editMessageText"), "{death:?}");
        let said = &telegram.calls.last().unwrap().body;
        assert_eq!(said["inline_message_id"], "AgAAAKr0");
        assert!(said["text"].as_str().unwrap().starts_with("What is tea?\nIt is noon."), "{said}");
        assert_eq!(statements(&world), 1);
        died
    });
}

#[test]
fn an_answer_that_is_too_long_is_one_message_and_says_that_it_goes_on() {
    let world = world();
    call(&world, &chosen());
    let long = "word ".repeat(2_000);
    world.model.borrow_mut().push_back(Ok(json!({ "response": long })));
    live(&world, &Journal::new(&world)).unwrap();
    let telegram = world.telegram.borrow();
    assert_eq!(telegram.calls.len(), 1);
    let said = telegram.calls[0].body["text"].as_str().unwrap();
    assert!(said.ends_with('…') && said.encode_utf16().count() <= 4096);
}

#[test]
fn nothing_that_is_known_of_its_person_is_shown_to_who_reads_along() {
    let world = world();
    call(&world, &update(52, &text("Remember that my cat is called Momo.")));
    live(&world, &Journal::new(&world)).unwrap();
    call(&world, &chosen());
    live(&world, &Journal::new(&world)).unwrap();
    let asked = world.prompts.borrow();
    let (before, last) = (&asked[0], asked.last().unwrap());
    assert!(before.to_string().contains("Momo") && !last.to_string().contains("Momo"), "{last}");
}

#[test]
fn who_may_not_ask_is_offered_nothing_and_told_so_below_the_question() {
    let world = world();
    let mut telegram = telegram();
    telegram.chats = vec![7];
    let closed = || Settings { telegram: Some(Rc::new(telegram.clone())), ..settings() };
    let offered: Value =
        serde_json::from_str(&replied(&world, closed(), &typed("hi")).body).unwrap();
    assert_eq!(offered["results"], json!([]));
    let told = replied(&world, closed(), &chosen()).body.into_owned();
    assert!(told.contains("editMessageText") && told.contains("Your id is 52"), "{told}");
    world.exhausted.borrow_mut().push((Limit::Asker, "telegram:52".to_owned()));
    let crowded = call(&world, &chosen());
    assert_eq!(crowded["inline_message_id"], "AgAAAKr0");
    assert!(world.started.borrow().is_empty());
}
