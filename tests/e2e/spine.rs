//! One plain question makes exactly these calls, in this order.

use serde_json::{Value, json};

use crate::world::{self, text};

#[test]
fn a_question_and_its_answer_appear_in_the_channel_and_the_reply_is_gone() {
    let world = world::alone();
    world.tell_lab("/lab/config", &json!({ "ack_deadline_ms": 3000 }));
    let asked = world.ask("雅とはどういう意味ですか").answered("みやびやかなことです。").send();
    assert!(asked.receipt["ack_ms"].as_u64().unwrap() < 3000, "{}", asked.receipt);
    let row = asked.end();
    assert_eq!(row["id"], asked.id.as_str());
    assert_eq!(row["status"], "COMPLETED");
    assert_eq!(row["token"], "");
    assert_eq!(row["result"], asked.said("みやびやかなことです。"));
    assert!(row["created_at"].as_u64() <= row["updated_at"].as_u64(), "{row}");

    let seen = world.channel("general");
    let lines: Vec<_> =
        seen.iter().map(|post| (text(post, "author"), text(post, "content"))).collect();
    let question = asked.question("雅とはどういう意味ですか");
    let answer = asked.said("みやびやかなことです。");
    assert_eq!(lines, [("みお (@mio)", question.as_str()), ("Miyabi", answer.as_str())]);
    let avatar = "https://cdn.discordapp.com/avatars/1180000000000000501/\
                  0123456789abcdef0123456789abcdef.png";
    assert_eq!(seen[0]["avatar_url"], avatar);
    assert_eq!(asked.reply(), None);
    assert_eq!(world.violations(), Vec::<Value>::new());

    let calls = world.calls();
    let mut lines: Vec<_> =
        calls.iter().map(|call| (text(call, "operation"), &call["status"])).collect();
    // The model is asked and the way is looked for side by side.
    if let Some(both) = lines.get_mut(1..3) {
        both.sort_by_key(|(operation, _)| *operation);
    }
    let expected = [
        ("interaction", &json!(200)),
        ("ai_run", &json!(200)),
        ("get_webhook", &json!(200)),
        ("execute_webhook", &json!(200)),
        ("execute_webhook", &json!(200)),
        ("delete_original", &json!(204)),
    ];
    assert_eq!(lines, expected);
    for post in &calls[3..5] {
        assert_eq!(post["query"], "wait=true", "{post}");
    }
}

#[test]
fn the_model_is_asked_by_configuration_with_persona_question_and_tools() {
    let world = world::shared();
    let asked = world.ask("Who are you?").by("alex").send();
    let answer = asked.answer();
    assert!(answer.contains("scripted model"), "{answer}");
    let call = &asked.calls_of("ai_run")[0]["body"];
    assert_eq!(call["model"], "@cf/meta/llama-3.3-70b-instruct-fp8-fast");
    assert_eq!(call["inputs"]["max_tokens"], 1024);
    let messages = call["inputs"]["messages"].as_array().unwrap();
    let roles: Vec<_> = messages.iter().map(|message| text(message, "role")).collect();
    assert_eq!(roles, ["system", "user"]);
    assert!(text(&messages[0], "content").contains("Miyabi"), "{call}");
    assert_eq!(text(&messages[1], "content"), asked.question("Who are you?"));
    let tools = call["inputs"]["tools"].as_array().unwrap();
    let names: Vec<_> = tools.iter().map(|tool| text(&tool["function"], "name")).collect();
    // A search is offered only where a service is named.
    assert_eq!(names, ["current_time", "weather", "calculate", "fetch_page", "remind_me", "draw"]);
}

#[test]
fn someone_without_nickname_and_avatar_appears_by_global_name_and_default_avatar() {
    let world = world::shared();
    let asked = world.ask("hello").by("alex").answered("Hello!").send();
    asked.answer();
    let posts = asked.posts("general");
    assert_eq!(posts[0]["author"], "Alex (@alex)");
    let avatar = text(&posts[0], "avatar_url");
    assert!(avatar.starts_with("https://cdn.discordapp.com/embed/avatars/"), "{avatar}");
}
