//! [`RateLimits`]: the bindings for rate limits, which count per location and are never far away.

use wasm_bindgen::prelude::*;

use super::host::Cloudflare;
use super::js;
use miyabi_core::json;
use miyabi_core::ports::{Limit, RateLimits};

#[wasm_bindgen(module = "/src/platform/bridge.js")]
extern "C" {
    fn refusal(env: &JsValue, keys: &str) -> JsValue;
}

impl RateLimits for Cloudflare {
    async fn refusal(&self, asker: Option<&str>, server: Option<&str>) -> Option<Limit> {
        let keys = json::list(&[asker.into(), server.into()]);
        match js::settle(refusal(self.env(), &keys)).await.ok()?.as_string()?.as_str() {
            "miyabi_asker_limit" => Some(Limit::Asker),
            _ => Some(Limit::Server),
        }
    }
}

#[cfg(test)]
mod tests;
