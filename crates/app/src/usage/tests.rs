//! Everybody reads what is theirs, and nobody more.

use super::*;
use crate::testing::discord;
use miyabi_core::fault::Notice;
use miyabi_core::i18n::{Language, sentence};
use miyabi_testing::{Fake, run, settings};

/// A world in which two people have asked in two servers, today, 29 days and 30 days ago.
fn world() -> Fake {
    let world = Fake::new();
    let sql = "INSERT INTO spending
        (kind, key, day, model, question_count, call_count, prompt_tokens, completion_tokens,
         cost_nano, estimated_count, unpriced_count)
      VALUES
        ('asker', '1', unixepoch() / 86400, '', 2, 0, 0, 0, 0, 0, 0),
        ('asker', '1', unixepoch() / 86400, 'm', 0, 3, 100, 20, 2000000, 0, 0),
        ('asker', '1', unixepoch() / 86400 - 29, '', 1, 0, 0, 0, 4000000, 1, 0),
        ('asker', '1', unixepoch() / 86400 - 30, 'm', 9, 9, 9, 9, 900000000, 9, 9),
        ('asker', '2', unixepoch() / 86400, 'm', 7, 7, 7, 7, 700000000, 7, 7),
        ('server', '8', unixepoch() / 86400, '', 5, 0, 0, 0, 0, 0, 0),
        ('server', '8', unixepoch() / 86400, 'm', 0, 6, 1000, 0, 10000000, 0, 0),
        ('server', '8', unixepoch() / 86400 - 1, 'm', 0, 4, 1000, 0, 20000000, 0, 0),
        ('server', '8', unixepoch() / 86400, 'o/n', 0, 2, 10, 0, 0, 0, 2),
        ('server', '9', unixepoch() / 86400, 'm', 7, 7, 7, 7, 700000000, 7, 7),
        ('day', 'all', unixepoch() / 86400, 'm', 7, 7, 7, 7, 700000000, 7, 7)";
    world.db.execute_batch(sql).unwrap();
    let sql =
        "INSERT INTO jobs (id, platform, token, status, asker, server, day, reserved_nano) VALUES
        ('11', 'x', 't', 'PROCESSING', '1', '9', unixepoch() / 86400, 600000),
        ('12', 'x', 't', 'PROCESSING', '1', '', unixepoch() / 86400, 400000),
        ('13', 'x', 't', 'PROCESSING', '2', '9', unixepoch() / 86400, 700000000),
        ('14', 'x', 't', 'PROCESSING', '1', '9', unixepoch() / 86400 - 1, 700000000)";
    world.db.execute_batch(sql).unwrap();
    world
}

fn inquiry(asker: &str, server: Option<&str>) -> Inquiry {
    Inquiry {
        asker: asker.to_owned(),
        server: server.map(ToOwned::to_owned),
        language: Language::English,
    }
}

fn report(world: &Fake, inquiry: &Inquiry) -> String {
    let budgets = Budgets { asker: Some(10_000_000), ..settings().budgets };
    run(super::report(world, &discord(world), &budgets, inquiry)).unwrap()
}

#[test]
fn a_person_reads_their_own_of_thirty_days() {
    // The world begins at 22:13:20 UTC.
    let expected = "**You**\nToday: 2 questions, 120 tokens, $0.002\n\
                    Last 30 days: 3 questions, 120 tokens, about $0.006\n\
                    Left of today's budget: $0.007 of $0.01, new <t:1700006400:R>";
    assert_eq!(report(&world(), &inquiry("1", None)), expected);
}

#[test]
fn an_admin_reads_the_servers_too() {
    let report = report(&world(), &inquiry("3", Some("8")));
    let expected = "**You**\nToday: 0 questions, 0 tokens, $0.00\n\
                    Last 30 days: 0 questions, 0 tokens, $0.00\n\
                    Left of today's budget: $0.01 of $0.01, new <t:1700006400:R>\n\n\
                    **This server**\n\
                    Today: 5 questions, 1,010 tokens, $0.01, plus 2 unpriced calls\n\
                    Last 30 days: 5 questions, 2,010 tokens, $0.03, plus 2 unpriced calls\n\
                    Models of the last 30 days:\n\
                    - `m`: 10 calls, 2,000 tokens, $0.03\n\
                    - `o/n`: 2 calls, 10 tokens, $0.00, plus 2 unpriced calls";
    assert_eq!(report, expected);
}

#[test]
fn what_is_left_of_the_servers_budget_is_that_of_the_smaller_one() {
    let world = world();
    let sql = "INSERT INTO server_settings (server, version, settings, part, event, changed_by)
               VALUES ('8', 1, '{\"budget_nano\":20000000}', 'x', '1', '5'),
                 ('8', 2, '{\"budget_nano\":40000000}', 'x', '2', '5'),
                 ('9', 1, '{\"budget_nano\":10000000}', 'x', '3', '5')";
    world.db.execute_batch(sql).unwrap();
    for (operator, expected) in [
        (None, "$0.03 of $0.04"),
        (Some(30_000_000), "$0.02 of $0.03"),
        (Some(1 << 50), "$0.03 of $0.04"),
    ] {
        let budgets = Budgets { server: operator, ..settings().budgets };
        let inquiry = inquiry("3", Some("8"));
        let report = run(super::report(&world, &discord(&world), &budgets, &inquiry)).unwrap();
        assert!(report.contains(&format!("today's budget: {expected}")), "{report}");
    }
}

#[test]
fn who_is_not_known_reads_nothing_of_others() {
    for nobody in [inquiry("", None), inquiry("", Some("")), inquiry("all", Some("1"))] {
        let report = report(&world(), &nobody);
        assert!(!report.contains("7 ") && report.contains("0 questions"), "{report}");
    }
}

#[test]
fn a_database_that_is_away_gives_a_plain_sentence() {
    let world = world();
    world.store_faults.borrow_mut().push(NAME);
    let apology = sentence(Notice::TryAgain, Language::English);
    assert_eq!(report(&world, &inquiry("1", None)), apology);
    assert!(matches!(world.events.borrow().first(), Some(Event::UsageFailed { .. })));
}

#[test]
fn the_sums_are_found_by_an_index() {
    let world = Fake::new();
    let mut prepared = world.db.prepare(&format!("EXPLAIN QUERY PLAN {BY_MODEL}")).unwrap();
    let plan = prepared.query_map(["1", "2"], |row| row.get(3)).unwrap();
    let plan: Vec<String> = plan.map(Result::unwrap).collect();
    let searches = plan.iter().filter(|step| step.contains("(kind=? AND key=? AND day>?)")).count();
    assert_eq!(searches, 2, "{plan:?}");
}

#[test]
fn a_report_fits_into_a_message() {
    let world = world();
    let sql = "INSERT INTO spending (kind, key, day, model, call_count) VALUES
               ('server', '8', unixepoch() / 86400, ?1, 1)";
    for number in 1..9 {
        world.db.execute(sql, [number.to_string().repeat(900)]).unwrap();
    }
    assert_eq!(report(&world, &inquiry("3", Some("8"))).chars().count(), 2000);
}
