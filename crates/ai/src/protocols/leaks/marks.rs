//! The marks by which model families set off thoughts, tool calls and turns, and how they are matched.
//!
//! A mark is written here in ASCII. `DeepSeek` writes `｜` for `|` and `▁` for `_`, and some servers
//! replace one of the two, so both spellings match.
//!
//! # Source
//! Chat templates and tool parsers of the model families, as vLLM, Ollama and the models' own
//! repositories publish them, and field reports of what leaks; gathered 2026-11-28.

/// Marks around a thought.
pub(super) const THOUGHTS: [(&str, &str); 14] = [
    // DeepSeek R1, Qwen 3, GLM, Granite, Kimi, Hermes and most others.
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<scratchpad>", "</scratchpad>"),
    ("<reflection>", "</reflection>"),
    ("<seed:think>", "</seed:think>"),
    ("<mm:think>", "</mm:think>"),
    // Magistral.
    ("[THINK]", "[/THINK]"),
    // Kimi 1.5.
    ("◁think▷", "◁/think▷"),
    // Command R and A.
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    // Gemma 4, with its two spellings of the same channel.
    ("<|channel>thought", "<channel|>"),
    ("<|channel>analysis", "<channel|>"),
    // MedGemma.
    ("<unused94>", "<unused95>"),
];

/// Tags around the answer of a model that thought before it: Granite, Hunyuan.
pub(super) const ANSWERS: [(&str, &str); 2] =
    [("<response>", "</response>"), ("<answer>", "</answer>")];

/// Marks after which tool calls are written.
pub(super) const OPENERS: [&str; 26] = [
    // Hermes, Qwen, GLM, Granite 4.
    "<tool_call>",
    "<tool_calls>",
    "<function_call>",
    "<function_calls>",
    // Nemotron.
    "<TOOLCALL>",
    // Granite 3, Phi 4.
    "<|tool_call|>",
    "<|tool_calls|>",
    // Gemma 4, FunctionGemma.
    "<|tool_call>",
    "<start_function_call>",
    // DeepSeek V3.
    "<|tool_calls_begin|>",
    "<|tool_call_begin|>",
    "<|DSML|function_calls>",
    "<|DSML|tool_calls>",
    // Kimi K2.
    "<|tool_calls_section_begin|>",
    "<|tool_call_section_begin|>",
    // Mistral.
    "[TOOL_CALLS]",
    "[TOOL_CALL]",
    // Llama 3 and 4.
    "<|python_tag|>",
    "<|python_start|>",
    // Command R and A.
    "<|START_ACTION|>",
    // MiniMax, Seed-OSS, Anthropic's own form.
    "<minimax:tool_call>",
    "<seed:tool_call>",
    // Phi 4 mini, InternLM.
    "<|function_calls|>",
    "<|plugin|>",
    "<|action_start|>",
    // Gemma and Gemini.
    "<tool_code>",
];

/// Marks that end a tool call, or all of them.
pub(super) const CLOSERS: [&str; 32] = [
    "</tool_call>",
    "</tool_calls>",
    "</function>",
    "</function_call>",
    "</function_calls>",
    "</TOOLCALL>",
    "</invoke>",
    "<|/tool_call|>",
    "<|tool_call_end|>",
    "<|tool_calls_end|>",
    "<|tool_calls_section_end|>",
    "<|tool_call_section_end|>",
    "<tool_call|>",
    "<end_function_call>",
    "<start_function_response>",
    "</|DSML|invoke>",
    "</|DSML|function_calls>",
    "</|DSML|tool_calls>",
    "[/TOOL_CALLS]",
    "<|python_end|>",
    "<|eom_id|>",
    "<|eot_id|>",
    "<|eot|>",
    "<|END_ACTION|>",
    "</minimax:tool_call>",
    "</seed:tool_call>",
    "<|end_of_sentence|>",
    "<|im_end|>",
    "<|end|>",
    "<|call|>",
    "<|action_end|>",
    "</tool_code>",
];

/// Marks with which a call begins that has the tool's name in the mark.
pub(super) const NAMED: [&str; 5] =
    ["<function=", "<invoke name=", "<function name=", "<tool_call name=", "<|DSML|invoke name="];

/// Tokens of chat templates that decoders let through at the ends of a text.
pub(super) const TOKENS: [&str; 42] = [
    "<|start_header_id|>assistant<|end_header_id|>",
    "<|start_of_role|>assistant<|end_of_role|>",
    "<|im_start|>assistant",
    "<start_of_turn>model",
    "<|turn>model",
    "<|python_tag|>",
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|eot|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<|assistant|>",
    "<|user|>",
    "<|observation|>",
    "<end_of_turn>",
    "<turn|>",
    "<eos>",
    "<bos>",
    "<|begin_of_sentence|>",
    "<|end_of_sentence|>",
    "<|Assistant|>",
    "<|EOT|>",
    "<|begin_of_box|>",
    "<|end_of_box|>",
    "<|START_RESPONSE|>",
    "<|END_RESPONSE|>",
    "<|START_TEXT|>",
    "<|END_TEXT|>",
    "<|START_OF_TURN_TOKEN|>",
    "<|END_OF_TURN_TOKEN|>",
    "<|CHATBOT_TOKEN|>",
    "<|header_start|>assistant<|header_end|>",
    "<|role_end|>",
    "<|message_sep|>",
    "<|endofprompt|>",
    "<|im_sep|>",
];

/// Tokens that end a turn.
pub(super) const TURN_ENDS: [&str; 7] = [
    "<|im_end|>",
    "<|eot_id|>",
    "<|eot|>",
    "<end_of_turn>",
    "<turn|>",
    "<|end_of_sentence|>",
    "<|END_OF_TURN_TOKEN|>",
];

/// Tokens that begin the next turn.
pub(super) const TURN_STARTS: [&str; 8] = [
    "<|im_start|>",
    "<|start_header_id|>",
    "<|header_start|>",
    "<start_of_turn>",
    "<|turn>",
    "<|User|>",
    "<|user|>",
    "<|START_OF_TURN_TOKEN|>",
];

/// Marks of Harmony, the format of gpt-oss.
pub(super) const HARMONY: [&str; 4] = ["<|channel|>", "<|start|>", "<|message|>", "<|constrain|>"];

/// How the beginning of a text compares with a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// It is the mark, which takes so many bytes.
    Whole(usize),
    /// The text ends inside the mark, or before it.
    Begun,
    /// It is something else.
    Other,
}

/// Compares the beginning of a text with a mark.
pub(super) fn compare(text: &str, mark: &str) -> Match {
    // Most marks begin alike, and most differ in their second letter.
    let second = |text: &str| text.as_bytes().get(1).copied().filter(u8::is_ascii);
    if let (Some(has), Some(wants)) = (second(text), second(mark))
        && has != wants
        && text.starts_with(|c: char| c.is_ascii())
    {
        return Match::Other;
    }
    let mut bytes = 0;
    let mut characters = text.chars();
    for wanted in mark.chars() {
        match characters.next() {
            None => return Match::Begun,
            Some(character) if plain(character) == wanted => bytes += character.len_utf8(),
            Some(_) => return Match::Other,
        }
    }
    Match::Whole(bytes)
}

const fn plain(character: char) -> char {
    match character {
        '｜' => '|',
        '▁' => '_',
        other => other,
    }
}

/// Returns the length of the first of these marks with which a text begins, in bytes of the text.
pub(super) fn starts_with_any(text: &str, marks: &[&str]) -> Option<usize> {
    marks.iter().find_map(|mark| match compare(text, mark) {
        Match::Whole(bytes) => Some(bytes),
        Match::Begun | Match::Other => None,
    })
}

/// Returns whether a text that is not at its end may become one of the marks of this file.
pub(super) fn may_become_mark(text: &str) -> bool {
    let pairs = THOUGHTS.iter().chain(&ANSWERS).flat_map(|(open, close)| [*open, *close]);
    let single = [OPENERS.as_slice(), &CLOSERS, &NAMED, &TOKENS, &HARMONY, &TURN_STARTS, &["</s>"]];
    let mut all = single.into_iter().flatten().copied().chain(pairs);
    all.any(|mark| compare(text, mark) == Match::Begun)
}

/// Returns whether a mark can begin with this character.
pub(super) const fn can_begin_mark(character: char) -> bool {
    matches!(character, '<' | '[' | '◁')
}

/// More characters than the longest mark has.
pub(super) const LONGEST: usize = 64;
