//! Reads the wall clock, and writes times as RFC 3339 and as Discord's snowflakes.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// First millisecond of 2015, where Discord's snowflakes start counting.
const DISCORD_EPOCH_MS: u64 = 1_420_070_400_000;

/// Milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Smallest snowflake of a millisecond.
pub(crate) fn snowflake_at(ms: u64) -> u64 {
    ms.saturating_sub(DISCORD_EPOCH_MS) << 22
}

/// Writes a time as Discord does: `2026-11-20T23:45:00.000000+00:00`.
pub(crate) fn rfc3339(ms: u64) -> String {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    let time = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
    format!("{}+00:00", time.strftime("%Y-%m-%dT%H:%M:%S.%6f"))
}

#[cfg(test)]
mod tests {
    use super::{rfc3339, snowflake_at};

    #[test]
    fn writes_known_instants() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000000+00:00"),
            (951_782_400_000, "2000-02-29T00:00:00.000000+00:00"),
            (1_795_218_300_123, "2026-11-20T23:45:00.123000+00:00"),
        ] {
            assert_eq!(rfc3339(ms), text);
        }
    }

    #[test]
    fn snowflakes_carry_their_time() {
        let ms = 1_795_218_300_123;
        assert_eq!((snowflake_at(ms) >> 22) + super::DISCORD_EPOCH_MS, ms);
    }
}
