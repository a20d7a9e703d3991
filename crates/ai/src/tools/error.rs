//! Why a tool has no result.

use super::{calculate, fetch_page, web_search};
use crate::mcp;
use miyabi_core::http::HttpError;

/// Why a tool that ran has no result; each is a sentence for the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolError {
    /// The expression has no result.
    #[error(transparent)]
    Calculation(#[from] calculate::CalculateError),
    /// The runtime does not know the zone.
    #[error(
        "unknown time zone `{zone}`; use an IANA name such as Asia/Tokyo, America/New_York or UTC"
    )]
    UnknownZone {
        /// Zone as the model wrote it.
        zone: String,
    },
    /// An abbreviation of several zones.
    #[error("`{zone}` may mean several time zones; ask again with one of {}", .candidates.join(", "))]
    AmbiguousZone {
        /// Zone as the model wrote it.
        zone: String,
        /// IANA names.
        candidates: &'static [&'static str],
    },
    /// A page may not be read, or has nothing to read.
    #[error(transparent)]
    Page(#[from] fetch_page::PageError),
    /// A search finds nothing, or the service does not search.
    #[error(transparent)]
    Search(#[from] web_search::SearchError),
    /// An MCP server gives nothing, or its tool failed.
    #[error(transparent)]
    Mcp(#[from] mcp::McpError),
    /// The geocoder does not know the place.
    #[error("no place named `{place}` was found; try the English name of the nearest larger city")]
    UnknownPlace {
        /// Place as the model wrote it.
        place: String,
    },
    /// The geocoder knows places of that name, but none there.
    #[error("no `{place}` was found in `{region}`; places of that name: {candidates}")]
    NotThere {
        /// Name as the model wrote it.
        place: String,
        /// Region or country as the model wrote it.
        region: String,
        /// Full names.
        candidates: String,
    },
    /// Several places may be meant.
    #[error("there are several places named `{place}`; ask again with one of these: {candidates}")]
    AmbiguousPlace {
        /// Name as the model wrote it.
        place: String,
        /// Full names.
        candidates: String,
    },
    /// Words that a page might have asked for.
    #[error(
        "once a page or a result was read, only words of the question or of what was read are sent to a service; use such words, or answer with what is known"
    )]
    Unsaid,
    /// The run may send no more requests.
    #[error("the requests that one question may send are used up; answer with what is known")]
    NoRequestsLeft,
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
