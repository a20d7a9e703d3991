//! The code of every error text, and the class of every code.

use serde_json::Value;

use super::*;

const SAMPLES: &str = include_str!("../samples.json");

const ERROR_CODES: &str = include_str!("../error_codes.json");

#[test]
fn reads_the_code_of_every_error_text() {
    let samples: Value = serde_json::from_str(SAMPLES).unwrap();
    let texts = samples["binding_errors"].as_array().unwrap();
    let codes: Vec<u32> = texts.iter().map(|text| error_code(text.as_str().unwrap())).collect();
    assert_eq!(codes, [3040, 3036, 5007, 5006, 3021]);
    for (message, code) in [
        ("10000: Authentication error", 10_000),
        ("you have used up your daily free allocation of 10,000 neurons", 3036),
        ("Error: 429: 3040 : Capacity", 3040),
        ("4 of 10,000 neurons used up", 3036),
        ("you reached the limit of free neurons", 3036),
        ("9123: something new", 9123),
        ("Bad input: my daily routine", 0),
        ("Bad input: how do neurons learn", 0),
        ("Bad input: 'is there a limit of neurons?'", 0),
        ("Bad input\nwhat is my daily free allocation of neurons", 0),
        ("line 12: 5007", 0),
        ("Bad input: 3036: what is that?", 0),
        ("Bad input 3036: what is that?", 0),
        ("what does 3036: mean", 0),
        ("Invalid prompt: you have used up your daily free allocation of 10,000 neurons", 0),
        ("5006: Error: oneOf at '/' not met, `3036: x`", 5006),
        ("5006: Error: 3036: you have used up", 5006),
        ("AiError: 400: invalid: 3036: x", 400),
        ("AiError: you have used up your daily free allocation of 10,000 neurons", 3036),
        ("v3040: x", 0),
        (
            "5021: The estimated number of input and maximum output tokens (8810) exceeded this model \
          context window limit (8192)",
            5021,
        ),
        (
            "InferenceUpstreamError: 3010: AiError: The estimated number of input and maximum output \
          tokens (35000) exceeded this model context window limit (24000)",
            5021,
        ),
        (
            "413: Requested token count exceeds the model's maximum context length of 256000 tokens. \
          You requested a total of 256878 tokens",
            5021,
        ),
        ("5006: The estimated number of input and maximum output tokens", 5006),
        ("3010: what is the estimated number of input and maximum output tokens", 3010),
        ("123456: x", 0),
        ("network connection lost", 0),
        ("", 0),
    ] {
        assert_eq!(error_code(message), code, "{message}");
    }
}

#[test]
fn a_prompt_that_does_not_fit_is_too_long_whatever_its_code() {
    let message = "AiError: The estimated number of input and maximum output tokens (35000) exceeded \
                   this model context window limit (24000)";
    for error in [
        serde_json::json!({ "errors": [{ "code": 3010, "message": message }] }),
        serde_json::json!({ "error": { "code": 5021, "message": message } }),
        serde_json::json!({ "error": message }),
    ] {
        let failure = read_error(&error).unwrap();
        assert_eq!((failure.class, failure.code), (Class::TooLong, 5021), "{error}");
    }
}

#[test]
fn knows_every_code_of_the_table() {
    let table: Value = serde_json::from_str(ERROR_CODES).unwrap();
    for code in table["codes"].as_object().unwrap().keys() {
        let message = format!("429: {code}: no");
        assert_eq!(error_code(&message).to_string(), *code);
    }
}
