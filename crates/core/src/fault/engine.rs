//! Failures of the Workflow engine and its queue, and limits at which a job is not run.

use serde::{Deserialize, Serialize};

use super::{Fault, Notice, Retry, named};
use crate::server::Refusal;

/// Whose budget.
///
/// # Shape
/// A stored format, also in the column `spending.kind`: `asker`, `server`, `day`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// One person's.
    Asker,
    /// One server's.
    Server,
    /// That of all questions of a day.
    Day,
}

impl Scope {
    /// Returns the stable name; it is stored, and part of the error's text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asker => "asker",
            Self::Server => "server",
            Self::Day => "day",
        }
    }

    /// Returns the scope with this name.
    pub fn parse(name: &str) -> Option<Self> {
        named(name)
    }
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
    /// The platform gave no random bytes.
    #[error("there are no random numbers")]
    Random,
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
    /// The asker wanted no answer any more.
    #[error("the asker has cancelled it")]
    Cancelled,
    /// A budget has too little left.
    #[error("the budget of the {} {}", scope.name(), too_little(*until_s))]
    OverBudget {
        /// Whose.
        scope: Scope,
        /// When it is new again, in Unix seconds; `None` if it is not spent, but set aside.
        until_s: Option<u64>,
    },
    /// The server's settings refuse it.
    #[error("the server's settings refuse it ({})", refusal.name())]
    NotAllowed {
        /// Why.
        refusal: Refusal,
        /// What is allowed instead, for the asker: ids of channels or of models.
        instead: Vec<String>,
    },
    /// An image is wanted where nothing is drawn.
    #[error("nothing is drawn here")]
    NoDrawing,
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

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        let notice = match error {
            EngineError::Late { .. } => Notice::Late,
            EngineError::Crowded { .. } => Notice::Crowded,
            EngineError::Cancelled => Notice::Cancelled,
            EngineError::NoDrawing => Notice::NoDrawing,
            EngineError::NotAllowed { refusal: Refusal::Place, .. } => Notice::NotInChannel,
            EngineError::NotAllowed { refusal: Refusal::Model, .. } => Notice::NotThisModel,
            EngineError::NotAllowed { refusal: Refusal::Limit, .. } => Notice::DayLimit,
            EngineError::OverBudget { until_s: None, .. } => Notice::BudgetHeld,
            EngineError::OverBudget { scope: Scope::Asker, .. } => Notice::AskerBudget,
            EngineError::OverBudget { scope: Scope::Server, .. } => Notice::ServerBudget,
            EngineError::OverBudget { scope: Scope::Day, .. } => Notice::DayBudget,
            EngineError::Start
            | EngineError::State
            | EngineError::Queue
            | EngineError::Dead
            | EngineError::Random
            | EngineError::Timeout { .. }
            | EngineError::Value { .. } => Notice::TryAgain,
        };
        Self { cause: error.into(), retry: Retry::Never, notice }
    }
}
