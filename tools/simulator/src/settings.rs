//! The program's settings, read by the program from a simulated environment: defaults, and what has
//! to be set.

use miyabi_channels::discord::webhook_url::parse_webhook_url;
use miyabi_core::config::{Config, Environment, SETTINGS, Settings};

use crate::base::marks::SECRET;
use crate::services::discord::{APPLICATION, BASE, HOOK};
use crate::services::outside;

struct Simulated {
    model: &'static str,
    /// Whether there is a server whose tool acts.
    acts: bool,
}

impl Environment for Simulated {
    fn text(&self, name: &str) -> Option<String> {
        let value = match name {
            "DISCORD_APPLICATION_ID" => APPLICATION.to_owned(),
            "DISCORD_PUBLIC_KEY" => "00".repeat(32),
            "DISCORD_WEBHOOK_URL" => {
                format!("https://discord.com/api/webhooks/{HOOK}/{SECRET}-hook")
            }
            "DISCORD_TOKEN" => format!("{SECRET}-bot"),
            "DISCORD_API_BASE" => BASE.to_owned(),
            "MIYABI_MODEL" => self.model.to_owned(),
            "MIYABI_MCP_SERVERS" if self.acts => outside::setting(),
            _ => {
                let setting = SETTINGS.iter().find(|setting| setting.name == name)?;
                return setting.default.map(ToOwned::to_owned);
            }
        };
        Some(value)
    }

    fn has_binding(&self, _name: &str) -> bool {
        true
    }
}

/// Returns the settings of a seed: a model that streams beside its tools, or the default one; and a tool that
/// acts, if it has one.
///
/// # Panics
/// When the program has a setting without a default that is not simulated.
#[expect(clippy::panic, reason = "a setting that the simulation lacks is a bug of its own")]
pub fn settings(streams: bool, acts: bool) -> Settings {
    let model = if streams {
        "@cf/qwen/qwen3-30b-a3b-fp8"
    } else {
        "@cf/meta/llama-3.3-70b-instruct-fp8-fast"
    };
    match Config::read(&Simulated { model, acts }, parse_webhook_url).settings {
        Ok(settings) => settings,
        Err(error) => panic!("{error}"),
    }
}
