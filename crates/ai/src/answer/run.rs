//! What a run is given, and what it has done.

use core::time::Duration;

use super::ToolTrace;
use crate::attempt::{Attempt, Measured};
use crate::background::Background;
use crate::files::{self, Images, ReadFile};
use crate::history::Exchange;
use miyabi_core::ids::{JobId, Millis};
use miyabi_core::question::{Attachment, Quote};
use miyabi_core::server::ServerSettings;

/// Whose question it is, and what may be spent on it.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// Job.
    pub job: &'a JobId,
    /// When it was asked.
    pub asked: Millis,
    /// Question.
    pub question: &'a str,
    /// Message that it is about.
    pub quote: Option<&'a Quote>,
    /// Settings of its server.
    pub server: &'a ServerSettings,
    /// Files that come with it.
    pub files: &'a [ReadFile],
    /// The same as the platform tells of them, in the same order.
    pub attachments: &'a [&'a Attachment],
    /// Images among them that this run has downloaded.
    pub images: &'a Images,
    /// What is known before it: facts about the asker, and a summary.
    pub background: &'a Background,
    /// What was said before it, oldest first.
    pub history: &'a [Exchange],
    /// Most that it may cost, in nano-dollars; `None` for no bound.
    pub granted: Option<u64>,
    /// Vendors whose allowance is used up.
    pub closed: &'a [String],
    /// Age of the question from which on no model is asked any more.
    pub latest: Duration,
    /// Whether the asker wanted no more of the answer before it was begun.
    pub is_stopped: bool,
}

impl Run<'_> {
    /// Returns whether the question comes with words that others chose: an answer to the asker is not among them.
    pub(super) fn quotes_others(&self) -> bool {
        self.quote.is_some_and(|quote| !quote.is_own) || files::has_others(self.files)
    }

    /// Returns whether the question comes with words that others may have written, also in an answer to it.
    pub(super) fn reads_others(&self) -> bool {
        self.quote.is_some() || files::has_others(self.files)
    }
}

/// What a run has asked of models, whether it has an answer or not. By default, nothing.
#[derive(Debug, Default)]
pub struct RunRecord {
    /// Every model call that ended, failed ones too.
    pub attempts: Vec<Attempt>,
    /// Whether a streaming preview may still arrive at the asker, after whatever follows.
    pub has_unconfirmed_preview: bool,
    /// What the last prompt took that a model has counted.
    pub measured: Option<Measured>,
    /// What the program says of what tools have done, one line each.
    pub notes: Vec<String>,
    /// Tools that ran.
    pub tools: Vec<ToolTrace>,
    /// Prompt of the image that is to be drawn below the answer.
    pub image_prompt: Option<String>,
}
