//! Every queue and its consumer.
//!
//! | queue | consumer | message |
//! | --- | --- | --- |
//! | `miyabi-jobs` | [`StartJob::run`] | a job whose Workflow could not be started |
//! | `miyabi-jobs-dead` | [`StartJob::dead`] | a job that the queue above gave up |
//!
//! In an environment the names end with its name: `miyabi-jobs-dead-staging`.

use serde_json::Value;

use crate::channels::Channels;
use miyabi_app::consumers::{self, Consumer as _, StartJob, Verdict};
use miyabi_core::config::Config;
use miyabi_core::event::Event;
use miyabi_core::ports::Host;

/// A queue's consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consumer {
    Jobs,
    DeadJobs,
}

/// Names without the environment. The longer of two that begin alike stands first.
const QUEUES: [(&str, Consumer); 2] =
    [(StartJob::DEAD_QUEUE, Consumer::DeadJobs), (StartJob::QUEUE, Consumer::Jobs)];

/// Has the consumer of a queue handle a message. Without settings, and from a queue that is not in the
/// table, every message is delivered again later.
///
/// # Repeats
/// See the consumers.
pub async fn consume(
    host: &(impl Host + Clone),
    config: &Config,
    name: &str,
    body: &Value,
) -> Verdict {
    let settings = match &config.settings {
        Ok(settings) => settings,
        Err(error) => {
            host.log(&Event::Misconfigured { message: error.to_string() });
            return Verdict::Retry;
        }
    };
    let channels = Channels { host, settings };
    match consumer(name) {
        Some(Consumer::Jobs) => consumers::run::<StartJob>(host, &channels, body).await,
        Some(Consumer::DeadJobs) => consumers::dead::<StartJob>(host, &channels, body).await,
        None => {
            let message = format!("no consumer for the queue `{name}`: see src/queues.rs");
            host.log(&Event::Misconfigured { message });
            Verdict::Retry
        }
    }
}

fn consumer(name: &str) -> Option<Consumer> {
    let is_named = |known: &str| {
        name.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    QUEUES.iter().find(|(known, _)| is_named(known)).map(|(_, consumer)| *consumer)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
