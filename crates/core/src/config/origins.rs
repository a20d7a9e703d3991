//! Reads which origins' pages may call the HTTP API.

use super::Environment;
use super::reader::Reader;
use super::url::is_base_url;

/// Longest list of origins.
const MAX_ORIGINS: usize = 100;

impl<E: Environment> Reader<'_, E> {
    /// A list with anything else than origins in it is a problem: what does not read as the browser's own
    /// word never fits, and `*` would let every page in.
    pub(super) fn origins(&mut self) -> Vec<String> {
        let name = "MIYABI_ORIGINS";
        let text = self.optional(name).unwrap_or_default();
        let words = text.split(|c: char| c == ',' || c.is_whitespace());
        let origins: Vec<String> =
            words.filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect();
        let has_only_separators = origins.is_empty() && !text.is_empty();
        let is_wrong = !origins.iter().all(|origin| is_origin(origin));
        if has_only_separators || is_wrong || origins.len() > MAX_ORIGINS {
            let wrong = "is not a list of origins such as `https://chat.example`, in lower case and without a path";
            self.problem(name, Some(wrong));
            return Vec::new();
        }
        origins
    }
}

/// Returns whether a text is an origin as a browser writes it: in lower case, without its scheme's own port.
fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let own_port = if scheme == "https" { ":443" } else { ":80" };
    is_base_url(text)
        && !authority.contains('/')
        && !authority.ends_with(own_port)
        && !text.bytes().any(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_calls_it() {
        for (text, expected) in [
            ("https://chat.example", true),
            ("https://chat.example:8443", true),
            ("http://localhost:5173", true),
            ("http://chat.example", false),
            ("https://chat.example/", false),
            ("https://chat.example/app", false),
            ("https://chat.example:443", false),
            ("https://Chat.example", false),
            ("https://*.example", false),
            ("*", false),
            ("null", false),
            ("chat.example", false),
        ] {
            assert_eq!(is_origin(text), expected, "{text}");
        }
    }
}
