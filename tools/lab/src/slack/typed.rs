//! What Slack makes of what people type: mentions, channels and links, and a block of rich text.

use serde_json::{Value, json};

use super::world::{self, BOT_NAME, BOT_USER_ID};

/// A text as the API has it, and its block.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Typed {
    pub(super) text: String,
    elements: Vec<Value>,
}

impl Typed {
    /// What becomes of a text.
    pub(super) fn of(typed: &str) -> Self {
        let mut all = Self::default();
        let mut rest = typed;
        let mut plain = String::new();
        while let Some(c) = rest.chars().next() {
            if let Some((length, text, element)) = token(rest) {
                all.push_plain(&mut plain);
                all.text.push_str(&text);
                all.elements.push(element);
                rest = rest.get(length..).unwrap_or_default();
            } else {
                plain.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
        all.push_plain(&mut plain);
        all
    }

    fn push_plain(&mut self, plain: &mut String) {
        if plain.is_empty() {
            return;
        }
        let escaped = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        self.text.push_str(&escaped);
        self.elements.push(json!({ "type": "text", "text": plain }));
        plain.clear();
    }

    /// The block of rich text.
    pub(super) fn block(&self, id: u64) -> Value {
        let section = json!({ "type": "rich_text_section", "elements": self.elements });
        json!({ "type": "rich_text", "block_id": format!("p{id:04}"), "elements": [section] })
    }
}

/// What a text begins with: its length, and how it is written and shown.
fn token(rest: &str) -> Option<(usize, String, Value)> {
    if let Some(name) = rest.strip_prefix('@') {
        let people = world::PEOPLE.into_iter().map(|person| (person.name, person.id));
        let mut names = people.chain([(BOT_NAME, BOT_USER_ID)]);
        let begins = |of: &str| name.get(..of.len()).is_some_and(|it| it.eq_ignore_ascii_case(of));
        let (of, id) = names.find(|(of, _)| begins(of))?;
        return Some((1 + of.len(), format!("<@{id}>"), json!({ "type": "user", "user_id": id })));
    }
    if let Some(name) = rest.strip_prefix('#') {
        let is_it = |it: &world::Channel| !it.is_direct() && name.starts_with(&it.label());
        let channel = world::channels().find(is_it)?;
        let element = json!({ "type": "channel", "channel_id": channel.id });
        return Some((1 + channel.label().len(), format!("<#{}|>", channel.id), element));
    }
    if rest.starts_with("http://") || rest.starts_with("https://") {
        let url = rest.split(char::is_whitespace).next()?;
        let escaped = url.replace('&', "&amp;");
        return Some((url.len(), format!("<{escaped}>"), json!({ "type": "link", "url": url })));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Typed;

    #[test]
    fn mentions_channels_and_links_are_found_and_the_rest_is_escaped() {
        for (typed, expected) in [
            ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
            ("@Miyabi なぜ?", "<@U07180MIYABI> なぜ?"),
            ("ask @alex in #general", "ask <@U07180ALEX1> in <#C07180GENER|>"),
            ("see https://a.example/?b&c now", "see <https://a.example/?b&amp;c> now"),
            ("@nobody #nowhere", "@nobody #nowhere"),
        ] {
            assert_eq!(Typed::of(typed).text, expected);
        }
        let block = Typed::of("@miyabi why?").block(1);
        let elements = &block["elements"][0]["elements"];
        assert_eq!(elements[0]["user_id"], "U07180MIYABI");
        assert_eq!(elements[1]["text"], " why?");
    }
}
