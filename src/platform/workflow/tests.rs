//! A job's instance is started and looked at, and the faults of its steps cross the engine.

use core::cell::Cell;

use js_sys::{Array, Error, Function};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::workflow::js;
use miyabi_core::fault::{Class, ModelError, Notice};

const POLICY: Policy =
    Policy { retries: 2, delay: Duration::from_millis(1), timeout: Duration::from_secs(5) };

fn evaluate(body: &str) -> JsValue {
    Function::new_no_args(body).call0(&JsValue::NULL).unwrap()
}

/// A host whose only instance `1` has this status.
fn host(status: &str) -> (Cloudflare, JsValue) {
    let env = evaluate(&format!(
        "const created = {{}};
        return {{ created, miyabi_workflow: {{
            async create({{ id, params }}) {{
                if (id === '1') throw new Error('(instance.already_exists) Instance already exists');
                if (id === 'bad') throw new Error('(instance.invalid_id) Invalid id');
                created[id] = params;
            }},
            async get(id) {{
                if (id === 'gone') throw new Error('Network connection lost.');
                if (id !== '1') throw new Error('(instance.not_found) Instance does not exist');
                return {{ status: async () => ({status}) }};
            }},
        }} }}"
    ));
    (Cloudflare::new(env.clone().unchecked_into(), None), env)
}

#[wasm_bindgen_test]
async fn every_status_means_something_for_the_job() {
    for (statuses, expected) in [
        (&["complete", "errored", "terminated"][..], InstanceState::Ended),
        (&["queued", "running", "waiting", "waitingForPause"], InstanceState::Alive),
        (&["paused", "rollingBack", "unknown", "of the year 2030"], InstanceState::Alive),
    ] {
        for status in statuses {
            let (host, _) = host(&format!("{{ status: \"{status}\" }}"));
            assert_eq!(host.state("1").await.unwrap(), expected, "{status}");
        }
    }
    assert_eq!(host("{}").0.state("1").await.unwrap(), InstanceState::Alive);
}

#[wasm_bindgen_test]
async fn a_missing_instance_is_told_from_an_engine_that_does_not_answer() {
    let (host, _) = host("{}");
    assert_eq!(host.state("2").await.unwrap(), InstanceState::Missing);
    assert!(host.state("gone").await.is_err());
    let unbound = Cloudflare::new(js_sys::Object::new().unchecked_into(), None);
    assert!(unbound.state("1").await.is_err());
    assert!(unbound.start("1", "{}").await.is_err());
}

#[wasm_bindgen_test]
async fn a_start_fails_only_where_nothing_is_known_to_run() {
    let (host, env) = host("{}");
    let params = json!({ "question": "何時?", "nested": { "list": [1, null, "x"] } });
    host.start("1_2", &params.to_string()).await.unwrap();
    host.start("1", "{}").await.unwrap();
    assert!(host.start("bad", "{}").await.is_err());
    assert!(host.start("1_3", "{").await.is_err());
    let created: serde_json::Value = js::from_js(&js::property(&env, "created")).unwrap();
    assert_eq!(created, json!({ "1_2": params }));
}

/// An engine that stores nothing: it tries, and says how it ended as the platform does.
const ENGINE: &str = r#"
    const thrown = [];
    return {
        thrown,
        async do(name, config, callback) {
            if (name.startsWith("lost: ")) throw (this.lost = new Error(name.slice("lost: ".length)));
            if (name === "timeout") {
                throw Object.assign(new Error("Execution timed out after 5000ms"), { name: "WorkflowTimeoutError" });
            }
            if (name === "other") return structuredClone("text");
            for (let attempt = 1; ; attempt++) {
                try {
                    return await callback({ attempt });
                } catch (error) {
                    thrown.push(error);
                    if (error.name === "NonRetryableError" || attempt > config.retries.limit) {
                        throw new Error(error.message);
                    }
                }
            }
        },
    };
"#;

#[derive(Default)]
struct Events(RefCell<Vec<Event>>);

impl Log for &Events {
    fn log(&self, event: &Event) {
        self.0.borrow_mut().push(event.clone());
    }
}

fn steps<'a>(engine: &JsValue, events: &'a Events) -> JobSteps<&'a Events> {
    JobSteps::new(engine.clone().unchecked_into(), events, JobId::parse("1").unwrap())
}

fn busy() -> Fault {
    let error = ModelError::Refused { vendor: "workers-ai", class: Class::Busy, code: 3040 };
    Fault { retry: Retry::Backoff, ..error.into() }
}

fn refused() -> Fault {
    ModelError::Refused { vendor: "workers-ai", class: Class::BadRequest, code: 5006 }.into()
}

#[wasm_bindgen_test]
async fn a_passing_fault_is_tried_again_and_logged() {
    let (engine, events) = (evaluate(ENGINE), Events::default());
    let runs = Cell::new(0);
    let work = async || {
        runs.set(runs.get() + 1);
        if runs.get() < 3 { Err(busy()) } else { Ok(runs.get()) }
    };
    assert_eq!(steps(&engine, &events).step("think:1", POLICY, work).await, Ok(3_u32));
    let failed = |attempt| Event::StepFailed {
        job: JobId::parse("1").unwrap(),
        step: "think:1".to_owned(),
        attempt,
        fault: busy(),
    };
    assert_eq!(*events.0.borrow(), [failed(1), failed(2)]);
}

#[wasm_bindgen_test]
async fn a_permanent_fault_is_not_tried_again_and_keeps_its_notice() {
    let (engine, events) = (evaluate(ENGINE), Events::default());
    let runs = Cell::new(0);
    let work = async || {
        runs.set(runs.get() + 1);
        Err::<(), _>(refused())
    };
    let Err(Stop::Failed(fault)) = steps(&engine, &events).step("think:1", POLICY, work).await
    else {
        panic!("a permanent fault must stop the step");
    };
    assert_eq!(runs.get(), 1);
    assert_eq!(fault.notice, Notice::TryAgain);
    assert_eq!(fault.cause.to_string(), "workers-ai answered: bad-request (code 5006)");
    let thrown = js::property(&engine, "thrown").unchecked_into::<Array>().get(0);
    assert!(thrown.is_instance_of::<Error>());
    assert_eq!(js::text(&thrown, "name").unwrap(), "NonRetryableError");
}

#[wasm_bindgen_test]
async fn attempts_that_are_used_up_return_the_last_fault() {
    let (engine, events) = (evaluate(ENGINE), Events::default());
    let outcome =
        steps(&engine, &events).step("think:1", POLICY, async || Err::<(), _>(busy())).await;
    let Err(Stop::Failed(fault)) = outcome else { panic!("three failures must stop the step") };
    assert_eq!(fault.notice, Notice::Busy);
    assert_eq!(events.0.borrow().len(), 3);
}

#[wasm_bindgen_test]
async fn an_error_of_the_engine_ends_the_generation_and_leaves_it_unchanged() {
    for message in [
        "Aborting engine: Grace period complete",
        "Durable Object reset because its code was updated.",
        "Network connection lost.",
        "Durable Object storage operation exceeded timeout which caused object to be reset.",
        // A record that no attempt threw: nothing of ours has failed.
        "{\"miyabi_fault\":\"busy\",\"cause\":\"quoted\"}",
    ] {
        let (engine, events) = (evaluate(ENGINE), Events::default());
        let steps = steps(&engine, &events);
        let stop = steps.step(&format!("lost: {message}"), POLICY, async || Ok(())).await;
        assert_eq!(stop, Err(Stop::Aborted), "{message}");
        let abort = steps.take_abort().unwrap();
        assert!(js_sys::Object::is(&abort, &js::property(&engine, "lost")), "{message}");
        assert_eq!(events.0.borrow().as_slice(), [], "no attempt has failed");
    }
}

#[wasm_bindgen_test]
async fn what_ran_out_of_time_or_has_another_shape_says_so() {
    let (engine, events) = (evaluate(ENGINE), Events::default());
    let steps = steps(&engine, &events);
    let stop = steps.step("timeout", POLICY, async || Ok(())).await;
    let expected = EngineError::Timeout { step: "timeout".to_owned() };
    assert_eq!(stop, Err(Stop::Failed(expected.into())));
    let stop = steps.step("other", POLICY, async || Ok(1_u32)).await;
    let expected = EngineError::Value { step: "other".to_owned() };
    assert_eq!(stop, Err(Stop::Failed(expected.into())));
}
