//! [`Cache`]: a KV namespace. Keys are hashed by the runtime, so that no question is stored as one.

use wasm_bindgen::prelude::*;

use super::host::Cloudflare;
use super::js;
use miyabi_core::ports::Cache;

#[wasm_bindgen(module = "/src/platform/bridge.js")]
extern "C" {
    fn recall(namespace: &JsValue, key: &str) -> JsValue;
    fn remember(namespace: &JsValue, key: &str, value: &str, seconds: u32) -> JsValue;
}

/// Name of the namespace's binding.
const BINDING: &str = "miyabi_cache";

impl Cache for Cloudflare {
    async fn recall(&self, key: &str) -> Option<String> {
        js::settle(recall(&self.binding(BINDING), key)).await.ok()?.as_string()
    }

    async fn remember(&self, key: &str, value: &str, seconds: u32) {
        // An answer that is not saved is found again by asking the model.
        drop(js::settle(remember(&self.binding(BINDING), key, value, seconds)).await);
    }
}

#[cfg(test)]
mod tests;
