//! What the tests of messengers share.

use serde_json::Value;

use super::Subject;
use super::report::{Line, State};
use crate::http::Reply;

/// Returns an answer of a platform.
#[expect(clippy::unnecessary_wraps, reason = "the other answers are errors")]
pub(super) fn answer(status: u16, body: &Value) -> anyhow::Result<Reply> {
    Ok(Reply { status, body: body.to_string(), ..Reply::default() })
}

pub(super) fn states(lines: &[Line]) -> Vec<State> {
    lines.iter().map(|line| line.state).collect()
}

fn subject(values: &[(&str, &str)]) -> Subject {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Subject { values: values.collect(), ..Subject::default() }
}

/// Checks that a messenger is off without its two secrets, and broken with one of them.
pub(super) fn is_off_without_both(check: fn(&Subject) -> Vec<Line>, [token, secret]: [&str; 2]) {
    for values in [&[][..], &[(token, "off"), (secret, "")]] {
        let lines = check(&subject(values));
        assert_eq!(lines, [Line::ok("channel", "off: its secrets are not set")]);
    }
    for (set, missing) in [(token, secret), (secret, token)] {
        let lines = check(&subject(&[(set, "x")]));
        assert_eq!(states(&lines), [State::Fail]);
        assert!(lines[0].detail.contains(missing), "{}", lines[0]);
    }
}
