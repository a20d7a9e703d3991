//! A request is read as it arrived, and a reply has the status, headers and body that it was given.

use js_sys::{Array, Function};
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

fn evaluate(body: &str) -> JsValue {
    Function::new_no_args(body).call0(&JsValue::NULL).unwrap()
}

fn request(url: &str, init: &str) -> Inbound {
    Inbound::new(evaluate(&format!("return new Request('{url}', {init})")).unchecked_into())
}

#[wasm_bindgen_test]
fn a_url_is_a_path_and_a_query() {
    for (url, path, query) in [
        ("https://miyabi.example", "/", ""),
        ("https://miyabi.example/", "/", ""),
        ("https://miyabi.example/discord/interactions", "/discord/interactions", ""),
        ("http://127.0.0.1:8787/health?deep=1&x=/", "/health", "deep=1&x=/"),
        ("https://miyabi.example?/health", "/", "/health"),
        ("https://miyabi.example//health/", "//health/", ""),
        ("https://miyabi.example/%E9%9B%85?", "/%E9%9B%85", ""),
        ("https://miyabi.example/a?b=/c#/d?e", "/a", "b=/c"),
    ] {
        let request = request(url, "{}");
        assert_eq!((request.path(), request.query()), (path, query), "{url}");
        let origin = evaluate(&format!("return new URL('{url}').origin")).as_string();
        assert_eq!(Some(request.origin()), origin.as_deref(), "{url}");
        assert_eq!(request.method(), "GET");
    }
}

#[wasm_bindgen_test]
fn headers_are_read_by_name_and_an_empty_one_is_none() {
    let init = "{ method: 'POST', headers: {
        'X-Signature-Ed25519': 'ab', 'x-signature-timestamp': '', authorization: 'Bearer x',
    } }";
    let request = request("https://miyabi.example/", init);
    assert_eq!(request.method(), "POST");
    for (name, value) in [
        ("x-signature-ed25519", Some("ab")),
        ("x-signature-timestamp", None),
        ("content-length", None),
        ("authorization", Some("Bearer x")),
        ("cookie", None),
    ] {
        assert_eq!(request.header(name).as_deref(), value, "{name}");
    }
}

#[wasm_bindgen_test]
async fn a_body_is_read_whole_whether_its_length_was_said_or_not() {
    for length in ["{ 'content-length': '9' }", "{}"] {
        let init = format!("{{ method: 'POST', headers: {length}, body: '雅 and 1' }}");
        let read = async |limit| request("https://miyabi.example/", &init).body(limit).await;
        assert_eq!(read(9).await.unwrap(), "雅 and 1".as_bytes());
        assert_eq!(read(8).await.unwrap_err(), BodyError::TooLarge);
    }
}

#[wasm_bindgen_test]
async fn what_is_no_text_never_reads_as_what_was_sent() {
    for sent in [&[0xff][..], &[0xef, 0xbb, 0xbf, b'1'], &[0xed, 0xa0, 0x80]] {
        let init = format!(
            "{{ method: 'POST', headers: {{ 'content-length': '9' }},
            body: new Uint8Array({sent:?}) }}"
        );
        assert_ne!(request("https://miyabi.example/", &init).body(9).await.unwrap(), sent);
    }
}

#[wasm_bindgen_test]
async fn a_reply_has_its_status_its_type_its_headers_and_its_body() {
    let json = |status| Reply::text(status, "{}".into());
    let allow = |status| json(status).header("allow", "POST".to_owned());
    let kind = |kind: &str| ("content-type", kind.to_owned());
    for (reply, expected) in [
        (json(200), "200 application/json null {}"),
        (allow(405), "405 application/json POST {}"),
        (json(405), "405 application/json null {}"),
        (json(200), "200 application/json null {}"),
        (Reply { headers: vec![kind("text/plain")], ..json(200) }, "200 text/plain null {}"),
        (Reply::empty(204), "204 application/json null "),
        (Reply::empty(204).header("allow", "GET".to_owned()), "204 null GET "),
    ] {
        let read = Function::new_with_args(
            "reply",
            "const header = (name) => reply.headers.get(name);
            const head = `${reply.status} ${header('content-type')} ${header('allow')}`;
            return reply.text().then((body) => `${head} ${body}`)",
        );
        let replied = respond_at_once(&reply).unwrap();
        let read = read.apply(&JsValue::NULL, &Array::of1(&replied)).unwrap();
        let read = js::settle(read).await.unwrap();
        assert_eq!(read.as_string().as_deref(), Some(expected));
    }
}

#[wasm_bindgen_test]
fn each_cookie_of_a_reply_has_a_header_of_its_own() {
    let cookie = |value: &str| ("set-cookie", value.to_owned());
    let reply = Reply { headers: vec![cookie("a=1"), cookie("b=2")], ..Reply::empty(204) };
    let read = Function::new_with_args("reply", "return reply.headers.getSetCookie().join()");
    let replied = respond_at_once(&reply).unwrap();
    let read = read.apply(&JsValue::NULL, &Array::of1(&replied)).unwrap();
    assert_eq!(read.as_string().as_deref(), Some("a=1,b=2"));
}

#[wasm_bindgen_test]
async fn a_file_that_the_bucket_does_not_give_now_is_no_file_that_is_gone() {
    let stored = || {
        let reply = Reply::stored("uploads/1").header("x-request-id", "r1".to_owned());
        reply.header("content-type", "text/plain".to_owned())
    };
    let read = Function::new_with_args(
        "reply",
        "const header = (name) => reply.headers.get(name);
        const head = `${reply.status} ${header('content-type')} ${header('retry-after')}`;
        return reply.text().then((body) => `${head} ${JSON.parse(body).code ?? body}`)",
    );
    for (bucket, expected) in [
        ("async get() { throw new Error('down') }", "503 application/problem+json 2 unavailable"),
        ("get() { throw new Error('down') }", "503 application/problem+json 2 unavailable"),
        ("async get() { return null }", "404 application/problem+json null not_found"),
        ("async get() { return new Response('1') }", "200 text/plain null 1"),
    ] {
        let env = evaluate(&format!("return {{ miyabi_files: {{ {bucket} }} }}"));
        let host = Cloudflare::new(env.unchecked_into(), None);
        let replied = respond(&host, &stored()).await.unwrap();
        let read = read.apply(&JsValue::NULL, &Array::of1(&replied)).unwrap();
        let read = js::settle(read).await.unwrap();
        assert_eq!(read.as_string().as_deref(), Some(expected), "{bucket}");
    }
}
