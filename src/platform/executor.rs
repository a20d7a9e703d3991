//! An executor that runs a task at once, when it is started and each time it is woken.
//!
//! The one of `wasm-bindgen-futures` runs a task in a microtask of its own for each wake, which an
//! acknowledgement pays for in processor time (`cargo xtask bench`, accepted). Only requests run here, and
//! the work that outlives their replies (`wait_until`); `JsFuture` and `worker`'s types do not care who runs them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use async_task::Runnable;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use js_sys::Promise;
use wasm_bindgen::JsValue;

thread_local! {
    /// Tasks that can go on.
    static READY: RefCell<VecDeque<Runnable>> = const { RefCell::new(VecDeque::new()) };
    /// Whether a caller up the stack works through [`READY`].
    static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// Begins a call by the runtime. After a trap without a panic, such as a stack that overflows,
/// `IS_RUNNING` is still set, and without this no task would ever run again.
pub fn enter() {
    IS_RUNNING.set(false);
}

/// Starts a future and returns a promise of its result. It runs now, or as soon as the task that starts
/// it waits.
pub fn spawn(work: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    // Boxed, so that a task is compiled once, and not for each kind of work.
    spawn_boxed(work.boxed_local())
}

fn spawn_boxed(work: LocalBoxFuture<'static, Result<JsValue, JsValue>>) -> Promise {
    let mut functions = None;
    let promise = Promise::new(&mut |resolve, reject| functions = Some((resolve, reject)));
    // Not inside of the promise's own callback, which would catch a trap and go on after it.
    if let Some((resolve, reject)) = functions {
        let (runnable, task) = async_task::spawn_local(
            async move {
                let settled = match work.await {
                    Ok(value) => resolve.call1(&JsValue::UNDEFINED, &value),
                    Err(error) => reject.call1(&JsValue::UNDEFINED, &error),
                };
                // Neither function ever throws.
                drop(settled);
            },
            schedule,
        );
        task.detach();
        runnable.schedule();
    }
    promise
}

fn schedule(runnable: Runnable) {
    READY.with_borrow_mut(|ready| ready.push_back(runnable));
    if IS_RUNNING.replace(true) {
        return;
    }
    while let Some(next) = READY.with_borrow_mut(VecDeque::pop_front) {
        next.run();
    }
    IS_RUNNING.set(false);
}

#[cfg(test)]
mod tests;
