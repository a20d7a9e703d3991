//! Streams end, break, or are too long.

use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::cell::RefCell;

use js_sys::Function;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

fn evaluate(body: &str) -> JsValue {
    Function::new_no_args(body).call0(&JsValue::NULL).unwrap()
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
async fn a_stream_that_nobody_waits_for_any_more_is_closed() {
    let open = evaluate(
        "return new ReadableStream({
            start(controller) { controller.enqueue(new Uint8Array([97])) },
            cancel() { globalThis.wasCancelled = true },
        })",
    );
    {
        let mut reading = pin!(read_stream(Some(open.unchecked_into()), 3, &|_piece| {}));
        let poll = reading.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(poll, Poll::Pending));
    }
    assert!(evaluate("return globalThis.wasCancelled === true").is_truthy());
}
