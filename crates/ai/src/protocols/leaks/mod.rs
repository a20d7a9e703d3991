//! Parts of a model's text that are not meant for people: reasoning, special tokens, and tool calls
//! that leaked into it.
//!
//! A leaked call is believed only if all of it can be read and it names an offered tool; anything else
//! stays text, so that an answer about JSON or tags is not swallowed. The grammars of leaked calls are in
//! `calls.rs`.

mod calls;

pub(super) use self::calls::find_calls;
use crate::tools::Tool;

/// Tokens of chat templates that decoders sometimes let through at the ends of a text.
const SPECIAL_TOKENS: [&str; 11] = [
    "<|start_header_id|>assistant<|end_header_id|>",
    "<|python_tag|>",
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|eot|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<end_of_turn>",
];

/// Mistral's end token; without its partner, since together they are strike-through in HTML.
const END: (&str, &str) = ("<s>", "</s>");

const THINK: (&str, &str) = ("<think>", "</think>");

const FUNCTION: (&str, &str) = ("<function=", "</function>");

const TOOL_CALL: (&str, &str) = ("<tool_call>", "</tool_call>");

/// Returns the text without reasoning blocks and without special tokens at its ends, trimmed.
pub(super) fn clean(text: &str) -> String {
    strip_ends(&without_thoughts(strip_ends(text))).to_owned()
}

/// Returns what people may see of a text that has not ended yet; `None` if that is nothing, or if it may
/// still turn out to be a call.
///
/// Reasoning that begins without `<think>`, since the template has it in the prompt, is only known as such
/// when it ends: until then it is returned.
pub(super) fn presentable(text: &str) -> Option<String> {
    let text = clean(text);
    let mut rest = text.as_str();
    for (open, _) in [THINK, TOOL_CALL, FUNCTION] {
        rest = rest.split_once(open).map_or(rest, |(before, _)| before);
    }
    let rest = rest.trim_end();
    let is_plain = !rest.is_empty() && !rest.starts_with(['{', '[', '<', '`']);
    (is_plain && !begins_named_body(rest)).then(|| rest.to_owned())
}

/// Returns whether a text may become `NAME{json}</function>`, also before all of the name is there.
fn begins_named_body(text: &str) -> bool {
    Tool::ALL.iter().any(|tool| match text.strip_prefix(tool.name()) {
        Some(after) => matches!(after.trim_start().chars().next(), None | Some('{')),
        None => tool.name().starts_with(text),
    })
}

fn strip_ends(text: &str) -> &str {
    let mut rest = text.trim();
    loop {
        let before = rest.len();
        for token in SPECIAL_TOKENS {
            rest = rest.strip_prefix(token).unwrap_or(rest).trim_start();
            rest = rest.strip_suffix(token).unwrap_or(rest).trim_end();
        }
        if !rest.contains(END.0) {
            rest = rest.strip_suffix(END.1).unwrap_or(rest).trim_end();
        }
        if rest.len() == before {
            return rest;
        }
    }
}

/// Drops whole blocks anywhere, a block without its end at the start, and whatever stands before
/// a lone end on a line's edge (templates that open the block in the prompt).
fn without_thoughts(text: &str) -> String {
    let (open, close) = THINK;
    let mut kept = String::new();
    let mut rest = text;
    if let Some((before, after)) = rest.split_once(close)
        && !before.contains(open)
        && (before.is_empty() || before.ends_with('\n') || after.starts_with('\n'))
    {
        rest = after;
    }
    while let Some((before, after)) = rest.split_once(open) {
        match after.split_once(close) {
            Some((_, tail)) => {
                kept.push_str(before);
                rest = tail;
            }
            None if kept.trim().is_empty() && before.trim().is_empty() => return String::new(),
            None => break,
        }
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
