//! What a run may send out: addresses and words that stand in what it has read, and nothing that a model made
//! of what it knows.
//!
//! Whatever a model reads can talk it into anything, so it is not asked to resist. What leaves a run is
//! compared with where it came from ([decision 0049](../../../../docs/decisions/0049-only-what-was-seen-goes-out.md)):
//!
//! | who wrote it | its addresses are read | its words are sent after a page or a result was read |
//! | --- | --- | --- |
//! | the asker, in this question or an earlier one | yes | yes |
//! | a search, as the address of a result | yes | yes |
//! | a page, what a result says of it, and what a tool of an MCP server returns | unless a fact about the asker is known | yes |
//! | the model, in an answer, a summary or an error | never | unless no fact about the asker is known |

use serde_json::{Map, Value};

use super::Tool;
use super::errands::Touches;
use super::fetch_page::Address;
use crate::history::Exchange;
use crate::{Message, ToolCall};
use miyabi_core::text::markup::URL_ENDS;

/// What the tools of a round may take for seen.
#[derive(Debug, Default)]
pub struct Seen<'a> {
    /// What the asker wrote.
    asked: Vec<&'a str>,
    /// Results of searches.
    found: Vec<&'a str>,
    /// What others wrote: pages, results, names of places.
    told: Vec<&'a str>,
    /// What tools of MCP servers were sent before that: a server may repeat it.
    made: Vec<String>,
    /// Whether something that others wrote was read, also in a result that says why there is none.
    has_read: bool,
    /// Whether the model knows a fact about the asker.
    knows_asker: bool,
}

/// Letters that join Japanese words, and say nothing by themselves.
const PARTICLES: &str = "のはをにでとがへもや";

/// What may stand behind an address without being a part of it.
const BEHIND: &str = ".,;:!?'*_~)]";

impl<'a> Seen<'a> {
    /// Returns what the asker has written, oldest first.
    pub fn asked(question: &'a str, history: &'a [Exchange]) -> Self {
        let earlier = history.iter().map(|exchange| exchange.question.as_str());
        Self { asked: earlier.chain([question]).collect(), ..Self::default() }
    }

    /// Adds what tools have returned. A sentence about a failure repeats what a model wrote, so nothing in it
    /// is seen.
    #[must_use]
    pub fn told(mut self, messages: &'a [Message]) -> Self {
        for message in messages {
            let (name, content) = match message {
                Message::Tool { name, content, .. } => (name, content),
                Message::Assistant { calls, .. } if !self.has_read => {
                    let is_other = |call: &&ToolCall| Tool::parse(&call.name).is_none();
                    let sent = calls.iter().filter(is_other).filter_map(ToolCall::object);
                    self.made.extend(sent.map(|it| words_of(&Value::Object(it)).to_lowercase()));
                    continue;
                }
                Message::Assistant { .. } | Message::System(_) | Message::User(_) => continue,
            };
            if is_planted(Defect::Failures) {
                self.asked.push(content);
            }
            // Without a name of ours it is of an MCP server, or says that there is no such tool.
            let tool = Tool::parse(name);
            match tool.map_or(Touches::Strangers, Tool::touches) {
                Touches::Nothing => continue,
                // What it finds is what is known of the asker, and what models once answered: nobody has seen it.
                Touches::Asker | Touches::Writes => {
                    self.knows_asker = true;
                    continue;
                }
                Touches::Service | Touches::Strangers | Touches::Acts => self.has_read = true,
            }
            if content.starts_with("error:") {
                continue;
            }
            self.told.push(content);
            if tool == Some(Tool::WebSearch) {
                self.found.push(content);
            }
        }
        self
    }

    /// Says whether the question is about a message, which anybody may have written.
    #[must_use]
    pub const fn about_message(mut self, is_about_message: bool) -> Self {
        self.has_read |= is_about_message;
        self
    }

    /// Says whether the model knows facts about the asker.
    #[must_use]
    pub const fn with_facts(mut self, knows_asker: bool) -> Self {
        self.knows_asker |= knows_asker;
        self
    }

    /// Returns whether an address may be read, and else whether it stands on a page that was read.
    pub(super) fn allows(&self, address: &Address) -> Result<(), bool> {
        if is_planted(Defect::AnyAddress) {
            return Ok(());
        }
        let holds = |text: &str| stands_in(address, text);
        let is_found = |result: &str| addresses(result).any(holds);
        if self.asked.iter().any(|text| holds(text)) || self.found.iter().any(|it| is_found(it)) {
            return Ok(());
        }
        let is_linked = self.told.iter().any(|text| holds(text));
        let follows = !self.knows_asker || is_planted(Defect::AnyLink);
        if is_linked && follows { Ok(()) } else { Err(is_linked) }
    }

    /// Returns whether words may be sent to a service.
    pub(super) fn allows_words(&self, text: &str) -> bool {
        self.allows_words_or(text, "")
    }

    /// Returns whether a tool of an MCP server may be sent these arguments. What its schema says of them is
    /// approved by the operator, and the same whoever asks.
    pub(crate) fn allows_arguments(&self, arguments: &Map<String, Value>, schema: &Value) -> bool {
        let sent = words_of(&Value::Object(arguments.clone()));
        self.allows_words_or(&sent, &words_of(schema))
    }

    fn allows_words_or(&self, text: &str, approved: &str) -> bool {
        if !self.knows_asker || !self.has_read || is_planted(Defect::AnyWord) {
            return true;
        }
        let lower = |texts: &[&str]| texts.iter().map(|it| it.to_lowercase()).collect::<Vec<_>>();
        let (mut own, told) = (lower(&self.asked), lower(&self.told));
        own.push(approved.to_lowercase());
        let text = text.to_lowercase();
        words(&text).all(|word| {
            let is_long = !word.is_ascii() && word.chars().nth(1).is_some();
            let stands_in = |text: &String| {
                words(text).any(|known| known == word) || (is_long && text.contains(word))
            };
            PARTICLES.contains(word)
                || own.iter().any(stands_in)
                || (told.iter().any(stands_in) && !self.made.iter().any(stands_in))
        })
    }
}

/// Returns the addresses of a search's results. What a page says of itself is not among them: in JSON no text
/// holds a quotation mark without a backslash before it.
fn addresses(results: &str) -> impl Iterator<Item = &str> {
    results.split("\"url\":\"").skip(1).filter_map(|rest| rest.split('"').next())
}

/// Returns whether an address stands in a text from its beginning to its end, with its scheme or without.
fn stands_in(address: &Address, text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let host = address.host();
    lower.match_indices(host).any(|(start, _)| {
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let is_begun =
            before.is_some_and(|c| c.is_alphanumeric() && c.is_ascii() || "-_.@%".contains(c));
        let rest = text.get(start + host.len()..).unwrap_or_default();
        let rest = [":443", ":80"].iter().find_map(|port| rest.strip_prefix(port)).unwrap_or(rest);
        !is_begun && begins_with_path(rest, address.path())
    })
}

/// Returns whether what stands behind a host is this path, and ends there.
fn begins_with_path(text: &str, path: &str) -> bool {
    let is_end = |c: char| {
        c.is_whitespace() || c.is_control() || "\\^{}".contains(c) || URL_ENDS.contains(c)
    };
    let whole = text.split(is_end).next().unwrap_or_default();
    // Japanese goes on behind an address without a space, and stands in some.
    let ascii = whole.split(|c: char| !c.is_ascii()).next().unwrap_or_default();
    [whole, ascii].into_iter().any(|found| {
        let found = found.split('#').next().unwrap_or_default();
        let bare = found.trim_end_matches(|c| BEHIND.contains(c));
        let mut ends = (bare.len()..=found.len()).filter_map(|end| found.get(..end));
        ends.any(|found| {
            (found.is_empty() || found.starts_with(['/', '?'])) && is_path(found, path)
        })
    })
}

/// Returns whether both are one path, as it is written or with all that is not ASCII as a browser sends it.
fn is_path(found: &str, path: &str) -> bool {
    // One slash at either end is written or left out. More than one may stand for a number.
    let bare = |path: &str| {
        let path = path.strip_prefix('/').unwrap_or(path);
        path.strip_suffix('/').unwrap_or(path).to_owned()
    };
    let (found, path) = (bare(found), bare(path));
    let encode = |byte: u8| {
        if byte.is_ascii() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    found == path || (!found.is_ascii() && found.bytes().map(encode).collect::<String>() == path)
}

/// Returns all names, texts and numbers in a value.
fn words_of(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) => String::new(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(|it| words_of(it) + " ").collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, it)| [name.clone(), words_of(it)])
            .map(|it| it + " ")
            .collect(),
    }
}

/// What a character is written in: words end where that changes.
fn script(c: char) -> u8 {
    match c {
        '\u{3041}'..='\u{309f}' => 1,
        '\u{30a0}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}' => 2,
        '\u{3400}'..='\u{9fff}' | '々' => 3,
        _ => 0,
    }
}

/// Returns the words of a text, each in one script.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_between = |c: char| !c.is_alphanumeric() && c != 'ー' && c != '々';
    text.split(is_between).flat_map(|run| {
        let mut rest = run;
        core::iter::from_fn(move || {
            let first = script(rest.chars().next()?);
            let end = rest.char_indices().find(|(_, c)| script(*c) != first && *c != 'ー');
            let (word, after) = rest.split_at_checked(end.map_or(rest.len(), |(end, _)| end))?;
            rest = after;
            Some(word)
        })
    })
}

use self::defects::{Defect, is_planted};

/// Rules that a test switches off, to see that the corpus of injections finds it (`tests/injections`).
#[cfg(not(target_arch = "wasm32"))]
pub mod defects {
    use core::cell::Cell;

    /// A rule that does not hold.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Defect {
        /// Every address is read.
        AnyAddress,
        /// Links of pages are followed, whatever is known.
        AnyLink,
        /// All words are sent.
        AnyWord,
        /// What failures and other tools repeat of the model is seen.
        Failures,
    }

    thread_local! {
        static PLANTED: Cell<Option<Defect>> = const { Cell::new(None) };
    }

    /// Plants a defect on this thread, or takes it back.
    pub fn plant(defect: Option<Defect>) {
        PLANTED.set(defect);
    }

    pub(super) fn is_planted(defect: Defect) -> bool {
        PLANTED.get() == Some(defect)
    }
}

/// In the Worker there is none.
#[cfg(target_arch = "wasm32")]
mod defects {
    #[derive(Clone, Copy)]
    pub(super) enum Defect {
        AnyAddress,
        AnyLink,
        AnyWord,
        Failures,
    }

    pub(super) const fn is_planted(_defect: Defect) -> bool {
        false
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
