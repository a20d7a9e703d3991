//! Who may post a question in Discord is asked of Discord, and everybody else is refused in words.

use serde_json::{Value, json};

use super::super::tests::{header, key, post, refusal, reply, reply_by};
use crate::testing::configured;
use miyabi_app::conversation::{self, Live};
use miyabi_core::config::Config;
use miyabi_core::job::from_params;
use miyabi_core::key::ApiKey;
use miyabi_core::ports::Limit;
use miyabi_testing::{Arrival, Fake, response};

const MIO: &str = "80351110224678912";
const CHANNEL: &str = "discord.1200000000000000002";

fn world() -> (Fake, ApiKey) {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    let key = key(&world, MIO, "chat");
    (world, key)
}

/// Asks in a stream, so that nothing waits for the answer.
fn ask(key: &ApiKey, body: &Value) -> Arrival {
    post(key, "/api/chat", &body.to_string()).header("accept", "text/event-stream")
}

fn asked() -> Value {
    json!({ "message": "hi", "conversation": CHANNEL, "id": "m1", "post": true })
}

/// Sees to it that nothing was written, and nobody was called but Discord by a look.
fn nothing_is_done(world: &Fake) {
    assert!(world.started.borrow().is_empty());
    assert!(world.conversations.borrow().is_empty());
    let discord = world.discord.borrow();
    assert!(discord.requests.iter().all(|request| request.method.name() == "GET"));
}

#[test]
fn the_question_is_a_job_of_discord_by_its_person_and_the_same_twice_is_one() {
    let (world, key) = world();
    let ui = json!({
        "id": CHANNEL, "post": true, "trigger": "submit-message",
        "messages": [{ "id": "m2", "role": "user", "parts": [{ "type": "text", "text": "hi" }] }],
    });
    for (jobs, body) in [asked(), ui].into_iter().enumerate() {
        let streams: Vec<_> =
            (0..2).map(|_| reply(&world, &ask(&key, &body)).stream.unwrap()).collect();
        assert_eq!(streams[0], streams[1]);
        assert_eq!(streams[0].conversation, format!("discord:1200000000000000002:{MIO}"));
        let started = world.started.borrow();
        assert_eq!(started.len(), jobs + 1);
        let question = from_params(&started[jobs].1).unwrap().question;
        assert_eq!(question.platform, "discord");
        assert_eq!(question.token.reveal(), "");
        assert_eq!(question.server.as_deref(), Some("1200000000000000009"));
        assert_eq!((question.asker.id.as_str(), question.asker.name.as_str()), (MIO, "みお"));
        assert_eq!(Some(&streams[0].conversation), question.conversation.as_ref());
        assert_eq!(question.place, miyabi_testing::question("hi").place);
    }
}

#[test]
fn what_is_to_be_posted_nowhere_or_not_there_is_refused() {
    let (world, key) = world();
    let changed = |change: Value| {
        let mut body = asked();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body
    };
    let ui = |trigger: &str| {
        json!({ "id": CHANNEL, "post": true, "trigger": trigger, "messageId": "m1",
            "messages": [{ "id": "m1", "role": "user", "parts": [{ "type": "text", "text": "hi" }] }] })
    };
    for (body, status, code) in [
        (changed(json!({ "conversation": "c1" })), 400, "invalid_body"),
        (changed(json!({ "conversation": null })), 400, "invalid_body"),
        (changed(json!({ "post": "yes" })), 400, "invalid_body"),
        (changed(json!({ "conversation": format!("{CHANNEL}-private") })), 409, "no_place"),
        (changed(json!({ "post": false })), 409, "conversation_elsewhere"),
        (changed(json!({ "post": null })), 409, "conversation_elsewhere"),
        (ui("submit-message"), 409, "conversation_elsewhere"),
        (ui("regenerate-message"), 409, "conversation_elsewhere"),
        (changed(json!({ "message": "a".repeat(6_001) })), 413, "message_too_long"),
        (changed(json!({ "message": "\u{200b}" })), 413, "message_too_long"),
    ] {
        assert_eq!(refusal(&world, &ask(&key, &body)), (status, code.to_owned()), "{body}");
    }
    assert!(world.discord.borrow().requests.is_empty());
    nothing_is_done(&world);
    let told = reply(&world, &ask(&key, &changed(json!({ "post": false }))));
    assert!(told.body.contains(r#"send \"post\": true"#), "{told:?}");
}

#[test]
fn who_may_not_write_there_is_refused() {
    for (path, field, seen, status, code) in [
        ("/channels/1200000000000000002", "type", json!(1), 409, "no_place"),
        ("/channels/1200000000000000002", "rate_limit_per_user", json!(5), 403, "may_not_post"),
        ("/guilds/1200000000000000009", "roles", json!([]), 403, "may_not_post"),
        (
            "/guilds/1200000000000000009/members/80351110224678912",
            "communication_disabled_until",
            json!("2999-01-01T00:00:00+00:00"),
            403,
            "may_not_post",
        ),
    ] {
        let (world, key) = world();
        world.discord.borrow_mut().seen.get_mut(path).unwrap()[field] = seen;
        assert_eq!(refusal(&world, &ask(&key, &asked())), (status, code.to_owned()), "{path}");
        nothing_is_done(&world);
    }
    let (world, _) = world();
    for owner in ["mio", "5", "+5"] {
        let key = key(&world, owner, "chat");
        assert_eq!(refusal(&world, &ask(&key, &asked())), (403, "may_not_post".to_owned()));
    }
    nothing_is_done(&world);
}

#[test]
fn while_discord_is_down_nothing_is_half_done() {
    let (world, key) = world();
    world.discord.borrow_mut().refuse("GET", "/members/", response(503, &json!({})));
    let refused = reply(&world, &ask(&key, &asked()));
    assert_eq!((refused.status, header(&refused, "retry-after")), (503, Some("10")));
    nothing_is_done(&world);
    assert_eq!(reply(&world, &ask(&key, &asked())).status, 200);
}

#[test]
fn where_the_operator_does_not_want_it_nothing_is_posted() {
    let refused = |change: &dyn Fn(&mut miyabi_core::config::Settings)| {
        let (world, key) = world();
        let mut config: Config = configured();
        change(config.settings.as_mut().unwrap());
        let refused = reply_by(&world, &config, &ask(&key, &asked()));
        nothing_is_done(&world);
        let body: Value = serde_json::from_str(&refused.body).unwrap();
        (refused.status, body["code"].as_str().unwrap().to_owned())
    };
    let server = "1200000000000000009".to_owned();
    let elsewhere = refused(&|settings| settings.access.servers = vec!["1".to_owned()]);
    assert_eq!(elsewhere, (403, "may_not_post".to_owned()));
    let forgetful = refused(&|settings| settings.servers_without_memory = vec![server.clone()]);
    assert_eq!(forgetful, (409, "not_remembered".to_owned()));
}

#[test]
fn looks_at_discord_are_limited_before_they_are_made() {
    let (world, key) = world();
    world.exhausted.borrow_mut().push((Limit::Asker, format!("post:{MIO}")));
    assert_eq!(refusal(&world, &ask(&key, &asked())), (429, "too_many_requests".to_owned()));
    assert!(world.discord.borrow().requests.is_empty());
    *world.exhausted.borrow_mut() = vec![(Limit::Server, "1200000000000000009".to_owned())];
    assert_eq!(refusal(&world, &ask(&key, &asked())), (429, "too_many_requests".to_owned()));
    assert!(world.started.borrow().is_empty());
}

#[test]
fn what_was_posted_is_stopped_here_and_what_was_asked_there_is_not() {
    let (world, key) = world();
    let stream = reply(&world, &ask(&key, &asked())).stream.unwrap();
    let request: Value = serde_json::from_str(&stream.request).unwrap();
    let stop = |turn: &str| {
        let path = format!("/api/chat/{CHANNEL}/stop");
        reply(&world, &post(&key, &path, &json!({ "turn": turn }).to_string()))
    };
    assert_eq!(stop("1300000000000000000").status, 409);
    assert_eq!(stop("ffffffffffffffffffffffffffffffff").status, 404);
    let stopped = stop(request["turn"].as_str().unwrap());
    assert!(stopped.body.contains(r#""state":"stopped""#), "{stopped:?}");
}
