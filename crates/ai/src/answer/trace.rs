//! What is kept of the tools that ran.

use serde::Serialize;
use serde_json::Value;

use crate::tools::Tool;
use crate::{ToolCall, ToolOutcome, ToolResult, ToolRound};

/// A tool that ran, for whoever wants to know how an answer came about.
///
/// # Shape
/// A stored format: `{"name":"weather","arguments":"{…}","outcome":"done","took_ms":310}`, and of a tool that has
/// read pages `"sources":[["https://…","title"]]`
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
    /// Address and title of each page that it has read or found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<(String, String)>,
}

/// Longest name and arguments of a tool that are kept, in code points.
const TRACE_CHARS: [usize; 2] = [40, 160];

/// Returns the names of tools as they are shown.
pub(super) fn names(calls: &[ToolCall]) -> Vec<String> {
    calls.iter().map(|call| cut(&call.name, TRACE_CHARS[0])).collect()
}

fn cut(text: &str, most: usize) -> String {
    let mut cut: String = text.chars().take(most).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

/// Returns what is kept of a round of tools.
pub(super) fn of(calls: &[ToolCall], round: &ToolRound) -> Vec<ToolTrace> {
    let [name, arguments] = TRACE_CHARS;
    let result = |call: &ToolCall| round.results.iter().find(|result| result.id == call.id);
    let traces = calls.iter().map(|call| {
        let result = result(call);
        let (outcome, took_ms) =
            result.map_or((ToolOutcome::Failed, 0), |result| (result.outcome, result.took_ms));
        ToolTrace {
            name: cut(&call.name, name),
            arguments: cut(&call.arguments, arguments),
            outcome,
            took_ms,
            sources: result.map(|result| sources(call, result)).unwrap_or_default(),
        }
    });
    traces.collect()
}

/// Returns address and title of each page that a result is of, where a tool has it that reads the web.
fn sources(call: &ToolCall, result: &ToolResult) -> Vec<(String, String)> {
    let reads_web = matches!(Tool::parse(&call.name), Some(Tool::FetchPage | Tool::WebSearch));
    // What has failed is a sentence.
    let told: Option<Value> = serde_json::from_str(&result.content).ok();
    let Some(told) = told.filter(|_| reads_web) else { return Vec::new() };
    let results = told.get("results").and_then(Value::as_array);
    let pages = results.map_or(core::slice::from_ref(&told), Vec::as_slice);
    let text = |page: &Value, name: &str| page.get(name)?.as_str().map(str::to_owned);
    let source = |page: &Value| {
        let url = text(page, "source").or_else(|| text(page, "url"))?;
        Some((url, text(page, "title").unwrap_or_default()))
    };
    pages.iter().filter_map(source).collect()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use serde_json::json;

    use super::*;

    fn traced(name: &str, outcome: ToolOutcome, content: &str) -> Value {
        let call = ToolCall {
            id: "a".to_owned(),
            name: name.to_owned(),
            arguments: "{}".to_owned(),
            ..ToolCall::default()
        };
        let (note, prompt) = (String::new(), String::new());
        let (id, content) = (call.id.clone(), content.to_owned());
        let result = ToolResult { id, content, outcome, note, prompt, took_ms: 5 };
        let round = ToolRound { results: vec![result], requests: 1 };
        serde_json::to_value(of(&[call], &round)).unwrap()
    }

    #[test]
    fn pages_that_were_read_and_found_are_kept_with_their_titles() {
        let page = r#"{"source":"https://a.example/","title":"A","note":"…","text":"…"}"#;
        let stored = json!([{
            "name": "fetch_page",
            "arguments": "{}",
            "outcome": "done",
            "took_ms": 5,
            "sources": [["https://a.example/", "A"]],
        }]);
        assert_eq!(traced("fetch_page", ToolOutcome::Done, page), stored);
        let hits = r#"{"results":[{"title":"A","url":"https://a.example/"},{"url":"https://b.example/"},{"title":"C"}]}"#;
        let sources = json!([["https://a.example/", "A"], ["https://b.example/", ""]]);
        assert_eq!(traced("web_search", ToolOutcome::Done, hits)[0]["sources"], sources);
        // What other tools return may look the same, and a failure may name an address.
        for (name, content) in
            [("weather", page), ("a_server_search", hits), ("fetch_page", "error: no")]
        {
            let traced = traced(name, ToolOutcome::Failed, content);
            assert_eq!(traced[0].get("sources"), None, "{name}");
        }
    }
}
