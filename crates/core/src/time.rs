//! Instants as the HTTP API writes and reads them: ISO 8601.

use chrono::{DateTime, SecondsFormat};

/// Returns an instant, in Unix seconds.
///
/// # Shape
/// `2026-11-20T14:45:00Z`; empty for an instant that no calendar has.
pub fn to_iso(unix_s: u64) -> String {
    let date = i64::try_from(unix_s).ok().and_then(|unix_s| DateTime::from_timestamp(unix_s, 0));
    date.map(|date| date.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default()
}

/// Returns the instant that a text names, in Unix seconds, rounded down; `None` if it names none.
///
/// # Shape
/// Date, time and offset, as RFC 3339 has them: `2026-11-20T23:45:00+09:00`, `2026-11-20T14:45:00.5Z`.
pub fn from_iso(text: &str) -> Option<i64> {
    Some(DateTime::parse_from_rfc3339(text).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_and_read_back() {
        for (unix_s, text) in [
            (0_u32, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_700_000_000, "2023-11-14T22:13:20Z"),
            (4_102_444_799, "2099-12-31T23:59:59Z"),
        ] {
            assert_eq!(to_iso(unix_s.into()), text);
            assert_eq!(from_iso(text), Some(unix_s.into()));
        }
        assert_eq!(to_iso(u64::MAX), "");
    }

    #[test]
    fn an_offset_and_a_fraction_are_read_and_what_is_no_instant_is_none() {
        assert_eq!(from_iso("2023-11-15t07:13:20.9+09:00"), Some(1_700_000_000));
        assert_eq!(from_iso("1969-12-31T23:59:59Z"), Some(-1));
        for bad in [
            "",
            "tomorrow",
            "2023-11-14",
            "2023-11-14T22:13:20",
            "2023-02-29T00:00:00Z",
            "2023-11-14T25:00:00Z",
            "1700000000",
        ] {
            assert_eq!(from_iso(bad), None, "{bad}");
        }
    }
}
