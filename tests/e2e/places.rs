//! Where an answer goes: the webhook's channel, its threads, anywhere else.

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

#[test]
fn in_a_channel_without_our_webhook_the_answer_is_private_and_general_stays_quiet() {
    let world = world::shared();
    let asked = world.ask("over here").at("random").answered("I see you.").send();
    assert_answered_in_private(&asked, "random", "I see you.");
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
        assert_eq!(call["body"]["flags"], 64, "{call}");
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
