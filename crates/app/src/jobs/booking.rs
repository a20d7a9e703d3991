//! The statements that book money: they write `spending` and `attempts`.
//!
//! | statement | runs before | books |
//! | --- | --- | --- |
//! | [`question`] | `jobs::claim` | one question, when money is granted to the job for the first time |
//! | [`spent`] | `jobs::save_answer`, `jobs::fail` | what the generation's attempts at models cost |
//! | [`lost`] | `jobs::start_generation` | all that was set aside for a generation that ends without a word |
//!
//! Each of them runs in the batch of the statement that moves the job, and before it. They read the same
//! row under the same fence, id, generation and status, so they book if and only if the move happens.
//! What is set aside is no booking: it is a column of the job's row (see [`super::budgets`]), so nothing
//! has to be given back when a job ends.
//!
//! Sums are written before the rows that they sum up: what is not in `attempts` yet is added.

use serde::Serialize;

use super::super::Job;
use super::{fence, json};
use miyabi_ai::prices::Pricing;
use miyabi_ai::{Attempt, AttemptOutcome};
use miyabi_core::ports::{MAX_SQL_INTEGER, SqlValue, Statement};

/// Counts the job as a question of its asker, its server and the day, if money has been granted to it and
/// it is not counted yet. `jobs::claim` then marks it as counted.
///
/// # Repeats
/// Counts nothing once the job is marked.
pub(super) fn question(job: &Job) -> Statement {
    Statement {
        name: "spending::count_question",
        sql: "INSERT INTO spending (kind, key, day, model, question_count)
              SELECT account.kind, account.key, jobs.day, '', 1
              FROM jobs JOIN job_accounts AS account ON account.job = ?1
              WHERE jobs.id = ?1 AND jobs.generation = ?2
                AND jobs.status IN ('PENDING', 'PROCESSING')
                AND jobs.day IS NOT NULL AND NOT jobs.is_counted
              ON CONFLICT (kind, key, day, model)
              DO UPDATE SET question_count = question_count + excluded.question_count",
        values: fence(job),
    }
}

/// Books attempts of the generation that is PROCESSING: adds those to the sums that have no row yet, and
/// then writes their rows.
///
/// # Repeats
/// An attempt that has a row is neither added nor written.
pub(super) fn spent(job: &Job, attempts: &[Attempt]) -> [Statement; 2] {
    let entries: Vec<_> = attempts.iter().map(Entry::of).collect();
    let values = [fence(job), vec![json(&entries)]].concat();
    let sums = Statement {
        name: "spending::add_attempts",
        sql: "INSERT INTO spending (kind, key, day, model, call_count, prompt_tokens,
                completion_tokens, cached_tokens, cost_nano, estimated_count, unpriced_count)
              SELECT account.kind, account.key, coalesce(jobs.day, unixepoch() / 86400),
                entry.value ->> 'model', 1, entry.value ->> 'prompt_tokens',
                entry.value ->> 'completion_tokens', entry.value ->> 'cached_tokens',
                entry.value ->> 'cost_nano', entry.value ->> 'pricing' = 'estimated',
                entry.value ->> 'pricing' = 'unpriced'
              FROM jobs JOIN job_accounts AS account ON account.job = ?1
                JOIN json_each(?3) AS entry
              WHERE jobs.id = ?1 AND jobs.generation = ?2 AND jobs.status = 'PROCESSING'
                AND NOT EXISTS (SELECT 1 FROM attempts AS known WHERE known.job = ?1
                  AND known.generation = ?2 AND known.ordinal = entry.value ->> 'ordinal')
              ON CONFLICT (kind, key, day, model) DO UPDATE
              SET call_count = call_count + excluded.call_count,
                prompt_tokens = min(prompt_tokens + excluded.prompt_tokens, 9007199254740991),
                completion_tokens =
                  min(completion_tokens + excluded.completion_tokens, 9007199254740991),
                cached_tokens = min(cached_tokens + excluded.cached_tokens, 9007199254740991),
                cost_nano = min(cost_nano + excluded.cost_nano, 9007199254740991),
                estimated_count = estimated_count + excluded.estimated_count,
                unpriced_count = unpriced_count + excluded.unpriced_count",
        values: values.clone(),
    };
    let rows = Statement {
        name: "attempts::insert",
        sql: "INSERT INTO attempts (job, generation, ordinal, model, outcome, prompt_tokens,
                completion_tokens, cached_tokens, cost_nano, pricing, day, asker, server)
              SELECT jobs.id, jobs.generation, entry.value ->> 'ordinal',
                entry.value ->> 'model', entry.value ->> 'outcome',
                entry.value ->> 'prompt_tokens', entry.value ->> 'completion_tokens',
                entry.value ->> 'cached_tokens', entry.value ->> 'cost_nano',
                entry.value ->> 'pricing', coalesce(jobs.day, unixepoch() / 86400),
                jobs.asker, jobs.server
              FROM jobs JOIN json_each(?3) AS entry
              WHERE jobs.id = ?1 AND jobs.generation = ?2 AND jobs.status = 'PROCESSING'
              ON CONFLICT (job, generation, ordinal) DO NOTHING",
        values,
    };
    [sums, rows]
}

/// Books what is set aside for the generation as one lost attempt, as the last statement of the batch
/// ends it. `fence` is the job's id and the generation.
///
/// # Repeats
/// The generation that is named has ended then, and nothing is booked for it.
pub(super) fn lost(fence: Vec<SqlValue>) -> [Statement; 2] {
    let sums = Statement {
        name: "spending::add_lost",
        sql: "INSERT INTO spending (kind, key, day, model, cost_nano, estimated_count)
              SELECT account.kind, account.key, jobs.day, '', jobs.reserved_nano, 1
              FROM jobs JOIN job_accounts AS account ON account.job = ?1
              WHERE jobs.id = ?1 AND jobs.generation = ?2
                AND jobs.status IN ('PENDING', 'PROCESSING') AND jobs.reserved_nano > 0
              ON CONFLICT (kind, key, day, model) DO UPDATE
              SET cost_nano = min(cost_nano + excluded.cost_nano, 9007199254740991),
                estimated_count = estimated_count + excluded.estimated_count",
        values: fence.clone(),
    };
    let row = Statement {
        name: "attempts::insert_lost",
        sql: "INSERT INTO attempts (job, generation, ordinal, model, outcome, prompt_tokens,
                completion_tokens, cached_tokens, cost_nano, pricing, day, asker, server)
              SELECT id, generation, 0, '', 'lost', 0, 0, 0, reserved_nano, 'estimated', day,
                asker, server
              FROM jobs
              WHERE id = ?1 AND generation = ?2
                AND status IN ('PENDING', 'PROCESSING') AND reserved_nano > 0
              ON CONFLICT (job, generation, ordinal) DO NOTHING",
        values: fence,
    };
    [sums, row]
}

/// An attempt as the statements read it: the columns of `attempts`.
#[derive(Debug, Serialize)]
pub(super) struct Entry<'a> {
    ordinal: u32,
    model: &'a str,
    outcome: AttemptOutcome,
    prompt_tokens: u64,
    completion_tokens: u64,
    cached_tokens: u64,
    cost_nano: u64,
    pricing: Pricing,
}

impl<'a> Entry<'a> {
    pub(super) fn of(attempt: &'a Attempt) -> Self {
        let Attempt { ordinal, model, outcome, usage, cost } = attempt;
        Self {
            ordinal: *ordinal,
            model,
            outcome: *outcome,
            prompt_tokens: clamped(usage.prompt_tokens),
            completion_tokens: clamped(usage.completion_tokens),
            cached_tokens: clamped(usage.cached_tokens),
            cost_nano: clamped(cost.nano),
            pricing: cost.pricing,
        }
    }
}

/// A vendor may report any number, and a job has to end nevertheless: beyond 2^63 a number of a JSON text
/// is a REAL, which a `STRICT` table refuses.
fn clamped(number: u64) -> u64 {
    number.min(MAX_SQL_INTEGER.unsigned_abs())
}
