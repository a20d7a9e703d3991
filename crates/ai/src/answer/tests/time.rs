//! How long a step and a model may take.

use super::*;
use crate::fallback;

#[test]
fn tools_and_a_model_call_fit_into_their_step() {
    for longest in [CALL_TIMEOUT, OWN_SERVER_TIMEOUT] {
        assert!(TOOLS_TIMEOUT + longest < THINK.timeout);
        assert!(fallback::LONGEST_WAIT + longest < THINK.timeout);
    }
    // A job that does nothing else is not taken for one that has stalled.
    assert!(THINK.timeout < Duration::from_secs(settings().watch.stall_s.into()));
}

#[test]
fn a_server_of_one_s_own_has_longer_but_no_longer_than_the_job() {
    let seconds = |vendor, age_s: u64| call_timeout(vendor, LATEST, age_s * 1000).as_secs();
    for vendor in ["ollama", "vllm", "workers-ai"] {
        assert_eq!([0, 300, 400, 540].map(|age| seconds(vendor, age)), [300, 300, 250, 110]);
    }
    for vendor in ["anthropic", "openai", "groq"] {
        assert_eq!([0, 300, 540].map(|age| seconds(vendor, age)), [110, 110, 110]);
    }
}
