//! The marks by which model families set off thoughts, tool calls and turns.
//!
//! A mark is written here in ASCII and without the namespace that a family may put before its tags:
//! `matching.rs` has what matches one.
//!
//! # Source
//! Chat templates and tool parsers of the model families, as vLLM, Ollama and the models' own
//! repositories publish them, and field reports of what leaks; gathered 2026-11-28.

/// Marks around a thought.
pub(super) const THOUGHTS: [(&str, &str); 22] = [
    // DeepSeek R1, Qwen 3, GLM, Granite, Kimi, Hermes and most others.
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<scratchpad>", "</scratchpad>"),
    ("<reflection>", "</reflection>"),
    ("<|think|>", "<|/think|>"),
    ("<thoughts>", "</thoughts>"),
    ("<reason>", "</reason>"),
    ("<scratch_pad>", "</scratch_pad>"),
    ("<longcat_think>", "</longcat_think>"),
    ("<inner_monologue>", "</inner_monologue>"),
    // MiniCPM; OpenThinker and Sky-T1; Apertus; Inkling.
    ("<|thought_start|>", "<|thought_end|>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"),
    ("<|content_thinking|>", "<|end_message|>"),
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

/// Tags around the answer of a model that thought before it: Granite, Hunyuan, `OpenThinker`.
pub(super) const ANSWERS: [(&str, &str); 3] = [
    ("<response>", "</response>"),
    ("<answer>", "</answer>"),
    ("<|begin_of_solution|>", "<|end_of_solution|>"),
];

/// Marks after which tool calls are written.
pub(super) const OPENERS: [&str; 32] = [
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
    // LFM 2 and MiniCPM; LongCat; Apertus; Inkling.
    "<|tool_call_start|>",
    "<longcat_tool_call>",
    "<|tools_prefix|>",
    "<|content_invoke_tool_json|>",
    // LM Studio; Glaive; Qwen 2.5 Coder; prompts for Claude.
    "[TOOL_REQUEST]",
    "<functioncall>",
    "<tools>",
    "<tool_use>",
    // Phi 4 mini, InternLM.
    "<|function_calls|>",
    "<|plugin|>",
    "<|action_start|>",
    // Gemma and Gemini.
    "<tool_code>",
];

/// Marks that end a tool call, or all of them.
pub(super) const CLOSERS: [&str; 39] = [
    "</tool_call>",
    "</tool_calls>",
    "</function>",
    "</function_call>",
    "</function_calls>",
    "</TOOLCALL>",
    "</invoke>",
    "<|/tool_call|>",
    "<|/tool_calls|>",
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
    "</longcat_tool_call>",
    "<|tools_suffix|>",
    "<|end_message|>",
    "[/TOOL_CALL]",
    "[END_TOOL_REQUEST]",
    "</functioncall>",
    "</tools>",
    "</tool_use>",
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
pub(super) const TOKENS: [&str; 51] = [
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
    "[/INST]",
    "<|end_of_turn|>",
    "<|assistant_end|>",
    "<|message_model|>",
    "<|content_text|>",
    "<|end_message|>",
    "<|content_model_end_sampling|>",
    "<SPECIAL_11>",
    "<SPECIAL_12>",
];

/// Tokens that end a turn.
pub(super) const TURN_ENDS: [&str; 9] = [
    "<|endoftext|>",
    "</s>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|eot|>",
    "<end_of_turn>",
    "<turn|>",
    "<|end_of_sentence|>",
    "<|END_OF_TURN_TOKEN|>",
];

/// Tokens that begin the next turn.
pub(super) const TURN_STARTS: [&str; 12] = [
    "<|im_start|>",
    "<|start_header_id|>",
    "<|header_start|>",
    "<start_of_turn>",
    "<|turn>",
    "<|User|>",
    "<|user|>",
    "<|START_OF_TURN_TOKEN|>",
    "[INST]",
    // Where a decoder dropped the marks around the role.
    "assistant",
    "Human:",
    "User:",
];

/// Marks of what tools return: a model that writes one makes the result up, and all that follows from it.
pub(super) const RESULTS: [&str; 5] = [
    "<tool_response>",
    "<|tool_response>",
    "<|tool_response|>",
    "<tool_output>",
    "<|start_header_id|>ipython",
];

/// Marks of Harmony, the format of gpt-oss.
pub(super) const HARMONY: [&str; 4] = ["<|channel|>", "<|start|>", "<|message|>", "<|constrain|>"];
