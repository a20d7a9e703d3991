//! Whether the binding is called as the platform wants, and its refusals are told apart.

use js_sys::Function;
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{Workflow, is_existing, is_missing};
use crate::cloudflare::host::Cloudflare;
use crate::cloudflare::js;
use crate::host::{InstanceState, Started, Workflows};

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

#[wasm_bindgen_test]
fn only_the_engines_own_word_means_missing() {
    for (error, expected) in [
        ("(instance.not_found) Provided id does not exist", true),
        ("instance.not_found", true),
        ("Instance does not exist", false),
        ("Network connection lost.", false),
        ("", false),
    ] {
        assert_eq!(is_missing(&js_sys::Error::new(error).into()), expected, "{error}");
    }
}

/// A host whose only instance `1` has this status.
fn host(status: &str) -> Cloudflare {
    let body = format!(
        r#"
        return {{ miyabi_workflow: {{
            async create({{ id }}) {{
                if (id === "1") throw new Error("(instance.already_exists) Instance already exists");
                if (id === "bad") throw new Error("(instance.invalid_id) Invalid id");
                return {{ id }};
            }},
            async get(id) {{
                if (id === "gone") throw new Error("Network connection lost.");
                if (id !== "1") throw new Error("(instance.not_found) Instance does not exist");
                return {{ status: async () => ({status}) }};
            }},
        }} }}
        "#
    );
    Cloudflare::new(Function::new_no_args(&body).call0(&JsValue::NULL).unwrap(), None)
}

#[wasm_bindgen_test]
async fn every_status_means_something_for_the_job() {
    for (statuses, expected) in [
        (&["complete", "errored", "terminated"][..], InstanceState::Ended),
        (&["queued", "running", "waiting", "waitingForPause"], InstanceState::Alive),
        (&["paused", "rollingBack", "unknown", "of the year 2030"], InstanceState::Alive),
    ] {
        for status in statuses {
            let host = host(&format!("{{ status: \"{status}\" }}"));
            assert_eq!(host.state("1").await.unwrap(), expected, "{status}");
        }
    }
    assert_eq!(host("{}").state("1").await.unwrap(), InstanceState::Alive);
}

#[wasm_bindgen_test]
async fn a_missing_instance_is_told_from_an_engine_that_does_not_answer() {
    let host = host("{}");
    assert_eq!(host.state("2").await.unwrap(), InstanceState::Missing);
    assert!(host.state("gone").await.is_err());
    let unbound = Cloudflare::new(js_sys::Object::new().into(), None);
    assert!(unbound.state("1").await.is_err());
    assert!(unbound.start("1", &json!({})).await.is_err());
}

#[wasm_bindgen_test]
async fn a_start_says_whether_it_started_something() {
    let host = host("{}");
    assert_eq!(host.start("1_2", &json!({})).await.unwrap(), Started::New);
    assert_eq!(host.start("1", &json!({})).await.unwrap(), Started::Already);
    assert!(host.start("bad", &json!({})).await.is_err());
}
