//! Windows with a form, images, and what is suggested.

use super::*;

fn interacted(world: &Fake, payload: &Value) -> Reply {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("payload", &payload.to_string());
    served(world, on(), &signed(world, "/slack/interactivity", &form.finish()))
}

/// Somebody has a message explained, in a channel.
fn about(channel: &str) -> Value {
    json!({
        "type": "message_action", "callback_id": "ask_about", "team": { "id": "T1" },
        "channel": { "id": channel }, "user": { "id": "U5" }, "trigger_id": "1.2.abc",
        "action_ts": TS, "message": { "ts": "1699999999.000001", "text": "It rains cats and dogs." },
        "response_url": "https://slack.test/respond/1",
    })
}

/// The form that was opened last, as somebody sends it.
fn sent(world: &Fake, user: &str, words: &str) -> Value {
    let mut view = world.slack.borrow().called("views.open").pop().unwrap()["view"].clone();
    view["id"] = json!("V1");
    view["state"] = json!({ "values": { "question": { "question": { "value": words } } } });
    json!({
        "type": "view_submission", "team": { "id": "T1" }, "user": { "id": user }, "view": view,
    })
}

fn prompts(world: &Fake) -> String {
    world.prompts.borrow().iter().map(ToString::to_string).collect()
}

#[test]
fn a_message_is_asked_about_by_a_form_and_explained_where_that_is_blank() {
    for (words, asked) in [("Which animals?", "Which animals?"), ("", "Explain this message.")] {
        let world = world();
        interacted(&world, &about("C1"));
        assert!(world.started.borrow().is_empty(), "it is no question yet");
        let reply = interacted(&world, &sent(&world, "U5", words));
        assert_eq!((reply.status, reply.body.as_ref()), (200, ""), "the window closes");
        live(&world, &Journal::new(&world)).unwrap();
        let posted = world.slack.borrow().called("chat.postMessage")[0].clone();
        assert_eq!(posted["thread_ts"], "1699999999.000001");
        assert!(
            texts(&world).iter().any(|it| it.contains(&format!("> {asked}"))),
            "others read it"
        );
        let prompts = prompts(&world);
        assert!(
            prompts.contains("It rains cats and dogs.") && prompts.contains(asked),
            "{prompts}"
        );
    }
}

#[test]
fn a_follow_up_is_asked_once_by_whoever_asked_before() {
    let world = world();
    mention(&world);
    world.model.borrow_mut().push_back(Ok(json!({ "response": "A leaf." })));
    live(&world, &Journal::new(&world)).unwrap();
    press(&world, "follow", ("U6", "1.1.a"));
    assert!(world.slack.borrow().called("views.open").is_empty() && !whispered(&world).is_empty());
    press(&world, "follow", ("U5", "1.2.a"));
    let opened = world.slack.borrow().called("views.open")[0].clone();
    assert_eq!(opened["trigger_id"], "1.2.a");
    let others = interacted(&world, &sent(&world, "U6", "Whose?"));
    assert_eq!((others.status, jobs(&world)), (200, 1), "it is not theirs");
    for _ in 0..2 {
        assert_eq!(interacted(&world, &sent(&world, "U5", "Which one?")).body, "");
    }
    assert_eq!(jobs(&world), 2, "the same form again is the same job");
    live(&world, &Journal::new(&world)).unwrap();
    assert!(prompts(&world).contains("A leaf."), "{}", prompts(&world));
    assert_eq!(texts(&world).iter().filter(|it| it.contains("> Which one?")).count(), 1);
    let mut again = sent(&world, "U5", "And now?");
    again["view"]["id"] = json!("V2");
    let refused = interacted(&world, &again);
    assert!(refused.body.contains("\"response_action\":\"errors\""), "{refused:?}");
    assert_eq!(jobs(&world), 2);
}

#[test]
fn a_window_that_does_not_open_is_said_in_words() {
    let world = world();
    mention(&world);
    live(&world, &Journal::new(&world)).unwrap();
    world.slack.borrow_mut().errors.insert("views.open", "expired_trigger_id");
    press(&world, "follow", ("U5", "1.2.a"));
    assert_eq!(whispered(&world), sentence(Notice::TryAgain, Language::English));
}

#[test]
fn a_menu_where_miyabi_is_not_is_replied_to_by_the_address_for_that() {
    let world = world();
    world.slack.borrow_mut().errors.insert("conversations.info", "channel_not_found");
    interacted(&world, &about("D1"));
    assert!(world.slack.borrow().called("views.open").is_empty());
    let told = world.slack.borrow().called("respond")[0].clone();
    assert!(told["text"].as_str().unwrap().contains("/invite"), "{told}");
}

#[test]
fn an_image_is_drawn_behind_the_command_and_shared() {
    let world = world();
    assert_eq!(typed(&world, "/miyabi", "imagine a crane")["response_type"], "in_channel");
    live(&world, &Journal::new(&world)).unwrap();
    let slack = world.slack.borrow();
    assert_eq!(slack.called("files.getUploadURLExternal")[0]["alt_txt"], "a+crane");
    assert_eq!(slack.called("files.completeUploadExternal")[0]["channel_id"], "C1");
    assert_eq!(slack.texts().len(), 1, "{:?}", slack.texts());
}

#[test]
fn who_opens_their_messages_is_shown_what_the_operator_suggests() {
    let world = world();
    let opened =
        json!({ "type": "app_home_opened", "user": "U5", "channel": "D1", "tab": "messages" });
    let body = json!({ "type": "event_callback", "team_id": "T1", "event": opened }).to_string();
    let arrival = signed(&world, "/slack/events", &body);
    assert_eq!(served(&world, on(), &arrival).status, 200);
    assert!(world.slack.borrow().calls.is_empty(), "there is none");
    let suggestions = ["1", "2", "3", "4", "5"].map(ToOwned::to_owned).into();
    served(&world, Settings { suggestions, ..on() }, &arrival);
    let set = world.slack.borrow().called("assistant.threads.setSuggestedPrompts")[0].clone();
    assert_eq!(set["prompts"][3], json!({ "title": "4", "message": "4" }));
    assert_eq!((set["prompts"].as_array().unwrap().len(), set.get("thread_ts")), (4, None));
}
