//! Values cross between Rust and JavaScript unchanged, and promises of every kind are waited for.

use js_sys::Function;
use serde_json::{Value, json};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

fn evaluate(body: &str) -> JsValue {
    Function::new_no_args(body).call0(&JsValue::NULL).unwrap()
}

#[wasm_bindgen_test]
fn objects_cross_as_plain_objects_and_back() {
    let value = json!({ "a": { "b": [1, 2.5, null, true, "雅\u{1f338}"] }, "empty": {} });
    let there = to_js(&value).unwrap();
    assert!(!there.is_instance_of::<js_sys::Map>());
    assert_eq!(from_js::<Value>(&there).unwrap(), value);
}

#[wasm_bindgen_test]
fn undefined_reads_as_null_and_a_cycle_is_an_error() {
    assert_eq!(from_js::<Value>(&JsValue::UNDEFINED).unwrap(), Value::Null);
    assert!(from_js::<Value>(&evaluate("const a = {}; a.a = a; return a")).is_err());
    assert_eq!(from_js::<Value>(&evaluate("return () => 1")).unwrap(), Value::Null);
}

#[wasm_bindgen_test]
fn a_message_is_found_whatever_was_thrown() {
    assert_eq!(message(&evaluate("return new TypeError('a')")), "a");
    assert_eq!(message(&"b".into()), "b");
    assert_eq!(message(&evaluate("return { message: 'c' }")), "c");
    assert_eq!(message(&JsValue::NULL), "");
}

#[wasm_bindgen_test]
async fn settles_promises_and_what_only_behaves_like_one() {
    for body in ["return Promise.resolve(7)", "return 7", "return { then(done) { done(7) } }"] {
        assert_eq!(settle(evaluate(body)).await.unwrap().as_f64(), Some(7.0), "{body}");
    }
    assert!(settle(evaluate("return Promise.reject(1)")).await.is_err());
}

#[wasm_bindgen_test]
fn a_value_of_another_shape_is_an_error_that_does_not_quote_it() {
    let error = from_js::<Vec<u32>>(&evaluate("return { secret: 'word' }")).unwrap_err();
    assert!(error.is_instance_of::<js_sys::Error>());
    assert!(!message(&error).contains("word"), "{}", message(&error));
}

#[wasm_bindgen_test]
fn integers_are_exact_to_2_to_the_53() {
    for number in [0, -1, 9_007_199_254_740_991_i64, -9_007_199_254_740_991] {
        assert_eq!(from_js::<i64>(&to_js(&number).unwrap()).unwrap(), number);
    }
}
