//! The binding is called as the platform wants it, and its refusals are told apart.

use js_sys::Function;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

fn evaluate(body: &str) -> JsValue {
    Function::new_no_args(body).call0(&JsValue::NULL).unwrap()
}

/// A binding whose instances have this status, and that remembers their parameters.
fn binding(status: &str) -> (Workflow, JsValue) {
    let binding = evaluate(&format!(
        "const known = {{}};
        return {{
            known,
            async create({{ id, params }}) {{
                if (id === 'bad') throw new Error('(instance.invalid_id) Invalid id');
                if (id in known) throw new Error('(instance.already_exists) Instance already exists');
                known[id] = params;
                return {{ id }};
            }},
            async get(id) {{
                if (id === 'gone') throw new Error('Network connection lost.');
                if (!(id in known)) throw new Error('(instance.not_found) Instance does not exist');
                const sendEvent = async (event) => {{ known.events = [...(known.events ?? []), event]; }};
                return {{ status: async () => ({status}), sendEvent }};
            }},
        }}"
    ));
    (binding.clone().unchecked_into(), binding)
}

#[wasm_bindgen_test]
async fn an_instance_is_created_once_with_plain_parameters() {
    let (workflow, binding) = binding("{}");
    let params = json!({ "question": "何時?", "nested": { "list": [1, null, "x"] } });
    workflow.create("1", &js::to_js(&params).unwrap()).await.unwrap();
    let again = workflow.create("1", &JsValue::NULL).await;
    assert!(matches!(again, Err(WorkflowError::AlreadyExists)), "{again:?}");
    let known: Value = js::from_js(&js::property(&binding, "known")).unwrap();
    assert_eq!(known, json!({ "1": params }));
    let bad = workflow.create("bad", &JsValue::NULL).await;
    assert!(matches!(bad, Err(WorkflowError::Other(_))), "{bad:?}");
}

#[wasm_bindgen_test]
async fn every_status_has_its_word() {
    for (word, expected, is_over) in [
        ("queued", Status::Queued, false),
        ("running", Status::Running, false),
        ("waiting", Status::Waiting, false),
        ("paused", Status::Paused, false),
        ("waitingForPause", Status::Paused, false),
        ("complete", Status::Complete, true),
        ("errored", Status::Errored, true),
        ("terminated", Status::Terminated, true),
        ("rollingBack", Status::Unknown, false),
        ("of the year 2030", Status::Unknown, false),
    ] {
        let (workflow, _) = binding(&format!("{{ status: '{word}' }}"));
        workflow.create("1", &JsValue::NULL).await.unwrap();
        let status = workflow.status("1").await.unwrap();
        assert_eq!((status, status.is_over()), (expected, is_over), "{word}");
    }
    let (workflow, _) = binding("{}");
    workflow.create("1", &JsValue::NULL).await.unwrap();
    assert_eq!(workflow.status("1").await.unwrap(), Status::Unknown);
}

#[wasm_bindgen_test]
async fn an_event_reaches_its_instance_as_a_plain_object() {
    let (workflow, binding) = binding("{}");
    workflow.create("1", &JsValue::NULL).await.unwrap();
    workflow.send_event("1", "person-1-2").await.unwrap();
    let known: Value = js::from_js(&js::property(&binding, "known")).unwrap();
    assert_eq!(known["events"], json!([{ "type": "person-1-2", "payload": {} }]));
    let missing = workflow.send_event("2", "x").await;
    assert!(matches!(missing, Err(WorkflowError::NotFound)), "{missing:?}");
}

#[wasm_bindgen_test]
async fn a_missing_instance_is_told_from_an_engine_that_does_not_answer() {
    let (workflow, _) = binding("{}");
    let missing = workflow.status("2").await;
    assert!(matches!(missing, Err(WorkflowError::NotFound)), "{missing:?}");
    let gone = workflow.status("gone").await;
    assert!(matches!(gone, Err(WorkflowError::Other(_))), "{gone:?}");
}

#[wasm_bindgen_test]
fn errors_are_told_apart_by_the_engines_own_words() {
    for (message, expected) in [
        ("(instance.already_exists) Instance already exists", "AlreadyExists"),
        ("Instance already exists", "AlreadyExists"),
        ("(instance.not_found) Provided id does not exist", "NotFound"),
        ("instance.not_found", "NotFound"),
        ("Instance does not exist", "Other"),
        ("Network connection lost.", "Other"),
        ("", "Other"),
    ] {
        for error in [js_sys::Error::new(message).into(), JsValue::from(message)] {
            let error = format!("{:?}", WorkflowError::from(error));
            assert!(error.starts_with(expected), "{message}: {error}");
        }
    }
    assert!(matches!(WorkflowError::from(JsValue::UNDEFINED), WorkflowError::Other(_)));
}
