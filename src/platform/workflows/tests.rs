//! Whether the binding is called as the platform wants, and its refusals are told apart.

use js_sys::Function;
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{BINDING, is_existing, is_missing};
use crate::platform::host::Cloudflare;
use crate::platform::js;
use miyabi_core::ports::{InstanceState, Workflows};

/// A host whose binding remembers its instances, and the binding.
fn remembering() -> (Cloudflare, JsValue) {
    let make = Function::new_no_args(
        r#"
        const known = new Map();
        return {
            known,
            async create({ id, params }) {
                if (known.has(id)) throw new Error("(instance.already_exists) Instance already exists");
                known.set(id, params);
                return { id };
            },
            async get(id) {
                if (!known.has(id)) throw new Error("(instance.not_found) Provided id does not exist");
                return { id, status: async () => ({ status: "complete" }) };
            },
        };
        "#,
    );
    let binding = make.call0(&JsValue::NULL).unwrap();
    (Cloudflare::new(js::record(&[(BINDING, binding.clone())]), None), binding)
}

#[wasm_bindgen_test]
async fn creates_an_instance_with_plain_parameters() {
    let (host, binding) = remembering();
    let params = json!({ "question": "何時?", "nested": { "list": [1, null, "x"] } });
    host.start("1", &params.to_string()).await.unwrap();
    assert_eq!(host.state("1").await.unwrap(), InstanceState::Ended);
    let known = js::property(&binding, "known").unchecked_into::<js_sys::Map>();
    let stored: serde_json::Value = js::from_js(&known.get(&"1".into())).unwrap();
    assert_eq!(stored, params);
    host.start("1", "{}").await.unwrap();
    assert_eq!(js::from_js(&known.get(&"1".into())).unwrap(), params, "the first one stays");
}

#[wasm_bindgen_test]
fn tells_an_existing_instance_from_other_errors() {
    for (error, expected) in [
        ("(instance.already_exists) Instance already exists", true),
        ("Instance already exists", true),
        ("(instance.not_found) Provided id does not exist", false),
        ("", false),
    ] {
        assert_eq!(is_existing(&js_sys::Error::new(error).into()), expected, "{error}");
    }
    assert!(is_existing(&"Instance already exists".into()));
    assert!(!is_existing(&JsValue::UNDEFINED));
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
    assert!(unbound.start("1", "{}").await.is_err());
}

#[wasm_bindgen_test]
async fn a_start_fails_only_where_nothing_is_known_to_run() {
    let host = host("{}");
    host.start("1_2", "{}").await.unwrap();
    host.start("1", "{}").await.unwrap();
    assert!(host.start("bad", "{}").await.is_err());
    assert!(host.start("1_3", "{").await.is_err());
}
