//! Formatting by `entities`: what Telegram refuses of it, and the text as it is stored.
//!
//! Sources: the `MessageEntity` section of core.telegram.org/bots/api ("Formatting options" has the rules about
//! nesting), and the error texts of `TDLib` (`MessageEntity.cpp`).

use serde_json::{Value, json};

use super::detect;
use super::utf16;

/// Most entities of a message; Telegram drops the others without a word.
const MAX_ENTITIES: usize = 100;
/// Those that may hold any other and stand within any other, but for code.
const STYLES: [&str; 5] = ["bold", "italic", "underline", "strikethrough", "spoiler"];
/// Those that may hold others, code too, but not each other.
const QUOTES: [&str; 2] = ["blockquote", "expandable_blockquote"];
/// Those that hold nothing and are held by quotes alone.
const CODE: [&str; 2] = ["code", "pre"];
/// The others. Telegram finds most of them by itself.
const OTHERS: [&str; 11] = [
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "text_link",
    "text_mention",
    "custom_emoji",
    "date_time",
];

/// A text with its formatting.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Formatted {
    pub(super) text: String,
    pub(super) entities: Vec<Value>,
}

/// Where an entity is, in UTF-16 code units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Span {
    /// Of an entity that was checked.
    pub(super) fn of(entity: &Value) -> Self {
        let number = |name: &str| {
            let number = entity[name].as_u64().unwrap_or_default();
            usize::try_from(number).unwrap_or(usize::MAX)
        };
        let from = number("offset");
        Self { from, to: from.saturating_add(number("length")) }
    }

    /// Whether the two have something in common.
    pub(super) fn meets(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }

    fn holds(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }
}

/// Checks what a client sends and returns it as Telegram stores it: without space around it, and with the
/// entities that Telegram finds by itself.
///
/// # Errors
/// What is wrong, in Telegram's words, or in the lab's where Telegram would repair it.
pub(super) fn format(text: &str, entities: &[Value]) -> Result<Formatted, String> {
    for entity in entities {
        check(text, entity)?;
    }
    if entities.len() > MAX_ENTITIES {
        return Err(format!("lab: {} entities, and Telegram would keep 100", entities.len()));
    }
    check_nesting(entities)?;
    let mut formatted = trim(text, entities);
    without_repeats(&mut formatted.entities);
    let found = detect::all(&formatted.text);
    let hides = |entity: &Value| [&CODE[..], &OTHERS].concat().contains(&kind(entity));
    let taken: Vec<Span> = formatted.entities.iter().filter(|e| hides(e)).map(Span::of).collect();
    let is_free = |entity: &Value| !taken.iter().any(|span| span.meets(Span::of(entity)));
    formatted.entities.extend(found.into_iter().filter(is_free));
    // Outer ones first, as Telegram returns them.
    formatted.entities.sort_by_key(|entity| {
        let span = Span::of(entity);
        // Of the same text, a quote holds a style, and that the others.
        let rank = [&QUOTES[..], &STYLES].iter().position(|list| list.contains(&kind(entity)));
        (span.from, usize::MAX - span.to, rank.unwrap_or(2))
    });
    Ok(formatted)
}

fn check(text: &str, entity: &Value) -> Result<(), String> {
    let kind = kind(entity);
    let is_known = [&STYLES[..], &QUOTES, &CODE, &OTHERS].concat().contains(&kind);
    if !is_known {
        return Err(format!("lab: no entity has the type \"{kind}\""));
    }
    for (of, field) in [
        ("text_link", "url"),
        ("text_mention", "user"),
        ("custom_emoji", "custom_emoji_id"),
        ("date_time", "unix_time"),
    ] {
        if (kind == of) != entity.get(field).is_some() {
            return Err(format!("lab: `{field}` belongs to {of}, and this is {kind}"));
        }
    }
    if let Some(url) = entity["url"].as_str()
        && !["http://", "https://", "tg://"].iter().any(|scheme| url.starts_with(scheme))
    {
        return Err(format!("lab: Telegram would drop the link to \"{url}\""));
    }
    for (of, field) in [("pre", "language"), ("date_time", "date_time_format")] {
        if entity.get(field).is_some() && kind != of {
            return Err(format!("lab: `{field}` belongs to {of}"));
        }
    }
    if let Some(format) = entity["date_time_format"].as_str().filter(|it| !is_date_format(it)) {
        return Err(format!("lab: \"{format}\" is not r, nor any of w, d or D, t or T in order"));
    }
    let (offset, length) = (&entity["offset"], &entity["length"]);
    if offset.as_u64().is_none() {
        return Err(format!("Receive an entity with incorrect offset {offset}"));
    }
    if length.as_u64().is_none() {
        return Err(format!("Receive an entity with incorrect length {length}"));
    }
    let Span { from, to } = Span::of(entity);
    let end = utf16::length(text);
    if from == to {
        return Err(format!("lab: the {kind} at {from} is empty, and Telegram would drop it"));
    }
    if from > end {
        return Err(format!("Entity begins after the end of the text at UTF-16 offset {from}"));
    }
    let begins = format!("Entity beginning at UTF-16 offset {from}");
    if to > end {
        return Err(format!("{begins} ends after the end of the text at UTF-16 offset {to}"));
    }
    let around = |at: usize| utf16::byte_at(text, at.saturating_sub(1)).unwrap_or_default();
    if utf16::byte_at(text, from).is_none() {
        let byte = around(from);
        return Err(format!("Entity begins in a middle of a UTF-16 symbol at byte offset {byte}"));
    }
    if utf16::byte_at(text, to).is_none() {
        let byte = around(to);
        return Err(format!("{begins} ends in a middle of a UTF-16 symbol at byte offset {byte}"));
    }
    Ok(())
}

/// Whether a text is a format of a date: `r|w?[dD]?[tT]?`.
fn is_date_format(format: &str) -> bool {
    let rest = format.strip_prefix('w').unwrap_or(format);
    let rest = rest.strip_prefix(['d', 'D']).unwrap_or(rest);
    format == "r" || rest.strip_prefix(['t', 'T']).unwrap_or(rest).is_empty()
}

/// Two entities are apart or one holds the other, and not everything holds everything.
fn check_nesting(entities: &[Value]) -> Result<(), String> {
    for (at, one) in entities.iter().enumerate() {
        for other in entities.iter().skip(at + 1) {
            let (first, second) = (Span::of(one), Span::of(other));
            if !first.meets(second) {
                continue;
            }
            let [a, b] = [one, other].map(kind);
            if !first.holds(second) && !second.holds(first) {
                return Err(format!("lab: {a} and {b} overlap, and none holds the other"));
            }
            let is_allowed =
                (first.holds(second) && may_hold(a, b)) || (second.holds(first) && may_hold(b, a));
            if !is_allowed {
                return Err(format!("lab: {a} and {b} can't be nested, and Telegram drops one"));
            }
        }
    }
    Ok(())
}

/// Whether an entity may hold another: code holds nothing and stands in quotes alone, quotes stand in styles alone.
///
/// # Source
/// core.telegram.org/bots/api#formatting-options, and `fix_entities` in `TDLib`, which keeps what a quote holds.
fn may_hold(outer: &str, inner: &str) -> bool {
    let is = |list: &[&str], kind: &str| list.contains(&kind);
    if is(&CODE, outer) || (is(&CODE, inner) && !is(&QUOTES, outer)) {
        return false;
    }
    if is(&STYLES, outer) || is(&STYLES, inner) {
        return true;
    }
    is(&QUOTES, outer) && !is(&QUOTES, inner)
}

/// Removes a style within the same style, which Telegram makes one of, since nobody sees a difference.
fn without_repeats(entities: &mut Vec<Value>) {
    let all = entities.clone();
    let mut at = 0;
    entities.retain(|entity| {
        let own = at;
        at += 1;
        let is_in = |(index, other): (usize, &Value)| {
            let (inner, outer) = (Span::of(entity), Span::of(other));
            let is_same = inner == outer && index >= own;
            kind(entity) == kind(other) && outer.holds(inner) && !is_same
        };
        !(STYLES.contains(&kind(entity)) && all.iter().enumerate().any(is_in))
    });
}

fn kind(entity: &Value) -> &str {
    entity["type"].as_str().unwrap_or_default()
}

/// Removes space around the text; in front only up to the first entity.
fn trim(text: &str, entities: &[Value]) -> Formatted {
    let first = entities.iter().map(|entity| Span::of(entity).from).min().unwrap_or(usize::MAX);
    let ended = text.trim_end();
    let space = ended.len() - ended.trim_start().len();
    let cut = ended.char_indices().take_while(|(byte, _)| *byte < space);
    let cut: usize = cut.map(|(_, letter)| letter.len_utf16()).sum();
    let cut = cut.min(first);
    let kept = utf16::byte_at(ended, cut).and_then(|byte| ended.get(byte..)).unwrap_or_default();
    let end = utf16::length(kept);
    let moved = entities.iter().filter_map(|entity| {
        let Span { from, to } = Span::of(entity);
        let (from, to) = (from - cut, (to - cut).min(end));
        let mut entity = entity.clone();
        entity["offset"] = json!(from);
        entity["length"] = json!(to.checked_sub(from).filter(|length| *length > 0)?);
        Some(entity)
    });
    Formatted { text: kept.to_owned(), entities: moved.collect() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Formatted, format};

    fn entity(kind: &str, offset: i64, length: i64) -> Value {
        json!({ "type": kind, "offset": offset, "length": length })
    }

    #[test]
    fn what_telegram_refuses_is_refused_in_its_words() {
        let text = "👉 👉";
        for (offset, length, expected) in [
            (1, 1, "Entity begins in a middle of a UTF-16 symbol at byte offset 0"),
            (
                3,
                1,
                "Entity beginning at UTF-16 offset 3 ends in a middle of a UTF-16 symbol at byte offset 5",
            ),
            (
                3,
                6,
                "Entity beginning at UTF-16 offset 3 ends after the end of the text at UTF-16 offset 9",
            ),
            (9, 1, "Entity begins after the end of the text at UTF-16 offset 9"),
            (-1, 1, "Receive an entity with incorrect offset -1"),
            (0, -1, "Receive an entity with incorrect length -1"),
            (0, 0, "lab: the bold at 0 is empty, and Telegram would drop it"),
        ] {
            assert_eq!(format(text, &[entity("bold", offset, length)]), Err(expected.to_owned()));
        }
        assert!(format(text, &[entity("bold", 0, 5)]).is_ok());
        assert!(format(text, &[entity("fat", 0, 5)]).unwrap_err().contains("\"fat\""));
    }

    #[test]
    fn code_holds_nothing_and_stands_in_quotes_alone() {
        for (outer, inner, is_allowed) in [
            ("bold", "italic", true),
            ("blockquote", "bold", true),
            ("bold", "blockquote", true),
            ("pre", "bold", false),
            ("bold", "code", false),
            ("bold", "bold", true),
            ("blockquote", "pre", true),
            ("blockquote", "code", true),
            ("code", "blockquote", false),
            ("blockquote", "mention", true),
            ("mention", "blockquote", false),
            ("mention", "bold", true),
            ("blockquote", "expandable_blockquote", false),
            ("mention", "hashtag", false),
        ] {
            let both = [entity(outer, 0, 5), entity(inner, 1, 2)];
            assert_eq!(format("abcdefgh", &both).is_ok(), is_allowed, "{outer} {inner}");
        }
        let same = [entity("pre", 0, 5), entity("blockquote", 0, 5)];
        let formatted = format("abcdefgh", &same).unwrap();
        assert_eq!(formatted.entities, [entity("blockquote", 0, 5), entity("pre", 0, 5)]);
        let overlap = [entity("bold", 0, 3), entity("italic", 1, 5)];
        assert!(format("abcdefgh", &overlap).unwrap_err().contains("overlap"));
    }

    #[test]
    fn a_style_within_itself_is_one() {
        let twice = [entity("bold", 1, 2), entity("bold", 0, 5), entity("italic", 1, 2)];
        let formatted = format("abcdefgh", &twice).unwrap();
        assert_eq!(formatted.entities, [entity("bold", 0, 5), entity("italic", 1, 2)]);
        let same = [entity("bold", 0, 5), entity("bold", 0, 5)];
        assert_eq!(format("abcdefgh", &same).unwrap().entities, [entity("bold", 0, 5)]);
    }

    #[test]
    fn links_and_mentions_bring_what_they_need() {
        let link = |url: &str| json!({ "type": "text_link", "offset": 0, "length": 1, "url": url });
        assert!(format("a", &[link("https://a.example")]).is_ok());
        assert!(format("a", &[link("javascript:alert(1)")]).is_err());
        assert!(format("a", &[entity("text_link", 0, 1)]).is_err());
        let mut bold = entity("bold", 0, 1);
        bold["url"] = json!("https://a.example");
        assert!(format("a", &[bold]).is_err());
    }

    #[test]
    fn a_date_has_a_time_and_a_format_that_there_is() {
        let date = |format: &str| json!({ "type": "date_time", "offset": 0, "length": 1, "unix_time": 1, "date_time_format": format });
        for (of, is_one) in [
            ("r", true),
            ("wDT", true),
            ("dt", true),
            ("", true),
            ("rt", false),
            ("Td", false),
            ("x", false),
        ] {
            assert_eq!(format("a", &[date(of)]).is_ok(), is_one, "{of}");
        }
        assert!(format("a", &[entity("date_time", 0, 1)]).is_err());
    }

    #[test]
    fn space_around_the_text_goes_and_offsets_move() {
        let formatted = format("  ab c \n", &[entity("bold", 5, 3)]).unwrap();
        let expected = Formatted { text: "ab c".to_owned(), entities: vec![entity("bold", 3, 1)] };
        assert_eq!(formatted, expected);
        let formatted = format("  ab", &[entity("bold", 0, 4)]).unwrap();
        assert_eq!((formatted.text.as_str(), formatted.entities.len()), ("  ab", 1));
    }

    #[test]
    fn telegram_finds_links_and_mentions_by_itself_but_not_in_code() {
        let formatted = format("see https://a.example @mio_lab", &[entity("code", 22, 8)]).unwrap();
        assert_eq!(formatted.entities, [entity("url", 4, 17), entity("code", 22, 8)]);
    }
}
