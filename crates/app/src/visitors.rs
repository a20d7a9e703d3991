//! Visitors, who have no key: how many may be made. What is kept of one who does not come back goes by its age.

use core::pin::pin;

use futures::future::{Either, select};

use super::limits::TIMEOUT;
use miyabi_core::ports::{Clock, RateLimits};

/// Counts a visitor that is to be made from an address, and returns whether it is one too many. A limit that
/// does not answer in a moment refuses nobody: budgets hold in any case.
///
/// # Repeats
/// Counts again.
pub async fn is_refused(host: &(impl Clock + RateLimits), address: &str) -> bool {
    let refusal = pin!(host.refuses_visitor(address));
    matches!(select(refusal, pin!(host.sleep(TIMEOUT))).await, Either::Left((true, _)))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_core::ports::Limit;
    use miyabi_testing::{Fake, run};

    #[test]
    fn an_address_that_makes_too_many_is_refused_and_no_other() {
        let world = Fake::new();
        world.exhausted.borrow_mut().push((Limit::Visitor, "192.0.2.1".to_owned()));
        assert_eq!(run(is_refused(&world, "192.0.2.1")), Some(true));
        assert_eq!(run(is_refused(&world, "192.0.2.2")), Some(false));
    }
}
