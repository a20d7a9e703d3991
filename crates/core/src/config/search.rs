//! Reads which service searches the web.

use super::Environment;
use super::reader::Reader;
use crate::ids::Secret;

/// A service that searches the web.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchService {
    /// Brave Search API.
    Brave,
    /// Tavily.
    Tavily,
    /// A `SearXNG` of the operator's choice, which has no key.
    Searxng,
}

/// Settings about searching the web.
#[derive(Debug, Clone)]
pub struct WebSearch {
    /// Service.
    pub service: SearchService,
    /// Its base URL, without a final slash.
    pub api_base: String,
    /// Its key; empty if it has none.
    pub key: Secret,
}

impl<E: Environment> Reader<'_, E> {
    /// Returns how the web is searched, if it is.
    pub(super) fn web_search(&mut self) -> Option<WebSearch> {
        let name = "MIYABI_WEB_SEARCH";
        let (service, base, key) = match self.text(name).as_str() {
            "brave" => (SearchService::Brave, "BRAVE_API_BASE", "BRAVE_API_KEY"),
            "tavily" => (SearchService::Tavily, "TAVILY_API_BASE", "TAVILY_API_KEY"),
            "searxng" => (SearchService::Searxng, "SEARXNG_API_BASE", ""),
            "off" => return None,
            _ => {
                self.problem(name, Some("is not `brave`, `tavily`, `searxng` or `off`"));
                return None;
            }
        };
        let secret = self.unless_off(key).unwrap_or_default();
        if secret.is_empty() {
            // The service without a key has none in the table either, so this is no problem for it.
            self.problem(key, None);
        }
        let api_base = if self.text(base).is_empty() {
            self.problem(base, None);
            String::new()
        } else {
            self.base_url(base)
        };
        Some(WebSearch { service, api_base, key: Secret::new(secret) })
    }
}
