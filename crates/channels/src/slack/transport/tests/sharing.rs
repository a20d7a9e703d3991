//! Files beside a message.

use super::*;
use miyabi_core::question::Drawing;
use miyabi_core::text::listings::TextFile;

fn code() -> Vec<TextFile> {
    vec![TextFile { name: "code-1.rs".to_owned(), text: "let a = 1;\n".to_owned() }]
}

/// Returns what stands in the channel, oldest first: words, and names of files.
fn seen(world: &Fake) -> Vec<String> {
    let slack = world.slack.borrow();
    let all = slack.messages.values().map(|it| {
        let word = it["blocks"][0]["text"].as_str().or_else(|| it["files"][0]["name"].as_str());
        word.unwrap_or_default().to_owned()
    });
    all.collect()
}

#[test]
fn code_and_images_are_files_above_the_words_and_go_with_them() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    assert!(transport.attaches_files(&question) && transport.takes_out_code(&question));
    let listings = code();
    let image = Drawing {
        name: "image.jpg",
        media: "image/jpeg",
        bytes: b"picture".to_vec(),
        prompt: "a crane & a pine".to_owned(),
    };
    let message =
        Message { listings: &listings, image: Some(&image), ..Message::text("See `code-1.rs`.") };
    let id = sent(&transport, &question, &message).unwrap();
    let there = seen(&world);
    assert!(there[0].ends_with("-image.jpg") && there[1].ends_with("-code-1.rs"), "{there:?}");
    assert_eq!(there[2], "See `code-1.rs`.");
    let slack = world.slack.borrow();
    let promise = slack.called("files.getUploadURLExternal")[0];
    assert_eq!(
        (&promise["length"], &promise["alt_txt"]),
        (&json!("7"), &json!("a+crane+%26+a+pine"))
    );
    assert_eq!(slack.uploads.values().collect::<Vec<_>>(), ["picture", "let a = 1;\n"]);
    let share = slack.called("files.completeUploadExternal")[1];
    assert_eq!((&share["channel_id"], &share["thread_ts"]), (&json!("C1"), &json!(TS)));
    assert_eq!(share["files"][0]["title"], "code-1.rs");
    drop(slack);
    let found = run(transport.find(&question, &message)).unwrap().unwrap();
    assert_eq!(found.candidates[0].id, id, "whoever finds it can remove its files too");
    run(transport.retract(&question, &id)).unwrap().unwrap();
    assert_eq!(seen(&world), Vec::<String>::new());
}

#[test]
fn a_file_whose_reply_was_lost_is_found_and_not_shared_again() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    let listings = code();
    let message = Message { listings: &listings, ..Message::text("See.") };
    fail(&world, true, Err(HttpError::Lost));
    // The upload is no method: what is lost is the reply to its end.
    assert!(sent(&transport, &question, &message).is_err());
    let next = super::transport(&world);
    assert!(run(next.find(&question, &message)).unwrap().unwrap().candidates.is_empty());
    let id = sent(&next, &question, &message).unwrap();
    assert_eq!(seen(&world).len(), 2, "{:?}", seen(&world));
    run(next.retract(&question, &id)).unwrap().unwrap();
    assert_eq!(seen(&world), Vec::<String>::new());
    // The same file below other words is another one.
    let other = Message { listings: &listings, ..Message::text("And.") };
    sent(&next, &question, &other).unwrap();
    assert_eq!(seen(&world).len(), 2);
}

#[test]
fn what_slack_does_not_take_as_a_file_is_said_in_words() {
    let world = Fake::new();
    let (transport, question) = (transport(&world), asked(Some(TS)));
    world.slack.borrow_mut().errors.insert("files.getUploadURLExternal", "missing_scope");
    let listings = code();
    let message =
        Message { listings: &listings, file: Some("All of it."), ..Message::text("See.") };
    let id = sent(&transport, &question, &message).unwrap();
    assert_eq!(seen(&world), ["All of it.", "```\nlet a = 1;\n```", "See."]);
    // Once, also where what follows has to wait.
    sent(&transport, &question, &message).unwrap();
    assert_eq!(seen(&world).len(), 4);
    run(transport.retract(&question, &id)).unwrap().unwrap();
    assert_eq!(seen(&world), ["See."]);
}

#[test]
fn no_file_goes_where_miyabi_is_not_and_no_byte_to_anybody_but_slack() {
    let world = Fake::new();
    let mut question = asked(Some(TS));
    let place = Place { is_outside: true, ..Place::of(&question).unwrap() };
    question.place = place.to_text();
    assert!(!transport(&world).attaches_files(&question));
    let mut settings = slack();
    "https://elsewhere.test/api".clone_into(&mut settings.api_base);
    let elsewhere = Slack::new(world.clone(), Rc::new(settings));
    let sent = run(elsewhere.upload("https://slack.test/upload/F1", b"x")).unwrap();
    assert!(matches!(sent, Err(SendError::Refused { .. })), "{sent:?}");
}

#[test]
fn a_question_of_a_form_is_posted_as_its_askers() {
    let world = Fake::new();
    let place = Place::new(("T1", "C1", Some(TS)), "U5", true).unwrap();
    let mut question = asked(Some(TS));
    assert!(!transport(&world).of_question(&question).capabilities().posts_question);
    question.id = place.job("v0123").unwrap();
    question.asker.name = "Mi*o".to_owned();
    let transport = transport(&world).of_question(&question);
    assert!(transport.capabilities().posts_question);
    shown(&transport, &question, "Because …");
    let message = Message { author: Author::Asker, ..Message::text("why?\nand <!here>?") };
    let ts = sent(&transport, &question, &message).unwrap();
    assert_eq!(
        seen(&world).last().map(String::as_str),
        Some("**Mio**\n> why?\n> and <\u{2060}!here>?\n")
    );
    let found = run(transport.find(&question, &message)).unwrap().unwrap();
    assert_eq!(found.candidates[0].id, ts);
    sent(&transport, &question, &Message::text("Because.")).unwrap();
    assert!(seen(&world).contains(&"Because.".to_owned()), "the answer takes what has grown");
}
