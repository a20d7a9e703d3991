//! Bindings are found, and the request stays open for work in `wait_until`.

use js_sys::{Array, Function};
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::workflow::js;

fn evaluate(body: &str) -> JsValue {
    Function::new_no_args(body).call0(&JsValue::NULL).unwrap()
}

fn env(object: &str) -> Env {
    evaluate(&format!("return {object}")).unchecked_into()
}

#[wasm_bindgen_test]
fn a_binding_is_an_object_of_any_class() {
    let host = Cloudflare::new(env("{ a: { of: 'any class' }, b: 'text', c: null }"), None);
    let binding = host.binding::<JsValue>("a").unwrap();
    assert_eq!(js::text(&binding, "of").as_deref(), Some("any class"));
    for name in ["b", "c", "d"] {
        assert!(host.binding::<JsValue>(name).is_none(), "{name}");
    }
}

#[wasm_bindgen_test]
async fn work_beside_a_reply_holds_the_request_open_and_runs_also_where_nothing_is_held() {
    let holding = evaluate(
        "const held = [];
        return { held, waitUntil(promise) { held.push(promise.then(() => 'done')) } }",
    );
    let throwing = evaluate("return { waitUntil() { throw new Error('over') } }");
    for context in [Some(holding.clone()), Some(throwing), None] {
        let context = context.map(|context| Context::new(context.unchecked_into()));
        let (end, may_end) = futures::channel::oneshot::channel::<()>();
        let host = Cloudflare::new(env("{}"), context);
        let (sender, receiver) = futures::channel::oneshot::channel();
        host.wait_until(async move {
            may_end.await.unwrap();
            sender.send(()).unwrap();
        });
        end.send(()).unwrap();
        receiver.await.unwrap();
    }
    let held = Array::from(&js::property(&holding, "held"));
    assert_eq!(held.length(), 1);
    assert_eq!(js::settle(held.get(0)).await.unwrap().as_string().as_deref(), Some("done"));
}
