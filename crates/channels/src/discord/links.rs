//! Masked links, `[text](https://example.com)`: where they are, and where they lead.
//!
//! A reader sees only the text of such a link, and the text is the model's. So each one is followed by its
//! host, unless the text says it; and so is an address whose host can be mistaken for another.

use core::ops::Range;

mod host;

use self::host::{escaped, host, is_bounded, is_misleading};
use miyabi_core::order::sort_by_place;
use miyabi_core::text::markup::{Backticks, at, reads, run_len, url_end};

/// Schemes of which Discord makes links.
const SCHEMES: [&str; 3] = ["https:", "http:", "discord:"];

/// Longest destination that is read, in code points: no message is longer.
const MAX_HREF_CHARS: usize = super::MAX_CONTENT_CHARS;

/// No place of a text.
const NONE: usize = usize::MAX;

/// A masked link, as ranges of code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// Between the brackets.
    pub(crate) text: Range<usize>,
    /// The address.
    pub(crate) href: Range<usize>,
    /// Behind the closing parenthesis.
    pub(crate) end: usize,
}

/// Returns the text with the host behind each masked link outside of code, `[text](url) (host)`, and behind
/// each address that can be mistaken for another one.
///
/// Links whose text is their address or host stay as they are. A second call changes nothing more.
///
/// # Example
///
/// ```text
/// [docs](https://evil.example/x)  →  [docs](https://evil.example/x) (evil.example)
/// https://docs.example@evil.example  →  https://docs.example@evil.example (evil.example)
/// ```
pub(crate) fn show_hosts(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut shown = String::with_capacity(text.len());
    let mut copied = 0;
    for (end, host) in hosts(&chars) {
        let note = format!(" ({})", escaped(&host));
        shown.extend(chars.get(copied..end).unwrap_or_default());
        copied = end;
        if !reads(&chars, end, &note) {
            shown.push_str(&note);
        }
    }
    shown.extend(chars.get(copied..).unwrap_or_default());
    shown
}

/// Returns the hosts that a reader has to be told, and behind which places, in order.
fn hosts(chars: &[char]) -> Vec<(usize, String)> {
    let links = find_links(chars);
    let masked = links.iter().filter_map(|link| {
        let host = host(&text_of(chars, &link.href))?;
        (!says(chars, link, &host)).then_some((link.end, host))
    });
    let bare = find_addresses(chars, &links).into_iter().filter_map(|(address, end)| {
        let address = text_of(chars, &address);
        let is_told = is_misleading(&address) && is_bounded(&address);
        host(&address).filter(|_| is_told).map(|host| (end, host))
    });
    let mut hosts: Vec<(usize, String)> = masked.chain(bare).collect();
    sort_by_place(&mut hosts, |(end, _)| (*end, 0));
    hosts
}

/// Finds the masked links outside of code, in order of their ends.
///
/// Wherever Discord's rule and ours may differ, it is a link: too many hosts hide nothing.
///
/// # Source
/// The rule for links of Discord's client, as simple-markdown has it: the text may hold brackets, backticks
/// and other links, and a link that begins before a code span goes before it; the address may hold
/// parentheses in pairs, may stand in `<` and `>`, and may be followed by a title.
pub(crate) fn find_links(chars: &[char]) -> Vec<Link> {
    let ticks = Backticks::find(chars, |_| false);
    let closes = closes(chars);
    let mut links = Vec::new();
    // Brackets that are open, and whether they are in code.
    let mut open: Vec<(usize, bool)> = Vec::new();
    // The last one that was closed without a link: its text may go on behind that.
    let mut earlier = None;
    // Code behind an open bracket: it is none if a link ends in it.
    let mut code_end = 0;
    let mut index = 0;
    while index < chars.len() {
        let is_code = index < code_end;
        index = match at(chars, index) {
            '\\' if !is_code => {
                let closes_link = at(chars, index + 1) == ']' && at(chars, index + 2) == '(';
                index + if closes_link && !open.is_empty() { 1 } else { 2 }
            }
            '`' if !is_code => {
                let end = end_of_code(chars, index, &ticks);
                if open.is_empty() {
                    end
                } else {
                    code_end = end;
                    index + 1
                }
            }
            '[' => {
                open.push((index + 1, is_code));
                index + 1
            }
            ']' => {
                let opened = open.pop();
                let start = match opened {
                    Some((_, true)) => None,
                    Some((start, false)) => Some(start),
                    None => earlier,
                };
                let link = start.and_then(|start| destination(chars, &closes, start..index));
                let end = link.as_ref().map(|link| link.end);
                (earlier, code_end) =
                    if end.is_some() { (None, 0) } else { (start.or(earlier), code_end) };
                links.extend(link);
                end.unwrap_or(index + 1)
            }
            _ => index + 1,
        };
    }
    links
}

/// Finds the addresses that stand outside of code and of masked links, and where a note about each belongs.
fn find_addresses(chars: &[char], links: &[Link]) -> Vec<(Range<usize>, usize)> {
    let ticks = Backticks::find(chars, |_| false);
    let mut links: Vec<Range<usize>> = links.iter().map(|link| link.text.start..link.end).collect();
    sort_by_place(&mut links, |link| (link.start, 0));
    let mut links = links.into_iter().peekable();
    let mut addresses = Vec::new();
    let mut index = 0;
    while index < chars.len() {
        while links.next_if(|link| link.end <= index).is_some() {}
        if let Some(link) = links.next_if(|link| link.start <= index) {
            index = link.end;
            continue;
        }
        index = match (at(chars, index), url_end(chars, index)) {
            ('`', _) => end_of_code(chars, index, &ticks),
            ('h', Some(end)) => {
                let is_enclosed = index > 0 && at(chars, index - 1) == '<' && at(chars, end) == '>';
                addresses.push((index..end, end + usize::from(is_enclosed)));
                end
            }
            _ => index + 1,
        };
    }
    addresses
}

/// Returns the end of the code that begins with these backticks, or of the backticks.
fn end_of_code(chars: &[char], index: usize, ticks: &Backticks) -> usize {
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
    let is_enclosed = at(chars, start) == '<';
    start += usize::from(is_enclosed);
    let scheme = SCHEMES.iter().find(|scheme| begins_with(chars, start, scheme))?;
    let limit = chars.len().min(start + MAX_HREF_CHARS);
    let from = start + scheme.len();
    let enclosed = is_enclosed.then(|| enclosed_end(chars, from..limit)).flatten();
    let end = enclosed.unwrap_or_else(|| address_end(chars, closes, from..limit));
    let mut close = end + usize::from(at(chars, end) == '>');
    if at(chars, close).is_whitespace() {
        close = title_end(chars, skip_space(chars, close), limit)?;
    }
    (at(chars, close) == ')').then(|| Link { text, href: start..end, end: close + 1 })
}

/// Returns where `>` stands behind an address of one line that begins with `<`.
fn enclosed_end(chars: &[char], range: Range<usize>) -> Option<usize> {
    let is_end = |next: char| next == ')' || next.is_whitespace();
    let mut line = range.take_while(|index| at(chars, *index) != '\n');
    line.find(|index| at(chars, *index) == '>' && is_end(at(chars, index + 1)))
}

fn address_end(chars: &[char], closes: &[usize], Range { mut start, end }: Range<usize>) -> usize {
    while start < end {
        start = match at(chars, start) {
            ')' => break,
            '(' => pair_end(closes, start),
            '\\' => start + 2,
            '>' if at(chars, start + 1) == ')' => break,
            c if c.is_whitespace() => break,
            _ => start + 1,
        };
    }
    start
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

/// Returns where the parenthesis closes behind a title in quotes or parentheses.
fn title_end(chars: &[char], start: usize, limit: usize) -> Option<usize> {
    let quote = at(chars, start);
    if quote == ')' {
        return Some(start);
    }
    let inside = chars.get(start + 1..limit).unwrap_or_default();
    let quote = match quote {
        '"' | '\'' => quote,
        '(' => ')',
        _ => return None,
    };
    let end = inside.iter().position(|c| *c == quote)?;
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

/// Says whether the text of a link is its address, or its host, in letters that cannot be mistaken.
fn says(chars: &[char], link: &Link, host: &str) -> bool {
    let text = plain(&text_of(chars, &link.text));
    let address = text_of(chars, &link.href);
    let is_address = text == plain(&address) && !is_misleading(&address);
    is_address || text == host || Some(text.as_str()) == host.strip_prefix("www.")
}

/// Returns an address or the text of a link without scheme and formatting.
fn plain(text: &str) -> String {
    let text = text.trim().to_lowercase().replace(['\\', '<', '>'], "");
    let text = text.trim_matches(['*', '_', '~', '|']).trim_end_matches('/').to_owned();
    match text.split_once("://") {
        Some((_, rest)) => rest.to_owned(),
        None => text,
    }
}

fn text_of(chars: &[char], range: &Range<usize>) -> String {
    chars.get(range.clone()).unwrap_or_default().iter().collect()
}

#[cfg(test)]
mod tests;
