//! The body of a request: an object in JSON, read with a limit on its size and its depth.

use serde::de::DeserializeOwned;

use miyabi_core::http::{BodyError, Incoming};
use miyabi_core::problem::Problem;

/// Longest body, in bytes.
pub(super) const MAX_BYTES: usize = 1024 * 1024;

/// Deepest nesting of objects and arrays.
pub(super) const MAX_DEPTH: usize = 32;

/// Reads the body of a request that has to be JSON.
///
/// # Errors
/// 400, 413 or 415; what is declared as too long is not read.
pub(super) async fn read(request: &impl Incoming) -> Result<Vec<u8>, Problem> {
    if !is_json(&request.header("content-type").unwrap_or_default()) {
        let detail = "send JSON, with the header `Content-Type: application/json`";
        let problem = Problem::new(415, "unsupported_media_type", detail);
        return Err(problem.header("accept", "application/json"));
    }
    check_declared(request, MAX_BYTES, too_large)?;
    let body = request.body(MAX_BYTES).await.map_err(|error| unread(error, too_large))?;
    if is_deeper_than(MAX_DEPTH, &body) {
        let detail = format!("the body is nested deeper than {MAX_DEPTH} levels");
        return Err(Problem::new(400, "too_deep", detail));
    }
    Ok(body)
}

/// Reads the body of a request that may have none, which is as an empty object.
///
/// # Errors
/// As for [`read`].
pub(super) async fn read_if_any(request: &impl Incoming) -> Result<Vec<u8>, Problem> {
    let nothing = || b"{}".to_vec();
    if request.header("content-type").is_none() {
        return Ok(nothing());
    }
    let body = read(request).await?;
    Ok(if body.is_empty() { nothing() } else { body })
}

/// Refuses a body that is declared as longer than `limit_bytes`, before it is read.
///
/// # Errors
/// What `too_large` says.
pub(super) fn check_declared(
    request: &impl Incoming,
    limit_bytes: usize,
    too_large: impl FnOnce() -> Problem,
) -> Result<(), Problem> {
    let is_longer = request.declared_bytes().is_some_and(|bytes| bytes > limit_bytes);
    if is_longer { Err(too_large()) } else { Ok(()) }
}

/// Returns the problem of a body that could not be read.
pub(super) fn unread(error: BodyError, too_large: impl FnOnce() -> Problem) -> Problem {
    match error {
        BodyError::TooLarge => too_large(),
        BodyError::Broken => {
            Problem::new(400, "body_incomplete", "the body broke off; send it again")
        }
    }
}

fn too_large() -> Problem {
    Problem::new(413, "body_too_large", format!("a body has at most {MAX_BYTES} bytes"))
}

/// Parameters are no matter, but for another charset than JSON's own.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.filter_map(|parameter| parameter.split_once('=')).all(|(name, value)| {
            !name.eq_ignore_ascii_case("charset")
                || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
}

/// Looks at brackets outside of strings only; whether they fit is for the parser to say.
fn is_deeper_than(limit: usize, json: &[u8]) -> bool {
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            b'{' | b'[' if !is_string => depth += 1,
            b'}' | b']' if !is_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}

/// Returns the object that a body is.
///
/// # Errors
/// 400, with what is wrong and where.
pub(super) fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| {
            let code = if error.is_data() { "invalid_body" } else { "malformed_json" };
            Problem::new(400, code, error.to_string())
        })
        .and_then(|object| {
            // Serde takes an array for the fields in their order.
            let is_object = body.trim_ascii_start().starts_with(b"{");
            let otherwise = || Problem::new(400, "invalid_body", "the body is no JSON object");
            is_object.then_some(object).ok_or_else(otherwise)
        })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn json_is_known_by_its_type() {
        for (content_type, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json;charset=\"utf-8\";x=y", true),
            ("application/json; charset=shift_jis", false),
            ("application/jsonl", false),
            ("text/plain", false),
            ("application/problem+json", false),
            ("", false),
        ] {
            assert_eq!(is_json(content_type), expected, "{content_type}");
        }
    }

    #[test]
    fn depth_is_that_of_brackets_outside_of_strings() {
        for (json, depth) in [
            ("1", 0),
            ("{}", 1),
            ("[[],[{}]]", 3),
            (r#"{"[[[":"\"[[[","a":["\\"]}"#, 2),
            ("]]][", 1),
            ("[", 1),
            ("", 0),
        ] {
            assert!(!is_deeper_than(depth, json.as_bytes()), "{json}");
            assert!(depth == 0 || is_deeper_than(depth - 1, json.as_bytes()), "{json}");
        }
        assert!(is_deeper_than(MAX_DEPTH, "[".repeat(1_000_000).as_bytes()));
    }

    #[test]
    fn what_is_wrong_with_a_body_is_said_in_words() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Named {
            #[expect(dead_code, reason = "it is only read")]
            name: String,
        }
        for (json, code, words) in [
            (&b""[..], "malformed_json", "EOF while parsing"),
            (b"{", "malformed_json", "EOF while parsing"),
            (b"{\"name\":\"\xff\"}", "malformed_json", "invalid unicode"),
            (b"{\"name\":1}", "invalid_body", "expected a string"),
            (b"{}", "invalid_body", "missing field `name`"),
            (b"{\"name\":\"a\",\"nam\":1}", "invalid_body", "unknown field `nam`"),
            (b"{\"name\":\"a\",\"name\":\"b\"}", "invalid_body", "duplicate field `name`"),
            (b"[\"a\"]", "invalid_body", "no JSON object"),
            (b"{\"name\":\"a\"} x", "malformed_json", "trailing characters"),
        ] {
            let problem = object::<Named>(json).unwrap_err();
            assert_eq!((problem.status, problem.code), (400, code), "{problem:?}");
            assert!(problem.detail.contains(words), "{problem:?}");
        }
        assert!(object::<Named>(b" {\"name\":\"a\"}\n").is_ok());
    }
}
