//! Every log line the program can write, as one enum.
//!
//! Fields are typed so that no token, secret, question or answer fits in: ids, numbers, fixed
//! words, and causes, which name none of them (see `docs/LOGGING.md`).

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::ids::JobId;

/// One log line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A request was refused at the door.
    RequestRejected {
        /// Status of the reply.
        status: u16,
        /// Fixed words.
        reason: &'static str,
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
    /// A question was accepted: the job is PENDING.
    JobAccepted {
        /// Job.
        job: JobId,
    },
    /// A job's row could not be written beside the reply; its Workflow repairs that.
    JobRecordDelayed {
        /// Job.
        job: JobId,
        /// Why.
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
    /// The job is COMPLETED.
    JobCompleted {
        /// Job.
        job: JobId,
        /// Messages that the answer took.
        parts: usize,
    },
    /// The job is ERROR, and the asker was told.
    JobFailed {
        /// Job.
        job: JobId,
        /// Why.
        fault: Fault,
    },
    /// The asker could not be told of a failure.
    AskerNotTold {
        /// Job.
        job: JobId,
        /// Why not.
        fault: Fault,
    },
}

/// How loud a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// A person must look.
    Error,
    /// Recovered, or may recover.
    Warn,
    /// One line per transition.
    Info,
}

impl Event {
    /// Returns how loud the line is.
    pub const fn level(&self) -> Level {
        match self {
            Self::Misconfigured { .. }
            | Self::Panicked { .. }
            | Self::JobFailed { .. }
            | Self::AskerNotTold { .. } => Level::Error,
            Self::RequestRejected { .. }
            | Self::JobRecordDelayed { .. }
            | Self::StepFailed { .. } => Level::Warn,
            Self::JobAccepted { .. }
            | Self::JobStarted { .. }
            | Self::RoundEnded { .. }
            | Self::JobCompleted { .. } => Level::Info,
        }
    }

    /// Returns the line's fields.
    ///
    /// # Shape
    /// `{"level":"info","event":"job_completed","job":"1302…","parts":1}`
    pub fn to_json(&self) -> Value {
        let mut line = self.fields();
        let level = match self.level() {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
        };
        if let Some(fields) = line.as_object_mut() {
            fields.insert("level".to_owned(), level.into());
        }
        line
    }

    fn fields(&self) -> Value {
        match self {
            Self::RequestRejected { status, reason } => {
                json!({ "event": "request_rejected", "status": status, "reason": reason })
            }
            Self::Misconfigured { message } => {
                json!({ "event": "misconfigured", "message": message })
            }
            Self::Panicked { location } => json!({ "event": "panicked", "location": location }),
            Self::JobAccepted { job } => {
                json!({ "event": "job_accepted", "job": job.as_str(), "status": "PENDING" })
            }
            Self::JobRecordDelayed { job, fault } => json!({
                "event": "job_record_delayed", "job": job.as_str(), "cause": fault.cause.to_string(),
            }),
            Self::JobStarted { job } => {
                json!({ "event": "job_started", "job": job.as_str(), "status": "PROCESSING" })
            }
            Self::StepFailed { job, step, attempt, fault } => json!({
                "event": "step_failed", "job": job.as_str(), "step": step, "attempt": attempt,
                "cause": fault.cause.to_string(),
            }),
            Self::RoundEnded { job, round, calls, prompt_tokens, completion_tokens } => json!({
                "event": "round_ended", "job": job.as_str(), "round": round, "calls": calls,
                "prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens,
            }),
            Self::JobCompleted { job, parts } => json!({
                "event": "job_completed", "job": job.as_str(), "status": "COMPLETED",
                "parts": parts,
            }),
            Self::JobFailed { job, fault } => json!({
                "event": "job_failed", "job": job.as_str(), "status": "ERROR",
                "notice": fault.notice.name(), "cause": fault.cause.to_string(),
            }),
            Self::AskerNotTold { job, fault } => json!({
                "event": "asker_not_told", "job": job.as_str(), "cause": fault.cause.to_string(),
            }),
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
