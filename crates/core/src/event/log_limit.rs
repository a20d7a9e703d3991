//! A limit on log lines about refused requests.
//!
//! Whoever sends forged requests by the thousand must not cause thousands of log lines, which cost money.

use crate::ids::Millis;

/// Shortest time from a line to the next one of its kind.
const QUIET_MS: u64 = 10_000;

/// Lines that were written, and those that were not, by their kind.
///
/// Kinds are fixed words, so there are few.
#[derive(Debug, Default)]
pub struct LogLimit(Vec<Kind>);

#[derive(Debug)]
struct Kind {
    name: &'static str,
    /// When the last line was written.
    last: Millis,
    /// Lines since then that were not written.
    suppressed: u32,
}

impl LogLimit {
    /// Returns `None` if no line of this kind may be written now, else how many were not written since
    /// the last one.
    pub fn admit(&mut self, kind: &'static str, now: Millis) -> Option<u32> {
        let Some(known) = self.0.iter_mut().find(|known| known.name == kind) else {
            self.0.push(Kind { name: kind, last: now, suppressed: 0 });
            return Some(0);
        };
        // Both directions: a clock that was set back silences nothing for long.
        if now.0.abs_diff(known.last.0) < QUIET_MS {
            known.suppressed = known.suppressed.saturating_add(1);
            return None;
        }
        known.last = now;
        Some(core::mem::take(&mut known.suppressed))
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_written_and_then_one_in_ten_seconds_with_how_many_were_not() {
        let mut limit = LogLimit::default();
        for (now, admitted) in [
            (5, Some(0)),
            (6, None),
            (10_004, None),
            (10_005, Some(2)),
            (10_006, None),
            (90_000, Some(1)),
            (200_000, Some(0)),
        ] {
            assert_eq!(limit.admit("not found", Millis(now)), admitted, "{now}");
        }
    }

    #[test]
    fn one_kind_does_not_silence_another() {
        let mut limit = LogLimit::default();
        assert_eq!(limit.admit("not found", Millis(5)), Some(0));
        assert_eq!(limit.admit("not found", Millis(6)), None);
        assert_eq!(limit.admit("not the operator's token", Millis(7)), Some(0));
        assert_eq!(limit.admit("not found", Millis(10_005)), Some(1));
    }

    #[test]
    fn a_clock_that_is_set_back_silences_nothing_for_long() {
        let mut limit = LogLimit::default();
        assert_eq!(limit.admit("not found", Millis(1_000_000)), Some(0));
        assert_eq!(limit.admit("not found", Millis(999_000)), None);
        assert_eq!(limit.admit("not found", Millis(100)), Some(1));
    }
}
