//! The fallback chain: the models in the order in which they are tried, their vendors, and how each is
//! reached.

use super::Environment;
use super::reader::Reader;
use crate::ids::Secret;

/// API protocol that a vendor's models are called with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiProtocol {
    /// Workers AI, by its binding.
    WorkersAi,
    /// Chat Completions over HTTP: the API of `OpenAI` and of many others.
    OpenAiChat,
    /// Anthropic's Messages over HTTP.
    Anthropic,
    /// Gemini's `generateContent` over HTTP.
    Gemini,
}

/// Who sells or runs models.
#[derive(Debug, PartialEq, Eq)]
pub struct Vendor {
    /// Name, as in a model's id and in errors.
    pub name: &'static str,
    /// API protocol.
    pub protocol: ApiProtocol,
    /// Setting with the key, empty if there is none.
    pub key: &'static str,
    /// Whether it cannot be called without a key.
    needs_key: bool,
    /// Setting with the base URL, empty for the binding.
    base: &'static str,
    /// Path at the AI Gateway in place of the base URL; `None` if it is not called through one.
    route: Option<&'static str>,
}

/// Workers AI: its models have no vendor in their id.
pub static WORKERS_AI: Vendor = Vendor {
    name: "workers-ai",
    protocol: ApiProtocol::WorkersAi,
    key: "",
    needs_key: false,
    base: "",
    route: None,
};

/// Every other vendor.
///
/// # Source
/// Cloudflare Docs/AI Gateway/Providers, read 2026-11-21: its route for Hugging Face is that of an
/// older API without chat.
pub static VENDORS: [Vendor; 8] = [
    chat("openai", "OPENAI_API_KEY", "OPENAI_API_BASE", Some("openai")),
    Vendor {
        protocol: ApiProtocol::Anthropic,
        ..chat("anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_API_BASE", Some("anthropic/v1"))
    },
    Vendor {
        protocol: ApiProtocol::Gemini,
        ..chat("gemini", "GEMINI_API_KEY", "GEMINI_API_BASE", Some("google-ai-studio/v1beta"))
    },
    chat("groq", "GROQ_API_KEY", "GROQ_API_BASE", Some("groq")),
    chat("deepseek", "DEEPSEEK_API_KEY", "DEEPSEEK_API_BASE", Some("deepseek")),
    chat("huggingface", "HF_TOKEN", "HF_API_BASE", None),
    Vendor { needs_key: false, ..chat("ollama", "", "OLLAMA_API_BASE", None) },
    Vendor { needs_key: false, ..chat("vllm", "VLLM_API_KEY", "VLLM_API_BASE", None) },
];

const fn chat(
    name: &'static str,
    key: &'static str,
    base: &'static str,
    route: Option<&'static str>,
) -> Vendor {
    Vendor { name, protocol: ApiProtocol::OpenAiChat, key, needs_key: true, base, route }
}

/// One model of the chain.
#[derive(Debug, Clone)]
pub struct Model {
    /// Vendor.
    pub vendor: &'static Vendor,
    /// Id, as it is configured: `@cf/…` or `VENDOR/NAME`.
    pub id: String,
    /// Name, as the vendor knows it.
    pub name: String,
    /// Base URL without a final slash, the AI Gateway's if there is one; empty for the binding.
    pub base: String,
    /// Key.
    pub key: Option<Secret>,
    /// The AI Gateway that it is called through.
    pub gateway: Option<Gateway>,
}

/// An AI Gateway.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// Id, for the binding.
    pub id: String,
    /// Token, for HTTP.
    pub token: Option<Secret>,
}

impl Model {
    /// Returns a model of Workers AI, called without a gateway.
    pub fn by_binding(id: &str) -> Self {
        Self {
            vendor: &WORKERS_AI,
            id: id.to_owned(),
            name: id.to_owned(),
            base: String::new(),
            key: None,
            gateway: None,
        }
    }
}

const MODEL: &str = "MIYABI_MODEL";

/// Name of the setting for the model that describes images.
const VISION: &str = "MIYABI_VISION_MODEL";

/// Name of the setting for the model that hears speech.
const VOICE: &str = "MIYABI_VOICE_MODEL";

/// Name of the setting for the model that draws.
const IMAGE: &str = "MIYABI_IMAGE_MODEL";

/// Most models of a chain.
const MAX_MODELS: usize = 8;

impl<E: Environment> Reader<'_, E> {
    /// Returns the chain, empty if something is wrong with it.
    pub(super) fn models(&mut self) -> Vec<Model> {
        let text = self.text(MODEL);
        let ids: Vec<&str> = text
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|id| !id.is_empty())
            .collect();
        if ids.len() > MAX_MODELS {
            self.problem(MODEL, Some("names more than 8 models"));
        }
        // Nothing but separators is as good as nothing.
        if ids.is_empty() && !text.is_empty() {
            self.problem(MODEL, None);
        }
        let mut models: Vec<Model> = Vec::new();
        for id in ids {
            if models.iter().any(|model| model.id == id) {
                self.problem(MODEL, Some("names a model twice"));
            } else if let Some(model) = self.model(MODEL, id) {
                models.push(model);
            }
        }
        models
    }

    /// Returns the model that describes images, unless it is off.
    pub(super) fn vision(&mut self) -> Option<Model> {
        let id = Some(self.text(VISION)).filter(|id| id != "off")?;
        self.model(VISION, id.trim())
    }

    /// Returns the model that hears speech, unless it is off.
    pub(super) fn voice(&mut self) -> Option<Model> {
        self.of_workers_ai(VOICE)
    }

    /// Returns the model that draws; `None` if it is `off`, or there and empty.
    pub(super) fn image_model(&mut self) -> Option<Model> {
        if self.environment.text(IMAGE).is_some_and(|value| value.trim().is_empty()) {
            return None;
        }
        self.of_workers_ai(IMAGE)
    }

    fn of_workers_ai(&mut self, setting: &'static str) -> Option<Model> {
        let id = Some(self.text(setting)).filter(|id| id != "off")?;
        if !id.starts_with("@cf/") {
            self.problem(setting, Some("is not `off` or a model of Workers AI, `@cf/…`"));
            return None;
        }
        self.model(setting, &id)
    }

    fn model(&mut self, setting: &'static str, id: &str) -> Option<Model> {
        if id.starts_with("@cf/") || id.starts_with("@hf/") {
            return Some(Model { gateway: self.gateway(), ..Model::by_binding(id) });
        }
        let (vendor, name) = id.split_once('/').unwrap_or((id, ""));
        let Some(vendor) = VENDORS.iter().find(|known| known.name == vendor) else {
            self.problem(
                setting,
                Some("names a model that is neither `@cf/…` nor of a known vendor"),
            );
            return None;
        };
        if !is_name(name) {
            self.problem(
                setting,
                Some("names a vendor without a model, or a model with odd letters"),
            );
            return None;
        }
        let key = self.unless_off(vendor.key).map(Secret::new);
        if key.is_none() && vendor.needs_key {
            self.problem(vendor.key, None);
        }
        let mut base = self.base_url(vendor.base);
        let gateway = vendor.route.and_then(|route| {
            let gateway = self.gateway()?;
            let Some(account) = self.unless_off("CLOUDFLARE_ACCOUNT_ID") else {
                self.problem("CLOUDFLARE_ACCOUNT_ID", None);
                return None;
            };
            let root = self.base_url("AI_GATEWAY_BASE");
            base = [root.as_str(), account.as_str(), gateway.id.as_str(), route].join("/");
            Some(gateway)
        });
        Some(Model { vendor, id: id.to_owned(), name: name.to_owned(), base, key, gateway })
    }

    fn gateway(&mut self) -> Option<Gateway> {
        let id = self.unless_off("AI_GATEWAY_ID")?;
        let token = self.unless_off("AI_GATEWAY_TOKEN").map(Secret::new);
        Some(Gateway { id, token })
    }

    /// Returns the value, if it is set and not the word that stands for none.
    pub(super) fn unless_off(&self, name: &str) -> Option<String> {
        self.optional(name).filter(|value| value != "off")
    }
}

/// The name becomes part of a URL: only letters without a meaning there, and no `..`.
fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/@".contains(&byte);
    !name.is_empty() && name.bytes().all(is_plain) && name.split('/').all(|part| part != "..")
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
