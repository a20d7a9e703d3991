//! [`Signatures`]: Ed25519 by the runtime's `SubtleCrypto`, for which `worker` has no type.
//!
//! It is faster than one in wasm (docs/decisions/0002-where-ed25519-runs.md). The key is imported once per
//! isolate. Tests compare it with `ed25519-dalek`. RS256 goes the same way, with a key that each check imports.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;
use web_sys::{Crypto, CryptoKey, SubtleCrypto};

use super::env::Cloudflare;
use crate::workflow::js;
use miyabi_core::ports::{RsaKey, Signatures};
use serde_json::json;

const ALGORITHM: &str = "Ed25519";

thread_local! {
    /// The imported key, a pure function of the raw one beside it.
    static IMPORTED: RefCell<Option<([u8; 32], CryptoKey)>> = const { RefCell::new(None) };
}

impl Signatures for Cloudflare {
    async fn is_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let Some(key) = self.config().public_key else {
            return false;
        };
        is_signed(&key, message, signature).await
    }

    async fn is_signed_by_rsa(&self, key: &RsaKey, message: &[u8], signature: &[u8]) -> bool {
        check_rsa(key, message, signature).await.is_ok_and(|verdict| verdict.is_truthy())
    }
}

const RSA: &str = "RSASSA-PKCS1-v1_5";

async fn check_rsa(key: &RsaKey, message: &[u8], signature: &[u8]) -> Result<JsValue, JsValue> {
    let RsaKey { n, e } = key;
    // What stands in the key is text of a JSON string already, and the hash is ours.
    let data =
        js_sys::JSON::parse(&json!({ "kty": "RSA", "alg": "RS256", "n": n, "e": e }).to_string())?;
    let algorithm = js_sys::JSON::parse(&json!({ "name": RSA, "hash": "SHA-256" }).to_string())?;
    let usages = js_sys::Array::of1(&"verify".into());
    let (data, algorithm) = (data.unchecked_into(), algorithm.unchecked_into());
    let imported = subtle()?.import_key_with_object("jwk", &data, &algorithm, false, &usages)?;
    let key: CryptoKey = js::settle(imported.into()).await?.unchecked_into();
    let verdict =
        subtle()?.verify_with_str_and_u8_array_and_u8_array(RSA, &key, signature, message)?;
    js::settle(verdict.into()).await
}

/// Returns whether a signature is right; a key that the runtime does not take has signed nothing.
async fn is_signed(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    check(key, message, signature).await.is_ok_and(|verdict| verdict.is_truthy())
}

async fn check(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<JsValue, JsValue> {
    let key = imported(key).await?;
    // The runtime copies both slices, which are views of wasm's memory, before it returns.
    let verdict =
        subtle()?.verify_with_str_and_u8_array_and_u8_array(ALGORITHM, &key, signature, message)?;
    js::settle(verdict.into()).await
}

async fn imported(raw: &[u8; 32]) -> Result<CryptoKey, JsValue> {
    let known = IMPORTED.with_borrow(|known| {
        known.as_ref().filter(|(known, _)| known == raw).map(|(_, imported)| imported.clone())
    });
    if let Some(imported) = known {
        return Ok(imported);
    }
    let data = js_sys::Uint8Array::from(raw.as_slice());
    let usages = js_sys::Array::of1(&"verify".into());
    let imported = subtle()?.import_key_with_str("raw", &data, ALGORITHM, false, &usages)?;
    let imported: CryptoKey = js::settle(imported.into()).await?.unchecked_into();
    IMPORTED.set(Some((*raw, imported.clone())));
    Ok(imported)
}

/// Returns the runtime's `crypto.subtle`.
///
/// # Errors
/// When the runtime has none.
pub(super) fn subtle() -> Result<SubtleCrypto, JsValue> {
    Ok(crypto()?.subtle())
}

/// Returns the runtime's `crypto`.
///
/// # Errors
/// When the runtime has none.
pub(super) fn crypto() -> Result<Crypto, JsValue> {
    let global: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    global.crypto()
}

#[cfg(test)]
mod tests;
