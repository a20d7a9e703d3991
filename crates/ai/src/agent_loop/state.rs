//! How does a conversation look as JSON? With a version, so that one that a later program cannot read
//! is refused instead of misread.

use serde_json::Value;

use super::{AgentLoop, Plan};
use crate::Message;
use crate::prompt::Language;
use crate::protocols::Offer;
use crate::stored::{optional, required};
use miyabi_core::json::object;
use miyabi_core::ports::Stored;

/// Version of the shape.
const VERSION: u64 = 1;

impl AgentLoop {
    /// Returns the conversation's state; the plan is not part of it.
    ///
    /// # Shape
    /// `{"v":1,"messages":[{"role":"system","text":"…"},…],"japanese":false,"thoughts":1,"rounds":1,
    /// "invalid":0,"tools":true,"max_tokens":1024,"asked":1024,"repeated":false,"retried":false,"used":false,
    /// "pending":[…],"declined":false,"chain":{…},"attempts":[…],"at":1250,"unclear":false}`
    pub fn to_json(&self) -> Value {
        object([
            ("v", VERSION.into()),
            ("messages", self.messages.to_json()),
            ("japanese", (self.language == Language::Japanese).into()),
            ("thoughts", self.thoughts.into()),
            ("rounds", self.rounds.into()),
            ("invalid", self.invalid_rounds.into()),
            ("tools", (self.offer == Offer::Tools).into()),
            ("max_tokens", self.max_tokens.into()),
            ("asked", self.asked_tokens.into()),
            ("repeated", self.has_repeated.into()),
            ("retried", self.has_retried.into()),
            ("used", self.used_tools.into()),
            ("pending", self.pending.to_json()),
            ("declined", self.is_declined.into()),
            ("chain", self.chain.to_json()),
            ("attempts", self.attempts.to_json()),
            ("at", self.at_ms.into()),
            ("unclear", self.is_unclear.into()),
        ])
    }

    /// Returns the conversation that [`AgentLoop::to_json`] wrote, or `None` if it is of another version
    /// or shape. `plan` has to be the one that it was made with.
    pub fn from_json(state: &Value, plan: Plan) -> Option<Self> {
        if required::<u64>(state, "v")? != VERSION {
            return None;
        }
        let is_japanese = required(state, "japanese")?;
        let offers_tools = required(state, "tools")?;
        Some(Self {
            plan,
            messages: required(state, "messages")?,
            language: if is_japanese { Language::Japanese } else { Language::English },
            thoughts: required(state, "thoughts")?,
            rounds: required(state, "rounds")?,
            invalid_rounds: required(state, "invalid")?,
            offer: if offers_tools { Offer::Tools } else { Offer::Nothing },
            max_tokens: required(state, "max_tokens")?,
            asked_tokens: required(state, "asked")?,
            has_repeated: required(state, "repeated")?,
            has_retried: required(state, "retried")?,
            used_tools: required(state, "used")?,
            pending: required(state, "pending")?,
            is_declined: required(state, "declined")?,
            chain: required(state, "chain")?,
            attempts: required(state, "attempts")?,
            at_ms: required(state, "at")?,
            is_unclear: required(state, "unclear")?,
        })
    }
}

impl Stored for Message {
    fn to_json(&self) -> Value {
        match self {
            Self::System(text) => object([("role", "system".into()), ("text", text.to_json())]),
            Self::User(text) => object([("role", "user".into()), ("text", text.to_json())]),
            Self::Assistant { text, calls } => object([
                ("role", "assistant".into()),
                ("text", text.to_json()),
                ("calls", calls.to_json()),
            ]),
            Self::Tool { call_id, name, content } => object([
                ("role", "tool".into()),
                ("text", content.to_json()),
                ("call", call_id.to_json()),
                ("name", name.to_json()),
            ]),
        }
    }

    fn from_json(value: &Value) -> Option<Self> {
        let text = required(value, "text")?;
        match value.get("role")?.as_str()? {
            "system" => Some(Self::System(text)),
            "user" => Some(Self::User(text)),
            "assistant" => Some(Self::Assistant { text, calls: optional(value, "calls")? }),
            "tool" => Some(Self::Tool {
                call_id: required(value, "call")?,
                name: required(value, "name")?,
                content: text,
            }),
            _ => None,
        }
    }
}
