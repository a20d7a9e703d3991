//! Block Kit: the blocks that the Worker may send, with their fields and limits.
//!
//! Limits are those of docs.slack.dev/reference/block-kit/blocks; the one of the markdown blocks of a payload is that of
//! the `markdown` block. Of a block that the lab does not have it says so, since Slack has more.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Most characters of all markdown blocks of a payload, and of `markdown_text`.
pub(super) const MAX_MARKDOWN: usize = 12_000;
const MAX_BLOCK_ID: usize = 255;
const MAX_SECTION: usize = 3_000;
const MAX_FIELD: usize = 2_000;
const MAX_HEADER: usize = 150;
const MAX_CONTEXT: usize = 10;
const MAX_ACTIONS: usize = 25;
const MAX_BUTTON: usize = 75;
const MAX_ACTION_ID: usize = 255;
const MAX_VALUE: usize = 2_000;
const MAX_URL: usize = 3_000;
const MAX_ALT: usize = 2_000;

/// Where blocks are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Message,
    /// A view, which shows no markdown blocks.
    Home,
}

/// What is wrong with blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// In sentences.
    Wrong(Vec<String>),
    /// The markdown blocks together are too long.
    TooLong,
}

/// Checks the blocks of a payload.
///
/// # Errors
/// What is wrong with them.
pub(super) fn check(blocks: &[Value], place: Place) -> Result<(), Problem> {
    let most = if place == Place::Home { 100 } else { 50 };
    let mut checker = Checker { place, found: Vec::new(), ids: BTreeSet::new() };
    if blocks.len() > most {
        checker.found.push(format!("no more than {most} items allowed [json-pointer:/blocks]"));
    }
    for (at, block) in blocks.iter().enumerate() {
        checker.block(block, &format!("/blocks/{at}"));
    }
    if !checker.found.is_empty() {
        return Err(Problem::Wrong(checker.found));
    }
    let markdown = blocks.iter().filter(|block| block["type"] == "markdown");
    let length: usize = markdown.filter_map(|block| block["text"].as_str()).map(count).sum();
    if length > MAX_MARKDOWN { Err(Problem::TooLong) } else { Ok(()) }
}

/// Number of characters.
pub(super) fn count(text: &str) -> usize {
    text.chars().count()
}

#[derive(Debug)]
struct Checker {
    place: Place,
    found: Vec<String>,
    /// The ids of the blocks.
    ids: BTreeSet<String>,
}

impl Checker {
    fn say(&mut self, what: impl std::fmt::Display, path: &str) {
        self.found.push(format!("{what} [json-pointer:{path}]"));
    }

    /// Looks at the names of the fields of an object.
    fn object<'a>(
        &mut self,
        value: &'a Value,
        path: &str,
        (required, optional): (&[&str], &[&str]),
    ) -> Option<&'a Map<String, Value>> {
        let Some(fields) = value.as_object() else {
            self.say("must be an object", path);
            return None;
        };
        for name in required {
            if !fields.contains_key(*name) {
                self.say(format!("missing required field: {name}"), path);
            }
        }
        for name in fields.keys().map(String::as_str) {
            if name != "type" && !required.contains(&name) && !optional.contains(&name) {
                self.say(format!("invalid additional property: {name}"), path);
            }
        }
        Some(fields)
    }

    fn block(&mut self, block: &Value, path: &str) {
        let kind = block["type"].as_str().unwrap_or_default();
        let (required, optional): (&[&str], &[&str]) = match kind {
            "markdown" if self.place == Place::Message => (&["text"], &["block_id"]),
            "section" => (&[], &["text", "fields", "accessory", "expand", "block_id"]),
            "context" | "actions" => (&["elements"], &["block_id"]),
            "header" => (&["text"], &["block_id"]),
            "divider" => (&[], &["block_id"]),
            "image" => (&["alt_text"], &["image_url", "slack_file", "title", "block_id"]),
            "" => return self.say("missing required field: type", path),
            _ => return self.say(format!("unsupported type: {kind}"), &format!("{path}/type")),
        };
        if self.object(block, path, (required, optional)).is_none() {
            return;
        }
        self.block_id(block, path);
        let of = |name: &str| format!("{path}/{name}");
        match kind {
            "markdown" => self.text(&block["text"], &of("text"), usize::MAX),
            "section" => self.section(block, path),
            "context" => {
                for (at, element) in self.elements(block, path, MAX_CONTEXT) {
                    let path = format!("{path}/elements/{at}");
                    if element["type"] == "image" {
                        self.object(element, &path, (&["alt_text"], &["image_url", "slack_file"]));
                        self.image(element, &path);
                    } else {
                        self.composed(element, &path, MAX_SECTION);
                    }
                }
            }
            "actions" => {
                let mut ids = BTreeSet::new();
                for (at, element) in self.elements(block, path, MAX_ACTIONS) {
                    let path = format!("{path}/elements/{at}");
                    self.button(element, &path);
                    if let Some(id) = element["action_id"].as_str()
                        && !ids.insert(id)
                    {
                        self.say(format!("`action_id` {id} already exists"), &path);
                    }
                }
            }
            "header" => self.plain(&block["text"], &of("text"), MAX_HEADER),
            "image" => {
                self.image(block, path);
                if !block["title"].is_null() {
                    self.plain(&block["title"], &of("title"), MAX_ALT);
                }
            }
            _ => {}
        }
    }

    fn block_id(&mut self, block: &Value, path: &str) {
        let id = &block["block_id"];
        if id.is_null() {
            return;
        }
        let path = format!("{path}/block_id");
        self.text(id, &path, MAX_BLOCK_ID);
        if let Some(id) = id.as_str()
            && !self.ids.insert(id.to_owned())
        {
            self.say(format!("`block_id` {id} already exists"), &path);
        }
    }

    /// A text that is not empty.
    fn text(&mut self, value: &Value, path: &str, most: usize) {
        match value.as_str() {
            None => self.say("must be a string", path),
            Some("") => self.say("must be more than 0 characters", path),
            Some(text) if count(text) > most => {
                self.say(format!("must be less than {} characters", most + 1), path);
            }
            Some(_) => {}
        }
    }

    /// A text that may be missing.
    fn optional(&mut self, object: &Value, name: &str, path: &str, most: usize) {
        if !object[name].is_null() {
            self.text(&object[name], &format!("{path}/{name}"), most);
        }
    }

    /// A text object.
    fn composed(&mut self, value: &Value, path: &str, most: usize) {
        let optional: &[&str] = match value["type"].as_str() {
            Some("mrkdwn") => &["verbatim"],
            Some("plain_text") => &["emoji"],
            _ => return self.say("must be plain_text or mrkdwn", &format!("{path}/type")),
        };
        if self.object(value, path, (&["text"], optional)).is_some() {
            self.text(&value["text"], &format!("{path}/text"), most);
        }
    }

    fn plain(&mut self, value: &Value, path: &str, most: usize) {
        if value["type"] == "mrkdwn" {
            return self.say("must be plain_text", &format!("{path}/type"));
        }
        self.composed(value, path, most);
    }

    /// The elements of a block.
    fn elements<'a>(
        &mut self,
        block: &'a Value,
        path: &str,
        most: usize,
    ) -> impl Iterator<Item = (usize, &'a Value)> + use<'a> {
        let path = format!("{path}/elements");
        let list = block["elements"].as_array().map_or(&[][..], Vec::as_slice);
        if list.is_empty() {
            self.say("must be an array with more than 0 items", &path);
        }
        if list.len() > most {
            self.say(format!("no more than {most} items allowed"), &path);
        }
        list.iter().enumerate()
    }

    fn section(&mut self, block: &Value, path: &str) {
        let (text, fields, accessory) = (&block["text"], &block["fields"], &block["accessory"]);
        if text.is_null() && fields.is_null() {
            self.say("missing required field: text", path);
        }
        if !text.is_null() {
            self.composed(text, &format!("{path}/text"), MAX_SECTION);
        }
        if !fields.is_null() {
            let list = fields.as_array().map_or(&[][..], Vec::as_slice);
            if list.is_empty() || list.len() > 10 {
                self.say("must have 1 to 10 items", &format!("{path}/fields"));
            }
            for (at, field) in list.iter().enumerate() {
                self.composed(field, &format!("{path}/fields/{at}"), MAX_FIELD);
            }
        }
        if !accessory.is_null() {
            self.button(accessory, &format!("{path}/accessory"));
        }
    }

    fn image(&mut self, image: &Value, path: &str) {
        self.text(&image["alt_text"], &format!("{path}/alt_text"), MAX_ALT);
        let (url, file) = (&image["image_url"], &image["slack_file"]);
        match (url.is_null(), file.is_null()) {
            (false, true) => {
                self.text(url, &format!("{path}/image_url"), MAX_URL);
                if !url.as_str().unwrap_or_default().starts_with("http") {
                    self.say("must be a valid URL", &format!("{path}/image_url"));
                }
            }
            (true, false) => {
                self.object(file, &format!("{path}/slack_file"), (&[], &["id", "url"]));
                if file["id"].is_string() == file["url"].is_string() {
                    self.say("must have either `id` or `url`", &format!("{path}/slack_file"));
                }
            }
            _ => self.say("must have either `image_url` or `slack_file`", path),
        }
    }

    fn button(&mut self, button: &Value, path: &str) {
        if button["type"] != "button" {
            let what = format!("lab: only buttons are emulated, not {}", button["type"]);
            return self.say(what, &format!("{path}/type"));
        }
        // Slack makes an `action_id` where there is none; nobody could tell which button was pressed then.
        let optional = ["value", "url", "style", "accessibility_label"];
        if self.object(button, path, (&["text", "action_id"], &optional)).is_none() {
            return;
        }
        self.plain(&button["text"], &format!("{path}/text"), MAX_BUTTON);
        self.text(&button["action_id"], &format!("{path}/action_id"), MAX_ACTION_ID);
        self.optional(button, "value", path, MAX_VALUE);
        self.optional(button, "url", path, MAX_URL);
        self.optional(button, "accessibility_label", path, MAX_BUTTON);
        let style = &button["style"];
        if !(style.is_null() || style == "primary" || style == "danger") {
            self.say("must be primary or danger", &format!("{path}/style"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Place, Problem, check};

    fn wrong(blocks: &Value) -> String {
        match check(blocks.as_array().unwrap(), Place::Message) {
            Err(Problem::Wrong(found)) => found.join("; "),
            other => panic!("{blocks}: {other:?}"),
        }
    }

    fn button(changes: &Value) -> Value {
        let mut button = json!({
            "type": "button", "action_id": "a", "text": { "type": "plain_text", "text": "b" },
        });
        crate::merge::merge(&mut button, changes);
        button
    }

    #[test]
    fn each_block_has_its_fields_and_limits() {
        let plain = |text: &str| json!({ "type": "plain_text", "text": text });
        let good = json!([
            { "type": "markdown", "text": "**a**" },
            { "type": "section", "text": { "type": "mrkdwn", "text": "a" }, "block_id": "x" },
            { "type": "section", "fields": [plain("a")], "accessory": button(&json!({})) },
            { "type": "context", "elements": [{ "type": "mrkdwn", "text": "a" }] },
            { "type": "header", "text": plain("a") },
            { "type": "divider" },
            { "type": "image", "alt_text": "a", "image_url": "https://a.example/b.png" },
            { "type": "image", "alt_text": "a", "slack_file": { "id": "F1" } },
            { "type": "actions", "elements": [button(&json!({ "value": "v", "style": "danger" }))] },
        ]);
        assert_eq!(check(good.as_array().unwrap(), Place::Message), Ok(()));
        for (block, expected) in [
            (json!({}), "missing required field: type"),
            (json!({ "type": "table" }), "unsupported type: table"),
            (json!({ "type": "markdown" }), "missing required field: text"),
            (json!({ "type": "markdown", "text": "" }), "more than 0 characters"),
            (json!({ "type": "divider", "x": 1 }), "invalid additional property: x"),
            (json!({ "type": "section" }), "missing required field: text"),
            (json!({ "type": "section", "text": plain(&"a".repeat(3001)) }), "less than 3001"),
            (json!({ "type": "section", "text": "a" }), "must be plain_text or mrkdwn"),
            (json!({ "type": "header", "text": { "type": "mrkdwn", "text": "a" } }), "plain_text"),
            (json!({ "type": "context", "elements": [] }), "more than 0 items"),
            (json!({ "type": "image", "alt_text": "a" }), "either `image_url` or `slack_file`"),
            (json!({ "type": "divider", "block_id": "a".repeat(256) }), "less than 256"),
        ] {
            let found = wrong(&json!([block]));
            assert!(found.contains(expected), "{block}: {found}");
        }
        let twice = json!({ "type": "divider", "block_id": "x" });
        assert!(wrong(&json!([twice, twice])).contains("already exists"));
        assert!(wrong(&vec![json!({ "type": "divider" }); 51].into()).contains("no more than 50"));
    }

    #[test]
    fn each_button_has_its_fields_and_limits() {
        for (changes, expected) in [
            (json!({ "text": { "text": "a".repeat(76) } }), "less than 76"),
            (json!({ "value": "a".repeat(2001) }), "less than 2001"),
            (json!({ "action_id": "a".repeat(256) }), "less than 256"),
            (json!({ "action_id": null }), "missing required field: action_id"),
            (json!({ "style": "blue" }), "primary or danger"),
            (json!({ "type": "checkboxes" }), "only buttons"),
        ] {
            let found = wrong(&json!([{ "type": "actions", "elements": [button(&changes)] }]));
            assert!(found.contains(expected), "{changes}: {found}");
        }
        let many = |count: usize| -> Value {
            let ids = (0..count).map(|id| button(&json!({ "action_id": id.to_string() })));
            json!([{ "type": "actions", "elements": ids.collect::<Vec<_>>() }])
        };
        assert_eq!(check(many(25).as_array().unwrap(), Place::Message), Ok(()));
        assert!(wrong(&many(26)).contains("no more than 25"));
        let twice =
            json!([{ "type": "actions", "elements": [button(&json!({})), button(&json!({}))] }]);
        assert!(wrong(&twice).contains("already exists"));
    }

    #[test]
    fn markdown_of_a_payload_is_bounded_as_a_whole_and_no_part_of_a_view() {
        let block = |count: usize| json!({ "type": "markdown", "text": "あ".repeat(count) });
        assert_eq!(check(&[block(6_000), block(6_000)], Place::Message), Ok(()));
        assert_eq!(check(&[block(6_000), block(6_001)], Place::Message), Err(Problem::TooLong));
        assert!(check(&[block(1)], Place::Home).is_err());
    }
}
