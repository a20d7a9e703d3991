//! The doctor finds nothing in a healthy deployment, and in a broken one what is broken.

use serde_json::{Value, json};
use xtask::commands::doctor::report::{Report, State};
use xtask::commands::doctor::{self, Subject};
use xtask::http;
use xtask::stack::{Question, Stack};

use crate::world::{self, list, text};

/// A stack of its own: its operator has a token, and things get broken.
fn deployed() -> (Stack, Subject) {
    let stack = Stack::start(doctor::options()).unwrap();
    let subject = doctor::subject(&stack).unwrap();
    doctor::register(&subject).unwrap();
    let receipt = stack.ask(&Question::new("Is the doctor in?")).unwrap();
    assert_eq!(stack.wait_for_job(&receipt.id).unwrap()["status"], "COMPLETED");
    (stack, subject)
}

/// Returns what is not well, as `state what`.
fn findings(report: &Report) -> Vec<String> {
    let lines = report.lines().filter(|line| line.state != State::Ok);
    lines.map(|line| format!("{} {}", line.state, line.what)).collect()
}

/// Compares what is not well; each of it says what to do.
fn check(subject: &Subject, expected: &[&str]) -> Report {
    let report = doctor::examine(subject);
    assert_eq!(findings(&report), expected, "{report}");
    for line in report.lines().filter(|line| line.state != State::Ok) {
        assert!(!line.hint.is_empty(), "{line}");
    }
    report
}

fn detail<'a>(report: &'a Report, what: &str) -> &'a str {
    &report.line(what).unwrap_or_else(|| panic!("no line about {what}:\n{report}")).detail
}

fn permit(stack: &Stack, rights: &Value) {
    let config = json!({ "permissions": { "general": rights } });
    stack.lab().post("/lab/config", &config).unwrap();
}

fn with(subject: &Subject, name: &str, value: &str) -> Subject {
    let mut subject = subject.clone();
    subject.values.insert(name.to_owned(), value.to_owned());
    subject
}

#[test]
fn a_healthy_deployment_has_no_findings_and_a_broken_one_has_its_own() {
    let _world = world::shared();
    let (stack, subject) = deployed();
    let report = check(&subject, &[]);
    for what in [
        "webhook",
        "application",
        "commands",
        "View Channel",
        "Manage Webhooks",
        "bot",
        "menus",
        "app",
        "scopes",
        "access token",
        "subscription",
        "phone number",
        "its commands",
    ] {
        assert!(report.line(what).is_some(), "{what}:\n{report}");
    }
    assert!(detail(&report, "a forged signature").contains("401"), "{report}");
    assert!(detail(&report, "a PING").contains("signed by the lab"), "{report}");
    assert!(detail(&report, "it says: database").contains(".sql"), "{report}");
    let world = stack.lab().get("/lab/world").unwrap();
    assert!(detail(&report, "webhook").contains(text(&world["channels"]["general"], "id")));
    let shown = report.to_string();
    let is_secret = |name: &str| name.ends_with("_TOKEN") || name.ends_with("_SECRET");
    for (name, secret) in subject.values.iter().filter(|(name, _)| is_secret(name)) {
        assert!(!shown.contains(secret), "{name}: {shown}");
    }
    let calls = list(stack.lab().get("/lab/violations").unwrap());
    assert_eq!(calls, Vec::<Value>::new(), "Discord is asked nothing that it would refuse");

    wrong_tokens(&subject);
    missing_permissions(&stack, &subject);
    changed_commands(&stack, &subject);
    a_bot_whose_updates_go_elsewhere(&stack, &subject);
    an_app_that_lacks_something(&stack, &subject);
    a_number_whose_messages_go_elsewhere(&subject);
    a_number_with_secrets_of_another(&subject);
    a_number_that_meta_finds_fault_with(&stack, &subject);
    a_database_behind(&stack, &subject);
    jobs_that_nobody_ends(&stack, &subject);
    a_webhook_that_is_gone(&stack, &subject, text(&world, "webhook_id"));
    an_address_that_is_not_miyabi(&stack, &subject);
}

/// Here only: the deployed ones are right, so what the Worker says stays well.
fn wrong_tokens(subject: &Subject) {
    let wrong = with(subject, "DISCORD_TOKEN", "wrong");
    let expected =
        ["FAIL application", "FAIL commands", "FAIL View Channel", "FAIL Manage Webhooks"];
    let report = check(&wrong, &expected);
    assert!(detail(&report, "application").contains("401"), "{report}");
    let other = with(subject, "DISCORD_PUBLIC_KEY", &"0".repeat(64));
    check(&other, &["FAIL application"]);
    let operator = with(subject, "MIYABI_OPERATOR_TOKEN", "wrong");
    let report = check(&operator, &["FAIL GET /health?deep=1"]);
    assert!(detail(&report, "GET /health?deep=1").contains("refused"), "{report}");
    let none = Subject { values: std::collections::BTreeMap::new(), ..subject.clone() };
    check(&none, &["warn webhook", "warn application", "warn GET /health?deep=1"]);
}

fn missing_permissions(stack: &Stack, subject: &Subject) {
    permit(stack, &json!({ "manage_webhooks": false }));
    check(subject, &["FAIL Manage Webhooks"]);
    // An empty list and nothing to work it out from, in the lab.
    permit(stack, &json!({ "manage_webhooks": true, "read_history": false }));
    check(subject, &["warn Read Message History"]);
    permit(stack, &json!({ "read_history": true, "view_channel": false }));
    check(subject, &["FAIL View Channel", "FAIL Manage Webhooks"]);
    permit(stack, &json!({ "view_channel": true }));
    check(subject, &[]);
}

fn changed_commands(stack: &Stack, subject: &Subject) {
    let token = format!("Bot {}", subject.value("DISCORD_TOKEN").unwrap());
    let application = subject.value("DISCORD_APPLICATION_ID").unwrap();
    let url = format!("{}/api/v10/applications/{application}/commands", stack.lab_url());
    let set = |commands: &Value| {
        let reply = http::send("PUT", &url, &[("authorization", &token)], Some(commands)).unwrap();
        assert_eq!(reply.status, 200);
    };
    set(&json!([]));
    let report = check(subject, &["FAIL commands", "FAIL it says: commands"]);
    assert_eq!(
        detail(&report, "commands"),
        "+ \"Ask Miyabi\"; + \"Summarize\"; + \"Translate\"; + \"Who asked this\"; + /ask; + /cancel; + /help; + /imagine; + /key; + /link; + /memory; + /privacy; + /settings; + /status; + /usage"
    );
    set(&json!([{ "name": "ask", "type": 1, "description": "Ask somebody else" }]));
    let report = check(subject, &["FAIL commands", "FAIL it says: commands"]);
    // The Worker only looks for the name; the checkout knows more.
    assert!(detail(&report, "it says: commands").contains("/ask.description"), "{report}");
    doctor::register(subject).unwrap();
    check(subject, &[]);
}

fn a_bot_whose_updates_go_elsewhere(stack: &Stack, subject: &Subject) {
    let wrong = with(subject, "TELEGRAM_BOT_TOKEN", "1:wrong");
    let report = check(&wrong, &["FAIL bot", "FAIL address for updates", "FAIL menus"]);
    assert!(detail(&report, "bot").contains("401"), "{report}");
    let other = with(subject, "TELEGRAM_SECRET_TOKEN", "another");
    check(&other, &["FAIL a genuine update"]);
    let bot = subject.value("TELEGRAM_BOT_TOKEN").unwrap();
    let url = format!("{}/telegram/bot{bot}/deleteWebhook", stack.lab_url());
    http::post(&url, &json!({})).unwrap().json().unwrap();
    let report = check(subject, &["FAIL address for updates"]);
    assert!(detail(&report, "address for updates").contains("does not know"), "{report}");
    doctor::register(subject).unwrap();
    check(subject, &[]);
}

fn an_app_that_lacks_something(stack: &Stack, subject: &Subject) {
    let genuine = check(subject, &[]);
    assert!(detail(&genuine, "an unsigned event").contains("401"), "{genuine}");
    assert!(detail(&genuine, "a genuine event").contains("challenge"), "{genuine}");
    let wrong = with(subject, "SLACK_BOT_TOKEN", "xoxb-wrong");
    let report = check(&wrong, &["FAIL app"]);
    assert!(detail(&report, "app").contains("invalid_auth"), "{report}");
    let other = with(subject, "SLACK_SIGNING_SECRET", &"0".repeat(32));
    check(&other, &["FAIL a genuine event"]);
    let scopes = |config: &Value| stack.lab().post("/lab/config", config).unwrap();
    scopes(&json!({ "slack": { "write_public": false } }));
    let report = check(subject, &["FAIL scopes"]);
    assert!(detail(&report, "scopes").starts_with("missing: chat:write.public ("), "{report}");
    scopes(&json!({ "slack": { "write_public": true } }));
    check(subject, &[]);
}

/// What `register` has put is taken away, and put again.
fn a_number_whose_messages_go_elsewhere(subject: &Subject) {
    let report = check(subject, &[]);
    assert!(detail(&report, "a wrong verify token").contains("403"), "{report}");
    assert!(detail(&report, "an unsigned message").contains("401"), "{report}");
    assert!(detail(&report, "asking").contains("2026-10-01"), "{report}");
    assert!(detail(&report, "template").ends_with("approved, UTILITY"), "{report}");
    let value = |name: &str| subject.value(name).unwrap();
    let meta = |method: &str, token: &str, path: &str, body: Option<&Value>| {
        let url = format!("{}/{path}", value("WHATSAPP_API_BASE"));
        let authorization = format!("Bearer {token}");
        let reply = http::send(method, &url, &[("authorization", &authorization)], body).unwrap();
        assert_eq!(reply.status, 200, "{}", reply.body);
    };
    let (app, token) = (value("WHATSAPP_APP_ID"), value("WHATSAPP_ACCESS_TOKEN"));
    let account = value("WHATSAPP_BUSINESS_ACCOUNT_ID");
    let commands = format!("{}/conversational_automation", value("WHATSAPP_PHONE_NUMBER_ID"));
    let webhook = json!({
        "object": "whatsapp_business_account", "fields": "messages",
        "callback_url": format!("{}/whatsapp/webhook", subject.url.as_deref().unwrap()),
        "verify_token": value("WHATSAPP_VERIFY_TOKEN"),
    });
    let as_app = format!("{app}|{}", value("WHATSAPP_APP_SECRET"));
    meta("POST", &as_app, &format!("{app}/subscriptions"), Some(&webhook));
    meta("DELETE", token, &format!("{account}/subscribed_apps"), None);
    meta("POST", token, &commands, Some(&json!({ "commands": [], "prompts": ["Hello?"] })));
    let report =
        check(subject, &["FAIL address for messages", "FAIL subscription", "FAIL its commands"]);
    assert_eq!(detail(&report, "address for messages"), "+ webhook.fields: user_id_update");
    assert!(detail(&report, "its commands").contains("+ /ask; "), "{report}");
    doctor::register(subject).unwrap();
    check(subject, &[]);
    let off = with(subject, "MIYABI_WHATSAPP_ASK", "off");
    assert!(detail(&check(&off, &[]), "asking").contains("2026-01-15"));
}

/// Here only: the deployed ones are right, so what the Worker says stays well.
fn a_number_with_secrets_of_another(subject: &Subject) {
    let token = with(subject, "WHATSAPP_ACCESS_TOKEN", "EAAwrong");
    let report = check(
        &token,
        &[
            "FAIL access token",
            "FAIL subscription",
            "FAIL template",
            "FAIL phone number",
            "FAIL its commands",
        ],
    );
    assert!(detail(&report, "phone number").contains("(code 190)"), "{report}");
    let secret = with(subject, "WHATSAPP_APP_SECRET", &"0".repeat(32));
    check(&secret, &["FAIL access token", "FAIL address for messages", "FAIL a genuine message"]);
    let verify = with(subject, "WHATSAPP_VERIFY_TOKEN", "another-verify-token");
    check(&verify, &["FAIL a challenge"]);
    let mut unknown = subject.clone();
    for name in ["WHATSAPP_APP_ID", "WHATSAPP_BUSINESS_ACCOUNT_ID"] {
        unknown.values.remove(name);
    }
    let report = check(
        &unknown,
        &["warn access token", "warn address for messages", "warn subscription", "warn template"],
    );
    assert!(detail(&report, "access token").contains("WHATSAPP_APP_ID"), "{report}");
}

fn a_number_that_meta_finds_fault_with(stack: &Stack, subject: &Subject) {
    let set = |config: Value| {
        stack.lab().post("/lab/config", &json!({ "whatsapp": config })).unwrap();
    };
    set(json!({ "missing_scopes": ["whatsapp_business_messaging"], "quality": "RED" }));
    let report = check(subject, &["FAIL token's scopes", "warn phone number"]);
    let missing = "missing: whatsapp_business_messaging (it cannot answer)";
    assert_eq!(detail(&report, "token's scopes"), missing);
    let soon = std::time::SystemTime::now() + std::time::Duration::from_hours(2);
    let soon = soon.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let template = subject.value("WHATSAPP_TEMPLATE").unwrap();
    set(json!({
        "missing_scopes": [], "quality": "GREEN", "token_expires_at": soon,
        "paused_templates": [template],
    }));
    let report = check(subject, &["warn access token", "FAIL template"]);
    assert!(detail(&report, "template").contains("PAUSED"), "{report}");
    set(json!({ "token_expires_at": 0, "paused_templates": [] }));
    check(subject, &[]);
}

fn a_database_behind(stack: &Stack, subject: &Subject) {
    let names = stack.query("SELECT max(name) AS name FROM d1_migrations", &[]).unwrap();
    let newest = text(&names[0], "name").to_owned();
    stack.query("DELETE FROM d1_migrations WHERE name = ?", &[&newest]).unwrap();
    let report = check(subject, &["FAIL it says: database"]);
    let line = report.line("it says: database").unwrap();
    assert!(line.hint.contains("d1 migrations apply"), "{line}");
    // Whatever cannot be read from an old schema is left out.
    assert!(report.line("it says: dead").is_none(), "{report}");
    stack.query("INSERT INTO d1_migrations (name) VALUES (?)", &[&newest]).unwrap();
}

fn jobs_that_nobody_ends(stack: &Stack, subject: &Subject) {
    for statement in [
        "INSERT INTO jobs (id, platform, token, status, created_at) VALUES ('1', 'x', 't', 'PENDING', 1)",
        "INSERT INTO dead_letters (job, params, cause) VALUES ('2', '{}', 'c')",
    ] {
        stack.query(statement, &[]).unwrap();
    }
    let report = check(subject, &["FAIL it says: stuck", "warn it says: dead"]);
    assert!(detail(&report, "it says: stuck").starts_with("1 "), "{report}");
    for statement in ["DELETE FROM jobs WHERE id = '1'", "DELETE FROM dead_letters"] {
        stack.query(statement, &[]).unwrap();
    }
    check(subject, &[]);
}

fn a_webhook_that_is_gone(stack: &Stack, subject: &Subject, id: &str) {
    http::delete(&format!("{}/lab/webhooks/{id}", stack.lab_url())).unwrap();
    let expected = ["FAIL webhook", "warn permissions", "FAIL it says: webhook"];
    let report = check(subject, &expected);
    assert!(detail(&report, "webhook").contains("404"), "{report}");
    assert!(detail(&report, "it says: webhook").contains("404"), "{report}");
}

/// The lab answers 404 to everything that it does not know.
fn an_address_that_is_not_miyabi(stack: &Stack, subject: &Subject) {
    let url = Some(stack.lab_url().to_owned());
    let report = doctor::examine(&Subject { url, ..subject.clone() });
    for what in ["GET /health", "a forged signature", "a PING", "GET /health?deep=1"] {
        let line = report.line(what).unwrap();
        assert_eq!(line.state, State::Fail, "{report}");
    }
    let url = Some("http://127.0.0.1:9".to_owned());
    let report = doctor::examine(&Subject { url, ..subject.clone() });
    assert_eq!(report.line("GET /health").unwrap().state, State::Fail, "{report}");
    let none = doctor::examine(&Subject { url: None, ..subject.clone() });
    assert_eq!(none.line("address").unwrap().state, State::Warn, "{none}");
}

#[test]
fn a_worker_without_discord_is_healthy_too() {
    let _world = world::shared();
    let missing_secrets: Vec<String> = doctor::DISCORD.map(ToOwned::to_owned).into();
    let options = xtask::stack::Options { missing_secrets, ..doctor::options() };
    let stack = Stack::start(options).unwrap();
    let mut subject = doctor::subject(&stack).unwrap();
    doctor::register(&subject).unwrap();
    subject.values.retain(|name, _| !doctor::DISCORD.contains(&name.as_str()));
    let report = check(&subject, &[]);
    assert!(detail(&report, "channels").contains("discord"), "{report}");
    assert!(report.line("a forged signature").is_none(), "{report}");
    assert!(detail(&report, "a forged update").contains("401"), "{report}");
}

#[test]
fn a_worker_that_is_not_set_up_says_what_it_lacks() {
    let _world = world::shared();
    let missing_secrets = vec!["DISCORD_TOKEN".to_owned(), "DISCORD_PUBLIC_KEY".to_owned()];
    let stack =
        Stack::start(xtask::stack::Options { missing_secrets, ..doctor::options() }).unwrap();
    let subject = doctor::subject(&stack).unwrap();
    let report = doctor::examine(&subject);
    let found = findings(&report);
    for line in [
        "FAIL DISCORD_TOKEN",
        "FAIL DISCORD_PUBLIC_KEY",
        "FAIL a forged signature",
        "FAIL a PING",
        "FAIL it says: settings",
        "FAIL commands",
    ] {
        assert!(found.contains(&line.to_owned()), "{line}:\n{report}");
    }
    let line = report.line("DISCORD_TOKEN").unwrap();
    assert_eq!(line.hint, "npx wrangler secret put DISCORD_TOKEN");
}
