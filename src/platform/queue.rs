//! [`Queue`]: the producer's binding, and the messages that the runtime hands to a consumer.
//!
//! A message is JSON text, sent as text: `worker`'s typed messages turn maps into `{}`.

use serde_json::Value;
use wasm_bindgen::prelude::*;
use worker::{MessageBatch, MessageExt as _, QueueContentType, RawMessageBuilder};

use super::env::Cloudflare;
use crate::queues;
use miyabi_app::consumers::Verdict;
use miyabi_core::fault::{EngineError, Fault};
use miyabi_core::ports::Queue;

/// Name of the producer's binding.
const BINDING: &str = "miyabi_queue";

impl Queue for Cloudflare {
    async fn enqueue(&self, message: &str) -> Result<(), Fault> {
        let fault = || Fault::from(EngineError::Queue);
        let queue: worker::Queue = self.binding(BINDING).ok_or_else(fault)?;
        let message =
            RawMessageBuilder::new(message.into()).build_with_content_type(QueueContentType::Text);
        queue.send_raw(message).await.map_err(|_error| fault())
    }
}

/// Handles the messages of a batch, one after the other, and settles each as soon as its outcome is
/// known: what was acknowledged before a crash is not delivered again, everything else is.
pub async fn consume(host: &Cloudflare, batch: &MessageBatch<Value>) {
    let queue = batch.queue();
    for message in batch.raw_iter() {
        match queues::consume(host, host.config(), &queue, &body(&message.body())).await {
            Verdict::Ack => message.ack(),
            // After the `retry_delay` of the consumer in `wrangler.toml`.
            Verdict::Retry => message.retry(),
        }
    }
}

/// What is no JSON text reads as `null`: the verdict on it is the consumer's, as on anything else that
/// is no job.
fn body(body: &JsValue) -> Value {
    body.as_string().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
