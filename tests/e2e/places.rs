//! Answers go to the webhook's channel, its threads, or the asker alone.

use serde_json::json;

use crate::asking::{Asked, Call};
use crate::world::{self, text};

fn assert_answered_in_private(asked: &Asked<'_>, channel: &str, answer: &str) {
    assert_eq!(asked.answer(), asked.said(answer));
    let reply = asked.reply().unwrap();
    assert_eq!(text(&reply, "content"), asked.said(answer));
    assert_eq!(reply["is_thinking"], false, "{reply}");
    assert!(reply["only_for"].is_string(), "{reply}");
    assert_eq!(asked.contents(channel), [asked.said(answer)]);
    assert_eq!(asked.contents("general"), Vec::<String>::new());
    assert_eq!(asked.calls_of("execute_webhook"), Vec::<serde_json::Value>::new());
}

#[test]
fn in_a_direct_message_the_answer_takes_the_place_of_thinking() {
    let world = world::shared();
    let asked = world.ask("just between us").at("dm").answered("Of course.").send();
    assert_answered_in_private(&asked, "dm", "Of course.");
    let operations: Vec<_> =
        asked.calls().iter().map(|call| text(call, "operation").to_owned()).collect();
    assert_eq!(operations, ["interaction", "ai_run", "edit_original"]);
}

/// Asserts that the question and the answer stand in a channel, by a webhook of the application's own.
fn assert_answered_in(asked: &Asked<'_>, channel: &str, answer: &str) {
    assert_eq!(asked.answer(), asked.said(answer));
    assert_eq!(asked.contents(channel), [asked.question("over here"), asked.said(answer)]);
    assert_eq!(asked.contents("general"), Vec::<String>::new());
    assert_eq!(asked.reply(), None);
}

#[test]
fn in_another_channel_a_webhook_is_made_once_and_remembered() {
    let world = world::alone();
    for questions in 1..=2 {
        let asked = world.ask("over here").at("random").answered("I see you.").send();
        assert_answered_in(&asked, "random", "I see you.");
        let calls = world.calls();
        let of = |name: &str| calls.iter().filter(|call| call["operation"] == name).count();
        // The list is read for each question: it has the token, which is stored nowhere.
        assert_eq!((of("channel_webhooks"), of("create_webhook")), (questions, 1));
    }
    assert_eq!(world.violations(), Vec::<serde_json::Value>::new());
}

#[test]
fn a_webhook_of_ours_that_somebody_deletes_is_made_again() {
    let world = world::alone();
    world.ask("over here").at("random").answered("First.").send().answer();
    let webhooks = world::list(world.lab("/lab/channels/random/webhooks"));
    let own = webhooks.iter().find(|webhook| webhook["by"] == "application").unwrap();
    world.delete_webhook(text(own, "id"));
    let asked = world.ask("over here").at("random").answered("Second.").send();
    assert_answered_in(&asked, "random", "Second.");
    assert_eq!(world.violations(), Vec::<serde_json::Value>::new());
}

#[test]
fn where_the_bot_may_not_make_a_webhook_the_answer_is_private() {
    let world = world::alone();
    let permissions = json!({ "random": { "manage_webhooks": false } });
    world.tell_lab("/lab/config", &json!({ "permissions": permissions }));
    let asked = world.ask("over here").at("random").answered("I see you.").send();
    assert_answered_in_private(&asked, "random", "I see you.");
    let calls = world.calls();
    assert!(calls.iter().all(|call| call["operation"] != "create_webhook"), "it was told before");
}

#[test]
fn in_a_channel_that_was_deleted_meanwhile_the_answer_is_private_and_there_once() {
    let world = world::alone();
    let gone = json!({ "status": 404, "body": { "message": "Unknown Channel", "code": 10_003 } });
    let rule = json!({ "match": { "operation": "channel_webhooks" }, "times": 9, "then": gone });
    world.tell_lab("/lab/faults", &json!([rule]));
    let asked = world.ask("over here").at("random").answered("I see you.").send_twice();
    assert_answered_in_private(&asked, "random", "I see you.");
    let calls = world.calls();
    assert_eq!(calls.iter().filter(|call| call["operation"] == "ai_run").count(), 1);
    assert!(calls.iter().all(|call| call["operation"] != "execute_webhook"));
}

#[test]
fn in_a_channel_with_fifteen_webhooks_the_answer_is_private() {
    let world = world::alone();
    let many = json!({ "by": "person", "name": "busy", "count": 15 });
    world.tell_lab("/lab/channels/random/webhooks", &many);
    let asked = world.ask("over here").at("random").answered("I see you.").send();
    assert_answered_in_private(&asked, "random", "I see you.");
}

#[test]
fn in_a_forum_s_post_the_answer_stands_in_the_post() {
    let world = world::alone();
    let asked = world.ask("over here").at("post").answered("Posted.").send();
    assert_answered_in(&asked, "post", "Posted.");
}

#[test]
fn in_a_group_and_by_a_user_s_install_the_answer_is_private() {
    let world = world::alone();
    let asked = world.ask("among us").at("group").answered("Of course.").send();
    assert_answered_in_private(&asked, "group", "Of course.");
    let asked = world.ask("among us").at("random").installed_by_user().answered("Sure.").send();
    assert_answered_in_private(&asked, "random", "Sure.");
    assert_eq!(world.violations(), Vec::<serde_json::Value>::new());
}

#[test]
fn an_answer_of_too_many_messages_ends_in_a_file() {
    let world = world::alone();
    for (channel, messages) in [("general", 1 + 5), ("group", 5)] {
        let asked = world.ask("[long 19000]").at(channel).send();
        let answer = asked.answer();
        let posts: Vec<_> = world::list(world.lab(&format!("/lab/channels/{channel}")));
        assert_eq!(posts.len(), messages, "{channel}");
        let file = &posts.last().unwrap()["attachments"][0];
        assert_eq!((text(file, "filename"), text(file, "text")), ("answer.md", answer.as_str()));
    }
    assert_eq!(world.violations(), Vec::<serde_json::Value>::new());
}

#[test]
fn a_long_private_answer_goes_on_in_follow_ups_that_only_the_asker_sees() {
    let world = world::shared();
    let asked = world.ask("[long 5000]").by("alex").at("dm").send();
    let answer = asked.answer();
    let calls = asked.calls();
    let operations: Vec<_> = calls.iter().skip(2).map(|call| text(call, "operation")).collect();
    assert_eq!(operations, ["edit_original", "follow_up", "follow_up"]);
    let parts: Vec<_> = calls.iter().skip(2).map(|call| text(&call["body"], "content")).collect();
    crate::long::assert_whole(&parts, &answer);
    for call in asked.calls_of("follow_up") {
        assert_eq!(call["body"]["flags"], 64 | 4, "{call}");
    }
}

#[test]
fn in_a_thread_of_the_webhook_s_channel_it_posts_into_the_thread() {
    let world = world::shared();
    let asked = world.ask("deeper").at("thread").answered("Deeper.").send();
    assert_eq!(asked.answer(), asked.said("Deeper."));
    assert_eq!(asked.contents("thread"), [asked.question("deeper"), asked.said("Deeper.")]);
    assert_eq!(asked.contents("general"), Vec::<String>::new());
    assert_eq!(asked.reply(), None);
    for call in asked.calls_of("execute_webhook") {
        assert!(text(&call, "query").contains("thread_id=1180000000000000303"), "{call}");
    }
}

#[test]
fn a_payload_with_only_the_older_fields_is_answered_all_the_same() {
    let world = world::shared();
    let mut ask = world.ask("short payload").answered("Short answer.");
    for field in ["channel", "guild", "context", "authorizing_integration_owners", "locale"] {
        ask = ask.with(field, json!(null));
    }
    let asked = ask.send();
    assert_eq!(asked.answer(), asked.said("Short answer."));
    assert_eq!(asked.contents("general").len(), 2);
}

#[test]
fn an_answer_whose_private_reply_was_dismissed_comes_as_a_follow_up() {
    let world = world::shared();
    let slow = json!({ "delay_ms": 400 });
    let asked =
        world.ask("oops").at("dm").answered("Still here.").breaking(Call::Edit, 1, slow).send();
    asked.dismiss();
    asked.answer();
    assert_eq!(asked.contents("dm"), [asked.said("Still here.")]);
}
