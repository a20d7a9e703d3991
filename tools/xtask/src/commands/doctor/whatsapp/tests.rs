//! What is made of the answers of Meta and of the Worker.

use super::super::report::State;
use super::super::testing::{answer, is_off_without_all, states};
use super::*;

const GRAPH: Graph<'static> =
    Graph { base: "", token: "EAAhunter2", app_secret: "hunter3", verify_token: "hunter4" };

fn token(change: impl Fn(&mut Value)) -> Vec<Line> {
    let mut data = json!({
        "app_id": "11", "application": "Miyabi", "is_valid": true, "expires_at": 0,
        "scopes": SCOPES.map(|(scope, _)| scope),
        "granular_scopes": [{ "scope": SCOPES[0].0, "target_ids": ["22"] }],
    });
    change(&mut data);
    token_lines(&GRAPH, &json!({ "data": data }), "11", Some("22"))
}

#[test]
fn without_secrets_it_is_off_in_one_line_and_without_one_of_them_broken() {
    is_off_without_all(check, WHATSAPP);
}

#[test]
fn it_says_that_asking_is_off_and_why_or_what_it_costs() {
    for off in [None, Some("off")] {
        let line = asking(off);
        assert_eq!(line.state, State::Ok);
        assert!(line.detail.starts_with("off: ") && line.detail.contains("2026-01-15"), "{line}");
    }
    assert!(asking(Some("on")).detail.contains("2026-10-01"));
}

#[test]
fn a_token_is_of_the_app_does_not_end_soon_and_may_do_what_is_needed() {
    let lines = token(|_| {});
    assert_eq!(lines[0], Line::ok("access token", "of Miyabi, does not end"));
    assert_eq!(states(&lines), [State::Ok, State::Ok]);
    let ends = |seconds: u64| token(move |data| data["expires_at"] = json!(now() + seconds));
    assert_eq!(ends(3 * 3_600 + 60)[0].detail, "of Miyabi, ends in 3 h");
    assert_eq!(states(&ends(3_600)), [State::Warn, State::Ok]);
    assert_eq!(states(&ends(60 * DAY_S)), [State::Ok, State::Ok]);
    assert_eq!(states(&token(|data| data["app_id"] = json!("12"))), [State::Fail]);
    let lines = token(|data| {
        data["is_valid"] = json!(false);
        data["error"] = json!({ "message": "Malformed access token EAAhunter2" });
    });
    assert_eq!(lines[0].detail, "is not valid (any more): Malformed access token …");
    assert_eq!(states(&lines), [State::Fail]);
}

#[test]
fn a_scope_that_is_missing_or_for_another_account_is_named() {
    let lines = token(|data| data["scopes"] = json!(["whatsapp_business_management"]));
    assert_eq!(lines[1].detail, "missing: whatsapp_business_messaging (it cannot answer)");
    assert_eq!(lines[1].state, State::Fail);
    let lines = token(|data| data["granular_scopes"][0]["target_ids"] = json!(["23"]));
    assert_eq!(lines[1].detail, "missing: whatsapp_business_messaging for the account 22");
    // Meta names no accounts where the token is for all of them.
    let lines = token(|data| data["granular_scopes"] = json!([{ "scope": SCOPES[0].0 }]));
    assert_eq!(lines[1].state, State::Ok);
}

#[test]
fn what_meta_refuses_fails_and_what_may_pass_is_a_warning() {
    let of = |answer| given(&GRAPH, Caller::User, "it", answer);
    let refused = |status, code| {
        of(answer(status, &json!({ "error": { "message": "EAAhunter2", "code": code } })))
            .unwrap_err()
    };
    let line = refused(401, 190);
    assert_eq!((line.state, line.detail.as_str()), (State::Fail, "Meta answered: … (code 190)"));
    assert!(!line.hint.is_empty());
    assert_eq!(refused(403, 10).state, State::Fail);
    assert_eq!(refused(400, 4).state, State::Warn);
    assert_eq!(refused(500, 2).state, State::Warn);
    assert_eq!(of(Err(anyhow::anyhow!("no answer"))).unwrap_err().state, State::Warn);
    assert_eq!(of(answer(200, &json!({ "id": "1" }))).unwrap(), json!({ "id": "1" }));
}

#[test]
fn a_webhook_goes_to_the_worker() {
    let set = |url: &str, fields: &Value| json!({ "data": [{ "object": "whatsapp_business_account", "callback_url": url, "active": true, "fields": fields }] });
    let all = json!([{ "name": "messages" }, { "name": "user_id_update" }]);
    let good = set("https://m.example/whatsapp/webhook", &all);
    let of = |webhooks: &Value, url| webhook_line("it", webhooks, url).state;
    assert_eq!(of(&good, Some("https://m.example")), State::Ok);
    assert_eq!(of(&good, Some("https://other.example")), State::Fail);
    assert_eq!(of(&good, None), State::Warn);
    let silent = set("https://m.example/whatsapp/webhook", &json!([]));
    assert_eq!(of(&silent, Some("https://m.example")), State::Fail);
    assert_eq!(of(&json!({ "data": [] }), None), State::Fail);
}

#[test]
fn the_account_tells_the_app_and_no_other_address() {
    let apps = |id: &str, other: Option<&str>| json!({ "data": [{ "whatsapp_business_api_data": { "id": id }, "override_callback_uri": other }] });
    let url = Some("https://m.example");
    let of = |apps: &Value, url| subscription_line("it", apps, "11", url).state;
    assert_eq!(of(&apps("11", None), url), State::Ok);
    assert_eq!(of(&apps("11", Some("https://m.example/whatsapp/webhook")), url), State::Ok);
    assert_eq!(of(&apps("11", Some("https://other.example")), url), State::Fail);
    assert_eq!(of(&apps("11", Some("https://other.example")), None), State::Ok);
    assert_eq!(of(&apps("12", None), url), State::Fail);
    assert_eq!(of(&json!({ "data": [] }), url), State::Fail);
}

#[test]
fn a_number_is_connected_and_of_good_quality() {
    let number = |name: &str, value: &str| {
        let mut info = json!({
            "display_phone_number": "+1 555-078-3881", "verified_name": "Miyabi",
            "status": "CONNECTED", "quality_rating": "GREEN", "throughput": { "level": "STANDARD" },
        });
        info[name] = json!(value);
        number_line("it", &info)
    };
    let line = number("name_status", "APPROVED");
    assert_eq!(
        line.detail,
        "+1 555-078-3881, Miyabi: CONNECTED, quality GREEN, throughput STANDARD, name APPROVED"
    );
    for (name, value, state) in [
        ("name_status", "APPROVED", State::Ok),
        ("quality_rating", "NA", State::Ok),
        // It says nothing of a number that is connected.
        ("code_verification_status", "EXPIRED", State::Ok),
        ("quality_rating", "YELLOW", State::Warn),
        ("quality_rating", "RED", State::Warn),
        ("name_status", "DECLINED", State::Warn),
        ("status", "PENDING", State::Fail),
        ("status", "BANNED", State::Fail),
    ] {
        let line = number(name, value);
        assert_eq!(line.state, state, "{line}");
    }
    let new = json!({ "code_verification_status": "NOT_VERIFIED" });
    assert_eq!(number_line("it", &new).state, State::Fail);
}

#[test]
fn what_needs_an_id_that_is_not_known_here_says_so() {
    let set = [(WHATSAPP[0], "x"), (WHATSAPP[1], "x"), (WHATSAPP[2], "x"), (TEMPLATE, "it/ja")];
    let set = set.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let subject = Subject { values: set.into(), ..Subject::default() };
    let lines = check(&subject);
    let named: Vec<_> = lines.iter().map(|line| (line.what.as_str(), line.state)).collect();
    assert_eq!(
        named,
        [
            ("asking", State::Ok),
            ("access token", State::Warn),
            ("address for messages", State::Warn),
            ("subscription", State::Warn),
            ("template", State::Warn),
            ("phone number", State::Fail),
        ]
    );
    for (line, name) in lines[1..].iter().zip([APP_ID, APP_ID, ACCOUNT_ID, ACCOUNT_ID, NUMBER]) {
        assert!(line.detail.contains(name) && line.hint.contains(name), "{line}");
    }
    let mut without = subject.clone();
    without.values.remove(TEMPLATE);
    let line = check(&without).remove(4);
    assert!(line.state == State::Ok && line.detail.starts_with("none:"), "{line}");
    let mut wrong = subject;
    wrong.values.insert(APP_ID.to_owned(), "../me".to_owned());
    let lines = check(&wrong);
    assert_eq!((lines[1].state, lines[2].state), (State::Fail, State::Fail), "{lines:?}");
}
