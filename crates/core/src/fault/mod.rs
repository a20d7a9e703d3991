//! Failed effects: whose fault, whether to retry, and what the asker is told.
//!
//! Each boundary has its own error enum in a file of its own, with a conversion into [`Fault`] that
//! decides retry and notice for every variant.

mod engine;
mod model;
mod notice;
mod store;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::engine::{EngineError, Scope};
pub use self::model::{Class, ModelError};
pub use self::notice::Notice;
pub use self::store::StoreError;
use crate::json;
use crate::transport::SendError;

/// A failed effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct Fault {
    /// What happened, for the operator; names no secret, no question, no answer.
    pub cause: Cause,
    /// Whether to try again.
    pub retry: Retry,
    /// Which sentence the asker reads if no later attempt succeeds.
    pub notice: Notice,
}

/// Whether to try a failed effect again.
///
/// A wait that the other side asked for is not in here: it was waited for where the call was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Repeating cannot help.
    Never,
    /// Again, by the step's own backoff.
    Backoff,
}

/// Whose fault it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// A platform did not take a message.
    #[error(transparent)]
    Send(#[from] SendError),
    /// A model refused or did not answer.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The database refused or did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The Workflow engine refused or did not answer.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A failure that was recorded by a step, or by an earlier generation of the job, as its text.
    #[error("{0}")]
    Recorded(String),
}

/// What is recorded of a fault.
#[derive(Serialize, Deserialize)]
struct Record {
    /// The name of the field tells a record from any other JSON in the text around it.
    miyabi_fault: Notice,
    cause: String,
}

/// Beginning of every record.
const RECORD_START: &str = r#"{"miyabi_fault":"#;

impl Fault {
    /// Returns the text under which a failed step is recorded: notice and cause.
    ///
    /// # Shape
    /// `{"miyabi_fault":"busy","cause":"workers-ai answered: busy (code 3040)"}`
    pub fn to_record(&self) -> String {
        let record = Record { miyabi_fault: self.notice, cause: self.cause.to_string() };
        serde_json::to_string(&record).unwrap_or_default()
    }

    /// Returns the fault that [`Fault::to_record`] recorded, or `None` if there is none in `text`.
    ///
    /// The record may stand anywhere in the text: the engine puts the error's name before it.
    pub fn from_record(text: &str) -> Option<Self> {
        let (_, record) = text.split_at_checked(text.find(RECORD_START)?)?;
        let mut values = serde_json::Deserializer::from_str(record).into_iter::<Value>();
        let Record { miyabi_fault: notice, cause } = json::read(&values.next()?.ok()?)?;
        Some(Self { cause: Cause::Recorded(cause), retry: Retry::Never, notice })
    }
}

/// Returns the value of a closed set with this stored name.
fn named<T: DeserializeOwned>(name: &str) -> Option<T> {
    json::read(&Value::from(name))
}

#[cfg(test)]
mod tests;
