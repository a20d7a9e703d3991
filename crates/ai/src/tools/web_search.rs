//! The tool `web_search`: what a search engine finds for some words.
//!
//! It touches the one service that the operator has chosen, which sees the words and nobody's name. What comes
//! back is what pages say of themselves, each with its address: data, never an instruction.

use core::time::Duration;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::errands::Touches;
use super::fetch_page::NOTE;
use super::places::percent_encode;
use super::schema::{Kind, Parameter};
use super::{ToolContext, ToolError};
use crate::prompt::RESULT_CHARS;
use miyabi_core::config::{SearchService, WebSearch};
use miyabi_core::http::{Method, Request, Response};
use miyabi_core::json;
use miyabi_core::ports::Http;

/// What the model reads about the tool.
pub const DESCRIPTION: &str = "Searches the web: titles, addresses and excerpts of up to 5 pages. Use it for news and for facts you cannot be sure of. Name in the answer the address of every result that you use.";

/// What it may touch.
pub const TOUCHES: Touches = Touches::Strangers;

/// Parameters.
pub const PARAMETERS: [Parameter; 1] = [Parameter {
    name: "query",
    kind: Kind::Text,
    description: "A few words, as one types them into a search engine, without anything private.",
    is_required: true,
}];

/// Longest wait for the service.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// Most results that the model reads.
const MAX_RESULTS: usize = 5;

/// Longest query, in words and characters: Brave takes no more than either, Tavily no more characters.
const MAX_WORDS: usize = 50;
const MAX_CHARS: usize = 400;

/// Longest parts of a result, in characters; a longer address is of no use when it is cut, so it is left out.
const TITLE_CHARS: usize = 100;
const URL_CHARS: usize = 300;
const SNIPPET_CHARS: usize = 300;

const SERVICE: &str = "the search service";

/// Why a search has no results; each is a sentence for the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// No words.
    #[error("the query is empty; write a few words")]
    Query,
    /// Nothing was found.
    #[error("nothing was found; try other or fewer words, or say that nothing was found")]
    Nothing,
    /// The query is not taken.
    #[error("the search service does not take this query; ask with fewer and plainer words")]
    Words,
    /// The key or the format is refused.
    #[error(
        "the search service refuses this server's key or settings, which only its operator can set right; do not search again, and say that the search is not available"
    )]
    Settings,
    /// The plan is used up.
    #[error(
        "the operator's plan at the search service is used up; do not search again, and say that the search is not available"
    )]
    Plan,
    /// Too many searches.
    #[error("the search service is asked too often right now; answer without it, and say so")]
    Rate,
}

/// Returns what was found as JSON.
///
/// # Shape
/// `{"results":[{"title":"…","url":"https://…","snippet":"…","note":"…"}],"cite":"…"}`
///
/// # Errors
/// A [`ToolError`] that says why there are no results; none has the query or the key in it.
pub async fn run(
    context: ToolContext<'_, impl Http>,
    arguments: &Map<String, Value>,
) -> Result<String, ToolError> {
    let query = arguments.get("query").and_then(Value::as_str).unwrap_or_default();
    let words: Vec<&str> = query.split_whitespace().take(MAX_WORDS).collect();
    let query: String = words.join(" ").chars().take(MAX_CHARS).collect();
    if query.is_empty() {
        return Err(SearchError::Query.into());
    }
    if !context.seen.allows_words(&query) {
        return Err(ToolError::Unsaid);
    }
    // Without the setting the tool is not offered.
    let search = context.settings.web_search.as_ref().ok_or(SearchError::Settings)?;
    if !context.requests.take() {
        return Err(ToolError::NoRequestsLeft);
    }
    let response = context.host.send(&request(search, &query)).await;
    let response = response.map_err(|source| ToolError::NoResponse { service: SERVICE, source })?;
    if !response.is_success() {
        return Err(refusal(&response));
    }
    let hits = read(search.service, &response.body);
    report(hits.ok_or(ToolError::Shape { service: SERVICE })?)
}

/// # Source
/// - Brave Search API, Web Search, api-dashboard.search.brave.com/api-reference: `q` of at most 400 characters
///   and 50 words, `count` of at most 20.
/// - Tavily Docs/Search, docs.tavily.com/api-reference/endpoint/search.
/// - `SearXNG` Docs/Search API, `docs.searxng.org/dev/search_api`: `format=json`, without a number of results.
///
/// All read 2026-11-29.
fn request(search: &WebSearch, query: &str) -> Request {
    let (base, key) = (&search.api_base, search.key.reveal());
    let encoded = percent_encode(query);
    let get = |url: String| Request::new(Method::Get, url, TIMEOUT);
    let request = match search.service {
        SearchService::Brave => get(format!(
            "{base}/web/search?q={encoded}&count={MAX_RESULTS}&result_filter=web&text_decorations=false"
        ))
        .header("x-subscription-token", key.to_owned()),
        SearchService::Tavily => Request::new(Method::Post, format!("{base}/search"), TIMEOUT)
            .header("authorization", format!("Bearer {key}"))
            .json(&json!({ "query": query, "max_results": MAX_RESULTS })),
        SearchService::Searxng => get(format!("{base}/search?q={encoded}&format=json")),
    };
    request
        .header("accept", "application/json".to_owned())
        .header("user-agent", "Miyabi (a search that somebody asked for)".to_owned())
}

/// # Source
/// - Brave: 422 `SUBSCRIPTION_TOKEN_INVALID` for a key that it does not know, 422 with the header's name for none,
///   404 `SUBSCRIPTION_NOT_FOUND`, 422 for a query that it does not take, 429 `RATE_LIMITED` or `QUOTA_LIMITED`.
/// - Tavily: 401 for the key, 432 and 433 when the plan or the pay-as-you-go limit is used up.
/// - `SearXNG`: 403 if its settings do not have the format.
///
/// As [`request`]; that Brave's 422 is about the key as well is told in nearai/ironclaw issue 2780.
fn refusal(response: &Response) -> ToolError {
    let says = |word| response.body.contains(word);
    let is_about_key = says("SUBSCRIPTION_") || says("x-subscription-token");
    let error = match response.status {
        401 | 403 => SearchError::Settings,
        404 | 422 if is_about_key => SearchError::Settings,
        402 | 432 | 433 => SearchError::Plan,
        429 if says("QUOTA_LIMITED") => SearchError::Plan,
        429 => SearchError::Rate,
        400 | 422 => SearchError::Words,
        status => return ToolError::Refused { service: SERVICE, status },
    };
    error.into()
}

/// What Tavily and `SearXNG` answer, and Brave in its field `web`.
#[derive(Deserialize)]
struct Hits {
    results: Vec<Hit>,
}

#[derive(Deserialize)]
struct Hit {
    title: Option<String>,
    url: Option<String>,
    /// Of Tavily and `SearXNG`.
    content: Option<String>,
    /// Of Brave.
    description: Option<String>,
}

/// Brave leaves `web` out when it found nothing.
#[derive(Deserialize)]
struct Brave {
    #[serde(rename = "query")]
    _query: IgnoredAny,
    web: Option<Hits>,
}

/// Returns what was found; `None` if it has another shape.
fn read(service: SearchService, body: &str) -> Option<Vec<Hit>> {
    let hits = if service == SearchService::Brave {
        json::parse::<Brave>(body)?.web
    } else {
        Some(json::parse::<Hits>(body)?)
    };
    Some(hits.map(|hits| hits.results).unwrap_or_default())
}

/// What the model reads.
#[derive(Serialize)]
struct Report {
    results: Vec<Found>,
    cite: &'static str,
}

#[derive(Serialize)]
struct Found {
    title: String,
    url: String,
    snippet: String,
    note: &'static str,
}

fn report(hits: Vec<Hit>) -> Result<String, ToolError> {
    let results = hits.into_iter().filter_map(found).take(MAX_RESULTS).collect();
    let mut report = Report { results, cite: "name the addresses that you use in the answer" };
    while !report.results.is_empty() {
        let told = serde_json::to_string(&report);
        let told = told.map_err(|_unreadable| ToolError::Shape { service: SERVICE })?;
        // What is too long would lose its middle.
        if told.chars().count() <= RESULT_CHARS {
            return Ok(told);
        }
        report.results.pop();
    }
    Err(SearchError::Nothing.into())
}

/// Returns a result with an address of the web.
fn found(hit: Hit) -> Option<Found> {
    let is_of_web = |url: &String| {
        let is_plain = !url.contains(|c: char| c.is_whitespace() || c.is_control());
        is_plain
            && (url.starts_with("https://") || url.starts_with("http://"))
            && url.chars().count() <= URL_CHARS
    };
    let url = hit.url.filter(is_of_web)?;
    let title = shorten(hit.title, TITLE_CHARS);
    Some(Found {
        title,
        url,
        snippet: shorten(hit.content.or(hit.description), SNIPPET_CHARS),
        note: NOTE,
    })
}

/// Returns the beginning of a text on one line.
fn shorten(text: Option<String>, max_chars: usize) -> String {
    let text = text.unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(max_chars).collect()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
