//! Reads which web pages may be read.

use super::reader::Reader;
use super::{Environment, Pages};

impl<E: Environment> Reader<'_, E> {
    pub(super) fn pages(&mut self) -> Pages {
        let is_on = self.switch("MIYABI_FETCH_PAGES");
        let name = "MIYABI_FETCH_BLOCKED";
        let text = self.optional(name).unwrap_or_default().to_ascii_lowercase();
        let words = text.split(|c: char| c == ',' || c.is_whitespace());
        let blocked: Vec<String> =
            words.filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect();
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        let is_name = |word: &String| !word.starts_with('.') && word.bytes().all(is_of_name);
        if !blocked.iter().all(is_name) {
            self.problem(name, Some("is not a list of names of hosts such as `miyabi.example`"));
        }
        let is_set = self.optional("PAGES_API_BASE").is_some();
        let api_base = if is_set { self.base_url("PAGES_API_BASE") } else { String::new() };
        Pages { is_on, blocked, api_base }
    }
}
