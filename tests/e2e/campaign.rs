//! A small campaign: the large one is `cargo xtask campaign`.

use xtask::commands::campaign::{self, Options};

use crate::world;

#[test]
fn whatever_fails_each_question_is_answered_once_or_its_asker_told() {
    let _world = world::shared();
    let options = Options { jobs: 12, rate: 0.2, seed: 7, stall_s: 10, longest_s: 240 };
    let report = campaign::report(options).unwrap();
    assert!(report.is_clean(), "{report}\n{}", report.failures.join("\n"));
}
