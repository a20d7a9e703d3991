//! The rate limits of people and servers are asked, and waited for a moment only.

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};

use miyabi_core::fault::Notice;
use miyabi_core::ports::{Clock, Limit, RateLimits};

/// Longest wait for the rate limits: platforms wait three seconds for a reply.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(100);

/// What the rate limits say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limited {
    /// It is not one too many.
    Not,
    /// It is one too many of this limit.
    By(Limit),
    /// Patience has ended before the limits have answered: nothing is refused.
    Unknown,
}

/// Counts an event of a person and in a server, and returns whether it is one too many. Waits for
/// as long as `patience` lasts. Whom the platform did not name is not counted.
///
/// # Repeats
/// Counts again.
pub(crate) async fn count(
    host: &impl RateLimits,
    asker: &str,
    server: Option<&str>,
    patience: impl Future<Output = ()>,
) -> Limited {
    let asker = Some(asker).filter(|id| !id.is_empty());
    let refusal = pin!(host.refusal(asker, server));
    match select(refusal, pin!(patience)).await {
        Either::Left((None, _)) => Limited::Not,
        Either::Left((Some(limit), _)) => Limited::By(limit),
        Either::Right(((), _)) => Limited::Unknown,
    }
}

/// Counts something that is counted as a person's questions are, under a name of its own, and returns whether
/// it is one too many. A limit that does not answer in a moment refuses nothing.
///
/// # Repeats
/// Counts again.
pub async fn is_one_too_many(host: &(impl Clock + RateLimits), name: &str) -> bool {
    let patience = pin!(host.sleep(TIMEOUT));
    matches!(count(host, name, None, patience).await, Limited::By(_))
}

/// Returns what the asker reads who meets a limit.
pub(crate) const fn notice(limit: Limit) -> Notice {
    match limit {
        Limit::Asker | Limit::Visitor => Notice::Crowded,
        Limit::Server => Notice::ServerCrowded,
    }
}

/// Returns the limit's name in the log.
pub(crate) const fn name(limit: Limit) -> &'static str {
    match limit {
        Limit::Asker => "asker",
        Limit::Server => "server",
        Limit::Visitor => "visitor",
    }
}
