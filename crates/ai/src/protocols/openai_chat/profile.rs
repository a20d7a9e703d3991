//! What the vendors of Chat Completions, and the families of models that they serve, do differently.
//!
//! How a vendor is reached is in [`miyabi_core::config::models::VENDORS`].

/// What is particular to the requests to a model.
#[derive(Debug, Clone, Copy)]
pub(in crate::protocols) struct Profile {
    /// Field with the longest completion.
    pub(super) token_limit: TokenLimit,
    /// How a chat with calls is written where no tool may be called any more.
    pub(super) last_round: LastRound,
    /// Whether thoughts go back.
    pub(super) thoughts: Thoughts,
    /// Ids of calls.
    pub(super) ids: Ids,
    /// Words beside calls.
    pub(super) words: Words,
}

/// Field of a request with the longest completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenLimit {
    /// `max_tokens`
    MaxTokens,
    /// `max_completion_tokens`: `OpenAI` has renamed it, and its reasoning models refuse the old name.
    MaxCompletionTokens,
}

/// How a chat with calls is written where no tool may be called any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastRound {
    /// With the tools, and `tool_choice` none: Anthropic and Bedrock behind proxies refuse calls
    /// without the tools.
    ChoiceNone,
    /// Without tools and calls, the results as text: such servers know no `tool_choice`, and their models
    /// call whatever is declared.
    Flattened,
}

/// Whether thoughts go back with the calls that followed them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thoughts {
    /// No: others refuse or ignore the field.
    Dropped,
    /// As `reasoning_content`, blank if there are none: `DeepSeek` refuses calls without it while it thinks.
    ReasoningContent,
}

/// Ids of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ids {
    /// The model's own: the template of Kimi reads them.
    Own,
    /// Nine letters and digits: Mistral refuses others.
    Nine,
}

/// Words of a message that calls tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// They stay.
    Beside,
    /// They are left out: Mistral takes text or calls, and not both.
    Without,
}

/// What most vendors take.
///
/// # Source
/// Groq/API reference, Hugging Face/Inference Providers and vLLM/OpenAI-compatible server, read
/// 2026-11-21; `LiteLLM`'s errors for Bedrock, gathered 2026-11-28.
const DEFAULT: Profile = Profile {
    token_limit: TokenLimit::MaxTokens,
    last_round: LastRound::ChoiceNone,
    thoughts: Thoughts::Dropped,
    ids: Ids::Own,
    words: Words::Beside,
};

/// Parts of the names of Mistral's models.
const MISTRALS: [&str; 9] = [
    "mistral",
    "mixtral",
    "ministral",
    "codestral",
    "devstral",
    "magistral",
    "pixtral",
    "voxtral",
    "mathstral",
];

/// Returns the profile of a vendor's model.
///
/// # Source
/// `OpenAI` API reference/Chat, read 2026-11-21. `DeepSeek` API docs/Thinking mode; Ollama
/// Docs/OpenAI compatibility (no `tool_choice`); Mistral Docs/Function calling and `mistral-common`;
/// Cloudflare Docs/Workers AI/Function calling; read 2026-11-28.
pub(in crate::protocols) fn of(vendor: &str, model: &str) -> Profile {
    let profile = match vendor {
        "openai" => Profile { token_limit: TokenLimit::MaxCompletionTokens, ..DEFAULT },
        "deepseek" => Profile { thoughts: Thoughts::ReasoningContent, ..DEFAULT },
        "ollama" | "workers-ai" => Profile { last_round: LastRound::Flattened, ..DEFAULT },
        _ => DEFAULT,
    };
    let name = model.to_ascii_lowercase();
    if MISTRALS.iter().any(|family| name.contains(family)) {
        return Profile { ids: Ids::Nine, words: Words::Without, ..profile };
    }
    profile
}
