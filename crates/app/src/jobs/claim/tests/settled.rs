//! The budget that is settled for a server bounds it, as one of the operator's does.

use super::*;
use crate::jobs::book_summary;
use crate::terms;
use crate::testing::discord;

/// Settles a budget for a server, as its next version.
fn settle(world: &Fake, server: &str, budget_nano: u64) {
    let sql = "INSERT INTO server_settings (server, version, settings, part, event, changed_by)
               SELECT ?1, count(*) + 1, json_object('budget_nano', ?2), 'x', ?1 || count(*), '5'
               FROM server_settings WHERE server = ?1";
    world.db.execute(sql, (server, i64::try_from(budget_nano).unwrap())).unwrap();
}

/// A claim that settles the terms first, as the workflow's does.
fn on_terms(world: &Fake, job: &Job, settings: &Settings) -> Claim {
    let terms = Some(terms::settle(job, settings, &discord(world)));
    let also = AlsoInBatch { terms, ..AlsoInBatch::default() };
    run(claim_with(world, job, settings, also)).unwrap().unwrap().claim
}

fn set_aside(world: &Fake, job: &Job, settings: &Settings) -> Option<u64> {
    mine(on_terms(world, job, settings)).and_then(|grant| grant.granted)
}

const HELD: Claim = Claim::OverBudget { scope: Scope::Server, until_s: None, follows: false };

#[test]
fn what_is_settled_for_a_server_bounds_its_questions_and_no_others() {
    let world = world();
    let settings = generous();
    settle(&world, SERVER, 3 * QUESTION / 2);
    assert_eq!(set_aside(&world, &nth(1), &settings), Some(QUESTION));
    assert_eq!(set_aside(&world, &nth(1), &settings), Some(QUESTION), "a repeat has the same");
    assert_eq!(set_aside(&world, &nth(2), &settings), Some(QUESTION / 2), "as much as is left");
    assert_eq!(on_terms(&world, &nth(3), &settings), HELD);
    for (number, elsewhere) in [(4, Some("3")), (5, None)] {
        let job = of(ASKER, elsewhere, nth(number));
        assert_eq!(set_aside(&world, &job, &settings), Some(QUESTION), "{elsewhere:?}");
    }
    // What is given back can be had again, and what is spent comes back at midnight.
    ended(&world, &nth(1), &[attempt(1, QUESTION)]);
    ended(&world, &nth(2), &[]);
    assert_eq!(set_aside(&world, &nth(6), &settings), Some(QUESTION / 2));
    ended(&world, &nth(6), &[attempt(1, QUESTION / 2)]);
    let until_s = Some((DAY + 1) * 86_400);
    let spent = Claim::OverBudget { scope: Scope::Server, until_s, follows: false };
    assert_eq!(on_terms(&world, &nth(7), &settings), spent);
    set_clock(&world, (DAY + 1) * 86_400);
    assert_eq!(set_aside(&world, &nth(8), &settings), Some(QUESTION));
}

#[test]
fn the_smaller_one_of_the_operator_and_of_the_server_counts() {
    for (operator, settled, expected) in [(30, 20, 20), (20, 30, 20)] {
        let world = world();
        let server = Some(operator * 1_000_000);
        let settings = with(Budgets { question: Some(QUESTION), server, ..Budgets::default() });
        settle(&world, SERVER, settled * 1_000_000);
        assert_eq!(set_aside(&world, &nth(1), &settings), Some(expected * 1_000_000));
        assert_eq!(on_terms(&world, &nth(2), &settings), HELD);
    }
}

#[test]
fn the_newest_version_counts_and_for_a_job_that_of_its_first_claim() {
    let world = world();
    let settings = generous();
    settle(&world, SERVER, QUESTION);
    assert_eq!(set_aside(&world, &nth(1), &settings), Some(QUESTION));
    assert_eq!(on_terms(&world, &nth(2), &settings), HELD);
    settle(&world, SERVER, 2 * QUESTION);
    assert_eq!(set_aside(&world, &nth(3), &settings), Some(QUESTION));
    assert_eq!(on_terms(&world, &nth(2), &settings), HELD);
}

#[test]
fn where_the_operator_has_no_budgets_a_question_has_the_usual_one() {
    let world = world();
    let settings = with(Budgets::default());
    assert_eq!(mine(on_terms(&world, &nth(1), &settings)), Some(Grant::default()));
    settle(&world, SERVER, 3 * QUESTION / 2);
    assert_eq!(set_aside(&world, &nth(2), &settings), Some(QUESTION));
    assert_eq!(set_aside(&world, &nth(3), &settings), Some(QUESTION / 2));
    assert_eq!(on_terms(&world, &nth(4), &settings), HELD);
    let direct = of(ASKER, None, nth(5));
    assert_eq!(mine(on_terms(&world, &direct, &settings)), Some(Grant::default()));
}

#[test]
fn a_summary_is_paid_out_of_it_or_not_made() {
    for (settled, is_booked) in [(QUESTION, false), (QUESTION + 500, true)] {
        let world = world();
        settle(&world, SERVER, settled);
        assert_eq!(set_aside(&world, &nth(1), &generous()), Some(QUESTION));
        ended(&world, &nth(1), &[attempt(1, QUESTION)]);
        let summary = attempt(200, 500);
        let booked = run(book_summary(&world, &generous(), &nth(1), &summary));
        assert_eq!(booked, Some(Ok(is_booked)));
        assert_eq!(
            sums(&world, "server", SERVER, DAY)[3],
            QUESTION + if is_booked { 500 } else { 0 }
        );
    }
}
