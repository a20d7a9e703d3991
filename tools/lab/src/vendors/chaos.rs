//! The random faults of calls to other vendors, in each vendor's own format.

use crate::ai::{Cue, Failure};
use crate::chaos::{Random, connection_fault};
use crate::faults::Fault;

/// Chooses a fault; one of them is a stream that ends too early.
pub(crate) fn fault(random: &mut Random) -> Fault<Cue> {
    let fails = |failure| Fault::model(Cue::failure(failure));
    if random.chance(0.03) {
        return fails(Failure::Quota);
    }
    match random.between(0, 6) {
        0 => fails(Failure::Busy),
        1 => fails(Failure::Error),
        2 => fails(Failure::RateLimit),
        3 => Fault::model(Cue::cut(2)),
        _ => connection_fault(random),
    }
}
