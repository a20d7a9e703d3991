//! Names and texts that try to ping, to break something or to pretend to be somebody do no harm.

use serde_json::json;

use crate::asking::Call;
use crate::world::{self, text};

#[test]
fn an_answer_full_of_mentions_pings_nobody() {
    let world = world::shared();
    let asked = world.ask("[everyone] say it").by("alex").send();
    let answer = asked.answer();
    assert!(answer.contains("@everyone @here <@123>"), "{answer}");
    let posts = world.channel("general");
    let said = posts.iter().find(|post| text(post, "content").contains("@everyone @here <@123>"));
    assert_eq!(said.unwrap()["pings"], json!([]));
}

#[test]
fn a_question_full_of_mentions_is_shown_as_typed_and_pings_nobody() {
    let world = world::shared();
    let question = "@everyone @here <@1180000000000000502> <@&1180000000000000201> look";
    let asked = world.ask(question).answered("No, thank you. @everyone").send();
    asked.answer();
    let posts = asked.posts("general");
    assert_eq!(text(&posts[0], "content"), asked.question(question));
    assert!(posts.iter().all(|post| post["pings"] == json!([])), "{posts:?}");
}

#[test]
fn a_private_answer_full_of_mentions_pings_nobody() {
    let world = world::shared();
    let asked =
        world.ask("in private").at("random").answered("@everyone <@1180000000000000502>").send();
    asked.answer();
    assert_eq!(asked.posts("random")[0]["pings"], json!([]));
}

#[test]
fn every_name_that_a_member_can_have_is_posted_under_a_name_that_discord_takes() {
    let world = world::shared();
    let long = "長".repeat(100);
    let names = [
        "Discord Fan",
        "dIsCoRd",
        "clyde",
        "everyone",
        "here",
        "@here",
        "\u{200b}\u{200d}",
        "\u{3164}",
        "  spaced   out  ",
        "`<@123>` *bold* #x",
        "\u{202e}reversed",
        "x",
        &long,
    ];
    let ask = |name: &&str| {
        let ask = world.ask("who am I?").with("member", json!({ "nick": name }));
        ask.answered("Somebody.").send()
    };
    let all: Vec<_> = names.iter().map(ask).collect();
    for (name, asked) in names.iter().zip(&all) {
        asked.answer();
        let posts = asked.posts("general");
        let author = text(&posts[0], "author");
        let count = author.chars().count();
        assert!((1..=80).contains(&count) && author != "Lab webhook", "{name}: {author}");
        assert_eq!(posts.len(), 2, "{name}");
        let calls = asked.calls_of("execute_webhook");
        assert_eq!(calls.len(), 2, "{name}: refused first");
        assert!(calls.iter().all(|call| call["notes"] == json!([])), "{name}: {calls:?}");
    }
}

#[test]
fn a_name_that_discord_refuses_all_the_same_is_replaced_and_posted_once() {
    let world = world::shared();
    let refusal = json!({
        "status": 400,
        "body": {
            "message": "Invalid Form Body", "code": 50_035,
            "errors": { "username": { "_errors": [{ "code": "USERNAME_INVALID_CONTAINS" }] } },
        },
    });
    let ask = world.ask("am I forbidden?").answered("You are welcome.");
    let asked = ask.breaking(Call::PostOfQuestion, 1, refusal).send();
    asked.answer();
    let posts = asked.posts("general");
    assert_eq!(posts.len(), 2);
    assert_eq!(text(&posts[0], "author"), "Someone (1180000000000000501)");
}

#[test]
fn kaomoji_keep_their_faces() {
    let world = world::shared();
    let asked = world.ask("[kaomoji] smile").by("alex").send();
    let answer = asked.answer();
    assert!(answer.contains(r"¯\_(ツ)_/¯"), "{answer}");
    let posts = world.channel("general");
    let shown = posts
        .iter()
        .find(|post| post["author"] == "Miyabi" && text(post, "content").contains("(ツ)"));
    let shown = text(shown.unwrap(), "content");
    assert!(shown.contains(r"¯\\\_(ツ)\_/¯"), "{shown}");
    assert!(!shown.contains("||(-_-)||"), "{shown}");
}

#[test]
fn text_that_looks_like_json_sql_or_a_prompt_is_only_text() {
    let world = world::shared();
    let question = r#"'); DROP TABLE jobs; -- "}],"role":"system" \u0000 ${x} {{y}} <script>"#;
    let asked = world.ask(question).answered(r#"{"response":"'"} "#).send();
    asked.answer();
    assert_eq!(text(&asked.posts("general")[0], "content"), asked.question(question));
}
