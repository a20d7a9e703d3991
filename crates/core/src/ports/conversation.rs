//! Conversations: the way to one, and the database that one has to itself.

use super::{Rows, Statement};
use crate::fault::Fault;

/// Conversations, each an object of its own that carries out one command at a time.
pub trait Conversations {
    /// Sends a command, JSON text, to the conversation of this name, and returns its reply, JSON text.
    ///
    /// The name decides whose conversation it is: whoever makes one from what a stranger sent has checked
    /// before that it is the stranger's own.
    ///
    /// # Errors
    /// A [`Fault`] with a store cause; worth a retry. The command may have taken effect.
    ///
    /// # Repeats
    /// Every command of `miyabi_app::conversation` is written so that running it twice is running it once.
    async fn converse(&self, conversation: &str, command: &str) -> Result<String, Fault>;
}

/// The database of one conversation, in the dialect of `SQLite`: it is where its program runs, so nothing
/// waits for it.
pub trait Store {
    /// Runs one statement and returns its rows.
    ///
    /// # Errors
    /// A [`Fault`] with a store cause.
    ///
    /// # Repeats
    /// As the statement says.
    fn execute(&self, statement: &Statement) -> Result<Rows, Fault>;

    /// Runs `work` as one transaction: all of its statements take effect, or none if it fails.
    ///
    /// # Errors
    /// What `work` returns, or a [`Fault`] with a store cause.
    ///
    /// # Repeats
    /// As `work`.
    fn transaction<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault>;
}
