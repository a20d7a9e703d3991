//! Numbers over rounds: the middle one, how far they spread, and how two contenders compare.

/// Median and range of a measure's rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Smallest.
    pub low: f64,
    /// Median.
    pub median: f64,
    /// Largest.
    pub high: f64,
}

/// Returns median and range; of nothing they are no numbers.
pub fn spread(values: &[f64]) -> Spread {
    let sorted = sorted(values);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    let (count, middle) = (sorted.len(), sorted.len() / 2);
    let lower = if count % 2 == 0 { middle.saturating_sub(1) } else { middle };
    let median = f64::midpoint(at(lower), at(middle));
    Spread { low: at(0), median, high: at(count.saturating_sub(1)) }
}

/// Returns the median of the ratios of rounds that ran one after the other: what slows the machine
/// for a while slows both.
pub fn ratio(ours: &[f64], theirs: &[f64]) -> f64 {
    let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(our, their)| our / their).collect();
    spread(&ratios).median
}

/// Returns the value below which `percent` of the values lie.
pub fn percentile(values: &[f64], percent: usize) -> f64 {
    let sorted = sorted(values);
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or(f64::NAN)
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_and_between_two_their_mean() {
        assert_eq!(spread(&[3.0, 1.0, 2.0]), Spread { low: 1.0, median: 2.0, high: 3.0 });
        assert_eq!(spread(&[4.0, 1.0]), Spread { low: 1.0, median: 2.5, high: 4.0 });
        assert!(spread(&[]).median.is_nan());
    }

    #[test]
    fn rounds_are_compared_in_pairs() {
        // Twice as slow a machine in the second round changes nothing.
        assert!((ratio(&[110.0, 55.0, 110.0], &[100.0, 50.0, 100.0]) - 1.1).abs() < 1e-9);
    }

    #[test]
    fn a_percentile_is_a_value_that_was_seen() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert!((percentile(&values, 50) - 51.0).abs() < 1e-9);
        assert!((percentile(&values, 99) - 100.0).abs() < 1e-9);
        assert!((percentile(&[7.0], 99) - 7.0).abs() < 1e-9);
        assert!(percentile(&[], 99).is_nan());
    }
}
