//! All that can go wrong with an effect: whose fault, whether to retry, what the person is told.

use crate::http::HttpError;
use crate::text::split_once;

/// A failed effect. The three questions are answered where it is born.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct Fault {
    /// What happened, for the operator; names no secret, no question, no answer.
    pub cause: Cause,
    /// Whether to try again.
    pub retry: Retry,
    /// Which sentence the asker reads if it stays so.
    pub notice: Notice,
}

/// Whether to try a failed effect again. A wait that the other side named was already waited for,
/// where the call was made.
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
    /// Discord refused or did not answer.
    #[error(transparent)]
    Discord(#[from] DiscordError),
    /// A model refused or did not answer.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The database refused or did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The Workflow engine refused or did not answer.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A failure that an earlier generation of the job recorded, as its text.
    #[error("{0}")]
    Recorded(String),
}

/// Whose budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One person's.
    Asker,
    /// One server's.
    Server,
    /// Everybody's of a day.
    Day,
}

impl Scope {
    /// Returns the stable name; it is stored, also as `spending.kind`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asker => "asker",
            Self::Server => "server",
            Self::Day => "day",
        }
    }

    /// Returns the scope with this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Asker, Self::Server, Self::Day].into_iter().find(|scope| scope.name() == name)
    }
}

/// Which sentence the asker reads; the sentences are in `channels`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// Something broke; asking again may work.
    TryAgain,
    /// The model is overloaded or limited right now.
    Busy,
    /// The daily allowance of the model is used up.
    Quota,
    /// The question (with its context) does not fit the model.
    TooLong,
    /// The operator has to repair the configuration.
    Misconfigured,
    /// Discord (`AutoMod`, a lock, a missing permission) does not take the post.
    Blocked,
    /// The asker has too many questions at a time.
    Crowded,
    /// The server has too many questions at a time.
    ServerCrowded,
    /// The answer took too long.
    Late,
    /// The model's vendor does not allow the question or its answer.
    Refused,
    /// The asker's budget has too little left.
    AskerBudget,
    /// The server's budget has too little left.
    ServerBudget,
    /// Everybody's budget has too little left.
    DayBudget,
    /// What is left of a budget is set aside for questions that are being answered.
    BudgetHeld,
}

impl Notice {
    /// Every notice, for tests and for [`Notice::parse`].
    pub const ALL: [Self; 14] = [
        Self::TryAgain,
        Self::Busy,
        Self::Quota,
        Self::TooLong,
        Self::Misconfigured,
        Self::Blocked,
        Self::Crowded,
        Self::ServerCrowded,
        Self::Late,
        Self::Refused,
        Self::AskerBudget,
        Self::ServerBudget,
        Self::DayBudget,
        Self::BudgetHeld,
    ];

    /// Returns the stable name; it is part of recorded failures.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TryAgain => "try-again",
            Self::Busy => "busy",
            Self::Quota => "quota",
            Self::TooLong => "too-long",
            Self::Misconfigured => "misconfigured",
            Self::Blocked => "blocked",
            Self::Crowded => "crowded",
            Self::ServerCrowded => "server-crowded",
            Self::Late => "late",
            Self::Refused => "refused",
            Self::AskerBudget => "asker-budget",
            Self::ServerBudget => "server-budget",
            Self::BudgetHeld => "budget-held",
            Self::DayBudget => "day-budget",
        }
    }

    /// Returns the notice with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.name() == name)
    }
}

/// A refusal by Discord, or no answer from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscordError {
    /// Discord answered with an error status and, if it sent JSON, its code.
    #[error("discord answered `{status}` (code {code}) to {operation}")]
    Refused {
        /// What was tried.
        operation: &'static str,
        /// HTTP status.
        status: u16,
        /// Discord's JSON error code, 0 if there was none.
        code: u32,
    },
    /// Too many requests, for longer than a call waits.
    #[error("discord limited {operation} for too long")]
    Limited {
        /// What was tried.
        operation: &'static str,
    },
    /// The interaction's token does not count any more: its 15 minutes are over.
    #[error("the interaction's token has expired")]
    Expired,
    /// No response: it is open whether the request took effect.
    #[error("{operation} at discord: {source}")]
    NoResponse {
        /// What was tried.
        operation: &'static str,
        /// Why.
        source: HttpError,
    },
}

/// What kind of failure a model's is: what the chain of models does next depends on this alone.
///
/// The names are part of stored values, see [`Class::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Our own request is wrong: it would be wrong anywhere.
    BadRequest,
    /// The key, the model's name, an agreement or the account is not in order.
    Config,
    /// The day's allowance, or the balance, is used up.
    Quota,
    /// Too many requests or tokens per minute.
    RateLimit,
    /// Out of capacity right now.
    Busy,
    /// A timeout, an inner error, a lost connection or a response that nobody understands.
    Transient,
    /// The messages are longer than the model reads.
    TooLong,
    /// The vendor refuses what was asked or answered.
    Policy,
    /// A response that broke off, or that ended before there was anything of use in it.
    Truncated,
}

impl Class {
    /// Every class, for tests and for [`Class::parse`].
    pub const ALL: [Self; 9] = [
        Self::BadRequest,
        Self::Config,
        Self::Quota,
        Self::RateLimit,
        Self::Busy,
        Self::Transient,
        Self::TooLong,
        Self::Policy,
        Self::Truncated,
    ];

    /// Returns the stable name; it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::Config => "config",
            Self::Quota => "quota",
            Self::RateLimit => "rate-limit",
            Self::Busy => "busy",
            Self::Transient => "transient",
            Self::TooLong => "too-long",
            Self::Policy => "policy",
            Self::Truncated => "truncated",
        }
    }

    /// Returns the class with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    /// Returns what the asker reads if no model of the chain did better.
    pub const fn notice(self) -> Notice {
        match self {
            Self::BadRequest | Self::Transient | Self::Truncated => Notice::TryAgain,
            Self::Config => Notice::Misconfigured,
            Self::Quota => Notice::Quota,
            Self::RateLimit | Self::Busy => Notice::Busy,
            Self::TooLong => Notice::TooLong,
            Self::Policy => Notice::Refused,
        }
    }
}

/// A model that did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The vendor refused, failed or was not understood.
    #[error("{vendor} answered: {} (code {code})", class.name())]
    Refused {
        /// Vendor's name, one of [`crate::config::models::VENDORS`].
        vendor: &'static str,
        /// What kind of failure it is.
        class: Class,
        /// HTTP status, or an internal code of Workers AI, 0 if there was none.
        code: u32,
    },
    /// There was no time left to ask.
    #[error("there was no time left to ask the model")]
    Late,
    /// The allowance of every vendor in the chain is used up.
    #[error("no model can be asked: the allowance of each is used up")]
    Closed,
}

/// A failure of the database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The statement failed; the text is the database's and holds no parameter values.
    #[error("the database failed in {statement}")]
    Failed {
        /// Name of the statement.
        statement: &'static str,
    },
    /// A row has a value of an unexpected type.
    #[error("the database returned an unexpected `{column}`")]
    Column {
        /// Column's name.
        column: &'static str,
    },
}

/// A failure of the Workflow engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// An instance could not be created.
    #[error("the workflow could not be started")]
    Start,
    /// The engine did not say what became of an instance.
    #[error("the workflow's state is not known")]
    State,
    /// The queue did not take a message.
    #[error("the queue did not take the job")]
    Queue,
    /// The queue could not start the job.
    #[error("the queue could not start the job")]
    Dead,
    /// The job did not end in time, in any of its generations.
    #[error("the job did not end in time (generation {generation})")]
    Late {
        /// Its last generation.
        generation: u32,
    },
    /// The asker has too many jobs at a time.
    #[error("the asker has {running} other jobs at a time")]
    Crowded {
        /// Older jobs of the asker that have not ended.
        running: u64,
    },
    /// A budget has too little left.
    #[error("the budget of the {} {}", scope.name(), too_little(*until_s))]
    OverBudget {
        /// Whose.
        scope: Scope,
        /// When it is new again, in Unix seconds; `None` if it is not spent, but set aside.
        until_s: Option<u64>,
    },
    /// A step took longer than its timeout, in every attempt.
    #[error("step `{step}` ran out of time")]
    Timeout {
        /// Step's name.
        step: String,
    },
    /// A step's value cannot be stored or read back.
    #[error("step `{step}` has an unreadable result")]
    Value {
        /// Step's name.
        step: String,
    },
}

const fn too_little(until_s: Option<u64>) -> &'static str {
    match until_s {
        Some(_) => "has too little left",
        None => "is set aside for questions that are being answered",
    }
}

impl Fault {
    /// Returns the text under which a failed step is recorded: notice and cause.
    ///
    /// # Shape
    /// `[miyabi:busy] workers-ai answered: busy (code 3040)`
    pub fn to_record(&self) -> String {
        format!("{RECORD_MARK}{}] {}", self.notice.name(), self.cause)
    }

    /// Returns the fault that [`Fault::to_record`] recorded, wherever it is in `text`, or `None`
    /// if the text is not of that shape.
    pub fn from_record(text: &str) -> Option<Self> {
        let (_, rest) = split_once(text, RECORD_MARK)?;
        let (name, cause) = split_once(rest, "] ")?;
        Some(Self {
            cause: Cause::Recorded(cause.to_owned()),
            retry: Retry::Never,
            notice: Notice::parse(name)?,
        })
    }
}

const RECORD_MARK: &str = "[miyabi:";

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let retry = match error {
            StoreError::Failed { .. } => Retry::Backoff,
            StoreError::Column { .. } => Retry::Never,
        };
        Self { cause: error.into(), retry, notice: Notice::TryAgain }
    }
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        let notice = match error {
            EngineError::Late { .. } => Notice::Late,
            EngineError::Crowded { .. } => Notice::Crowded,
            EngineError::OverBudget { until_s: None, .. } => Notice::BudgetHeld,
            EngineError::OverBudget { scope: Scope::Asker, .. } => Notice::AskerBudget,
            EngineError::OverBudget { scope: Scope::Server, .. } => Notice::ServerBudget,
            EngineError::OverBudget { scope: Scope::Day, .. } => Notice::DayBudget,
            EngineError::Start
            | EngineError::State
            | EngineError::Queue
            | EngineError::Dead
            | EngineError::Timeout { .. }
            | EngineError::Value { .. } => Notice::TryAgain,
        };
        Self { cause: error.into(), retry: Retry::Never, notice }
    }
}

impl From<DiscordError> for Fault {
    fn from(error: DiscordError) -> Self {
        let (retry, notice) = match error {
            DiscordError::Refused { status, .. } if status >= 500 => {
                (Retry::Backoff, Notice::TryAgain)
            }
            DiscordError::Refused { .. } | DiscordError::Expired => (Retry::Never, Notice::Blocked),
            DiscordError::Limited { .. } => (Retry::Never, Notice::Busy),
            DiscordError::NoResponse { .. } => (Retry::Backoff, Notice::TryAgain),
        };
        Self { cause: error.into(), retry, notice }
    }
}

/// Never retried by the engine: the loop of the question tries again, or the next model.
impl From<ModelError> for Fault {
    fn from(error: ModelError) -> Self {
        let notice = match error {
            ModelError::Refused { class, .. } => class.notice(),
            ModelError::Late => Notice::Late,
            ModelError::Closed => Notice::Quota,
        };
        Self { cause: error.into(), retry: Retry::Never, notice }
    }
}

#[cfg(test)]
mod tests;
