//! How does an answer get to its asker alone? The first message in place of "thinking…", the rest below.
//!
//! | step | effect | why repeating it is safe |
//! | --- | --- | --- |
//! | `reply:1` | edit of the deferred reply | an edit |
//! | `reply:n` | follow-up | after silence it is not sent again: the first reply is edited |
//! | `confirm` | repeats an edit, a minute after one that may be under way | an edit |

use serde_json::Value;

use super::{Delivery, LAST_WAY, UNDER_WAY, Undelivered};
use crate::chunks;
use crate::chunks::Chunk;
use crate::ledger;
use crate::ledger::{Attempt, Entry};
use crate::{Ours, jobs, post_once, reply};
use miyabi_channels::discord::Ports;
use miyabi_channels::discord::post;
use miyabi_channels::discord::post::{Message, Outcome, Patience};
use miyabi_core::fault::{DiscordError, Fault, Notice};
use miyabi_core::ports::{Steps, Stop, Stored};

/// What the ledger has for the message that stands in place of "thinking…".
const ORIGINAL: &str = "@original";

/// What became of a part of a private answer. The result of a step: a stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// It stands in place of "thinking…".
    InPlace,
    /// It is a follow-up.
    Below,
    /// Follow-ups do not serve: the whole answer is a file in place of "thinking…".
    AsFile,
    /// It is not sent: the job has ended or has a later generation.
    Superseded,
}

impl Stored for Shown {
    fn to_json(&self) -> Value {
        match self {
            Self::InPlace => true.into(),
            Self::Below => false.into(),
            Self::AsFile => "file".into(),
            Self::Superseded => Value::Null,
        }
    }

    fn from_json(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(true) => Some(Self::InPlace),
            Value::Bool(false) => Some(Self::Below),
            Value::String(_) => Some(Self::AsFile),
            Value::Null => Some(Self::Superseded),
            Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

impl<H: Ports, S: Steps> Delivery<'_, H, S> {
    /// Delivers by the interaction's token: the first part in place of "thinking…", the rest after.
    /// `false` if something else may stand in its place yet, for a reason that may pass.
    pub(super) async fn reply(&self, rest: &[Chunk], answer: &str) -> Result<bool, Undelivered> {
        let language = self.question().language;
        let parts = chunks::limit(rest.to_vec(), chunks::MAX_PRIVATE, answer, language);
        let mut shown: Option<&str> = None;
        for (index, part) in parts.iter().enumerate() {
            let name = format!("reply:{}", index + 1);
            let whole = Message { content: shown.unwrap_or(&part.content), file: Some(answer) };
            let work = async || self.reply_part(&name, part.message(), whole).await;
            match self.steps.step(&name, LAST_WAY, work).await {
                Ok(Shown::InPlace) => shown = Some(&part.content),
                Ok(Shown::Below) => {}
                Ok(Shown::AsFile) => return self.confirm(whole).await,
                Ok(Shown::Superseded) => return Err(Undelivered::Superseded),
                Err(stop) => {
                    return Err(Undelivered::Stopped { stop, shown: shown.map(ToOwned::to_owned) });
                }
            }
        }
        match parts.first() {
            Some(first) if self.is_unclear && shown.is_some() => {
                self.confirm(first.message()).await
            }
            _ => Ok(true),
        }
    }

    /// Delivers one part. `whole` is what stands in place of "thinking…" with all of the answer: an
    /// edit, so it serves where a follow-up must not be repeated or is one too many.
    async fn reply_part(
        &self,
        name: &str,
        message: Message<'_>,
        whole: Message<'_>,
    ) -> Result<Shown, Fault> {
        let attempt = Attempt { job: self.job.id(), generation: self.job.generation, part: name };
        let begun = ledger::begin(self.host, attempt, "").await?;
        let is_first = name == "reply:1";
        let (instead, shown) = match &begun.entry {
            Entry::Superseded => return Ok(Shown::Superseded),
            // An earlier run may have put an apology over it since, or a file into it.
            Entry::Sent(id) if id == ORIGINAL && is_first => (Some(whole), Shown::InPlace),
            Entry::Sent(id) if id == ORIGINAL => return Ok(Shown::AsFile),
            Entry::Sent(_) => return Ok(Shown::Below),
            Entry::Fresh | Entry::Unknown | Entry::Failed if is_first => {
                (Some(message), Shown::InPlace)
            }
            Entry::Fresh => (None, Shown::Below),
            Entry::Unknown | Entry::Failed => (Some(whole), Shown::AsFile),
        };
        if let Some(instead) = instead
            && (self.edit(attempt, instead).await? || matches!(begun.entry, Entry::Sent(_)))
        {
            return Ok(shown);
        }
        let mut patience = Patience::new(post::PATIENCE);
        let interaction = reply::interaction(self.settings, self.question());
        let sent = match post_once::check_breaker(&begun, self.job.id(), &mut patience) {
            Ok(()) => post::follow_up(self.host, &mut patience, interaction, message).await,
            Err(limited) => Err(limited),
        };
        match sent {
            // One too many.
            Err(DiscordError::Refused { code: 40_094, .. })
                if self.edit(attempt, whole).await? =>
            {
                Ok(Shown::AsFile)
            }
            Ok(id) => {
                // As in `once`: an error here must not repeat it.
                drop(ledger::sent(self.host, attempt, &id, ledger::NO_OTHER).await);
                Ok(Shown::Below)
            }
            Err(error) => {
                // As in `once`: meanwhile another run may send it, so the next attempt begins it again.
                self.host.sleep(patience.due.unwrap_or_default()).await;
                Err(post_once::note(self.host, attempt, begun.number, error).await)
            }
        }
    }

    /// Repeats the last edit: an earlier one that got no response may still be under way, and the last to
    /// arrive is the one that stays. `false` if that failed for a reason that may pass: the earlier one
    /// may have arrived meanwhile.
    async fn confirm(&self, message: Message<'_>) -> Result<bool, Undelivered> {
        self.steps.sleep("confirm-wait", UNDER_WAY).await?;
        self.leave("confirm", Some(message)).await
    }

    /// Leaves a message, or nothing, where "thinking…" stood; `false` if that failed for a reason that may
    /// pass. What Discord refuses to remove stays, and only the asker sees it beside the answer.
    pub(super) async fn leave(
        &self,
        step: &str,
        message: Option<Message<'_>>,
    ) -> Result<bool, Undelivered> {
        let work = async || {
            let is_ours =
                self.recent.is_ours(self.host) || jobs::is_current(self.host, self.job).await?;
            if !is_ours {
                return Ok(Ours(false));
            }
            let (host, settings, question) = (self.host, self.settings, self.question());
            match message {
                Some(message) => drop(reply::edit(host, settings, question, message).await?),
                None => reply::remove(host, settings, question).await?,
            }
            Ok(Ours(true))
        };
        match self.steps.step(step, LAST_WAY, work).await {
            Ok(Ours(false)) => Err(Undelivered::Superseded),
            Ok(Ours(true)) => Ok(true),
            Err(Stop::Failed(fault)) => Ok(fault.notice == Notice::Blocked),
            Err(Stop::Aborted) => Err(Stop::Aborted.into()),
        }
    }

    /// Edits the deferred reply; `false` if there is none.
    async fn edit(&self, attempt: Attempt<'_>, message: Message<'_>) -> Result<bool, Fault> {
        let edited = reply::edit(self.host, self.settings, self.question(), message).await?;
        if edited == Outcome::Done {
            drop(ledger::sent(self.host, attempt, ORIGINAL, ledger::NO_OTHER).await);
        }
        Ok(edited == Outcome::Done)
    }
}
