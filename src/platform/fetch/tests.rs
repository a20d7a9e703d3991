//! Requests are sent whole, and their responses are read with limits; `fetch` is a few lines of JavaScript.

use core::time::Duration;
use std::cell::RefCell;

use js_sys::{Function, Reflect};
use serde_json::json;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use miyabi_core::http::Method;

/// Has `fetch(request, init)` do this until the next call.
fn answer_with(body: &str) {
    let fetch = format!(
        "return async (request, init) => {{
            const bytes = (text) => new TextEncoder().encode(text);
            // Node ends where nothing but the signal's timer is left.
            setTimeout(() => {{}}, 200);
            {body}
        }}"
    );
    let fetch = Function::new_no_args(&fetch).call0(&JsValue::NULL).unwrap();
    Reflect::set(&js_sys::global(), &"fetch".into(), &fetch).unwrap();
}

fn request(timeout: Duration) -> Request {
    Request::new(Method::Post, "https://miyabi.example/a?b=1".to_owned(), timeout)
}

/// One test, since `fetch` is one for all.
#[wasm_bindgen_test]
async fn a_request_goes_out_as_it_is_and_its_response_comes_back() {
    answer_with(
        "const { method, url, redirect, headers } = request;
        const sent = [method, url, redirect, headers.get('content-type'), await request.text()];
        return new Response(JSON.stringify(sent), { headers: { 'retry-after': '7', 'x-other': '1' } })",
    );
    let json = request(Duration::from_secs(5)).json(&json!({ "a": "雅" }));
    let response = fetch(&json, 1000, &|_piece| {}, None).await.unwrap();
    let expected =
        r#"["POST","https://miyabi.example/a?b=1","manual","application/json","{\"a\":\"雅\"}"]"#;
    assert_eq!((response.status, response.body.as_str()), (200, expected));
    assert_eq!(response.header("retry-after"), Some("7"));
    assert_eq!(response.header("x-other"), None);

    for (status, expected) in [(200, vec!["ab", "c"]), (500, vec![])] {
        answer_with(&format!(
            "const start = (to) => {{ to.enqueue(bytes('ab')); to.enqueue(bytes('c')); to.close() }};
            return new Response(new ReadableStream({{ start }}), {{ status: {status} }})"
        ));
        let pieces = RefCell::new(Vec::new());
        let take =
            |piece: &[u8]| pieces.borrow_mut().push(String::from_utf8_lossy(piece).into_owned());
        let response = fetch(&request(Duration::from_secs(5)), 3, &take, None).await.unwrap();
        assert_eq!((response.status, response.body.as_str()), (status, "abc"));
        assert_eq!(pieces.into_inner(), expected);
    }
    answer_with("return new Response(null, { status: 204 })");
    let response = fetch(&request(Duration::from_secs(5)), 3, &|_piece| {}, None).await.unwrap();
    assert_eq!((response.status, response.body.as_str()), (204, ""));

    let never = "await new Promise((_, reject) => {
        init.signal.addEventListener('abort', () => reject(init.signal.reason));
    })";
    let endless =
        "return new Response(new ReadableStream({ start(to) { to.enqueue(bytes('abcd')) } }))";
    let silent = "return new Response(new ReadableStream({ start(to) {
        init.signal.addEventListener('abort', () => to.error(init.signal.reason));
    } }))";
    for (body, expected) in [
        (never, HttpError::Timeout),
        (silent, HttpError::Timeout),
        (endless, HttpError::TooLarge),
        ("throw new TypeError('fetch failed')", HttpError::Lost),
        ("throw 'text'", HttpError::Lost),
    ] {
        answer_with(body);
        let error =
            fetch(&request(Duration::from_millis(50)), 3, &|_piece| {}, None).await.unwrap_err();
        assert_eq!(error, expected, "{body}");
    }
    let mut broken = request(Duration::from_secs(1));
    broken.url = "no URL".to_owned();
    assert_eq!(fetch(&broken, 3, &|_piece| {}, None).await.unwrap_err(), HttpError::Lost);
}
