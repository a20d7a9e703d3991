//! How many lines about refused requests are written? Who sends forged requests by the thousand must not
//! write, and have paid, as many lines.

use crate::ids::Millis;

/// Time from a line to the next one.
const QUIET_MS: u64 = 10_000;

/// Lines that were written, and those that were not.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ration {
    /// When the last line was written.
    last: Option<Millis>,
    unsaid: u32,
}

impl Ration {
    /// Returns whether a line may be written now, and if so how many were not since the last one.
    pub const fn admit(&mut self, now: Millis) -> Option<u32> {
        match self.last {
            // A clock that was set back says nothing.
            Some(last) if now.0.abs_diff(last.0) < QUIET_MS => {
                self.unsaid = self.unsaid.saturating_add(1);
                None
            }
            _ => {
                let unsaid = self.unsaid;
                *self = Self { last: Some(now), unsaid: 0 };
                Some(unsaid)
            }
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_written_and_then_one_in_ten_seconds_with_how_many_were_not() {
        let mut ration = Ration::default();
        for (now, admitted) in [
            (5, Some(0)),
            (6, None),
            (10_004, None),
            (10_005, Some(2)),
            (10_006, None),
            (90_000, Some(1)),
            (200_000, Some(0)),
        ] {
            assert_eq!(ration.admit(Millis(now)), admitted, "{now}");
        }
    }

    #[test]
    fn a_clock_that_is_set_back_silences_nothing_for_long() {
        let mut ration = Ration::default();
        assert_eq!(ration.admit(Millis(1_000_000)), Some(0));
        assert_eq!(ration.admit(Millis(999_000)), None);
        assert_eq!(ration.admit(Millis(100)), Some(1));
    }
}
