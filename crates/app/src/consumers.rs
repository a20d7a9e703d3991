//! The queues' consumers: one type for each queue, one file for each type.
//!
//! A message arrives at least once, in any order, perhaps late. [`run`] has the consumer handle it; one
//! that was given up arrives again on the queue's dead-letter queue, where [`dead`] ends it.

mod start_job;

use serde_json::Value;

use miyabi_core::event::Event;
use miyabi_core::ports::Host;
use miyabi_core::transport::Transports;

pub use self::start_job::StartJob;

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is done with.
    Ack,
    /// It is worth another delivery, later.
    Retry,
}

/// A queue's consumer.
pub trait Consumer {
    /// Name of the queue, without the environment's.
    const QUEUE: &'static str;

    /// Name of the queue of messages that were given up, without the environment's.
    const DEAD_QUEUE: &'static str;

    /// A message.
    type Message;

    /// Reads a message; `None` if it is none.
    fn read(body: &Value) -> Option<Self::Message>;

    /// Handles a message.
    ///
    /// # Repeats
    /// The same message twice is one: it is delivered at least once.
    async fn run(
        host: &impl Host,
        transports: &impl Transports,
        message: &Self::Message,
    ) -> Verdict;

    /// Ends a message that was delivered as often as the queue allows and not handled.
    ///
    /// # Repeats
    /// As for [`Consumer::run`].
    async fn dead(
        host: &impl Host,
        transports: &impl Transports,
        message: &Self::Message,
    ) -> Verdict;
}

/// Has a consumer handle a message of its queue. What is no message is logged and done with.
///
/// # Repeats
/// See [`Consumer::run`].
pub async fn run<C: Consumer>(
    host: &impl Host,
    transports: &impl Transports,
    body: &Value,
) -> Verdict {
    match C::read(body) {
        Some(message) => C::run(host, transports, &message).await,
        None => unreadable(host),
    }
}

/// Has a consumer end a message of its dead-letter queue. What is no message is logged and done with.
///
/// # Repeats
/// See [`Consumer::dead`].
pub async fn dead<C: Consumer>(
    host: &impl Host,
    transports: &impl Transports,
    body: &Value,
) -> Verdict {
    match C::read(body) {
        Some(message) => C::dead(host, transports, &message).await,
        None => unreadable(host),
    }
}

fn unreadable(host: &impl Host) -> Verdict {
    host.log(&Event::MessageUnreadable);
    Verdict::Ack
}
