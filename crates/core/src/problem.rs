//! Why a request to the HTTP API is not served, as its sender reads it.
//!
//! # Source
//! RFC 9457, Problem Details for HTTP APIs.

use serde::Serialize;

use crate::fault::{Fault, Retry};
use crate::http::Reply;

/// Content type of a problem.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// Why a request is not served.
///
/// It tells its sender what to do, and nothing that is not theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Status code.
    pub status: u16,
    /// URI of its kind; `about:blank` for one that the status says all about.
    pub kind: &'static str,
    /// Fixed word, for programs and for the log.
    pub code: &'static str,
    /// Sentence for people, with what to do about it.
    pub detail: String,
    /// What is wrong with each part of the body.
    pub errors: Vec<Wrong>,
    /// Header names (lowercase) and values.
    pub headers: Vec<(&'static str, String)>,
    /// Failure of ours behind it, for the log; its sender does not read it.
    pub fault: Option<Box<Fault>>,
}

/// What is wrong with a part of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// JSON pointer to the part, as a URI's fragment: `#/scopes/0`.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

/// A problem's body.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[Wrong]>::is_empty")]
    errors: &'a [Wrong],
}

impl Problem {
    /// Returns a problem that its status says all about, but for what the detail has.
    pub fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let (errors, headers) = (Vec::new(), Vec::new());
        Self { status, kind: "about:blank", code, detail, errors, headers, fault: None }
    }

    /// Returns the problem of a body one part of which is wrong.
    pub fn wrong(pointer: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let mut problem = Self::new(400, "invalid_body", format!("{pointer}: {detail}"));
        problem.errors.push(Wrong { pointer: pointer.to_owned(), detail });
        problem
    }

    /// Returns the problem with one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A failure of ours is told without its cause.
impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let problem = match fault.retry {
            Retry::Backoff => {
                let detail = "something that this needs does not answer; try again in a moment";
                Self::new(503, "unavailable", detail).header("retry-after", "2")
            }
            Retry::Never => {
                let detail = "this failed, and the operator's log says why; quote the request id";
                Self::new(500, "internal", detail)
            }
        };
        Self { fault: Some(Box::new(fault)), ..problem }
    }
}

impl Reply {
    /// Returns a problem as a reply to the request of this id.
    ///
    /// # Shape
    /// `{"type":"about:blank","title":"Not Found","status":404,"detail":"…","code":"not_found",
    /// "requestId":"…","errors":[{"pointer":"#/name","detail":"…"}]}`; `errors` only where there are any.
    pub fn problem(problem: &Problem, request_id: &str) -> Self {
        let &Problem { status, kind, code, ref detail, ref errors, ref headers, .. } = problem;
        let title = title(status);
        let body = Body { kind, title, status, detail, code, request_id, errors };
        let mut reply = Self::json(status, &body);
        reply.headers.push(("content-type", CONTENT_TYPE.to_owned()));
        reply.headers.extend(headers.iter().cloned());
        reply
    }
}

/// Headers of a reply that say something of its body.
const OF_BODY: [&str; 5] =
    ["content-type", "content-disposition", "content-security-policy", "cache-control", "etag"];

impl Reply {
    /// Returns a problem in place of a reply whose body cannot be had, with what the reply says of its request.
    #[must_use]
    pub fn refused(&self, problem: &Problem) -> Self {
        let said = |name| self.headers.iter().find(|(known, _)| *known == name);
        let request_id = said("x-request-id").map_or("", |(_, id)| id.as_str());
        let mut reply = Self::problem(problem, request_id);
        let kept = self.headers.iter().filter(|(name, _)| !OF_BODY.contains(name));
        reply.headers.extend(kept.cloned());
        reply.header("cache-control", "no-store".to_owned())
    }
}

/// Returns the status's own words.
///
/// # Source
/// RFC 9110, HTTP Semantics, Status Codes; RFC 6585.
const fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        410 => "Gone",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::StoreError;

    #[test]
    fn a_problem_has_what_programs_and_people_read() {
        let problem = Problem::new(404, "not_found", "there is no \"x\"").header("x-a", "b");
        let reply = Reply::problem(&problem, "r1");
        assert_eq!(
            reply.body,
            r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"there is no \"x\"","code":"not_found","requestId":"r1"}"#
        );
        let headers = [("content-type", CONTENT_TYPE.to_owned()), ("x-a", "b".to_owned())];
        assert_eq!((reply.status, reply.headers.as_slice()), (404, &headers[..]));
    }

    #[test]
    fn a_problem_in_place_of_a_file_says_nothing_of_the_file_and_all_of_its_request() {
        let stored = Reply::stored("uploads/1")
            .header("content-type", "image/png".to_owned())
            .header("etag", "\"1\"".to_owned())
            .header("cache-control", "private, no-cache".to_owned())
            .header("x-request-id", "r1".to_owned())
            .header("vary", "Origin".to_owned());
        let refused = stored
            .refused(&Problem::from(Fault::from(StoreError::Failed { statement: "files::read" })));
        let headers = [
            ("content-type", CONTENT_TYPE),
            ("retry-after", "2"),
            ("x-request-id", "r1"),
            ("vary", "Origin"),
            ("cache-control", "no-store"),
        ];
        let headers = headers.map(|(name, value)| (name, value.to_owned()));
        assert_eq!((refused.status, refused.headers.as_slice()), (503, &headers[..]));
        assert!(refused.stored.is_none() && refused.body.contains(r#""requestId":"r1""#));
    }

    #[test]
    fn a_wrong_part_of_a_body_is_pointed_at() {
        let reply = Reply::problem(&Problem::wrong("#/name", "is empty"), "r1");
        let errors = r##""detail":"#/name: is empty","code":"invalid_body","requestId":"r1","errors":[{"pointer":"#/name","detail":"is empty"}]}"##;
        assert!(reply.body.ends_with(errors), "{}", reply.body);
    }

    #[test]
    fn a_failure_of_ours_is_told_without_its_cause() {
        let statement = "api_keys::principal";
        for (error, status, retry_after) in [
            (StoreError::Failed { statement }, 503, Some("2")),
            (StoreError::Row { statement }, 500, None),
        ] {
            let problem = Problem::from(Fault::from(error));
            assert!(problem.fault.is_some());
            let reply = Reply::problem(&problem, "r1");
            assert!(!reply.body.contains(statement), "{}", reply.body);
            assert_eq!(reply.status, status);
            let header = reply.headers.iter().find(|(name, _)| *name == "retry-after");
            assert_eq!(header.map(|(_, value)| value.as_str()), retry_after);
        }
    }

    #[test]
    fn a_problem_is_small_enough_to_be_returned() {
        assert!(size_of::<Problem>() < 128);
    }
}
