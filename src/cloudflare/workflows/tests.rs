//! Whether the binding is called as the platform wants, and its refusals are told apart.

use js_sys::Function;
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{Workflow, is_existing};
use crate::cloudflare::js;

/// A binding that remembers its instances, and refuses a second one with the same id.
fn binding() -> Workflow {
    let make = Function::new_no_args(
        r#"
        const known = new Map();
        return {
            known,
            async create({ id, params }) {
                if (known.has(id)) throw new Error("(instance.already_exists) Instance already exists");
                known.set(id, params);
                return { id, status: async () => ({ status: "queued" }) };
            },
            async get(id) {
                if (!known.has(id)) throw new Error("(instance.not_found) Provided id does not exist");
                return { id, status: async () => ({ status: "running" }) };
            },
        };
        "#,
    );
    make.call0(&JsValue::NULL).unwrap().unchecked_into()
}

#[wasm_bindgen_test]
async fn creates_an_instance_with_plain_parameters() {
    let binding = binding();
    let params = json!({ "question": "何時?", "nested": { "list": [1, null, "x"] } });
    let instance = binding.create("1", &params).await.unwrap();
    assert_eq!(instance.status().await.unwrap(), "queued");
    let known = js::property(&binding, "known").unchecked_into::<js_sys::Map>();
    let stored: serde_json::Value = js::from_js(&known.get(&"1".into())).unwrap();
    assert_eq!(stored, params);
}

#[wasm_bindgen_test]
async fn tells_an_existing_instance_from_other_errors() {
    let binding = binding();
    binding.create("1", &json!({})).await.unwrap();
    let error = binding.create("1", &json!({})).await.unwrap_err();
    assert!(is_existing(&error));
    assert!(!is_existing(&binding.get("2").await.unwrap_err()));
    assert!(is_existing(&"Instance already exists".into()));
    assert!(!is_existing(&JsValue::UNDEFINED));
}

#[wasm_bindgen_test]
async fn finds_an_instance_and_its_state() {
    let binding = binding();
    binding.create("1", &json!({})).await.unwrap();
    assert_eq!(binding.get("1").await.unwrap().status().await.unwrap(), "running");
}
