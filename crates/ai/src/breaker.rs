//! The circuit breaker of a vendor: until when its models are not asked, so that one refusal for a used up
//! allowance serves for all jobs.
//!
//! | row of `breakers` | `closes_at` |
//! | --- | --- |
//! | `model:VENDOR` | until when the vendor is not asked |
//! | `quota:VENDOR:JOB` | until when this job's report counts |
//!
//! A job's report closes the vendor for a minute. Only when another job says the same is it closed for
//! as long as the allowance is used up, which may be hours: what one job met may be a mistake.

use core::time::Duration;

use crate::fallback;
use miyabi_core::config::models::Model;
use miyabi_core::event::Event;
use miyabi_core::fault::{Class, Fault};
use miyabi_core::ids::{JobId, Millis};
use miyabi_core::ports::{Clock, Log, Sql, Statement};

/// How long one job's report closes a vendor.
pub const FIRST_REPORT: Duration = Duration::from_mins(1);

/// A job's report that a vendor's allowance is used up.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// Vendor, such as `workers-ai`.
    pub vendor: &'a str,
    /// Job that was refused.
    pub job: &'a JobId,
    /// When.
    pub now: Millis,
    /// When the allowance is new, in Unix seconds.
    pub until_s: u64,
}

/// Remembers a report, and closes the vendor: until the allowance is new if another job has reported the
/// same, and for [`FIRST_REPORT`] otherwise.
///
/// # Errors
/// A store fault: the next job then meets the refusal again, and no more.
///
/// # Repeats
/// The longer wait counts, and a job counts once.
pub async fn report(host: &impl Sql, report: Report<'_>) -> Result<(), Fault> {
    let Report { vendor, job, now, until_s } = report;
    let now_s = now.0 / 1000;
    let short_s = until_s.min(now_s.saturating_add(FIRST_REPORT.as_secs()));
    let remember = Statement {
        name: "model_breaker::remember",
        sql: "INSERT INTO breakers (scope, closes_at) VALUES ('quota:' || ?1 || ':' || ?2, ?3)
              ON CONFLICT (scope) DO UPDATE SET closes_at = max(closes_at, excluded.closes_at)",
        values: vec![vendor.into(), job.as_str().into(), until_s.into()],
    };
    let close = Statement {
        name: "model_breaker::close",
        sql: "INSERT INTO breakers (scope, closes_at)
              SELECT 'model:' || ?1, CASE WHEN EXISTS (
                SELECT 1 FROM breakers
                WHERE scope GLOB 'quota:' || ?1 || ':*' AND scope <> 'quota:' || ?1 || ':' || ?2
                  AND closes_at > ?3
              ) THEN ?4 ELSE ?5 END
              WHERE true
              ON CONFLICT (scope) DO UPDATE SET closes_at = max(closes_at, excluded.closes_at)",
        values: vec![
            vendor.into(),
            job.as_str().into(),
            now_s.into(),
            until_s.into(),
            short_s.into(),
        ],
    };
    host.batch(vec![remember, close]).await.map(drop)
}

/// Remembers that a vendor is not asked until then, in Unix seconds, whoever says so.
///
/// `jobs::claim` reads it for every job, as `closed`. Its scope in the table `breakers` is
/// `model:workers-ai`, so that it is not taken for a webhook's.
///
/// # Errors
/// A store fault: the next job then meets the refusal again, and no more.
///
/// # Repeats
/// The longer wait counts.
pub async fn open(host: &impl Sql, vendor: &str, until_s: u64) -> Result<(), Fault> {
    let statement = Statement {
        name: "model_breaker::open",
        sql: "INSERT INTO breakers (scope, closes_at) VALUES ('model:' || ?1, ?2)
              ON CONFLICT (scope) DO UPDATE SET closes_at = max(closes_at, excluded.closes_at)",
        values: vec![vendor.into(), until_s.into()],
    };
    host.query(statement).await.map(drop)
}

/// Logs that a model has failed in a round of a job, and closes its vendor if its allowance is used up.
///
/// # Repeats
/// Logs again; the longer wait counts.
pub async fn failed(
    host: &(impl Clock + Log + Sql),
    (job, round): (&JobId, u32),
    model: &Model,
    (class, fault): (Class, Fault),
) {
    let (vendor, id) = (model.vendor.name, model.id.clone());
    host.log(&Event::ModelFailed { job: job.clone(), round, model: id, fault });
    if class == Class::Quota {
        let now = host.now();
        let until_s = fallback::closed_until_s(vendor, now);
        // If it cannot be remembered, the next job meets the same refusal, and no more.
        drop(report(host, Report { vendor, job, now, until_s }).await);
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use core::cell::RefCell;

    use rusqlite::types::Value;
    use rusqlite::{Connection, params_from_iter};

    use super::*;
    use crate::script::block_on;
    use miyabi_core::ports::{Rows, SqlValue};

    /// A database with the table of breakers.
    struct Database(RefCell<Connection>);

    impl Sql for Database {
        async fn query(&self, statement: Statement) -> Result<Rows, Fault> {
            let value = |value: SqlValue| match value {
                SqlValue::Null => Value::Null,
                SqlValue::Integer(number) => Value::Integer(number),
                SqlValue::Text(text) => Value::Text(text),
            };
            let values = statement.values.into_iter().map(value);
            self.0.borrow().execute(statement.sql, params_from_iter(values)).unwrap();
            Ok(Rows::new())
        }

        async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, Fault> {
            let mut rows = Vec::new();
            for statement in statements {
                rows.push(self.query(statement).await?);
            }
            Ok(rows)
        }
    }

    const MIDNIGHT_S: u64 = 86_400;

    fn database() -> Database {
        let connection = Connection::open_in_memory().unwrap();
        let table = "CREATE TABLE breakers (scope TEXT PRIMARY KEY NOT NULL, \
                     closes_at INTEGER NOT NULL) STRICT, WITHOUT ROWID";
        connection.execute(table, []).unwrap();
        Database(RefCell::new(connection))
    }

    /// Returns until when a vendor is closed, after a job's report at this second.
    fn closed_after(database: &Database, job: &str, vendor: &str, now_s: u64) -> u64 {
        let job = JobId::parse(job).unwrap();
        let now = Millis(now_s * 1000);
        let said = Report { vendor, job: &job, now, until_s: MIDNIGHT_S };
        block_on(report(database, said)).unwrap();
        let sql = "SELECT closes_at FROM breakers WHERE scope = 'model:' || ?1";
        let seconds: i64 = database.0.borrow().query_row(sql, [vendor], |row| row.get(0)).unwrap();
        u64::try_from(seconds).unwrap()
    }

    #[test]
    fn one_job_closes_a_vendor_for_a_minute_however_often_it_says_so() {
        let database = database();
        assert_eq!(closed_after(&database, "1", "workers-ai", 100), 160);
        assert_eq!(closed_after(&database, "1", "workers-ai", 130), 190);
        assert_eq!(closed_after(&database, "1", "openai", 130), 190);
    }

    #[test]
    fn a_second_job_that_agrees_closes_it_until_its_allowance_is_new() {
        let database = database();
        assert_eq!(closed_after(&database, "1", "workers-ai", 100), 160);
        assert_eq!(closed_after(&database, "2", "openai", 100), 160, "of another vendor");
        assert_eq!(closed_after(&database, "2", "workers-ai", 7_000), MIDNIGHT_S);
        assert_eq!(closed_after(&database, "1", "workers-ai", 7_001), MIDNIGHT_S);
    }

    #[test]
    fn a_report_counts_only_until_the_allowance_is_new() {
        let database = database();
        closed_after(&database, "1", "workers-ai", 100);
        let next_day = MIDNIGHT_S * 2;
        let job = JobId::parse("2").unwrap();
        let now = Millis((MIDNIGHT_S + 10) * 1000);
        let said = Report { vendor: "workers-ai", job: &job, now, until_s: next_day };
        block_on(report(&database, said)).unwrap();
        let sql = "SELECT closes_at FROM breakers WHERE scope = 'model:workers-ai'";
        let seconds: i64 = database.0.borrow().query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(seconds, i64::try_from(MIDNIGHT_S + 70).unwrap());
    }

    #[test]
    fn a_report_just_before_the_allowance_is_new_closes_no_longer() {
        assert_eq!(closed_after(&database(), "1", "workers-ai", MIDNIGHT_S - 5), MIDNIGHT_S);
    }
}
