//! Every log line the program can write, as one enum.
//!
//! Fields are typed so that no token, secret, question or answer fits in: ids, numbers, fixed
//! words, and causes, which name none of them (see `docs/LOGGING.md`).

mod ration;

use serde_json::{Map, Value};

pub use self::ration::Rations;

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
    /// As many requests were refused for this reason without a line of their own, since the last one.
    RequestsRejected {
        /// Fixed words.
        reason: &'static str,
        /// How many.
        requests: u32,
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
    /// A model did not answer; what follows is the chain's to decide.
    ModelFailed {
        /// Job.
        job: JobId,
        /// Ordinal of the model call, from 1.
        round: u32,
        /// Model's id.
        model: String,
        /// Why.
        fault: Fault,
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
    /// A question was refused: too many of them.
    Limited {
        /// Job that there will not be.
        job: JobId,
        /// `asker` or `server`.
        limit: &'static str,
    },
    /// What somebody has used could not be read; they were told so.
    UsageFailed {
        /// Why.
        fault: Fault,
    },
    /// The job's Workflow could not be started: the queue starts it.
    JobQueued {
        /// Job.
        job: JobId,
        /// Why it could not be started.
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
    JobDead {
        /// Job.
        job: JobId,
    },
    /// A message of the queue, or an instance's parameters, are no job: nothing can be done for it.
    LetterUnreadable,
    /// Discord says that a webhook is gone: it is not called again.
    WebhookGone {
        /// Webhook's id.
        webhook: String,
    },
    /// Discord blocks or limits us for longer than a moment: posts wait.
    Braked {
        /// Webhook's id, or `discord`.
        scope: String,
        /// For how long.
        wait_s: u64,
    },
    /// The watchdog could not do its round, or a part of it; the next one comes in a minute.
    SweepFailed {
        /// Job, if it was about one.
        job: Option<JobId>,
        /// Why.
        fault: Fault,
    },
    /// Old jobs were deleted.
    Forgotten {
        /// How many.
        jobs: usize,
    },
    /// The asker could not be told of a failure.
    AskerNotNotified {
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
            | Self::JobDead { .. }
            | Self::LetterUnreadable
            | Self::WebhookGone { .. }
            | Self::AskerNotNotified { .. } => Level::Error,
            Self::RequestRejected { .. }
            | Self::RequestsRejected { .. }
            | Self::JobRecordDelayed { .. }
            | Self::Limited { .. }
            | Self::UsageFailed { .. }
            | Self::JobQueued { .. }
            | Self::JobRevived { .. }
            | Self::JobSuperseded { .. }
            | Self::Braked { .. }
            | Self::SweepFailed { .. }
            | Self::StepFailed { .. }
            | Self::ModelFailed { .. } => Level::Warn,
            Self::JobStarted { .. }
            | Self::RoundEnded { .. }
            | Self::Forgotten { .. }
            | Self::JobCompleted { .. } => Level::Info,
        }
    }

    /// Returns the line's fields.
    ///
    /// # Shape
    /// `{"level":"info","event":"job_completed","job":"1302…","parts":1}`
    pub fn to_json(&self) -> Value {
        let level = match self.level() {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
        };
        let mut line = Line(Map::new());
        line.word("level", level);
        self.write(&mut line);
        Value::Object(line.0)
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each event, and nothing else")]
    fn write(&self, line: &mut Line) {
        match self {
            Self::RequestRejected { status, reason } => {
                line.word("event", "request_rejected");
                line.set("status", (*status).into());
                line.word("reason", reason);
            }
            Self::RequestsRejected { reason, requests } => {
                line.word("event", "requests_rejected");
                line.word("reason", reason);
                line.set("requests", (*requests).into());
            }
            Self::Misconfigured { message } => {
                line.word("event", "misconfigured");
                line.word("message", message);
            }
            Self::Panicked { location } => {
                line.word("event", "panicked");
                line.word("location", location);
            }
            Self::JobRecordDelayed { job, fault } => {
                line.job("job_record_delayed", job, None);
                line.cause(fault);
            }
            Self::JobStarted { job } => line.job("job_started", job, Some("PROCESSING")),
            Self::StepFailed { job, step, attempt, fault } => {
                line.job("step_failed", job, None);
                line.word("step", step);
                line.set("attempt", (*attempt).into());
                line.cause(fault);
            }
            Self::RoundEnded { job, round, calls, prompt_tokens, completion_tokens } => {
                line.job("round_ended", job, None);
                line.set("round", (*round).into());
                line.set("calls", (*calls).into());
                line.set("prompt_tokens", (*prompt_tokens).into());
                line.set("completion_tokens", (*completion_tokens).into());
            }
            Self::ModelFailed { job, round, model, fault } => {
                line.job("model_failed", job, None);
                line.set("round", (*round).into());
                line.word("model", model);
                line.cause(fault);
            }
            Self::JobCompleted { job, parts } => {
                line.job("job_completed", job, Some("COMPLETED"));
                line.set("parts", (*parts).into());
            }
            Self::JobFailed { job, fault } => {
                line.job("job_failed", job, Some("ERROR"));
                line.word("notice", fault.notice.name());
                line.cause(fault);
            }
            Self::Limited { job, limit } => {
                line.job("limited", job, None);
                line.word("limit", limit);
            }
            Self::UsageFailed { fault } => {
                line.word("event", "usage_failed");
                line.cause(fault);
            }
            Self::JobQueued { job, fault } => {
                line.job("job_queued", job, None);
                line.cause(fault);
            }
            Self::JobRevived { job, generation } => {
                line.job("job_revived", job, None);
                line.set("generation", (*generation).into());
            }
            Self::JobSuperseded { job, generation } => {
                line.job("job_superseded", job, None);
                line.set("generation", (*generation).into());
            }
            Self::JobDead { job } => line.job("job_dead", job, None),
            Self::LetterUnreadable => line.word("event", "letter_unreadable"),
            Self::WebhookGone { webhook } => {
                line.word("event", "webhook_gone");
                line.word("webhook", webhook);
            }
            Self::Braked { scope, wait_s } => {
                line.word("event", "braked");
                line.word("scope", scope);
                line.set("wait_s", (*wait_s).into());
            }
            Self::SweepFailed { job, fault } => {
                line.word("event", "sweep_failed");
                if let Some(job) = job {
                    line.word("job", job.as_str());
                }
                line.cause(fault);
            }
            Self::Forgotten { jobs } => {
                line.word("event", "forgotten");
                line.set("jobs", (*jobs).into());
            }
            Self::AskerNotNotified { job, fault } => {
                line.job("asker_not_notified", job, None);
                line.cause(fault);
            }
        }
    }
}

/// Line in the making. Calls, because `json!` writes every insertion out: 1 kB gzip more.
struct Line(Map<String, Value>);

impl Line {
    fn word(&mut self, name: &str, value: &str) {
        self.set(name, value.into());
    }

    fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    fn job(&mut self, event: &str, job: &JobId, status: Option<&str>) {
        self.word("event", event);
        self.word("job", job.as_str());
        if let Some(status) = status {
            self.word("status", status);
        }
    }

    fn cause(&mut self, fault: &Fault) {
        self.word("cause", &fault.cause.to_string());
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
