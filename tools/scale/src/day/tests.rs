//! Does a day let through what its limits let through, and nothing else?

use super::*;
use crate::arrivals;

const OPEN: Setup = Setup {
    models: 0,
    databases: 8,
    is_batched: false,
    addresses: 0,
    creations: 0,
    write: (2_000, 250),
    channels: 10_000,
};

fn times(questions: u64) -> Vec<u64> {
    arrivals::day(questions, &mut Rng::new(11))
}

fn all(outcome: &Outcome) -> u64 {
    outcome.answered + outcome.private + outcome.late + outcome.failed.iter().sum::<u64>()
}

#[test]
fn nothing_is_lost_and_the_same_seed_is_the_same_day() {
    let times = times(50_000);
    for setup in [OPEN, Setup { models: 1, addresses: 1, creations: 1, channels: 10, ..OPEN }] {
        let (one, other) = (run(&times, setup, 3), run(&times, setup, 3));
        assert_eq!(all(&one), 50_000);
        assert_eq!(
            (one.answered, one.late, &one.waits),
            (other.answered, other.late, &other.waits)
        );
    }
}

#[test]
fn without_limits_everybody_is_answered_at_once() {
    let outcome = run(&times(50_000), OPEN, 3);
    assert_eq!(outcome.answered, 50_000);
    assert_eq!(outcome.first_part(), None);
    assert!(outcome.wait(990) < SECOND / 10, "{}", outcome.wait(990));
}

#[test]
fn a_model_answers_no_more_than_its_limit_per_minute() {
    let outcome = run(&times(1_000_000), Setup { models: 1, ..OPEN }, 3);
    let limit = facts::CALLS_PER_MIN * 60 * 24;
    assert!(outcome.answered < limit && outcome.answered > limit / 2, "{}", outcome.answered);
    assert_eq!(outcome.first_part().map(|(part, _)| part), Some("Workers AI"));
}

#[test]
fn a_slow_database_refuses_and_is_the_first_to_hold_up() {
    let slow = Setup { databases: 1, write: (10_000, 1_000), ..OPEN };
    let outcome = run(&times(1_000_000), slow, 3);
    assert_eq!(outcome.first_part().map(|(part, _)| part), Some("D1"));
    assert!(outcome.busiest >= 59 * SECOND && outcome.busiest <= 61 * SECOND);
}

#[test]
fn a_database_is_as_busy_as_its_statements_take() {
    let times: Vec<u64> = (0..600).map(|index| index * SECOND / 10).collect();
    let outcome = run(&times, Setup { databases: 1, ..OPEN }, 3);
    let each: u64 = (0..STATEMENTS.len())
        .map(|number| match rows_of(number) {
            0 => READ,
            rows => 2_000 + 250 * rows,
        })
        .sum();
    // Ten a second for a minute; the first and the last seconds are partly in other minutes.
    assert!(outcome.busiest <= 600 * each && outcome.busiest >= 500 * each);
}

#[test]
fn batches_take_less_of_the_database() {
    let times = times(1_000_000);
    let busiest = |is_batched| run(&times, Setup { is_batched, ..OPEN }, 3).busiest;
    assert!(busiest(true) * 10 < busiest(false) * 8);
}

#[test]
fn one_channel_lets_its_webhook_through() {
    let outcome = run(&times(200_000), Setup { channels: 1, ..OPEN }, 3);
    assert_eq!(outcome.first_part().map(|(part, _)| part), Some("Discord, webhook"));
    assert!(outcome.private + outcome.late > 0);
}
