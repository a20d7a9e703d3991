//! Twice the text takes about twice the steps, however hostile it is.

use super::work::steps_of;
use super::*;

const PATTERNS: [&str; 84] = [
    "a",
    " ",
    "\n",
    "<",
    "`",
    "``a",
    "```\n",
    "\n```a",
    "` ``",
    "<think>",
    "</think>",
    "\n</think>",
    "<think></think>",
    " <think>a</think>",
    ". <think>a",
    "\n<think> a",
    "<think>a</think> b ",
    "[THINK]",
    "◁think▷",
    "<tool_call>",
    "<tool_call>{",
    "<tool_call>[",
    "<tool_call>{\"a\":",
    "<tool_call>[\"",
    "<tool_call>['",
    "<tool_call>{'a': ['",
    "<tool_call>weather",
    "<tool_call>weather{\"place\":\"",
    "<tool_call>weather\n<arg_key>a</arg_key>\n<arg_value>",
    "<tool_call>{\"name\":\"weather\",\"arguments\":{}}</tool_call>",
    "\n<tool_call>{\"name\":\"weather\",\"arguments\":{}}</tool_call> x",
    "<function=weather>",
    "<function=weather><parameter=a>",
    "<function=weather>{\"a\":\"",
    "<invoke name=\"weather\">",
    "<invoke name=\"",
    "</s>",
    "<|im_end|>",
    "<|im_end|> ",
    "<|im_start|>",
    "<|channel|>",
    "<|channel|>analysis<|message|>",
    "<|channel|>final<|message|>a",
    "<|message|>",
    "<|start|>assistant",
    "<|",
    "[TOOL_CALLS]",
    "[TOOL_CALLS]weather[ARGS]{",
    "<|python_tag|>",
    "<｜tool▁calls▁begin｜>",
    "<|tool_calls_section_begin|><|tool_call_begin|>",
    "[",
    "{",
    "[weather(",
    "```tool_code\nweather(",
    "\n```tool_code\nweather(\"Kyoto\")\n```\n",
    "<start_function_call>call:weather{a:<escape>",
    "analysisA",
    "<think>a</thinking>",
    "<think>`</think>`",
    "a <think>\n",
    "<think>a <think>",
    ".</think>A",
    "a:\n<think>a</think>",
    "\nAction: ",
    "Action: weather\n",
    "]<]minimax[>[",
    "< | DSML | ",
    "{\"name\":",
    "{\"name\":\"weather\",\"arguments\":{}}\n",
    "\n{\"name\":\"weather\",\"arguments\":{}}",
    "\n[weather()]\n",
    "{--a ",
    "<a:b",
    "<tool_calls:6",
    "<tools><a>",
    "<invoke name=\"weather\"><a>b</a>",
    "<|user|>\n",
    "<|im_end|>assistant",
    "<|message|>to=",
    "\n```tool_code\na = weather()\nprint(a)\n```",
    "<tool_call>```python\nweather()\n",
    "(",
    "\r",
];

#[test]
fn reading_a_text_twice_as_long_takes_about_twice_the_steps() {
    for head in ["", "a ", "`"] {
        for pattern in PATTERNS {
            let text = |bytes: usize| format!("{head}{}", pattern.repeat(bytes / pattern.len()));
            let (short, long) = (text(4_000), text(8_000));
            let whole = |text: &str| steps_of(|| drop(read(text, &TOOLS)));
            let begun = |text: &str| steps_of(|| drop(presentable(text, &TOOLS)));
            for steps in [whole, begun] {
                let (once, twice) = (steps(&short), steps(&long));
                assert!(twice <= once * 5 / 2 + 2_000, "{head}{pattern}: {once}, then {twice}");
                // Marks that are tried may read the rest of the text, but only so many are.
                assert!(twice <= long.len() * 80, "{head}{pattern}: {twice} for {}", long.len());
            }
        }
    }
}
