//! Every log line the program can write, as one enum.
//!
//! Fields are typed so that no token, secret, question or answer fits in: ids, numbers, fixed
//! words, and causes, which name none of them (see `docs/LOGGING.md`).

mod log_limit;

use serde::{Serialize, Serializer};
use serde_json::Value;

pub use self::log_limit::LogLimit;

use crate::fault::{Fault, Notice};
use crate::ids::JobId;

/// What has happened, for one log line.
///
/// # Shape
/// `{"event":"job_completed","job":"1302…","chunks":1}`; see [`Event::to_json`] for the whole line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// An inbound request was refused before it was parsed.
    RequestRejected {
        /// Status of the reply.
        status: u16,
        /// Fixed words.
        reason: &'static str,
    },
    /// Requests were refused for this reason without a line of their own, since the last such line.
    RequestsRejected {
        /// Fixed words.
        reason: &'static str,
        /// How many.
        requests: u32,
    },
    /// A request to the HTTP API failed; its sender was told its id.
    RequestFailed {
        /// Its id, if it was made here: a sender's may be anything.
        #[serde(skip_serializing_if = "Option::is_none")]
        request: Option<String>,
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// Settings are missing or wrong; names and repairs only.
    Misconfigured {
        /// The one message of `config`.
        message: String,
    },
    /// The platform panicked in the program: a bug.
    Panicked {
        /// Source file and line.
        location: String,
    },
    /// A job's row could not be written after the reply; its Workflow writes it.
    JobRecordDelayed {
        /// Job.
        job: JobId,
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// A job's Workflow began: the job is PROCESSING.
    JobStarted {
        /// Job.
        job: JobId,
    },
    /// A step's attempt failed; it is repeated as its policy says.
    StepFailed {
        /// Job.
        job: JobId,
        /// Step's name.
        step: String,
        /// Attempt, from 1.
        attempt: u32,
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// A model call or a tool round ended well.
    RoundEnded {
        /// Job.
        job: JobId,
        /// Round, from 1.
        round: u32,
        /// Tool calls that the model asked for.
        calls: usize,
        /// Tokens of the prompt, as the model reports them.
        prompt_tokens: u64,
        /// Tokens of the completion.
        completion_tokens: u64,
    },
    /// A model did not answer; the fallback chain decides what follows.
    ModelFailed {
        /// Job.
        job: JobId,
        /// Ordinal of the model call, from 1.
        round: u32,
        /// Model's id.
        model: String,
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// An MCP server gave no list of its tools, so the job's models have none of them.
    McpFailed {
        /// Job.
        job: JobId,
        /// Server's name, as the settings have it.
        server: String,
        /// Why, in fixed words.
        cause: String,
    },
    /// The job is COMPLETED.
    JobCompleted {
        /// Job.
        job: JobId,
        /// Messages that the answer took.
        chunks: usize,
    },
    /// The job is ERROR, and the asker was told.
    JobFailed {
        /// Job.
        job: JobId,
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// A question was refused: too many of them.
    Limited {
        /// Job that there will not be.
        job: JobId,
        /// `asker` or `server`.
        limit: &'static str,
    },
    /// A question was refused: it may not be asked where it was asked.
    NotAdmitted {
        /// Job that there will not be.
        job: JobId,
    },
    /// A platform sent something that the program does not serve.
    UpdateUnserved {
        /// Platform.
        platform: &'static str,
        /// What the platform calls it, or `other`.
        kind: &'static str,
        /// Whether it is kept for a day.
        is_kept: bool,
    },
    /// A message that a platform had taken does not arrive.
    NotDelivered {
        /// Job.
        job: JobId,
        /// Platform's error code, 0 if there was none.
        code: u32,
    },
    /// The usage of a person or server could not be read; the asker was told so.
    UsageFailed {
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// A message that somebody wants to ask about could not be kept, or not be read back; they were told so.
    QuoteFailed {
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// What somebody has asked could not be read or cancelled; they were told so.
    StatusFailed {
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// What is kept for the buttons of an answer could not be read, or the answer not be deleted; who pressed was
    /// told so.
    ButtonFailed {
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// The asker of a job was asked whether tools may act outside.
    ConsentAsked {
        /// Job.
        job: JobId,
        /// Calls.
        calls: usize,
    },
    /// The asker of a job, or who manages its server, has decided about that.
    ConsentDecided {
        /// Job.
        job: JobId,
        /// Whether it may be done.
        is_approved: bool,
    },
    /// A server's settings, or what is kept of a person, could not be read or changed; who wanted it was told so.
    SettingsFailed {
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// An asker wants no answer any more.
    CancelAsked {
        /// Job.
        job: JobId,
    },
    /// What somebody wanted of their keys could not be done; they were told so.
    KeysFailed {
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// What a person has had remembered could not be read or changed; they were told so.
    MemoryFailed {
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// Whose question a message belongs to could not be read; the moderator was told so.
    AttributionFailed {
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// The job's Workflow could not be started: the queue starts it.
    JobQueued {
        /// Job.
        job: JobId,
        /// Why it could not be started.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// The watchdog gave the job another generation.
    JobRevived {
        /// Job.
        job: JobId,
        /// Which generation, from 2; 1 if its Workflow had never begun.
        generation: u32,
    },
    /// An older generation of the job found that a later one has it, and stopped.
    JobSuperseded {
        /// Job.
        job: JobId,
        /// The older generation.
        generation: u32,
    },
    /// The queue gave up starting the job.
    JobDeadLettered {
        /// Job.
        job: JobId,
    },
    /// A message of the queue, or an instance's parameters, cannot be read as a job: it is dropped.
    MessageUnreadable,
    /// The platform said that a sender of ours, such as a webhook, is gone: it is left alone.
    SenderGone {
        /// Sender's id.
        sender: String,
    },
    /// A platform blocked or rate limited the program for longer than a moment: posts wait.
    BreakerOpened {
        /// Sender's id, or the platform's name.
        scope: String,
        /// For how long.
        wait_s: u64,
    },
    /// A platform takes no message for longer than a run waits: the watchdog goes on with the job later.
    JobPutAside {
        /// Job.
        job: JobId,
        /// For how long.
        wait_s: u64,
    },
    /// A sweep of the watchdog failed, or a part of it; the next one comes in a minute.
    SweepFailed {
        /// Job, if it was about one.
        #[serde(skip_serializing_if = "Option::is_none")]
        job: Option<JobId>,
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// Old jobs were deleted.
    Forgotten {
        /// How many.
        jobs: usize,
    },
    /// A conversation could not be read or written: its question is answered without memory, or is not
    /// remembered.
    ConversationUnavailable {
        /// Job.
        job: JobId,
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// The older turns of a long conversation were to be summarized.
    SummaryEnded {
        /// Job after which that was.
        job: JobId,
        /// How many turns.
        turns: usize,
        /// `kept`, `unpaid`: no budget has enough left, `unanswered`: no model answered, or it said what was
        /// not said, `superseded`: another one was there first.
        outcome: &'static str,
    },
    /// A conversation's database failed: the command was not carried out, and is sent again.
    CommandFailed {
        /// Why.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
    /// The asker could not be told of a failure.
    AskerNotNotified {
        /// Job.
        job: JobId,
        /// Why not.
        #[serde(rename = "cause", serialize_with = "write_cause")]
        fault: Fault,
    },
}

/// How urgent a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The operator has to look at it.
    Error,
    /// The program recovered, or may recover.
    Warn,
    /// One line per transition.
    Info,
}

impl Event {
    /// Returns how urgent the line is.
    pub const fn level(&self) -> Level {
        match self {
            Self::Misconfigured { .. }
            | Self::Panicked { .. }
            | Self::JobFailed { .. }
            | Self::JobDeadLettered { .. }
            | Self::MessageUnreadable
            | Self::SenderGone { .. }
            | Self::AskerNotNotified { .. } => Level::Error,
            Self::RequestRejected { .. }
            | Self::RequestsRejected { .. }
            | Self::RequestFailed { .. }
            | Self::JobRecordDelayed { .. }
            | Self::Limited { .. }
            | Self::NotAdmitted { .. }
            | Self::UpdateUnserved { .. }
            | Self::NotDelivered { .. }
            | Self::UsageFailed { .. }
            | Self::QuoteFailed { .. }
            | Self::StatusFailed { .. }
            | Self::ButtonFailed { .. }
            | Self::SettingsFailed { .. }
            | Self::KeysFailed { .. }
            | Self::MemoryFailed { .. }
            | Self::AttributionFailed { .. }
            | Self::JobQueued { .. }
            | Self::JobRevived { .. }
            | Self::JobSuperseded { .. }
            | Self::JobPutAside { .. }
            | Self::BreakerOpened { .. }
            | Self::SweepFailed { .. }
            | Self::StepFailed { .. }
            | Self::ConversationUnavailable { .. }
            | Self::CommandFailed { .. }
            | Self::McpFailed { .. }
            | Self::ModelFailed { .. } => Level::Warn,
            Self::JobStarted { .. }
            | Self::RoundEnded { .. }
            | Self::Forgotten { .. }
            | Self::SummaryEnded { .. }
            | Self::CancelAsked { .. }
            | Self::ConsentAsked { .. }
            | Self::ConsentDecided { .. }
            | Self::JobCompleted { .. } => Level::Info,
        }
    }

    /// Returns the state that the job has from now on, if this event changes it.
    fn status(&self) -> Option<&'static str> {
        if matches!(self, Self::JobStarted { .. }) {
            Some("PROCESSING")
        } else if matches!(self, Self::JobCompleted { .. }) {
            Some("COMPLETED")
        } else if matches!(self, Self::JobFailed { .. }) {
            Some("ERROR")
        } else {
            None
        }
    }

    fn line(&self) -> Line<'_> {
        let notice =
            if let Self::JobFailed { fault, .. } = self { Some(fault.notice) } else { None };
        Line { level: self.level(), event: self, status: self.status(), notice }
    }

    /// Returns the log line.
    ///
    /// # Shape
    /// One line of JSON, as [`Event::to_json`].
    pub fn to_line(&self) -> String {
        serde_json::to_string(&self.line()).unwrap_or_default()
    }

    /// Returns the log line as a value.
    ///
    /// # Shape
    /// `{"level":"info","event":"job_completed","job":"1302…","chunks":1,"status":"COMPLETED"}`
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self.line()).unwrap_or_default()
    }
}

/// An event with what follows from it.
#[derive(Serialize)]
struct Line<'a> {
    level: Level,
    #[serde(flatten)]
    event: &'a Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    /// What the asker of a failed job was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<Notice>,
}

/// Of a fault, the line has the cause.
fn write_cause<S: Serializer>(fault: &Fault, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&fault.cause)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
