//! The four families of replies that Workers AI's models give.

use serde_json::{Value, json};

/// A family of replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `{response, tool_calls: [{name, arguments: object}], usage}`.
    Native,
    /// As native, with calls that have an id and a type.
    Hybrid,
    /// Chat completions of `OpenAI`'s API.
    Chat,
    /// Responses of `OpenAI`'s API.
    Responses,
}

/// A tool call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    name: String,
    /// An object, or a string that no parser takes.
    arguments: Value,
}

impl Call {
    /// A call of a tool.
    pub(crate) fn new(name: &str, arguments: Value) -> Self {
        Self { name: name.to_owned(), arguments }
    }

    fn arguments_text(&self) -> String {
        self.arguments.as_str().map_or_else(|| self.arguments.to_string(), str::to_owned)
    }
}

/// What the model says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Output {
    /// Words.
    Text(String),
    /// Calls, and no words.
    Calls(Vec<Call>),
}

/// Writes an output in a family's shape; ids are fixed by the length of the conversation.
pub(crate) fn encode(shape: Shape, model: &str, inputs: &Value, output: &Output) -> Value {
    let round = inputs["messages"].as_array().map_or(0, Vec::len);
    let id = |index: usize| format!("chatcmpl-tool-{round}-{index}");
    let (text, calls): (Value, &[Call]) = match output {
        Output::Text(text) => (json!(text), &[]),
        Output::Calls(calls) => (Value::Null, calls),
    };
    let usage = usage(inputs, output);
    let with_ids = calls.iter().enumerate();
    match shape {
        Shape::Native => {
            let calls: Vec<Value> = calls
                .iter()
                .map(|call| json!({ "name": call.name, "arguments": call.arguments }))
                .collect();
            json!({ "response": text, "tool_calls": calls, "usage": usage })
        }
        Shape::Hybrid => {
            let calls: Vec<Value> = with_ids
                .map(|(index, call)| {
                    let function = json!({ "name": call.name, "arguments": call.arguments });
                    json!({ "id": id(index), "type": "function", "function": function })
                })
                .collect();
            json!({ "response": text.as_str().unwrap_or_default(), "tool_calls": calls, "usage": usage })
        }
        Shape::Chat => {
            let calls: Vec<Value> = with_ids
                .map(|(index, call)| {
                    let arguments = call.arguments_text();
                    let function = json!({ "name": call.name, "arguments": arguments });
                    json!({ "id": id(index), "type": "function", "function": function })
                })
                .collect();
            let finish = if calls.is_empty() { "stop" } else { "tool_calls" };
            let message = json!({ "role": "assistant", "content": text, "tool_calls": calls });
            let choice = json!({ "index": 0, "message": message, "finish_reason": finish });
            json!({
                "id": format!("chatcmpl-lab-{round}"), "object": "chat.completion", "created": 0,
                "model": model, "choices": [choice], "usage": usage,
            })
        }
        Shape::Responses => {
            let mut items: Vec<Value> = with_ids
                .map(|(index, call)| {
                    json!({ "type": "function_call", "call_id": id(index), "name": call.name,
                        "arguments": call.arguments_text() })
                })
                .collect();
            if text.is_string() {
                let part = json!({ "type": "output_text", "text": text });
                items.push(json!({ "type": "message", "role": "assistant", "content": [part] }));
            }
            let usage = json!({
                "input_tokens": usage["prompt_tokens"], "output_tokens": usage["completion_tokens"],
                "total_tokens": usage["total_tokens"],
            });
            json!({ "id": format!("resp-lab-{round}"), "object": "response", "status": "completed",
                "output": items, "usage": usage })
        }
    }
}

/// Tokens by a rule of thumb (four characters each) and neurons at the default model's price.
///
/// A service never bills more than the caller's `max_tokens`, though the lab's answers may be longer.
fn usage(inputs: &Value, output: &Output) -> Value {
    let tokens = |text: &str| u32::try_from(text.chars().count().div_ceil(4)).unwrap_or(u32::MAX);
    let prompt = tokens(&inputs["messages"].to_string());
    let completion = match output {
        Output::Text(text) => tokens(text),
        Output::Calls(calls) => {
            calls.iter().map(|call| tokens(&call.name) + tokens(&call.arguments_text())).sum()
        }
    };
    let most = inputs["max_tokens"].as_u64().or_else(|| inputs["max_completion_tokens"].as_u64());
    let most = most.and_then(|most| u32::try_from(most).ok()).unwrap_or(u32::MAX);
    let completion = completion.min(most);
    let neurons = (f64::from(prompt) * 26_668.0 + f64::from(completion) * 204_805.0) / 1_000_000.0;
    json!({
        "prompt_tokens": prompt, "completion_tokens": completion,
        "total_tokens": prompt.saturating_add(completion), "neurons": neurons,
    })
}
