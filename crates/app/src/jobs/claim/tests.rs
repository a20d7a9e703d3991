//! A job is claimed by one run, with as much money as budgets leave.

mod bookings;
mod interleaved;
mod settled;

use rusqlite::functions::FunctionFlags;
use serde_json::json;

use super::super::tests::save;
use super::super::{complete, fail, forget, insert, start_generation};
use super::*;
use miyabi_ai::prices::{Cost, Pricing};
use miyabi_ai::{Attempt, AttemptOutcome, Usage};
use miyabi_core::config::Budgets;
use miyabi_core::fault::EngineError;
use miyabi_core::ids::JobId;
use miyabi_testing::{Fake, job as first_job, run, settings};

const MODEL: &str = "@cf/meta/llama-3.3-70b-instruct-fp8-fast";
const ASKER: &str = "80351110224678912";
const SERVER: &str = "1200000000000000009";
/// A day, and 10:00 of it.
const DAY: u64 = 20_000;
const MORNING_S: u64 = DAY * 86_400 + 36_000;
const QUESTION: u64 = 50_000_000;

fn nth(nth: u64) -> Job {
    let mut job = first_job("hi");
    job.question.id = JobId::parse(&(1_300_000_000_000_000_000 + nth).to_string()).unwrap();
    job
}

fn of(asker: &str, server: Option<&str>, job: Job) -> Job {
    let mut job = job;
    job.question.asker.id = asker.to_owned();
    job.question.server = server.map(ToOwned::to_owned);
    job
}

fn with(budgets: Budgets) -> Settings {
    Settings { budgets, jobs_per_asker: 1000, ..settings() }
}

fn generous() -> Settings {
    with(Budgets { question: Some(QUESTION), ..Budgets::default() })
}

/// A world whose database has this clock.
fn world() -> Fake {
    let world = Fake::new();
    set_clock(&world, MORNING_S);
    world
}

fn set_clock(world: &Fake, now_s: u64) {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
    let now_s = i64::try_from(now_s).unwrap();
    world.db.create_scalar_function("unixepoch", 0, flags, move |_| Ok(now_s)).unwrap();
}

fn claimed(world: &Fake, job: &Job, settings: &Settings) -> Claim {
    run(claim(world, job, settings)).unwrap().unwrap()
}

fn mine(claim: Claim) -> Option<Grant> {
    if let Claim::Mine(grant) = claim { Some(grant) } else { None }
}

/// What a claim sets aside; `None` if it does not.
fn granted(world: &Fake, job: &Job, settings: &Settings) -> Option<u64> {
    mine(claimed(world, job, settings)).and_then(|grant| grant.granted)
}

fn attempt(ordinal: u32, nano: u64) -> Attempt {
    let usage = Usage {
        prompt_tokens: 100,
        completion_tokens: 20,
        cached_tokens: 10,
        neurons_milli: Some(nano / 11),
    };
    let cost = Cost { nano, pricing: Pricing::Exact };
    Attempt { ordinal, model: MODEL.to_owned(), outcome: AttemptOutcome::Ok, usage, cost }
}

fn ended(world: &Fake, job: &Job, attempts: &[Attempt]) {
    save(world, job, "x", attempts).unwrap();
    assert_eq!(run(complete(world, job)), Some(Ok(true)));
}

/// A number out of the database.
fn number(world: &Fake, sql: &str) -> u64 {
    world.db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap().try_into().unwrap()
}

/// `[questions, reserved, calls, nano, estimated, unpriced]` of an account on a day.
fn sums(world: &Fake, kind: &str, key: &str, day: u64) -> [u64; 6] {
    let sql = "SELECT coalesce(sum(question_count), 0),
                 (SELECT coalesce(sum(reserved_nano), 0)
                   FROM jobs JOIN job_accounts AS of ON of.job = jobs.id
                   WHERE of.kind = ?1 AND of.key = ?2 AND jobs.day = ?3),
                 coalesce(sum(call_count), 0), coalesce(sum(cost_nano), 0),
                 coalesce(sum(estimated_count), 0), coalesce(sum(unpriced_count), 0)
               FROM spending WHERE kind = ?1 AND key = ?2 AND day = ?3";
    let day = i64::try_from(day).unwrap();
    world
        .db
        .query_row(sql, (kind, key, day), |row| {
            Ok([0, 1, 2, 3, 4, 5]
                .map(|index| row.get::<_, i64>(index).unwrap().try_into().unwrap()))
        })
        .unwrap()
}

/// The same of every scope of the usual job.
fn check_all(world: &Fake, day: u64, expected: [u64; 6]) {
    for (kind, key) in [("asker", ASKER), ("server", SERVER), ("day", "all")] {
        assert_eq!(sums(world, kind, key, day), expected, "{kind} on {day}");
    }
}

#[test]
fn of_many_jobs_of_one_asker_the_oldest_go_on() {
    let world = Fake::new();
    let two = Settings { jobs_per_asker: 2, ..settings() };
    for number in [4, 2, 3, 1] {
        run(insert(&world, &nth(number), &to_params(&nth(number)))).unwrap().unwrap();
    }
    for (number, running) in [(1, None), (2, None), (3, Some(2)), (4, Some(3))] {
        let claim = claimed(&world, &nth(number), &two);
        match running {
            Some(running) => assert_eq!(claim, Claim::Crowded(running), "{number}"),
            None => assert!(matches!(claim, Claim::Mine(_)), "{number}"),
        }
    }
    assert_eq!(number(&world, "SELECT count(*) FROM jobs WHERE reserved_nano > 0"), 2);
    save(&world, &nth(1), "x", &[]).unwrap();
    run(complete(&world, &nth(1))).unwrap().unwrap();
    assert!(matches!(claimed(&world, &nth(3), &two), Claim::Mine(_)));
    let unnamed = of("", None, nth(9));
    let one = Settings { jobs_per_asker: 1, ..settings() };
    assert!(matches!(claimed(&world, &unnamed, &one), Claim::Mine(_)), "nobody is not somebody");
    assert_eq!(number(&world, "SELECT count(*) FROM spending WHERE key = ''"), 0);
}

#[test]
fn a_claim_is_stored_and_read_back() {
    let answered = Claim::Answered {
        answer: "x".to_owned(),
        posted: 2,
        is_private: true,
        has_buttons: false,
        is_drawn: false,
        is_shown: false,
        is_late: false,
    };
    let closed = vec!["workers-ai".to_owned()];
    let grant = Grant { granted: Some(9), closed: closed.clone(), ..Grant::default() };
    let said = Exchange { question: "Q".to_owned(), answer: "A".to_owned() };
    let recalling = Grant { closed, context: vec![said], ..Grant::default() };
    for (claim, stored) in [
        (Claim::Mine(grant), json!({ "mine": { "granted": 9, "closed": ["workers-ai"] } })),
        (
            Claim::Mine(recalling),
            json!({ "mine": { "granted": null, "closed": ["workers-ai"],
                              "context": [{ "question": "Q", "answer": "A" }] } }),
        ),
        (Claim::Mine(Grant::default()), json!({ "mine": { "granted": null, "closed": [] } })),
        (Claim::Ended, json!("ended")),
        (answered, json!({ "answered": { "answer": "x", "posted": 2, "is_private": true } })),
        (Claim::Crowded(3), json!({ "crowded": 3 })),
        (
            Claim::OverBudget { scope: Scope::Asker, until_s: Some(7), follows: false },
            json!({ "over_budget": { "scope": "asker", "until_s": 7 } }),
        ),
        (
            Claim::OverBudget { scope: Scope::Day, until_s: None, follows: false },
            json!({ "over_budget": { "scope": "day", "until_s": null } }),
        ),
    ] {
        assert_eq!(serde_json::to_value(&claim).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Claim>(stored).unwrap(), claim);
    }
    for unknown in
        [json!(true), json!({}), json!({ "over_budget": { "scope": "nobody", "until_s": 7 } })]
    {
        assert!(serde_json::from_value::<Claim>(unknown.clone()).is_err(), "{unknown}");
    }
}

#[test]
fn a_claim_names_the_vendors_that_are_left_alone() {
    let world = world();
    let open = |vendor: &str, until_s: u64| {
        run(miyabi_ai::breaker::open(&world, vendor, until_s)).unwrap().unwrap();
    };
    open("workers-ai", MORNING_S + 10);
    open("workers-ai", MORNING_S + 5);
    open("groq", MORNING_S);
    world.db.execute("INSERT INTO breakers VALUES ('discord', ?1)", [i64::MAX]).unwrap();
    let closed = |number: u64| mine(claimed(&world, &nth(number), &generous())).unwrap().closed;
    assert_eq!(closed(1), ["workers-ai"]);
    set_clock(&world, MORNING_S + 9);
    assert_eq!(closed(2), ["workers-ai"]);
    set_clock(&world, MORNING_S + 10);
    assert_eq!(closed(3), [""; 0]);
}

/// What `SQLite` does for a statement, a line for each step.
fn plan_of(world: &Fake, statement: &Statement) -> Vec<String> {
    let mut prepared = world.db.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql)).unwrap();
    let nothing = vec![rusqlite::types::Null; statement.values.len()];
    let steps = prepared.query_map(rusqlite::params_from_iter(nothing), |row| row.get(3)).unwrap();
    steps.map(Result::unwrap).collect()
}

#[test]
fn a_claim_looks_nothing_up_without_an_index() {
    let world = Fake::new();
    let job = nth(1);
    let statements = [
        budgets::reserve(&job, &generous()),
        booking::question(&job),
        older(&job),
        budgets::uses(&job, &generous()),
        ledger::delivered(job.id()),
        begin(&job),
    ];
    for statement in statements {
        // What is scanned is a parameter, what is settled for one server, or three rows of a job's accounts.
        let small = ["budget_limit ", "budget ", "own ", "room", "account", "CONSTANT ROW"];
        for step in plan_of(&world, &statement) {
            let is_small = small.iter().any(|name| step.contains(name));
            assert!(!step.starts_with("SCAN") || is_small, "{}: {step}", statement.name);
        }
    }
    let plan = plan_of(&world, &budgets::reserve(&job, &generous())).join("\n");
    assert!(plan.contains("(day=? AND kind=? AND key=?)"), "{plan}");
    assert!(plan.contains("COVERING INDEX jobs_by_reservation (day=?)"), "{plan}");
    assert!(plan.contains("known USING PRIMARY KEY (server=? AND version=?)"), "{plan}");
    let plan = plan_of(&world, &booking::question(&job)).join("\n");
    assert_eq!(plan.matches("(id=?)").count(), 4, "{plan}");
}
