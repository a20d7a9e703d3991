//! Masked links, `[text](https://example.com)`: where they are, and where they lead.
//!
//! A reader sees only the text of such a link, and the text is the model's. So each one is followed by its
//! host, unless the text says it.

use core::ops::Range;

use miyabi_core::text::markup::{Backticks, at, reads, run_len};

/// Schemes of which Discord makes links.
const SCHEMES: [&str; 3] = ["https://", "http://", "discord://"];

/// Longest destination that is read, in code points: no message is longer.
const MAX_HREF_CHARS: usize = super::MAX_CONTENT_CHARS;

/// No place of a text.
const NONE: usize = usize::MAX;

/// A masked link, as ranges of code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// Between the brackets.
    pub(super) text: Range<usize>,
    /// The address.
    pub(super) href: Range<usize>,
    /// Behind the closing parenthesis.
    pub(super) end: usize,
}

/// Returns the text with the host behind each masked link outside of code, `[text](url) (host)`.
///
/// Links whose text is their address or host stay as they are. A second call changes nothing more.
///
/// # Example
///
/// ```text
/// [docs](https://evil.example/x)  →  [docs](https://evil.example/x) (evil.example)
/// ```
pub(super) fn show_hosts(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut shown = String::with_capacity(text.len());
    let mut copied = 0;
    for link in find_links(&chars) {
        let note = match host(&chars, &link.href) {
            Some(host) if !says(&chars, &link, &host) => format!(" ({})", escape(&host)),
            _ => continue,
        };
        shown.extend(chars.get(copied..link.end).unwrap_or_default());
        copied = link.end;
        if !reads(&chars, link.end, &note) {
            shown.push_str(&note);
        }
    }
    shown.extend(chars.get(copied..).unwrap_or_default());
    shown
}

/// Finds the masked links outside of code, in order.
///
/// # Source
/// The rule for links of Discord's client, as simple-markdown has it: the address may hold parentheses in
/// pairs, may stand in `<` and `>`, and may be followed by a title.
pub(super) fn find_links(chars: &[char]) -> Vec<Link> {
    let ticks = Backticks::find(chars, |_| false);
    let closes = closes(chars);
    let mut links = Vec::new();
    let mut open = Vec::new();
    let mut index = 0;
    while index < chars.len() {
        index = match at(chars, index) {
            '\\' => index + 2,
            '`' => code_end(chars, index, &ticks),
            '[' => {
                open.push(index + 1);
                index + 1
            }
            ']' => match open.pop().and_then(|start| destination(chars, &closes, start..index)) {
                Some(link) => {
                    // Links do not nest.
                    open.clear();
                    links.push(link);
                    links.last().map_or(index + 1, |link| link.end)
                }
                None => index + 1,
            },
            _ => index + 1,
        };
    }
    links
}

/// Returns the end of the code that begins with these backticks, or of the backticks.
fn code_end(chars: &[char], index: usize, ticks: &Backticks) -> usize {
    let len = run_len(chars, index);
    let fence = ticks.fence(chars, index).map(|(_, end)| end);
    let span = || ticks.span_close(index + len, len).map(|close| close + len);
    fence.or_else(span).unwrap_or(index + len)
}

/// Reads `(https://…)` behind the text of a link.
fn destination(chars: &[char], closes: &[usize], text: Range<usize>) -> Option<Link> {
    let open = text.end + 1;
    if at(chars, open) != '(' {
        return None;
    }
    let mut start = skip_space(chars, open + 1);
    if at(chars, start) == '<' {
        start += 1;
    }
    let scheme = SCHEMES.iter().find(|scheme| begins_with(chars, start, scheme))?;
    let limit = chars.len().min(start + MAX_HREF_CHARS);
    let mut end = start + scheme.len();
    while end < limit {
        end = match at(chars, end) {
            ')' => break,
            '>' if at(chars, start - 1) == '<' => break,
            '(' => pair_end(closes, end),
            '\\' => end + 2,
            c if c.is_whitespace() => break,
            _ => end + 1,
        };
    }
    let mut close = end + usize::from(at(chars, end) == '>');
    if at(chars, close).is_whitespace() {
        close = title_end(chars, skip_space(chars, close), limit)?;
    }
    (at(chars, close) == ')').then(|| Link { text, href: start..end, end: close + 1 })
}

/// Returns for each place where the next closing parenthesis of the line stands, or [`NONE`].
fn closes(chars: &[char]) -> Vec<usize> {
    let mut next = NONE;
    let mut closes: Vec<usize> = Vec::with_capacity(chars.len());
    for (index, c) in chars.iter().enumerate().rev() {
        match c {
            ')' => next = index,
            '\n' => next = NONE,
            _ => {}
        }
        closes.push(next);
    }
    closes.reverse();
    closes
}

/// Returns what is behind the pair of parentheses that begins here, or behind this one if the next that
/// closes has to close the link.
fn pair_end(closes: &[usize], open: usize) -> usize {
    let next_close = |from: usize| closes.get(from).copied().filter(|close| *close != NONE);
    match next_close(open + 1) {
        Some(close) if next_close(close + 1).is_some() => close + 1,
        _ => open + 1,
    }
}

/// Returns where the parenthesis closes behind a title in quotes.
fn title_end(chars: &[char], start: usize, limit: usize) -> Option<usize> {
    let quote = at(chars, start);
    if quote == ')' {
        return Some(start);
    }
    let inside = chars.get(start + 1..limit).unwrap_or_default();
    let is_quoted = matches!(quote, '"' | '\'');
    let end = is_quoted.then(|| inside.iter().position(|c| *c == quote)).flatten()?;
    Some(skip_space(chars, start + 2 + end))
}

fn skip_space(chars: &[char], from: usize) -> usize {
    let rest = chars.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|c| c.is_whitespace()).count()
}

fn begins_with(chars: &[char], start: usize, scheme: &str) -> bool {
    scheme
        .chars()
        .enumerate()
        .all(|(offset, c)| at(chars, start + offset).to_ascii_lowercase() == c)
}

/// Returns the host of an address, as a browser reads it: without user, password and port.
///
/// # Source
/// WHATWG URL, read 2026-11-20: a backslash ends the authority as a slash does.
fn host(chars: &[char], href: &Range<usize>) -> Option<String> {
    let address: String = chars.get(href.clone())?.iter().collect();
    let (_, rest) = address.split_once("://")?;
    let rest = rest.trim_start_matches(['/', '\\']);
    let authority = rest.split(['/', '\\', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => host,
    };
    Some(host.to_lowercase()).filter(|host| !host.is_empty())
}

/// Says whether the text of a link is its address, or its host.
fn says(chars: &[char], link: &Link, host: &str) -> bool {
    let plain = |range: &Range<usize>| {
        let text: String = chars.get(range.clone()).unwrap_or_default().iter().collect();
        let text = text.trim().to_lowercase().replace(['\\', '<', '>'], "");
        let text = text.trim_matches(['*', '_', '~', '|']).trim_end_matches('/').to_owned();
        match text.split_once("://") {
            Some((_, rest)) => rest.to_owned(),
            None => text,
        }
    };
    let text = plain(&link.text);
    text == plain(&link.href) || text == host || Some(text.as_str()) == host.strip_prefix("www.")
}

/// Puts a backslash before what would be Markdown.
fn escape(host: &str) -> String {
    let mut escaped = String::with_capacity(host.len());
    for c in host.chars() {
        if matches!(c, '*' | '_' | '~' | '|' | '`' | '[' | ']' | '(' | ')' | '<' | '>') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests;
