//! The words of a message: a text, and what Telegram knows of its parts.

use core::ops::Range;

use miyabi_core::order::sort_by_place;
use serde_json::Value;

/// A text and its entities that matter.
pub(super) struct Written<'v> {
    pub(super) text: &'v str,
    pub(super) parts: Vec<Part<'v>>,
}

/// A part of a text.
pub(super) struct Part<'v> {
    pub(super) kind: &'v str,
    /// Bytes of the text.
    pub(super) range: Range<usize>,
    pub(super) entity: &'v Value,
}

impl<'v> Written<'v> {
    /// Reads the text of a message, or the caption of what comes with it.
    pub(super) fn of(message: &'v Value) -> Self {
        let (text, entities) = match message.get("text").and_then(Value::as_str) {
            Some(text) => (text, "entities"),
            None => (
                message.get("caption").and_then(Value::as_str).unwrap_or_default(),
                "caption_entities",
            ),
        };
        let entities = message.get(entities).and_then(Value::as_array);
        let part = |entity| Part::of(text, entity);
        let mut parts: Vec<_> = entities.into_iter().flatten().filter_map(part).collect();
        sort_by_place(&mut parts, |part| (part.range.start, 0));
        Self { text, parts }
    }

    /// Returns the words of a part.
    pub(super) fn words(&self, part: &Part<'_>) -> &'v str {
        self.text.get(part.range.clone()).unwrap_or_default()
    }

    /// Returns the text without some of its parts, as Markdown: code and the addresses of links are kept, which a model
    /// reads and the plain text does not have.
    pub(super) fn markdown(&self, is_left_out: impl Fn(&Part<'_>) -> bool) -> String {
        let mut markdown = String::new();
        let mut end = 0;
        for part in &self.parts {
            let is_out = is_left_out(part);
            let (before, after) = match part.kind {
                _ if is_out => (String::new(), String::new()),
                "pre" => {
                    let language = part.entity.get("language").and_then(Value::as_str);
                    (format!("```{}\n", language.unwrap_or_default()), "\n```".to_owned())
                }
                "code" => ("`".to_owned(), "`".to_owned()),
                "text_link" => {
                    let url = part.entity.get("url").and_then(Value::as_str).unwrap_or_default();
                    ("[".to_owned(), format!("]({url})"))
                }
                _ => continue,
            };
            // A part within another one is written as that is.
            if part.range.start < end {
                continue;
            }
            let words = if is_out { "" } else { self.words(part) };
            markdown.push_str(self.text.get(end..part.range.start).unwrap_or_default());
            markdown.extend([before.as_str(), words, after.as_str()]);
            end = part.range.end;
        }
        markdown.push_str(self.text.get(end..).unwrap_or_default());
        markdown.trim().to_owned()
    }
}

impl<'v> Part<'v> {
    /// Reads an entity; `None` if it does not lie in the text.
    fn of(text: &str, entity: &'v Value) -> Option<Self> {
        let number = |name| usize::try_from(entity.get(name)?.as_u64()?).ok();
        let (offset, length) = (number("offset")?, number("length")?);
        let range = byte_at(text, offset)?..byte_at(text, offset.checked_add(length)?)?;
        Some(Self { kind: entity.get("type")?.as_str()?, range, entity })
    }
}

/// Returns the byte at which so many UTF-16 units of a text are over; `None` if it is shorter, or they end within a
/// character.
fn byte_at(text: &str, units: usize) -> Option<usize> {
    let mut taken = 0;
    for (byte, c) in text.char_indices() {
        if taken >= units {
            return (taken == units).then_some(byte);
        }
        taken += c.len_utf16();
    }
    (taken == units).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn markdown(message: &Value) -> String {
        Written::of(message).markdown(|part| part.kind == "mention")
    }

    #[test]
    fn code_and_addresses_are_kept() {
        let message = json!({
            "text": "👩‍💻 run this, see there: ls",
            "entities": [
                { "type": "text_link", "offset": 16, "length": 9, "url": "https://a.example" },
                { "type": "code", "offset": 27, "length": 2 },
                { "type": "bold", "offset": 0, "length": 5 },
            ],
        });
        assert_eq!(markdown(&message), "👩‍💻 run this, [see there](https://a.example): `ls`");
        let block = json!({
            "caption": "x = 1",
            "caption_entities": [{ "type": "pre", "offset": 0, "length": 5, "language": "py" }],
        });
        assert_eq!(markdown(&block), "```py\nx = 1\n```");
    }

    #[test]
    fn parts_are_left_out() {
        let message = json!({
            "text": " @MiyabiBot what is 雅?",
            "entities": [{ "type": "mention", "offset": 1, "length": 10 }],
        });
        assert_eq!(markdown(&message), "what is 雅?");
    }

    #[test]
    fn an_entity_that_does_not_lie_in_the_text_is_none() {
        for (offset, length) in [(1, 1), (0, 1), (2, 1), (0, u64::MAX), (9, 1)] {
            let message = json!({
                "text": "😀",
                "entities": [{ "type": "code", "offset": offset, "length": length }],
            });
            assert_eq!(markdown(&message), "😀", "{offset} {length}");
        }
        for entities in
            [json!("x"), json!([1]), json!([{ "type": "code", "offset": -1, "length": 1.5 }])]
        {
            assert_eq!(markdown(&json!({ "text": "a", "entities": entities })), "a");
        }
    }
}
