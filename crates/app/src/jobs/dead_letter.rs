//! Dead letters: jobs that the queue could not start.

use super::super::{Job, to_params};
use miyabi_core::fault::Fault;
use miyabi_core::ids::Secret;
use miyabi_core::ports::{Sql, Statement};

/// Writes a job that the queue could not start, with what is needed to send it again, and returns
/// whether it is written: not if the job runs after all, or has ended.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// A letter that is there already stays, with the latest cause.
pub fn dead_letter(
    host: &impl Sql,
    job: &Job,
    fault: &Fault,
) -> impl Future<Output = Result<bool, Fault>> {
    let mut letter = job.clone();
    letter.question.token = Secret::new(String::new());
    host.hits(Statement {
        name: "dead_letters::insert",
        sql: "INSERT INTO dead_letters (job, params, cause)
              SELECT ?1, ?2, ?3 WHERE NOT EXISTS
                (SELECT 1 FROM jobs WHERE id = ?1 AND (status <> 'PENDING' OR generation > 1))
              ON CONFLICT (job) DO UPDATE SET cause = excluded.cause RETURNING job",
        values: vec![
            job.id().as_str().into(),
            to_params(&letter).into(),
            fault.cause.to_string().into(),
        ],
    })
}
