//! [`Cache`]: a KV namespace. Keys are hashed by the runtime, so that no question is stored as one.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::host::Cloudflare;
use super::js;
use crate::host::Cache;
use crate::json::object;
use crate::text::hex;

#[wasm_bindgen]
extern "C" {
    /// A KV namespace's binding.
    type Namespace;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Namespace, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &Namespace, key: &str, value: &str, options: JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], catch)]
    fn digest(algorithm: &str, data: &[u8]) -> Result<JsValue, JsValue>;
}

impl Cache for Cloudflare {
    async fn recall(&self, key: &str) -> Option<String> {
        recall(&self.binding("miyabi_cache").unchecked_into(), key).await.ok()?.as_string()
    }

    async fn remember(&self, key: &str, value: &str, seconds: u32) {
        // An answer that is not saved is found again by asking the model.
        drop(remember(&self.binding("miyabi_cache").unchecked_into(), key, value, seconds).await);
    }
}

async fn recall(namespace: &Namespace, key: &str) -> Result<JsValue, JsValue> {
    js::settle(namespace.get(&hashed(key).await?)?).await
}

async fn remember(
    namespace: &Namespace,
    key: &str,
    value: &str,
    seconds: u32,
) -> Result<(), JsValue> {
    let options = js::to_js(&object([("expirationTtl", seconds.into())]))?;
    js::settle(namespace.put(&hashed(key).await?, value, options)?).await.map(drop)
}

/// SHA-256 in hex: KV takes keys of up to 512 bytes, and a question is longer.
async fn hashed(key: &str) -> Result<String, JsValue> {
    let digest = js::settle(digest("SHA-256", key.as_bytes())?).await?;
    Ok(hex::encode(&Uint8Array::new(&digest).to_vec()))
}

#[cfg(test)]
mod tests;
