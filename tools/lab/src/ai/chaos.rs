//! The random faults of calls to Workers AI.

use serde_json::{Value, json};

use super::Cue;
use crate::chaos::{Random, connection_fault};
use crate::faults::Fault;

/// Chooses a fault.
pub(crate) fn fault(random: &mut Random) -> Fault<Cue> {
    // A spent allocation fails every later call of the day too, so it must stay rare.
    if random.chance(0.03) {
        let spent = "3036: you have used up your daily free allocation of 10,000 neurons";
        return Fault::reply(429, json!(spent), false);
    }
    match random.between(0, 5) {
        0 => {
            let busy = "3040: Capacity temporarily exceeded, please try again.";
            Fault::reply(429, json!(busy), false)
        }
        1 => Fault::reply(500, json!("Internal server error"), false),
        2 => Fault::reply(200, invalid_reply(random), false),
        _ => connection_fault(random),
    }
}

/// A reply that fits none of the service's formats.
fn invalid_reply(random: &mut Random) -> Value {
    match random.between(0, 2) {
        0 => json!({}),
        1 => json!({ "response": null }),
        _ => json!([{ "result": "nonsense" }]),
    }
}
