//! What is kept of the tools that ran.

use serde::Serialize;

use crate::{ToolCall, ToolOutcome, ToolRound};

/// A tool that ran, for whoever wants to know how an answer came about.
///
/// # Shape
/// A stored format: `{"name":"weather","arguments":"{…}","outcome":"done","took_ms":310}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ToolTrace {
    /// Name, as the model called it, cut.
    pub name: String,
    /// Arguments, cut.
    pub arguments: String,
    /// How it went.
    pub outcome: ToolOutcome,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// Longest name and arguments of a tool that are kept, in code points.
const TRACE_CHARS: [usize; 2] = [40, 160];

/// Returns what is kept of a round of tools.
pub(super) fn of(calls: &[ToolCall], round: &ToolRound) -> Vec<ToolTrace> {
    let cut = |text: &str, most: usize| {
        let mut cut: String = text.chars().take(most).collect();
        if cut.len() < text.len() {
            cut.push('…');
        }
        cut
    };
    let [name, arguments] = TRACE_CHARS;
    let result = |call: &ToolCall| round.results.iter().find(|result| result.id == call.id);
    let traces = calls.iter().map(|call| {
        let (outcome, took_ms) = result(call)
            .map_or((ToolOutcome::Failed, 0), |result| (result.outcome, result.took_ms));
        ToolTrace {
            name: cut(&call.name, name),
            arguments: cut(&call.arguments, arguments),
            outcome,
            took_ms,
        }
    });
    traces.collect()
}
