//! The statements that grant a job money, and find the budget that is in its way.
//!
//! The budgets of a person and of the day are the operator's; a server's is the smaller of the operator's and
//! of what is settled for the server, in the version of its settings that counts for the job.
//!
//! Of a budget is used what was spent on its day, a sum of `spending`, and what is set aside for jobs that
//! run, a sum over their rows. The only statement that sets money aside is [`reserve`]. `SQLite` runs one
//! transaction at a time, so no other job comes between its look at the budgets and its reservation, and
//! what is spent and set aside passes no budget.
//!
//! A reservation ends with the statement that ends the generation, or fixes its answer: `reserved_nano` is
//! 0 then, and two `CHECK`s of the table hold every statement to that.

use serde::{Deserialize, Serialize};

use super::super::Job;
use super::{booking, fence, json};
use miyabi_ai::prices;
use miyabi_ai::{Attempt, Usage};
use miyabi_core::config::{Budgets, Settings};
use miyabi_core::fault::Scope;
use miyabi_core::ports::Statement;

/// Tokens of a plain question's prompt and answer: a job for which less money is left is not begun.
const PLAIN: (u64, u64) = (1_000, 300);

/// What one question may cost where the operator has set no budget, but a server has, in nano-dollars: as the
/// operator's settings have it by default.
const QUESTION_NANO: u64 = 50_000_000;

/// The budgets that count for the job with the id `?1`, of the [`Limit`]s in a parameter: their `kind`, `key`
/// and `nano`, in nano-dollars.
macro_rules! budgets {
    ($limits:literal) => {
        concat!(
            "(SELECT value ->> 'kind' AS kind, value ->> 'key' AS key,
               coalesce(min(value ->> 'nano', own.nano), value ->> 'nano', own.nano) AS nano
             FROM json_each(",
            $limits,
            ") AS budget_limit LEFT JOIN
               (SELECT 'server' AS kind, known.settings ->> 'budget_nano' AS nano FROM jobs AS of
                JOIN server_settings AS known
                  ON known.server = of.server AND known.version = of.settings_version
                WHERE of.id = ?1) AS own ON own.kind = value ->> 'kind'
             WHERE coalesce(value ->> 'nano', own.nano) IS NOT NULL) AS budget"
        )
    };
}

/// What was spent today of a row of [`budgets`], in nano-dollars: of a person, also by their other accounts before these
/// were theirs.
macro_rules! spent_nano {
    () => {
        "(SELECT coalesce(sum(cost_nano), 0) FROM spending
            WHERE kind = budget.kind AND key IN (SELECT budget.key UNION ALL
              SELECT account FROM accounts WHERE person = budget.key AND budget.kind = 'asker')
              AND day = unixepoch() / 86400)"
    };
}

/// What is set aside today of a row of [`budgets`], in nano-dollars. It reads an index of the jobs that have
/// something set aside, which are those that run.
macro_rules! reserved_nano {
    () => {
        "(SELECT coalesce(sum(reserved_nano), 0) FROM jobs AS running
            WHERE reserved_nano > 0 AND day = unixepoch() / 86400
              AND CASE budget.kind WHEN 'asker' THEN asker WHEN 'server' THEN server
                ELSE 'all' END = budget.key)"
    };
}

/// Grants money to the job's generation, unless it has been granted, or the job has an answer, or its
/// asker has too many older jobs that have not ended, or a budget has less left than a plain question
/// costs. Sets aside what one question may cost, or less if a budget has less left.
///
/// # Repeats
/// What was granted stays as it is, also after midnight.
pub(super) fn reserve(job: &Job, settings: &Settings) -> Statement {
    let own = vec![
        json(&limits(&settings.budgets, job)),
        settings.budgets.question.into(),
        least(settings).into(),
        settings.jobs_per_asker.into(),
        QUESTION_NANO.into(),
    ];
    Statement {
        name: "jobs::reserve",
        sql: concat!(
            "UPDATE jobs SET day = unixepoch() / 86400,
               reserved_nano = coalesce(min(coalesce(?4, ?7), room.nano), ?4, 0)
             FROM (SELECT min(budget.nano - ",
            spent_nano!(),
            " - ",
            reserved_nano!(),
            ") AS nano FROM ",
            budgets!("?3"),
            ") AS room
             WHERE id = ?1 AND generation = ?2 AND status IN ('PENDING', 'PROCESSING')
               AND result IS NULL AND day IS NULL AND refusal IS NULL
               AND coalesce(room.nano >= ?5, 1)
               AND (SELECT count(*) FROM jobs AS older
                 WHERE older.asker = jobs.asker AND jobs.asker <> '' AND older.id < ?1
                   AND older.status IN ('PENDING', 'PROCESSING')
                   AND coalesce(older.resumes_at, 0) <= unixepoch()) < ?6"
        ),
        values: [fence(job), own].concat(),
    }
}

/// Books the summary of a job that has ended, at the most that it costs, if every budget has as much left.
/// The second statement returns a row if it is booked.
///
/// It is booked before the model is asked, and the second statement only where the first has written: so
/// what is spent passes no budget, and nothing is booked twice.
///
/// # Repeats
/// Books nothing, and returns no row.
pub(super) fn summary(job: &Job, settings: &Settings, attempt: &Attempt) -> [Statement; 2] {
    let entry = json(&booking::Entry::of(attempt));
    let values = [fence(job), vec![entry]].concat();
    let budgets = vec![json(&limits(&settings.budgets, job)), attempt.cost.nano.into()];
    let sums = Statement {
        name: "spending::add_summary",
        sql: concat!(
            "INSERT INTO spending (kind, key, day, model, call_count, prompt_tokens,
               completion_tokens, cost_nano, estimated_count, unpriced_count)
             SELECT account.kind, account.key, unixepoch() / 86400, ?3 ->> 'model', 1,
               ?3 ->> 'prompt_tokens', ?3 ->> 'completion_tokens', ?3 ->> 'cost_nano',
               ?3 ->> 'pricing' = 'estimated', ?3 ->> 'pricing' = 'unpriced'
             FROM jobs JOIN job_accounts AS account ON account.job = ?1
               CROSS JOIN (SELECT min(budget.nano - ",
            spent_nano!(),
            " - ",
            reserved_nano!(),
            ") AS nano FROM ",
            budgets!("?4"),
            ") AS room
             WHERE jobs.id = ?1 AND jobs.generation = ?2 AND jobs.status = 'COMPLETED'
               AND coalesce(room.nano >= ?5, 1)
               AND NOT EXISTS (SELECT 1 FROM attempts AS known WHERE known.job = ?1
                 AND known.generation = ?2 AND known.ordinal = ?3 ->> 'ordinal')
             ON CONFLICT (kind, key, day, model) DO UPDATE
             SET call_count = call_count + excluded.call_count,
               prompt_tokens = min(prompt_tokens + excluded.prompt_tokens, 9007199254740991),
               completion_tokens =
                 min(completion_tokens + excluded.completion_tokens, 9007199254740991),
               cost_nano = min(cost_nano + excluded.cost_nano, 9007199254740991),
               estimated_count = estimated_count + excluded.estimated_count,
               unpriced_count = unpriced_count + excluded.unpriced_count"
        ),
        values: [values.clone(), budgets].concat(),
    };
    let row = Statement {
        name: "attempts::insert_summary",
        sql: "INSERT INTO attempts (job, generation, ordinal, model, outcome, prompt_tokens,
                completion_tokens, cached_tokens, cost_nano, pricing, day, asker, server)
              SELECT id, generation, ?3 ->> 'ordinal', ?3 ->> 'model', ?3 ->> 'outcome',
                ?3 ->> 'prompt_tokens', ?3 ->> 'completion_tokens', 0, ?3 ->> 'cost_nano',
                ?3 ->> 'pricing', unixepoch() / 86400, asker, server
              FROM jobs WHERE id = ?1 AND generation = ?2 AND changes() > 0
              ON CONFLICT (job, generation, ordinal) DO NOTHING
              RETURNING ordinal",
        values,
    };
    [sums, row]
}

/// Reads what is used of each budget that counts for the job: rows of [`Use`].
///
/// # Repeats
/// Reads only.
pub(super) fn uses(job: &Job, settings: &Settings) -> Statement {
    Statement {
        name: "budgets::uses",
        sql: concat!(
            "SELECT budget.kind AS scope, budget.nano AS budget_nano, ",
            spent_nano!(),
            " AS spent_nano, ",
            reserved_nano!(),
            " AS reserved_nano, (unixepoch() / 86400 + 1) * 86400 AS until_s
             FROM ",
            budgets!("?2")
        ),
        values: vec![job.id().as_str().into(), json(&limits(&settings.budgets, job))],
    }
}

/// What is used of a budget: a row of [`uses`].
#[derive(Debug, Deserialize)]
pub(super) struct Use {
    scope: Scope,
    budget_nano: u64,
    spent_nano: u64,
    reserved_nano: u64,
    /// When the budget is new again, in Unix seconds.
    until_s: u64,
}

/// Returns the budget that is in a job's way, and when it is new again: `None` if what is spent leaves
/// enough, since jobs that run may give back what is set aside for them. A budget that is spent comes
/// before one that others may give back.
pub(super) fn shortest(uses: &[Use], settings: &Settings) -> (Scope, Option<u64>) {
    let least = least(settings);
    let is_short = |used: &Use, nano: u64| used.budget_nano.saturating_sub(nano) < least;
    if let Some(spent) = uses.iter().find(|used| is_short(used, used.spent_nano)) {
        return (spent.scope, Some(spent.until_s));
    }
    let in_all = |used: &Use| used.spent_nano.saturating_add(used.reserved_nano);
    let held = uses.iter().find(|used| is_short(used, in_all(used)));
    (held.map_or(Scope::Day, |budget| budget.scope), None)
}

/// A budget that may count for a job, as the statements read it.
///
/// # Shape
/// `{"kind":"asker","key":"80351110224678912","nano":20000000}`; `nano` is null where the operator has set none.
#[derive(Debug, Serialize)]
struct Limit<'a> {
    kind: Scope,
    key: &'a str,
    nano: Option<u64>,
}

/// Returns the budgets that the operator has set for a job, and that of its server, for which its settings may
/// have one.
fn limits<'a>(budgets: &Budgets, job: &'a Job) -> Vec<Limit<'a>> {
    let server = job.question.server.as_deref().unwrap_or_default();
    let all = [
        (Scope::Asker, job.question.asker.id.as_str(), budgets.asker),
        (Scope::Server, server, budgets.server),
        (Scope::Day, "all", budgets.day),
    ];
    let may_count = |limit: &Limit<'_>| {
        !limit.key.is_empty() && (limit.nano.is_some() || limit.kind == Scope::Server)
    };
    all.into_iter().map(|(kind, key, nano)| Limit { kind, key, nano }).filter(may_count).collect()
}

/// Returns what has to be left of each budget, in nano-dollars: the cost of a plain question, which is
/// anything for a model without a price.
pub(super) fn least(settings: &Settings) -> u64 {
    let (prompt_tokens, completion_tokens) = PLAIN;
    let usage = Usage { prompt_tokens, completion_tokens, ..Usage::default() };
    let model = settings.models.first().map_or("", |model| &model.id);
    let plain = prices::estimate(prices::price_of(model), usage).nano;
    plain.min(settings.budgets.question.unwrap_or(plain)).max(1)
}
