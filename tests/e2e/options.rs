//! The options of `/ask`: for the asker alone, by a model of their choice, and begun anew.

use serde_json::{Value, json};
use xtask::stack::{Options, Stack};

use crate::world::{self, list, text};

/// Asks with options, waits for the answer, and returns what the model was sent, without what the program
/// itself says.
fn ask(stack: &Stack, question: &str, options: &[Value]) -> Vec<String> {
    let asked = json!({ "name": "question", "type": 3, "value": question });
    let options = [vec![asked], options.to_vec()].concat();
    let interaction = json!({ "data": { "options": options } });
    let receipt = stack.deliver(&json!({ "interaction": interaction })).unwrap();
    assert_eq!(receipt["ack"]["type"], 5, "{receipt}");
    let row = stack.wait_for_job(text(&receipt, "id")).unwrap();
    assert_eq!(row["status"], "COMPLETED", "{row}");
    let calls = list(stack.lab().get("/lab/calls").unwrap());
    let said = calls.iter().rev().find_map(|call| {
        let messages = call["body"]["inputs"]["messages"].as_array()?;
        let said = messages.iter().filter(|message| message["role"] != "system");
        let said: Vec<_> = said.map(|message| text(message, "content").to_owned()).collect();
        (said.last().map(String::as_str) == Some(question)).then_some(said)
    });
    said.unwrap_or_else(|| panic!("not asked: {question}"))
}

fn chosen(name: &str) -> Value {
    json!({ "name": name, "type": 5, "value": true })
}

#[test]
fn a_private_question_is_shown_to_nobody_and_comes_up_in_no_public_one() {
    let _world = world::shared();
    let stack = Stack::start(Options::default()).unwrap();
    ask(&stack, "one in public", &[]);
    let private = ask(&stack, "two in private", &[chosen("private")]);
    assert_eq!(private, ["two in private"], "what was public is no part of it");
    let public = ask(&stack, "three in public", &[]);
    assert_eq!((public.len(), public[0].as_str()), (3, "one in public"));
    let private = ask(&stack, "four in private", &[chosen("private")]);
    assert_eq!((private.len(), private[0].as_str()), (3, "two in private"));
    let seen = list(stack.lab().get("/lab/channels/general").unwrap());
    let (alone, posted): (Vec<_>, Vec<_>) =
        seen.iter().partition(|message| message["only_for"].is_string());
    assert_eq!((alone.len(), posted.len()), (2, 4), "{seen:?}");
    assert!(posted.iter().all(|message| !text(message, "content").contains("private")));
    let begun = ask(&stack, "five, anew", &[chosen("fresh")]);
    assert_eq!(begun, ["five, anew"]);
    let after = ask(&stack, "six, after it", &[]);
    assert_eq!((after.len(), after[0].as_str()), (3, "five, anew"), "it goes on from there");
    assert!(!stack.logs().contains("in private"));
}

#[test]
fn a_model_is_completed_asked_first_and_refused_in_words_where_there_is_none() {
    let world = world::chain();
    let complete = |typed: &str| {
        let complete = json!({ "command": "ask", "option": "model", "value": typed });
        let receipt = world.deliver(&json!({ "complete": complete }));
        assert_eq!((&receipt["ack"]["type"], &receipt["violations"]), (&json!(8), &json!([])));
        receipt["ack"]["data"]["choices"].as_array().unwrap().len()
    };
    assert_eq!((complete(""), complete("GPT-5"), complete("nothing")), (8, 1, 0));
    let model = |id: &str| {
        json!([
            { "name": "question", "type": 3, "value": "which one is it? zeppelin" },
            { "name": "model", "type": 3, "value": id },
        ])
    };
    let order = |id: &str| json!({ "interaction": { "data": { "options": model(id) } } });
    let receipt = world.deliver(&order("anthropic/claude-haiku-4-5"));
    assert_eq!(receipt["ack"]["type"], 5, "{receipt}");
    let row = world.stack().wait_for_job(text(&receipt, "id")).unwrap();
    assert_eq!(row["status"], "COMPLETED", "{row}");
    let calls = world.calls();
    let asked = calls.iter().filter(|call| call["body"].to_string().contains("zeppelin"));
    let asked: Vec<_> = asked
        .map(|call| text(call, "operation"))
        .filter(|operation| !["interaction", "execute_webhook"].contains(operation))
        .collect();
    assert_eq!(asked, ["anthropic"]);
    let refused = world.deliver(&order("anthropic/claude-opus"));
    assert_eq!(
        (&refused["ack"]["type"], &refused["ack"]["data"]["flags"]),
        (&json!(4), &json!(64))
    );
    let words = text(&refused["ack"]["data"], "content");
    assert!(words.contains("openai/gpt-5-mini") && !words.contains("opus"), "{words}");
    assert_eq!(refused["violations"], json!([]), "{refused}");
}
