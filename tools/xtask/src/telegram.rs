//! Calls of Telegram's Bot API.

use anyhow::{Result, bail};
use miyabi_core::config::is_base_url;
use serde_json::Value;

use crate::http::{self, Reply};
use crate::problem::problem;

/// Where the Bot API is, unless a setting says otherwise.
pub const BASE: &str = "https://api.telegram.org";
/// Path of the Worker to which updates go.
pub const WEBHOOK: &str = "/telegram/webhook";

/// A bot, by its token. The token is part of every URL, so that no URL is ever shown.
#[derive(Debug, Clone)]
pub struct Bot<'a> {
    /// Base URL of the API, without a final slash.
    pub base: &'a str,
    /// Token of the bot.
    pub token: &'a str,
}

impl Bot<'_> {
    /// Calls a method, and returns what was answered, whatever its status.
    ///
    /// # Errors
    /// When nothing answers, or the token would be readable on its way.
    pub fn ask(&self, method: &str, parameters: &Value) -> Result<Reply> {
        if !is_base_url(self.base) {
            bail!("not sent: the token would be readable on its way, use https");
        }
        let url = format!("{}/bot{}/{method}", self.base, self.token);
        http::send("POST", &url, &[], Some(parameters))
    }

    /// Calls a method, and returns its result.
    ///
    /// # Errors
    /// When nothing answers, or it is refused.
    pub fn call(&self, method: &str, parameters: &Value) -> Result<Value> {
        let reply = self.ask(method, parameters)?;
        let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        match (reply.status, body.get("result")) {
            (200, Some(result)) => Ok(result.clone()),
            (401 | 404, _) => Err(problem(
                "Telegram refused the token",
                "is TELEGRAM_BOT_TOKEN the one that BotFather gave out?",
            )),
            (status, _) => bail!("{method}: status {status}: {}", description(&body)),
        }
    }
}

/// Returns why a call was refused.
pub fn description(body: &Value) -> &str {
    body.get("description").and_then(Value::as_str).unwrap_or("no reason")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_is_not_sent_where_others_read_it_on_its_way() {
        for base in ["http://api.telegram.example", "http://127.0.0.1.evil.example", "x"] {
            let error = Bot { base, token: "1:secret" }.ask("getMe", &json!({})).unwrap_err();
            assert!(error.to_string().starts_with("not sent: "), "{error}");
        }
        let error = Bot { base: "http://127.0.0.1:9", token: "1:secret" }.ask("getMe", &json!({}));
        let error = format!("{:#}", error.unwrap_err());
        assert!(!error.contains("secret"), "{error}");
    }
}
