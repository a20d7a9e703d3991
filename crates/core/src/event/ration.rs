//! How many lines about refused requests are written? Who sends forged requests by the thousand must not
//! write, and have paid, as many lines.

use crate::ids::Millis;

/// Time from a line to the next one of its kind.
const QUIET_MS: u64 = 10_000;

/// Lines that were written, and those that were not, by their kind: fixed words, so there are few.
#[derive(Debug, Default)]
pub struct Rations(Vec<Ration>);

#[derive(Debug)]
struct Ration {
    kind: &'static str,
    /// When the last line was written.
    last: Millis,
    unsaid: u32,
}

impl Rations {
    /// Returns whether a line may be written now, and if so how many of its kind were not since the last
    /// one.
    pub fn admit(&mut self, kind: &'static str, now: Millis) -> Option<u32> {
        let Some(ration) = self.0.iter_mut().find(|ration| ration.kind == kind) else {
            self.0.push(Ration { kind, last: now, unsaid: 0 });
            return Some(0);
        };
        // A clock that was set back says nothing.
        if now.0.abs_diff(ration.last.0) < QUIET_MS {
            ration.unsaid = ration.unsaid.saturating_add(1);
            return None;
        }
        ration.last = now;
        Some(core::mem::take(&mut ration.unsaid))
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_written_and_then_one_in_ten_seconds_with_how_many_were_not() {
        let mut rations = Rations::default();
        for (now, admitted) in [
            (5, Some(0)),
            (6, None),
            (10_004, None),
            (10_005, Some(2)),
            (10_006, None),
            (90_000, Some(1)),
            (200_000, Some(0)),
        ] {
            assert_eq!(rations.admit("not found", Millis(now)), admitted, "{now}");
        }
    }

    #[test]
    fn one_kind_does_not_silence_another() {
        let mut rations = Rations::default();
        assert_eq!(rations.admit("not found", Millis(5)), Some(0));
        assert_eq!(rations.admit("not found", Millis(6)), None);
        assert_eq!(rations.admit("not the operator's token", Millis(7)), Some(0));
        assert_eq!(rations.admit("not found", Millis(10_005)), Some(1));
    }

    #[test]
    fn a_clock_that_is_set_back_silences_nothing_for_long() {
        let mut rations = Rations::default();
        assert_eq!(rations.admit("not found", Millis(1_000_000)), Some(0));
        assert_eq!(rations.admit("not found", Millis(999_000)), None);
        assert_eq!(rations.admit("not found", Millis(100)), Some(1));
    }
}
