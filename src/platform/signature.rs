//! [`Signatures`]: Ed25519 by the runtime, with the key imported once per isolate.
//!
//! With the feature `ed25519-in-wasm` the arithmetic runs in wasm instead, for the comparison that
//! decided against it (`docs/decisions/0002`). Both are tested against each other on the vectors.

use super::host::Cloudflare;
use miyabi_core::ports::Signatures;

impl Signatures for Cloudflare {
    async fn is_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let Some(key) = self.config().public_key else {
            return false;
        };
        #[cfg(not(feature = "ed25519-in-wasm"))]
        {
            by_runtime::is_signed(&key, message, signature).await
        }
        #[cfg(feature = "ed25519-in-wasm")]
        {
            in_wasm::is_signed(&key, message, signature)
        }
    }
}

#[cfg(any(test, not(feature = "ed25519-in-wasm")))]
mod by_runtime {
    use std::cell::RefCell;

    use wasm_bindgen::prelude::*;

    use crate::platform::js;

    // All slices are views of wasm memory; the runtime copies them before it returns.
    #[wasm_bindgen(module = "/src/platform/bridge.js")]
    extern "C" {
        #[wasm_bindgen(js_name = importKey)]
        fn import_key(raw: &[u8]) -> JsValue;
        #[wasm_bindgen(js_name = isSigned)]
        fn is_signed_by(key: &JsValue, signature: &[u8], message: &[u8]) -> JsValue;
    }

    thread_local! {
        /// The imported key: a pure function of the raw one, and half the cost of a check.
        static IMPORTED: RefCell<Option<([u8; 32], JsValue)>> = const { RefCell::new(None) };
    }

    pub(super) async fn is_signed(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        check(key, message, signature).await.unwrap_or(false)
    }

    async fn check(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<bool, JsValue> {
        let key = imported(key).await?;
        Ok(js::settle(is_signed_by(&key, signature, message)).await?.is_truthy())
    }

    async fn imported(key: &[u8; 32]) -> Result<JsValue, JsValue> {
        let known = IMPORTED.with_borrow(|known| {
            known.as_ref().filter(|(raw, _)| raw == key).map(|(_, imported)| imported.clone())
        });
        if let Some(imported) = known {
            return Ok(imported);
        }
        let imported = js::settle(import_key(key)).await?;
        IMPORTED.set(Some((*key, imported.clone())));
        Ok(imported)
    }
}

#[cfg(any(test, feature = "ed25519-in-wasm"))]
mod in_wasm {
    use ed25519_dalek::{Signature, VerifyingKey};

    pub(super) fn is_signed(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(key) else {
            return false;
        };
        key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

#[cfg(test)]
mod tests;
