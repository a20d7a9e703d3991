//! Each queue has its consumer, in every environment.

use super::*;
use crate::testing::{configured, unconfigured};
use miyabi_testing::{Fake, run};

const WRANGLER: &str = include_str!("../../wrangler.toml");

#[test]
fn a_queue_is_found_by_its_name_in_any_environment() {
    for (name, expected) in [
        ("miyabi-jobs", Some(Consumer::Jobs)),
        ("miyabi-jobs-production", Some(Consumer::Jobs)),
        ("miyabi-jobs-dead", Some(Consumer::DeadJobs)),
        ("miyabi-jobs-dead-staging", Some(Consumer::DeadJobs)),
        ("miyabi-jobsdead", None),
        ("miyabi", None),
        ("", None),
    ] {
        assert_eq!(consumer(name), expected, "{name}");
    }
}

#[test]
fn every_queue_of_the_configuration_has_a_consumer() {
    let names: Vec<_> = WRANGLER.lines().filter_map(|line| line.strip_prefix("queue = ")).collect();
    assert_eq!(names.len(), 9, "{names:?}");
    for name in names {
        assert!(consumer(name.trim_matches('"')).is_some(), "{name}");
    }
}

#[test]
fn without_settings_or_consumer_a_message_is_delivered_again_and_the_log_says_why() {
    for (config, name) in [(&unconfigured(), "miyabi-jobs"), (&configured(), "other")] {
        let world = Fake::new();
        let verdict = run(consume(&world, config, name, &Value::Null)).unwrap();
        assert_eq!(verdict, Verdict::Retry, "{name}");
        let events = world.events.borrow();
        assert!(matches!(events.as_slice(), [Event::Misconfigured { .. }]), "{events:?}");
    }
}

#[test]
fn what_is_no_job_is_done_with() {
    for name in ["miyabi-jobs", "miyabi-jobs-dead"] {
        let verdict = run(consume(&Fake::new(), &configured(), name, &Value::Null)).unwrap();
        assert_eq!(verdict, Verdict::Ack, "{name}");
    }
}
