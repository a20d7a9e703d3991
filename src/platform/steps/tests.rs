//! Whether steps do over a JavaScript `step` object what the trait promises.

use core::cell::{Cell, RefCell};

use js_sys::Function;
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use miyabi_core::fault::{Class, ModelError, Notice, Retry};

const POLICY: Policy =
    Policy { retries: 2, delay: Duration::from_millis(1), timeout: Duration::from_secs(5) };

/// An engine as the platform's: stores by name, retries, stops at `NonRetryableError`. A step named
/// `late` gets a second attempt while the first still runs; `abort` ends the run.
const ENGINE: &str = r#"
    const stored = new Map(), configs = [], thrown = [];
    return {
        stored, configs, thrown,
        async do(name, config, callback) {
            configs.push(config);
            if (name === "abort") throw (this.abort = new Error("Aborting engine: Grace period complete"));
            if (name === "timeout") {
                const error = new Error("Execution timed out after 5000ms");
                error.name = "WorkflowTimeoutError";
                throw error;
            }
            if (stored.has(name)) return structuredClone(stored.get(name));
            if (name === "late") {
                callback({ attempt: 1 });
                await new Promise((resolve) => setTimeout(resolve, 1));
            }
            for (let attempt = 1; ; attempt++) {
                try {
                    const value = await callback({ attempt });
                    stored.set(name, structuredClone(value));
                    return value;
                } catch (error) {
                    thrown.push(error);
                    if (error.name === "NonRetryableError" || attempt > config.retries.limit) {
                        throw new Error(error.message);
                    }
                }
            }
        },
        async sleep(name, duration) { thrown.push(duration); },
    };
"#;

fn engine() -> JsValue {
    Function::new_no_args(ENGINE).call0(&JsValue::NULL).unwrap()
}

#[derive(Default)]
struct Events(RefCell<Vec<Event>>);

impl Log for &Events {
    fn log(&self, event: &Event) {
        self.0.borrow_mut().push(event.clone());
    }
}

fn steps<'a>(engine: &JsValue, events: &'a Events) -> JsSteps<&'a Events> {
    JsSteps::new(engine.clone().unchecked_into(), events, JobId::parse("1").unwrap())
}

fn busy() -> Fault {
    let error = ModelError::Refused { vendor: "workers-ai", class: Class::Busy, code: 3040 };
    Fault { retry: Retry::Backoff, ..error.into() }
}

fn refused() -> Fault {
    ModelError::Refused { vendor: "workers-ai", class: Class::BadRequest, code: 5006 }.into()
}

#[derive(Debug, PartialEq)]
struct Thought {
    text: String,
    is_cut: bool,
}

impl Stored for Thought {
    fn to_json(&self) -> Value {
        json!({ "text": self.text, "cut": self.is_cut })
    }

    fn from_json(value: &Value) -> Option<Self> {
        let text = value.get("text")?.as_str()?.to_owned();
        Some(Self { text, is_cut: value.get("cut")?.as_bool()? })
    }
}

#[wasm_bindgen_test]
async fn returns_what_work_returned_and_never_runs_it_again() {
    let (engine, events) = (engine(), Events::default());
    let steps = steps(&engine, &events);
    let runs = Cell::new(0);
    let work = async || {
        runs.set(runs.get() + 1);
        Ok(Thought { text: "雅 \"quoted\"".to_owned(), is_cut: true })
    };
    let first = steps.step("think:1", POLICY, work).await.unwrap();
    let second = steps.step("think:1", POLICY, work).await.unwrap();
    assert_eq!(first, second);
    assert!(first.is_cut);
    assert_eq!(runs.get(), 1);
}

#[wasm_bindgen_test]
async fn a_unit_result_is_a_result() {
    let (engine, events) = (engine(), Events::default());
    let steps = steps(&engine, &events);
    for _ in 0..2 {
        assert_eq!(steps.step("clear", POLICY, async || Ok(())).await, Ok(()));
    }
}

#[wasm_bindgen_test]
async fn a_passing_fault_is_tried_again_and_logged() {
    let (engine, events) = (engine(), Events::default());
    let steps = steps(&engine, &events);
    let runs = Cell::new(0);
    let work = async || {
        runs.set(runs.get() + 1);
        if runs.get() < 3 { Err(busy()) } else { Ok(runs.get()) }
    };
    assert_eq!(steps.step("think:1", POLICY, work).await, Ok(3_u32));
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
    let (engine, events) = (engine(), Events::default());
    let steps = steps(&engine, &events);
    let runs = Cell::new(0);
    let work = async || {
        runs.set(runs.get() + 1);
        Err::<(), _>(refused())
    };
    let Err(Stop::Failed(fault)) = steps.step("think:1", POLICY, work).await else {
        panic!("a permanent fault must stop the step");
    };
    assert_eq!(runs.get(), 1);
    assert_eq!(fault.notice, Notice::TryAgain);
    assert_eq!(fault.cause.to_string(), "workers-ai answered: bad-request (code 5006)");
    let thrown = js::property(&engine, "thrown").unchecked_into::<js_sys::Array>().get(0);
    assert!(thrown.is_instance_of::<Error>());
    assert_eq!(js::text(&thrown, "name").unwrap(), "NonRetryableError");
}

#[wasm_bindgen_test]
async fn attempts_that_are_used_up_return_the_last_fault() {
    let (engine, events) = (engine(), Events::default());
    let steps = steps(&engine, &events);
    let outcome = steps.step("think:1", POLICY, async || Err::<(), _>(busy())).await;
    let Err(Stop::Failed(fault)) = outcome else { panic!("three failures must stop the step") };
    assert_eq!(fault.notice, Notice::Busy);
    assert_eq!(events.0.borrow().len(), 3);
}

#[wasm_bindgen_test]
async fn a_new_attempt_drops_the_one_that_still_runs() {
    let (engine, events) = (engine(), Events::default());
    let steps = steps(&engine, &events);
    let (begun, ended) = (Cell::new(0), Cell::new(0));
    let work = async || {
        begun.set(begun.get() + 1);
        if begun.get() == 1 {
            core::future::pending::<()>().await;
        }
        ended.set(ended.get() + 1);
        Ok(())
    };
    assert_eq!(steps.step("late", POLICY, work).await, Ok(()));
    assert_eq!(ended.get(), 1);
}

#[wasm_bindgen_test]
async fn the_engines_own_end_is_handed_on_as_the_same_object() {
    let (engine, events) = (engine(), Events::default());
    let steps = steps(&engine, &events);
    let stop = steps.step("abort", POLICY, async || Ok(())).await;
    assert_eq!(stop, Err(Stop::Aborted));
    let abort = steps.take_abort().unwrap();
    assert!(js_sys::Object::is(&abort, &js::property(&engine, "abort")));
}

#[wasm_bindgen_test]
async fn a_step_that_ran_out_of_time_says_so() {
    let (engine, events) = (engine(), Events::default());
    let stop = steps(&engine, &events).step("timeout", POLICY, async || Ok(())).await;
    let expected = EngineError::Timeout { step: "timeout".to_owned() };
    assert_eq!(stop, Err(Stop::Failed(expected.into())));
}

#[wasm_bindgen_test]
async fn a_stored_value_of_another_shape_is_a_fault_and_no_panic() {
    let (engine, events) = (engine(), Events::default());
    let steps = steps(&engine, &events);
    steps.step("claim", POLICY, async || Ok("text".to_owned())).await.unwrap();
    let stop = steps.step("claim", POLICY, async || Ok(1_u32)).await;
    let expected = EngineError::Value { step: "claim".to_owned() };
    assert_eq!(stop, Err(Stop::Failed(expected.into())));
}

#[wasm_bindgen_test]
async fn tells_the_engine_the_policy_in_its_own_words() {
    let (engine, events) = (engine(), Events::default());
    steps(&engine, &events).step("claim", POLICY, async || Ok(())).await.unwrap();
    let config =
        js::from_js(&js::property(&engine, "configs").unchecked_into::<js_sys::Array>().get(0))
            .unwrap();
    assert_eq!(
        config.to_string(),
        r#"{"retries":{"backoff":"exponential","delay":1,"limit":2},"timeout":5000}"#
    );
}

#[wasm_bindgen_test]
async fn sleeps_in_milliseconds() {
    let (engine, events) = (engine(), Events::default());
    steps(&engine, &events).sleep("wait", Duration::from_secs(2)).await.unwrap();
    let slept = js::property(&engine, "thrown").unchecked_into::<js_sys::Array>().get(0);
    assert_eq!(slept.as_f64(), Some(2000.0));
}
