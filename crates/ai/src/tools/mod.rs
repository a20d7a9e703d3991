//! The tools that a model may call: a closed list, and how a call becomes a result.
//!
//! A new tool is a file here and a variant of [`Tool`]. Whatever goes wrong with a call is a result
//! that the model reads, never a failed job.

pub mod current_time;
pub mod schema;
pub mod weather;

use core::time::Duration;

use serde_json::{Map, Value};

use crate::{ToolCall, ToolOutcome, ToolResult, ToolRound, prompt};
use miyabi_core::config::Settings;
use miyabi_core::http::HttpError;
use miyabi_core::ports::{Clock, Http};

/// Time after which a round starts no further call.
///
/// One call takes at most three requests of [`weather::TIMEOUT`]; together with it a round stays
/// within the minute that a round of tools has in its step.
pub const ROUND_BUDGET: Duration = Duration::from_secs(30);

/// A tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// See [`current_time`].
    CurrentTime,
    /// See [`weather`].
    Weather,
}

/// Why a tool that ran has no result; each is a sentence for the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolError {
    /// The runtime does not know the zone.
    #[error(
        "unknown time zone `{zone}`; use an IANA name such as Asia/Tokyo, America/New_York or UTC"
    )]
    UnknownZone {
        /// Zone as the model wrote it.
        zone: String,
    },
    /// The geocoder does not know the place.
    #[error("no place named `{place}` was found; try the English name of the nearest larger city")]
    UnknownPlace {
        /// Place as the model wrote it.
        place: String,
    },
    /// A service did not answer.
    #[error("{service} did not answer: {source}")]
    NoResponse {
        /// Service's name.
        service: &'static str,
        /// Why.
        source: HttpError,
    },
    /// A service refused.
    #[error("{service} answered with status {status}")]
    Refused {
        /// Service's name.
        service: &'static str,
        /// HTTP status.
        status: u16,
    },
    /// A service's answer lacks what is needed.
    #[error("{service} answered in an unknown shape")]
    Shape {
        /// Service's name.
        service: &'static str,
    },
}

impl Tool {
    /// Returns whether a person has to allow each call of the tool with this name: one that does more
    /// than read. There is none yet.
    pub const fn needs_person(_name: &str) -> bool {
        false
    }

    /// Every tool, in the order in which the model sees them.
    pub const ALL: [Self; 2] = [Self::CurrentTime, Self::Weather];

    /// Returns the name by which the model calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CurrentTime => "current_time",
            Self::Weather => "weather",
        }
    }

    /// Returns what the model reads about it.
    pub const fn description(self) -> &'static str {
        match self {
            Self::CurrentTime => current_time::DESCRIPTION,
            Self::Weather => weather::DESCRIPTION,
        }
    }

    /// Returns its parameters.
    pub const fn parameters(self) -> &'static [schema::Parameter] {
        match self {
            Self::CurrentTime => &current_time::PARAMETERS,
            Self::Weather => &weather::PARAMETERS,
        }
    }

    /// Returns the JSON schema of its parameters.
    pub fn schema(self) -> Value {
        schema::to_json(self.parameters())
    }

    /// Returns the tool with this name, also under the `functions.` prefix of some models.
    pub fn parse(name: &str) -> Option<Self> {
        let bare = name.strip_prefix("functions.").unwrap_or(name);
        Self::ALL.into_iter().find(|tool| tool.name() == bare)
    }

    /// Runs it with checked arguments.
    ///
    /// # Errors
    /// A [`ToolError`], for the model to read; nothing is retried here.
    ///
    /// # Repeats
    /// Every tool only reads; a second run may read something newer.
    pub async fn run(
        self,
        host: &(impl Http + Clock),
        settings: &Settings,
        arguments: &Map<String, Value>,
    ) -> Result<String, ToolError> {
        match self {
            Self::CurrentTime => current_time::run(host, arguments),
            Self::Weather => weather::run(host, settings, arguments).await,
        }
    }
}

/// Runs the calls of one round, in order, and returns one result for each.
///
/// One after another: calls are few and short, the order of requests stays the same in every run,
/// and the isolate's limit of open connections is never met.
///
/// # Repeats
/// Every tool only reads.
pub async fn run_round(
    host: &(impl Http + Clock),
    settings: &Settings,
    calls: &[ToolCall],
) -> ToolRound {
    let begin_ms = host.now().0;
    let budget_ms = u64::try_from(ROUND_BUDGET.as_millis()).unwrap_or(u64::MAX);
    let mut results = Vec::new();
    for call in calls {
        let is_late = host.now().0.saturating_sub(begin_ms) >= budget_ms;
        let (outcome, content) = if is_late {
            (ToolOutcome::Failed, "error: the tools took too long, this one was not run".to_owned())
        } else {
            run_call(host, settings, call).await
        };
        let content = prompt::shorten_result(&content);
        results.push(ToolResult { id: call.id.clone(), content, outcome });
    }
    ToolRound { results }
}

async fn run_call(
    host: &(impl Http + Clock),
    settings: &Settings,
    call: &ToolCall,
) -> (ToolOutcome, String) {
    match check(call) {
        Err(problem) => (ToolOutcome::Invalid, format!("error: {problem}")),
        Ok((tool, arguments)) => match tool.run(host, settings, &arguments).await {
            Ok(content) => (ToolOutcome::Done, content),
            Err(error) => (ToolOutcome::Failed, format!("error: {error}")),
        },
    }
}

/// Why a call cannot run; each is a sentence for the model that says what is expected.
#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error("there is no tool `{name}`; the tools are: {}", Tool::ALL.map(Tool::name).join(", "))]
    UnknownTool { name: String },
    #[error("the arguments of `{}` are not a JSON object; expected: {}", .tool.name(), .tool.schema())]
    NoObject { tool: Tool },
    #[error("wrong arguments for `{}`: {}", .tool.name(), .problems.join("; "))]
    WrongArguments { tool: Tool, problems: Vec<String> },
}

/// Returns the tool and its coerced arguments.
fn check(call: &ToolCall) -> Result<(Tool, Map<String, Value>), CallError> {
    let tool = Tool::parse(&call.name).ok_or_else(|| CallError::UnknownTool {
        name: call.name.chars().take(MAX_QUOTED_CHARS).collect(),
    })?;
    let object = call.object().ok_or(CallError::NoObject { tool })?;
    match schema::coerce(tool.parameters(), &object) {
        Ok(arguments) => Ok((tool, arguments)),
        Err(problems) => Err(CallError::WrongArguments { tool, problems }),
    }
}

/// Longest text of the model that is quoted back to it in an error, in characters.
const MAX_QUOTED_CHARS: usize = 80;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
