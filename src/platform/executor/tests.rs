//! Tasks end in every order, and none keeps another one from running.

use std::rc::Rc;

use futures::channel::oneshot;
use js_sys::Function;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::workflow::js;

#[wasm_bindgen]
extern "C" {
    type Thrower;
    /// As any import that is not declared to throw.
    #[wasm_bindgen(method, js_name = call)]
    fn throw(this: &Thrower, context: &JsValue);
}

fn evaluate(body: &str) -> JsValue {
    Function::new_no_args(body).call0(&JsValue::NULL).unwrap()
}

fn start(work: impl Future<Output = ()> + 'static) {
    drop(spawn(async move {
        work.await;
        Ok(JsValue::UNDEFINED)
    }));
}

#[wasm_bindgen_test]
fn a_task_runs_at_once_and_one_that_it_starts_after_it_waits() {
    let order = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&order);
    start(async move {
        let inner = Rc::clone(&log);
        start(async move { inner.borrow_mut().push("inner") });
        log.borrow_mut().push("outer");
    });
    assert_eq!(*order.borrow(), ["outer", "inner"]);
}

#[wasm_bindgen_test]
async fn a_promise_settles_as_its_task_ends() {
    for (body, expected) in [
        ("return new Promise((done) => setTimeout(() => done(7), 5))", Ok(7.0)),
        ("return Promise.reject(8)", Err(8.0)),
        ("return 9", Ok(9.0)),
    ] {
        let promise = spawn(js::settle(evaluate(body)));
        let number = |value: JsValue| value.as_f64().unwrap();
        let outcome = js::settle(promise.into()).await;
        assert_eq!(outcome.map(number).map_err(number), expected, "{body}");
    }
}

#[wasm_bindgen_test]
async fn what_wakes_from_outside_wakes_a_task_too() {
    let (send, receive) = oneshot::channel::<u32>();
    let promise = spawn(async move { Ok(receive.await.unwrap().into()) });
    send.send(3).unwrap();
    assert_eq!(js::settle(promise.into()).await.unwrap().as_f64(), Some(3.0));
}

#[wasm_bindgen_test]
fn after_a_trap_the_next_call_runs_its_tasks() {
    let begin = Closure::<dyn Fn()>::new(|| {
        start(async {
            let thrower: Thrower = Function::new_no_args("throw 1").unchecked_into();
            thrower.throw(&JsValue::UNDEFINED);
        });
    });
    let caught = Function::new_with_args("begin", "try { begin() } catch (error) { return error }");
    let error = caught.call1(&JsValue::NULL, &begin.into_js_value()).unwrap();
    assert_eq!(error.as_f64(), Some(1.0));
    assert!(IS_RUNNING.get());
    enter();
    let ran = Rc::new(Cell::new(false));
    let set = Rc::clone(&ran);
    start(async move { set.set(true) });
    assert!(ran.get());
}
