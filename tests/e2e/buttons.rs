//! Buttons below an answer: by who asked, by a stranger and by a moderator, twice, and after a restart.

use serde_json::{Value, json};

use crate::world::{self, World, text, told_alone, until};

/// A member who may write and nothing else: Send Messages and View Channel.
const STRANGER: &str = "3072";

/// Asks in a channel where the application has a webhook of its own; returns the job.
fn ask(world: &World, question: &str) -> String {
    let receipt = world.deliver(&json!({ "in": "random", "ask": question }));
    let job = text(&receipt, "id").to_owned();
    completed(world, &job);
    job
}

fn completed(world: &World, job: &str) {
    until("the job to end", || world.row(job).filter(|row| row["status"] == "COMPLETED"));
}

/// What everybody sees, oldest first.
fn posted(world: &World) -> Vec<Value> {
    let seen = world.channel("random");
    seen.into_iter().filter(|message| message.get("only_for").is_none()).collect()
}

/// The order to press a button of the message that has those of a job.
fn press(world: &World, button: &str, job: &str) -> Value {
    let custom_id = format!("1.{button}.{job}");
    let has = |message: &&Value| message["components"].to_string().contains(&custom_id);
    let seen = posted(world);
    let message = seen.iter().find(has).unwrap_or_else(|| panic!("no {custom_id}: {seen:?}"));
    json!({ "in": "random", "press": { "message": message["id"], "custom_id": custom_id } })
}

fn by_a_stranger(mut order: Value) -> Value {
    order["as"] = json!("alex");
    order["interaction"] = json!({ "member": { "permissions": STRANGER } });
    order
}

fn by_a_moderator(mut order: Value) -> Value {
    order["as"] = json!("alex");
    order
}

#[test]
fn strangers_get_a_private_no_and_nothing_happens() {
    let world = world::alone();
    let job = ask(&world, "Why is the sky blue?");
    let before = posted(&world);
    for button in ["again", "follow", "why", "delete"] {
        let receipt = world.deliver(&by_a_stranger(press(&world, button, &job)));
        assert!(told_alone(&receipt).starts_with("Only who asked"), "{receipt}");
    }
    assert_eq!(posted(&world), before);
    assert_eq!(world.violations(), Vec::<Value>::new());
}

#[test]
fn why_is_told_to_who_asked_and_to_a_moderator_also_after_a_restart() {
    let mut world = world::own(&[]);
    let job = ask(&world, "What time is it in Tokyo?");
    for is_restarted in [false, true] {
        if is_restarted {
            world.restart();
        }
        let said = told_alone(&world.deliver(&press(&world, "why", &job)));
        for part in ["ラウンド: 2", "`current_time` `", "done", &job] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let said = told_alone(&world.deliver(&by_a_moderator(press(&world, "why", &job))));
        assert!(said.contains("rounds: 2"), "{said}");
    }
    assert!(!world.stack().logs().contains("Asia/Tokyo"));
    assert_eq!(world.violations(), Vec::<Value>::new());
}

#[test]
fn it_is_answered_once_more_without_the_question_and_deleted_by_either_answers_button() {
    let mut world = world::own(&[]);
    let job = ask(&world, "Why is the sky blue?");
    world.restart();
    let order = press(&world, "again", &job);
    let receipt = world.deliver(&order);
    assert_eq!(receipt["ack"], json!({ "type": 5, "data": { "flags": 64 } }), "{receipt}");
    let again = text(&receipt, "id").to_owned();
    // Discord delivers it twice.
    world.deliver(&json!({ "id": again, "token": receipt["token"] }));
    completed(&world, &again);
    let seen = until("the second answer", || Some(posted(&world)).filter(|seen| seen.len() == 3));
    assert!(text(&seen[2], "content").contains("https://discord.com/channels/"), "{seen:?}");
    let private =
        |world: &World| world.channel("random").iter().any(|it| it["is_thinking"] == true);
    until("nothing to wait for", || (!private(&world)).then_some(()));

    let said = told_alone(&world.deliver(&press(&world, "delete", &job)));
    assert!(said.contains("削除しました") || said.contains("削除しています"), "{said}");
    let left = until("its messages to go", || Some(posted(&world)).filter(|it| it.len() == 1));
    assert_eq!(left[0]["id"], seen[2]["id"]);
    // A client that still shows the message presses again.
    let data = json!({ "component_type": 2, "custom_id": format!("1.delete.{job}"), "name": null });
    let late = json!({ "type": 3, "message": { "id": seen[1]["id"] }, "data": data });
    let said = told_alone(&world.deliver(&json!({ "in": "random", "interaction": late })));
    assert!(said.contains("削除しました"), "{said}");
    let said = told_alone(&world.deliver(&by_a_moderator(press(&world, "delete", &again))));
    assert!(said.starts_with("I deleted") || said.starts_with("I am deleting"), "{said}");
    until("all to go", || posted(&world).is_empty().then_some(()));
    assert_eq!(world.violations(), Vec::<Value>::new());
}

#[test]
fn an_answer_of_a_webhook_that_somebody_deleted_is_not_said_to_be_deleted() {
    let world = world::own(&[]);
    let job = ask(&world, "Why is the sky blue?");
    let webhooks = world::list(world.lab("/lab/channels/random/webhooks"));
    let own = webhooks.iter().find(|webhook| webhook["by"] == "application").unwrap();
    world.delete_webhook(text(own, "id"));
    for _ in 0..2 {
        let said = told_alone(&world.deliver(&press(&world, "delete", &job)));
        assert!(said.contains("すべてを削除できませんでした"), "{said}");
    }
    assert_eq!(posted(&world).len(), 2);
    // It can still be asked how it came about.
    let said = told_alone(&world.deliver(&press(&world, "why", &job)));
    assert!(said.contains(&job), "{said}");
    assert_eq!(world.violations(), Vec::<Value>::new());
}

#[test]
fn a_follow_up_is_asked_once_in_a_form_and_links_to_the_answer() {
    let mut world = world::own(&[]);
    let job = ask(&world, "Why is the sky blue?");
    let opened = world.deliver(&press(&world, "follow", &job));
    assert_eq!(opened["ack"]["type"], 9, "{opened}");
    world.restart();
    let values = json!({ "question": "And at sunset?" });
    let form = json!({ "in": "random", "form": { "of": opened["id"], "values": values } });
    let sent = world.deliver(&form);
    assert_eq!(sent["ack"]["type"], 5, "{sent}");
    completed(&world, text(&sent, "id"));
    let over = told_alone(&world.deliver(&form));
    assert!(over.contains("送信済み"), "{over}");
    let answer = text(&posted(&world)[1], "id").to_owned();
    let seen = until("the answer", || Some(posted(&world)).filter(|seen| seen.len() == 4));
    assert_eq!(seen[2]["content"], "And at sunset?");
    assert!(text(&seen[3], "content").ends_with(&answer), "{seen:?}");
    assert_eq!(world.violations(), Vec::<Value>::new());
}

#[test]
fn a_button_of_an_old_version_or_without_a_record_gets_a_clear_private_reply() {
    let world = world::alone();
    for (custom_id, words) in [
        ("0.why.1300000000000000000", "対応していません"),
        ("1.explain.1300000000000000000", "対応していません"),
        ("why", "対応していません"),
        ("1.why.1300000000000000000", "期限切れ"),
        ("1.delete.1300000000000000000", "期限切れ"),
    ] {
        let data = json!({ "component_type": 2, "custom_id": custom_id, "name": null });
        let order = json!({ "in": "random", "interaction": { "type": 3, "data": data } });
        let said = told_alone(&world.deliver(&order));
        assert!(said.contains(words), "{custom_id}: {said}");
    }
    assert_eq!(posted(&world), Vec::<Value>::new());
    assert_eq!(world.violations(), Vec::<Value>::new());
}

#[test]
fn a_question_is_completed_where_it_was_asked_and_not_elsewhere() {
    let world = world::alone();
    ask(&world, "Why is the sea salty?");
    ask(&world, "Why is the sky blue?");
    let offered = |channel: &str, typed: &str| {
        let complete = json!({ "command": "ask", "option": "question", "value": typed });
        let receipt = world.deliver(&json!({ "in": channel, "complete": complete }));
        assert_eq!((&receipt["ack"]["type"], &receipt["violations"]), (&json!(8), &json!([])));
        let choices = receipt["ack"]["data"]["choices"].as_array().unwrap().clone();
        choices.iter().map(|choice| text(choice, "value").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(offered("random", "why is THE s").len(), 2);
    assert_eq!(offered("random", "salty"), ["Why is the sea salty?"]);
    assert_eq!(offered("general", ""), Vec::<String>::new());
    assert_eq!(world.violations(), Vec::<Value>::new());
}
