//! Everything that the lab sends is what the Bot API describes.

use serde_json::{Value, json};

use super::config::Config;
use super::order::Order;
use super::schema::Schemas;
use super::state::State;
use super::world;
use super::{setup, updates};
use crate::http::{Content, Reply};

/// Carries out an order and returns its updates, with numbers.
fn updates_of(state: &mut State, order: &Value) -> Vec<Value> {
    let order: Order = serde_json::from_value(order.clone()).unwrap();
    let mut built = updates::build(state, &order).unwrap().updates;
    for update in &mut built {
        update["update_id"] = json!(1);
    }
    built
}

#[test]
fn every_update_is_of_the_published_type() {
    let mut state = State::default();
    state.config = Config { privacy: false, ..Config::default() };
    let photo = json!({ "photo": { "hex": "ffd8ff" } });
    for order in [
        json!({ "text": "/ask why? @mio_lab https://a.example" }),
        json!({ "text": "why?", "as": "alex", "in": "group" }),
        json!({ "text": "why?", "in": "supergroup" }),
        json!({ "text": "really?", "in": "supergroup", "reply_to": 11 }),
        json!({ "text": "why?", "in": "forum", "topic": "questions" }),
        json!({ "text": "what?", "in": "forum", "topic": "questions", "reply_to": 11 }),
        json!({ "document": { "name": "a.txt", "text": "a" }, "text": "read" }),
        json!({ "voice": { "hex": "00" } }),
        json!({ "album": [photo, photo], "text": "look" }),
        json!({ "text": "/ask why not?", "edit": 11 }),
    ] {
        let updates = updates_of(&mut state, &order);
        assert!(!updates.is_empty(), "{order}");
        for update in updates {
            let found = Schemas::shared().unwrap().check("Update", &update, "");
            assert!(found.is_empty(), "{order}: {found:?}");
        }
    }
    for message in &state.messages {
        let value = state.to_json(message);
        let found = Schemas::shared().unwrap().check("Message", &value, "");
        assert!(found.is_empty(), "{value}: {found:?}");
    }
}

#[test]
fn people_chats_and_the_bot_are_of_the_published_types() {
    let schemas = Schemas::shared().unwrap();
    for user in world::PEOPLE.map(world::Person::to_json).into_iter().chain([world::bot()]) {
        assert_eq!(schemas.check("User", &user, ""), Vec::<String>::new());
    }
    for chat in world::chats() {
        assert_eq!(schemas.check("Chat", &chat.to_json(), ""), Vec::<String>::new());
    }
}

/// The result of a reply.
fn result(reply: Reply) -> Value {
    let Content::Json(body) = reply.body else { panic!("no body") };
    assert_eq!(body["ok"], true);
    body["result"].clone()
}

#[test]
fn what_the_bot_and_its_webhook_are_is_of_the_published_types() {
    let schemas = Schemas::shared().unwrap();
    let mut state = State::default();
    let check = |name: &str, value: &Value| {
        assert_eq!(schemas.check(name, value, ""), Vec::<String>::new(), "{value}");
    };
    check("User", &result(setup::me(&state)));
    check("WebhookInfo", &result(setup::webhook_info(&state)));
    state.webhook.url = "https://a.example".to_owned();
    state.webhook.last_error = Some((1, "Connection failed".to_owned()));
    check("WebhookInfo", &result(setup::webhook_info(&state)));
}

#[test]
fn the_token_begins_with_the_bot_and_the_secret_may_be_in_a_header() {
    let (id, secret) = world::BOT_TOKEN.split_once(':').unwrap();
    assert_eq!(id.parse(), Ok(world::BOT_ID));
    assert!(secret.len() >= 35, "{}", secret.len());
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    assert!(world::SECRET_TOKEN.chars().all(is_allowed));
}
