//! A small campaign: the large one is `cargo xtask campaign`.

use xtask::commands::campaign::via::Via;
use xtask::commands::campaign::{self, Options};

use crate::world;

/// Asks on a platform, and expects that each question is answered once or its asker told.
fn each_question_ends(via: Via) {
    let _world = world::shared();
    let options = Options { via, jobs: 12, rate: 0.2, seed: 7, stall_s: 10, longest_s: 240 };
    let report = campaign::report(options).unwrap();
    assert!(report.is_clean(), "{report}\n{}", report.failures.join("\n"));
}

#[test]
fn whatever_fails_each_question_is_answered_once_or_its_asker_told() {
    each_question_ends(Via::Discord);
}

#[test]
fn whatever_fails_on_telegram_each_question_is_answered_or_its_asker_told() {
    each_question_ends(Via::Telegram);
}

#[test]
fn whatever_fails_on_slack_each_question_is_answered_once_or_its_asker_told() {
    each_question_ends(Via::Slack);
}
