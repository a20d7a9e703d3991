//! Random faults from a seeded generator, for campaigns.
//!
//! The same calls in the same order meet the same faults; calls that run at once may change places.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ai::{Cue, Failing};
use crate::faults::{Cut, Fault};
use crate::route::Route;
use crate::state::State;

/// How often calls fail, and which.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chaos {
    pub(crate) seed: u64,
    /// Share of the calls that fail, 0 to 1.
    rate: f64,
}

impl Chaos {
    /// # Errors
    /// A sentence, for a rate that is no share.
    pub(crate) fn check(&self) -> Result<(), String> {
        if (0.0..=1.0).contains(&self.rate) {
            return Ok(());
        }
        Err(format!("chaos: rate {} is not between 0 and 1", self.rate))
    }
}

/// A seeded generator: `SplitMix64`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dice(u64);

impl Dice {
    /// A generator that always starts alike for a seed.
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
    fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }

    /// Whether something happens that has this chance.
    fn falls(&mut self, chance: f64) -> bool {
        let share = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(share) < chance * f64::from(u32::MAX)
    }
}

/// A fault for a call to Discord or the model, if the dice fall that way.
pub(crate) fn draw(state: &mut State, route: &Route) -> Option<Fault> {
    let rate = state.config.chaos.as_ref()?.rate;
    let is_model = *route == Route::AiRun;
    let is_vendor = matches!(route, Route::Model(_));
    if !is_model && !is_vendor && !route.is_discord() {
        return None;
    }
    let dice = &mut state.dice;
    if !dice.falls(rate) {
        return None;
    }
    let fault = match (is_model, is_vendor) {
        (true, _) => of_the_model(dice),
        (_, true) => of_a_vendor(dice),
        _ => of_discord(dice),
    };
    Some(fault.by("chaos"))
}

fn of_discord(dice: &mut Dice) -> Fault {
    match dice.between(0, 6) {
        0 => rate_limited(dice),
        1 => Fault::reply(429, json!("<html><body>error code: 1015</body></html>"), false),
        2 => {
            Fault::reply(500, json!({ "message": "500: Internal Server Error", "code": 0 }), false)
        }
        3 => Fault::reply(502, json!("<html><body>502 Bad Gateway</body></html>"), true),
        _ => of_the_connection(dice),
    }
}

fn of_the_model(dice: &mut Dice) -> Fault {
    // A spent allocation is the end of an answer: it stays rare.
    if dice.falls(0.03) {
        let spent = "3036: you have used up your daily free allocation of 10,000 neurons";
        return Fault::reply(429, json!(spent), false);
    }
    match dice.between(0, 5) {
        0 => {
            let busy = "3040: Capacity temporarily exceeded, please try again.";
            Fault::reply(429, json!(busy), false)
        }
        1 => Fault::reply(500, json!("Internal server error"), false),
        2 => Fault::reply(200, invalid_reply(dice), false),
        _ => of_the_connection(dice),
    }
}

/// As the above, in whatever words the vendor has; and a stream that ends too early.
fn of_a_vendor(dice: &mut Dice) -> Fault {
    let fails = |failing| Fault::model(Cue::failing(failing));
    if dice.falls(0.03) {
        return fails(Failing::Quota);
    }
    match dice.between(0, 6) {
        0 => fails(Failing::Busy),
        1 => fails(Failing::Error),
        2 => fails(Failing::RateLimit),
        3 => Fault::model(Cue::cut(2)),
        _ => of_the_connection(dice),
    }
}

/// Cut before the effect, cut after it, or late.
fn of_the_connection(dice: &mut Dice) -> Fault {
    match dice.between(0, 2) {
        0 => Fault::drop(Cut::Before),
        1 => Fault::drop(Cut::After),
        _ => Fault::delay(dice.between(200, 3000)),
    }
}

/// Discord's own 429, with a short wait.
fn rate_limited(dice: &mut Dice) -> Fault {
    let ms = dice.between(200, 1000);
    let retry_after = std::time::Duration::from_millis(ms).as_secs_f64();
    let body = json!({
        "message": "You are being rate limited.", "retry_after": retry_after, "global": false,
    });
    let fault = Fault::reply(429, body, false);
    fault.header("retry-after", "1").header("x-ratelimit-scope", "user")
}

/// A reply of no family that a model has.
fn invalid_reply(dice: &mut Dice) -> Value {
    match dice.between(0, 2) {
        0 => json!({}),
        1 => json!({ "response": null }),
        _ => json!([{ "result": "nonsense" }]),
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn a_seed_always_gives_the_same_numbers() {
        // The published first outputs of SplitMix64 for the seed 1234567.
        let mut dice = Dice::new(1_234_567);
        assert_eq!(dice.next(), 6_457_827_717_110_365_317);
        assert_eq!(dice.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn falls_about_as_often_as_it_should() {
        let mut dice = Dice::new(1);
        let fallen = (0..10_000).filter(|_| dice.falls(0.3)).count();
        assert!((2_800..3_200).contains(&fallen), "{fallen}");
        assert!((0..1_000).all(|_| !dice.falls(0.0)));
        assert!((0..1_000).all(|_| (200..=3000).contains(&dice.between(200, 3000))));
    }
}
