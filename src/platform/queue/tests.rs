//! A message is sent as text, and each one of a batch is settled by itself.

use js_sys::Function;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::workflow::js;

fn evaluate(body: &str) -> JsValue {
    Function::new_no_args(body).call0(&JsValue::NULL).unwrap()
}

/// A batch of `miyabi-jobs` whose messages have these bodies and note what becomes of them.
fn batch(bodies: &str) -> JsValue {
    evaluate(&format!(
        "const message = (body) => ({{
            body, became: null, ack() {{ this.became = 'done' }}, retry() {{ this.became = 'again' }},
        }});
        return {{ queue: 'miyabi-jobs', messages: {bodies}.map(message) }}"
    ))
}

fn became(batch: &JsValue) -> Value {
    let read = Function::new_with_args("batch", "return batch.messages.map((one) => one.became)");
    js::from_js(&read.call1(&JsValue::NULL, batch).unwrap()).unwrap()
}

fn host(env: &str) -> (Cloudflare, JsValue) {
    let env = evaluate(env);
    (Cloudflare::new(env.clone().unchecked_into(), None), env)
}

#[wasm_bindgen_test]
async fn sends_the_text_as_text() {
    let (host, env) = host(
        "const sent = [];
        return { sent, miyabi_queue: { async send(...all) { sent.push(all) } } }",
    );
    let message = json!({ "id": "1", "question": "何時?", "nested": [{ "a": null }] }).to_string();
    host.enqueue(&message).await.unwrap();
    let sent: Value = js::from_js(&js::property(&env, "sent")).unwrap();
    assert_eq!(sent[0][0], Value::String(message.clone()));
    assert_eq!(sent[0][1]["contentType"], "text");
    assert_eq!(body(&message.into())["nested"], json!([{ "a": null }]));
}

#[wasm_bindgen_test]
async fn a_queue_that_does_not_take_it_is_a_fault() {
    for binding in ["undefined", "{ send() { throw 1 } }", "{ async send() { throw 1 } }"] {
        let (host, _) = host(&format!("return {{ miyabi_queue: {binding} }}"));
        assert!(host.enqueue("{}").await.is_err(), "{binding}");
    }
}

#[wasm_bindgen_test]
fn what_is_no_json_text_reads_as_null() {
    for value in ["undefined", "{ id: '1' }", "1n", "'no JSON'", "'{'"] {
        assert_eq!(body(&evaluate(&format!("return {value}"))), Value::Null, "{value}");
    }
}

#[wasm_bindgen_test]
async fn messages_are_settled_one_by_one() {
    let (host, _) = host("return {}");
    let all = batch("['{}', undefined]");
    consume(
        &host,
        &MessageBatch::from(all.clone().unchecked_into::<worker::worker_sys::MessageBatch>()),
    )
    .await;
    // Without settings everything is delivered again.
    assert_eq!(became(&all), json!(["again", "again"]));
}
