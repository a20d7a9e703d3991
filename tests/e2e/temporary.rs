//! A temporary conversation, in real workerd: it goes on after a restart, is in no list, nothing is learned from it,
//! and a day later it is gone.

use serde_json::{Value, json};

use crate::api::{Reply, bearer_for, send};
use crate::asking::UNSPEAKABLE;
use crate::world::{self, World, list, text};

const WORDS: &str = "Remember that my cat is called Kinako.";

fn ask(world: &World, bearer: &str, conversation: &str, question: &str) -> Reply {
    let headers = [("authorization", bearer), ("content-type", "application/json")];
    let body = json!({ "message": question, "conversation": conversation }).to_string();
    send(world, "POST", "/api/chat", &headers, body.as_bytes())
}

fn get(world: &World, bearer: &str, path: &str) -> Reply {
    send(world, "GET", path, &[("authorization", bearer)], b"")
}

fn facts(world: &World, bearer: &str) -> usize {
    list(get(world, bearer, "/api/memory").body["facts"].clone()).len()
}

#[test]
fn it_goes_on_is_in_no_list_teaches_nothing_and_is_gone_a_day_later() {
    let mut world = world::own(&[("MIYABI_MEMORY", "on")]);
    let bearer = bearer_for(&world, "temporary-mio", "chat,memory:read");
    UNSPEAKABLE.lock().unwrap().push("Kinako".to_owned());
    let first = ask(&world, &bearer, "temporary.1", WORDS);
    assert_eq!(first.status, 200, "{}", first.text);
    assert!(!text(&first.body, "message").contains("remembered:"), "{}", first.text);
    world.restart();
    let second = ask(&world, &bearer, "temporary.1", "And now?");
    assert_eq!((second.status, &second.body["messageCount"]), (200, &json!(4)), "{}", second.text);
    let read = get(&world, &bearer, "/api/conversations/temporary.1");
    assert_eq!(list(read.body["messages"].clone()).len(), 4, "{}", read.text);
    assert_eq!(text(&read.body, "title"), "");
    for path in ["/api/conversations", "/api/conversations?q=cat"] {
        let listed = get(&world, &bearer, path);
        assert_eq!(listed.body["conversations"], json!([]), "{path}: {}", listed.text);
    }
    assert_eq!(facts(&world, &bearer), 0);
    let kept = world.stack().query("SELECT result, trace FROM jobs", &[]).unwrap();
    assert_eq!(kept.len(), 2, "{kept:?}");
    for row in kept {
        assert_eq!((&row["result"], &row["trace"]), (&json!(""), &Value::Null));
    }

    let asked = ask(&world, &bearer, "c1", WORDS);
    assert!(text(&asked.body, "message").contains("remembered:"), "{}", asked.text);
    assert_eq!(facts(&world, &bearer), 1);

    let age = "UPDATE conversations SET updated_at = unixepoch() - 86460";
    world.stack().query(age, &[]).unwrap();
    for _ in 0..2 {
        world.stack().tick().unwrap();
    }
    let gone = get(&world, &bearer, "/api/conversations/temporary.1");
    assert_eq!(gone.problem(), (404, "not_found"));
    let again = ask(&world, &bearer, "temporary.1", "Still there?");
    assert_eq!(again.problem(), (410, "conversation_deleted"));
    let other = get(&world, &bearer, "/api/conversations/c1");
    assert_eq!(list(other.body["messages"].clone()).len(), 2, "{}", other.text);
}
