//! Puts a job aside whose platform takes no message for longer than a run waits, until that is over: docs/decisions/0074.
//!
//! | effect | why repeating it is safe |
//! | --- | --- |
//! | the job's row says from when on it goes on, and what was spent is booked | moves only the generation that has the job; an attempt has one row |
//!
//! Then the run ends without a word. The watchdog leaves such a job alone until its time has come, and then gives it
//! another generation, which goes on where this one has stopped.

use core::time::Duration;

use super::{Job, jobs, placeholder};
use miyabi_ai::Attempt;
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, Notice};
use miyabi_core::ports::{Clock, Log, Sql};
use miyabi_core::transport::{LONGEST_LIMIT, Route, Transport};

/// How long a job is put aside at least, where nobody says how long a limit lasts: one that is short has been waited
/// for.
pub const SHORTEST: Duration = Duration::from_mins(2);

/// Puts a job aside that a limit has stopped, and returns whether it is.
///
/// The limit is its platform's, or that of a route; without one what is to be said is the sentence for its asker. It is
/// not put aside if something else has stopped it, the limit lasts longer than the answer is worth, or the job is
/// somebody else's.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// See this module.
pub async fn put_aside(
    host: &(impl Sql + Clock + Log),
    transport: &impl Transport,
    job: &Job,
    fault: &Fault,
    (route, attempts): (Option<&Route>, &[Attempt]),
) -> Result<bool, Fault> {
    // Of all that stops a delivery a limit alone has this notice.
    if fault.notice != Notice::Busy {
        return Ok(false);
    }
    let found;
    let route = match route {
        Some(route) => route,
        // What stands in place of a placeholder is tried as long as that lives.
        None if transport.capabilities().has_placeholder => return Ok(false),
        None => {
            found = transport.route(&job.question).await?;
            &found
        }
    };
    let longest = match route {
        Route::Shared { .. } => LONGEST_LIMIT,
        Route::Private => placeholder::reply_lifetime(transport),
    };
    let scopes = [transport.name(), &transport.scope(route)];
    let latest_s = job.question.asked.0 / 1000 + longest.as_secs();
    let until_s = jobs::put_aside(host, job, scopes, latest_s, attempts).await?;
    if let Some(until_s) = until_s {
        let wait_s = until_s.saturating_sub(host.now().0 / 1000);
        host.log(&Event::JobPutAside { job: job.id().clone(), wait_s });
    }
    Ok(until_s.is_some())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
