//! Who may speak in a channel is asked of Discord, and refused in doubt.

use serde_json::json;

use super::*;
use miyabi_core::http::HttpError;
use miyabi_testing::{Answer, Fake, question, response, run, settings};

const CHANNEL: &str = "1200000000000000002";
const SERVER: &str = "/guilds/1200000000000000009";
const SERVER_ID: &str = "1200000000000000009";
const MIO: &str = "80351110224678912";

fn permitted(world: &Fake, channel: &str, person: &str) -> Result<Permit, NotPosted> {
    run(permit(world, &settings().discord, channel, person)).unwrap()
}

fn see(world: &Fake, path: &str, seen: Value) {
    world.discord.borrow_mut().seen.insert(path.to_owned(), seen);
}

#[test]
fn the_asker_is_the_member_as_after_a_command() {
    let world = Fake::new();
    let asked = question("hi");
    let Permit { asker, server, place } = permitted(&world, CHANNEL, MIO).unwrap();
    assert_eq!((asker.name.as_str(), asker.handle.as_str()), ("みお", "mio_art"));
    assert_eq!(asker.avatar_url, "https://cdn.discordapp.com/embed/avatars/5.png");
    assert_eq!(Some(server), asked.server);
    assert_eq!(place, Place::of(&asked));
    let requests = world.discord.borrow().requests.len();
    assert_eq!(requests, 3);
}

#[test]
fn a_thread_has_the_overwrites_of_its_channel_and_a_private_one_its_members() {
    let world = Fake::new();
    for (kind, is_member) in [(11, true), (12, false)] {
        let thread = json!({ "type": kind, "guild_id": SERVER_ID, "parent_id": CHANNEL });
        see(&world, "/channels/7", thread);
        let judged = permitted(&world, "7", MIO);
        assert_eq!(judged.is_ok(), is_member, "{judged:?}");
    }
    see(&world, &format!("/channels/7/thread-members/{MIO}"), json!({ "user_id": MIO }));
    let place = permitted(&world, "7", MIO).unwrap().place;
    assert_eq!((place.thread(), place.home()), (Some("7"), Some(CHANNEL)));
    let hidden = json!([{ "id": MIO, "type": 1, "deny": "1024", "allow": "0" }]);
    let path = format!("/channels/{CHANNEL}");
    let mut home = world.discord.borrow().seen[&path].clone();
    home["permission_overwrites"] = hidden;
    see(&world, &path, home);
    assert_eq!(permitted(&world, "7", MIO), Err(NotPosted::Denied(Mute::Hidden)));
}

#[test]
fn where_no_webhook_posts_nobody_speaks() {
    let world = Fake::new();
    for kind in [1, 3, 4, 14, 15, 16] {
        see(&world, "/channels/7", json!({ "type": kind, "guild_id": SERVER_ID }));
        assert_eq!(permitted(&world, "7", MIO), Err(NotPosted::NoPlace), "{kind}");
    }
}

#[test]
fn what_discord_does_not_show_is_hidden() {
    let hidden = Err(NotPosted::Denied(Mute::Hidden));
    let world = Fake::new();
    assert_eq!(permitted(&world, "8", MIO), hidden);
    assert_eq!(permitted(&world, CHANNEL, "6"), hidden);
    // A reply about somebody else.
    let member = world.discord.borrow().seen[&format!("{SERVER}/members/{MIO}")].clone();
    see(&world, &format!("{SERVER}/members/6"), member);
    assert_eq!(permitted(&world, CHANNEL, "6"), hidden);
    world.discord.borrow_mut().seen.remove(SERVER);
    assert_eq!(permitted(&world, CHANNEL, MIO), hidden);
}

#[test]
fn while_discord_does_not_answer_nobody_speaks_and_a_limit_is_kept() {
    for (url, answer) in [
        ("/channels/", Ok(response(500, &json!({})))),
        ("/members/", Ok(response(502, &json!({})))),
        ("/guilds/", Err(HttpError::Timeout)),
        ("/channels/", Ok(response(401, &json!({ "message": "401: Unauthorized", "code": 0 })))),
    ] {
        let world = Fake::new();
        let answer = Answer { to: ("GET", url), takes_effect: false, response: answer };
        world.discord.borrow_mut().answers.push(answer);
        let judged = permitted(&world, CHANNEL, MIO);
        assert!(matches!(judged, Err(NotPosted::Unavailable(_))), "{judged:?}");
        assert!(world.slept.borrow().is_empty());
    }
    let world = Fake::new();
    let limit = json!({ "retry_after": 30, "global": true });
    world.discord.borrow_mut().refuse("GET", "/channels/", response(429, &limit));
    for _ in 0..2 {
        assert!(matches!(permitted(&world, CHANNEL, MIO), Err(NotPosted::Unavailable(_))));
    }
    assert_eq!(world.discord.borrow().requests.len(), 1);
}

#[test]
fn a_question_that_a_command_would_not_take_is_not_posted() {
    assert!(is_postable("hi") && is_postable(&"雅".repeat(6_000)));
    assert!(!is_postable("\u{200b}") && !is_postable(&"a".repeat(6_001)));
    for owner in ["", "mio", "+5", "5/6", "visitor:5", "5-private", "123456789012345678901"] {
        assert!(!is_id(owner), "{owner}");
    }
    assert!(is_id(MIO));
}
