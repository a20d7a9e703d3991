//! [`Signatures`]: Ed25519 by the runtime, with the key imported once per isolate.
//!
//! With the feature `ed25519-in-wasm` the arithmetic runs in wasm instead, for the comparison that
//! decided against it (`docs/decisions/0002`). Both are tested against each other on the vectors.

use super::host::Cloudflare;
use crate::host::Signatures;

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

    use js_sys::{Array, Uint8Array};
    use wasm_bindgen::prelude::*;

    use crate::cloudflare::js;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = importKey, catch)]
        fn import_key(
            format: &str,
            key: &Uint8Array,
            algorithm: &str,
            is_extractable: bool,
            usages: &Array,
        ) -> Result<JsValue, JsValue>;

        // Both slices are views of wasm memory; the runtime copies them before it returns.
        #[wasm_bindgen(js_namespace = ["crypto", "subtle"], catch)]
        fn verify(
            algorithm: &JsValue,
            key: &JsValue,
            signature: &[u8],
            message: &[u8],
        ) -> Result<JsValue, JsValue>;
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
        let is_signed =
            js::settle(verify(&js::constant("Ed25519"), &key, signature, message)?).await?;
        Ok(is_signed.is_truthy())
    }

    async fn imported(key: &[u8; 32]) -> Result<JsValue, JsValue> {
        let known = IMPORTED.with_borrow(|known| {
            known.as_ref().filter(|(raw, _)| raw == key).map(|(_, imported)| imported.clone())
        });
        if let Some(imported) = known {
            return Ok(imported);
        }
        let usages = Array::of1(&JsValue::from_str("verify"));
        let raw = Uint8Array::from(key.as_slice());
        let imported = js::settle(import_key("raw", &raw, "Ed25519", false, &usages)?).await?;
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
