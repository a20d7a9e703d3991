//! Chance by a seed: the same seed gives the same numbers on every machine and with every version of the
//! toolchain.

use core::cell::Cell;
use core::ops::RangeInclusive;

/// A generator of numbers: splitmix64.
///
/// It is not from a crate, since a failing seed that is written down has to stand for the same run after
/// every update: `rand` may change its generators and how it draws from a range.
#[derive(Debug)]
pub struct Rng(Cell<u64>);

impl Rng {
    /// Returns the generator of a seed.
    pub fn new(seed: u64) -> Self {
        let rng = Self(Cell::new(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0x6A09_E667_F3BC_C909));
        rng.next();
        rng
    }

    /// Returns the next number.
    pub fn next(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Returns a generator beside this one, which goes on as if there were none.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self(Cell::new(self.0.get() ^ 0x3C6E_F372_FE94_F82B))
    }

    /// Returns a number below `bound`; 0 if that is 0.
    pub fn below(&self, bound: u64) -> u64 {
        // The bias is below 2^-40 for every bound used here.
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// Returns a number of the range.
    pub fn within(&self, range: RangeInclusive<u64>) -> u64 {
        let (start, end) = range.into_inner();
        start + self.below(end.saturating_sub(start) + 1)
    }

    /// Returns `true` this often in a thousand times.
    pub fn chance(&self, per_mille: u64) -> bool {
        per_mille > 0 && self.below(1000) < per_mille
    }

    /// Returns one of them, each as likely.
    pub fn pick<T: Copy>(&self, choices: &[T]) -> Option<T> {
        let count = u64::try_from(choices.len()).unwrap_or(u64::MAX);
        let index = usize::try_from(self.below(count)).unwrap_or(0);
        choices.get(index).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_another_seed_others() {
        let numbers = |seed: u64| {
            let rng = Rng::new(seed);
            (0..100).map(|_| rng.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
    }

    #[test]
    fn chances_come_about_as_often_as_they_say() {
        let rng = Rng::new(1);
        let hits = (0..10_000).filter(|_| rng.chance(100)).count();
        assert!((900..1100).contains(&hits), "{hits}");
        assert!((0..1000).all(|_| !rng.chance(0)));
        assert!((0..1000).all(|_| (3..=5).contains(&rng.within(3..=5))));
        assert_eq!(rng.pick::<u8>(&[]), None);
    }
}
