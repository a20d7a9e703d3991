//! Reads the settings of Discord.

use super::reader::Reader;
use super::{Environment, Kind, SETTINGS};
use crate::ids::Secret;

/// Settings about Discord.
#[derive(Debug, Clone)]
pub struct Discord {
    /// Application id.
    pub application_id: String,
    /// Bot token.
    pub bot_token: Secret,
    /// API's base URL, without a final slash.
    pub api_base: String,
    /// Webhook's URL without a query or final slash, at [`Discord::api_base`] if it was Discord's own.
    pub webhook_url: Secret,
    /// Webhook's id.
    pub webhook_id: String,
}

impl Discord {
    /// Returns Discord where it is off.
    pub fn off() -> Self {
        let nothing = || Secret::new(String::new());
        Self {
            application_id: String::new(),
            bot_token: nothing(),
            api_base: String::new(),
            webhook_url: nothing(),
            webhook_id: String::new(),
        }
    }

    /// Returns whether it is set up: it is off where none of its secrets is set and another channel's are.
    pub const fn is_on(&self) -> bool {
        !self.application_id.is_empty()
    }
}

/// A webhook, as its channel reads it from its URL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Webhook {
    /// URL to call: it holds the webhook's token, so it is a secret.
    pub url: String,
    /// Id.
    pub id: String,
}

/// Reads a webhook from its URL and the API's base URL; `None` if it is none.
pub type ParseWebhook = fn(text: &str, api_base: &str) -> Option<Webhook>;

impl<E: Environment> Reader<'_, E> {
    /// Reads the public key, which alone is enough to answer a PING, and the rest. Where none of the secrets is set and
    /// `has_others`, other channels, Discord is off.
    pub(super) fn discord(
        &mut self,
        parse_webhook: ParseWebhook,
        has_others: bool,
    ) -> (Option<[u8; 32]>, Discord) {
        if has_others && self.has_no_discord() {
            return (None, Discord::off());
        }
        (self.public_key(), self.complete(parse_webhook))
    }

    /// Returns whether none of Discord's secrets is set.
    fn has_no_discord(&self) -> bool {
        let mut secrets =
            SETTINGS.iter().filter(|it| it.kind == Kind::Secret && it.name.starts_with("DISCORD_"));
        secrets.all(|setting| self.optional(setting.name).is_none())
    }

    fn public_key(&mut self) -> Option<[u8; 32]> {
        let text = self.text("DISCORD_PUBLIC_KEY");
        if text.is_empty() {
            return None;
        }
        let mut key = [0; 32];
        let read = hex::decode_to_slice(text, &mut key);
        if read.is_err() {
            self.problem("DISCORD_PUBLIC_KEY", Some("is not 64 hex digits"));
        }
        read.ok().map(|()| key)
    }

    fn complete(&mut self, parse_webhook: ParseWebhook) -> Discord {
        let api_base = self.base_url("DISCORD_API_BASE");
        let webhook = self.webhook(parse_webhook, &api_base);
        Discord {
            application_id: self.application_id(),
            bot_token: Secret::new(self.text("DISCORD_TOKEN")),
            api_base,
            webhook_url: Secret::new(webhook.url),
            webhook_id: webhook.id,
        }
    }

    /// The id becomes part of URLs: only letters that a path segment takes unescaped.
    fn application_id(&mut self) -> String {
        let id = self.text("DISCORD_APPLICATION_ID");
        if !is_segment(&id) {
            self.problem("DISCORD_APPLICATION_ID", Some("is not an id"));
        }
        id
    }

    /// Returns the webhook, as its channel reads it.
    fn webhook(&mut self, parse: ParseWebhook, api_base: &str) -> Webhook {
        let text = self.text("DISCORD_WEBHOOK_URL");
        if text.is_empty() {
            return Webhook::default();
        }
        parse(&text, api_base).unwrap_or_else(|| {
            let wrong = "is not …/webhooks/{id}/{token}, by https";
            self.problem("DISCORD_WEBHOOK_URL", Some(wrong));
            Webhook::default()
        })
    }
}

fn is_segment(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
