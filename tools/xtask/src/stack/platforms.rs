//! What people do on Telegram, on Slack and on WhatsApp, and what they see there.

use anyhow::Result;
use serde_json::{Value, json};

use super::Stack;

impl Stack {
    /// Has a person write to the bot on Telegram, or do anything else there that the lab knows, and returns what became
    /// of the updates about it.
    ///
    /// # Errors
    /// When the lab does not answer, or knows no such order.
    pub fn write_on_telegram(&self, order: &Value) -> Result<Value> {
        self.order("/lab/telegram/updates", order)
    }

    /// Returns what the readers of a chat on Telegram see: `messages`, `drafts` and `actions`.
    ///
    /// # Errors
    /// When the lab does not answer, or has no such chat.
    pub fn telegram_chat(&self, name: &str) -> Result<Value> {
        self.lab.get(&format!("/lab/telegram/chats/{name}"))
    }

    /// Has a person write to the bot on Slack, or do anything else there that the lab knows, and returns what became of
    /// the requests about it.
    ///
    /// # Errors
    /// When the lab does not answer, or knows no such order.
    pub fn write_on_slack(&self, order: &Value) -> Result<Value> {
        self.order("/lab/slack/events", order)
    }

    /// Returns what people see in a channel on Slack: `messages`, `statuses`, `ephemerals` and `prompts`. The direct
    /// message with a person is `dm:` and their name.
    ///
    /// # Errors
    /// When the lab does not answer, or has no such channel.
    pub fn slack_channel(&self, name: &str) -> Result<Value> {
        self.lab.get(&format!("/lab/slack/channels/{name}"))
    }

    /// Has people write to the number on WhatsApp, or do anything else there that the lab knows, and returns what became
    /// of the request about it.
    ///
    /// # Errors
    /// When the lab does not answer, or knows no such order.
    pub fn write_on_whatsapp(&self, order: &Value) -> Result<Value> {
        self.order("/lab/whatsapp/messages", order)
    }

    /// Returns what people see in a chat on WhatsApp: `messages`, what has reached nobody as `failed`, and `is_typing`.
    /// The chat with a person has their name.
    ///
    /// # Errors
    /// When the lab does not answer, or has no such chat.
    pub fn whatsapp_chat(&self, name: &str) -> Result<Value> {
        self.lab.get(&format!("/lab/whatsapp/chats/{name}"))
    }

    /// Has the lab carry out an order, at this Worker unless the order says another.
    fn order(&self, path: &str, order: &Value) -> Result<Value> {
        let mut order = order.clone();
        if let Some(fields) = order.as_object_mut() {
            fields.entry("worker").or_insert_with(|| json!(self.url()));
        }
        self.lab.post(path, &order)
    }
}
