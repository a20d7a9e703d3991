//! Takes a question back that was posted while the model was thinking, when there is no answer to it.

use super::lease::{Leases, QUESTION};
use super::post_once::PostOnce;
use super::{Job, jobs, ledger};
use miyabi_core::fault::Fault;
use miyabi_core::ports::{Clock, Log, Sql};
use miyabi_core::transport::{Author, Message, Route, Transport};

/// Removes the messages of a failed job's question. What nobody can find stays.
///
/// Only once the job is ERROR, since then no generation posts the question any more.
///
/// # Errors
/// A store fault, or a send error that may pass.
///
/// # Repeats
/// The second removal finds nothing.
pub async fn retract_question(
    host: &(impl Sql + Clock + Log),
    transport: &impl Transport,
    job: &Job,
    leases: &Leases,
) -> Result<(), Fault> {
    if !transport.capabilities().posts_question || !jobs::has_failed(host, job.id()).await? {
        return Ok(());
    }
    let known = leases.unrecorded.borrow().clone();
    for (index, content) in transport.render(Author::Asker, &job.question.text).iter().enumerate() {
        let step = &format!("question:{}", index + 1);
        let message = Message { author: Author::Asker, ..Message::text(content) };
        let route = &Route::Private;
        let id = match &known {
            Some(id) if step == QUESTION => Some(id.clone()),
            Some(_) | None => {
                let once = PostOnce { host, transport, job, leases, step, route, message };
                once.message_id().await?
            }
        };
        let Some(id) = id.filter(|id| !id.is_empty()) else { continue };
        match transport.retract(&job.question, &id).await {
            // What the platform refuses to remove stays.
            Err(error) if error.may_pass() => return Err(error.into()),
            Ok(()) | Err(_) => ledger::removed(host, job.id(), step).await?,
        }
    }
    Ok(())
}
