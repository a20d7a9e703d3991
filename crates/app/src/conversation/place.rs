//! Where in the tree of turns a submission belongs.

use serde::Deserialize;

use super::{Conversation, Denied, Refusal, Submission};
use miyabi_core::fault::Fault;
use miyabi_core::ports::Store;

/// Where in the tree a turn belongs.
pub(super) struct Place {
    /// `seq` of the turn before it.
    pub(super) parent: Option<u64>,
    /// `seq` of the turn whose question it answers once more.
    pub(super) source: Option<u64>,
    /// That question, and its files as a column.
    pub(super) asked: Option<(String, Option<String>)>,
}

/// A turn that another one refers to.
#[derive(Deserialize)]
struct Old {
    seq: u64,
    parent: Option<u64>,
    source: Option<u64>,
    question: String,
    files: Option<String>,
}

impl<S: Store> Conversation<'_, S> {
    /// Finds where in the tree a submission belongs.
    pub(super) fn place(&self, submission: &Submission) -> Result<Place, Denied> {
        let named = submission.named();
        let old = named.map(|message| self.message(message)).transpose()?.flatten();
        match old {
            Some(old) if submission.again.is_some() => {
                let source = Some(old.source.unwrap_or(old.seq));
                Ok(Place { parent: old.parent, source, asked: Some((old.question, old.files)) })
            }
            Some(old) => Ok(Place { parent: old.parent, source: None, asked: None }),
            None if named.is_some() && !submission.brings_its_own() => Err(Refusal::Unknown.into()),
            None if submission.is_fresh => Ok(Place { parent: None, source: None, asked: None }),
            None => Ok(Place { parent: self.before(submission)?, source: None, asked: None }),
        }
    }

    /// Returns the turn that a new question follows.
    fn before(&self, submission: &Submission) -> Result<Option<u64>, Denied> {
        let Some(message) = &submission.after else {
            return Ok(self.newest()?.map(|(seq, _id)| seq));
        };
        let before = self.message(message)?.ok_or(Refusal::Unknown)?;
        Ok(Some(before.seq))
    }

    /// Finds the newest turn that has a message with this id. It reads every turn at most, and only for
    /// an edit or another answer.
    fn message(&self, id: &str) -> Result<Option<Old>, Fault> {
        let sql = "SELECT seq, parent, source, question, files FROM turns
                   WHERE ?1 <> '' AND ?1 IN (message, id || '-q', id || '-a') ORDER BY seq DESC LIMIT 1";
        self.store.row("turns::message", sql, vec![id.into()])
    }
}
