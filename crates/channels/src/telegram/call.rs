//! One call of the Bot API, and its rate limits.

use core::time::Duration;

use super::Ports;
use super::methods::Call;
use crate::breaker;
use miyabi_core::config::Telegram;
use miyabi_core::http::{Method, Request, Response};
use miyabi_core::transport::{RateLimitBudget, SendError};
use serde_json::Value;

/// Longest wait for one response.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Code of a refusal that is about entities. Telegram has none of its own.
pub const BAD_ENTITIES: u32 = 422;

/// Code of a refusal to change a message, which is as it should be already.
pub const NOT_MODIFIED: u32 = 304;

/// Why a call was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// As on every platform.
    Send(SendError),
    /// The group has become a supergroup, whose id this is: the message is not there.
    Moved(i64),
}

impl From<CallError> for SendError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Send(error) => error,
            CallError::Moved(_) => Self::Refused { operation: "moved", status: 400, code: 400 },
        }
    }
}

/// Returns a request that calls a method. Its URL holds the bot's token.
pub fn request(telegram: &Telegram, method: &str) -> Request {
    let Telegram { api_base, bot_token, .. } = telegram;
    Request::new(Method::Post, format!("{api_base}/bot{}/{method}", bot_token.reveal()), TIMEOUT)
}

/// Returns a request that calls a method with JSON.
pub fn json_request<C: Call>(telegram: &Telegram, body: &C) -> Request {
    request(telegram, C::METHOD).json(body)
}

/// Calls a method with JSON, and waits for no limit.
///
/// # Errors
/// See [`CallError`].
///
/// # Repeats
/// As for [`call`].
pub async fn once<C: Call>(
    host: &impl Ports,
    telegram: &Telegram,
    body: &C,
) -> Result<Value, CallError> {
    let mut budget = RateLimitBudget::new(Duration::ZERO);
    call(host, "", C::METHOD, &json_request(telegram, body), &mut budget).await
}

/// Calls a method once, and returns its result. The caller waits for a limit, if `budget` has as much; other jobs learn
/// of it by the breaker of `scope`.
///
/// # Errors
/// See [`CallError`].
///
/// # Repeats
/// As the method says: no call has a key by which Telegram would know it again.
pub async fn call(
    host: &impl Ports,
    scope: &str,
    operation: &'static str,
    request: &Request,
    budget: &mut RateLimitBudget,
) -> Result<Value, CallError> {
    let sent = host.send(request).await;
    let response =
        sent.map_err(|source| CallError::Send(SendError::NoResponse { operation, source }))?;
    let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
    if response.status == 429 {
        breaker::limited(host, scope, budget, named_wait(&response, &body)).await;
        return Err(CallError::Send(SendError::RateLimited { operation }));
    }
    judge(operation, response.status, &body)
}

/// Returns the result, or what a refusal means. What is not the Bot API's JSON is somebody else's, such as a proxy's.
fn judge(operation: &'static str, status: u16, body: &Value) -> Result<Value, CallError> {
    let is_ok = body.get("ok").and_then(Value::as_bool);
    if let (Some(true), Some(result)) = (is_ok, body.get("result")) {
        return Ok(result.clone());
    }
    if let Some(chat) = body.pointer("/parameters/migrate_to_chat_id").and_then(Value::as_i64) {
        return Err(CallError::Moved(chat));
    }
    // Telegram's error codes are statuses: only the words tell what is not there from what is not allowed.
    let description = body.get("description").and_then(Value::as_str).unwrap_or_default();
    let code = match description {
        it if it.ends_with("not found") => 404,
        it if it.contains("message is not modified") => NOT_MODIFIED,
        it if it.contains("entit") => BAD_ENTITIES,
        _ => u32::from(status),
    };
    Err(CallError::Send(match (is_ok, status) {
        // A page with the status of a success: whether Telegram has seen the request is unclear.
        (_, 500.. | 200..=299) => SendError::ServerError { operation, status, code },
        (Some(false), _) => SendError::Refused { operation, status, code },
        (Some(true) | None, _) => SendError::Deferred { operation, status, code },
    }))
}

/// Returns the wait that a limit names: `retry_after` of the JSON body, else the header.
fn named_wait(response: &Response, body: &Value) -> Option<Duration> {
    let in_body = body.pointer("/parameters/retry_after").and_then(Value::as_u64);
    let in_header = || response.header("retry-after")?.trim().parse().ok();
    in_body.or_else(in_header).map(Duration::from_secs)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_core::http::HttpError;
    use miyabi_testing::telegram::{Fate, telegram};
    use miyabi_testing::{Fake, run};

    fn called(
        response: Result<Response, HttpError>,
    ) -> (Result<Value, CallError>, Option<Duration>) {
        let world = Fake::new();
        world.telegram.borrow_mut().fates.push_back(Fate { takes_effect: false, response });
        let mut budget = RateLimitBudget::new(Duration::from_secs(55));
        let request = request(&telegram(), "sendMessage");
        let called = run(call(&world, "telegram:5", "sendMessage", &request, &mut budget)).unwrap();
        (called, budget.due)
    }

    fn response(status: u16, body: &str) -> Response {
        Response { status, headers: Vec::new(), body: body.to_owned() }
    }

    fn error(status: u16, body: &str) -> SendError {
        match called(Ok(response(status, body))).0.unwrap_err() {
            CallError::Send(error) => error,
            CallError::Moved(chat) => panic!("moved to {chat}"),
        }
    }

    #[test]
    fn a_result_is_returned() {
        let (called, _) = called(Ok(response(200, r#"{"ok":true,"result":{"message_id":7}}"#)));
        assert_eq!(called.unwrap()["message_id"], 7);
    }

    #[test]
    fn a_limit_names_its_wait_and_is_shared() {
        let limited = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#;
        let (called, due) = called(Ok(response(429, limited)));
        assert_eq!(
            called,
            Err(CallError::Send(SendError::RateLimited { operation: "sendMessage" }))
        );
        assert_eq!(due.map(|it| it.as_secs()), Some(7));
    }

    #[test]
    fn a_limit_of_hours_is_not_waited_for() {
        let limited = r#"{"ok":false,"error_code":429,"parameters":{"retry_after":18053}}"#;
        assert_eq!(called(Ok(response(429, limited))).1, None);
    }

    #[test]
    fn each_class_of_error_is_told_from_the_others() {
        let operation = "sendMessage";
        let refused = |status: u16| SendError::Refused { operation, status, code: status.into() };
        for status in [400, 401, 403, 404] {
            let body = format!(r#"{{"ok":false,"error_code":{status},"description":"no"}}"#);
            assert_eq!(error(status, &body), refused(status));
        }
        for (status, body) in
            [(502, "<html>"), (500, r#"{"ok":false}"#), (200, "<html>"), (200, "")]
        {
            let expected = SendError::ServerError { operation, status, code: status.into() };
            assert_eq!(error(status, body), expected, "{status} {body}");
        }
        let expected = SendError::Deferred { operation, status: 403, code: 403 };
        assert_eq!(error(403, "<html>blocked by a proxy"), expected);
    }

    #[test]
    fn a_group_that_has_moved_says_where() {
        let moved = r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001}}"#;
        assert_eq!(called(Ok(response(400, moved))).0, Err(CallError::Moved(-1001)));
    }

    #[test]
    fn no_response_is_told() {
        let (called, _) = called(Err(HttpError::Timeout));
        let expected =
            SendError::NoResponse { operation: "sendMessage", source: HttpError::Timeout };
        assert_eq!(called, Err(CallError::Send(expected)));
    }
}
