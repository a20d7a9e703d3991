//! [`Cache`] over a KV namespace. Keys are hashed, since KV takes at most 512 bytes, and so that no
//! question is stored as a key.

use wasm_bindgen::prelude::*;
use worker::{KvError, KvStore};

use super::env::Cloudflare;
use super::signature::subtle;
use crate::workflow::js;
use miyabi_core::ports::Cache;

/// Name of the namespace's binding.
const BINDING: &str = "miyabi_cache";

impl Cache for Cloudflare {
    async fn recall(&self, key: &str) -> Option<String> {
        let namespace = self.namespace().ok()?;
        namespace.get(&hashed(key).await.ok()?).text().await.ok()?
    }

    async fn remember(&self, key: &str, value: &str, seconds: u32) {
        let put = async {
            // `put` would bring the printing of floats, for values that are no text.
            let put = self.namespace()?.put_bytes(&hashed(key).await?, value.as_bytes())?;
            put.expiration_ttl(seconds.into()).execute().await
        };
        // An answer that is not saved is found again by asking the model.
        drop(put.await);
    }
}

impl Cloudflare {
    fn namespace(&self) -> Result<KvStore, KvError> {
        KvStore::from_this(self.env(), BINDING)
    }
}

/// Returns the SHA-256 of a key, in hex.
async fn hashed(key: &str) -> Result<String, JsValue> {
    let digest = subtle()?.digest_with_str_and_u8_array("SHA-256", key.as_bytes())?;
    let digest = js::settle(digest.into()).await?;
    Ok(hex::encode(js_sys::Uint8Array::new(&digest).to_vec()))
}

#[cfg(test)]
mod tests;
