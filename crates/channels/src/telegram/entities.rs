//! Markdown as Telegram shows it: a plain text, and entities with offsets in UTF-16 units.
//!
//! Entities need no escapes, so there is no text that Telegram cannot parse.

use core::ops::Range;

use serde::Serialize;

use super::MAX_ENTITIES;
use crate::markdown::{Span, Style, Styled, addresses, cut, is_followed, is_glued, read, sort};
use miyabi_core::text::LengthUnit;

/// Longest word that counts as the language of a block of code.
const MAX_LANGUAGE: usize = 32;

/// A text as a message of Telegram has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// Text.
    pub text: String,
    /// Its entities, at most [`MAX_ENTITIES`], in the order in which they begin.
    pub entities: Vec<Entity>,
}

/// A part of a text that is more than plain words.
///
/// # Source
/// Telegram Bot API/MessageEntity, read 2026-11-30.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entity {
    /// Kind.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where it begins, in UTF-16 units.
    pub offset: usize,
    /// Length, in UTF-16 units.
    pub length: usize,
    /// Address of a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Language of a block of code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Instant that is shown in its reader's zone, in Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unix_time: Option<u64>,
    /// How it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_time_format: Option<&'static str>,
}

impl Entity {
    /// Returns a quote of so many UTF-16 units, at the beginning of a text.
    pub(super) const fn quote(length: usize) -> Self {
        let (kind, offset) = ("blockquote", 0);
        let (url, language, unix_time, date_time_format) = (None, None, None, None);
        Self { kind, offset, length, url, language, unix_time, date_time_format }
    }
}

/// Formats Markdown for Telegram, cut to `limit` UTF-16 units.
///
/// A name behind an `@` stands as code, so that Telegram notifies nobody: the program's messages ping no one.
pub fn format(markdown: &str, limit: usize) -> Formatted {
    let Styled { text, spans } = cut(read(markdown), limit, LengthUnit::Utf16Units);
    let mut spans = arranged(&text, spans);
    if spans.len() > MAX_ENTITIES {
        // Names come first: they are what keeps people from being notified.
        let is_name =
            |span: &Span| text.get(span.range.clone()).is_some_and(|it| it.starts_with('@'));
        let (names, others): (Vec<_>, Vec<_>) = spans.into_iter().partition(is_name);
        spans = names.into_iter().chain(others).take(MAX_ENTITIES).collect();
        sort(&mut spans);
    }
    let entities = spans.iter().map(|span| entity(&text, span)).collect();
    Formatted { text, entities }
}

/// Returns how long a message of this Markdown is, in UTF-16 units.
pub fn length(markdown: &str) -> usize {
    LengthUnit::Utf16Units.length(&read(markdown).text)
}

/// Returns how many entities a message of this Markdown would have, if Telegram took any number.
pub fn count(markdown: &str) -> usize {
    let Styled { text, spans } = read(markdown);
    arranged(&text, spans).len()
}

/// Returns the styles as Telegram nests them: code has nothing in it and is in nothing but a quote, and a link is in
/// no other link.
fn arranged(text: &str, spans: Vec<Span>) -> Vec<Span> {
    let is_code = |span: &Span| matches!(span.style, Style::Code | Style::Block(_));
    let is_link = |span: &Span| matches!(span.style, Style::Link(_) | Style::Instant { .. });
    let mut closed: Vec<Span> = Vec::new();
    for span in spans.iter().filter(|span| is_link(span) || is_code(span)) {
        // The outer one of two comes first.
        if !closed.iter().any(|other| overlaps(&other.range, &span.range)) {
            closed.push(span.clone());
        }
    }
    for range in addresses(text) {
        let address = text.get(range.clone()).unwrap_or_default();
        let is_free = !closed.iter().any(|other| overlaps(&other.range, &range));
        let is_misread = address.contains('@') || is_glued(text, &range);
        if is_free && is_misread && is_followed(address) {
            // A name in an address is none, and breaks the address if it is marked as one.
            closed.push(Span { style: Style::Link(address.to_owned()), range });
        }
    }
    for range in names(text) {
        if !closed.iter().any(|other| overlaps(&other.range, &range)) {
            closed.push(Span { range, style: Style::Code });
        }
    }
    sort(&mut closed);
    let code: Vec<_> = closed.iter().filter(|it| is_code(it)).map(|it| it.range.clone()).collect();
    let mut arranged = closed;
    let mut worn: Vec<Span> = Vec::new();
    for Span { range, style } in spans {
        // A style within itself shows nothing more.
        if worn.iter().any(|outer| outer.style == style && range.end <= outer.range.end) {
            continue;
        }
        worn.push(Span { range: range.clone(), style: style.clone() });
        match style {
            Style::Quote => arranged.push(Span { range, style }),
            Style::Bold | Style::Italic | Style::Strike => {
                let parts = without(range, &code).into_iter();
                arranged.extend(parts.map(|range| Span { range, style: style.clone() }));
            }
            Style::Code | Style::Block(_) | Style::Link(_) | Style::Instant { .. } => {}
        }
    }
    sort(&mut arranged);
    arranged
}

fn overlaps(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Returns what is left of a range without others, which come in order.
fn without(range: Range<usize>, others: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut rest = Vec::new();
    let mut start = range.start;
    for other in others.iter().filter(|other| overlaps(other, &range)) {
        rest.push(start..other.start.max(start));
        start = start.max(other.end);
    }
    rest.push(start..range.end.max(start));
    rest.retain(|part| !part.is_empty());
    rest
}

/// Returns where names stand that Telegram would take for somebody's: an `@` that begins a word, and letters, digits
/// and underscores behind it.
fn names(text: &str) -> Vec<Range<usize>> {
    let mut names = Vec::new();
    let mut before = ' ';
    for (start, c) in text.char_indices() {
        // An address of mail is none. Of other letters it depends on the platform: one name too many does no harm.
        let begins = c == '@' && !before.is_ascii_alphanumeric() && before != '_';
        before = c;
        if !begins {
            continue;
        }
        let rest = text.get(start + 1..).unwrap_or_default();
        let len =
            rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        if len > 0 {
            names.push(start..start + 1 + len);
        }
    }
    names
}

fn entity(text: &str, span: &Span) -> Entity {
    let units =
        |range: Range<usize>| LengthUnit::Utf16Units.length(text.get(range).unwrap_or_default());
    let (mut url, mut language, mut instant) = (None, None, None);
    let kind = match &span.style {
        Style::Bold => "bold",
        Style::Italic => "italic",
        Style::Strike => "strikethrough",
        Style::Code => "code",
        Style::Block(name) => {
            language = Some(name.clone()).filter(|name| (1..=MAX_LANGUAGE).contains(&name.len()));
            "pre"
        }
        Style::Quote => "blockquote",
        Style::Link(address) => {
            url = Some(address.clone());
            "text_link"
        }
        Style::Instant { unix_s, is_relative } => {
            instant = Some((*unix_s, if *is_relative { "r" } else { "Dt" }));
            "date_time"
        }
    };
    let (offset, length) = (units(0..span.range.start), units(span.range.clone()));
    let (unix_time, date_time_format) = instant.unzip();
    Entity { kind, offset, length, url, language, unix_time, date_time_format }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::MAX_TEXT;
    use super::*;

    /// Compares the text, and each entity with what it covers.
    fn check(markdown: &str, text: &str, expected: &[(&str, &str)]) {
        let formatted = format(markdown, MAX_TEXT);
        assert_eq!(formatted.text, text, "{markdown:?}");
        let units: Vec<u16> = formatted.text.encode_utf16().collect();
        let covered = |entity: &Entity| {
            String::from_utf16(&units[entity.offset..entity.offset + entity.length]).unwrap()
        };
        let found: Vec<_> =
            formatted.entities.iter().map(|entity| (entity.kind, covered(entity))).collect();
        let expected: Vec<_> =
            expected.iter().map(|(kind, words)| (*kind, (*words).to_owned())).collect();
        assert_eq!(found, expected, "{markdown:?}");
    }

    #[test]
    fn offsets_count_utf16_units() {
        check("👩‍💻 **雅😀** x", "👩‍💻 雅😀 x", &[("bold", "雅😀")]);
    }

    #[test]
    fn code_has_nothing_in_it_and_is_in_nothing_but_a_quote() {
        check("**a `b` c**", "a b c", &[("bold", "a "), ("code", "b"), ("bold", " c")]);
        check("# `b`", "b", &[("code", "b")]);
        check("> a `b`", "a b", &[("blockquote", "a b"), ("code", "b")]);
        check("[`a` b](https://x.example)", "a b", &[("text_link", "a b")]);
        check("***a* b**", "a b", &[("bold", "a b"), ("italic", "a")]);
        check("# a **b** *c*", "a b c", &[("bold", "a b c"), ("italic", "c")]);
    }

    #[test]
    fn nobody_is_notified() {
        check(
            "hi @bob and @alice_1!",
            "hi @bob and @alice_1!",
            &[("code", "@bob"), ("code", "@alice_1")],
        );
        check("**@bob**", "@bob", &[("code", "@bob")]);
        check(
            "a@b.example and @ alone, `@bob`",
            "a@b.example and @ alone, @bob",
            &[("code", "@bob")],
        );
        check("[@bob](https://x.example)", "@bob", &[("text_link", "@bob")]);
        check(
            "see https://x.example/@bob. https://localhost/@eve, https://x.example/b",
            "see https://x.example/@bob. https://localhost/@eve, https://x.example/b",
            &[("text_link", "https://x.example/@bob"), ("code", "@eve")],
        );
        check(
            "「https://x.example/」で",
            "「https://x.example/」で",
            &[("text_link", "https://x.example/")],
        );
    }

    #[test]
    fn a_link_and_a_language_are_told() {
        let formatted = format("[a](https://x.example/?q=1)\n```rust\nb\n```", MAX_TEXT);
        let json = serde_json::to_string(&formatted.entities).unwrap();
        assert_eq!(
            json,
            r#"[{"type":"text_link","offset":0,"length":1,"url":"https://x.example/?q=1"},{"type":"pre","offset":2,"length":1,"language":"rust"}]"#
        );
    }

    #[test]
    fn an_instant_is_shown_in_its_reader_s_zone() {
        let formatted = format(&crate::markdown::instant(1_700_000_000, true), MAX_TEXT);
        let json = serde_json::to_string(&formatted.entities).unwrap();
        assert_eq!(
            json,
            r#"[{"type":"date_time","offset":0,"length":20,"unix_time":1700000000,"date_time_format":"r"}]"#
        );
    }

    #[test]
    fn what_is_too_long_is_cut_with_its_entities() {
        let formatted = format(&format!("**{}**", "😀".repeat(20)), 11);
        assert_eq!(formatted.text, format!("{}…", "😀".repeat(5)));
        assert_eq!((formatted.entities[0].offset, formatted.entities[0].length), (0, 10));
        assert_eq!(length("**a**"), 1);
        for more in 0..6 {
            let text = format(&"x".repeat(200 + more), 200).text;
            assert!(text.encode_utf16().count() <= 200, "{more}");
        }
    }

    #[test]
    fn there_are_no_more_than_telegram_takes() {
        assert_eq!(count(&"`a` ".repeat(300)), 300);
        let entities = format(&("`a` ".repeat(300) + "@bob"), MAX_TEXT).entities;
        assert_eq!(entities.len(), MAX_ENTITIES);
        let last = entities.last().unwrap();
        assert_eq!((last.kind, last.length), ("code", 4), "a name is never left out");
        check("Ⓐ@bob", "Ⓐ@bob", &[("code", "@bob")]);
    }
}
