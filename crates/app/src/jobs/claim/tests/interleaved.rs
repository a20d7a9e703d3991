//! Budgets hold, whoever asks, in whatever order, and are new at midnight.

use super::*;
use miyabi_core::config::models::Model;

#[test]
fn a_budget_is_new_at_midnight() {
    let world = world();
    let tight =
        with(Budgets { question: Some(QUESTION), asker: Some(QUESTION), ..Budgets::default() });
    assert_eq!(granted(&world, &nth(1), &tight), Some(QUESTION));
    ended(&world, &nth(1), &[attempt(1, QUESTION)]);
    let midnight_s = (DAY + 1) * 86_400;
    set_clock(&world, midnight_s - 1);
    let over = Claim::OverBudget { scope: Scope::Asker, until_s: Some(midnight_s), follows: false };
    assert_eq!(claimed(&world, &nth(2), &tight), over);
    set_clock(&world, midnight_s);
    assert_eq!(granted(&world, &nth(2), &tight), Some(QUESTION));
}

#[test]
fn each_budget_bounds_those_whom_it_is_for() {
    let only = |scope: Scope| {
        let budget = |of: Scope| (of == scope).then_some(QUESTION);
        with(Budgets {
            question: Some(QUESTION),
            asker: budget(Scope::Asker),
            server: budget(Scope::Server),
            day: budget(Scope::Day),
        })
    };
    for (scope, free) in [
        (Scope::Asker, &[("2", Some(SERVER)), ("", Some(SERVER))][..]),
        (Scope::Server, &[("2", Some("3")), (ASKER, None)]),
        (Scope::Day, &[]),
    ] {
        let world = world();
        assert_eq!(granted(&world, &nth(1), &only(scope)), Some(QUESTION));
        let over = Claim::OverBudget { scope, until_s: None, follows: false };
        assert_eq!(claimed(&world, &nth(2), &only(scope)), over);
        // It is told and ends, and that took nothing and was no question.
        let fault = EngineError::OverBudget { scope, until_s: None }.into();
        assert_eq!(run(fail(&world, &nth(2), &fault, &[])), Some(Ok(true)));
        check_all(&world, DAY, [1, QUESTION, 0, 0, 0, 0]);
        for (index, (asker, server)) in free.iter().enumerate() {
            let job = of(asker, *server, nth(3 + u64::try_from(index).unwrap()));
            assert_eq!(granted(&world, &job, &only(scope)), Some(QUESTION), "{scope:?} {asker}");
        }
        // What is given back can be had again.
        ended(&world, &nth(1), &[]);
        if scope == Scope::Day {
            assert_eq!(granted(&world, &nth(9), &only(scope)), Some(QUESTION));
        }
    }
}

/// What others may give back is not used up, and what is spent does not come back before midnight.
#[test]
fn money_that_is_only_set_aside_is_not_said_to_be_spent() {
    let budgets = Budgets {
        question: Some(QUESTION),
        asker: Some(2 * QUESTION),
        server: Some(QUESTION),
        day: Some(3 * QUESTION),
    };
    let settings = with(budgets);
    let world = world();
    assert_eq!(granted(&world, &nth(1), &settings), Some(QUESTION));
    let held = |scope| Claim::OverBudget { scope, until_s: None, follows: false };
    let spent =
        |scope| Claim::OverBudget { scope, until_s: Some((DAY + 1) * 86_400), follows: false };
    assert_eq!(claimed(&world, &nth(2), &settings), held(Scope::Server));
    let least = budgets::least(&settings);
    ended(&world, &nth(1), &[attempt(1, QUESTION - least)]);
    // What is left pays for a plain question, which is running then.
    assert_eq!(granted(&world, &nth(3), &settings), Some(least));
    assert_eq!(claimed(&world, &nth(4), &settings), held(Scope::Server));
    ended(&world, &nth(3), &[attempt(1, 1)]);
    assert_eq!(claimed(&world, &nth(5), &settings), spent(Scope::Server));
    // The asker's is set aside, which comes first, and the server's is spent, which lasts longer.
    let direct = of(ASKER, None, nth(6));
    assert_eq!(granted(&world, &direct, &settings), Some(QUESTION));
    assert_eq!(claimed(&world, &nth(7), &settings), spent(Scope::Server));
    // A generation that was lost is booked as all of it.
    assert_eq!(run(start_generation(&world, &direct)), Some(Ok(true)));
    assert_eq!(claimed(&world, &of(ASKER, None, nth(8)), &settings), spent(Scope::Asker));
}

#[test]
fn what_is_left_is_granted_as_long_as_a_plain_question_can_be_paid() {
    let least = budgets::least(&generous());
    // 1,000 tokens of $0.293 and 300 of $2.253 per million.
    assert_eq!(least, 293_000 + 675_900);
    for (left, expected) in [(least, Some(least)), (least - 1, None)] {
        let world = world();
        let budget = QUESTION + left;
        let settings =
            with(Budgets { question: Some(QUESTION), day: Some(budget), ..Budgets::default() });
        assert_eq!(granted(&world, &nth(1), &settings), Some(QUESTION));
        assert_eq!(granted(&world, &nth(2), &settings), expected);
    }
    // A question that may cost less than a plain one is still begun, and one of an unpriced model.
    let mut thrifty = with(Budgets { question: Some(1_000), ..Budgets::default() });
    assert_eq!(budgets::least(&thrifty), 1_000);
    thrifty.models = vec![Model::by_binding("ollama/llama3.2")];
    assert_eq!(budgets::least(&thrifty), 1);
}

#[test]
fn without_budgets_there_is_no_limit_and_all_is_booked() {
    let world = world();
    let none = with(Budgets::default());
    for _ in 0..2 {
        let claim = claimed(&world, &nth(1), &none);
        assert_eq!(claim, Claim::Mine(Grant::default()));
        check_all(&world, DAY, [1, 0, 0, 0, 0, 0]);
    }
    ended(&world, &nth(1), &[attempt(1, 1_100)]);
    check_all(&world, DAY, [1, 0, 1, 1_100, 0, 0]);
}

/// Thirty jobs of three people in two servers and outside of them.
struct Crowd {
    world: Fake,
    settings: Settings,
    /// Each with what is set aside for it.
    jobs: Vec<(Job, u64)>,
    refused: u32,
    went_on: u32,
}

/// A number below another, by chance.
fn chance(seed: &mut u64, below: u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed % below
}

impl Crowd {
    fn new(seed: &mut u64) -> Self {
        let budgets = Budgets {
            question: Some(1_000_000 + chance(seed, 3_000_000)),
            asker: Some(2_000_000 + chance(seed, 9_000_000)),
            server: Some(4_000_000 + chance(seed, 9_000_000)),
            day: Some(6_000_000 + chance(seed, 9_000_000)),
        };
        let mut one_of =
            |choices: [&'static str; 3]| choices[usize::try_from(chance(seed, 3)).unwrap()];
        let jobs = (0..30).map(|number| {
            let server = Some(one_of(["7", "8", ""])).filter(|server| !server.is_empty());
            (of(one_of(["1", "2", "3"]), server, nth(number)), 0)
        });
        let jobs = jobs.collect();
        let settings = Settings { jobs_per_asker: 4, ..with(budgets) };
        Self { world: world(), settings, jobs, refused: 0, went_on: 0 }
    }

    /// Does one thing with one job.
    fn act(&mut self, index: u64, what: u64) {
        let world = &self.world;
        let (job, held) = &mut self.jobs[usize::try_from(index).unwrap()];
        match what {
            0..=3 => match claimed(world, job, &self.settings) {
                Claim::Mine(grant) => {
                    *held = grant.granted.unwrap();
                    self.went_on += 1;
                }
                Claim::OverBudget { .. } => self.refused += 1,
                Claim::Answered { .. }
                | Claim::Crowded(_)
                | Claim::Refused(_)
                | Claim::Cancelled
                | Claim::Ended => {}
            },
            4 => {
                let attempts = [attempt(1, *held / 3), attempt(2, *held / 2)];
                drop(save(world, job, "x", &attempts).unwrap());
                run(complete(world, job)).unwrap().unwrap();
            }
            5 => {
                let fault = EngineError::Late { generation: 1 }.into();
                run(fail(world, job, &fault, &[attempt(1, *held)])).unwrap().unwrap();
            }
            6 => {
                // An older generation that wakes up says what it took.
                let older = Job { generation: job.generation.saturating_sub(1), ..job.clone() };
                assert_eq!(save(world, &older, "x", &[attempt(1, 1 << 40)]), Ok(None));
            }
            _ => {
                if job.generation < 3 && run(start_generation(world, job)).unwrap().unwrap() {
                    (job.generation, *held) = (job.generation + 1, 0);
                }
            }
        }
    }

    fn check_budgets(&self) {
        let Budgets { asker, server, day, .. } = self.settings.budgets;
        for (kind, budget) in [("asker", asker), ("server", server), ("day", day)] {
            let sql = format!(
                "SELECT coalesce(max(total), 0) FROM (SELECT sum(nano) AS total FROM
                   (SELECT kind, key, cost_nano AS nano FROM spending UNION ALL
                    SELECT kind, key, reserved_nano FROM jobs JOIN job_accounts ON job = id)
                 WHERE kind = '{kind}' GROUP BY key)"
            );
            assert!(number(&self.world, &sql) <= budget.unwrap(), "{kind}");
        }
    }

    fn check_sums(&self) {
        for (kind, key) in [("asker", "asker"), ("server", "server"), ("day", "'all'")] {
            let sql = format!(
                "SELECT count(*) FROM (SELECT {key} AS key, sum(cost_nano) AS nano FROM attempts
                   WHERE {key} <> '' GROUP BY 1) AS of
                 WHERE nano <> (SELECT sum(cost_nano) FROM spending
                   WHERE kind = '{kind}' AND key = of.key)"
            );
            assert_eq!(number(&self.world, &sql), 0, "{kind}");
        }
        let asked = "SELECT (SELECT sum(is_counted) FROM jobs)
                     - (SELECT sum(question_count) FROM spending WHERE kind = 'day')";
        assert_eq!(number(&self.world, asked), 0);
    }
}

/// Claims, answers, failures, deaths and repeats in every order that chance makes. After each statement
/// no budget is passed, and at the end the sums are those of the attempts.
#[test]
fn however_jobs_interleave_no_budget_is_passed() {
    let mut seed: u64 = 0x9E37_79B9_7F4A_7C15;
    let (mut refused, mut went_on) = (0, 0);
    for _ in 0..15 {
        let mut crowd = Crowd::new(&mut seed);
        for _ in 0..200 {
            crowd.act(chance(&mut seed, 30), chance(&mut seed, 8));
            crowd.check_budgets();
        }
        crowd.check_sums();
        refused += crowd.refused;
        went_on += crowd.went_on;
    }
    assert!(refused > 100 && went_on > 100, "{refused} {went_on}");
}
