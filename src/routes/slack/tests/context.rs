//! What a question comes with: its thread, and files.

use super::*;

#[test]
fn what_was_said_in_a_thread_is_what_a_question_there_is_about() {
    let world = world();
    let root = "1699999999.000001";
    let said = json!({ "ts": root, "user": "U9", "text": "The bus leaves at nine." });
    world.slack.borrow_mut().messages.insert(root.to_owned(), said);
    let profile = json!({ "profile": { "display_name": "Alex" } });
    world.slack.borrow_mut().profiles.insert("U9".to_owned(), profile);
    let body = message(&json!({ "text": "<@U0BOT> when?", "thread_ts": root }));
    served(&world, on(), &signed(&world, "/slack/events", &body));
    live(&world, &Journal::new(&world)).unwrap();
    let prompts = world.prompts.borrow().iter().map(ToString::to_string).collect::<String>();
    assert!(prompts.contains("Alex: The bus leaves at nine."), "{prompts}");
    // What they have said themselves is no data of others.
    let own = json!({ "ts": "1699999990.000001", "user": "U5", "text": "It is late." });
    let messages = [("1699999990.000001".to_owned(), own)];
    world.slack.borrow_mut().messages = messages.into_iter().collect();
    let params = |fields: Value| {
        served(&world, on(), &signed(&world, "/slack/events", &message(&fields)));
        world.started.borrow().last().unwrap().1.to_string()
    };
    let again = json!({ "ts": "1700000002.000001", "thread_ts": root });
    assert!(!params(again).contains("It is late"));
    // Who begins a thread means nothing that stands there.
    assert!(!params(json!({ "ts": "1700000001.000001" })).contains("leaves at nine"));
}

#[test]
fn a_file_is_read_and_stays_with_its_conversation() {
    let world = world();
    let url = "https://slack.test/files/F1";
    world.slack.borrow_mut().files.insert(url.to_owned(), "The bus leaves at nine.".to_owned());
    let file = json!({ "mode": "hosted", "name": "bus.txt", "mimetype": "text/plain", "url_private": url });
    let body = message(&json!({ "files": [file] }));
    served(&world, on(), &signed(&world, "/slack/events", &body));
    live(&world, &Journal::new(&world)).unwrap();
    let prompts = world.prompts.borrow().iter().map(ToString::to_string).collect::<String>();
    assert!(prompts.contains("The bus leaves at nine."), "{prompts}");
    let params = world.started.borrow()[0].1.to_string();
    assert!(!params.contains("xoxb") && params.contains("file:uploads/"), "{params}");
}
