//! Each answer of a Worker is judged, and where it is not well there is something to do.

use super::super::report::State;
use super::*;
use crate::commands::register;
use miyabi_core::config::UserInstall;

#[expect(clippy::unnecessary_wraps, reason = "the other answers are errors")]
fn answer(status: u16, body: &Value) -> Answer {
    Ok(Reply { status, body: body.to_string(), ..Reply::default() })
}

fn silence() -> Answer {
    Err(anyhow::anyhow!("no answer"))
}

fn check(name: &str, state: &str, found: &Value) -> Value {
    json!({ "name": name, "state": state, "detail": "d", "hint": "h", "found": found })
}

fn at(url: &str) -> Subject {
    Subject { url: Some(url.to_owned()), ..Subject::default() }
}

fn states(lines: &[Line]) -> Vec<(&str, State)> {
    lines.iter().map(|line| (line.what.as_str(), line.state)).collect()
}

#[test]
fn health_is_compared_with_the_checkout() {
    let what = "GET /health";
    let body = json!({ "version": "1.2.3", "environment": "production", "problems": [] });
    let lines = health(&answer(200, &body), Some("production"), "1.2.3");
    assert_eq!(lines, [Line::ok(what, "1.2.3, production")]);
    let lines = health(&answer(200, &body), Some("staging"), "1.3.0");
    assert_eq!(states(&lines), [(what, State::Warn), ("environment", State::Fail)]);
    assert_eq!(states(&health(&silence(), None, "")), [(what, State::Fail)]);
    assert_eq!(states(&health(&answer(404, &body), None, "")), [(what, State::Fail)]);
    assert!(!own_version().is_empty());
}

#[test]
fn what_is_missing_there_is_a_line_with_its_hint() {
    let problem = json!({ "name": "AI", "problem": "is missing", "hint": "bind it" });
    let body = json!({ "version": "1", "environment": "e", "problems": [problem] });
    let lines = health(&answer(200, &body), None, "1");
    assert_eq!(lines.get(1), Some(&Line::fail("AI", "is missing", "bind it")));
}

#[test]
fn a_channel_that_is_off_is_said_and_not_looked_at() {
    let body = json!({ "version": "1", "environment": "e", "problems": [], "off": ["discord"] });
    let lines = health(&answer(200, &body), None, "1");
    assert_eq!(lines.get(1), Some(&Line::ok("channels", "off: discord")));
    assert!(is_off(&answer(200, &body), "discord"));
    assert!(!is_off(&answer(200, &body), "telegram"));
    assert!(!is_off(&silence(), "discord"));
}

#[test]
fn a_forged_signature_has_to_be_refused() {
    assert_eq!(forged(&answer(401, &json!({}))).state, State::Ok);
    for status in [200, 404, 500, 503] {
        let line = forged(&answer(status, &json!({})));
        assert_eq!(line.state, State::Fail, "{status}");
        assert!(!line.hint.is_empty(), "{line}");
    }
    assert_eq!(forged(&silence()).state, State::Fail);
}

#[test]
fn a_ping_by_the_lab_has_to_be_answered() {
    assert_eq!(pong(answer(200, &json!({ "ack": { "type": 1 } }))).state, State::Ok);
    let line = pong(answer(200, &json!({ "status": 401, "ack": {} })));
    assert_eq!((line.state, line.detail.ends_with("401")), (State::Fail, true), "{line}");
    assert_eq!(pong(silence()).state, State::Fail);
}

#[test]
fn the_token_is_not_sent_where_others_can_read_it() {
    let mut subject = at("");
    assert_eq!(token(&subject, "https://a").unwrap_err().state, State::Warn);
    subject.values.insert(TOKEN.to_owned(), "t".to_owned());
    assert_eq!(token(&subject, "https://a"), Ok("t"));
    assert_eq!(token(&subject, "http://127.0.0.1:8787"), Ok("t"));
    for url in ["http://a", "http://127.0.0.1.a.test:80", "ftp://a"] {
        assert_eq!(token(&subject, url).unwrap_err().state, State::Warn, "{url}");
    }
}

#[test]
fn without_checks_a_line_says_why() {
    for (status, state) in [(401, State::Fail), (503, State::Warn), (200, State::Fail)] {
        let line = deep(&answer(status, &json!({ "status": "ok" }))).unwrap_err();
        assert_eq!(line.state, state, "{status}");
        assert!(!line.hint.is_empty(), "{line}");
    }
    assert_eq!(deep(&silence()).unwrap_err().state, State::Fail);
    assert_eq!(deep(&answer(200, &json!({ "checks": [] }))), Ok(Vec::new()));
}

#[test]
fn the_worker_s_own_word_is_taken_when_it_is_not_well() {
    for name in ["settings", "database", "stuck", "dead", "webhook", "application", "commands"] {
        let what = format!("it says: {name}");
        let line = own_word(&check(name, "fail", &Value::Null), &at("u"));
        assert_eq!(line, Line::fail(&what, "d", "h"));
        let line = own_word(&check(name, "warn", &Value::Null), &at("u"));
        assert_eq!(line, Line::warn(&what, "d", "h"));
    }
    assert_eq!(own_word(&check("novel", "ok", &Value::Null), &at("u")).state, State::Ok);
    assert_eq!(own_word(&check("novel", "odd", &Value::Null), &at("u")).state, State::Warn);
}

#[test]
fn what_is_found_is_judged_by_the_checkout() {
    let state = |name: &str, found: &Value| own_word(&check(name, "ok", found), &at("u")).state;
    assert_eq!(state("commands", &register::definitions(UserInstall::Off)), State::Ok);
    assert_eq!(state("commands", &json!([{ "name": "ask" }])), State::Fail);
    assert_eq!(state("database", &json!("9999_later.sql")), State::Ok);
    assert_eq!(state("database", &json!("0000_before.sql")), State::Warn);
    // The model's name is in the detail.
    assert_eq!(state("model", &Value::Null), State::Fail);
}

#[test]
fn discord_has_to_know_the_address() {
    let state = |found: &str, subject: &Subject| {
        own_word(&check("application", "ok", &json!(found)), subject).state
    };
    assert_eq!(state("https://a/discord/interactions", &at("https://a")), State::Ok);
    assert_eq!(state("https://b/discord/interactions", &at("https://a")), State::Warn);
    assert_eq!(state("", &at("https://a")), State::Fail);
    let lab = Subject { lab: Some("http://l".to_owned()), ..at("http://w") };
    assert_eq!(state("", &lab), State::Ok);
}
