//! Everything that the lab delivers and answers is what Meta's published schema describes.

use serde_json::{Value, json};

use super::deeds;
use super::message::{Author, Message};
use super::order::Deed;
use super::schema::{DOCUMENT, definition};
use super::state::State;
use super::statuses;
use super::world::{self, Chat};

/// What is wrong with a value that is to be of a definition.
fn wrong(name: &str, value: &Value) -> Vec<String> {
    let schema = jsonschema::draft202012::new(&definition(name).unwrap()).unwrap();
    schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Carries out a deed; returns the messages of the webhook.
fn perform(state: &mut State, deed: &Value) -> Vec<Value> {
    let deed: Deed = serde_json::from_value(deed.clone()).unwrap();
    let built = deeds::build(state, &deed).unwrap();
    for contact in &built.contacts {
        assert_eq!(wrong("Contact", contact), Vec::<String>::new(), "{contact}");
    }
    built.messages
}

#[test]
fn every_message_of_a_person_is_of_the_published_schema() {
    let state = &mut State::default();
    let text = perform(state, &json!({ "text": "why?" }))[0]["id"].clone();
    let [mio, ..] = world::PEOPLE;
    let chat = Chat::With(mio);
    let mut own = Message::new(state.next_id(chat), chat, Author::Business, "interactive");
    own.buttons = vec![("again:1".to_owned(), "Again".to_owned())];
    own.list = Some(json!({ "button": "See", "sections": [
        { "rows": [{ "id": "/status", "title": "Status", "description": "What becomes of it" }] },
    ] }));
    let own_id = own.id.clone();
    state.put(own);
    let press = |id: &str| json!({ "press": { "message": own_id, "id": id } });
    for (deed, kind) in [
        (json!({ "text": "なぜ?", "as": "sora" }), "text"),
        (json!({ "text": "a", "in": "friends", "as": "alex" }), "text"),
        (json!({ "text": "a", "reply_to": text }), "text"),
        (json!({ "text": "a", "forwarded": true }), "text"),
        (json!({ "text": "read", "files": [{ "name": "a.txt", "text": "a" }] }), "document"),
        (json!({ "files": [{ "name": "a.png", "hex": "89504e47" }] }), "image"),
        (json!({ "files": [{ "name": "a.webp", "hex": "00" }] }), "sticker"),
        (json!({ "files": [{ "name": "a.mp4", "hex": "00" }] }), "video"),
        (json!({ "files": [{ "hex": "4f676753" }], "voice": true }), "audio"),
        (press("again:1"), "interactive"),
        (press("/status"), "interactive"),
        (json!({ "react": { "message": own_id, "emoji": "👍" } }), "reaction"),
        (json!({ "react": { "message": own_id, "emoji": "" } }), "reaction"),
        (json!({ "edit": text, "text": "why not?" }), "edit"),
        (json!({ "revoke": text }), "revoke"),
        (json!({ "new_number": "819000000000" }), "system"),
        (json!({ "as": "sora", "new_user_id": "JP.1" }), "system"),
        (
            json!({ "message": { "type": "location", "location": { "latitude": 35.0, "longitude": 139.0 } } }),
            "location",
        ),
        (
            json!({ "message": { "type": "unsupported", "errors": [{ "code": 131_051 }] } }),
            "unsupported",
        ),
    ] {
        let messages = perform(state, &deed);
        assert_eq!(messages.len(), 1, "{deed}");
        assert_eq!(wrong("InMessage", &messages[0]), Vec::<String>::new(), "{}", messages[0]);
        assert_eq!(messages[0]["type"], kind, "{deed}");
    }
}

#[test]
fn who_shows_no_number_is_known_by_an_id_alone() {
    let state = &mut State::default();
    let message = &perform(state, &json!({ "text": "a", "as": "sora" }))[0];
    assert_eq!(
        (&message["from"], &message["from_user_id"]),
        (&Value::Null, &json!("JP.71800000000000000503"))
    );
    let message = &perform(state, &json!({ "text": "a" }))[0];
    assert_eq!(
        (&message["from"], &message["from_user_id"]),
        (&json!("819012345678"), &Value::Null)
    );
}

#[test]
fn every_status_is_of_the_published_schema() {
    let state = &mut State::default();
    state.config.statuses.copies = 2;
    for chat in world::chats() {
        let mut message = Message::new(state.next_id(chat), chat, Author::Business, "text");
        message.data = Some("1.ab".to_owned());
        for failure in [None, Some((131_047, "late"))] {
            message.failure = failure;
            let all = statuses::of(state, &message);
            assert_eq!(all.len(), if failure.is_some() { 2 } else { 6 });
            for status in all {
                assert_eq!(wrong("Status", &status), Vec::<String>::new(), "{status}");
                assert_eq!(status["biz_opaque_callback_data"], "1.ab");
            }
        }
    }
    state.config.statuses.are_reversed = true;
    let [mio, ..] = world::PEOPLE;
    let chat = Chat::With(mio);
    let message = Message::new(state.next_id(chat), chat, Author::Business, "text");
    assert_eq!(statuses::of(state, &message)[0]["status"], "read");
}

#[test]
fn what_meta_publishes_as_webhooks_is_of_its_schema_and_what_is_not_is_found() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    for (name, body) in document["examples"]["inbound"].as_object().unwrap() {
        assert_eq!(wrong("WebhookPayload", body), Vec::<String>::new(), "{name}");
    }
    assert!(!wrong("InMessage", &json!({ "id": "a", "timestamp": 1, "type": "text" })).is_empty());
    assert!(!wrong("Status", &json!({ "id": "a" })).is_empty());
}
