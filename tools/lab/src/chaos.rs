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

/// A seeded generator of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random(fastrand::Rng);

impl Default for Random {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Random {
    /// A generator whose numbers depend on the seed alone.
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// A number from `least` to `most`.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        self.0.u64(least..=most)
    }

    /// True with the given probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.0.f64() < probability
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
        let numbers = |seed| {
            let mut random = Random::new(seed);
            [(); 20].map(|()| random.between(0, u64::MAX))
        };
        assert_eq!(numbers(1_234_567), numbers(1_234_567));
        assert_ne!(numbers(1_234_567), numbers(1_234_568));
    }

    #[test]
    fn happens_about_as_often_as_it_should() {
        let mut random = Random::new(1);
        let hits = (0..10_000).filter(|_| random.chance(0.3)).count();
        assert!((2_800..3_200).contains(&hits), "{hits}");
        assert!((0..1_000).all(|_| !random.chance(0.0)));
        assert!((0..1_000).all(|_| random.chance(1.0)));
        assert!((0..1_000).all(|_| (200..=3000).contains(&random.between(200, 3000))));
    }
}
