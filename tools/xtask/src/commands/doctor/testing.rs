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

/// Checks that a messenger is off without its secrets, and broken without one of them.
pub(super) fn is_off_without_all<const N: usize>(
    check: fn(&Subject) -> Vec<Line>,
    names: [&str; N],
) {
    let off = names.map(|name| (name, if name == names[0] { "off" } else { "" }));
    for values in [&[][..], &off] {
        let lines = check(&subject(values));
        assert_eq!(lines, [Line::ok("channel", "off: its secrets are not set")]);
    }
    for missing in names {
        let set: Vec<_> =
            names.into_iter().filter(|name| *name != missing).map(|name| (name, "x")).collect();
        let lines = check(&subject(&set));
        assert_eq!(states(&lines), [State::Fail]);
        assert!(lines[0].detail.contains(missing), "{}", lines[0]);
    }
}
