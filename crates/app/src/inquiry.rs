//! An inquiry is answered at once: it counts as a question of its person, and the database has two seconds.

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};

use super::limits::{self, Limited};
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, Notice, StoreError};
use miyabi_core::i18n::{Language, sentence};
use miyabi_core::ports::{Clock, Log, RateLimits};

/// Longest wait for the database: platforms wait three seconds for a reply.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Who inquires, and how a failure is named.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inquirer<'a> {
    /// Person's id; empty if the platform did not tell it.
    pub(crate) person: &'a str,
    /// Language of the reply.
    pub(crate) language: Language,
    /// Statement that a time-out is reported by.
    pub(crate) statement: &'static str,
}

/// Returns what the database says, if it says it in this time.
///
/// # Errors
/// Its fault, or one of `statement`.
///
/// # Repeats
/// As `look`.
pub(crate) async fn in_time<T>(
    host: &impl Clock,
    statement: &'static str,
    timeout: Duration,
    look: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    match select(pin!(look), pin!(host.sleep(timeout))).await {
        Either::Left((looked, _)) => looked,
        Either::Right(_) => Err(StoreError::Failed { statement }.into()),
    }
}

/// Returns what the database says, or the sentence that is read instead: the person has asked too much in a
/// minute, or the database takes too long or fails, which is logged as `failed` says.
///
/// # Repeats
/// Counts again; what is read is read again.
pub(crate) async fn look_up<T>(
    host: &(impl Clock + Log + RateLimits),
    Inquirer { person, language, statement }: Inquirer<'_>,
    look: impl Future<Output = Result<T, Fault>>,
    failed: impl FnOnce(Fault) -> Event,
) -> Result<T, &'static str> {
    let limit_timeout = host.sleep(limits::TIMEOUT);
    if let Limited::By(limit) = limits::count(host, person, None, limit_timeout).await {
        return Err(sentence(limits::notice(limit), language));
    }
    in_time(host, statement, TIMEOUT, look).await.map_err(|fault| {
        host.log(&failed(fault));
        sentence(Notice::TryAgain, language)
    })
}
