//! Random faults from a seeded generator.
//!
//! The same calls in the same order get the same faults; concurrent calls may swap places.
//! Each service has its own list of faults in its `chaos.rs`.

use serde::{Deserialize, Serialize};

use crate::faults::{Cut, Fault};

/// How often calls fail, and the seed that decides which.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chaos {
    pub(crate) seed: u64,
    /// Share of the calls that fail, 0 to 1.
    pub(crate) rate: f64,
}

impl Chaos {
    /// # Errors
    /// A sentence about a rate that is not between 0 and 1.
    pub(crate) fn check(&self) -> Result<(), String> {
        if (0.0..=1.0).contains(&self.rate) {
            return Ok(());
        }
        Err(format!("chaos: rate {} is not between 0 and 1", self.rate))
    }
}

/// A seeded generator of random numbers: `SplitMix64`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Random(u64);

impl Random {
    /// A generator whose numbers depend on the seed alone.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }

    /// True with the given probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        let share = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(share) < probability * f64::from(u32::MAX)
    }
}

/// A fault of the connection: cut before the effect, cut after it, or late.
pub(crate) fn connection_fault<C: Default>(random: &mut Random) -> Fault<C> {
    match random.between(0, 2) {
        0 => Fault::drop(Cut::Before),
        1 => Fault::drop(Cut::After),
        _ => Fault::delay(random.between(200, 3000)),
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_seed_always_gives_the_same_numbers() {
        // The published first outputs of SplitMix64 for the seed 1234567.
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn happens_about_as_often_as_it_should() {
        let mut random = Random::new(1);
        let hits = (0..10_000).filter(|_| random.chance(0.3)).count();
        assert!((2_800..3_200).contains(&hits), "{hits}");
        assert!((0..1_000).all(|_| !random.chance(0.0)));
        assert!((0..1_000).all(|_| (200..=3000).contains(&random.between(200, 3000))));
    }
}
