//! The runtime's Ed25519 against `ed25519-dalek` on every published vector.

use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{check_rsa, is_signed};
use miyabi_core::ports::RsaKey;

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

#[wasm_bindgen_test]
async fn a_signature_by_rsa_is_its_keys_and_its_messages_alone() {
    let modulus = [
        "tIm_W6Co7oUjjIOs9Yf_E9mcdIA1Pjb7AnOt4E1QCVu93jJBs0nIRLjkzO_0x51sZ3MNTDq8WL2TM6_lf4OVYyP-",
        "r4b8ej-YpStTu0_Lt9kpPjg4_qBbsVC5Lu89UVPY1HXhpxLQnjUSV4fraVNUhzjdltuEOmSMgBMqrM54pt2Q16x41b",
        "UDtMYfDucW2toaYmVYBMdLX0VG58bJIB1aTBddeIVRoQlXs0RQ6TUoo0yjGxWi8rd5VV47ZAR8NfINZAAN0maXIf59",
        "_g7nQYim04YGZE15hmsukrhBMrBc5wJLXnOYMrNseYfasBU1RtpJt1uwQMvzAVTbGAG8-_B-qw",
    ];
    let signature = [
        "52b923e0b655e0bd54aaa3e629ddfab646bbe14e67718effe69d4af0e3621412f41d295709f2eceb2f22a8704d",
        "5e256b42b9371728c06c38817ac1034918fb7316f98de29fa57a8ca6d3cfcbffa73db1a9da047b65a19c323c37",
        "e684413a765a1114355b722bed803129bd14854363d1199c20ae76347a731711b276b23afa29b0b595cb47e0c8",
        "01c141fabaff1eeab160357fd4c21f5ef6e9ee6da696988d5eaef1d65def14cdf5593f6c4fe5e7c1e2345dfdeb",
        "b9f70de70a25993426f158f391d2a716848e0534ffac0d93b107c0c655496fb48bc3a2f79d726a0247aff46e25",
        "9c74623e5dca03e0a5c2b8936997decd261a5a2cf474ad0238b3d07d38416e",
    ];
    let key = |n: String, e: &str| RsaKey { n, e: e.to_owned() };
    let good = key(modulus.concat(), "AQAB");
    let signature = hex::decode(signature.concat()).unwrap();
    let is_signed = async |key: &RsaKey, message: &[u8], signature: &[u8]| {
        check_rsa(key, message, signature).await.is_ok_and(|verdict| verdict.is_truthy())
    };
    assert!(is_signed(&good, b"signed by RSA", &signature).await);
    assert!(!is_signed(&good, b"signed by RSa", &signature).await);
    assert!(!is_signed(&good, b"signed by RSA", &signature[1..]).await);
    assert!(!is_signed(&good, b"signed by RSA", &[]).await);
    for wrong in [
        key(modulus.concat(), "AQ"),
        key(modulus.concat().replacen('A', "B", 1), "AQAB"),
        key("\",\"d\":\"".to_owned(), "AQAB"),
        key(String::new(), ""),
    ] {
        assert!(!is_signed(&wrong, b"signed by RSA", &signature).await, "{wrong:?}");
    }
}
