//! [`Limits`]: the bindings for rate limits, which count per location and are never far away.

use wasm_bindgen::prelude::*;

use super::host::Cloudflare;
use super::js;
use crate::host::{Limit, Limits};

#[wasm_bindgen]
extern "C" {
    /// A rate limit's binding.
    type RateLimit;
    #[wasm_bindgen(method, catch)]
    fn limit(this: &RateLimit, options: JsValue) -> Result<JsValue, JsValue>;
}

impl Limits for Cloudflare {
    async fn allows(&self, limit: Limit, key: &str) -> bool {
        let name = match limit {
            Limit::Asker => "miyabi_asker_limit",
            Limit::Server => "miyabi_server_limit",
        };
        // A brake that is broken, or not there (a call on `undefined` throws), stops nobody.
        !is_refused(&self.binding(name).unchecked_into(), key).await.unwrap_or(false)
    }
}

async fn is_refused(binding: &RateLimit, key: &str) -> Result<bool, JsValue> {
    let options = js::record(&[("key", key.into())]);
    let outcome = js::settle(binding.limit(options)?).await?;
    Ok(js::property(&outcome, "success").as_bool() == Some(false))
}

#[cfg(test)]
mod tests;
