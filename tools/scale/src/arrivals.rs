//! When people ask: a day with its hours and a few bursts, as microseconds since midnight.

use crate::rng::Rng;

/// Seconds of a day.
pub const DAY_S: u64 = 86_400;
/// A second in microseconds.
pub const SECOND: u64 = 1_000_000;

/// How busy each hour is, in hundredths of a usual one.
const HOURS: [u64; 24] = [
    60, 45, 35, 30, 30, 35, 50, 70, 90, 100, 105, 110, 120, 120, 115, 115, 120, 130, 150, 170, 180,
    175, 140, 90,
];
/// Bursts of five minutes: the second in which each begins. Most are in the evening.
const BURSTS: [u64; 6] = [32_400, 45_000, 61_200, 70_200, 73_800, 77_400];
const BURST_S: u64 = 300;
/// How busy a second of a burst is: [`PEAK`] times the mean of the day, bursts included.
const BURST: u64 = 924;
/// How much busier than the mean the busiest minute is.
pub const PEAK: u64 = 8;

/// Returns how busy each second is.
fn weights() -> Vec<u64> {
    let hour = |second: u64| {
        let index = usize::try_from(second / 3_600).unwrap_or_default();
        HOURS.get(index).copied().unwrap_or_default()
    };
    let in_burst =
        |second: u64| BURSTS.iter().any(|begin| (*begin..begin + BURST_S).contains(&second));
    (0..DAY_S).map(|second| if in_burst(second) { BURST } else { hour(second) }).collect()
}

/// Returns when so many questions of a day are asked, in order: each at a moment of its own, by
/// chance, so that they are a Poisson process with that many in all.
pub fn day(questions: u64, rng: &mut Rng) -> Vec<u64> {
    let mut sums = Vec::new();
    let mut sum = 0;
    for weight in weights() {
        sum += weight;
        sums.push(sum);
    }
    let mut times: Vec<u64> = (0..questions)
        .map(|_| {
            let drawn = rng.below(sum);
            let second = sums.partition_point(|until| *until <= drawn);
            u64::try_from(second).unwrap_or_default() * SECOND + rng.below(SECOND)
        })
        .collect();
    times.sort_unstable();
    times
}

/// Returns the most of them in one window of so many seconds.
pub fn busiest(times: &[u64], window_s: u64) -> u64 {
    let (mut most, mut count, mut index) = (0, 0, u64::MAX);
    for time in times {
        let now = time / (window_s * SECOND);
        count = if now == index { count + 1 } else { 1 };
        index = now;
        most = most.max(count);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_as_many_as_asked_for_and_bursts() {
        let times = day(1_000_000, &mut Rng::new(1));
        assert_eq!(times.len(), 1_000_000);
        assert!(times.is_sorted() && times.last().is_some_and(|last| *last < DAY_S * SECOND));
        let (mean, peak) = (1_000_000 * 60 / DAY_S, busiest(&times, 60));
        let expected = PEAK * mean;
        assert!(peak.abs_diff(expected) * 100 < expected * 5, "{peak} in a minute, {mean} usually");
        assert_eq!(times, day(1_000_000, &mut Rng::new(1)));
    }
}
