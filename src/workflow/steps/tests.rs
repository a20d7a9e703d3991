//! Steps over a `step` object of a few lines of JavaScript, which does what the engine does.

use core::cell::{Cell, RefCell};

use futures::future::join;
use js_sys::{Array, Function};
use serde::Deserialize;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

const POLICY: Policy =
    Policy { retries: 2, delay: Duration::from_millis(1), timeout: Duration::from_secs(5) };

/// An engine as the platform's: stores by name, retries, stops at `NonRetryableError`. A step named
/// `late` gets a second attempt while the first still runs. Once `ends` is set, every step throws that.
const ENGINE: &str = r#"
    const stored = new Map(), configs = [], thrown = [], order = [];
    return {
        stored, configs, thrown, order,
        async do(name, config, callback) {
            configs.push(config);
            if (this.ends) throw this.ends;
            if (stored.has(name)) return structuredClone(stored.get(name));
            if (name === "late") {
                callback({ attempt: 1 });
                await new Promise((resolve) => setTimeout(resolve, 1));
            }
            for (let attempt = 1; ; attempt++) {
                try {
                    order.push(`${name} begins`);
                    const value = await callback({ attempt });
                    order.push(`${name} ends`);
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
        async sleep(name, duration) {
            if (this.ends) throw this.ends;
            thrown.push(duration);
        },
        async waitForEvent(name, { type, timeout }) {
            if (this.ends) throw this.ends;
            order.push(`${name} ${type} ${timeout}`);
            if (name === "late") {
                const error = new Error(`Execution timed out after ${timeout}ms`);
                error.name = "WorkflowTimeoutError";
                throw error;
            }
            return { type, payload: {}, timestamp: new Date() };
        },
    };
"#;

fn engine() -> JsValue {
    Function::new_no_args(ENGINE).call0(&JsValue::NULL).unwrap()
}

fn steps(engine: &JsValue) -> Steps {
    Steps::new(engine.clone().unchecked_into())
}

fn first(engine: &JsValue, list: &str) -> JsValue {
    js::property(engine, list).unchecked_into::<Array>().get(0)
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Thought {
    text: String,
    is_cut: bool,
}

#[wasm_bindgen_test]
async fn returns_what_work_returned_and_never_runs_it_again() {
    let engine = engine();
    let steps = steps(&engine);
    let runs = Cell::new(0);
    let work = async |_| {
        runs.set(runs.get() + 1);
        Ok(Thought { text: "雅 \"quoted\"".to_owned(), is_cut: true })
    };
    let first = steps.run("think:1", POLICY, work).await.unwrap();
    let second = steps.run("think:1", POLICY, work).await.unwrap();
    assert_eq!(first, second);
    assert!(first.is_cut);
    assert_eq!(runs.get(), 1);
}

#[wasm_bindgen_test]
async fn a_wait_ends_with_its_event_or_its_time_and_any_other_error_is_the_engines() {
    let engine = engine();
    let steps = steps(&engine);
    let wait = async |name| steps.wait_for_event(name, "person-1", Duration::from_secs(2)).await;
    assert!(wait("await").await.unwrap());
    assert!(!wait("late").await.unwrap());
    let order: Vec<String> = js::from_js(&js::property(&engine, "order")).unwrap();
    assert_eq!(order, ["await person-1 2000", "late person-1 2000"]);
    let error = Error::new("Network connection lost.");
    js_sys::Reflect::set(&engine, &"ends".into(), &error).unwrap();
    assert!(matches!(wait("await").await, Err(StepError::Aborted(_))));
}

#[wasm_bindgen_test]
async fn a_unit_result_is_a_result() {
    let engine = engine();
    for _ in 0..2 {
        steps(&engine).run("clear", POLICY, async |_| Ok(())).await.unwrap();
    }
}

#[wasm_bindgen_test]
async fn two_steps_run_side_by_side_and_are_replayed_without_running() {
    let engine = engine();
    let runs = RefCell::new(Vec::new());
    for _ in 0..2 {
        let steps = steps(&engine);
        let (sender, receiver) = futures::channel::oneshot::channel();
        let (sender, receiver) = (RefCell::new(Some(sender)), RefCell::new(Some(receiver)));
        // The first ends only after the second has begun, and the second fails once.
        let waits = steps.run("think", POLICY, async |_| {
            runs.borrow_mut().push("think");
            let receiver = receiver.take().unwrap();
            receiver.await.unwrap();
            Ok("thought".to_owned())
        });
        let tells = steps.run("post", POLICY, async |attempt| {
            runs.borrow_mut().push("post");
            if attempt == 1 {
                return Err(AttemptError::Retry("once more".to_owned()));
            }
            sender.take().into_iter().for_each(|sender| sender.send(()).unwrap());
            Ok(attempt)
        });
        let (thought, attempt) = join(waits, tells).await;
        assert_eq!(thought.unwrap(), "thought");
        assert_eq!(attempt.unwrap(), 2);
    }
    assert_eq!(runs.into_inner(), ["think", "post", "post"]);
    let order: Vec<String> = js::from_js(&js::property(&engine, "order")).unwrap();
    assert_eq!(order, ["think begins", "post begins", "post begins", "post ends", "think ends"]);
}

#[wasm_bindgen_test]
async fn a_replay_finds_one_of_two_steps_and_runs_the_other() {
    let engine = engine();
    steps(&engine).run("think", POLICY, async |_| Ok(1_u32)).await.unwrap();
    // The run ended here, before the other step did.
    let steps = steps(&engine);
    let runs = Cell::new(0);
    let stored = steps.run("think", POLICY, async |_| {
        runs.set(runs.get() + 1);
        Ok(2_u32)
    });
    let fresh = steps.run("post", POLICY, async |_| Ok(3_u32));
    let (stored, fresh) = join(fresh, stored).await;
    assert_eq!((stored.unwrap(), fresh.unwrap(), runs.get()), (3, 1, 0));
}

#[wasm_bindgen_test]
async fn one_of_two_steps_fails_and_the_other_goes_on() {
    let engine = engine();
    let steps = steps(&engine);
    let fails =
        steps.run("fails", POLICY, async |_| Err::<(), _>(AttemptError::Final("no".to_owned())));
    let goes_on = steps.run("post", POLICY, async |_| {
        js::settle(
            Function::new_no_args("return new Promise((done) => setTimeout(done, 5))")
                .call0(&JsValue::NULL)
                .unwrap(),
        )
        .await
        .unwrap();
        Ok(1_u32)
    });
    let (failed, went_on) = join(fails, goes_on).await;
    assert!(matches!(failed, Err(StepError::Failed(_))), "{failed:?}");
    assert_eq!(went_on.unwrap(), 1);
}

#[wasm_bindgen_test]
async fn an_attempt_that_may_be_repeated_is_and_knows_its_number() {
    let engine = engine();
    let numbers = RefCell::new(Vec::new());
    let work = async |attempt| {
        numbers.borrow_mut().push(attempt);
        if attempt < 3 { Err(AttemptError::Retry("busy".to_owned())) } else { Ok(attempt) }
    };
    assert_eq!(steps(&engine).run("think:1", POLICY, work).await.unwrap(), 3);
    assert_eq!(numbers.into_inner(), [1, 2, 3]);
}

#[wasm_bindgen_test]
async fn a_final_failure_is_an_error_that_the_engine_does_not_repeat() {
    let engine = engine();
    let runs = Cell::new(0);
    let work = async |_| {
        runs.set(runs.get() + 1);
        Err::<(), _>(AttemptError::Final("refused".to_owned()))
    };
    let outcome = steps(&engine).run("think:1", POLICY, work).await;
    let Err(StepError::Failed(message)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((runs.get(), message.as_str()), (1, "refused"));
    let thrown = first(&engine, "thrown");
    assert!(thrown.is_instance_of::<Error>());
    assert_eq!(js::text(&thrown, "name").unwrap(), "NonRetryableError");
}

#[wasm_bindgen_test]
async fn attempts_that_are_used_up_return_the_last_message() {
    let engine = engine();
    let work = async |attempt| Err::<(), _>(AttemptError::Retry(format!("timed out, {attempt}")));
    let outcome = steps(&engine).run("think:1", POLICY, work).await;
    assert!(
        matches!(&outcome, Err(StepError::Failed(message)) if message == "timed out, 3"),
        "{outcome:?}"
    );
}

#[wasm_bindgen_test]
async fn a_new_attempt_drops_the_one_that_still_runs() {
    let engine = engine();
    let (begun, ended) = (Cell::new(0), Cell::new(0));
    let work = async |_| {
        begun.set(begun.get() + 1);
        if begun.get() == 1 {
            core::future::pending::<()>().await;
        }
        ended.set(ended.get() + 1);
        Ok(())
    };
    steps(&engine).run("late", POLICY, work).await.unwrap();
    assert_eq!(ended.get(), 1);
}

#[wasm_bindgen_test]
async fn a_failure_that_an_earlier_run_stored_is_known_by_its_message() {
    let engine = engine();
    for message in ["Attempt failed: busy", "NonRetryableError: Attempt failed: busy"] {
        end(&engine, &Error::new(message).into());
        let outcome = steps(&engine).run("think:1", POLICY, async |_| Ok(())).await;
        assert!(
            matches!(&outcome, Err(StepError::Failed(message)) if message == "busy"),
            "{outcome:?}"
        );
    }
}

/// Has every step of an engine reject with a value from now on.
fn end(engine: &JsValue, error: &JsValue) {
    js_sys::Reflect::set(engine, &"ends".into(), error).unwrap();
}

fn named(name: &str, message: &str) -> JsValue {
    let error = Error::new(message);
    error.set_name(name);
    error.into()
}

/// What a step of the platform rejects with when the step itself did nothing wrong.
fn errors_of_the_engine() -> Vec<JsValue> {
    let mut errors: Vec<JsValue> = [
        "Aborting engine: Grace period complete",
        "Aborting engine: User called pause",
        "Durable Object reset because its code was updated.",
        "Durable Object is overloaded. Too many requests queued.",
        "Network connection lost.",
        "Cannot perform I/O on behalf of a different Durable Object.",
        "Your Worker exceeded its CPU time limit.",
        "Worker exceeded memory limit.",
        "broken.outputGateBroken; jsg.Error: Network connection lost.",
        // Cloudflare's own, which begins like the mark of ours.
        "Attempt failed due to internal workflows error",
        // The time-out of something else.
        "The operation timed out after 5000ms",
        "Network connection lost: the request timed out.",
        "internal error; reference = 0123456789abcdef",
        "Durable Object storage operation exceeded timeout which caused object to be reset.",
        "Durable Object's isolate exceeded its memory limit and was reset.",
        "Internal error while starting up Durable Object storage caused object to be reset.",
        "Cannot resolve Durable Object due to transient issue on remote node.",
        "Subrequest depth limit exceeded.",
        "The script will never generate a response.",
        "",
    ]
    .map(|message| Error::new(message).into())
    .into();
    errors.extend([
        named("WorkflowInternalError", "Attempt failed due to internal workflows error"),
        named("WorkflowInternalError", "Storage failure for think:1-1 due to internal error."),
        named("WorkflowFatalError", "The instance has exceeded the 1GiB storage limit"),
        named("TimeoutError", "The operation was aborted due to timeout"),
        named("AbortError", "The operation was aborted."),
        named("NonRetryableDelayError", "The delay function for step \"think:1\" threw an error"),
        JsValue::from_str("a text"),
        JsValue::UNDEFINED,
        JsValue::NULL,
        JsValue::from_f64(7.0),
        Function::new_no_args("return { remote: true, retryable: true }")
            .call0(&JsValue::NULL)
            .unwrap(),
    ]);
    errors
}

#[wasm_bindgen_test]
async fn every_other_error_is_the_engines_and_is_handed_on_as_the_same_object() {
    for error in errors_of_the_engine() {
        if error.is_falsy() && !error.is_object() {
            // The fake engine would take it for no error: below.
            continue;
        }
        let engine = engine();
        end(&engine, &error);
        let steps = steps(&engine);
        let runs = Cell::new(0);
        let work = async |_| {
            runs.set(runs.get() + 1);
            Ok(())
        };
        let ran = steps.run("think:1", POLICY, work).await;
        let slept = steps.sleep("wait", Duration::from_secs(1)).await;
        for stop in [ran, slept] {
            let Err(StepError::Aborted(thrown)) = stop else { panic!("{error:?}: {stop:?}") };
            assert!(js_sys::Object::is(&thrown, &error), "{error:?}");
        }
        assert_eq!(runs.get(), 0);
    }
    for nothing in [JsValue::UNDEFINED, JsValue::NULL] {
        let stop = StepError::from(nothing.clone());
        let StepError::Aborted(thrown) = stop else { panic!("{nothing:?}") };
        assert!(js_sys::Object::is(&thrown, &nothing));
    }
}

#[wasm_bindgen_test]
async fn an_engines_error_in_the_middle_of_an_attempt_ends_the_step() {
    // The callback is called, and the engine dies while the attempt runs.
    let dies = "return { async do(name, config, callback) {
        callback({ attempt: 1 });
        await new Promise((resolve) => setTimeout(resolve, 1));
        throw (this.lost = new Error('Durable Object reset because its code was updated.'));
    } }";
    let engine = Function::new_no_args(dies).call0(&JsValue::NULL).unwrap();
    let work = async |_| {
        core::future::pending::<()>().await;
        Ok(())
    };
    let stop = steps(&engine).run("think:1", POLICY, work).await;
    let Err(StepError::Aborted(thrown)) = stop else { panic!("{stop:?}") };
    assert!(js_sys::Object::is(&thrown, &js::property(&engine, "lost")));
}

#[wasm_bindgen_test]
async fn a_step_that_ran_out_of_time_says_so() {
    for error in [
        named("WorkflowTimeoutError", "Execution timed out after 5000ms"),
        // As it is read back from storage, and as it passes from one object to another.
        named("Error", "Execution timed out after 5000ms"),
        named("Error", "WorkflowTimeoutError: Execution timed out after 5000ms"),
        named("WorkflowTimeoutError", "of the year 2030"),
    ] {
        let engine = engine();
        end(&engine, &error);
        let stop = steps(&engine).run("think:1", POLICY, async |_| Ok(())).await;
        assert!(matches!(stop, Err(StepError::Timeout)), "{error:?}: {stop:?}");
    }
}

#[wasm_bindgen_test]
async fn a_stored_value_of_another_shape_is_an_error_and_no_panic() {
    let engine = engine();
    steps(&engine).run("claim", POLICY, async |_| Ok("text".to_owned())).await.unwrap();
    let stop = steps(&engine).run("claim", POLICY, async |_| Ok(1_u32)).await;
    assert!(matches!(stop, Err(StepError::Value)), "{stop:?}");
}

#[wasm_bindgen_test]
async fn tells_the_engine_the_policy_in_its_own_words() {
    let engine = engine();
    steps(&engine).run("claim", POLICY, async |_| Ok(())).await.unwrap();
    let config: Value = js::from_js(&first(&engine, "configs")).unwrap();
    let retries = json!({ "backoff": "exponential", "delay": 1, "limit": 2 });
    assert_eq!(config, json!({ "retries": retries, "timeout": 5000 }));
}

#[wasm_bindgen_test]
async fn sleeps_in_milliseconds() {
    let engine = engine();
    steps(&engine).sleep("wait", Duration::from_secs(2)).await.unwrap();
    assert_eq!(first(&engine, "thrown").as_f64(), Some(2000.0));
}
