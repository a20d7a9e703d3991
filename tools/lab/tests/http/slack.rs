//! Tests the emulation of Slack: what it refuses, what it stores, and what it delivers.

mod commands;
mod events;
mod files;
mod limits;
mod messages;
mod panes;
mod reading;
mod retries;
mod streaming;
mod strictness;
mod windows;

use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::bench::{Bench, Got, Worker};

/// A lab, seen as Slack.
pub(crate) struct Slack {
    pub(crate) bench: Bench,
}

impl Slack {
    pub(crate) async fn start() -> Self {
        Self { bench: Bench::start().await }
    }

    /// A part of Slack's world.
    pub(crate) fn world(&self, path: &str) -> String {
        let found = self.bench.world["slack"].pointer(path);
        found.and_then(Value::as_str).unwrap().to_owned()
    }

    /// Id of a channel.
    pub(crate) fn channel(&self, name: &str) -> String {
        self.world(&format!("/channels/{name}/id"))
    }

    /// Id of a person.
    pub(crate) fn user(&self, name: &str) -> String {
        self.world(&format!("/users/{name}/id"))
    }

    /// A request with the token.
    pub(crate) async fn send(&self, path: &str, kind: &str, body: impl Into<Bytes>) -> Got {
        let token = format!("Bearer {}", self.world("/bot_token"));
        let headers = [("content-type", kind), ("authorization", token.as_str())];
        self.bench.send("POST", path, &headers, body).await.unwrap()
    }

    /// A call with JSON, or with a form where a method reads nothing else.
    pub(crate) async fn call(&self, method: &str, arguments: &Value) -> Got {
        let path = format!("/slack/api/{method}");
        let is_form = ["conversations.", "users.", "files.getUpload"];
        if !is_form.iter().any(|begin| method.starts_with(begin)) {
            return self
                .send(&path, "application/json; charset=utf-8", arguments.to_string())
                .await;
        }
        let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
        let fields = arguments.as_object().unwrap().iter();
        let fields = fields.map(|(name, value)| (name, text(value)));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(&path, "application/x-www-form-urlencoded", body).await
    }

    /// A call that is carried out; returns the reply.
    pub(crate) async fn done(&self, method: &str, arguments: Value) -> Value {
        let got = self.call(method, &arguments).await;
        assert_eq!(
            (got.status, &got.body["ok"]),
            (200, &json!(true)),
            "{method} {arguments}: {}",
            got.body
        );
        got.body
    }

    /// A call that is refused; returns the error.
    pub(crate) async fn refused(&self, method: &str, arguments: Value) -> String {
        let got = self.call(method, &arguments).await;
        assert_eq!(
            (got.status, &got.body["ok"]),
            (200, &json!(false)),
            "{method} {arguments}: {}",
            got.body
        );
        got.body["error"].as_str().unwrap().to_owned()
    }

    /// Posts a text into a channel; returns its time.
    pub(crate) async fn say(&self, channel: &str, text: &str) -> String {
        let arguments = json!({ "channel": self.channel(channel), "text": text });
        let done = self.done("chat.postMessage", arguments).await;
        done["ts"].as_str().unwrap().to_owned()
    }

    /// What people see of a channel.
    pub(crate) async fn seen(&self, channel: &str) -> Value {
        self.bench.get(&format!("/lab/slack/channels/{channel}")).await.body
    }

    /// A person does something.
    pub(crate) async fn order(&self, worker: &Worker, order: Value) -> Value {
        let mut order = order;
        order["worker"] = json!(worker.url);
        self.bench.post("/lab/slack/events", &order).await.body
    }

    /// A person writes a message, of which no Worker gets to know; returns its time.
    pub(crate) async fn write(&self, order: Value) -> String {
        let mut order = order;
        order["worker"] = json!("http://127.0.0.1:1");
        order["wait"] = json!(false);
        let done = self.bench.post("/lab/slack/events", &order).await.body;
        done["messages"][0].as_str().unwrap().to_owned()
    }

    /// Changes the configuration.
    pub(crate) async fn configure(&self, config: Value) {
        self.bench.post("/lab/config", &json!({ "slack": config })).await;
    }
}

/// The bodies that a Worker has got: JSON, the fields of a form, or the payload in it.
pub(crate) fn received(worker: &Worker) -> Vec<Value> {
    let received = worker.received.lock().unwrap();
    let read = |(headers, body): &crate::bench::Received| {
        if headers["content-type"] == "application/json" {
            return serde_json::from_slice(body).unwrap_or(Value::Null);
        }
        let fields = form_urlencoded::parse(body).into_owned();
        let fields: serde_json::Map<String, Value> =
            fields.map(|(name, value)| (name, json!(value))).collect();
        match fields.get("payload").and_then(Value::as_str) {
            Some(payload) => serde_json::from_str(payload).unwrap(),
            None => Value::Object(fields),
        }
    };
    received.iter().map(read).collect()
}
