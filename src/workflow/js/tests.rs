//! Values cross unchanged, and streams and promises of every kind are read.

use std::cell::RefCell;

use js_sys::Function;
use serde_json::{Value, json};
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

fn stream(body: &str) -> ReadableStream {
    let start = format!(
        "const bytes = (text) => new TextEncoder().encode(text);
         return new ReadableStream({{ start(controller) {{ {body} }} }})"
    );
    evaluate(&start).unchecked_into()
}

#[wasm_bindgen_test]
async fn reads_a_stream_to_its_end() {
    let chunks =
        "controller.enqueue(bytes('ab')); controller.enqueue(bytes('c')); controller.close()";
    let pieces = RefCell::new(Vec::new());
    let take = |piece: &[u8]| pieces.borrow_mut().push(piece.to_vec());
    assert_eq!(read_stream(Some(stream(chunks)), 3, &take).await.unwrap(), b"abc");
    assert_eq!(pieces.into_inner(), [b"ab".to_vec(), b"c".to_vec()]);
    assert_eq!(read_stream(None, 3, &|_piece| {}).await.unwrap(), b"");
}

#[wasm_bindgen_test]
async fn stops_reading_above_the_limit_also_without_an_end() {
    let endless = "controller.enqueue(bytes('abcd'))";
    let error = read_stream(Some(stream(endless)), 3, &|_piece| {}).await.unwrap_err();
    assert!(matches!(error, StreamError::TooLarge));
}

#[wasm_bindgen_test]
async fn a_stream_that_breaks_says_so() {
    let broken = "controller.error(new Error('gone'))";
    let error = read_stream(Some(stream(broken)), 3, &|_piece| {}).await.unwrap_err();
    assert!(matches!(error, StreamError::Broken(_)));
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
