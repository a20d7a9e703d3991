//! How Discord's limits are waited for, and who else learns of them.

use serde_json::json;

use super::*;
use miyabi_core::event::Event;
use miyabi_core::ports::Clock;
use miyabi_testing::{Fake, response, run};

const OPERATION: &str = "execute_webhook";
const HOOK: &str = "1200000000000000001";

fn html(status: u16) -> Response {
    let body = "<html>error code: 1015</html>".to_owned();
    Response { status, headers: vec![("content-type", "text/html".to_owned())], body }
}

fn html_after(status: u16, retry_after: &str) -> Response {
    let mut limited = html(status);
    limited.headers.push(("retry-after", retry_after.to_owned()));
    limited
}

/// A 429 as Discord writes it.
fn limit(retry_after: f64) -> Response {
    response(429, &json!({ "message": "limited", "retry_after": retry_after, "global": false }))
}

fn global(retry_after: f64) -> Response {
    response(429, &json!({ "message": "limited", "retry_after": retry_after, "global": true }))
}

/// Sends one request, with these responses of Discord and then a success.
fn sent(
    scope: &str,
    responses: impl IntoIterator<Item = Response>,
) -> (Result<Response, SendError>, Fake) {
    let world = Fake::new();
    let responses = responses.into_iter().chain([response(200, &json!({ "id": "1" }))]);
    for response in responses {
        world.discord.borrow_mut().refuse("GET", "", response);
    }
    let request = request(Method::Get, "https://discord.test/api/v10/x".to_owned());
    if scope.is_empty() {
        let outcome = run(send(&world, OPERATION, request)).unwrap();
        return (outcome, world);
    }
    // As the product does with a post.
    let mut budget = RateLimitBudget::new(Duration::from_secs(55));
    loop {
        let outcome = run(send_once(&world, scope, OPERATION, &request, &mut budget)).unwrap();
        match budget.due.take() {
            Some(wait) => run(world.sleep(wait)).unwrap(),
            None => return (outcome, world),
        }
    }
}

/// Compares a call's outcome and its waits with these responses of Discord.
fn check(responses: impl IntoIterator<Item = Response>, is_accepted: bool, waits_ms: &[u128]) {
    let (outcome, world) = sent("", responses);
    if is_accepted {
        assert!(outcome.is_ok(), "{outcome:?}");
    } else {
        assert_eq!(outcome, Err(SendError::RateLimited { operation: OPERATION }));
    }
    let slept: Vec<_> = world.slept.borrow().iter().map(Duration::as_millis).collect();
    assert_eq!(slept, waits_ms);
}

/// Compares what the breaker remembers, as scope and seconds, after these responses of Discord.
fn check_brakes(
    scope: &str,
    responses: impl IntoIterator<Item = Response>,
    expected: &[(&str, u64)],
) {
    let (_, world) = sent(scope, responses);
    let opened = |(scope, wait_s): &(&str, u64)| {
        let scope = (*scope).to_owned();
        Event::BreakerOpened { scope, wait_s: *wait_s }
    };
    assert_eq!(*world.events.borrow(), expected.iter().map(opened).collect::<Vec<_>>());
    let count = "SELECT count(*) FROM breakers";
    let rows: usize = world.db.query_row(count, [], |row| row.get(0)).unwrap();
    let mut scopes: Vec<_> = expected.iter().map(|(scope, _)| scope).collect();
    scopes.sort_unstable();
    scopes.dedup();
    assert_eq!(rows, scopes.len());
}

#[test]
fn a_limit_is_waited_for_as_long_as_its_body_says() {
    check([limit(0.3)], true, &[320]);
    check([limit(2.0), limit(65.25)], true, &[2020, 65290]);
}

#[test]
fn a_limit_without_a_body_is_waited_for_as_long_as_its_header_says() {
    check([html_after(429, "7")], true, &[7020]);
}

#[test]
fn the_body_is_more_exact_than_the_header() {
    let mut limited = limit(0.5);
    limited.headers.push(("retry-after", "1".to_owned()));
    check([limited], true, &[520]);
}

#[test]
fn a_limit_that_names_no_wait_is_waited_for_longer_each_time() {
    check([html(429), html(429), html(429)], true, &[1000, 2000, 4000]);
    let blocked = response(429, &json!({ "code": 0, "message": "You are being blocked" }));
    check([blocked.clone(), blocked], true, &[1000, 2000]);
    check([html_after(429, "soon"), limit(-1.0)], true, &[1000, 2000]);
}

#[test]
fn a_block_in_front_of_discord_is_a_limit() {
    check([html(403)], true, &[1000]);
    check([html_after(403, "9")], true, &[9020]);
}

#[test]
fn a_wait_is_named_by_a_number_or_by_a_date() {
    // The world begins on Tuesday, 14 November 2023, at 22:13:20.
    assert_eq!(Fake::new().now(), Millis(1_700_000_000_000));
    for (header, wait_ms) in [
        ("Tue, 14 Nov 2023 22:13:30 GMT", 10_020),
        ("Tuesday, 14-Nov-23 22:13:30 GMT", 10_020),
        ("Tue Nov 14 22:13:30 2023", 10_020),
        ("Tue, 14 Nov 2023 22:13:20 GMT", 20),
        ("Mon, 01 Jan 2001 00:00:00 GMT", 20),
        ("0.5", 520),
        (" 7 ", 7_020),
        ("0", 20),
        ("-0", 20),
        ("1e1", 10_020),
        // These name none.
        ("", 1_000),
        ("-1", 1_000),
        ("NaN", 1_000),
        ("-inf", 1_000),
        ("inf", 1_000),
        ("1e999", 1_000),
        ("soon", 1_000),
        ("7 seconds", 1_000),
        ("Tue, 31 Feb 2023 22:13:30 GMT", 1_000),
        ("Sun, 06 Nov 1994 08:49:37 GMT, 5", 1_000),
        ("<html>", 1_000),
    ] {
        for status in [429, 403] {
            check([html_after(status, header)], true, &[wait_ms]);
        }
    }
    for endless in ["86400", "Fri, 31 Dec 9999 23:59:59 GMT", "99999999999999999999", "1e99"] {
        check([html_after(429, endless)], false, &[]);
    }
}

#[test]
fn a_wait_that_is_told_twice_or_of_the_bucket_alone_is_a_wait() {
    check([html_after(429, "7, 7")], true, &[7020]);
    check([html_after(429, "7,")], true, &[7020]);
    let mut limited = html(429);
    limited.headers.push(("x-ratelimit-reset-after", "2.5".to_owned()));
    check([limited.clone()], true, &[2520]);
    limited.headers.push(("retry-after", "soon".to_owned()));
    check([limited.clone()], true, &[2520]);
    // A number that no JSON reader holds hides the body, and not the header.
    limited.body = r#"{"retry_after":1e400,"global":false}"#.to_owned();
    check([limited], true, &[2520]);
}

#[test]
fn a_wait_of_another_type_in_the_body_leaves_the_header() {
    for (retry_after, wait_ms) in [
        (json!("0.5"), 520),
        (json!(3), 3_020),
        (json!(-1), 7_020),
        (json!("NaN"), 7_020),
        (json!(null), 7_020),
        (json!([1]), 7_020),
        (json!({}), 7_020),
        (json!(true), 7_020),
    ] {
        let mut limited = response(429, &json!({ "retry_after": retry_after, "global": "no" }));
        limited.headers.push(("retry-after", "7".to_owned()));
        check([limited], true, &[wait_ms]);
    }
}

#[test]
fn only_what_discord_says_for_good_is_final() {
    let body = |code: &Value| json!({ "message": "no", "code": code });
    for code in FINAL_CODES {
        for status in [400, 401, 403, 404] {
            let response = response(status, &body(&json!(code)));
            let refused = SendError::Refused { operation: OPERATION, status, code };
            assert_eq!(accepted(OPERATION, &response), Err(refused));
        }
    }
    for (status, code, told) in [
        (403, json!(40333), 40333),
        (403, json!(0), 0),
        (401, json!(0), 0),
        (404, json!(0), 0),
        (400, json!(20016), 20016),
        (400, json!(20028), 20028),
        (400, json!(40062), 40062),
        (400, json!(130_000), 130_000),
        (400, json!(999_999), 999_999),
        (404, json!("10015"), 0),
        (404, json!(null), 0),
        (404, json!(1e99), 0),
        (409, json!([10015]), 0),
    ] {
        let deferred = SendError::Deferred { operation: OPERATION, status, code: told };
        assert_eq!(accepted(OPERATION, &response(status, &body(&code))), Err(deferred));
    }
    for status in [301, 400, 401, 404, 405, 407, 413, 418, 451, 499] {
        let deferred = SendError::Deferred { operation: OPERATION, status, code: 0 };
        assert_eq!(accepted(OPERATION, &html(status)), Err(deferred));
    }
}

#[test]
fn a_wait_beyond_our_patience_is_not_waited_for() {
    check([limit(240.0)], false, &[]);
    check([limit(200.0), limit(41.0)], false, &[200_020]);
    check([limit(1e30)], false, &[]);
    check([limit(1.8e19)], false, &[]);
}

#[test]
fn limits_without_end_end_in_a_few_requests() {
    let waits_ms = [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000];
    check((0..99).map(|_| html(429)), false, &waits_ms);
    let (outcome, world) = sent(HOOK, (0..9999).map(|_| limit(0.0)));
    assert_eq!(outcome, Err(SendError::RateLimited { operation: OPERATION }));
    assert!(world.discord.borrow().requests.len() < 20);
}

#[test]
fn a_refusal_with_discords_code_is_no_limit() {
    let refusal = response(403, &json!({ "message": "Missing Permissions", "code": 50013 }));
    let (outcome, world) = sent(HOOK, [refusal.clone()]);
    assert_eq!(outcome, Ok(refusal));
    assert_eq!(world.discord.borrow().requests.len(), 1);
}

#[test]
fn other_jobs_learn_of_a_long_limit_of_the_same_webhook() {
    check_brakes(HOOK, [limit(65.25)], &[(HOOK, 67)]);
    check_brakes(HOOK, [limit(5.0), limit(3.0)], &[(HOOK, 7), (HOOK, 5)]);
}

#[test]
fn a_limit_that_is_over_at_once_is_nobody_elses() {
    check_brakes(HOOK, [limit(0.3), limit(1.9)], &[]);
    check_brakes(HOOK, [html(429)], &[]);
    check_brakes(HOOK, [], &[]);
}

#[test]
fn a_limit_of_all_and_a_block_of_our_address_are_everywhere() {
    check_brakes(HOOK, [global(30.0)], &[("discord", 32)]);
    check_brakes("", [global(30.0)], &[("discord", 32)]);
    check_brakes(HOOK, [html_after(429, "60")], &[("discord", 62)]);
    check_brakes(HOOK, [html_after(403, "60")], &[("discord", 62)]);
    check_brakes("", [html(403), html(403), html(403)], &[("discord", 4), ("discord", 6)]);
    let mut blocked = response(429, &json!({ "code": 0, "message": "You are being blocked" }));
    blocked.headers.push(("retry-after", "60".to_owned()));
    check_brakes(HOOK, [blocked], &[("discord", 62)]);
    check_brakes(HOOK, [limit(9.0), global(30.0)], &[(HOOK, 11), ("discord", 32)]);
}

#[test]
fn a_limit_of_a_call_without_a_webhook_is_nobody_elses() {
    check_brakes("", [limit(65.0)], &[]);
}

#[test]
fn no_limit_is_remembered_for_longer_than_an_answer_is_worth_it() {
    check_brakes(HOOK, [limit(3600.0)], &[(HOOK, 3_602)]);
    check_brakes(HOOK, [global(1e30)], &[("discord", 43_200)]);
}

#[test]
fn a_breaker_that_cannot_be_written_costs_nothing_else() {
    let world = Fake::new();
    world.store_faults.borrow_mut().push("breaker::open");
    world.discord.borrow_mut().refuse("GET", "", global(9.0));
    world.discord.borrow_mut().refuse("GET", "", response(200, &json!({})));
    let request = request(Method::Get, "https://discord.test/api/v10/x".to_owned());
    assert!(run(send(&world, OPERATION, request)).unwrap().is_ok());
    assert_eq!(*world.slept.borrow(), [Duration::from_millis(9020)]);
}

#[test]
fn a_post_is_less_patient_than_any_other_call() {
    for (retry_after, is_accepted) in [(54.0, true), (56.0, false)] {
        let (outcome, _) = sent(HOOK, [limit(retry_after)]);
        assert_eq!(outcome.is_ok(), is_accepted, "{retry_after}");
        assert!(sent("", [limit(retry_after)]).0.is_ok(), "{retry_after}");
    }
}
