//! Commands to an object: sent again where there is no reply, since every one may be repeated.

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};

use crate::conversation::{Command, Reply};
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::json;
use miyabi_core::ports::{Clock, Conversations};

/// Longest wait for an object: one that wakes up takes a tenth of that.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits before the second and third try. An object that was moved or updated is there again after the
/// first.
const RETRIES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// Sends a command, and again if there is no reply: every command may be repeated.
///
/// # Errors
/// As [`once`].
///
/// # Repeats
/// As the command.
pub(crate) async fn persist(
    host: &(impl Conversations + Clock),
    object: &str,
    command: &Command,
) -> Result<Reply, Fault> {
    for wait in RETRIES {
        if let Ok(reply) = once(host, object, command).await {
            return Ok(reply);
        }
        host.sleep(wait).await;
    }
    once(host, object, command).await
}

/// Sends a command to an object and returns its reply, if that comes in time.
///
/// # Errors
/// A store fault; worth a retry. The command may have taken effect.
///
/// # Repeats
/// As the command.
pub(crate) async fn once(
    host: &(impl Conversations + Clock),
    object: &str,
    command: &Command,
) -> Result<Reply, Fault> {
    once_within(host, object, command, PATIENCE).await
}

/// As [`once`], with another patience: an object holds some replies back.
pub(crate) async fn once_within(
    host: &(impl Conversations + Clock),
    object: &str,
    command: &Command,
    patience: Duration,
) -> Result<Reply, Fault> {
    let unreadable = || Fault::from(StoreError::Row { statement: "conversation::reply" });
    let command = serde_json::to_string(command).map_err(|_no_form| unreadable())?;
    let reply = pin!(host.converse(object, &command));
    let reply = match select(reply, pin!(host.sleep(patience))).await {
        Either::Left((reply, _)) => reply?,
        Either::Right(_) => {
            return Err(StoreError::Failed { statement: "conversation::converse" }.into());
        }
    };
    json::parse(&reply).ok_or_else(unreadable)
}
