//! The table of vendors: name, API format, path and key.
//!
//! The keys are valid at the lab only.

/// The API format of a vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `OpenAI`'s chat completions.
    Chat,
    /// Anthropic's messages.
    Messages,
    /// Gemini's `generateContent`.
    Generate,
}

/// A vendor of models.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Vendor {
    /// Its name, and that of the operation.
    pub(crate) name: &'static str,
    pub(crate) dialect: Dialect,
    /// Path of its base URL.
    pub(crate) path: &'static str,
    /// The key that it accepts.
    pub(crate) key: Option<&'static str>,
    /// Whether it also answers without a key.
    pub(crate) is_open: bool,
    /// Its path at the AI Gateway.
    pub(crate) slug: Option<&'static str>,
    /// Whether it refuses unknown fields; the others ignore them.
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

/// The keys of all vendors.
pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    VENDORS.iter().filter_map(|vendor| vendor.key)
}
