//! Addresses: where they stand in a text, and which ones a reader may follow.

use core::ops::Range;

use miyabi_core::text::markup::URL_ENDS;

/// Returns where addresses of the web stand in a text. One ends before a particle that follows it without a space, as
/// in `https://a.exampleを見る`.
pub(crate) fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut addresses: Vec<Range<usize>> = Vec::new();
    for (start, _) in text.match_indices("http") {
        let rest = text.get(start..).unwrap_or_default();
        let begins = rest.starts_with("http://") || rest.starts_with("https://");
        if begins && addresses.last().is_none_or(|last| start >= last.end) {
            addresses.push(start..start + length(rest));
        }
    }
    addresses
}

/// Says whether something stands right behind an address that a platform takes for more of it: letters or marks of a
/// language without spaces.
pub(crate) fn is_glued(text: &str, address: &Range<usize>) -> bool {
    let rest = text.get(address.end..).unwrap_or_default();
    let word = rest.split(char::is_whitespace).next().unwrap_or_default();
    word.chars().take_while(|c| *c != '<').any(|c| !c.is_ascii())
}

fn length(text: &str) -> usize {
    let (mut depth, mut before) = (0_usize, ' ');
    let ends = |c: char| {
        let is_particle = matches!(c, '\u{3041}'..='\u{309f}');
        let is_end = c.is_whitespace() || URL_ENDS.contains(c) || (c == ')' && depth == 0);
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let is_behind = before.is_ascii_alphanumeric() || before == '/';
        before = c;
        is_end || (is_particle && is_behind)
    };
    let address = text.split(ends).next().unwrap_or_default();
    address.trim_end_matches(['.', ',', ':', ';', '!', '?', ']', '*', '\'']).len()
}

/// Says whether an address is one that a reader may follow: of the web, with a host that others can reach. Platforms
/// refuse a whole message for another one, and so does Telegram for `http://localhost`.
pub(crate) fn is_followed(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once("://") else { return false };
    let is_web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_user, host)| host);
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        Some(_) | None => (host, None),
    };
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    let is_name = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    let is_plain = !address.contains(|c: char| c.is_whitespace() || c.is_control());
    is_web && is_port && is_plain && (is_name || (host.starts_with('[') && host.ends_with(']')))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn an_address_ends_where_its_language_goes_on() {
        for (text, address, glued) in [
            ("see https://a.example/b, then", "https://a.example/b", false),
            ("(https://a.example/b_(c))", "https://a.example/b_(c)", false),
            ("サイト(https://a.example/b)をご覧", "https://a.example/b", true),
            ("「https://a.example/」で", "https://a.example/", true),
            ("https://a.example/bを見る", "https://a.example/b", true),
            ("https://a.example/日本の山を b", "https://a.example/日本の山を", false),
            ("https://a.example/b。", "https://a.example/b", true),
        ] {
            let found = addresses(text);
            assert_eq!(text.get(found[0].clone()), Some(address));
            assert_eq!((found.len(), is_glued(text, &found[0])), (1, glued), "{text}");
        }
        assert!(addresses("http, https:/ and xhttp:").is_empty());
    }
}
