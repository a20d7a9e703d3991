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
