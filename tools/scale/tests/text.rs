//! Is what the text of `docs/design/scale.md` and of the README says of the tables still so?

use scale::arrivals::SECOND;
use scale::outcome::{Outcome, Setup};
use scale::question::{LLAMA, QWEN};
use scale::scenarios::{self, QUESTIONS, TODAY};
use scale::{cost, facts, question, walls};

/// Limits of the models and of Discord out of the way.
const OPEN: Setup = Setup { models: 0, addresses: 0, channels: 0, ..TODAY };

fn told(outcome: &Outcome) -> u64 {
    outcome.failed.iter().sum()
}

#[test]
fn the_model_costs_fourteen_times_as_much_as_the_rest() {
    let month = cost::month(QUESTIONS, LLAMA);
    let tenths = month.of(facts::MILLINEURONS) * 10 / month.without_model();
    assert!((135..145).contains(&tenths), "{tenths}");
}

#[test]
fn the_readme_counts_the_same() {
    let month = cost::month(10_000, LLAMA);
    let units = |price: facts::Price| {
        month.lines.iter().find(|line| line.what == price.what).map(|line| line.units)
    };
    assert_eq!(units(facts::WORKFLOW_STEPS), Some(2_400_000));
    assert_eq!(units(facts::ROWS_WRITTEN), Some(10_800_000));
    assert_eq!(units(facts::LOGS), Some(1_500_000));
    assert_eq!(units(facts::CPU_MS), Some(27_000_000));
    assert_eq!(units(facts::REQUESTS), Some(600_000 + 43_200));
    assert_eq!((cost::free_walls(LLAMA)[0].1, QWEN.millineurons() / 1_000), (73, 21));
    assert_eq!(cost::month(1_000, QWEN).sum() / 10_000_000, 877, "8.78, rounded");
}

#[test]
fn a_database_is_too_small_before_it_is_too_slow() {
    let all = walls::all(TODAY);
    let of =
        |word: &str| all.iter().find(|wall| wall.what.contains(word)).map(|wall| wall.peaked());
    assert_eq!(of("10 GB").map(|questions| questions / 1_000), Some(57));
    assert_eq!(of("forgetting"), Some(120_000));
    assert!(of("one statement at a time") > of("forgetting"));
    let bytes = QUESTIONS * question::kept_bytes();
    assert_eq!(bytes.div_ceil(facts::DATABASE_BYTES), 18);
    assert!(walls::shards(16, QUESTIONS).minutes < 13 && walls::shards(8, QUESTIONS).minutes > 13);
}

#[test]
fn one_database_fails_three_in_a_hundred_and_with_two_hardly_anybody_waits() {
    let days = [1, 2].map(|databases| Setup { databases, ..OPEN });
    let outcomes = scenarios::run(&days);
    let [one, two] = outcomes.as_slice() else { panic!("two days") };
    assert!((25_000..35_000).contains(&told(one)), "{}", told(one));
    assert_eq!((told(two), two.answered), (0, QUESTIONS));
    assert!(two.wait(990) < SECOND);
}

#[test]
fn batches_take_two_fifths_of_the_work_and_a_second_database_half() {
    let days = [(8, false), (8, true), (16, false)].map(|(databases, is_batched)| Setup {
        databases,
        is_batched,
        ..OPEN
    });
    let busiest: Vec<u64> = scenarios::run(&days).iter().map(|day| day.busiest).collect();
    let share = |index: usize| busiest[index] * 100 / busiest[0];
    assert!((57..65).contains(&share(1)) && (48..58).contains(&share(2)), "{busiest:?}");
}
