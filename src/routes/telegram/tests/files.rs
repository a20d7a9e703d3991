//! Photos, documents and voice messages of a message.

use super::*;

#[test]
fn a_document_is_read_and_stays_with_its_conversation() {
    let world = world();
    world.telegram.borrow_mut().files.insert("d".to_owned(), b"The bus leaves at nine.".to_vec());
    let document = json!({ "file_id": "d", "file_name": "bus.txt", "mime_type": "text/plain" });
    call(&world, &update(52, &json!({ "document": document, "caption": "When?" })));
    world.model.borrow_mut().push_back(Ok(json!({ "response": "At nine." })));
    live(&world, &Journal::new(&world)).unwrap();
    assert_eq!(world.telegram.borrow().texts(52), ["At nine."]);
    let prompts = world.prompts.borrow().iter().map(ToString::to_string).collect::<String>();
    assert!(
        prompts.contains("The bus leaves at nine.") && prompts.contains("bus.txt"),
        "{prompts}"
    );
    let sql = "SELECT owner || ' ' || conversation || ' ' || (question IS NULL) FROM files";
    let kept: String = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "telegram:52 telegram.52 1");
    // No address with the token is in what is stored.
    let params = world.started.borrow()[0].1.to_string();
    assert!(!params.contains("AAHdqTcvCH1v") && params.contains("file:uploads/"), "{params}");
}

#[test]
fn what_is_spoken_is_answered_as_if_it_was_written() {
    let world = world();
    world.telegram.borrow_mut().files.insert("v".to_owned(), b"OggS\0 speech".to_vec());
    let voice = json!({ "file_id": "v", "duration": 2, "mime_type": "audio/ogg" });
    call(&world, &update(52, &json!({ "voice": voice })));
    let heard = json!({ "text": "When does the bus leave?" });
    world.heard.borrow_mut().push_back(Ok(heard));
    world.model.borrow_mut().push_back(Ok(json!({ "response": "At nine." })));
    live(&world, &Journal::new(&world)).unwrap();
    assert_eq!(world.telegram.borrow().texts(52), ["At nine."]);
    let prompts = world.prompts.borrow();
    let [heard, asked] = prompts.as_slice() else { panic!("{prompts:?}") };
    assert_eq!(heard["audio"], "T2dnUwAgc3BlZWNo");
    let turn = asked["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(turn["content"], "When does the bus leave?");
}

#[test]
fn a_file_that_cannot_be_copied_costs_no_answer() {
    let document = json!({ "file_id": "gone", "file_name": "bus.txt" });
    let large = json!({ "file_id": "d", "file_name": "bus.txt", "file_size": 3_000_000_000_u64 });
    for document in [document, large] {
        let world = world();
        call(&world, &update(52, &json!({ "document": document, "caption": "When?" })));
        live(&world, &Journal::new(&world)).unwrap();
        let telegram = world.telegram.borrow();
        let texts = telegram.texts(52);
        assert!(texts.len() == 1 && texts[0].contains("bus.txt"), "{texts:?}");
    }
}
