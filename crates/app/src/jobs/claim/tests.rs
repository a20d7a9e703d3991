//! Who goes on, with how much money, and is each attempt booked once, whatever happens in between?

mod budgets;

use rusqlite::functions::FunctionFlags;
use serde_json::json;

use super::super::tests::kept;
use super::super::{complete, fail, forget, insert, revive};
use super::*;
use miyabi_ai::prices::{Cost, Pricing};
use miyabi_ai::{Attempt, AttemptOutcome};
use miyabi_core::fault::{Class, EngineError, Scope};
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
    kept(world, job, "x", attempts).unwrap();
    assert_eq!(run(complete(world, job)), Some(Ok(true)));
}

/// A number out of the database.
fn number(world: &Fake, sql: &str) -> u64 {
    world.db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap().try_into().unwrap()
}

/// `(questions, reserved, calls, nano, estimated, unpriced)` of a scope on a day.
fn sums(world: &Fake, kind: &str, key: &str, day: u64) -> [u64; 6] {
    let sql = "SELECT coalesce(sum(questions), 0), coalesce(sum(reserved), 0),
                 coalesce(sum(calls), 0), coalesce(sum(nano), 0), coalesce(sum(estimated), 0),
                 coalesce(sum(unpriced), 0)
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
    assert_eq!(number(&world, "SELECT count(*) FROM jobs WHERE reserved > 0"), 2);
    kept(&world, &nth(1), "x", &[]).unwrap();
    run(complete(&world, &nth(1))).unwrap().unwrap();
    assert!(matches!(claimed(&world, &nth(3), &two), Claim::Mine(_)));
    let unnamed = of("", None, nth(9));
    let one = Settings { jobs_per_asker: 1, ..settings() };
    assert!(matches!(claimed(&world, &unnamed, &one), Claim::Mine(_)), "nobody is not somebody");
    assert_eq!(number(&world, "SELECT count(*) FROM spending WHERE key = ''"), 0);
}

#[test]
fn a_claim_is_stored_and_read_back() {
    let answered = Claim::Answered { answer: "x".to_owned(), posted: 2, is_private: true };
    let grant = Grant { granted: Some(9), closed: vec!["workers-ai".to_owned()] };
    for (claim, stored) in [
        (Claim::Mine(grant), json!({ "granted": 9, "closed": ["workers-ai"] })),
        (Claim::Mine(Grant::default()), json!({ "granted": null, "closed": [] })),
        (Claim::Ended, json!(false)),
        (answered, json!({ "answer": "x", "posted": 2, "private": true })),
        (Claim::Crowded(3), json!({ "running": 3 })),
        (
            Claim::OverBudget { scope: Scope::Asker, until_s: Some(7) },
            json!({ "over": "asker", "until": 7 }),
        ),
        (
            Claim::OverBudget { scope: Scope::Day, until_s: None },
            json!({ "over": "day", "until": null }),
        ),
    ] {
        assert_eq!(claim.to_json(), stored);
        assert_eq!(Claim::from_json(&stored), Some(claim));
    }
    // From before there were budgets.
    assert_eq!(Claim::from_json(&json!(true)), Some(Claim::Mine(Grant::default())));
    assert_eq!(Claim::from_json(&json!({})), None);
    assert_eq!(Claim::from_json(&json!({ "over": "nobody", "until": 7 })), None);
}

#[test]
fn what_is_set_aside_is_booked_as_what_it_took() {
    let world = world();
    for _ in 0..2 {
        assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
        check_all(&world, DAY, [1, QUESTION, 0, 0, 0, 0]);
    }
    let attempts = [attempt(1, 1_100), attempt(2, 2_200)];
    for _ in 0..2 {
        assert_eq!(kept(&world, &nth(1), "x", &attempts), Ok(Some("x".to_owned())));
        check_all(&world, DAY, [1, 0, 2, 3_300, 0, 0]);
    }
    // A generation that comes back has its answer, and sets nothing aside.
    assert!(matches!(claimed(&world, &nth(1), &generous()), Claim::Answered { .. }));
    for _ in 0..2 {
        assert_eq!(run(complete(&world, &nth(1))), Some(Ok(true)));
    }
    check_all(&world, DAY, [1, 0, 2, 3_300, 0, 0]);
    let sql = "SELECT prompt || ',' || completion || ',' || cached || ',' || calls FROM spending
               WHERE kind = 'asker' AND model <> ''";
    assert_eq!(world.db.query_row(sql, [], |row| row.get(0)), Ok("200,40,20,2".to_owned()));
}

#[test]
fn a_failure_is_booked_once_too() {
    let world = world();
    let fault = EngineError::Late { generation: 1 }.into();
    assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
    let unpriced = Attempt {
        cost: Cost { nano: 0, pricing: Pricing::Unpriced },
        model: "ollama/llama3.2".to_owned(),
        outcome: AttemptOutcome::Failed(Class::Transient),
        ..attempt(2, 0)
    };
    let attempts = [attempt(1, 1_100), unpriced];
    for is_ours in [true, false] {
        assert_eq!(run(fail(&world, &nth(1), &fault, &attempts)), Some(Ok(is_ours)));
        check_all(&world, DAY, [1, 0, 2, 1_100, 0, 1]);
    }
    assert_eq!(number(&world, "SELECT count(*) FROM spending WHERE kind = 'server'"), 3);
    // One that never asked a model.
    assert_eq!(granted(&world, &nth(2), &generous()), Some(QUESTION));
    assert_eq!(run(fail(&world, &nth(2), &fault, &[])), Some(Ok(true)));
    check_all(&world, DAY, [2, 0, 2, 1_100, 0, 1]);
}

/// An answer is kept, its generation dies while it is delivered, and the next one cannot deliver it either.
#[test]
fn a_kept_answer_that_fails_in_a_later_life_is_booked_once() {
    let world = world();
    assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
    let attempts = [attempt(1, 1_100), attempt(2, 2_200)];
    assert_eq!(kept(&world, &nth(1), "x", &attempts), Ok(Some("x".to_owned())));
    assert_eq!(run(revive(&world, &nth(1))), Some(Ok(true)));
    let second = Job { generation: 2, ..nth(1) };
    assert!(matches!(claimed(&world, &second, &generous()), Claim::Answered { .. }));
    let fault = EngineError::Late { generation: 2 }.into();
    assert_eq!(run(fail(&world, &second, &fault, &[])), Some(Ok(true)));
    check_all(&world, DAY, [1, 0, 2, 3_300, 0, 0]);
    assert_eq!(number(&world, "SELECT count(*) FROM attempts WHERE generation = 1"), 2);
    assert_eq!(number(&world, "SELECT count(*) FROM attempts"), 2);
}

/// Beyond 2^63 a number of a JSON text is a REAL, and no column here takes one.
#[test]
fn a_job_ends_whatever_its_attempts_say() {
    const MOST: u64 = 9_007_199_254_740_991;
    let world = world();
    for (id, number) in [(1, u64::MAX), (2, u64::MAX), (3, 1 << 62), (4, 7)] {
        let usage = Usage {
            prompt_tokens: number,
            completion_tokens: number,
            cached_tokens: number,
            neurons_milli: Some(number),
        };
        let absurd = |ordinal| Attempt { usage, ..attempt(ordinal, number) };
        assert_eq!(granted(&world, &nth(id), &generous()), Some(QUESTION));
        if id % 2 == 0 {
            let fault = EngineError::Late { generation: 1 }.into();
            assert_eq!(run(fail(&world, &nth(id), &fault, &[absurd(1)])), Some(Ok(true)));
        } else {
            ended(&world, &nth(id), &[absurd(1), absurd(2)]);
        }
        assert_eq!(sums(&world, "day", "all", DAY)[3], MOST, "{id}");
    }
    for column in ["prompt", "completion", "cached", "nano"] {
        let sql = format!(
            "SELECT max({column}) FROM (SELECT {column} FROM spending
                           UNION ALL SELECT {column} FROM attempts)"
        );
        assert_eq!(number(&world, &sql), MOST, "{column}");
    }
    assert_eq!(number(&world, "SELECT count(*) FROM jobs WHERE reserved > 0"), 0);
}

#[test]
fn a_life_that_dies_has_taken_what_was_set_aside() {
    let world = world();
    assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
    assert_eq!(run(revive(&world, &nth(1))), Some(Ok(true)));
    check_all(&world, DAY, [1, 0, 0, QUESTION, 1, 0]);
    assert_eq!(run(revive(&world, &nth(1))), Some(Ok(false)), "another watchdog was faster");
    // The next generation has money of its own, and the question is still one.
    let second = Job { generation: 2, ..nth(1) };
    assert_eq!(granted(&world, &second, &generous()), Some(QUESTION));
    check_all(&world, DAY, [1, QUESTION, 0, QUESTION, 1, 0]);
    // The first one wakes up: it says nothing any more.
    assert_eq!(claimed(&world, &nth(1), &generous()), Claim::Ended);
    assert_eq!(kept(&world, &nth(1), "old", &[attempt(1, 1_100)]), Ok(None));
    let fault = EngineError::Late { generation: 1 }.into();
    assert_eq!(run(fail(&world, &nth(1), &fault, &[attempt(1, 1_100)])), Some(Ok(false)));
    check_all(&world, DAY, [1, QUESTION, 0, QUESTION, 1, 0]);
    ended(&world, &second, &[attempt(1, 2_200)]);
    check_all(&world, DAY, [1, 0, 1, QUESTION + 2_200, 1, 0]);
    let rows = "SELECT group_concat(generation || ':' || ordinal || ':' || outcome) FROM
                (SELECT * FROM attempts ORDER BY generation, ordinal)";
    let rows = world.db.query_row(rows, [], |row| row.get(0));
    assert_eq!(rows, Ok("1:0:lost,2:1:ok".to_owned()));
}

#[test]
fn a_job_that_is_given_up_loses_one_life_once() {
    let world = world();
    let fault = EngineError::Late { generation: 1 }.into();
    assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
    // As the watchdog does it: the generation first, then the end.
    assert_eq!(run(revive(&world, &nth(1))), Some(Ok(true)));
    let last = Job { generation: 2, ..nth(1) };
    assert_eq!(run(fail(&world, &last, &fault, &[])), Some(Ok(true)));
    check_all(&world, DAY, [1, 0, 0, QUESTION, 1, 0]);
    // One whose answer was kept has said what it took.
    assert_eq!(granted(&world, &nth(2), &generous()), Some(QUESTION));
    kept(&world, &nth(2), "x", &[attempt(1, 1_100)]).unwrap();
    assert_eq!(run(revive(&world, &nth(2))), Some(Ok(true)));
    assert_eq!(run(complete(&world, &Job { generation: 2, ..nth(2) })), Some(Ok(true)));
    check_all(&world, DAY, [2, 0, 1, QUESTION + 1_100, 1, 0]);
}

#[test]
fn the_version_before_can_end_what_this_one_has_begun() {
    for (sql, is_over) in [
        ("UPDATE jobs SET status = 'COMPLETED', token = '', params = '', result = 'x'", true),
        ("UPDATE jobs SET status = 'ERROR', token = '', params = '', result = 'x'", true),
        ("UPDATE jobs SET generation = generation + 1", false),
        ("UPDATE jobs SET result = 'x'", false),
    ] {
        let world = world();
        assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
        for _ in 0..2 {
            world.db.execute(sql, []).unwrap();
        }
        let held = number(&world, "SELECT reserved FROM jobs");
        if is_over || sql.contains("generation") {
            assert_eq!(held, 0, "{sql}");
            check_all(&world, DAY, [1, 0, 0, QUESTION, 1, 0]);
        } else {
            assert_eq!(held, QUESTION, "{sql}");
        }
    }
}

#[test]
fn a_job_from_before_is_booked_from_its_claim_on() {
    let world = world();
    for (id, status) in [(1, "PENDING"), (2, "PROCESSING")] {
        let sql =
            "INSERT INTO jobs (id, token, params, asker, status) VALUES (?1, 't', '{}', ?2, ?3)";
        world.db.execute(sql, (nth(id).id().as_str(), ASKER, status)).unwrap();
    }
    // One that had not begun is like any other.
    assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
    ended(&world, &nth(1), &[attempt(1, 1_100)]);
    check_all(&world, DAY, [1, 0, 1, 1_100, 0, 0]);
    // One that had claimed has nothing set aside, and is booked when it says what it took.
    ended(&world, &nth(2), &[attempt(1, 2_200)]);
    assert_eq!(sums(&world, "asker", ASKER, DAY), [1, 0, 2, 3_300, 0, 0]);
    assert_eq!(sums(&world, "server", SERVER, DAY), [1, 0, 1, 1_100, 0, 0]);
}

#[test]
fn money_belongs_to_the_day_of_the_claim() {
    let world = world();
    set_clock(&world, (DAY + 1) * 86_400 - 1);
    assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
    assert_eq!(granted(&world, &nth(2), &generous()), Some(QUESTION));
    set_clock(&world, (DAY + 1) * 86_400);
    // The step runs again after midnight: what is set aside stays where it is.
    assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
    check_all(&world, DAY, [2, 2 * QUESTION, 0, 0, 0, 0]);
    ended(&world, &nth(1), &[attempt(1, 1_100)]);
    check_all(&world, DAY, [2, QUESTION, 1, 1_100, 0, 0]);
    // A generation that dies after midnight was paid yesterday, the next one is paid today.
    assert_eq!(run(revive(&world, &nth(2))), Some(Ok(true)));
    let second = Job { generation: 2, ..nth(2) };
    assert_eq!(granted(&world, &second, &generous()), Some(QUESTION));
    check_all(&world, DAY, [2, 0, 1, 1_100 + QUESTION, 1, 0]);
    check_all(&world, DAY + 1, [0, QUESTION, 0, 0, 0, 0]);
    ended(&world, &second, &[attempt(1, 2_200)]);
    check_all(&world, DAY + 1, [0, 0, 1, 2_200, 0, 0]);
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

#[test]
fn a_jobs_attempts_go_with_it_and_the_sums_stay_for_400_days() {
    let world = world();
    assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
    ended(&world, &nth(1), &[attempt(1, 1_100)]);
    let counts = "SELECT (SELECT count(*) FROM jobs) * 100 + (SELECT count(*) FROM attempts) * 10
                  + (SELECT count(*) > 0 FROM spending)";
    for (days, left) in [(29, 111), (32, 1), (400, 1), (401, 0)] {
        set_clock(&world, MORNING_S + days * 86_400);
        let sql = "UPDATE jobs SET created_at = ?1";
        world.db.execute(sql, [i64::try_from(MORNING_S).unwrap()]).unwrap();
        run(forget(&world, 30)).unwrap().unwrap();
        assert_eq!(number(&world, counts), left, "{days}");
    }
}

#[test]
fn a_claim_looks_nothing_up_without_an_index() {
    let world = Fake::new();
    let statements = "EXPLAIN QUERY PLAN SELECT sum(nano + reserved) FROM spending
                      WHERE kind = 'asker' AND key = '1' AND day = unixepoch() / 86400";
    let mut prepared = world.db.prepare(statements).unwrap();
    let plan: Vec<String> =
        prepared.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
    assert!(
        plan.iter().all(|step| ["day=?", "kind=?", "key=?"].iter().all(|by| step.contains(by))),
        "{plan:?}"
    );
}
