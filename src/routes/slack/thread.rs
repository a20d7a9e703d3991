//! What was said in a thread before Miyabi is asked there: whoever asks "what do you think?" means that.

use miyabi_core::join::join_all;
use serde_json::Value;

use super::Bot;
use miyabi_channels::messengers::name;
use miyabi_channels::slack::place::Place;
use miyabi_channels::slack::text::read;
use miyabi_core::ports::Host;
use miyabi_core::question::Quote;
use miyabi_core::text::chars;

/// Messages of a thread that are read, from its beginning.
const MESSAGES: &str = "100";

/// Most people of a thread whose names are looked up, at once: each may be a request before the reply.
const MAX_NAMES: usize = 4;

/// Most code points of a thread that a model reads: those that were said last.
const MAX_CHARS: usize = 6_000;

/// What somebody has said.
struct Said<'v> {
    user: &'v str,
    text: String,
}

impl<H: Host + Clone + 'static> Bot<'_, H> {
    /// Returns what people have said in the thread of a place before a message of it, as data; `None` where nobody but who
    /// asks has, or Slack does not show it now: what the words of others may not do is left to them alone.
    pub(super) async fn thread(&self, place: &Place, before: &str) -> Option<Quote> {
        let thread = place.thread.as_deref()?;
        let arguments = [
            ("channel", place.channel.as_str()),
            ("ts", thread),
            ("latest", before),
            ("limit", MESSAGES),
        ];
        let page = self.read("conversations.replies", &arguments).await.ok()?;
        let messages = page.get("messages")?.as_array()?;
        let said: Vec<_> = messages.iter().filter_map(|it| said(it, before)).collect();
        if said.iter().all(|it| it.user == place.user) {
            return None;
        }
        let mut people: Vec<&str> = Vec::new();
        for Said { user, .. } in said.iter().rev() {
            if people.len() < MAX_NAMES && !people.contains(user) {
                people.push(user);
            }
        }
        let names = people.iter().map(async |user| {
            let person = Place { user: (*user).to_owned(), ..place.clone() };
            name(&self.profile(&person).await.0)
        });
        let names: Vec<_> = people.iter().copied().zip(join_all(names).await).collect();
        let text = last_lines(&said, &names);
        (!text.is_empty()).then(|| Quote { text, ..Quote::default() })
    }
}

/// Reads a message of a person; `None` for what Miyabi said, or nobody, and for the question itself.
fn said<'v>(message: &'v Value, before: &str) -> Option<Said<'v>> {
    let text_of = |field| message.get(field).and_then(Value::as_str);
    let is_bot = message.get("bot_id").is_some_and(|id| !id.is_null());
    let text = read(text_of("text")?, "");
    let is_said = !is_bot && !text.is_empty() && text_of("ts") != Some(before);
    is_said.then_some(())?;
    Some(Said { user: text_of("user")?, text })
}

/// Returns a line for each that fits, the last ones where not all do.
fn last_lines(said: &[Said<'_>], names: &[(&str, String)]) -> String {
    let (mut lines, mut left) = (Vec::new(), MAX_CHARS);
    for Said { user, text } in said.iter().rev() {
        let name = names.iter().find(|(whose, name)| whose == user && !name.is_empty());
        let called = name.map_or(*user, |(_, name)| name);
        let line = [called, ": ", text].concat();
        let Some(rest) = left.checked_sub(chars(&line) + 1) else { break };
        left = rest;
        lines.push(line);
    }
    lines.reverse();
    lines.join("\n")
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_people_said_is_read_and_nothing_else() {
        let read = |message: Value| said(&message, "3.0").map(|it| it.text);
        let message = json!({ "ts": "1.0", "user": "U5", "text": "a &lt; b" });
        assert_eq!(read(message.clone()).as_deref(), Some("a < b"));
        for (field, value) in [
            ("bot_id", json!("B1")),
            ("ts", json!("3.0")),
            ("text", json!("")),
            ("text", json!(5)),
            ("user", Value::Null),
        ] {
            let mut other = message.clone();
            other[field] = value;
            assert_eq!(read(other), None, "{field}");
        }
    }

    #[test]
    fn the_last_words_of_a_long_thread_are_kept() {
        let said: Vec<_> = (0..100)
            .map(|n| Said { user: "U5", text: format!("{n} {}", "雅".repeat(200)) })
            .collect();
        let text = last_lines(&said, &[("U5", "Mio".to_owned())]);
        assert!(text.starts_with("Mio: ") && text.contains("Mio: 99 "), "{text}");
        assert!(chars(&text) <= MAX_CHARS && !text.contains("Mio: 0 "));
        let unnamed = last_lines(&said[..1], &[]);
        assert!(unnamed.starts_with("U5: 0 "));
    }
}
