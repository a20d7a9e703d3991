//! Brings an answer to its asker alone: the first message in place of the placeholder, the rest below.
//!
//! | step | effect | why repeating it is safe |
//! | --- | --- | --- |
//! | `reply:1` | edit of the placeholder | an edit |
//! | `reply:n` | a message below it | without a response it is not sent again: the placeholder is edited |
//! | `confirm` | repeats an edit, a minute after one that may be under way | an edit |

use serde::{Deserialize, Serialize};

use super::{Delivery, LAST_WAY, UNDER_WAY, Undelivered};
use crate::chunks::{self, Chunk};
use crate::ledger::{self, Attempt, Entry};
use crate::{JobContext, jobs, post_once};
use miyabi_core::fault::{Fault, Notice};
use miyabi_core::ports::{Host, Steps, Stop};
use miyabi_core::transport::{
    EditOutcome, LONGEST_WAIT, Message, RateLimitBudget, Route, SendError, Transport,
};

/// Name of the first message in the ledger.
const FIRST: &str = "reply:1";

/// What the ledger has for the message that stands in place of the placeholder.
const ORIGINAL: &str = "@original";

/// What became of a chunk of a private answer. The result of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shown {
    /// It stands in place of the placeholder.
    InPlace,
    /// It stands below.
    Below,
    /// Messages below cannot be sent: the whole answer is a file in place of the placeholder.
    AsFile,
    /// It is not sent: the job has ended or has a later generation.
    Superseded,
}

impl<H: Host, S: Steps, T: Transport> Delivery<'_, H, S, T> {
    /// Delivers to the asker alone: the first chunk in place of the placeholder, the rest after.
    /// `false` if something else may stand in its place yet, for a reason that may pass.
    pub(super) async fn reply(&self, rest: &[Chunk], answer: &str) -> Result<bool, Undelivered> {
        let language = self.question().language;
        let most = self.context.transport.capabilities().max_private;
        let chunks = chunks::limit(rest.to_vec(), most, answer, language);
        let mut shown: Option<&str> = None;
        for (index, chunk) in chunks.iter().enumerate() {
            let name = format!("reply:{}", index + 1);
            let whole = Message {
                file: Some(answer),
                image: chunks.first().and_then(|first| first.image.as_deref()),
                ..Message::text(shown.unwrap_or(&chunk.content))
            };
            let work = async || self.reply_chunk(&name, chunk.message(), whole).await;
            match self.context.steps.step(&name, LAST_WAY, work).await {
                Ok(Shown::InPlace) => shown = Some(&chunk.content),
                Ok(Shown::Below) => {}
                Ok(Shown::AsFile) => return self.confirm(whole).await,
                Ok(Shown::Superseded) => return Err(Undelivered::Superseded),
                Err(stop) => {
                    return Err(Undelivered::Stopped { stop, shown: shown.map(ToOwned::to_owned) });
                }
            }
        }
        match chunks.first() {
            Some(first) if self.is_unclear && shown.is_some() => {
                self.confirm(first.message()).await
            }
            _ => Ok(true),
        }
    }

    /// Delivers one chunk. `whole` is what stands in place of the placeholder with all of the answer: an
    /// edit, so it serves where a further message must not be repeated or is one too many.
    async fn reply_chunk(
        &self,
        name: &str,
        message: Message<'_>,
        whole: Message<'_>,
    ) -> Result<Shown, Fault> {
        let JobContext { transport, .. } = self.context;
        let scopes = [transport.name(), ""];
        let attempt = Attempt {
            job: self.context.job.id(),
            generation: self.context.job.generation,
            step: name,
        };
        let begun = ledger::begin(self.context.host, attempt, scopes).await?;
        let is_first = name == FIRST;
        let (instead, shown) = match &begun.entry {
            Entry::Superseded => return Ok(Shown::Superseded),
            // An earlier run may have put an apology over it since, or a file into it. An edit without a file
            // leaves what is attached.
            Entry::Sent(id) if id == ORIGINAL && is_first => {
                let shows_image = self.earlier.is_some_and(|earlier| earlier.shows_image);
                (Some(if shows_image { message } else { whole }), Shown::InPlace)
            }
            Entry::Sent(id) if id == ORIGINAL => return Ok(Shown::AsFile),
            Entry::Sent(_) => return Ok(Shown::Below),
            Entry::Fresh | Entry::Unknown | Entry::Failed if is_first => {
                (Some(message), Shown::InPlace)
            }
            Entry::Fresh => (None, Shown::Below),
            Entry::Unknown | Entry::Failed => (Some(whole), Shown::AsFile),
        };
        if let Some(instead) = instead
            && (self.edit((attempt, begun.number), instead).await?
                || matches!(begun.entry, Entry::Sent(_)))
        {
            return Ok(shown);
        }
        let mut budget = RateLimitBudget::new(LONGEST_WAIT);
        let sent = match post_once::check_breaker(&begun, self.context.job.id(), &mut budget) {
            Ok(()) => transport.send(self.question(), &Route::Private, &message, &mut budget).await,
            Err(limited) => Err(limited),
        };
        match sent {
            // One too many, or nothing can be sent any more: an edit may still serve.
            Err(SendError::Refused { .. }) if self.edit((attempt, begun.number), whole).await? => {
                Ok(Shown::AsFile)
            }
            Ok(id) => {
                // As in `post_once`: an error here must not repeat it.
                drop(ledger::sent(self.context.host, attempt, &id, None).await);
                Ok(Shown::Below)
            }
            Err(error) => {
                // As in `post_once`: meanwhile another run may send it, so the next attempt begins it again.
                self.context.host.sleep(budget.due.unwrap_or_default()).await;
                let attempt = (attempt, begun.number);
                Err(post_once::note(self.context.host, attempt, error, budget.is_exceeded).await)
            }
        }
    }

    /// Repeats the last edit: an earlier one that got no response may still be under way, and the last to
    /// arrive is the one that stays. `false` if that failed for a reason that may pass: the earlier one
    /// may have arrived meanwhile.
    async fn confirm(&self, message: Message<'_>) -> Result<bool, Undelivered> {
        self.context.steps.sleep("confirm-wait", UNDER_WAY).await?;
        self.leave("confirm", Some(message)).await
    }

    /// Leaves a message, or nothing, where the placeholder stood; `false` if that failed for a reason that may
    /// pass. What the platform refuses to remove stays, and only the asker sees it besides the answer.
    pub(super) async fn leave(
        &self,
        step: &str,
        message: Option<Message<'_>>,
    ) -> Result<bool, Undelivered> {
        let work = async || {
            let is_ours = self.leases.is_current(self.context.host)
                || jobs::is_current(self.context.host, self.context.job).await?;
            if !is_ours {
                return Ok(false);
            }
            let JobContext { transport, .. } = self.context;
            match message {
                Some(message) => drop(transport.edit(self.question(), &message).await?),
                None => transport.remove(self.question()).await?,
            }
            Ok(true)
        };
        match self.context.steps.step(step, LAST_WAY, work).await {
            Ok(false) => Err(Undelivered::Superseded),
            Ok(true) => Ok(true),
            Err(Stop::Failed(fault)) => Ok(fault.notice == Notice::Blocked),
            Err(Stop::Aborted) => Err(Stop::Aborted.into()),
        }
    }

    /// Edits the placeholder; `false` if there is none.
    async fn edit(
        &self,
        (attempt, number): (Attempt<'_>, u64),
        message: Message<'_>,
    ) -> Result<bool, Fault> {
        let edited = match self.context.transport.edit(self.question(), &message).await {
            Ok(edited) => edited == EditOutcome::Done,
            Err(SendError::Expired) => false,
            // It has waited for the limit. Without its row what is put aside may be posted for everybody.
            Err(error @ SendError::RateLimited { .. }) if attempt.step == FIRST => {
                let attempt = (attempt, number);
                return Err(post_once::note(self.context.host, attempt, error, true).await);
            }
            Err(error) => return Err(error.into()),
        };
        if edited {
            drop(ledger::sent(self.context.host, attempt, ORIGINAL, None).await);
        }
        Ok(edited)
    }
}
