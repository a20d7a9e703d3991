//! `/privacy`: what is kept of a person is shown, deleted for good, and nobody is posted as themselves who does
//! not want that.

use core::time::Duration;

use serde_json::{Value, json};
use xtask::stack::{Options, Stack};

use crate::world::{self, list, text};

/// Delivers an order of Mio's, and returns what the panel says then.
fn said(stack: &Stack, order: &Value) -> (Value, String) {
    let receipt = stack.deliver(order).unwrap();
    assert_eq!(
        (&receipt["status"], &receipt["violations"]),
        (&json!(200), &json!([])),
        "{receipt}"
    );
    let content = text(&receipt["ack"]["data"], "content").to_owned();
    (receipt, content)
}

fn shown(stack: &Stack) -> (Value, String) {
    said(stack, &json!({ "interaction": { "locale": "en-US", "data": { "name": "privacy" } } }))
}

fn press(panel: &str, what: &str) -> Value {
    let press = json!({ "message": panel, "custom_id": format!("1.privacy.{what}") });
    json!({ "press": press, "interaction": { "locale": "en-US" } })
}

fn ask(stack: &Stack, question: &str) -> Value {
    let receipt = stack.deliver(&json!({ "ask": question })).unwrap();
    let row = stack.wait_for_job(text(&receipt, "id")).unwrap();
    assert_eq!(row["status"], "COMPLETED", "{row}");
    row
}

#[test]
fn a_person_is_never_posted_as_themselves_who_does_not_want_it_and_has_everything_deleted() {
    let _world = world::shared();
    let stack = Stack::start(Options::default()).unwrap();
    let asked = ask(&stack, "Remember that my zeppelin is called Mochi.");
    let (receipt, content) = shown(&stack);
    assert!(content.contains("answers: 1\n") && content.contains("(`/memory`): 1\n"), "{content}");
    let panel = text(&stack.reply(text(&receipt, "id")).unwrap().unwrap(), "id").to_owned();

    let (receipt, content) = said(&stack, &press(&panel, "quote"));
    assert_eq!(receipt["ack"]["type"], 7, "{receipt}");
    assert!(content.contains("never posted under your name"), "{content}");
    ask(&stack, "Who am I?");
    let seen = list(stack.lab().get("/lab/channels/general").unwrap());
    assert!(seen.iter().all(|message| message["content"] != "Who am I?"), "{seen:?}");
    assert!(seen.iter().any(|message| text(message, "content").contains("\n> Who am I?\n")));

    let (_, content) = said(&stack, &press(&panel, "delete"));
    assert!(content.starts_with("Delete everything above"), "{content}");
    let (erased, content) = said(&stack, &press(&panel, "erase"));
    assert!(content.contains("It is being deleted"), "{content}");
    let left = || {
        stack.tick().unwrap();
        let sql =
            "SELECT id FROM people WHERE erase_ms IS NOT NULL AND coalesce(erase_after, '') < '~'";
        let rows = stack.query(sql, &[]).unwrap();
        Ok(rows.is_empty().then_some(()))
    };
    stack.wait_until("everything to be deleted", Duration::from_secs(30), left).unwrap();
    let (_, content) = shown(&stack);
    assert!(content.contains("answers: 0\n") && content.contains("(`/memory`): 0\n"), "{content}");
    assert!(content.contains("Conversations: 0\n"), "{content}");
    assert!(content.contains("never posted under your name"), "the choice stays: {content}");
    let row = stack.job_row(text(&asked, "id")).unwrap().unwrap();
    assert_eq!(row["result"], "", "{row}");

    // What is asked afterwards is kept, also if the same press comes again. Rows know their second only.
    std::thread::sleep(Duration::from_millis(1_100));
    ask(&stack, "And now?");
    let (id, token) = (&erased["id"], &erased["token"]);
    stack.deliver(&json!({ "id": id, "token": token })).unwrap();
    stack.tick().unwrap();
    let content = shown(&stack).1;
    assert!(content.contains("answers: 1\n"), "{content}");
    let calls = list(stack.lab().get("/lab/calls?operation=ai_run").unwrap());
    assert!(!calls.last().unwrap()["body"].to_string().contains("zeppelin"));
    assert!(!stack.logs().contains("zeppelin"));
}
