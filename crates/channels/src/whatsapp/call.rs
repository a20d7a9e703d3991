//! One call of the Graph API, and its rate limits.

use core::time::Duration;

use serde_json::Value;

use super::Ports;
use crate::breaker;
use miyabi_core::config::WhatsApp;
use miyabi_core::http::{Method, Request, Response};
use miyabi_core::transport::{RateLimitBudget, SendError};

/// Longest wait for one response.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Code of a message to one person too soon after another, and how long that is.
///
/// # Source
/// WhatsApp Cloud API, throughput, as quoted by others, read 2026-11: one message in six seconds to one person.
const PAIR_LIMIT: u32 = 131_056;
const PAIR_WAIT: Duration = Duration::from_secs(6);

/// Codes of other limits.
const LIMITS: [u32; 3] = [4, 80_007, 130_429];

/// Codes of errors within the platform, which have any status.
const FAILURES: [u32; 4] = [1, 2, 131_000, 131_016];

/// Code of a message to somebody who has not written for a day, which Meta takes from a template alone.
pub const CLOSED: u32 = 131_047;

/// Returns a request about the phone number, with the access token.
pub fn request(whatsapp: &WhatsApp, method: Method, path: &str) -> Request {
    let url = [&whatsapp.api_base, "/", path].concat();
    Request::new(method, url, TIMEOUT).header("authorization", bearer(whatsapp))
}

/// Returns the value of the header that has the access token.
pub(super) fn bearer(whatsapp: &WhatsApp) -> String {
    ["Bearer ", whatsapp.access_token.reveal()].concat()
}

/// Calls the Graph API once, and returns what it answers. The caller waits for a limit, if `budget` has as much; other
/// jobs learn of it by the breaker of `scope`.
///
/// # Errors
/// See [`SendError`]. No text of the reply is part of it.
///
/// # Repeats
/// As the call: none has a key by which Meta would know it again.
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
    let code = code(&body);
    if response.status == 429 || code.is_some_and(|it| it == PAIR_LIMIT || LIMITS.contains(&it)) {
        // A limit of all of a number's messages is the platform's.
        let (scope, named) = if code == Some(PAIR_LIMIT) {
            (scope, Some(PAIR_WAIT))
        } else {
            (super::PLATFORM, named_wait(&response))
        };
        breaker::limited(host, scope, budget, named).await;
        return Err(SendError::RateLimited { operation });
    }
    judge(operation, response.status, code, body)
}

/// Returns the answer, or what a refusal means. What is not the Graph API's JSON is somebody else's, such as a proxy's.
fn judge(
    operation: &'static str,
    status: u16,
    code: Option<u32>,
    body: Value,
) -> Result<Value, SendError> {
    let is_failure = code.is_some_and(|it| FAILURES.contains(&it));
    let (is_known, code) = (code.is_some(), code.unwrap_or(status.into()));
    match status {
        200..=299 if body.is_object() && !is_known => Ok(body),
        // A page with the status of a success: whether Meta has seen the request is unclear.
        200..=299 | 500.. => Err(SendError::ServerError { operation, status, code }),
        _ if is_failure => Err(SendError::ServerError { operation, status, code }),
        _ if is_known => Err(SendError::Refused { operation, status, code }),
        _ => Err(SendError::Deferred { operation, status, code }),
    }
}

/// Returns the code of an error of the Graph API.
fn code(body: &Value) -> Option<u32> {
    body.pointer("/error/code").and_then(Value::as_u64).map(|it| it.try_into().unwrap_or(u32::MAX))
}

fn named_wait(response: &Response) -> Option<Duration> {
    response.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_core::http::HttpError;
    use miyabi_testing::whatsapp::{Fate, whatsapp};
    use miyabi_testing::{Fake, run};

    fn called(response: Result<Response, HttpError>) -> (Result<Value, SendError>, Option<u64>) {
        let world = Fake::new();
        world.whatsapp.borrow_mut().fates.push_back(Fate { takes_effect: false, response });
        let mut budget = RateLimitBudget::new(Duration::from_secs(55));
        let request = request(&whatsapp(), Method::Post, "106540352242922/messages").json(&1);
        let called = run(call(&world, "whatsapp:5", "send", &request, &mut budget)).unwrap();
        (called, budget.due.map(|it| it.as_secs()))
    }

    fn response(status: u16, body: &str) -> Response {
        Response { status, headers: Vec::new(), body: body.to_owned() }
    }

    fn error(status: u16, code: u32) -> String {
        let (called, due) = called(Ok(response(
            status,
            &format!(r#"{{"error":{{"message":"words","code":{code}}}}}"#),
        )));
        format!("{} {due:?}", called.unwrap_err())
    }

    #[test]
    fn each_class_of_error_is_told_from_the_others() {
        for (status, code, expected) in [
            (400, 131_056, "send was rate limited for too long Some(6)"),
            (400, 130_429, "send was rate limited for too long Some(1)"),
            (429, 80_007, "send was rate limited for too long Some(1)"),
            (400, 131_047, "send was refused with status `400` (code 131047) None"),
            (401, 190, "send was refused with status `401` (code 190) None"),
            (403, 131_031, "send was refused with status `403` (code 131031) None"),
            (500, 131_000, "send failed with status `500` (code 131000) None"),
            (400, 131_016, "send failed with status `400` (code 131016) None"),
            (503, 2, "send failed with status `503` (code 2) None"),
        ] {
            assert_eq!(error(status, code), expected);
        }
    }

    #[test]
    fn what_is_not_metas_is_told_from_a_refusal() {
        for (status, body, expected) in [
            (502, "<html>", "send failed with status `502` (code 502)"),
            (200, "<html>", "send failed with status `200` (code 200)"),
            (403, "<html>", "send was refused for now with status `403` (code 403)"),
        ] {
            assert_eq!(called(Ok(response(status, body))).0.unwrap_err().to_string(), expected);
        }
        assert!(called(Ok(response(200, r#"{"success":true}"#))).0.is_ok());
        let lost = called(Err(HttpError::Timeout)).0;
        assert_eq!(
            lost,
            Err(SendError::NoResponse { operation: "send", source: HttpError::Timeout })
        );
    }

    #[test]
    fn a_limit_that_names_its_wait_is_waited_for() {
        let headers = vec![("retry-after", "7".to_owned())];
        let limited = Response { status: 429, headers, body: String::new() };
        assert_eq!(called(Ok(limited)).1, Some(7));
    }
}
