//! The runtime's Ed25519 against `ed25519-dalek` on every published vector.

use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

use super::is_signed;

const VECTORS: &str = include_str!("../../../crates/channels/src/discord/verify/vectors.json");

/// A case with a key and a signature of the right length; the others never get this far.
struct Case {
    name: String,
    expect: Option<bool>,
    key: [u8; 32],
    message: Vec<u8>,
    signature: [u8; 64],
}

/// The judge.
fn by_dalek(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key)
        .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

fn cases() -> Vec<Case> {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    vectors["cases"].as_array().unwrap().iter().filter_map(case).collect()
}

fn case(case: &Value) -> Option<Case> {
    let text = |name: &str| case[name].as_str();
    let (mut key, mut signature) = ([0; 32], [0; 64]);
    hex::decode_to_slice(text("public_key")?, &mut key).ok()?;
    hex::decode_to_slice(text("signature")?, &mut signature).ok()?;
    Some(Case {
        name: text("name")?.to_owned(),
        expect: case["expect"].as_bool(),
        key,
        message: [text("timestamp")?, text("body")?].concat().into_bytes(),
        signature,
    })
}

#[wasm_bindgen_test]
async fn both_implementations_agree_on_every_vector() {
    let cases = cases();
    assert!(cases.len() >= 15, "only {} vectors have the right shape", cases.len());
    for case in cases {
        let runtime = is_signed(&case.key, &case.message, &case.signature).await;
        let dalek = by_dalek(&case.key, &case.message, &case.signature);
        assert_eq!(runtime, dalek, "{}", case.name);
        if let Some(expect) = case.expect {
            assert_eq!(runtime, expect, "{}", case.name);
        }
    }
}

#[wasm_bindgen_test]
async fn another_key_is_imported_anew() {
    let cases = cases();
    let valid = cases.iter().find(|case| case.expect == Some(true)).unwrap();
    let other = cases.iter().find(|case| case.key != valid.key).unwrap();
    for _ in 0..2 {
        assert!(is_signed(&valid.key, &valid.message, &valid.signature).await);
        assert!(!is_signed(&other.key, &valid.message, &valid.signature).await);
    }
}
