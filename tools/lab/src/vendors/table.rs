//! Who sells models, where in the lab, and with which key.
//!
//! Every key here is for the lab alone and opens nothing else.

/// What a vendor speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `OpenAI`'s chat completions.
    Chat,
    /// Anthropic's messages.
    Messages,
    /// Gemini's `generateContent`.
    Generate,
}

/// Someone who sells or runs models.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Vendor {
    /// Its name, and that of the operation.
    pub(crate) name: &'static str,
    pub(crate) dialect: Dialect,
    /// Path that stands for its base URL.
    pub(crate) path: &'static str,
    /// The key that it takes.
    pub(crate) key: Option<&'static str>,
    /// Whether it answers without a key, too.
    pub(crate) is_open: bool,
    /// What stands for the base URL at the AI Gateway.
    pub(crate) slug: Option<&'static str>,
    /// Whether it refuses what it does not know; the others ignore it.
    pub(crate) is_strict: bool,
}

const fn chat(name: &'static str, path: &'static str, key: &'static str) -> Vendor {
    Vendor {
        name,
        dialect: Dialect::Chat,
        path,
        key: Some(key),
        is_open: false,
        slug: Some(name),
        is_strict: false,
    }
}

/// All vendors.
///
/// # Source
/// Slugs: Cloudflare Docs/AI Gateway/Providers. Its `huggingface` is an older API without chat.
pub(crate) static VENDORS: [Vendor; 8] = [
    Vendor {
        is_strict: true,
        ..chat("openai", "openai/v1", "lab-openai-key-that-opens-nothing-else")
    },
    Vendor {
        dialect: Dialect::Messages,
        slug: Some("anthropic/v1"),
        is_strict: true,
        ..chat("anthropic", "anthropic/v1", "lab-anthropic-key-that-opens-nothing-else")
    },
    Vendor {
        dialect: Dialect::Generate,
        slug: Some("google-ai-studio/v1beta"),
        is_strict: true,
        ..chat("gemini", "gemini/v1beta", "lab-gemini-key-that-opens-nothing-else")
    },
    Vendor {
        is_strict: true,
        ..chat("groq", "groq/openai/v1", "lab-groq-key-that-opens-nothing-else")
    },
    chat("deepseek", "deepseek/v1", "lab-deepseek-key-that-opens-nothing-else"),
    Vendor {
        slug: None,
        ..chat("huggingface", "huggingface/v1", "lab-huggingface-key-that-opens-nothing-else")
    },
    Vendor { key: None, is_open: true, slug: None, ..chat("ollama", "ollama/v1", "") },
    Vendor {
        is_open: true,
        slug: None,
        ..chat("vllm", "vllm/v1", "lab-vllm-key-that-opens-nothing-else")
    },
];

/// The account that the AI Gateway belongs to.
pub(crate) const ACCOUNT_ID: &str = "1ab00000000000000000000000000acc";
/// The only AI Gateway.
pub(crate) const GATEWAY_ID: &str = "lab-gateway";
/// Its token, for when it wants one.
pub(crate) const GATEWAY_TOKEN: &str = "lab-gateway-token-that-opens-nothing-else";

/// The keys of all vendors.
pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    VENDORS.iter().filter_map(|vendor| vendor.key)
}
