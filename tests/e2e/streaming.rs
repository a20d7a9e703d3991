//! A streaming preview shows the answer while the model writes it, and the whole answer takes its place.

use std::time::Duration;

use serde_json::{Value, json};

use crate::asking::{Ask, Asked};
use crate::long::assert_whole;
use crate::world::{self, World, text, until, within};

/// About one edit per second; the lab notes when a call arrives, the Worker when it is over.
const LEAST_BETWEEN_MS: u64 = 800;

/// A model that streams whatever it may call.
const MODEL: (&str, &str) = ("MIYABI_MODEL", "openai/gpt-5-mini");

fn ask<'w>(world: &'w World, question: &str) -> Ask<'w> {
    world.ask(question).by("alex")
}

/// Texts that the deferred reply had while the answer grew, with the times of their calls.
fn grown(asked: &Asked<'_>) -> Vec<(u64, String)> {
    let edits = asked.calls_of("edit_original");
    let edits = edits.iter().filter(|edit| edit["body"]["content"].is_string());
    edits
        .map(|edit| (edit["at_ms"].as_u64().unwrap(), text(&edit["body"], "content").to_owned()))
        .collect()
}

/// Letters without what marks a text that goes on.
fn letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

fn assert_grows(asked: &Asked<'_>, answer: &str) {
    let grown = grown(asked);
    assert!(grown.len() >= 3, "{grown:?}");
    for pair in grown.windows(2) {
        assert!(pair[1].0 - pair[0].0 >= LEAST_BETWEEN_MS, "{grown:?}");
        assert!(pair[1].1.chars().count() >= pair[0].1.chars().count(), "{grown:?}");
    }
    let whole = letters(answer);
    for (_, text) in &grown {
        // The end may be a mark that more is to come.
        let shown = letters(text);
        let head: String = shown.chars().take(shown.chars().count().saturating_sub(12)).collect();
        assert!(whole.starts_with(&head), "{text}");
    }
}

fn assert_posted_whole(world: &World, asked: &Asked<'_>, answer: &str) {
    let posts = asked.calls_of("execute_webhook");
    let first = posts.iter().find(|post| text(&post["body"], "username") != "Miyabi").unwrap();
    let from = first["seq"].as_u64().unwrap();
    let calls = world.calls();
    let is_part = |call: &&Value| {
        call["operation"] == "execute_webhook"
            && call["seq"].as_u64() > Some(from)
            && text(&call["body"], "username") == "Miyabi"
            && letters(answer).contains(&letters(text(&call["body"], "content")))
    };
    let parts: Vec<_> = calls.iter().filter(is_part).collect();
    let parts: Vec<_> = parts.iter().map(|call| text(&call["body"], "content")).collect();
    assert_whole(&parts, answer);
}

#[test]
fn the_reply_grows_by_about_one_edit_a_second_and_the_answer_is_posted_whole() {
    let world = world::chain_alone();
    let asked = ask(&world, "[long 1200] [slow 60] in English").after_all_before("openai").send();
    let answer = asked.answer();
    assert!(answer.chars().count() >= 1200);
    assert_grows(&asked, &answer);
    assert_posted_whole(&world, &asked, &answer);
    assert_eq!(asked.reply(), None);
    assert_eq!(asked.calls_of("openai")[0]["body"]["stream"], true);
}

#[test]
fn every_vendor_s_stream_arrives_whole_however_it_is_cut_on_the_wire() {
    let world = world::chain();
    let pace = json!({ "bytes": 7, "chars": 40, "pause_ms": 20 });
    let said =
        "春はあけぼの。やうやう白くなりゆく山ぎは、少し明かりて、紫だちたる雲の細くたなびきたる。"
            .repeat(3);
    let names = ["openai", "anthropic", "gemini", "groq", "deepseek", "ollama", "huggingface"];
    let all = names.map(|name| {
        let ask = ask(&world, "at length").after_all_before(name);
        (name, ask.at_model(name, 9, json!({ "say": said, "stream": pace })).send())
    });
    for (name, asked) in all {
        assert_eq!(asked.answer(), said, "{name}");
        let shown = grown(&asked);
        assert!(shown.iter().all(|(_, text)| !text.contains('\u{fffd}')), "{name}: {shown:?}");
    }
}

#[test]
fn what_is_thought_and_calls_that_leak_are_not_shown_while_they_arrive() {
    let world = world::chain();
    let leak = r#"<function=current_time>{"time_zone":"Asia/Tokyo"}</function>"#;
    let slow = json!({ "chars": 4, "pause_ms": 150 });
    let leaked = ask(&world, "secretly").after_all_before("deepseek");
    let leaked = leaked.at_model("deepseek", 1, json!({ "say": leak, "stream": slow })).send();
    let thought = ask(&world, "[think] [slow 300]").after_all_before("deepseek").send();
    assert!(leaked.answer().contains("Asia/Tokyo"));
    assert!(!thought.answer().contains("The lab thinks"));
    for (_, text) in grown(&leaked).iter().chain(&grown(&thought)) {
        assert!(!text.contains("function") && !text.contains("The lab thinks"), "{text}");
    }
}

#[test]
fn a_worker_that_is_killed_in_the_middle_leaves_the_whole_answer_and_off_means_off() {
    let mut world = world::own(&[MODEL, ("MIYABI_STALL_SECONDS", "20")]);
    let order = json!({ "ask": "[long 1200] [slow 100]", "as": "alex" });
    let receipt = world.deliver(&order);
    let id = text(&receipt, "id").to_owned();
    until("the answer to begin", || {
        let edits = world.lab("/lab/calls?operation=edit_original");
        let has_text = |edit: &Value| edit["body"]["content"].is_string();
        world::list(edits).iter().any(has_text).then_some(())
    });
    world.restart();
    let row = within(Duration::from_mins(2), "the job to end", || {
        world.stack().tick().unwrap();
        world.row(&id).filter(|row| row["status"] == "COMPLETED")
    });
    assert!(row["generation"].as_u64() > Some(1), "{row}");
    let answer = text(&row, "result").to_owned();
    let posts = world.channel("general");
    let is_part = |post: &&Value| post["author"] == "Miyabi";
    let parts: Vec<_> = posts.iter().filter(is_part).map(|post| text(post, "content")).collect();
    assert_whole(&parts, &answer);
    let known = world::list(world.lab("/lab/interactions"));
    let shown = posts.iter().find(|post| post["id"] == known[0]["original"]);
    assert_eq!(shown, None);

    world.freshen();
    world.reconfigure(&[MODEL, ("MIYABI_STREAMING", "off")]);
    let asked = ask(&world, "[long 1200] [slow 60]").send();
    assert!(asked.answer().chars().count() >= 1200);
    assert_eq!(grown(&asked), []);
    assert_ne!(asked.calls_of("openai")[0]["body"]["stream"], true);
}
