//! The product: a question becomes an answer.
//!
//! [`accept`] makes it a job, [`workflow`] answers it, [`deliver`] posts it in the messages of
//! [`parts`], each [`once`], [`reply`] is the "thinking…" meanwhile and [`preview`] what grows there, [`jobs`] and [`ledger`] are what the database
//! remembers, and [`recent`] what a run need not ask it again. [`consumers`] starts what could not be started at once, and [`watchdog`] looks after what
//! does not end. [`usage`] says what was spent.

pub mod accept;
pub mod cache;
pub mod chunks;
pub mod consumers;
pub mod deliver;
pub mod jobs;
pub mod ledger;
pub mod post_once;
pub mod preview;
pub mod recent;
pub mod reply;
pub mod usage;
pub mod watchdog;
pub mod workflow;

use serde_json::Value;

pub use miyabi_core::job::{Job, from_params, to_params};
use miyabi_core::ports::Stored;

/// Whether the job was still ours when a step looked. The result of steps whose result was nothing
/// before there were generations: a stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ours(pub bool);

impl Stored for Ours {
    fn to_json(&self) -> Value {
        if self.0 { Value::Null } else { Value::Bool(false) }
    }

    fn from_json(value: &Value) -> Option<Self> {
        matches!(value, Value::Null | Value::Bool(_)).then(|| Self(value.is_null()))
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
