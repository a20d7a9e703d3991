//! Both forms of a submission, and what is refused.

use serde_json::json;

use super::*;

fn ui(trigger: &str, message_id: Option<&str>, text: &str) -> Value {
    json!({
        "id": "c1",
        "messages": [
            { "id": "m1", "role": "user", "parts": [{ "type": "text", "text": "before" }] },
            { "id": "a1", "role": "assistant", "parts": [{ "type": "text", "text": "ok" }] },
            { "id": "m2", "role": "user", "parts": [{ "type": "text", "text": text }] },
        ],
        "trigger": trigger,
        "messageId": message_id,
        "extra": { "is": "ignored" },
    })
}

#[test]
fn a_question_may_name_the_message_that_it_follows() {
    for (body, after) in [
        (json!({ "message": "hi" }), None),
        (json!({ "message": "hi", "parentId": null }), None),
        (json!({ "message": "hi", "parentId": "t1-a" }), Some("t1-a")),
        (
            json!({ "messages": [{ "role": "user", "content": "hi" }], "parentId": "t1-a" }),
            Some("t1-a"),
        ),
    ] {
        assert_eq!(parse(&body).unwrap().after.as_deref(), after, "{body}");
    }
    let wrong = json!({ "message": "hi", "parentId": "a b" });
    assert_eq!(parse(&wrong), Err(SubmissionError::Id("parentId")));
}

#[test]
fn a_plain_message_is_a_question() {
    let body = json!({ "message": " hi ", "conversation": "c1", "userId": "7", "id": "m1" });
    let submission = parse(&body).unwrap();
    assert_eq!(submission.conversation.as_deref(), Some("c1"));
    assert_eq!((submission.ask, submission.message.as_str()), (Ask::New("hi".to_owned()), "m1"));
    assert!(!submission.is_ui_messages);
    assert_eq!(parse(&json!({ "message": "hi" })).unwrap().conversation, None);
}

#[test]
fn of_the_messages_of_ai_sdk_the_last_one_of_the_user_counts() {
    let submission = parse(&ui("submit-message", None, "after")).unwrap();
    assert_eq!(submission.ask, Ask::New("after".to_owned()));
    assert_eq!((submission.message.as_str(), submission.is_ui_messages), ("m2", true));
    let edit = parse(&ui("submit-message", Some("m2"), "other")).unwrap();
    let expected = Ask::Edit { text: "other".to_owned(), replaces: "m2".to_owned() };
    assert_eq!(edit.ask, expected);
    for (named, message, text, asked) in
        [(Some("a2"), "a2", "x", "x"), (None, "m2", "x", "x"), (None, "m2", " ", "")]
    {
        let again = parse(&ui("regenerate-message", named, text)).unwrap();
        let expected = Ask::Again { message: message.to_owned(), text: asked.to_owned() };
        assert_eq!((again.ask, again.message.as_str()), (expected, "m2"));
    }
}

#[test]
fn what_is_no_submission_is_refused_in_words() {
    let long = "x".repeat(MAX_TEXT_BYTES + 1);
    let file = json!({ "messages": [{ "id": "m", "role": "user", "parts": [
        { "type": "file", "mediaType": "image/png", "url": "data:," },
        { "type": "text", "text": "what is it?" },
    ] }] });
    for (body, error) in [
        (json!({}), SubmissionError::Shape),
        (json!([]), SubmissionError::Shape),
        (json!("hi"), SubmissionError::Shape),
        (json!({ "message": 7 }), SubmissionError::Shape),
        (json!({ "message": "hi", "messages": [] }), SubmissionError::Shape),
        (json!({ "message": " \n" }), SubmissionError::Blank),
        (json!({ "messages": [] }), SubmissionError::Blank),
        (json!({ "messages": [{ "role": "assistant", "content": "x" }] }), SubmissionError::Blank),
        (json!({ "message": long }), SubmissionError::TooLong),
        (json!({ "messages": vec![json!({}); 1_001] }), SubmissionError::TooMany),
        (json!({ "message": "hi", "conversation": "" }), SubmissionError::Id("conversation")),
        (json!({ "message": "hi", "conversation": "../1" }), SubmissionError::Id("conversation")),
        (json!({ "message": "hi", "conversation": "a:b" }), SubmissionError::Id("conversation")),
        (json!({ "message": "hi", "id": "x".repeat(65) }), SubmissionError::Id("id")),
        (json!({ "messages": [], "trigger": "regenerate-message" }), SubmissionError::Nothing),
        (json!({ "messages": [], "trigger": "continue-message" }), SubmissionError::Shape),
        (file, SubmissionError::File),
    ] {
        assert_eq!(parse(&body), Err(error), "{body}");
    }
}

#[test]
fn the_same_submission_has_one_turn_and_any_other_another() {
    let ids = |owner: &str, conversation: &str, body: Value| {
        turn_id(owner, conversation, &parse(&body).unwrap(), "")
    };
    let one = ids("mio", "c1", ui("submit-message", None, "hi"));
    assert_eq!(one, ids("mio", "c1", ui("submit-message", None, "hi")));
    assert_eq!(one.len(), 32);
    let others = [
        ids("rin", "c1", ui("submit-message", None, "hi")),
        ids("mio", "c2", ui("submit-message", None, "hi")),
        ids("mio", "c1", ui("submit-message", None, "ho")),
        ids("mio", "c1", ui("submit-message", Some("m2"), "hi")),
        ids("mio", "c1", ui("regenerate-message", None, "hi")),
        ids("mio", "c1", json!({ "message": "hi" })),
        ids("mi", "oc1", ui("submit-message", None, "hi")),
    ];
    for other in others {
        assert_ne!(one, other);
    }
}

#[test]
fn files_are_named_by_their_ids_or_their_addresses() {
    let (one, two) = ("0".repeat(32), "f".repeat(32));
    let ui = |url: &str| {
        let parts = json!([{ "type": "text", "text": "hi" }, { "type": "file", "url": url }]);
        json!({ "messages": [{ "id": "m1", "role": "user", "parts": parts }] })
    };
    let files = |body: &Value| parse(body).map(|submission| submission.files);
    let own = |files: Value| json!({ "message": "hi", "files": files });
    assert_eq!(files(&own(json!([one, two, one]))), Ok(vec![one.clone(), two.clone()]));
    for url in [format!("/api/files/{one}"), format!("https://miyabi.example/api/files/{one}")] {
        assert_eq!(files(&ui(&url)), Ok(vec![one.clone()]), "{url}");
    }
    for url in ["", "data:image/png;base64,AAAA", "/api/files/", "https://elsewhere.example/a.png"]
    {
        assert_eq!(files(&ui(url)), Err(SubmissionError::File), "{url}");
    }
    let many: Vec<_> = (0..5).map(|nth| format!("{nth:032}")).collect();
    assert_eq!(files(&own(json!(many))), Err(SubmissionError::TooManyFiles));
    assert_eq!(files(&own(json!("no list"))), Err(SubmissionError::Shape));
}

#[test]
fn the_same_words_with_another_file_are_another_turn() {
    let turn = |files: Value| {
        let submission = parse(&json!({ "message": "hi", "files": files })).unwrap();
        turn_id("mio", "c1", &submission, "")
    };
    let file = "0".repeat(32);
    assert_eq!(turn(json!([file])), turn(json!([file])));
    assert_ne!(turn(json!([file])), turn(json!([])));
}
