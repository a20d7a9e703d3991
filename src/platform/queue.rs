//! [`Queue`]: the producer's binding, and what the runtime hands to a consumer.
//!
//! Each message is settled by itself as soon as its outcome is known: what was acknowledged before a
//! crash is not delivered again, everything else is.

use js_sys::Array;
use serde_json::Value;
use wasm_bindgen::prelude::*;

use super::host::Cloudflare;
use super::js;
use miyabi_app::consumers::{self, StartJob, Verdict};
use miyabi_core::config::Settings;
use miyabi_core::fault::{EngineError, Fault};
use miyabi_core::ports::Queue;
use miyabi_core::text::contains;

#[wasm_bindgen(module = "/src/platform/bridge.js")]
extern "C" {
    fn enqueue(producer: &JsValue, message: &str) -> JsValue;
}

#[wasm_bindgen]
extern "C" {
    /// One message of a batch.
    type Message;
    #[wasm_bindgen(method, catch)]
    fn ack(this: &Message) -> Result<(), JsValue>;
    // Without options the wait is the `retry_delay` of the consumer in `wrangler.toml`.
    #[wasm_bindgen(method, catch)]
    fn retry(this: &Message) -> Result<(), JsValue>;
}

impl Queue for Cloudflare {
    async fn enqueue(&self, message: &str) -> Result<(), Fault> {
        let sent = js::settle(enqueue(&self.binding("miyabi_queue"), message)).await;
        sent.map(drop).map_err(|_error| EngineError::Queue.into())
    }
}

/// Handles the messages of a batch, one after the other: those of a dead-letter queue are buried,
/// all others consumed. Without settings every message is delivered again later.
pub async fn handle(host: &Cloudflare, settings: Option<&Settings>, batch: &JsValue) {
    let is_dead = is_dead(batch);
    for message in messages(batch) {
        let verdict = match settings {
            Some(settings) if is_dead => {
                consumers::dead::<StartJob>(host, &transport(host, settings), &body(&message)).await
            }
            Some(settings) => {
                consumers::run::<StartJob>(host, &transport(host, settings), &body(&message)).await
            }
            None => Verdict::Again,
        };
        settle(&message, verdict);
    }
}

/// The queue's name tells which queue it is: `miyabi-jobs-dead-staging` is one for dead letters.
fn is_dead(batch: &JsValue) -> bool {
    js::text(batch, "queue").is_some_and(|name| contains(&name, "-dead"))
}

fn messages(batch: &JsValue) -> Vec<Message> {
    let messages = Array::from(&js::property(batch, "messages"));
    messages.iter().map(JsCast::unchecked_into).collect()
}

/// What has no JSON form reads as `null`: the verdict on it is the consumer's, as on anything else
/// that is no job.
fn body(message: &Message) -> Value {
    js::from_js(&js::property(message, "body")).unwrap_or_default()
}

fn settle(message: &Message, verdict: Verdict) {
    let settled = match verdict {
        Verdict::Done => message.ack(),
        Verdict::Again => message.retry(),
    };
    // It only fails on what is no message; there is nobody to tell.
    drop(settled);
}

#[cfg(test)]
mod tests;
