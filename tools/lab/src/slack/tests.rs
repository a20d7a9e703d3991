//! Everything that the lab delivers is what Slack's published types describe.

use serde_json::{Value, json};

use super::blocks::{Place, check};
use super::deeds;
use super::message::{Author, Message};
use super::order::Order;
use super::posting::{put, remove, replace};
use super::state::State;
use super::world::{self, Channel};

const DOCUMENT: &str = include_str!("../../data/slack-types.json");

/// What is wrong with a value that is to be of a published type.
fn wrong(name: &str, value: &Value) -> Vec<String> {
    let mut document: Value = serde_json::from_str(DOCUMENT).unwrap();
    document["$ref"] = json!(format!("#/definitions/{name}"));
    let schema = jsonschema::draft7::new(&document).unwrap();
    schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The published type of an event.
fn type_of(event: &Value) -> &'static str {
    match (event["type"].as_str(), event["subtype"].as_str()) {
        (Some("app_mention"), None) => "AppMentionEvent",
        (Some("app_home_opened"), None) => "AppHomeOpenedEvent",
        (Some("assistant_thread_started"), None) => "AssistantThreadStartedEvent",
        (Some("message"), None) => "GenericMessageEvent",
        (Some("message"), Some("file_share")) => "FileShareMessageEvent",
        (Some("message"), Some("message_changed")) => "MessageChangedEvent",
        (Some("message"), Some("message_deleted")) => "MessageDeletedEvent",
        other => panic!("{other:?}"),
    }
}

/// Checks the events that wait for the Worker, and returns their number.
fn check_events(state: &mut State, of: &str) -> usize {
    let events = std::mem::take(&mut state.outbox);
    for event in &events {
        let mut body = event.body.clone();
        // Those types want of a message within an event what only the event has: see the notes of their source.
        for inner in ["message", "previous_message"] {
            if body[inner].is_object() {
                for name in ["channel", "channel_type", "event_ts"] {
                    body[inner][name] = event.body[name].clone();
                }
            }
        }
        let found = wrong(type_of(&body), &body);
        assert!(found.is_empty(), "{of}: {found:?}: {body}");
    }
    events.len()
}

/// Carries out an order; returns the time of what it has written.
fn perform(state: &mut State, order: &Value) -> String {
    let order: Order = serde_json::from_value(order.clone()).unwrap();
    let built = deeds::build(state, "http://lab", &order).unwrap();
    built.messages.first().cloned().unwrap_or_default()
}

#[test]
fn every_event_about_people_is_of_the_published_type() {
    let state = &mut State::default();
    let text = "why @alex? <b> & https://a.example #general";
    let root = perform(state, &json!({ "text": text, "mention": true, "in": "general" }));
    assert_eq!(check_events(state, "a mention"), 2);
    // Of a deleted root with replies they have no type.
    let lonely = perform(state, &json!({ "text": "hm", "in": "general" }));
    assert_eq!(check_events(state, "no mention"), 1);
    for (order, count) in [
        (json!({ "text": "なぜ?" }), 1),
        (json!({ "text": "really?", "in": "general", "thread": root }), 1),
        (
            json!({ "text": "read", "files": [{ "name": "a.txt", "text": "a" }, { "hex": "89" }] }),
            1,
        ),
        (json!({ "files": [{ "name": "a.txt", "text": "a" }], "in": "private" }), 1),
        (json!({ "raw_text": "<!here> a", "in": "general" }), 1),
        (json!({ "edit": root, "text": "why not?", "in": "general" }), 1),
        (json!({ "delete": lonely, "in": "general" }), 1),
        (json!({ "open": "home" }), 1),
        (json!({ "open": "messages" }), 1),
        (json!({ "open": "assistant" }), 1),
    ] {
        perform(state, &order);
        assert_eq!(check_events(state, &order.to_string()), count, "{order}");
    }
}

#[test]
fn every_event_about_the_bot_is_of_the_published_type() {
    let state = &mut State::default();
    let [mio, _] = world::PEOPLE;
    let make = |state: &mut State, text: &str| {
        Message::new(state.next_ts(), Channel::of(mio), Author::Bot, text.to_owned())
    };
    let mut message = make(state, "So.");
    message.blocks = vec![json!({ "type": "markdown", "text": "**So.**", "block_id": "b" })];
    message.metadata = Some(json!({ "event_type": "a", "event_payload": {} }));
    drop(put(state, message.clone()));
    check_events(state, "a post");
    let after = Message { text: "Thus.".to_owned(), ..message.clone() };
    drop(replace(state, &message, after.clone(), "1796000000.000001"));
    check_events(state, "a change");
    remove(state, &after);
    assert_eq!(check_events(state, "a deletion"), 1);
}

#[test]
fn blocks_that_the_lab_takes_are_of_the_published_types() {
    let plain = json!({ "type": "plain_text", "text": "a", "emoji": true });
    let button = json!({
        "type": "button", "action_id": "a", "text": plain, "value": "v", "style": "primary",
        "url": "https://a.example", "accessibility_label": "a",
    });
    let mrkdwn = json!({ "type": "mrkdwn", "text": "*a*", "verbatim": true });
    let blocks = json!([
        { "type": "markdown", "text": "**a**", "block_id": "1" },
        { "type": "section", "text": mrkdwn, "expand": true, "block_id": "2" },
        { "type": "section", "fields": [plain, mrkdwn], "accessory": button },
        { "type": "context", "elements": [mrkdwn, { "type": "image", "alt_text": "a", "image_url": "https://a.example" }] },
        { "type": "header", "text": plain },
        { "type": "divider" },
        { "type": "image", "alt_text": "a", "title": plain, "slack_file": { "url": "https://a.example" } },
        { "type": "actions", "elements": [button] },
    ]);
    let blocks = blocks.as_array().unwrap();
    assert_eq!(check(blocks, Place::Message), Ok(()));
    for block in blocks {
        assert_eq!(wrong("KnownBlock", block), Vec::<String>::new(), "{block}");
    }
    assert!(
        !wrong("KnownBlock", &json!({ "type": "markdown" })).is_empty(),
        "it refuses something"
    );
}
