//! Images: `/imagine`, in front of others and alone, refused, drawn again, and by a model that calls `draw`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{self, World, text, until, within};

const FLUX: &str = "@cf/black-forest-labs/flux-1-schnell";

/// Has something drawn, and returns the job's row when it has ended.
fn imagine(world: &World, channel: &str, prompt: &str, is_private: bool) -> (Value, Value) {
    let prompt = json!({ "name": "prompt", "type": 3, "value": prompt });
    let private = json!({ "name": "private", "type": 5, "value": is_private });
    let data = json!({ "name": "imagine", "options": [prompt, private] });
    let receipt = world.deliver(&json!({ "in": channel, "interaction": { "data": data } }));
    assert_eq!(receipt["ack"]["type"], 5, "{receipt}");
    let job = text(&receipt, "id").to_owned();
    let ends = |row: &Value| row["status"] == "COMPLETED" || row["status"] == "ERROR";
    let row = until("the job to end", || world.row(&job).filter(ends));
    (receipt, row)
}

/// Messages of a channel that have an image, with its description, its text and whether it is for one person.
fn images(world: &World, channel: &str) -> Vec<(String, String, bool)> {
    let seen = world.channel(channel).into_iter();
    let with_image = seen.filter_map(|message| {
        let file = message["attachments"].get(0)?.clone();
        if file["filename"] != "image.jpg" {
            return None;
        }
        assert_eq!(file["content_type"], "image/jpeg");
        assert!(text(&file, "picture").starts_with("data:image/jpeg;base64,/9j/"), "{file}");
        let alone = message["only_for"].is_string();
        Some((text(&file, "description").to_owned(), text(&message, "content").to_owned(), alone))
    });
    with_image.collect()
}

fn shown(prompt: &str, alone: bool) -> Vec<(String, String, bool)> {
    vec![(prompt.to_owned(), format!("-# 🎨 {prompt}"), alone)]
}

fn drawn(world: &World, prompt: &str) -> usize {
    let calls = world.calls();
    let calls = calls.iter().filter(|call| call["operation"] == "ai_run");
    let calls = calls.filter(|call| call["body"]["model"] == FLUX);
    calls.filter(|call| call["body"]["inputs"] == json!({ "prompt": prompt, "steps": 4 })).count()
}

#[test]
fn an_image_is_posted_with_its_prompt_and_drawn_again_by_its_button() {
    let world = world::alone();
    let (receipt, row) = imagine(&world, "random", "月の上の猫", false);
    assert_eq!(row["status"], "COMPLETED", "{row}");
    assert_eq!(images(&world, "random"), shown("月の上の猫", false));
    let posted = world.channel("random");
    let asked = posted.iter().find(|message| text(message, "author").contains("mio")).unwrap();
    assert_eq!(asked["content"], "月の上の猫");
    let custom_id = format!("1.again.{}", text(&receipt, "id"));
    let has = |message: &&Value| message["components"].to_string().contains(&custom_id);
    let answer = posted.iter().find(has).unwrap();
    let press = json!({ "message": answer["id"], "custom_id": custom_id });
    world.deliver(&json!({ "in": "random", "press": press }));
    until("the second image", || (images(&world, "random").len() == 2).then_some(()));
    assert_eq!(drawn(&world, "月の上の猫"), 2);
    until("all to end", || {
        world.channel("random").iter().all(|it| it["is_thinking"] != true).then_some(())
    });
    assert_eq!(world.violations(), Vec::<Value>::new());
}

#[test]
fn an_image_for_the_asker_alone_is_shown_to_nobody_else() {
    let world = world::alone();
    let (_, row) = imagine(&world, "general", "a quiet lake", true);
    assert_eq!(row["status"], "COMPLETED", "{row}");
    assert_eq!(images(&world, "general"), shown("a quiet lake", true));
    assert_eq!(world.channel("general").len(), 1);
    let (_, row) = imagine(&world, "dm", "a red kite", false);
    assert_eq!(row["status"], "COMPLETED", "{row}");
    assert_eq!(images(&world, "dm"), shown("a red kite", true));
    assert_eq!(world.violations(), Vec::<Value>::new());
}

#[test]
fn a_prompt_that_the_model_refuses_is_a_sentence_and_nothing_is_left_in_the_channel() {
    let world = world::alone();
    let (_, row) = imagine(&world, "general", "something nsfw", false);
    assert_eq!(row["status"], "ERROR", "{row}");
    assert_eq!(row["result"], "workers-ai answered: policy (code 0)");
    let told = until("the sentence", || {
        let seen = world.channel("general");
        (seen.len() == 1 && seen[0]["is_thinking"] != true).then_some(seen)
    });
    assert!(text(&told[0], "content").contains("規約"), "{told:?}");
    assert_eq!(world.violations(), Vec::<Value>::new());
}

#[test]
fn an_image_is_posted_once_when_discords_word_is_lost_and_the_interaction_comes_twice() {
    let world = world::alone();
    let rule = json!({ "match": { "operation": "execute_webhook", "body_contains": "image.jpg" }, "then": { "drop": "after" } });
    world.stack().lab().post("/lab/faults", &rule).unwrap();
    let prompt = json!({ "name": "prompt", "type": 3, "value": "a lighthouse" });
    let data = json!({ "name": "imagine", "options": [prompt] });
    let receipt = world.deliver(&json!({ "interaction": { "data": data } }));
    let job = text(&receipt, "id").to_owned();
    world.deliver(&json!({ "id": job, "token": receipt["token"] }));
    // A post that may be another run's is looked at again when it is 20 seconds old.
    within(Duration::from_mins(1), "the job to end", || {
        world.row(&job).filter(|row| row["status"] == "COMPLETED")
    });
    assert_eq!(images(&world, "general"), shown("a lighthouse", false));
    assert_eq!(drawn(&world, "a lighthouse"), 1);
}

#[test]
fn a_model_has_an_image_drawn_below_its_answer_and_that_is_booked() {
    let world = world::shared();
    let asked = world.ask("Please draw a lantern in the rain. zeppelin").send();
    let answer = asked.answer();
    let (said, prompt) = answer.rsplit_once("\n-# 🎨 ").unwrap();
    assert!(
        said.contains("The tool says") && prompt.starts_with("a lantern in the rain"),
        "{answer}"
    );
    assert_eq!(drawn(&world, prompt), 1);
    let models: Vec<String> = asked.attempts().into_iter().map(|(model, _)| model).collect();
    assert!(models.contains(&FLUX.to_owned()), "{models:?}");
    assert!(images(&world, "general").iter().any(|(alt, ..)| alt == prompt));
}

#[test]
fn where_drawing_is_off_the_asker_is_told_and_no_model_has_the_tool() {
    for value in ["off", ""] {
        let world = world::own(&[("MIYABI_IMAGE_MODEL", value)]);
        let (_, row) = imagine(&world, "general", "a lantern", false);
        assert_eq!(row["result"], "nothing is drawn here", "{row}");
        let asked = world.ask("Who are you?").send();
        asked.answer();
        let call = &asked.calls_of("ai_run")[0]["body"]["inputs"]["tools"];
        assert!(!call.to_string().contains("\"draw\""), "{call}");
    }
}
