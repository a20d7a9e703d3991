//! Do tasks and waits end in every order, and leave nothing?

use std::rc::Rc;

use futures::channel::oneshot;
use futures::future::{Either, FutureExt as _, select};
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

#[wasm_bindgen]
extern "C" {
    type Thrower;
    /// As any import that is not said to throw.
    #[wasm_bindgen(method, js_name = call)]
    fn throw(this: &Thrower, context: &JsValue);
}

fn evaluate(body: &str) -> Promise {
    Function::new_no_args(body).call0(&JsValue::NULL).unwrap().unchecked_into()
}

fn left() -> (usize, usize) {
    let tasks = TASKS.with_borrow(|tasks| tasks.values.len());
    (tasks, WAITS.with_borrow(|waits| waits.values.len()))
}

#[wasm_bindgen_test]
fn a_task_runs_at_once_and_one_that_it_starts_after_it_waits() {
    let order = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&order);
    spawn(Box::pin(async move {
        let inner = Rc::clone(&log);
        spawn(Box::pin(async move { inner.borrow_mut().push("inner") }));
        log.borrow_mut().push("outer");
    }));
    assert_eq!(*order.borrow(), ["outer", "inner"]);
    assert_eq!(left(), (0, 0));
}

#[wasm_bindgen_test]
async fn a_task_goes_on_when_its_promise_settles() {
    for (body, expected) in [
        ("return new Promise((done) => setTimeout(() => done(7), 5))", Ok(7.0)),
        ("return Promise.reject(8)", Err(8.0)),
    ] {
        let (send, receive) = oneshot::channel();
        let promise = evaluate(body);
        spawn(Box::pin(async move {
            let outcome = Settling::new(&promise).await;
            send.send(outcome).unwrap();
        }));
        let outcome = receive.await.unwrap();
        let number = |value: JsValue| value.as_f64().unwrap();
        assert_eq!(outcome.map(number).map_err(number), expected, "{body}");
    }
}

#[wasm_bindgen_test]
async fn what_wakes_from_outside_wakes_a_task_too() {
    let (send, receive) = oneshot::channel::<u32>();
    let (done, ended) = oneshot::channel();
    spawn(Box::pin(async move { done.send(receive.await.unwrap()).unwrap() }));
    send.send(3).unwrap();
    assert_eq!(ended.await.unwrap(), 3);
}

#[wasm_bindgen_test]
async fn whoever_comes_first_wins_and_the_other_leaves_nothing() {
    let before = left();
    let never = evaluate("return new Promise(() => {})");
    let short = Sleeping::new(Duration::from_millis(2));
    let Either::Right(((), waiting)) = select(Settling::new(&never), short).await else {
        panic!("what never settles has settled");
    };
    drop(waiting);
    let soon = evaluate("return Promise.resolve(1)");
    let long = Sleeping::new(Duration::from_hours(1));
    assert!(matches!(select(Settling::new(&soon), long).await, Either::Left((Ok(_), _))));
    assert_eq!(left(), before);
    // A promise that settles after its wait was given up finds nobody.
    let late = evaluate("return new Promise((done) => setTimeout(done, 1))");
    drop(Settling::new(&late));
    Sleeping::new(Duration::from_millis(5)).await;
    assert_eq!(left(), before);
    assert!(Sleeping::new(Duration::from_hours(1)).now_or_never().is_none());
}

#[wasm_bindgen_test]
async fn an_exception_that_nobody_caught_ends_its_task_and_no_other() {
    let start = Closure::<dyn Fn()>::new(|| {
        spawn(Box::pin(async {
            let thrower: Thrower = Function::new_no_args("throw 1").unchecked_into();
            thrower.throw(&JsValue::UNDEFINED);
        }));
    });
    let caught = Function::new_with_args("start", "try { start() } catch (error) { return error }");
    let error = caught.call1(&JsValue::NULL, &start.into_js_value()).unwrap();
    assert_eq!(error.as_f64(), Some(1.0));
    assert!(IS_RUNNING.get());
    // A wait that settles goes on, and so does what the runtime calls next.
    Sleeping::new(Duration::from_millis(1)).await;
    assert!(!IS_RUNNING.get());
    IS_RUNNING.set(true);
    enter();
    let ran = Rc::new(Cell::new(false));
    let set = Rc::clone(&ran);
    spawn(Box::pin(async move { set.set(true) }));
    assert!(ran.get());
}
