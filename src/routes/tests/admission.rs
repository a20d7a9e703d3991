//! Questions are answered where the operator allows them, and not too often.

use super::*;
use miyabi_core::config::{Access, UserInstall};
use miyabi_core::ports::Limit;

const USER_INSTALL: &str =
    include_str!("../../../crates/channels/src/discord/parse/fixtures/user_install.json");
const GROUP_MESSAGE: &str =
    include_str!("../../../crates/channels/src/discord/parse/fixtures/group_message.json");
const DIRECT_MESSAGE: &str =
    include_str!("../../../crates/channels/src/discord/parse/fixtures/direct_message.json");
const SERVER: &str = "290926798626357999";

/// Sends an interaction to a Worker with these settings, and returns whether there is a job.
fn is_admitted(access: Access, body: &str) -> bool {
    let world = Fake::new();
    let mut settings = settings();
    settings.access = access;
    let config = Config { settings: Ok(settings), ..configured() };
    let reply = reply(&world, &config, &signed(body));
    world.run_waiting();
    let has_job = !world.started.borrow().is_empty();
    assert_eq!(reply == reply::deferred(), has_job, "{reply:?}");
    if !has_job {
        let replied: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(
            (&replied["type"], &replied["data"]["flags"]),
            (&json!(4), &json!(64)),
            "private"
        );
        let sentences = Language::ALL.map(|language| json!(sentence(Notice::NotHere, language)));
        assert!(sentences.contains(&replied["data"]["content"]), "{replied}");
        let events = world.events.borrow();
        assert!(matches!(events.as_slice(), [Event::NotAdmitted { .. }]), "{events:?}");
        assert_eq!(world.discord.borrow().requests, []);
    }
    has_job
}

fn access(servers: &[&str], user_install: UserInstall) -> Access {
    Access { servers: servers.iter().map(ToString::to_string).collect(), user_install }
}

#[test]
fn by_default_a_question_is_answered_where_a_server_has_installed_the_application() {
    assert!(is_admitted(Access::default(), ASK));
    for body in [USER_INSTALL, GROUP_MESSAGE, DIRECT_MESSAGE] {
        assert!(!is_admitted(Access::default(), body), "{body}");
        assert!(is_admitted(access(&[], UserInstall::On), body), "{body}");
    }
}

#[test]
fn a_list_of_servers_admits_no_other_server_and_nobody_outside() {
    assert!(is_admitted(access(&["1", SERVER], UserInstall::Off), ASK));
    for body in [ASK, USER_INSTALL, GROUP_MESSAGE, DIRECT_MESSAGE] {
        assert!(!is_admitted(access(&["1"], UserInstall::Off), body), "{body}");
    }
    assert!(!is_admitted(access(&["1"], UserInstall::On), ASK));
    assert!(!is_admitted(access(&[SERVER], UserInstall::Off), USER_INSTALL));
}

#[test]
fn an_installation_is_read_as_discord_writes_it() {
    for (owners, expected) in [
        (json!({ "0": SERVER }), true),
        (json!({ "0": SERVER, "1": "539082325061836806" }), true),
        (json!({ "1": "539082325061836806" }), false),
        (json!({ "0": null, "1": "539082325061836806" }), false),
        (json!({}), false),
        // What Discord does not say is not held against a server.
        (json!(null), true),
    ] {
        let mut interaction: Value = serde_json::from_str(ASK).unwrap();
        interaction["authorizing_integration_owners"] = owners.clone();
        let body = interaction.to_string();
        assert_eq!(is_admitted(Access::default(), &body), expected, "{owners}");
    }
}

#[test]
fn usage_has_the_limit_of_its_asker() {
    let usage = ASK.replace("\"ask\"", "\"usage\"");
    let asker: Value = serde_json::from_str(ASK).unwrap();
    let asker = asker["member"]["user"]["id"].as_str().unwrap().to_owned();
    let world = Fake::new();
    world.exhausted.borrow_mut().push((Limit::Asker, asker));
    let replied = reply(&world, &configured(), &signed(&usage));
    assert_eq!(replied, reply::private(sentence(Notice::Crowded, Language::Japanese)));
    assert_eq!(world.round_trips.borrow().as_slice(), [], "the database is left alone");
}

/// A command in the menu of a message of the channel of [`ASK`].
fn who_asked(message: &str, permissions: &str) -> String {
    let mut interaction: Value = serde_json::from_str(ASK).unwrap();
    let messages = json!({ message: { "id": message, "content": "hi", "type": 0 } });
    interaction["data"] = json!({
        "id": "1", "type": 3, "name": "Who asked this", "target_id": message,
        "resolved": { "messages": messages },
    });
    interaction["member"]["permissions"] = json!(permissions);
    interaction["locale"] = json!("en-US");
    interaction.to_string()
}

#[test]
fn a_moderator_alone_finds_the_asker_of_a_question_and_of_an_answer() {
    let world = Fake::new();
    let sql = format!(
        "INSERT INTO jobs (id, platform, token, status, result, asker, server)
           VALUES ('71', 'discord', '', 'COMPLETED', 'a', '5', '{SERVER}');
         INSERT INTO posts (job, step, state, message_id) VALUES
           ('71', 'question:1', 'SENT', '100'), ('71', 'answer:1', 'SENT', '101')"
    );
    world.db.execute_batch(&sql).unwrap();
    let told = |message: &str, permissions: &str| {
        let replied = reply(&world, &configured(), &signed(who_asked(message, permissions)));
        let replied: Value = serde_json::from_str(&replied.body).unwrap();
        assert_eq!((&replied["type"], &replied["data"]["flags"]), (&json!(4), &json!(64)));
        assert_eq!(replied["data"]["allowed_mentions"], json!({ "parse": [] }));
        replied["data"]["content"].as_str().unwrap().to_owned()
    };
    for message in ["100", "101"] {
        assert!(told(message, "8192").contains("<@5>"), "{message}");
        assert!(!told(message, "2048").contains('5'), "{message}");
    }
    assert!(told("102", "8192").contains("no record"));
    assert!(world.started.borrow().is_empty());
}

fn key_command(body: &str, subcommand: &Value) -> String {
    let mut interaction: Value = serde_json::from_str(body).unwrap();
    interaction["data"]["name"] = json!("key");
    interaction["data"]["options"] = json!([subcommand]);
    interaction.to_string()
}

#[test]
fn a_key_is_made_for_who_may_ask_and_shown_to_them_alone() {
    let world = Fake::new();
    let create = json!({ "name": "create", "type": 1 });
    let told = |access: Access, body: &str, subcommand: &Value| {
        let mut settings = settings();
        settings.access = access;
        let config = Config { settings: Ok(settings), ..configured() };
        let reply = reply(&world, &config, &signed(key_command(body, subcommand)));
        let replied: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!((&replied["type"], &replied["data"]["flags"]), (&json!(4), &json!(64)));
        assert_eq!(replied["data"]["allowed_mentions"], json!({ "parse": [] }));
        replied["data"]["content"].as_str().unwrap().to_owned()
    };
    let refused = told(access(&["1"], UserInstall::Off), ASK, &create);
    assert_eq!(refused, sentence(Notice::NotHere, Language::Japanese));
    for body in [USER_INSTALL, GROUP_MESSAGE, DIRECT_MESSAGE] {
        let refused = told(Access::default(), body, &create);
        let sentences = Language::ALL.map(|language| sentence(Notice::NotHere, language));
        assert!(sentences.contains(&refused.as_str()), "{refused}");
    }
    assert!(told(Access::default(), ASK, &create).contains("`miyabi_"));
    let list = told(access(&["1"], UserInstall::Off), ASK, &json!({ "name": "list", "type": 1 }));
    assert!(list.starts_with("**あなたのキー**"), "one is seen and taken back anywhere: {list}");
    let id = list.split('`').nth(1).unwrap();
    let option = json!([{ "name": "id", "type": 3, "value": id }]);
    let revoke = json!({ "name": "revoke", "type": 1, "options": option });
    assert!(told(access(&["1"], UserInstall::Off), ASK, &revoke).contains("無効にしました"));
    assert_eq!(world.events.borrow().as_slice(), []);
}

#[test]
fn a_code_is_told_to_who_may_ask_alone_with_this_workers_own_page() {
    let world = Fake::new();
    let link = |access: Access, body: &str| {
        let mut settings = settings();
        settings.access = access;
        let config = Config { settings: Ok(settings), ..configured() };
        let mut interaction: Value = serde_json::from_str(body).unwrap();
        interaction["data"]["name"] = json!("link");
        interaction["data"]["options"] = Value::Null;
        let reply = reply(&world, &config, &signed(interaction.to_string()));
        let replied: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!((&replied["type"], &replied["data"]["flags"]), (&json!(4), &json!(64)));
        replied["data"]["content"].as_str().unwrap().to_owned()
    };
    let refused = link(access(&["1"], UserInstall::Off), ASK);
    assert_eq!(refused, sentence(Notice::NotHere, Language::Japanese));
    let direct = link(Access::default(), DIRECT_MESSAGE);
    assert!(Language::ALL.map(|it| sentence(Notice::NotHere, it)).contains(&direct.as_str()));
    let codes = "SELECT count(*) FROM sign_in_codes";
    let count = || world.db.query_row(codes, [], |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(count(), 0);
    let told = link(Access::default(), ASK);
    assert!(told.starts_with("コード: `") && told.contains("\nhttps://miyabi.example/ "), "{told}");
    let told = link(access(&[], UserInstall::On), DIRECT_MESSAGE);
    assert!(told.contains("https://miyabi.example/ "), "{told}");
    assert_eq!(count(), 1, "one for each person");
    assert_eq!(world.events.borrow().as_slice(), []);
}

#[test]
fn without_settings_no_key_is_made() {
    let world = Fake::new();
    let body = key_command(ASK, &json!({ "name": "create", "type": 1 }));
    let reply = reply(&world, &with_only_the_public_key(), &signed(body));
    assert_eq!(reply, reply::private(sentence(Notice::Misconfigured, Language::Japanese)));
    assert_eq!(world.round_trips.borrow().as_slice(), []);
}
