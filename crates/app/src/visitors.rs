//! Visitors, who have no key: how many may be made, and what is kept of those who do not come back.

use core::pin::pin;

use futures::future::{Either, select};

use super::limits::TIMEOUT;
use miyabi_core::ports::{Clock, RateLimits, Statement};
use miyabi_core::session::{LIFETIME_S, owners};

/// Counts a visitor that is to be made from an address, and returns whether it is one too many. A limit that
/// does not answer in a moment refuses nobody: budgets hold in any case.
///
/// # Repeats
/// Counts again.
pub async fn is_refused(host: &(impl Clock + RateLimits), address: &str) -> bool {
    let refusal = pin!(host.refuses_visitor(address));
    matches!(select(refusal, pin!(host.sleep(TIMEOUT))).await, Either::Left((true, _)))
}

/// Returns the statement that takes the conversations off the lists of visitors who cannot come back, since
/// their cookie is over. What was said goes by its age.
pub(super) fn forget() -> Statement {
    let (first, last) = owners();
    Statement {
        name: "conversations::forget_visitors",
        sql: "DELETE FROM conversations
              WHERE owner > ?1 AND owner < ?2 AND updated_at < unixepoch() - ?3",
        // A cookie is renewed a day later than it is used, at most.
        values: vec![first.into(), last.into(), (LIFETIME_S + 86_400).into()],
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::{conversations, jobs};
    use miyabi_core::ports::Limit;
    use miyabi_testing::{Fake, run};

    #[test]
    fn an_address_that_makes_too_many_is_refused_and_no_other() {
        let world = Fake::new();
        world.exhausted.borrow_mut().push((Limit::Visitor, "192.0.2.1".to_owned()));
        assert_eq!(run(is_refused(&world, "192.0.2.1")), Some(true));
        assert_eq!(run(is_refused(&world, "192.0.2.2")), Some(false));
    }

    #[test]
    fn the_lists_of_visitors_who_cannot_come_back_are_forgotten_and_nobody_elses() {
        let world = Fake::new();
        let [old, new] = ["visitor:0a", "visitor:0b"];
        for owner in [old, new, "mio", "visitor"] {
            run(conversations::touch(&world, owner, "c1", "Tea")).unwrap().unwrap();
        }
        let age = "UPDATE conversations SET updated_at = unixepoch() - 32 * 86400
                   WHERE owner <> 'visitor:0b'";
        world.db.execute_batch(age).unwrap();
        run(jobs::forget(&world, 30)).unwrap().unwrap();
        let has = |owner| run(conversations::find(&world, owner, "c1")).unwrap().unwrap().is_some();
        assert_eq!([old, new, "mio", "visitor"].map(has), [false, true, true, true]);
    }
}
