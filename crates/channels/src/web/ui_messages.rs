//! The wire of AI SDK: what is said in a turn as the chunks of its UI message stream.
//!
//! Versions 5, 6 and 7 of its client refuse a chunk whose type they do not know, so only those that all
//! three know are written. A stream always ends in `finish`, `abort` or `error`, since a client takes one
//! that just ends for a whole answer.
//!
//! # Source
//! npm `ai` 5.0, 6.0 and 7.0, `UIMessageChunk`, read 2026-11-20.

use serde_json::{Value, json};

use miyabi_core::conversation::{Chunk, End, Entry};
use miyabi_core::i18n::{Language, sentence};

/// What ends a stream of events.
pub const DONE: &str = "data: [DONE]\n\n";

/// A comment, which keeps proxies from ending a stream in which nothing happens.
pub const COMMENT: &str = ": waiting\n\n";

/// Writes the entries of one turn's log as chunks, in their order.
#[derive(Debug)]
pub struct Encoder {
    conversation: String,
    turn: String,
    language: Language,
    has_begun: bool,
    /// Number of the part that is open.
    open: Option<u32>,
}

impl Encoder {
    /// Begins at the beginning of a turn's log.
    pub const fn new(conversation: String, turn: String, language: Language) -> Self {
        Self { conversation, turn, language, has_begun: false, open: None }
    }

    /// Returns the chunks with which a message begins, once: a client shows that the turn runs.
    pub fn begin(&mut self) -> Vec<Value> {
        if self.has_begun {
            return Vec::new();
        }
        self.has_begun = true;
        let metadata = json!({ "conversation": self.conversation, "turn": self.turn });
        vec![
            json!({ "type": "start", "messageId": answer_id(&self.turn), "messageMetadata": metadata }),
            json!({ "type": "start-step" }),
        ]
    }

    /// Returns the chunks of one entry.
    pub fn encode(&mut self, entry: &Entry) -> Vec<Value> {
        let mut chunks = self.begin();
        match &entry.chunk {
            Chunk::Part => {
                chunks.extend(self.close());
                chunks.extend(self.open(entry.part));
            }
            // A text without content is refused by nobody, and says nothing.
            Chunk::Text(text) if text.is_empty() => {}
            Chunk::Text(text) => {
                chunks.extend(self.open(entry.part));
                let id = text_id(entry.part);
                chunks.push(json!({ "type": "text-delta", "id": id, "delta": text }));
            }
            Chunk::Step(step) => {
                chunks.extend(self.close());
                let data = json!({ "state": step.state, "tools": step.tools });
                let id = format!("step-{}", entry.part);
                // A client that knows nothing of it leaves it alone, and none keeps it.
                chunks.push(
                    json!({ "type": "data-step", "id": id, "data": data, "transient": true }),
                );
            }
            Chunk::End(end) => {
                chunks.extend(self.close());
                chunks.extend(self.end(*end));
            }
        }
        chunks
    }

    /// Goes on where this part is open, without a word about it.
    pub(super) const fn reopen(&mut self, part: Option<u32>) {
        self.open = part;
    }

    fn open(&mut self, part: u32) -> Option<Value> {
        if self.open == Some(part) {
            return None;
        }
        self.open = Some(part);
        Some(json!({ "type": "text-start", "id": text_id(part) }))
    }

    fn close(&mut self) -> Option<Value> {
        self.open.take().map(|part| json!({ "type": "text-end", "id": text_id(part) }))
    }

    fn end(&self, end: End) -> Vec<Value> {
        match end {
            End::Done => vec![
                json!({ "type": "finish-step" }),
                json!({ "type": "finish", "finishReason": "stop" }),
            ],
            End::Stopped => vec![json!({ "type": "abort", "reason": "stopped" })],
            End::Failed(notice) => {
                vec![json!({ "type": "error", "errorText": sentence(notice, self.language) })]
            }
        }
    }
}

/// Returns a chunk as an event of a stream.
pub fn event(chunk: &Value) -> String {
    format!("data: {chunk}\n\n")
}

/// Returns the id of a turn's question among the messages of its conversation.
pub fn question_id(turn: &str) -> String {
    format!("{turn}-q")
}

/// Returns the id of a turn's answer among the messages of its conversation.
pub fn answer_id(turn: &str) -> String {
    format!("{turn}-a")
}

fn text_id(part: u32) -> String {
    format!("text-{part}")
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_core::fault::Notice;

    fn entry(part: u32, chunk: Chunk) -> Entry {
        Entry { index: 0, part, chunk }
    }

    fn types(entries: &[Entry]) -> Vec<String> {
        let mut encoder = Encoder::new("c1".to_owned(), "t1".to_owned(), Language::English);
        let chunks = entries.iter().flat_map(|entry| encoder.encode(entry));
        chunks
            .map(|chunk| {
                let kind = chunk["type"].as_str().unwrap().to_owned();
                let more = ["id", "delta", "reason", "errorText", "finishReason"];
                let more = more.iter().filter_map(|name| chunk[name].as_str());
                more.fold(kind, |line, more| format!("{line} {more}"))
            })
            .collect()
    }

    #[test]
    fn an_answer_is_one_text_between_its_beginning_and_its_end() {
        let entries = [
            entry(0, Chunk::Part),
            entry(0, Chunk::Text("hel".to_owned())),
            entry(0, Chunk::Text(String::new())),
            entry(0, Chunk::Text("lo".to_owned())),
            entry(0, Chunk::End(End::Done)),
        ];
        let expected = [
            "start",
            "start-step",
            "text-start text-0",
            "text-delta text-0 hel",
            "text-delta text-0 lo",
            "text-end text-0",
            "finish-step",
            "finish stop",
        ];
        assert_eq!(types(&entries), expected);
    }

    #[test]
    fn a_part_that_begins_anew_ends_the_one_before() {
        let entries = [
            entry(0, Chunk::Part),
            entry(0, Chunk::Text("hel".to_owned())),
            entry(1, Chunk::Part),
            entry(1, Chunk::Text("good".to_owned())),
            entry(1, Chunk::End(End::Stopped)),
        ];
        let types = types(&entries);
        let expected = ["text-end text-0", "text-start text-1", "text-delta text-1 good"];
        assert_eq!(types[4..7], expected);
        assert_eq!(types.last().unwrap(), "abort stopped");
    }

    #[test]
    fn a_failure_is_said_in_words_also_when_nothing_was_said_before() {
        let types = types(&[entry(0, Chunk::End(End::Failed(Notice::Busy)))]);
        let words = sentence(Notice::Busy, Language::English);
        assert_eq!(types, ["start".to_owned(), "start-step".to_owned(), format!("error {words}")]);
    }

    #[test]
    fn the_beginning_names_the_message_the_turn_and_the_conversation() {
        let mut encoder = Encoder::new("c1".to_owned(), "t1".to_owned(), Language::English);
        let expected = json!({
            "type": "start",
            "messageId": "t1-a",
            "messageMetadata": { "conversation": "c1", "turn": "t1" },
        });
        assert_eq!(encoder.begin()[0], expected);
        assert!(encoder.begin().is_empty());
        assert_eq!(event(&json!({ "a": "b\nc" })), "data: {\"a\":\"b\\nc\"}\n\n");
    }
}
