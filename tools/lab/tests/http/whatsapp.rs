//! Tests the emulation of WhatsApp: what it refuses, what it stores, and what it delivers.

mod deliveries;
mod media;
mod sending;
mod setup;
mod strictness;

use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::bench::{Bench, Got, Worker};

/// A lab, seen as WhatsApp.
pub(crate) struct WhatsApp {
    pub(crate) bench: Bench,
}

impl WhatsApp {
    pub(crate) async fn start() -> Self {
        Self { bench: Bench::start().await }
    }

    /// A part of WhatsApp's world.
    pub(crate) fn world(&self, path: &str) -> String {
        let found = self.bench.world["whatsapp"].pointer(path);
        found.and_then(Value::as_str).unwrap().to_owned()
    }

    /// A request with a token.
    pub(crate) async fn send(
        &self,
        (method, path): (&str, &str),
        token: &str,
        kind: &str,
        body: impl Into<Bytes>,
    ) -> Got {
        let token = format!("Bearer {token}");
        let headers = [("content-type", kind), ("authorization", token.as_str())];
        self.bench.send(method, path, &headers, body).await.unwrap()
    }

    /// A request with the token of the system user; a null body is none.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &Value) -> Got {
        let path = format!("/whatsapp/v23.0/{path}");
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.send((method, &path), &self.world("/access_token"), "application/json", text).await
    }

    /// Sends fields of a message to Mio, or to whom they say.
    pub(crate) async fn post(&self, fields: &Value) -> Got {
        let mut body = json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "819012345678",
            "type": "text",
        });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let path = format!("{}/messages", self.world("/phone_number_id"));
        self.call("POST", &path, &body).await
    }

    /// A message that is accepted; returns its id.
    pub(crate) async fn sent(&self, fields: Value) -> String {
        let got = self.post(&fields).await;
        assert_eq!(got.status, 200, "{fields}: {}", got.body);
        got.body["messages"][0]["id"].as_str().unwrap().to_owned()
    }

    /// A message that is refused; returns the status and the code.
    pub(crate) async fn refused(&self, fields: Value) -> (u16, u64) {
        let got = self.post(&fields).await;
        assert_ne!(got.status, 200, "{fields}: {}", got.body);
        (got.status, got.body["error"]["code"].as_u64().unwrap())
    }

    /// What people see of a chat.
    pub(crate) async fn seen(&self, chat: &str) -> Value {
        self.bench.get(&format!("/lab/whatsapp/chats/{chat}")).await.body
    }

    /// A person does something.
    pub(crate) async fn order(&self, worker: &Worker, order: Value) -> Value {
        let mut order = order;
        order["worker"] = json!(worker.url);
        self.bench.post("/lab/whatsapp/messages", &order).await.body
    }

    /// A person writes a message, of which no Worker gets to know; returns its id.
    pub(crate) async fn write(&self, order: Value) -> String {
        let mut order = order;
        order["worker"] = json!("http://127.0.0.1:1");
        order["wait"] = json!(false);
        let done = self.bench.post("/lab/whatsapp/messages", &order).await.body;
        done["messages"][0].as_str().unwrap().to_owned()
    }

    /// Changes the configuration.
    pub(crate) async fn configure(&self, config: Value) {
        self.bench.post("/lab/config", &json!({ "whatsapp": config })).await;
    }
}

/// The values that a Worker has got, in the order in which they came.
pub(crate) fn received(worker: &Worker) -> Vec<Value> {
    let received = worker.received.lock().unwrap();
    let read = |(_, body): &crate::bench::Received| -> Value {
        serde_json::from_slice(body).unwrap_or(Value::Null)
    };
    let entries = |body: Value| body["entry"].as_array().cloned().unwrap_or_default();
    let changes = |entry: Value| entry["changes"].as_array().cloned().unwrap_or_default();
    let bodies = received.iter().map(read);
    bodies.flat_map(entries).flat_map(changes).map(|change| change["value"].clone()).collect()
}

/// The statuses that a Worker has got, as soon as there are so many.
pub(crate) async fn statuses(worker: &Worker, count: usize) -> Vec<Value> {
    loop {
        let values = received(worker);
        let of = |value: &Value| value["statuses"].as_array().cloned().unwrap_or_default();
        let all: Vec<Value> = values.iter().flat_map(of).collect();
        if all.len() >= count {
            return all;
        }
        tokio::task::yield_now().await;
    }
}
