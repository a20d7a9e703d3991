//! What the vendors of Chat Completions do differently.
//!
//! How a vendor is reached is in [`miyabi_core::config::models::VENDORS`].

/// What is particular to a vendor's requests.
pub(super) struct Profile {
    /// Vendor's name, as in a model's id.
    vendor: &'static str,
    /// Field with the longest completion.
    pub(super) token_limit: TokenLimit,
}

/// Field of a request with the longest completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenLimit {
    /// `max_tokens`
    MaxTokens,
    /// `max_completion_tokens`: `OpenAI` has renamed it, and its reasoning models refuse the old name.
    MaxCompletionTokens,
}

/// Profiles of the vendors that are not as [`DEFAULT`].
///
/// # Source
/// `OpenAI` API reference/Chat, read 2026-11-21.
static PROFILES: [Profile; 1] =
    [Profile { vendor: "openai", token_limit: TokenLimit::MaxCompletionTokens }];

/// What most vendors take.
///
/// # Source
/// Groq/API reference, `DeepSeek` API/Chat, Hugging Face/Inference Providers, Ollama/OpenAI
/// compatibility and vLLM/OpenAI-compatible server, read 2026-11-21.
static DEFAULT: Profile = Profile { vendor: "", token_limit: TokenLimit::MaxTokens };

/// Returns the profile of a vendor.
pub(super) fn of(vendor: &str) -> &'static Profile {
    PROFILES.iter().find(|profile| profile.vendor == vendor).unwrap_or(&DEFAULT)
}
