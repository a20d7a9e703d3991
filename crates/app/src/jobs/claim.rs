//! Who gets to work at a job, and how much money is set aside for it? One statement, so that of many
//! at once none sees what another is about to take.

use serde_json::{Map, Value};

use super::super::{Job, to_params};
use super::{row, text};
use miyabi_ai::Usage;
use miyabi_ai::prices;
use miyabi_core::config::{Budgets, Settings};
use miyabi_core::fault::{Fault, Scope};
use miyabi_core::json;
use miyabi_core::json::object;
use miyabi_core::ports::{Sql, SqlValue, Statement, Stored};

/// Tokens of a plain question and its answer: who has less money left than that is not begun with.
const PLAIN: (u64, u64) = (1_000, 300);

/// What [`claim`] found. The result of a step: a stored format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The job is PROCESSING and ours.
    Mine(Grant),
    /// The job is PROCESSING and ours, and an earlier generation had its answer.
    Answered {
        /// Answer.
        answer: String,
        /// Messages of it that are in the channel.
        posted: usize,
        /// Whether the asker alone was to see the rest.
        is_private: bool,
    },
    /// The job is ours, but its asker has this many older jobs that have not ended.
    Crowded(u64),
    /// The job is ours, but a budget has too little left.
    OverBudget {
        /// Whose.
        scope: Scope,
        /// When it is new again, in Unix seconds; `None` if what is spent leaves enough, and questions
        /// that are being answered may give back what is set aside for them.
        until_s: Option<u64>,
    },
    /// The job is COMPLETED or ERROR, or a later generation has it: there is nothing to do.
    Ended,
}

/// What a generation may do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grant {
    /// Nano-dollars that are set aside for it; `None` if there is no limit.
    pub granted: Option<u64>,
    /// Vendors of models that must not be asked at the moment, such as `workers-ai`.
    pub closed: Vec<String>,
}

/// # Shape
/// `false`, `{"granted":50000000,"closed":["workers-ai"]}` (`true` from before there were budgets),
/// `{"answer":"…","posted":1,"private":false}`, `{"running":3}`, `{"over":"asker","until":1730073600}`,
/// `{"over":"asker","until":null}`
impl Stored for Claim {
    fn to_json(&self) -> Value {
        match self {
            Self::Mine(Grant { granted, closed }) => {
                object([("granted", (*granted).into()), ("closed", closed.to_json())])
            }
            Self::Ended => false.into(),
            Self::Answered { answer, posted, is_private } => object([
                ("answer", answer.as_str().into()),
                ("posted", (*posted).into()),
                ("private", (*is_private).into()),
            ]),
            Self::Crowded(running) => object([("running", (*running).into())]),
            Self::OverBudget { scope, until_s } => {
                object([("over", scope.name().into()), ("until", (*until_s).into())])
            }
        }
    }

    fn from_json(value: &Value) -> Option<Self> {
        if let Some(is_mine) = value.as_bool() {
            return Some(if is_mine { Self::Mine(Grant::default()) } else { Self::Ended });
        }
        if let Some(granted) = value.get("granted") {
            let closed = Stored::from_json(value.get("closed")?)?;
            return Some(Self::Mine(Grant { granted: granted.as_u64(), closed }));
        }
        if let Some(scope) = value.get("over").and_then(Value::as_str) {
            let until_s = value.get("until").and_then(Value::as_u64);
            return Some(Self::OverBudget { scope: Scope::parse(scope)?, until_s });
        }
        match value.get("answer").and_then(Value::as_str) {
            Some(answer) => Some(Self::Answered {
                answer: answer.to_owned(),
                posted: value.get("posted")?.as_u64()?.try_into().ok()?,
                is_private: value.get("private")?.as_bool()?,
            }),
            None => Some(Self::Crowded(value.get("running")?.as_u64()?)),
        }
    }
}

/// Moves the job to PROCESSING, writing its row if the one beside the reply did not make it, and sets
/// money aside for it: what one question may cost, or less if a budget has less left.
///
/// An asker with `jobs_per_asker` or more older jobs that have not ended is [`Claim::Crowded`]: the
/// older ones are those with smaller ids, so that of many at once always the same few go on.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// A job that is PROCESSING stays so, with what is set aside already, and one that ended or has a
/// later generation is left alone.
pub async fn claim(host: &impl Sql, job: &Job, settings: &Settings) -> Result<Claim, Fault> {
    let Settings { budgets, jobs_per_asker, .. } = settings;
    let mut values = row(job, &to_params(job));
    values.extend([
        text(job.question.server.as_deref().unwrap_or_default()),
        SqlValue::Integer((*jobs_per_asker).into()),
        budgets.question.map_or(SqlValue::Null, integer),
        integer(least(budgets, settings.models.first().map_or("", |model| &model.id))),
        text(&json::to_text(&limits(budgets, job))),
    ]);
    let statement = Statement {
        name: "jobs::claim",
        sql: "WITH room AS (SELECT
                (SELECT count(*) FROM jobs AS other
                  WHERE other.asker = ?4 AND ?4 <> '' AND other.id < ?1
                    AND other.status IN ('PENDING', 'PROCESSING')) AS running,
                (SELECT min(of.value ->> 2 - coalesce((SELECT sum(nano + reserved) FROM spending
                    WHERE kind = of.value ->> 0 AND key = of.value ->> 1
                      AND day = unixepoch() / 86400), 0))
                  FROM json_each(?11) AS of) AS rest)
              INSERT INTO jobs
                (id, token, params, asker, generation, created_at, server, status, day, reserved)
              SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, 'PROCESSING', iif(may, unixepoch() / 86400, 0),
                iif(may, coalesce(min(?9, coalesce(rest, ?9)), 0), 0)
              FROM (SELECT *, running < ?8 AND coalesce(rest >= ?10, 1) AS may FROM room)
              WHERE true
              ON CONFLICT (id) DO UPDATE SET status = 'PROCESSING', updated_at = unixepoch(),
                server = excluded.server,
                day = iif(result IS NULL AND reserved = 0 AND excluded.day > 0, excluded.day, day),
                reserved = iif(result IS NULL AND reserved = 0, excluded.reserved, reserved)
              WHERE status IN ('PENDING', 'PROCESSING') AND generation = excluded.generation
              RETURNING result, reserved, (SELECT count(*) FROM jobs AS other
                WHERE other.asker = ?4 AND ?4 <> '' AND other.id < ?1
                  AND other.status IN ('PENDING', 'PROCESSING')) AS running,
                (SELECT count(*) FROM posts WHERE job = ?1 AND state = 'SENT'
                  AND part GLOB 'answer:*') AS posted,
                EXISTS (SELECT 1 FROM posts WHERE job = ?1 AND part GLOB 'reply:*') AS private,
                (SELECT json_group_array(substr(scope, 7)) FROM breakers
                  WHERE scope GLOB 'model:*' AND until > unixepoch()) AS closed,
                (SELECT of.value ->> 0 FROM json_each(?11) AS of
                  WHERE of.value ->> 2 - coalesce((SELECT sum(nano + reserved) FROM spending
                    WHERE kind = of.value ->> 0 AND key = of.value ->> 1
                      AND day = unixepoch() / 86400), 0) < ?10 LIMIT 1) AS over,
                (SELECT of.value ->> 0 FROM json_each(?11) AS of
                  WHERE of.value ->> 2 - coalesce((SELECT sum(nano) FROM spending
                    WHERE kind = of.value ->> 0 AND key = of.value ->> 1
                      AND day = unixepoch() / 86400), 0) < ?10 LIMIT 1) AS spent,
                (unixepoch() / 86400 + 1) * 86400 AS until",
        values,
    };
    let rows = host.query(statement).await?;
    Ok(rows.first().map_or(Claim::Ended, |row| found(row, settings)))
}

/// Reads what the statement has returned.
fn found(row: &Map<String, Value>, Settings { budgets, jobs_per_asker, .. }: &Settings) -> Claim {
    let number = |name: &str| row.get(name).and_then(Value::as_u64).unwrap_or_default();
    let word = |name: &str| row.get(name).and_then(Value::as_str);
    if let Some(answer) = word("result") {
        let posted = usize::try_from(number("posted")).unwrap_or_default();
        let is_private = number("private") > 0;
        return Claim::Answered { answer: answer.to_owned(), posted, is_private };
    }
    let running = number("running");
    if running >= (*jobs_per_asker).into() {
        return Claim::Crowded(running);
    }
    let granted = budgets.question.map(|_| number("reserved"));
    if granted == Some(0) {
        // A budget that is spent is told before one that others may give back.
        let spent = word("spent").and_then(Scope::parse);
        let scope = spent.or_else(|| word("over").and_then(Scope::parse)).unwrap_or(Scope::Day);
        return Claim::OverBudget { scope, until_s: spent.map(|_| number("until")) };
    }
    let closed = word("closed").and_then(json::parse);
    let closed = closed.as_ref().and_then(Stored::from_json).unwrap_or_default();
    Claim::Mine(Grant { granted, closed })
}

/// Returns the budgets that count for a job: `[["asker","803…",20000000],["day","all",…]]`.
fn limits(budgets: &Budgets, job: &Job) -> Value {
    let server = job.question.server.as_deref().unwrap_or_default();
    let all = [
        (Scope::Asker, job.question.asker.id.as_str(), budgets.asker),
        (Scope::Server, server, budgets.server),
        (Scope::Day, "all", budgets.day),
    ];
    let set = all.into_iter().filter_map(|(scope, key, budget)| {
        let budget = budget.filter(|_| !key.is_empty())?;
        Some(Value::Array(vec![scope.name().into(), key.into(), budget.into()]))
    });
    Value::Array(set.collect())
}

/// Returns what has to be left of each budget: the cost of a plain question, by an unpriced model
/// anything.
fn least(budgets: &Budgets, model: &str) -> u64 {
    let (prompt_tokens, completion_tokens) = PLAIN;
    let usage = Usage { prompt_tokens, completion_tokens, ..Usage::default() };
    let plain = prices::estimate(prices::price_of(model), usage).nano;
    plain.min(budgets.question.unwrap_or(plain)).max(1)
}

fn integer(number: u64) -> SqlValue {
    SqlValue::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
