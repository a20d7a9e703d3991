//! How do the results of a model call and of a round of tools look in the engine's storage?
//!
//! Field by field, as documented at [`Turn`] and [`ToolRound`]. A missing field reads as its
//! default where that is harmless; a field of another type makes the whole value unreadable.

use core::time::Duration;

use serde_json::{Map, Value};

use super::{Completion, Failure, Outcome, ToolCall, ToolResult, ToolRound, Turn, Usage};
use miyabi_core::fault::Class;
use miyabi_core::json::object;
use miyabi_core::ports::Stored;

impl Stored for Turn {
    fn to_json(&self) -> Value {
        let mut turn = match &self.said {
            Ok(completion) => completion.to_json(),
            Err(failure) => failure.to_json(),
        };
        if let Some(fields) = turn.as_object_mut() {
            for (name, value) in [
                ("model", self.model.to_json()),
                ("at", self.at_ms.to_json()),
                ("unclear", self.is_unclear.to_json()),
            ] {
                fields.insert(name.to_owned(), value);
            }
        }
        turn
    }

    fn from_json(value: &Value) -> Option<Self> {
        let said = match value.get("failed") {
            Some(_) => Err(Failure::from_json(value)?),
            None => Ok(Completion::from_json(value)?),
        };
        Some(Self {
            said,
            model: optional(value, "model")?,
            at_ms: optional(value, "at")?,
            is_unclear: optional(value, "unclear")?,
        })
    }
}

impl Stored for Failure {
    fn to_json(&self) -> Value {
        let after_s = self.after.map(|after| after.as_secs());
        object([
            ("failed", self.class.name().into()),
            ("code", self.code.into()),
            ("after", after_s.map_or(Value::Null, Value::from)),
            ("usage", self.usage.to_json()),
        ])
    }

    fn from_json(value: &Value) -> Option<Self> {
        Some(Self {
            class: Class::parse(value.get("failed")?.as_str()?)?,
            code: required(value, "code")?,
            after: value.get("after").and_then(Value::as_u64).map(Duration::from_secs),
            usage: optional(value, "usage")?,
        })
    }
}

impl Stored for Completion {
    fn to_json(&self) -> Value {
        object([
            ("text", self.text.to_json()),
            ("calls", self.calls.to_json()),
            ("usage", self.usage.to_json()),
            ("cut", self.is_cut.to_json()),
        ])
    }

    fn from_json(value: &Value) -> Option<Self> {
        value.as_object()?;
        Some(Self {
            text: optional(value, "text")?,
            calls: optional(value, "calls")?,
            usage: optional(value, "usage")?,
            is_cut: optional(value, "cut")?,
        })
    }
}

impl Stored for ToolCall {
    fn to_json(&self) -> Value {
        let mut call = Map::new();
        for (name, text) in [
            ("id", &self.id),
            ("name", &self.name),
            ("arguments", &self.arguments),
            ("signature", &self.signature),
        ] {
            // Few have a signature.
            if name != "signature" || !text.is_empty() {
                call.insert(name.to_owned(), text.to_json());
            }
        }
        call.into()
    }

    fn from_json(value: &Value) -> Option<Self> {
        Some(Self {
            id: optional(value, "id")?,
            name: required(value, "name")?,
            arguments: required(value, "arguments")?,
            signature: optional(value, "signature")?,
        })
    }
}

impl Stored for Usage {
    fn to_json(&self) -> Value {
        object([
            ("prompt", self.prompt_tokens.to_json()),
            ("completion", self.completion_tokens.to_json()),
            ("cached", self.cached_tokens.to_json()),
            ("neurons", self.neurons_milli.map_or(Value::Null, Value::from)),
        ])
    }

    fn from_json(value: &Value) -> Option<Self> {
        value.as_object()?;
        Some(Self {
            prompt_tokens: optional(value, "prompt")?,
            completion_tokens: optional(value, "completion")?,
            cached_tokens: optional(value, "cached")?,
            neurons_milli: match value.get("neurons") {
                None | Some(Value::Null) => None,
                Some(neurons) => Some(neurons.as_u64()?),
            },
        })
    }
}

impl Stored for ToolRound {
    fn to_json(&self) -> Value {
        object([("results", self.results.to_json())])
    }

    fn from_json(value: &Value) -> Option<Self> {
        value.as_object()?;
        Some(Self { results: optional(value, "results")? })
    }
}

impl Stored for ToolResult {
    fn to_json(&self) -> Value {
        object([
            ("id", self.id.to_json()),
            ("content", self.content.to_json()),
            ("outcome", self.outcome.to_json()),
        ])
    }

    fn from_json(value: &Value) -> Option<Self> {
        Some(Self {
            id: required(value, "id")?,
            content: required(value, "content")?,
            outcome: optional(value, "outcome")?,
        })
    }
}

impl Stored for Outcome {
    fn to_json(&self) -> Value {
        match self {
            Self::Done => "done".into(),
            Self::Failed => "failed".into(),
            Self::Invalid => "invalid".into(),
        }
    }

    fn from_json(value: &Value) -> Option<Self> {
        match value.as_str()? {
            "done" => Some(Self::Done),
            "failed" => Some(Self::Failed),
            "invalid" => Some(Self::Invalid),
            _ => None,
        }
    }
}

/// Reads a field that may be missing.
pub(super) fn optional<T: Stored + Default>(object: &Value, name: &str) -> Option<T> {
    object.get(name).map_or_else(|| Some(T::default()), T::from_json)
}

pub(super) fn required<T: Stored>(object: &Value, name: &str) -> Option<T> {
    T::from_json(object.get(name)?)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use serde_json::json;

    use super::*;

    fn completion() -> Completion {
        let call = ToolCall {
            name: "weather".to_owned(),
            arguments: "{}".to_owned(),
            ..ToolCall::default()
        };
        Completion {
            text: "hm".to_owned(),
            calls: vec![call],
            usage: Usage {
                prompt_tokens: 1,
                completion_tokens: 2,
                cached_tokens: 1,
                neurons_milli: Some(3),
            },
            is_cut: true,
        }
    }

    #[test]
    fn completions_keep_their_shape_and_read_back() {
        let stored = json!({
            "text": "hm",
            "calls": [{ "id": "", "name": "weather", "arguments": "{}" }],
            "usage": { "prompt": 1, "completion": 2, "cached": 1, "neurons": 3 },
            "cut": true,
        });
        assert_eq!(completion().to_json(), stored);
        assert_eq!(Completion::from_json(&stored), Some(completion()));
        assert_eq!(Completion::from_json(&json!({})), Some(Completion::default()));
    }

    #[test]
    fn turns_keep_their_shape_and_read_back() {
        let mut stored = completion().to_json();
        // What was stored when a step was a completion and nothing more.
        let older = Turn::from_json(&stored).unwrap();
        assert_eq!((older.said, older.model.as_str(), older.at_ms), (Ok(completion()), "", 0));
        let fields = stored.as_object_mut().unwrap();
        fields.insert("model".to_owned(), "@cf/a/b".into());
        fields.insert("at".to_owned(), 1_250.into());
        fields.insert("unclear".to_owned(), true.into());
        let turn = Turn {
            said: Ok(completion()),
            model: "@cf/a/b".to_owned(),
            at_ms: 1_250,
            is_unclear: true,
        };
        assert_eq!(turn.to_json(), stored);
        assert_eq!(Turn::from_json(&stored), Some(turn));
    }

    #[test]
    fn failures_keep_their_shape_and_read_back() {
        for class in Class::ALL {
            for after in [None, Some(Duration::from_secs(7))] {
                let failure = Failure { after, ..Failure::new(class, 3040) };
                let turn =
                    Turn { said: Err(failure), model: String::new(), at_ms: 9, is_unclear: false };
                let stored = json!({
                    "failed": class.name(),
                    "code": 3040,
                    "after": after.map(|after| after.as_secs()),
                    "usage": Usage::default().to_json(),
                    "model": "",
                    "at": 9,
                    "unclear": false,
                });
                assert_eq!(turn.to_json(), stored);
                assert_eq!(Turn::from_json(&stored), Some(turn));
            }
        }
        assert_eq!(Turn::from_json(&json!({ "failed": "odd", "code": 1 })), None);
    }

    #[test]
    fn rounds_keep_their_shape_and_read_back() {
        let result = |outcome| ToolResult {
            id: "call_1_0".to_owned(),
            content: "error: no".to_owned(),
            outcome,
        };
        for (outcome, name) in
            [(Outcome::Done, "done"), (Outcome::Failed, "failed"), (Outcome::Invalid, "invalid")]
        {
            let round = ToolRound { results: vec![result(outcome)] };
            let stored = json!({
                "results": [{ "id": "call_1_0", "content": "error: no", "outcome": name }],
            });
            assert_eq!(round.to_json(), stored);
            assert_eq!(ToolRound::from_json(&stored), Some(round));
        }
        assert_eq!(ToolRound::from_json(&json!({})), Some(ToolRound::default()));
        let older = json!({ "results": [{ "id": "call_1_0", "content": "error: no" }] });
        let expected = ToolRound { results: vec![result(Outcome::Done)] };
        assert_eq!(ToolRound::from_json(&older), Some(expected));
    }

    #[test]
    fn unreported_neurons_stay_unreported() {
        let usage = Usage::default();
        let stored = json!({ "prompt": 0, "completion": 0, "cached": 0, "neurons": null });
        assert_eq!(usage.to_json(), stored);
        let older = json!({ "prompt": 0, "completion": 0, "neurons": null });
        assert_eq!(Usage::from_json(&older), Some(usage));
        assert_eq!(Usage::from_json(&usage.to_json()), Some(usage));
    }

    #[test]
    fn other_shapes_are_unreadable() {
        for other in [
            json!(null),
            json!([]),
            json!({ "text": 1 }),
            json!({ "calls": {} }),
            json!({ "calls": [{ "name": "weather" }] }),
            json!({ "usage": { "prompt": -1 } }),
            json!({ "usage": { "neurons": "3" } }),
            json!({ "cut": "yes" }),
        ] {
            assert_eq!(Completion::from_json(&other), None, "{other}");
        }
        for other in [
            json!({ "results": [{ "id": "1" }] }),
            json!({ "results": [{ "id": "1", "content": "", "outcome": "late" }] }),
        ] {
            assert_eq!(ToolRound::from_json(&other), None, "{other}");
        }
    }
}
