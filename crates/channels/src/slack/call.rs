//! One call of a method of Slack's, and its rate limits.

use core::time::Duration;

use serde_json::Value;

use super::Ports;
use super::methods::Call;
use crate::breaker;
use miyabi_core::config::Slack;
use miyabi_core::http::{Method, Request};
use miyabi_core::transport::{RateLimitBudget, SendError};

/// Longest wait for one response.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Code of a refusal because the message that is named is not there. Slack's errors are words; those of one class have one code.
pub const NOT_THERE: u32 = 404;

/// Errors that pass: nothing was done.
const LATER: [&str; 5] = [
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
    "accesslimited",
    "streaming_state_conflict",
];

/// Errors after which a part may have been done.
const INSIDE: [&str; 3] = ["internal_error", "fatal_error", "messaging_processing_failed"];

/// Errors of a method, with the code of their class. Any other is 400.
///
/// # Source
/// docs.slack.dev, errors of the methods, May 2026.
const CODES: [(&str, u32); 21] = [
    ("invalid_auth", 401),
    ("not_authed", 401),
    ("account_inactive", 401),
    ("token_revoked", 401),
    ("token_expired", 401),
    ("missing_scope", 403),
    ("no_permission", 403),
    ("not_allowed_token_type", 403),
    ("access_denied", 403),
    ("not_in_channel", 403),
    ("is_archived", 403),
    ("restricted_action", 403),
    ("restricted_action_read_only_channel", 403),
    ("restricted_action_thread_locked", 403),
    ("restricted_action_thread_only_channel", 403),
    ("cant_delete_message", 403),
    ("message_not_found", NOT_THERE),
    ("file_not_found", NOT_THERE),
    ("file_deleted", NOT_THERE),
    ("msg_too_long", 413),
    ("msg_blocks_too_long", 413),
];

/// Returns a request that calls a method with JSON.
pub fn json_request<C: Call>(slack: &Slack, body: &C) -> Request {
    let url = [slack.api_base.as_str(), "/", C::METHOD].concat();
    Request::new(Method::Post, url, TIMEOUT).header("authorization", bearer(slack)).json(body)
}

/// Returns a request that calls a method which only reads, with its arguments in the address: those methods know no
/// JSON.
pub fn reading(slack: &Slack, method: &str, arguments: &[(&str, &str)]) -> Request {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(arguments).finish();
    let url = [slack.api_base.as_str(), "/", method, "?", &query].concat();
    Request::new(Method::Get, url, TIMEOUT).header("authorization", bearer(slack))
}

/// Returns the header by which Slack knows the bot.
pub(super) fn bearer(slack: &Slack) -> String {
    ["Bearer ", slack.bot_token.reveal()].concat()
}

/// Says whether an address is at a host of Slack's, which ends in a slash, or beside the methods, where those are elsewhere.
pub(super) fn is_at(url: &str, host: &str, slack: &Slack) -> bool {
    let beside = slack.api_base.strip_suffix("/api").map(|base| [base, "/"].concat());
    url.starts_with(host) || beside.is_some_and(|base| url.starts_with(&base))
}

/// Calls a method with JSON, and waits for no limit.
///
/// # Errors
/// As for [`call`].
///
/// # Repeats
/// As for [`call`].
pub async fn once<C: Call>(host: &impl Ports, slack: &Slack, body: &C) -> Result<Value, SendError> {
    let mut budget = RateLimitBudget::new(Duration::ZERO);
    call(host, "", C::METHOD, &json_request(slack, body), &mut budget).await
}

/// Calls a method once, and returns its result. The caller waits for a limit, if `budget` has as much; other jobs learn
/// of it by the breaker of `scope`.
///
/// # Errors
/// See [`SendError`].
///
/// # Repeats
/// As the method says: no call has a key by which Slack would know it again.
pub async fn call(
    host: &impl Ports,
    scope: &str,
    operation: &'static str,
    request: &Request,
    budget: &mut RateLimitBudget,
) -> Result<Value, SendError> {
    let sent = host.send(request).await;
    let response = sent.map_err(|source| SendError::NoResponse { operation, source })?;
    let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
    let error = body.get("error").and_then(Value::as_str).unwrap_or_default();
    if response.status == 429 || ["ratelimited", "rate_limited"].contains(&error) {
        let named = response.header("retry-after").and_then(|it| it.trim().parse().ok());
        breaker::limited(host, scope, budget, named.map(Duration::from_secs)).await;
        return Err(SendError::RateLimited { operation });
    }
    match body.get("ok").and_then(Value::as_bool) {
        Some(true) => Ok(body),
        is_ok => Err(judge(operation, response.status, is_ok, error)),
    }
}

/// Says what a refusal means. What is not Slack's JSON is somebody else's, such as a proxy's.
fn judge(operation: &'static str, status: u16, is_ok: Option<bool>, error: &str) -> SendError {
    let known = CODES.iter().find(|(name, _)| *name == error).map(|(_, code)| *code);
    let code = known.unwrap_or(if is_ok.is_some() { 400 } else { status.into() });
    match (is_ok, status) {
        // A page with the status of a success: whether Slack has seen the request is unclear.
        (_, 500..) | (None, 200..=299) => SendError::ServerError { operation, status, code },
        (None, _) => SendError::Deferred { operation, status, code },
        (Some(_), _) if INSIDE.contains(&error) => {
            SendError::ServerError { operation, status, code }
        }
        (Some(_), _) if LATER.contains(&error) => SendError::Deferred { operation, status, code },
        (Some(_), _) => SendError::Refused { operation, status, code },
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::slack::methods::AuthTest;
    use miyabi_core::http::{HttpError, Response};
    use miyabi_testing::slack::{Fate, slack};
    use miyabi_testing::{Fake, run};

    fn called(
        response: Result<Response, HttpError>,
    ) -> (Result<Value, SendError>, Option<Duration>) {
        let world = Fake::new();
        world.slack.borrow_mut().fates.push_back(Fate { takes_effect: false, response });
        let mut budget = RateLimitBudget::new(Duration::from_secs(55));
        let request = json_request(&slack(), &AuthTest {});
        let called = run(call(&world, "slack:C1", "auth.test", &request, &mut budget)).unwrap();
        (called, budget.due)
    }

    fn response(status: u16, body: &str) -> Response {
        Response { status, headers: Vec::new(), body: body.to_owned() }
    }

    fn refused(error: &str) -> SendError {
        let body = format!(r#"{{"ok":false,"error":"{error}"}}"#);
        called(Ok(response(200, &body))).0.unwrap_err()
    }

    #[test]
    fn a_result_is_returned() {
        let (called, _) = called(Ok(response(200, r#"{"ok":true,"ts":"1.2"}"#)));
        assert_eq!(called.unwrap()["ts"], "1.2");
    }

    #[test]
    fn a_limit_names_its_wait() {
        let mut limited = response(429, r#"{"ok":false,"error":"ratelimited"}"#);
        limited.headers.push(("retry-after", "7".to_owned()));
        let (called, due) = called(Ok(limited));
        assert_eq!(called, Err(SendError::RateLimited { operation: "auth.test" }));
        assert_eq!(due.map(|it| it.as_secs()), Some(7));
    }

    #[test]
    fn a_limit_without_a_status_is_one_too() {
        assert_eq!(refused("rate_limited"), SendError::RateLimited { operation: "auth.test" });
    }

    #[test]
    fn each_class_of_error_is_told_from_the_others() {
        let (operation, status) = ("auth.test", 200);
        for (error, code) in [
            ("token_revoked", 401),
            ("missing_scope", 403),
            ("not_in_channel", 403),
            ("msg_blocks_too_long", 413),
            ("an_error_of_tomorrow", 400),
        ] {
            assert_eq!(refused(error), SendError::Refused { operation, status, code }, "{error}");
        }
        for error in INSIDE {
            let expected = SendError::ServerError { operation, status, code: 400 };
            assert_eq!(refused(error), expected);
        }
        for error in LATER {
            assert_eq!(refused(error), SendError::Deferred { operation, status, code: 400 });
        }
    }

    #[test]
    fn a_page_of_somebody_else_is_no_refusal() {
        let operation = "auth.test";
        for (status, body) in
            [(502, "<html>"), (200, "<html>"), (200, ""), (500, r#"{"ok":false}"#)]
        {
            let error = called(Ok(response(status, body))).0.unwrap_err();
            assert!(matches!(error, SendError::ServerError { .. }), "{status} {error:?}");
        }
        let error = called(Ok(response(403, "<html>blocked"))).0.unwrap_err();
        assert_eq!(error, SendError::Deferred { operation, status: 403, code: 403 });
        let error = called(Err(HttpError::Timeout)).0.unwrap_err();
        assert_eq!(error, SendError::NoResponse { operation, source: HttpError::Timeout });
    }

    #[test]
    fn arguments_are_escaped_and_the_token_is_none() {
        let arguments = [("channel", "C1"), ("ts", "1.2"), ("cursor", "bmV4dA==&x")];
        let request = reading(&slack(), "conversations.replies", &arguments);
        assert_eq!(
            request.url,
            "https://slack.test/api/conversations.replies?channel=C1&ts=1.2&cursor=bmV4dA%3D%3D%26x"
        );
    }
}
