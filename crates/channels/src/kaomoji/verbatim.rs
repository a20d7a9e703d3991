//! What Discord reads as one unit, and must stay letter by letter: custom emoji, mentions, timestamps, links
//! and addresses in angle brackets, and the addresses of masked links.

use core::ops::Range;

use crate::discord::links::find_links;
use miyabi_core::text::markup::at;

/// Longest unit in angle brackets, in code points: a link as long as a message.
const MAX_CHARS: usize = crate::discord::MAX_CONTENT_CHARS;

/// Stands for each code point inside of a unit: a letter, so that no kaomoji is found there.
const LETTER: char = 'w';

/// Returns the text with letters in the place of units, angle brackets included, of the same length.
pub(super) fn mask(chars: &[char]) -> Vec<char> {
    let mut masked = chars.to_vec();
    let addresses = find_links(chars).into_iter().map(|link| link.href);
    for unit in units(chars).into_iter().chain(addresses) {
        if let Some(inside) = masked.get_mut(unit) {
            inside.fill(LETTER);
        }
    }
    masked
}

/// Returns the units, with their angle brackets.
fn units(chars: &[char]) -> Vec<Range<usize>> {
    let mut units = Vec::new();
    let mut open = None;
    for (index, c) in chars.iter().enumerate() {
        match c {
            '<' => open = Some(index + 1),
            '>' => {
                let inside = open.take().map(|start| start..index);
                let unit = inside.filter(|inside| is_unit(chars, inside));
                units.extend(unit.map(|inside| inside.start - 1..inside.end + 1));
            }
            '\n' => open = None,
            _ => {}
        }
    }
    units
}

/// # Source
/// Discord Docs/Reference, Message Formatting, read 2026-11-20.
fn is_unit(chars: &[char], inside: &Range<usize>) -> bool {
    if inside.len() > MAX_CHARS {
        return false;
    }
    let text: String = chars.get(inside.clone()).unwrap_or_default().iter().collect();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let named = |text: &str| text.rsplit_once(':').is_some_and(|(_, id)| is_number(id));
    match at(chars, inside.start) {
        // A custom emoji, `:name:1`, or an animated one, `a:name:1`.
        ':' | 'a' if named(&text) => {
            let emoji = text.trim_start_matches('a').strip_prefix(':');
            emoji.and_then(|emoji| emoji.rsplit_once(':')).is_some_and(|(name, _)| is_name(name))
        }
        't' => text.strip_prefix("t:").is_some_and(is_time),
        '@' | '#' => is_number(text.trim_start_matches(['@', '!', '&', '#'])),
        '/' => named(&text),
        'i' if text.starts_with("id:") => true,
        's' if text.starts_with("sound:") => named(&text),
        '+' => is_number(text.trim_start_matches('+')),
        _ => is_address(&text),
    }
}

/// `https://example.com`, `mailto:mio@example.com` or `mio@example.com`.
fn is_address(text: &str) -> bool {
    let schemes = ["http://", "https://", "discord://", "mailto:", "tel:", "sms:"];
    let has_scheme = schemes.into_iter().any(|scheme| text.starts_with(scheme));
    let is_mail =
        || text.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.contains('.'));
    !text.contains(char::is_whitespace) && (has_scheme || is_mail())
}

/// `1730073600` or `1730073600:R`.
fn is_time(text: &str) -> bool {
    let (seconds, style) = text.split_once(':').unwrap_or((text, "R"));
    let seconds = seconds.strip_prefix('-').unwrap_or(seconds);
    !seconds.is_empty()
        && seconds.bytes().all(|byte| byte.is_ascii_digit())
        && style.len() == 1
        && style.bytes().all(|byte| byte.is_ascii_alphabetic())
}
