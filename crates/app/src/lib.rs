//! The product: a question becomes a durable job, an answer, and messages.
//!
//! [`accept`] makes the question a job, [`workflow`] answers it, and [`deliver`] sends the answer in the
//! messages of [`chunks`], each by [`post_once`], through the platform's transport. [`placeholder`] is the
//! "thinking…" meanwhile, and [`preview`] shows there what a model has said so far. [`jobs`] and
//! [`ledger`] are what the database remembers, and [`lease`] what a run need not ask it again. [`consumers`]
//! starts what could not be started at once, [`memory`] tells a [`conversation`] what was said and asks it what
//! was said before, [`watchdog`] ends what does not end by itself, [`usage`] says what was spent,
//! [`attribution`] who asked, [`buttons`] what becomes of a press below an answer, [`trace`] how an answer came about, [`status`] what has become of a person's questions, [`files`] reads what comes with a question, [`quotes`] keeps a message until somebody has asked about it, and [`keys`] whose a request to the HTTP API is. [`chat`] asks over HTTP, in
//! one of a person's [`conversations`]. [`consent`] asks a person before a tool acts outside. [`errands`] are the tools that touch what is the asker's, and [`reminders`] what one of them sets.

pub mod accept;
pub mod access;
pub mod accounts;
pub mod aside;
pub mod attribution;
pub mod buttons;
pub mod cache;
pub mod chat;
pub mod chunks;
pub mod consent;
pub mod consumers;
pub mod conversation;
pub mod conversations;
pub mod deliver;
pub mod drawing;
pub mod errands;
pub mod facts;
pub mod files;
mod inquiry;
pub mod jobs;
pub mod key_command;
pub mod keys;
pub mod lease;
pub mod ledger;
pub mod limits;
pub mod memory;
pub mod placeholder;
pub mod post_once;
pub mod preview;
pub mod privacy;
pub mod quotes;
pub mod recent;
pub mod reminders;
pub mod retract;
pub mod settings;
pub mod shares;
pub mod sign_in;
pub mod status;
pub mod temporary;
pub mod terms;
pub mod trace;
pub mod unserved;
pub mod uploads;
pub mod usage;
pub mod visitors;
pub mod watchdog;
pub mod workflow;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod testing;

use miyabi_core::config::Settings;
pub use miyabi_core::job::{Job, from_params, to_params};

/// A job, and all that a run of it needs.
#[derive(Debug)]
pub struct JobContext<'a, H, S, T> {
    /// Ports.
    pub host: &'a H,
    /// Durable steps.
    pub steps: &'a S,
    /// Platform on which the question was asked.
    pub transport: &'a T,
    /// Settings.
    pub settings: &'a Settings,
    /// Job.
    pub job: &'a Job,
}

impl<H, S, T> Clone for JobContext<'_, H, S, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H, S, T> Copy for JobContext<'_, H, S, T> {}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
