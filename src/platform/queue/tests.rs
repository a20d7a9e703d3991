//! Is a message sent as JSON, and each one of a batch settled by itself?

use js_sys::Function;
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{Verdict, body, handle, is_dead, messages, settle};
use crate::platform::host::Cloudflare;
use crate::platform::js;
use miyabi_core::ports::Queue;

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

#[wasm_bindgen_test]
async fn sends_a_plain_object_as_json() {
    let env = evaluate(
        "const sent = [];
        return { sent, miyabi_queue: { async send(...all) { sent.push(all) } } }",
    );
    let message = json!({ "id": "1", "question": "何時?", "nested": [{ "a": null }] });
    Cloudflare::new(env.clone(), None).enqueue(&message.to_string()).await.unwrap();
    let sent = js::from_js(&js::property(&env, "sent")).unwrap();
    assert_eq!(sent, json!([[message, { "contentType": "json" }]]));
}

#[wasm_bindgen_test]
async fn a_queue_that_does_not_take_it_is_a_fault() {
    for binding in ["undefined", "{ send() { throw 1 } }", "{ async send() { throw 1 } }"] {
        let host =
            Cloudflare::new(evaluate(&format!("return {{ miyabi_queue: {binding} }}")), None);
        assert!(host.enqueue("{}").await.is_err(), "{binding}");
    }
}

#[wasm_bindgen_test]
fn the_name_tells_a_queue_of_dead_letters() {
    for (name, expected) in [
        ("miyabi-jobs", false),
        ("miyabi-jobs-production", false),
        ("miyabi-jobs-dead", true),
        ("miyabi-jobs-dead-staging", true),
    ] {
        assert_eq!(
            is_dead(&evaluate(&format!("return {{ queue: '{name}' }}"))),
            expected,
            "{name}"
        );
    }
    assert!(!is_dead(&JsValue::UNDEFINED));
}

#[wasm_bindgen_test]
fn bodies_are_read_and_messages_settled_one_by_one() {
    let batch = batch("[{ id: '1' }, undefined, 'text', 1n]");
    let all = messages(&batch);
    let bodies: Vec<Value> = all.iter().map(body).collect();
    assert_eq!(bodies, [json!({ "id": "1" }), Value::Null, json!("text"), Value::Null]);
    settle(&all[0], Verdict::Done);
    settle(&all[2], Verdict::Again);
    assert_eq!(became(&batch), json!(["done", null, "again", null]));
    // What is no message harms nobody.
    settle(&JsValue::from("nothing").unchecked_into(), Verdict::Done);
    assert!(messages(&evaluate("return { messages: [] }")).is_empty());
}

#[wasm_bindgen_test]
async fn without_settings_everything_is_delivered_again() {
    let batch = batch("[{ id: '1' }, null]");
    handle(&Cloudflare::new(evaluate("return {}"), None), None, &batch).await;
    assert_eq!(became(&batch), json!(["again", "again"]));
}
