//! What is sent to Slack, and what is made of its answers.

use std::thread::JoinHandle;

use super::super::testing::{Answer, Asked, answering};
use super::*;

/// Slack, which answers with HTTP 200 whatever it says.
fn slack(answers: Vec<(&'static str, Value)>) -> (String, JoinHandle<Vec<Asked>>) {
    answering(
        answers.into_iter().map(|(header, body)| Answer { status: 200, header, body }).collect(),
    )
}

fn api<'a>(base: &'a str, token: &'a str) -> Api<'a> {
    Api { base, token, setting: CONFIG_TOKEN }
}

fn refused(code: &str) -> Value {
    json!({ "ok": false, "error": code })
}

#[test]
fn a_manifest_is_compared_tried_and_put() {
    let wanted = manifest("https://miyabi.example");
    let mut current = wanted.clone();
    current["settings"]["interactivity"]["request_url"] = json!("https://old.example");
    current["display_information"]["name"] = json!("Jasmine");
    current["oauth_config"]["scopes"]["bot"].as_array_mut().unwrap().reverse();
    // What changes is known, and can be printed, before anything is put.
    let (base, server) = slack(vec![("", json!({ "ok": true, "manifest": current }))]);
    let change = compare(&api(&base, "xoxe-1"), "A1", &wanted).unwrap();
    let line = "~ manifest.settings.interactivity.request_url: \"https://old.example\" → \"https://miyabi.example/slack/interactivity\"";
    assert_eq!(change.lines, [line]);
    let mut asked = server.join().unwrap();
    let (base, server) = slack(vec![
        ("", json!({ "ok": true })),
        ("", json!({ "ok": true, "permissions_updated": true })),
    ]);
    assert!(put(&api(&base, "xoxe-1"), "A1", &change).unwrap());
    asked.extend(server.join().unwrap());
    let paths: Vec<&str> = asked.iter().map(|it| it.path.as_str()).collect();
    let methods = ["export", "validate", "update"].map(|name| format!("/apps.manifest.{name}"));
    assert_eq!(paths, methods);
    assert!(asked.iter().all(|it| it.authorization == "Bearer xoxe-1"));
    let sent: Value = serde_json::from_str(text(&asked[2].body, "manifest")).unwrap();
    assert_eq!((text(&asked[2].body, "app_id"), &sent), ("A1", &over(&current, &wanted)));
    assert_eq!(sent["display_information"]["name"], "Jasmine");
}

#[test]
fn of_a_manifest_that_is_there_already_nothing_changes() {
    let wanted = manifest("https://miyabi.example");
    let (base, server) = slack(vec![("", json!({ "ok": true, "manifest": wanted }))]);
    let change = compare(&api(&base, "xoxe-1"), "A1", &wanted).unwrap();
    assert_eq!(change, Change { manifest: wanted, lines: Vec::new() });
    assert_eq!(server.join().unwrap().len(), 1);
}

#[test]
fn a_manifest_that_slack_does_not_take_is_not_put() {
    let mut invalid = refused("invalid_manifest");
    invalid["errors"] = json!([{ "message": "must be short", "pointer": "/features" }]);
    let (base, server) = slack(vec![("", invalid)]);
    let change = Change { manifest: manifest("https://m.example"), lines: Vec::new() };
    let error = put(&api(&base, "x"), "A1", &change).unwrap_err();
    assert!(error.to_string().contains("must be short at /features"), "{error}");
    let asked = server.join().unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].path, "/apps.manifest.validate");
}

#[test]
fn a_token_or_an_app_that_slack_does_not_know_is_said_in_words() {
    for (code, words) in [
        ("token_expired", "is SLACK_CONFIG_TOKEN the token that Slack shows now?"),
        ("invalid_app_id", "Slack knows no app by SLACK_APP_ID"),
        ("ratelimited", "apps.manifest.export: ratelimited"),
    ] {
        let (base, server) = slack(vec![("", refused(code))]);
        let error = compare(&api(&base, "xoxe-hunter2"), "A1", &json!({})).unwrap_err().to_string();
        assert!(error.contains(words) && !error.contains("hunter2"), "{error}");
        server.join().unwrap();
    }
}

#[test]
fn an_app_is_asked_who_it_is_and_what_it_may_do() {
    let body =
        json!({ "ok": true, "user": "miyabi", "user_id": "U1", "team": "Acme", "team_id": "T1" });
    let all = manifest::SCOPES.map(|(scope, _)| scope).join(",");
    let granted = format!("x-oauth-scopes: {all}\r\n");
    let (base, server) = slack(vec![(granted.leak(), body.clone())]);
    let said = installed(&api(&base, "xoxb-1")).unwrap();
    assert_eq!(said, "@miyabi (U1) in Acme (T1) is installed, and may do what is needed");
    assert_eq!(server.join().unwrap()[0].path, "/auth.test");
    let (base, server) = slack(vec![("x-oauth-scopes: chat:write\r\n", body)]);
    let error = installed(&api(&base, "xoxb-1")).unwrap_err().to_string();
    assert!(error.contains("commands (there are no slash commands"), "{error}");
    assert!(error.contains("Reinstall") && !error.contains("chat:write ("), "{error}");
    server.join().unwrap();
}
