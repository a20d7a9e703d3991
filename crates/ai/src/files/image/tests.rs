//! Which models see, and Base64.

use serde_json::Value;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::*;

#[test]
fn what_sees_is_what_the_data_file_says() {
    let prices: Value =
        serde_json::from_str(include_str!("../../../data/model_prices.json")).unwrap();
    for id in include_str!("../../../data/priced_models.txt").lines() {
        // Of Workers AI's models the file does not say it.
        if id.starts_with("@cf/") || id.starts_with("deepseek/") {
            continue;
        }
        let name = match id.split_once('/').unwrap() {
            ("openai" | "anthropic", name) => name,
            _ => id,
        };
        let expected = prices[name]["supports_vision"] == true;
        assert_eq!(sees(id), expected, "{id}");
    }
    assert!(sees("@cf/meta/llama-4-scout-17b-16e-instruct"));
    assert!(!sees("@cf/meta/llama-3.3-70b-instruct-fp8-fast") && !sees("ollama/llama"));
}

#[test]
fn bytes_are_written_in_base64() {
    for (bytes, text) in [
        (b"".as_slice(), ""),
        (b"f", "Zg=="),
        (b"fo", "Zm8="),
        (b"foo", "Zm9v"),
        (b"foob", "Zm9vYg=="),
        (&[0xff, 0xfe, 0xfd, 0xfb], "//79+w=="),
    ] {
        assert_eq!(BASE64_STANDARD.encode(bytes), text);
    }
}
