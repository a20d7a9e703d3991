//! The socket by a client that others wrote: npm `agents`, driven by `tests/clients/agents.mjs`, which says
//! what a page would have seen.

use serde_json::{Value, json};
use xtask::{process, project, setup};

use crate::api::bearer_for;
use crate::asking::UNSPEAKABLE;
use crate::world::{self, World, list, text};

/// A model that streams whatever it may call.
const VARS: [(&str, &str); 3] = [
    ("MIYABI_MODEL", "openai/gpt-5-mini"),
    ("MIYABI_MEMORY", "on"),
    // All scenarios ask at once.
    ("MIYABI_JOBS_PER_ASKER", "20"),
];

fn drive(world: &World) -> Value {
    let mut command = world.stack().npm().node();
    command.arg(project::root().unwrap().join("tests/clients/agents.mjs"));
    command.arg(world.stack().url());
    let bearer = bearer_for(world, "agents", "chat");
    command.env("MIYABI_KEY", bearer.trim_start_matches("Bearer "));
    let (status, stdout, stderr) = process::output(&mut command).unwrap();
    assert!(status.success(), "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

/// Returns role and text of messages, in the form of a page or in that of the store.
fn said(messages: &Value) -> Vec<(String, String)> {
    let messages = list(messages.clone());
    let said = messages.iter().map(|message| {
        let said = message["text"].as_str().or(message["parts"][0]["text"].as_str());
        (text(message, "role").to_owned(), said.unwrap().to_owned())
    });
    said.collect()
}

/// Returns the questions of a page that shows questions and whole answers in turn.
fn questions(page: &Value) -> Vec<String> {
    assert_eq!((&page["status"], &page["error"]), (&json!("ready"), &Value::Null), "{page}");
    let said = said(&page["messages"]);
    for (index, (role, text)) in said.iter().enumerate() {
        assert_eq!(role, ["user", "assistant"][index % 2], "{page}");
        assert!(!text.is_empty(), "{page}");
    }
    said.into_iter().step_by(2).map(|(_, text)| text).collect()
}

#[test]
fn the_client_of_agents_talks_cancels_resumes_and_is_told_when_not_to_come_back() {
    setup::packages("tests/clients").unwrap();
    let world = world::own(&VARS);
    UNSPEAKABLE.lock().unwrap().extend(["agent's tale".to_owned(), "Say one".to_owned()]);
    let seen = drive(&world);

    let talk = &seen["talk"];
    let identity = json!({ "identified": true, "name": true, "agent": "conversation" });
    assert_eq!((&talk["identity"], &talk["empty"]), (&identity, &json!([])));
    let weather = "What is the weather in Kyoto?";
    assert_eq!(questions(&talk["first"]), [weather]);
    assert!(said(&talk["first"]["messages"])[1].1.contains("Kyoto"), "{talk}");
    assert_eq!(questions(&talk["second"]), [weather, "Say hi"]);
    assert_eq!(questions(&talk["regenerated"]), [weather, "Say hi"]);
    let answer = |page: &str| talk[page]["messages"][3]["id"].clone();
    assert_ne!(answer("second"), answer("regenerated"));
    assert_eq!(questions(&talk["edited"]), ["Say one"]);
    // What is stored is what the page shows, along the way of the edit.
    assert_eq!(said(&talk["kept"]), said(&talk["edited"]["messages"]));
    assert_eq!(talk["refused"], "a conversation has no methods");
    reads_along(&list(talk["other"].clone()));

    let cancel = &seen["cancel"];
    let stopped = said(&cancel["stopped"]["messages"]);
    let kept = said(&cancel["kept"]);
    assert_eq!((stopped.len(), kept.len()), (2, 2), "{cancel}");
    assert!(kept[1].1.len() < 1_200 && kept[1].1.starts_with(&stopped[1].1), "{cancel}");

    let resume = &seen["resume"];
    assert_eq!(resume["cut"]["status"], "error", "{resume}");
    for page in ["back", "idle"] {
        questions(&resume[page]);
        assert_eq!(said(&resume[page]["messages"]), said(&resume["kept"]), "{page}");
    }
    let reload = &seen["reload"];
    questions(&reload["seen"]);
    assert_eq!(said(&reload["seen"]["messages"]), said(&reload["kept"]), "{reload}");

    for (what, code) in [("wrong", 4401), ("deleted", 4410), ("second", 4410)] {
        let failures = list(seen["refused"][what].clone());
        assert_eq!((failures.len(), &failures[0]["code"]), (1, &json!(code)), "{what}");
        assert_ne!(failures[0]["reason"], "", "{what}");
    }
}

/// What a second tab was told of four turns: the messages before each, and its chunks.
fn reads_along(frames: &[Value]) {
    let of = |kind: &str| frames.iter().filter(|frame| frame["type"] == kind).collect::<Vec<_>>();
    assert_eq!(of("cf_agent_identity").len(), 1, "{frames:?}");
    let told = of("cf_agent_chat_messages");
    let lengths: Vec<_> = told.iter().map(|frame| list(frame["messages"].clone()).len()).collect();
    assert_eq!(lengths, [1, 3, 3, 1], "{frames:?}");
    let done = of("cf_agent_use_chat_response").into_iter().filter(|frame| frame["done"] == true);
    assert_eq!(done.count(), 4, "{frames:?}");
}
