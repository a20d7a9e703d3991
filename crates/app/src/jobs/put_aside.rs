//! The statement that puts a job aside: see [`crate::aside`].

use serde::Deserialize;

use super::super::Job;
use super::{batch, booking, fence};
use crate::aside::SHORTEST;
use miyabi_ai::Attempt;
use miyabi_core::fault::Fault;
use miyabi_core::ports::{Sql, Statement, read_rows};

/// Puts the job aside until the breakers of `scopes` are closed, and for two minutes at least.
///
/// It is put aside only until before `latest_s`, in Unix seconds, and not if its asker wants no answer: they need no
/// sentence hours later. Books what this generation spent, in place of what was set aside for it. Returns from when
/// on the job goes on; `None` if it is not put aside.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The last time counts, and an attempt is booked once. A job that has ended or has a later generation stays as it is.
pub async fn put_aside(
    host: &impl Sql,
    job: &Job,
    scopes: [&str; 2],
    latest_s: u64,
    attempts: &[Attempt],
) -> Result<Option<u64>, Fault> {
    let [sums, rows] = booking::spent(job, attempts);
    let [platform, route] = scopes;
    let statement = Statement {
        name: "jobs::put_aside",
        sql: "UPDATE jobs SET resumes_at = closed.at, reserved_nano = 0, updated_at = unixepoch()
              FROM (SELECT max(unixepoch() + ?6, coalesce((SELECT max(closes_at) FROM breakers
                WHERE scope IN (?3, ?4)), 0)) AS at) AS closed
              WHERE id = ?1 AND generation = ?2 AND status IN ('PENDING', 'PROCESSING')
                AND closed.at < ?5 AND (cancelled_at IS NULL OR result IS NOT NULL)
              RETURNING resumes_at",
        values: [
            fence(job),
            vec![platform.into(), route.into(), latest_s.into(), SHORTEST.as_secs().into()],
        ]
        .concat(),
    };
    let [_, _, aside] = batch(host, [sums, rows, statement]).await?;
    let aside: Vec<Aside> = read_rows("jobs::put_aside", aside)?;
    Ok(aside.first().map(|row| row.resumes_at))
}

#[derive(Deserialize)]
struct Aside {
    resumes_at: u64,
}
