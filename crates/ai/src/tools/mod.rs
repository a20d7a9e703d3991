//! The tools that a model may call: a closed list, and how a call becomes a result.
//!
//! A new tool is a file here and a variant of [`Tool`]. Whatever goes wrong with a call is a result
//! that the model reads, never a failed job.

pub mod calculate;
pub mod current_time;
pub mod draw;
pub mod errands;
mod error;
pub mod fetch_page;
mod places;
pub mod recall;
pub mod remember;
pub mod remind_me;
mod requests;
pub mod schema;
mod seen;
pub mod weather;
pub mod web_search;
mod zones;

use self::errands::{Act, Claimed, Desk, Errand, Errands, NOBODY, Told, Touches};
pub use self::error::ToolError;
pub use self::requests::{MAX_REQUESTS, Requests};
pub use self::seen::Seen;
#[cfg(not(target_arch = "wasm32"))]
pub use self::seen::defects;

use miyabi_core::join::join_all;
use serde_json::{Map, Value};

use crate::mcp::{self, McpTool};
use crate::protocols::meant_tool;
use crate::{ToolCall, ToolOutcome, ToolResult, ToolRound, prompt};
use miyabi_core::config::Settings;
use miyabi_core::ports::{Clock, Http};

/// A tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// See [`calculate`].
    Calculate,
    /// See [`current_time`].
    CurrentTime,
    /// See [`draw`].
    Draw,
    /// See [`fetch_page`].
    FetchPage,
    /// See [`recall`].
    Recall,
    /// See [`remember`].
    Remember,
    /// See [`remind_me`].
    RemindMe,
    /// See [`weather`].
    Weather,
    /// See [`web_search`].
    WebSearch,
}

impl Tool {
    /// Every tool, in the order in which the model sees them.
    pub const ALL: [Self; 9] = [
        Self::CurrentTime,
        Self::Weather,
        Self::Calculate,
        Self::FetchPage,
        Self::WebSearch,
        Self::Remember,
        Self::Recall,
        Self::RemindMe,
        Self::Draw,
    ];

    /// Returns the tools that the settings switch on, in the order of [`Tool::ALL`].
    pub fn offered(settings: &Settings) -> Vec<Self> {
        let is_on = |tool: &Self| match tool {
            Self::Draw => settings.image_model.is_some(),
            Self::FetchPage => settings.pages.is_on,
            Self::WebSearch => settings.web_search.is_some(),
            Self::Recall | Self::Remember => settings.is_remembering,
            Self::Calculate | Self::CurrentTime | Self::RemindMe | Self::Weather => true,
        };
        let may = |tool: &Self| {
            let names = settings.tools.as_ref();
            names.is_none_or(|names| names.iter().any(|name| name == tool.name()))
        };
        Self::ALL.into_iter().filter(|tool| is_on(tool) && may(tool)).collect()
    }

    /// Returns the name by which the model calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calculate => "calculate",
            Self::CurrentTime => "current_time",
            Self::Draw => "draw",
            Self::FetchPage => "fetch_page",
            Self::Recall => "recall",
            Self::Remember => "remember",
            Self::RemindMe => "remind_me",
            Self::Weather => "weather",
            Self::WebSearch => "web_search",
        }
    }

    /// Returns what the model reads about it.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Calculate => calculate::DESCRIPTION,
            Self::CurrentTime => current_time::DESCRIPTION,
            Self::Draw => draw::DESCRIPTION,
            Self::FetchPage => fetch_page::DESCRIPTION,
            Self::Recall => recall::DESCRIPTION,
            Self::Remember => remember::DESCRIPTION,
            Self::RemindMe => remind_me::DESCRIPTION,
            Self::Weather => weather::DESCRIPTION,
            Self::WebSearch => web_search::DESCRIPTION,
        }
    }

    /// Returns its parameters.
    pub const fn parameters(self) -> &'static [schema::Parameter] {
        match self {
            Self::Calculate => &calculate::PARAMETERS,
            Self::CurrentTime => &current_time::PARAMETERS,
            Self::Draw => &draw::PARAMETERS,
            Self::FetchPage => &fetch_page::PARAMETERS,
            Self::Recall => &recall::PARAMETERS,
            Self::Remember => &remember::PARAMETERS,
            Self::RemindMe => &remind_me::PARAMETERS,
            Self::Weather => &weather::PARAMETERS,
            Self::WebSearch => &web_search::PARAMETERS,
        }
    }

    /// Returns what it may touch.
    pub const fn touches(self) -> Touches {
        match self {
            Self::Calculate => calculate::TOUCHES,
            Self::CurrentTime => current_time::TOUCHES,
            Self::Draw => draw::TOUCHES,
            Self::FetchPage => fetch_page::TOUCHES,
            Self::Recall => recall::TOUCHES,
            Self::Remember => remember::TOUCHES,
            Self::RemindMe => remind_me::TOUCHES,
            Self::Weather => weather::TOUCHES,
            Self::WebSearch => web_search::TOUCHES,
        }
    }

    /// Returns the JSON schema of its parameters.
    pub fn schema(self) -> Value {
        schema::to_json(self.parameters())
    }

    /// Returns the tool with this name, also as models dress it.
    pub fn parse(name: &str) -> Option<Self> {
        let meant = meant_tool(name, &Self::ALL.map(Self::name))?;
        Self::ALL.into_iter().find(|tool| tool.name() == meant)
    }

    /// Runs it with checked arguments.
    ///
    /// # Errors
    /// A sentence for the model, mostly a [`ToolError`]; nothing is retried here.
    ///
    /// # Repeats
    /// An errand has no second effect. Every other tool only reads; a second run may read something newer.
    pub async fn run(
        context: ToolContext<'_, impl Http + Clock>,
        errands: &impl Errands,
        errand: Errand<'_>,
    ) -> Result<Told, String> {
        let Errand { tool, arguments, .. } = errand;
        let told = match tool {
            Self::Calculate => calculate::run(arguments),
            Self::CurrentTime => current_time::run(context.host, arguments),
            Self::FetchPage => fetch_page::run(context, arguments).await,
            Self::Draw | Self::Recall | Self::Remember | Self::RemindMe => {
                return errands.carry_out(errand).await;
            }
            Self::Weather => weather::run(context, arguments).await,
            Self::WebSearch => web_search::run(context, arguments).await,
        };
        match told {
            Ok(result) => Ok(Told { result, ..Told::default() }),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// What a tool runs with.
#[derive(Debug)]
pub struct ToolContext<'a, H> {
    /// Clock and services.
    pub host: &'a H,
    /// Settings.
    pub settings: &'a Settings,
    /// Requests that the run may still send.
    pub requests: &'a Requests,
    /// What may be sent out.
    pub seen: &'a Seen<'a>,
    /// Tools of MCP servers that there are.
    pub mcp: &'a [McpTool],
}

impl<H> Clone for ToolContext<'_, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H> Copy for ToolContext<'_, H> {}

/// Runs the calls of one round together, and returns one result for each, in the order of the calls.
///
/// There are at most five, each with one request at a time, so the isolate's limit of six open connections is
/// not met.
///
/// # Repeats
/// As [`Tool::run`].
pub async fn run_round(
    scope: ToolContext<'_, impl Http + Clock>,
    desk: &Desk<'_, impl Errands>,
    calls: &[ToolCall],
) -> ToolRound {
    let acts: Vec<_> = calls.iter().map(|call| act_of(scope, &desk.offered, call)).collect();
    // Where the same is to be done outside twice, it is done once, and both calls read what came of that.
    let first = |at: usize| {
        let act = acts.get(at).and_then(Option::as_ref);
        let same = act.and_then(|act| acts.iter().position(|other| other.as_ref() == Some(act)));
        same.unwrap_or(at)
    };
    let runs = calls.iter().zip(&acts).enumerate().map(async |(at, (call, act))| {
        if first(at) != at {
            return None;
        }
        let begun = scope.host.now().0;
        let (outcome, Told { result, note, prompt }) =
            run_call(scope, desk, call, act.as_ref()).await;
        let took_ms = scope.host.now().0.saturating_sub(begun);
        let (id, content) = (call.id.clone(), prompt::shorten_result(&result));
        Some(ToolResult { id, content, outcome, note, prompt, took_ms })
    });
    let made = join_all(runs).await;
    let result = |(at, call): (usize, &ToolCall)| {
        let made = made.get(first(at))?.clone()?;
        Some(ToolResult { id: call.id.clone(), ..made })
    };
    let results = calls.iter().enumerate().filter_map(result).collect();
    ToolRound { results, requests: scope.requests.sent() }
}

/// Runs a call; one that a person has to allow is claimed before it, and made once.
async fn run_call(
    scope: ToolContext<'_, impl Http + Clock>,
    desk: &Desk<'_, impl Errands>,
    call: &ToolCall,
    act: Option<&Act>,
) -> (ToolOutcome, Told) {
    if let Some(act) = act
        && let Claimed::Told(outcome, result) = desk.errands.claim(act).await
    {
        return (outcome, Told { result, ..Told::default() });
    }
    let (outcome, told) = make_call(scope, desk, call, act.is_some()).await;
    if let Some(act) = act {
        desk.errands.record(act, outcome, &told.result).await;
    }
    (outcome, told)
}

async fn make_call(
    scope: ToolContext<'_, impl Http + Clock>,
    desk: &Desk<'_, impl Errands>,
    call: &ToolCall,
    is_claimed: bool,
) -> (ToolOutcome, Told) {
    let failed = |outcome, error: &dyn core::fmt::Display| {
        (outcome, Told { result: format!("error: {error}"), ..Told::default() })
    };
    let mcp_names: Vec<&str> = scope.mcp.iter().map(|tool| tool.name.as_str()).collect();
    let meant = meant_tool(&call.name, &mcp_names);
    if let Some(tool) = meant.and_then(|name| scope.mcp.iter().find(|tool| tool.name == name)) {
        let (outcome, result) = mcp::run(scope, tool, call, is_claimed).await;
        return (outcome, Told { result, ..Told::default() });
    }
    let (tool, arguments) = match check(&desk.offered, &mcp_names, call) {
        Ok(checked) => checked,
        Err(problem) => return failed(ToolOutcome::Invalid, &problem),
    };
    if tool.touches() == Touches::Acts && !is_claimed {
        return (ToolOutcome::Failed, Told { result: NOBODY.to_owned(), ..Told::default() });
    }
    let errand = Errand { tool, nth: desk.nth(tool, call), arguments: &arguments };
    match Tool::run(scope, desk.errands, errand).await {
        Ok(told) => (ToolOutcome::Done, told),
        Err(error) => failed(ToolOutcome::Failed, &error),
    }
}

/// Returns the call as one that a person has to allow, if it is one, and would be made.
pub(crate) fn act_of<H>(
    scope: ToolContext<'_, H>,
    offered: &[Tool],
    call: &ToolCall,
) -> Option<Act> {
    let mcp_names: Vec<&str> = scope.mcp.iter().map(|tool| tool.name.as_str()).collect();
    if let Some(name) = meant_tool(&call.name, &mcp_names) {
        let tool = scope.mcp.iter().find(|tool| tool.name == name && tool.asks)?;
        let arguments = call.object()?;
        mcp::permitted(scope, tool, &arguments).ok()?;
        return Some(Act::of(&tool.name, &arguments));
    }
    Tool::parse(&call.name).filter(|tool| tool.touches() == Touches::Acts)?;
    let (tool, arguments) = check(offered, &mcp_names, call).ok()?;
    Some(Act::of(tool.name(), &arguments))
}

/// Returns the names of the tools whose calls a person has to allow.
pub(crate) fn needing_person(mcp: &[McpTool]) -> Vec<String> {
    let own = Tool::ALL.into_iter().filter(|tool| tool.touches() == Touches::Acts);
    let own = own.map(|tool| tool.name().to_owned());
    own.chain(mcp.iter().filter(|tool| tool.asks).map(|tool| tool.name.clone())).collect()
}

/// How the result of a call begins whose tool there is not; no result of a tool begins so.
const UNKNOWN_TOOL: &str = "error: there is no tool `";

/// Why a call cannot run; each is a sentence for the model that says what is expected.
#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error("there is no tool `{name}`; the tools are: {known}")]
    UnknownTool { name: String, known: String },
    #[error("the arguments of `{}` are not a JSON object; expected: {}", .tool.name(), .tool.schema())]
    NoObject { tool: Tool },
    #[error("wrong arguments for `{}`: {}", .tool.name(), .problems.join("; "))]
    WrongArguments { tool: Tool, problems: Vec<String> },
}

/// Returns the tool and its coerced arguments.
fn check(
    offered: &[Tool],
    mcp_names: &[&str],
    call: &ToolCall,
) -> Result<(Tool, Map<String, Value>), CallError> {
    let tool = Tool::parse(&call.name).filter(|tool| offered.contains(tool));
    let tool = tool.ok_or_else(|| CallError::UnknownTool {
        name: call.name.chars().take(MAX_QUOTED_CHARS).collect(),
        known: offered
            .iter()
            .map(|tool| tool.name())
            .chain(mcp_names.iter().copied())
            .collect::<Vec<_>>()
            .join(", "),
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
