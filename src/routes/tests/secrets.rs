//! No secret, token, question or answer is in a reply or a log line.

use super::*;
use miyabi_core::ids::Secret;
use miyabi_testing::response;

/// What no reply, log line or health report may show.
const MARKER: &str = "hunter2";

fn marked() -> Config {
    let mut settings = settings();
    let discord = std::rc::Rc::make_mut(&mut settings.discord);
    discord.bot_token = Secret::new(format!("{MARKER}-bot"));
    discord.webhook_url = Secret::new(format!("https://discord.test/webhooks/1/{MARKER}"));
    Config { settings: Ok(settings), ..configured() }
}

/// Every secret is set, and not one is right.
fn marked_and_wrong() -> Config {
    let marker = || format!("{MARKER}/webhooks/x");
    let names = ["DISCORD_PUBLIC_KEY", "DISCORD_WEBHOOK_URL", "DISCORD_TOKEN", "DISCORD_API_BASE"];
    let mut values: Vec<_> = names.into_iter().map(|name| (name, marker())).collect();
    values.extend([("MIYABI_MAX_TOKENS", marker()), ("WEATHER_API_BASE", marker())]);
    with_only(values)
}

#[test]
fn no_reply_and_no_log_line_shows_a_secret() {
    let world = Fake::new();
    let asked = ASK.replace("aW50ZXJhY3Rpb246MTMwMDAw", MARKER).replace("雅とは", MARKER);
    let mut wrong_key = marked_and_wrong();
    let bodies = [asked.as_str(), MARKER, "{}"].map(signed);
    for config in [marked(), marked_and_wrong(), unconfigured(), with_only_the_public_key()] {
        for (method, path) in [("GET", "/health"), ("GET", "/x"), ("PUT", INTERACTIONS)] {
            assert_silent(&reply(&world, &config, &Arrival::new(method, path)));
        }
        for arrival in &bodies {
            assert_silent(&reply(&world, &config, &arrival.clone()));
            assert_silent(&reply(&world, &config, &arrival.clone().body(MARKER)));
        }
    }
    wrong_key.public_key = Some(public_key());
    assert_silent(&reply(&world, &wrong_key, &signed(&asked)));
    // The Workflow cannot start, and Discord repeats what it was sent.
    world.start_faults.set(3);
    let echo = response(400, &json!({ "message": MARKER, "code": 50035 }));
    world.discord.borrow_mut().refuse("PATCH", "", echo);
    assert_silent(&reply(&world, &marked(), &signed(asked.replace("1300000000000000000", "13"))));
    world.run_waiting();
    assert!(world.events.borrow().len() > 20);
    let events = world.events.borrow();
    let mut shown = events.iter().map(|event| format!("{event:?} {}\n", event.to_json()));
    assert_eq!(shown.find(|shown| shown.contains(MARKER)), None);
}

fn assert_silent(reply: &Reply) {
    assert!(!reply.body.contains(MARKER), "{reply:?}");
    assert!(serde_json::from_str::<Value>(&reply.body).is_ok(), "{reply:?}");
}
