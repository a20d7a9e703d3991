//! Each attempt is booked once, whatever happens in between.

use super::*;
use crate::lease::Leases;
use crate::testing::saved;
use miyabi_testing::Side;

#[test]
fn what_is_set_aside_is_booked_as_what_it_took() {
    let world = world();
    for _ in 0..2 {
        assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
        check_all(&world, DAY, [1, QUESTION, 0, 0, 0, 0]);
    }
    let attempts = [attempt(1, 1_100), attempt(2, 2_200)];
    for _ in 0..2 {
        assert_eq!(save(&world, &nth(1), "x", &attempts), Ok(Some("x".to_owned())));
        check_all(&world, DAY, [1, 0, 2, 3_300, 0, 0]);
    }
    // A generation that comes back has its answer, and sets nothing aside.
    assert!(matches!(claimed(&world, &nth(1), &generous()), Claim::Answered { .. }));
    for _ in 0..2 {
        assert_eq!(run(complete(&world, &nth(1))), Some(Ok(true)));
    }
    check_all(&world, DAY, [1, 0, 2, 3_300, 0, 0]);
    let sql = "SELECT concat_ws(',', prompt_tokens, completion_tokens, cached_tokens, call_count)
               FROM spending WHERE kind = 'asker' AND model <> ''";
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
        outcome: AttemptOutcome::Failed(miyabi_core::fault::Class::Transient),
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
fn a_saved_answer_that_fails_in_a_later_generation_is_booked_once() {
    let world = world();
    assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
    let attempts = [attempt(1, 1_100), attempt(2, 2_200)];
    assert_eq!(save(&world, &nth(1), "x", &attempts), Ok(Some("x".to_owned())));
    assert_eq!(run(start_generation(&world, &nth(1))), Some(Ok(true)));
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
    for column in ["prompt_tokens", "completion_tokens", "cached_tokens", "cost_nano"] {
        let sql = format!(
            "SELECT max({column}) FROM (SELECT {column} FROM spending
                           UNION ALL SELECT {column} FROM attempts)"
        );
        assert_eq!(number(&world, &sql), MOST, "{column}");
    }
    assert_eq!(number(&world, "SELECT count(*) FROM jobs WHERE reserved_nano > 0"), 0);
}

#[test]
fn a_generation_that_dies_has_taken_what_was_set_aside() {
    let world = world();
    assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
    assert_eq!(run(start_generation(&world, &nth(1))), Some(Ok(true)));
    check_all(&world, DAY, [1, 0, 0, QUESTION, 1, 0]);
    assert_eq!(
        run(start_generation(&world, &nth(1))),
        Some(Ok(false)),
        "another watchdog was faster"
    );
    // The next generation has money of its own, and the question is still one.
    let second = Job { generation: 2, ..nth(1) };
    assert_eq!(granted(&world, &second, &generous()), Some(QUESTION));
    check_all(&world, DAY, [1, QUESTION, 0, QUESTION, 1, 0]);
    // The first one wakes up: it says nothing any more.
    assert_eq!(claimed(&world, &nth(1), &generous()), Claim::Ended);
    assert_eq!(save(&world, &nth(1), "old", &[attempt(1, 1_100)]), Ok(None));
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
fn a_job_that_is_given_up_loses_one_generation_once() {
    let world = world();
    let fault = EngineError::Late { generation: 1 }.into();
    assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
    // As the watchdog does it: the generation first, then the end.
    assert_eq!(run(start_generation(&world, &nth(1))), Some(Ok(true)));
    let last = Job { generation: 2, ..nth(1) };
    assert_eq!(run(fail(&world, &last, &fault, &[])), Some(Ok(true)));
    check_all(&world, DAY, [1, 0, 0, QUESTION, 1, 0]);
    // One whose answer was kept has said what it took.
    assert_eq!(granted(&world, &nth(2), &generous()), Some(QUESTION));
    save(&world, &nth(2), "x", &[attempt(1, 1_100)]).unwrap();
    assert_eq!(run(start_generation(&world, &nth(2))), Some(Ok(true)));
    assert_eq!(run(complete(&world, &Job { generation: 2, ..nth(2) })), Some(Ok(true)));
    check_all(&world, DAY, [2, 0, 1, QUESTION + 1_100, 1, 0]);
}

#[test]
fn a_job_that_was_not_granted_money_is_booked_when_it_says_what_it_took() {
    let world = world();
    let sql = "INSERT INTO jobs (id, platform, token, params, asker, status)
               VALUES (?1, 'x', 't', '{}', ?2, 'PROCESSING')";
    world.db.execute(sql, (nth(1).id().as_str(), ASKER)).unwrap();
    for _ in 0..2 {
        save(&world, &nth(1), "x", &[attempt(1, 2_200)]).unwrap();
    }
    assert_eq!(sums(&world, "asker", ASKER, DAY), [0, 0, 1, 2_200, 0, 0]);
    assert_eq!(sums(&world, "server", SERVER, DAY), [0; 6]);
}

/// A batch is one transaction: wherever the program dies, all of it is booked or nothing.
#[test]
fn a_crash_beside_any_batch_books_all_of_it_or_nothing() {
    for side in [Side::Before, Side::After] {
        let world = world();
        let crash = |what: &str, act: &dyn Fn() -> bool| {
            world.crash_at(0, side);
            assert!(!act(), "{what} went on");
            world.restart();
        };
        let died = side == Side::After;
        crash("claim", &|| run(claim(&world, &nth(1), &generous())).is_some());
        check_all(&world, DAY, if died { [1, QUESTION, 0, 0, 0, 0] } else { [0; 6] });
        assert_eq!(granted(&world, &nth(1), &generous()), Some(QUESTION));
        check_all(&world, DAY, [1, QUESTION, 0, 0, 0, 0]);

        crash("start_generation", &|| run(start_generation(&world, &nth(1))).is_some());
        assert_eq!(run(start_generation(&world, &nth(1))), Some(Ok(!died)));
        check_all(&world, DAY, [1, 0, 0, QUESTION, 1, 0]);

        let second = Job { generation: 2, ..nth(1) };
        assert_eq!(granted(&world, &second, &generous()), Some(QUESTION));
        let (leases, attempts) = (Leases::default(), [attempt(1, 1_100)]);
        crash("save_answer", &|| run(saved(&world, (&second, &leases), "x", &attempts)).is_some());
        let after = [1, 0, 1, QUESTION + 1_100, 1, 0];
        check_all(&world, DAY, if died { after } else { [1, QUESTION, 0, QUESTION, 1, 0] });
        assert_eq!(save(&world, &second, "x", &attempts), Ok(Some("x".to_owned())));
        check_all(&world, DAY, after);

        assert_eq!(granted(&world, &nth(2), &generous()), Some(QUESTION));
        let fault = EngineError::Late { generation: 1 }.into();
        crash("fail", &|| run(fail(&world, &nth(2), &fault, &attempts)).is_some());
        assert_eq!(run(fail(&world, &nth(2), &fault, &attempts)), Some(Ok(!died)));
        check_all(&world, DAY, [2, 0, 2, QUESTION + 2_200, 1, 0]);
    }
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
    assert_eq!(run(start_generation(&world, &nth(2))), Some(Ok(true)));
    let second = Job { generation: 2, ..nth(2) };
    assert_eq!(granted(&world, &second, &generous()), Some(QUESTION));
    check_all(&world, DAY, [2, 0, 1, 1_100 + QUESTION, 1, 0]);
    check_all(&world, DAY + 1, [0, QUESTION, 0, 0, 0, 0]);
    ended(&world, &second, &[attempt(1, 2_200)]);
    check_all(&world, DAY + 1, [0, 0, 1, 2_200, 0, 0]);
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
