//! Each check says what is wrong, and never a secret.

use expect_test::{Expect, expect};
use serde_json::json;

use super::*;
use crate::routes::serve;
use crate::testing::with_only;
use miyabi_core::event::Event;
use miyabi_core::http::Reply;
use miyabi_testing::{Arrival, Fake, public_key, response, run};

mod discord;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const APPLICATION: &str = "775799577604522054";

fn configured() -> Config {
    Config { operator_token: Some(Secret::new(TOKEN.to_owned())), ..crate::testing::configured() }
}

fn arrival() -> Arrival {
    Arrival::new("GET", "/health?deep=1").header("authorization", &format!("Bearer {TOKEN}"))
}

fn reply(world: &Fake, config: &Config, arrival: &Arrival) -> Reply {
    run(serve(world, config, arrival)).expect("the reply waited")
}

/// A world in which everything is as it should be.
fn world() -> Fake {
    let world = Fake::new();
    world
        .db
        .execute_batch(
            "CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
             INSERT INTO d1_migrations (name) VALUES ('0001_initial.sql'), ('0002_http_api.sql'),
              ('0003_sharing.sql'), ('0004_quotes.sql'),
              ('0005_cancelling.sql'), ('0006_buttons.sql'),
              ('0007_settings.sql'), ('0008_privacy.sql'),
              ('0022_limits.sql');",
        )
        .unwrap();
    world
}

/// Has the fake Discord, which knows webhooks only, answer for the application too.
fn order(world: &Fake, application: &Value, commands: &Value) {
    let mut discord = world.discord.borrow_mut();
    discord.refuse("GET", "/applications/@me", response(200, application));
    discord.refuse("GET", "/commands", response(200, commands));
}

fn application() -> Value {
    json!({
        "id": APPLICATION, "verify_key": ::hex::encode(public_key()),
        "interactions_endpoint_url": "https://miyabi.test/discord/interactions",
    })
}

/// Runs the checks and returns those that are not well, or all, one line each.
fn lines(world: &Fake, config: &Config, is_all: bool) -> String {
    let reply = reply(world, config, &arrival());
    assert_eq!(reply.status, 200, "{reply:?}");
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    let checks = body["checks"].as_array().unwrap();
    let words = |check: &Value| {
        let text = |field: &str| check[field].as_str().unwrap().to_owned();
        let [name, state, detail, hint] = ["name", "state", "detail", "hint"].map(text);
        assert_eq!(state == "ok", hint.is_empty(), "{check}");
        let hint = if hint.is_empty() { hint } else { format!(" | {hint}") };
        (is_all || state != "ok").then(|| format!("{state} {name}: {detail}{hint}\n"))
    };
    checks.iter().filter_map(words).collect()
}

fn check(world: &Fake, config: &Config, expected: &Expect) {
    expected.assert_eq(&lines(world, config, false));
}

#[test]
fn a_healthy_deployment_is_ok_throughout() {
    let world = world();
    order(&world, &application(), &json!([{ "name": "ask" }]));
    let expected = expect![[r#"
        ok settings: complete
        ok database: "0022_limits.sql" is the newest migration applied
        ok stuck: 0 jobs did not end in 16 minutes
        ok dead: 0 dead letters are not sent again
        ok model: @cf/meta/llama-3.3-70b-instruct-fp8-fast
        ok webhook: it posts in the channel that is found
        ok application: token, id and public key belong together
        ok installs: the application is installed where its settings let people ask
        ok commands: /ask is registered
    "#]];
    expected.assert_eq(&lines(&world, &configured(), true));
}

#[test]
fn what_is_found_is_for_the_doctor_to_judge() {
    let world = world();
    order(&world, &application(), &json!([{ "name": "ask", "type": 1 }]));
    let body: Value = serde_json::from_str(&reply(&world, &configured(), &arrival()).body).unwrap();
    let found = |name: &str| {
        let checks = body["checks"].as_array().unwrap().iter();
        checks.clone().find(|check| check["name"] == name).unwrap()["found"].clone()
    };
    assert_eq!(found("database"), "0022_limits.sql");
    assert_eq!(found("webhook"), "1200000000000000002");
    assert_eq!(found("application"), "https://miyabi.test/discord/interactions");
    assert_eq!(found("commands"), json!([{ "name": "ask", "type": 1 }]));
    assert_eq!((&body["status"], &body["configured"]), (&json!("ok"), &json!(true)));
}

#[test]
fn the_newest_migration_is_the_one_that_is_named() {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let newest =
        names.filter(|name| name.rsplit_once('.').is_some_and(|(_, kind)| kind == "sql")).max();
    assert_eq!(newest.as_deref(), Some(NEWEST_MIGRATION));
}

#[test]
fn only_the_operator_gets_an_answer() {
    let wrong = TOKEN.replace('9', "8");
    for shown in ["", "Bearer ", "Bearer", TOKEN, "Basic x", "bearer x", &format!("Bearer {wrong}")]
    {
        let world = world();
        let arrival = arrival().header("authorization", shown);
        for arrival in [arrival.clone(), arrival.without("authorization")] {
            let reply = reply(&world, &configured(), &arrival);
            let expected = r#"{"error":"not the operator's token"}"#;
            assert_eq!((reply.status, &*reply.body), (401, expected), "{shown}");
            let reason = "not the operator's token";
            let event = Event::RequestRejected { status: 401, reason };
            assert_eq!(world.events.borrow().last(), Some(&event));
        }
        assert_eq!(world.discord.borrow().requests, []);
    }
}

#[test]
fn a_token_is_compared_to_its_end() {
    let token = Secret::new(TOKEN.to_owned());
    assert!(is_operator(Some(&format!("Bearer {TOKEN}")), &token));
    for index in 0..TOKEN.len() {
        let mut shown = TOKEN.to_owned();
        shown.replace_range(index..=index, "x");
        assert!(!is_operator(Some(&format!("Bearer {shown}")), &token), "{shown}");
        shown.truncate(index);
        assert!(!is_operator(Some(&format!("Bearer {shown}")), &token), "{shown}");
    }
    assert!(!is_operator(Some(&format!("Bearer {TOKEN}{TOKEN}")), &token));
    assert!(!is_operator(None, &token));
}

#[test]
fn without_a_token_the_check_is_off_for_everybody() {
    let config = Config { operator_token: None, ..configured() };
    for arrival in [arrival(), arrival().header("authorization", "Bearer ")] {
        let world = world();
        let reply = reply(&world, &config, &arrival);
        let expected = r#"{"error":"MIYABI_OPERATOR_TOKEN is not set"}"#;
        assert_eq!((reply.status, &*reply.body), (503, expected));
        assert_eq!(world.discord.borrow().requests, []);
    }
}

#[test]
fn any_other_question_about_health_is_the_plain_one() {
    for path in ["/health", "/health?", "/health?deep=0", "/health?deep=11", "/health?x=deep=1"] {
        let reply = reply(&world(), &configured(), &Arrival::new("GET", path));
        assert_eq!(reply.status, 200, "{path}");
        assert!(!reply.body.contains("checks"), "{path}");
    }
    let deep = Arrival::new("GET", "/health?probe=1&deep=1");
    assert_eq!(reply(&world(), &configured(), &deep).status, 401);
    // HEAD has no body to put the checks in.
    let head = Arrival::new("HEAD", "/health?deep=1");
    assert_eq!(reply(&world(), &configured(), &head).status, 200);
}

#[test]
fn missing_settings_are_named_and_what_needs_them_is_left_out() {
    let world = world();
    let expected = expect![[r"
        fail settings: not complete: see `problems` | `problems` lists the commands that set them
    "]];
    let config = with_only(vec![("MIYABI_OPERATOR_TOKEN", format!(" {TOKEN}\n"))]);
    check(&world, &config, &expected);
    assert_eq!(world.discord.borrow().requests, []);
}

#[test]
fn an_old_schema_is_told_and_its_missing_tables_are_left_alone() {
    let world = world();
    order(&world, &application(), &json!([{ "name": "ask" }]));
    world.db.execute_batch("DELETE FROM d1_migrations WHERE name > '0002'").unwrap();
    world.db.execute_batch("DROP TABLE dead_letters").unwrap();
    let expected = expect![[r#"
        fail database: "0001_initial.sql" is the newest migration applied | npx wrangler d1 migrations apply miyabi_db --remote
    "#]];
    check(&world, &configured(), &expected);
}

#[test]
fn a_newer_schema_is_no_harm_and_an_empty_one_is() {
    let world = world();
    order(&world, &application(), &json!([{ "name": "ask" }]));
    world.db.execute_batch("INSERT INTO d1_migrations (name) VALUES ('0099_x.sql')").unwrap();
    check(&world, &configured(), &expect![""]);
    order(&world, &application(), &json!([{ "name": "ask" }]));
    world.db.execute_batch("DELETE FROM d1_migrations").unwrap();
    let expected = expect![[r"
        fail database: null is the newest migration applied | npx wrangler d1 migrations apply miyabi_db --remote
    "]];
    check(&world, &configured(), &expected);
}

#[test]
fn a_database_that_does_not_answer_is_told() {
    let world = world();
    order(&world, &application(), &json!([{ "name": "ask" }]));
    world.store_faults.borrow_mut().push("database");
    let expected = expect![[r"
        fail database: the database failed in database | npx wrangler d1 migrations apply miyabi_db --remote
    "]];
    check(&world, &configured(), &expected);
    order(&world, &application(), &json!([{ "name": "ask" }]));
    world.store_faults.borrow_mut().push("dead");
    let expected = expect![[r"
        fail dead: the database failed in dead | cargo xtask dead-letters
    "]];
    check(&world, &configured(), &expected);
}

#[test]
fn jobs_past_the_deadline_and_dead_letters_are_counted() {
    let world = world();
    order(&world, &application(), &json!([{ "name": "ask" }]));
    world
        .db
        .execute_batch(
            "INSERT INTO jobs (id, platform, token, status, created_at) VALUES
               ('1', 'x', 't', 'PENDING', unixepoch() - 970), ('2', 'x', 't', 'PROCESSING', unixepoch() - 961),
               ('3', 'x', 't', 'PROCESSING', unixepoch() - 950), ('4', 'x', 't', 'PENDING', unixepoch());
             INSERT INTO jobs (id, platform, token, status, result, created_at) VALUES
               ('5', 'x', '', 'COMPLETED', 'secret answer', unixepoch() - 9999), ('8-1', 'x', '', 'COMPLETED', 'x', 0),
               ('9-1', 'x', '', 'ERROR', 'x', 0);
             INSERT INTO dead_letters (job, params, cause) VALUES
               ('7', '{}', 'c'), ('8', '{}', 'c'), ('9', '{}', 'c');",
        )
        .unwrap();
    let expected = expect![[r"
        fail stuck: 2 jobs did not end in 16 minutes | the watchdog does not run: see the Cron Triggers
        warn dead: 2 dead letters are not sent again | cargo xtask dead-letters
    "]];
    check(&world, &configured(), &expected);
}

#[test]
fn a_webhook_that_is_gone_is_told() {
    let world = world();
    order(&world, &application(), &json!([{ "name": "ask" }]));
    world.discord.borrow_mut().delete_hook("1200000000000000001");
    let expected = expect![[r"
        fail webhook: get_webhook was refused with status `404` (code 10015) | make one, and set DISCORD_WEBHOOK_URL to its URL
    "]];
    check(&world, &configured(), &expected);
}

#[test]
fn each_model_of_the_chain_is_asked_and_told() {
    let world = world();
    order(&world, &application(), &json!([{ "name": "ask" }]));
    world.model.borrow_mut().extend([
        Ok(json!({ "response": "yes" })),
        Ok(json!({ "response": "" })),
        Err(5007),
        Err(3036),
        Err(3040),
        Err(0),
    ]);
    let mut config = configured();
    let models = &mut config.settings.as_mut().unwrap().models;
    *models =
        ["@cf/a", "@cf/b", "@cf/c", "@cf/d", "@cf/e", "@cf/f"].map(Model::by_binding).to_vec();
    let expected = expect![[r"
        fail model: @cf/c: workers-ai answered: config (code 5007) | docs/design/models.md says what each failure means
        fail model: @cf/d: workers-ai answered: quota (code 3036) | docs/design/models.md says what each failure means
        warn model: @cf/e: workers-ai answered: busy (code 3040) | docs/design/models.md says what each failure means
        warn model: @cf/f: workers-ai answered: transient (code 0) | docs/design/models.md says what each failure means
    "]];
    check(&world, &config, &expected);
}

#[test]
fn no_check_shows_a_secret() {
    const MARKER: &str = "hunter2";
    let world = world();
    let mut config = configured();
    let settings = config.settings.as_mut().unwrap();
    let discord = std::rc::Rc::make_mut(&mut settings.discord);
    discord.bot_token = Secret::new(format!("{MARKER}-bot"));
    discord.webhook_url = Secret::new(format!("https://discord.test/webhooks/1/{MARKER}"));
    let webhook = json!({ "channel_id": "1", "token": MARKER, "url": MARKER, "name": MARKER });
    world.discord.borrow_mut().refuse("GET", "/webhooks/", response(200, &webhook));
    let mut application = application();
    application["rpc_origins"] = json!([MARKER]);
    order(&world, &application, &json!([]));
    world
        .db
        .execute_batch(
            "INSERT INTO jobs (id, platform, token, status, params, created_at) VALUES ('1', 'x', 'hunter2',
               'PENDING', 'hunter2', 0);
             INSERT INTO dead_letters (job, params, cause) VALUES ('2', 'hunter2', 'hunter2');",
        )
        .unwrap();
    let reply = reply(&world, &config, &arrival());
    assert_eq!(reply.status, 200);
    assert!(!reply.body.contains(MARKER) && !reply.body.contains(TOKEN), "{}", reply.body);
    assert!(reply.body.contains("jobs did not end"), "{}", reply.body);
}
