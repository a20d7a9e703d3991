//! Runs futures, and waits for promises and timers.
//!
//! What `wasm-bindgen-futures` does, at less cost to each request: a task runs at once and not in a
//! microtask, which the runtime makes dear, and a wait takes no closures of wasm, which are registered
//! for finalization, only a number for one function that is made once.

use core::cell::{Cell, RefCell};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Wake;

use futures::future::LocalBoxFuture;
use js_sys::{Function, Promise};
use wasm_bindgen::closure::WasmClosure;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, duration_ms: f64, key: u32, is_over: bool) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);

    type Thenable;
    #[wasm_bindgen(method)]
    fn then(this: &Thenable, fulfilled: &Function, rejected: &Function);
}

#[wasm_bindgen(module = "/src/platform/bridge.js")]
extern "C" {
    fn wait(promise: &JsValue, settle: &Function, key: u32);
}

/// A future that runs by itself.
struct Task {
    work: LocalBoxFuture<'static, ()>,
    waker: Waker,
}

/// Something that JavaScript settles.
enum Wait {
    Pending(Option<Waker>),
    Settled(Result<JsValue, JsValue>),
}

/// Values by number. Few at a time and the latest are asked for first, so a list will do.
struct Slots<T> {
    next: u32,
    values: Vec<(u32, T)>,
}

thread_local! {
    static TASKS: RefCell<Slots<Task>> = const { RefCell::new(Slots::new()) };
    static WAITS: RefCell<Slots<Wait>> = const { RefCell::new(Slots::new()) };
    /// Tasks that can go on.
    static READY: RefCell<VecDeque<u32>> = const { RefCell::new(VecDeque::new()) };
    /// Whether somebody up the stack is looking after [`READY`].
    static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
    // What was pending before a panic stays so: a fresh instance has other functions, and the old ones
    // throw when JavaScript calls them.
    static SETTLE: Function = function(Closure::<dyn Fn(u32, bool, JsValue)>::new(settle));
    static RUN: Function = function(Closure::<dyn Fn()>::new(run));
}

/// Starts a future: it runs at once, or as soon as the task that starts it waits.
pub fn spawn(work: LocalBoxFuture<'static, ()>) {
    let key = TASKS.with_borrow_mut(|tasks| {
        let key = tasks.key();
        let waker = Waker::from(Arc::new(Wakeup(key)));
        tasks.put(key, Task { work, waker });
        key
    });
    READY.with_borrow_mut(|ready| ready.push_back(key));
    if !IS_RUNNING.get() {
        run();
    }
}

/// Says that JavaScript has called: whatever ran before has returned, or was ended by an exception
/// that nobody caught.
pub fn enter() {
    IS_RUNNING.set(false);
}

fn run() {
    IS_RUNNING.set(true);
    while let Some(key) = READY.with_borrow_mut(VecDeque::pop_front) {
        let task = TASKS.with_borrow_mut(|tasks| tasks.take(key));
        // One that was woken twice may have ended.
        let Some(mut task) = task else { continue };
        if task.work.as_mut().poll(&mut Context::from_waker(&task.waker)).is_pending() {
            TASKS.with_borrow_mut(|tasks| tasks.put(key, task));
        }
    }
    IS_RUNNING.set(false);
}

/// Wakes the task of this number.
struct Wakeup(u32);

impl Wake for Wakeup {
    fn wake(self: Arc<Self>) {
        READY.with_borrow_mut(|ready| ready.push_back(self.0));
        if !IS_RUNNING.get() {
            // Whoever wakes may hold something that the task wants: not before it has returned.
            let now: Thenable = Promise::resolve(&JsValue::UNDEFINED).unchecked_into();
            RUN.with(|run| now.then(run, run));
        }
    }
}

fn function<T: ?Sized + WasmClosure>(closure: Closure<T>) -> Function {
    closure.into_js_value().unchecked_into()
}

fn settle(key: u32, is_fulfilled: bool, value: JsValue) {
    let outcome = if is_fulfilled { Ok(value) } else { Err(value) };
    let waker = WAITS.with_borrow_mut(|waits| {
        // Nobody waits any more for what is not there.
        let wait = waits.get(key)?;
        match core::mem::replace(wait, Wait::Settled(outcome)) {
            Wait::Pending(waker) => waker,
            Wait::Settled(_) => None,
        }
    });
    if let Some(waker) = waker {
        // It is JavaScript that calls, so nothing is held: the task goes on here and now.
        IS_RUNNING.set(true);
        waker.wake();
        run();
    }
}

/// A wait for a promise.
#[derive(Debug)]
pub struct Settling {
    key: u32,
}

impl Settling {
    /// Begins to wait for a promise, or for anything that only behaves like one, as an RPC stub's results
    /// do.
    pub fn new(promise: &JsValue) -> Self {
        let settling = Self::pending();
        SETTLE.with(|settle| wait(promise, settle, settling.key));
        settling
    }

    fn pending() -> Self {
        WAITS.with_borrow_mut(|waits| {
            let key = waits.key();
            waits.put(key, Wait::Pending(None));
            Self { key }
        })
    }
}

impl Future for Settling {
    type Output = Result<JsValue, JsValue>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        WAITS.with_borrow_mut(|waits| match waits.take(self.key) {
            Some(Wait::Settled(outcome)) => Poll::Ready(outcome),
            // It is asked again after its end only by mistake, and then waits for ever.
            Some(Wait::Pending(_)) | None => {
                waits.put(self.key, Wait::Pending(Some(context.waker().clone())));
                Poll::Pending
            }
        })
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        drop(WAITS.with_borrow_mut(|waits| waits.take(self.key)));
    }
}

/// A wait for a time; one that is given up takes its timer with it.
#[derive(Debug)]
pub struct Sleeping {
    wait: Settling,
    timer: JsValue,
}

impl Sleeping {
    /// Begins to wait.
    pub fn new(duration: Duration) -> Self {
        let wait = Settling::pending();
        let duration_ms = duration.as_secs_f64() * 1000.0;
        let timer = SETTLE.with(|settle| set_timeout(settle, duration_ms, wait.key, true));
        Self { wait, timer }
    }
}

impl Future for Sleeping {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.wait).poll(context).map(drop)
    }
}

impl Drop for Sleeping {
    fn drop(&mut self) {
        clear_timeout(&self.timer);
    }
}

impl<T> Slots<T> {
    const fn new() -> Self {
        Self { next: 0, values: Vec::new() }
    }

    fn key(&mut self) -> u32 {
        self.next = self.next.wrapping_add(1);
        self.next
    }

    fn put(&mut self, key: u32, value: T) {
        self.values.push((key, value));
    }

    fn get(&mut self, key: u32) -> Option<&mut T> {
        self.values.iter_mut().rev().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    fn take(&mut self, key: u32) -> Option<T> {
        let at = self.values.iter().rposition(|(known, _)| *known == key)?;
        Some(self.values.swap_remove(at).1)
    }
}

#[cfg(test)]
mod tests;
