//! Tests the emulation of Telegram: what it refuses, and what it stores.

mod files;
mod limits;
mod setup;
mod strictness;
mod updates;

use serde_json::{Value, json};

use crate::bench::{Bench, Got, Worker};

/// A lab, seen as Telegram.
pub(crate) struct Telegram {
    pub(crate) bench: Bench,
}

impl Telegram {
    pub(crate) async fn start() -> Self {
        Self { bench: Bench::start().await }
    }

    /// Path of a method.
    pub(crate) fn path(&self, method: &str) -> String {
        let token = self.bench.world["telegram"]["bot_token"].as_str().unwrap();
        format!("/telegram/bot{token}/{method}")
    }

    /// Id of a chat.
    pub(crate) fn chat(&self, name: &str) -> Value {
        self.bench.world["telegram"]["chats"][name]["id"].clone()
    }

    /// A call as the Worker makes it.
    pub(crate) async fn call(&self, method: &str, body: Value) -> Got {
        let headers = [("content-type", "application/json")];
        self.bench.send("POST", &self.path(method), &headers, body.to_string()).await.unwrap()
    }

    /// A call that is carried out; returns its result.
    pub(crate) async fn done(&self, method: &str, body: Value) -> Value {
        let got = self.call(method, body.clone()).await;
        assert_eq!(
            (got.status, &got.body["ok"]),
            (200, &json!(true)),
            "{method} {body}: {}",
            got.body
        );
        got.body["result"].clone()
    }

    /// A call that is refused; returns the description.
    pub(crate) async fn refused(&self, method: &str, body: Value) -> String {
        let got = self.call(method, body.clone()).await;
        assert_eq!(got.body["ok"], json!(false), "{method} {body}: {}", got.body);
        assert_eq!(got.body["error_code"], json!(got.status));
        got.body["description"].as_str().unwrap().to_owned()
    }

    /// Sends a text into a chat; returns the message.
    pub(crate) async fn say(&self, chat: &str, text: &str) -> Value {
        self.done("sendMessage", json!({ "chat_id": self.chat(chat), "text": text })).await
    }

    /// What the readers of a chat see.
    pub(crate) async fn seen(&self, chat: &str) -> Value {
        self.bench.get(&format!("/lab/telegram/chats/{chat}")).await.body
    }

    /// A person does something.
    pub(crate) async fn order(&self, worker: &Worker, order: Value) -> Value {
        let mut order = order;
        order["worker"] = json!(worker.url);
        self.bench.post("/lab/telegram/updates", &order).await.body
    }

    /// Changes the configuration.
    pub(crate) async fn configure(&self, config: Value) {
        self.bench.post("/lab/config", &json!({ "telegram": config })).await;
    }
}
