//! `parse_mode: HTML`, with the errors of `parse_html` in `TDLib`.

use serde_json::{Value, json};

/// An open tag.
struct Open {
    name: String,
    /// Where it begins in the parsed text.
    offset: usize,
    /// What it is, if it is anything by itself.
    entity: Option<Value>,
}

/// The text and its entities.
///
/// # Errors
/// What is wrong, as it follows "can't parse entities: ".
pub(super) fn parse(html: &str) -> Result<(String, Vec<Value>), String> {
    let (mut text, mut entities) = (String::new(), Vec::new());
    let mut open: Vec<Open> = Vec::new();
    let mut rest = html;
    let mut units = 0;
    while let Some(letter) = rest.chars().next() {
        let at = html.len() - rest.len();
        if letter == '<' {
            let Some((tag, tail)) = rest.split_once('>') else {
                let kind = if rest.starts_with("</") { "end" } else { "start" };
                return Err(format!("Unclosed {kind} tag at byte offset {at}"));
            };
            rest = tail;
            let tag = tag.trim_start_matches('<');
            if let Some(name) = tag.strip_prefix('/') {
                close(&mut open, &mut entities, (name.trim(), at), units)?;
            } else {
                let (name, entity) = start(tag, at, open.last())?;
                open.push(Open { name, offset: units, entity });
            }
            continue;
        }
        let (letter, taken) =
            if letter == '&' { reference(rest) } else { (letter, letter.len_utf8()) };
        text.push(letter);
        units += letter.len_utf16();
        rest = rest.split_at(taken).1;
    }
    if let Some(Open { name, .. }) = open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{name}\""));
    }
    entities.sort_by_key(|entity: &Value| {
        let number = |name: &str| entity[name].as_u64().unwrap_or_default();
        (number("offset"), u64::MAX - number("length"))
    });
    Ok((text, entities))
}

/// Ends the innermost tag.
fn close(
    open: &mut Vec<Open>,
    entities: &mut Vec<Value>,
    (name, at): (&str, usize),
    units: usize,
) -> Result<(), String> {
    let Some(begun) = open.pop() else {
        return Err(format!("Unexpected end tag at byte offset {at}"));
    };
    if !name.is_empty() && !name.eq_ignore_ascii_case(&begun.name) {
        let expected = begun.name;
        return Err(format!(
            "Unmatched end tag at byte offset {at}, expected \"</{expected}>\", found \"</{name}>\""
        ));
    }
    if let Some(mut entity) = begun.entity
        && units > begun.offset
    {
        entity["offset"] = json!(begun.offset);
        entity["length"] = json!(units - begun.offset);
        if let (Some(language), Some(pre)) = (entity.get("of_code").cloned(), open.last_mut()) {
            // `<pre><code class="language-…">` is one block.
            if let Some(pre) = &mut pre.entity {
                pre["language"] = language;
            }
            return Ok(());
        }
        entities.push(entity);
    }
    Ok(())
}

/// The name of a start tag, and its entity.
fn start(tag: &str, at: usize, within: Option<&Open>) -> Result<(String, Option<Value>), String> {
    let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let name = name.to_lowercase();
    let attribute = |wanted: &str| {
        let (_, rest) = attributes.split_once(&format!("{wanted}="))?;
        let quote = rest.chars().next().filter(|c| "\"'".contains(*c))?;
        rest.split_at(1).1.split_once(quote).map(|(value, _)| unescape(value))
    };
    let of = |kind: &str| Some(json!({ "type": kind }));
    let entity = match name.as_str() {
        "b" | "strong" => of("bold"),
        "i" | "em" => of("italic"),
        "u" | "ins" => of("underline"),
        "s" | "strike" | "del" => of("strikethrough"),
        "tg-spoiler" => of("spoiler"),
        "span" if attribute("class").as_deref() == Some("tg-spoiler") => of("spoiler"),
        "span" => {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {at}"));
        }
        "blockquote" if attributes.trim().starts_with("expandable") => of("expandable_blockquote"),
        "blockquote" => of("blockquote"),
        "pre" => of("pre"),
        "code" => {
            let language = attribute("class");
            let language = language.as_deref().and_then(|class| class.strip_prefix("language-"));
            match language.filter(|_| within.is_some_and(|open| open.name == "pre")) {
                Some(language) => Some(json!({ "type": "code", "of_code": language })),
                None => of("code"),
            }
        }
        "tg-time" => {
            let unix = attribute("unix").and_then(|unix| unix.parse::<i64>().ok());
            let format = attribute("format").unwrap_or_default();
            unix.map(|unix| {
                json!({ "type": "date_time", "unix_time": unix, "date_time_format": format })
            })
        }
        // Without an address it is no link.
        "a" => attribute("href").map(|url| json!({ "type": "text_link", "url": url })),
        _ => return Err(format!("Unsupported start tag \"{name}\" at byte offset {at}")),
    };
    Ok((name, entity))
}

/// The character that a text begins with, which may be a reference, and its length in bytes.
fn reference(text: &str) -> (char, usize) {
    let known = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')];
    if let Some((name, letter)) = known.into_iter().find(|(name, _)| text.starts_with(name)) {
        return (letter, name.len());
    }
    let number = text.strip_prefix("&#").and_then(|rest| rest.split_once(';'));
    let code = number.and_then(|(digits, _)| match digits.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    });
    match (code.and_then(char::from_u32), number) {
        (Some(letter), Some((digits, _))) => (letter, digits.len() + 3),
        _ => ('&', 1),
    }
}

fn unescape(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some(letter) = rest.chars().next() {
        let (letter, taken) =
            if letter == '&' { reference(rest) } else { (letter, letter.len_utf8()) };
        plain.push(letter);
        rest = rest.split_at(taken).1;
    }
    plain
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn tags_become_entities() {
        let html = "🎋 <b>a<i>b</i></b> &lt;&amp;&#33; <a href=\"https://a.example?b&amp;c\">d</a>\
                    <pre><code class=\"language-rust\">e</code></pre><span class='tg-spoiler'>f</span>\
                    <tg-time unix=\"5\" format=\"r\">g</tg-time>";
        let (text, entities) = parse(html).unwrap();
        assert_eq!(text, "🎋 ab <&! defg");
        let expected = [
            json!({ "type": "bold", "offset": 3, "length": 2 }),
            json!({ "type": "italic", "offset": 4, "length": 1 }),
            json!({ "type": "text_link", "url": "https://a.example?b&c", "offset": 10, "length": 1 }),
            json!({ "type": "pre", "language": "rust", "offset": 11, "length": 1 }),
            json!({ "type": "spoiler", "offset": 12, "length": 1 }),
            json!({ "type": "date_time", "unix_time": 5, "date_time_format": "r", "offset": 13, "length": 1 }),
        ];
        assert_eq!(entities, expected);
    }

    #[test]
    fn says_what_it_cannot_parse_as_telegram_does() {
        for (html, expected) in [
            ("a <x>b</x>", "Unsupported start tag \"x\" at byte offset 2"),
            ("a < b", "Unclosed start tag at byte offset 2"),
            ("a </b", "Unclosed end tag at byte offset 2"),
            ("a</b>", "Unexpected end tag at byte offset 1"),
            ("<b>a", "Can't find end tag corresponding to start tag \"b\""),
            (
                "<b><i>a</b></i>",
                "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\"",
            ),
            ("<span>a</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
        ] {
            assert_eq!(parse(html).unwrap_err(), expected, "{html}");
        }
    }
}
