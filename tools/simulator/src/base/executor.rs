//! Tasks on one thread, with a clock that jumps to whatever happens next.
//!
//! A task runs until it waits. Waiting is for time: [`Executor::sleep`], or for another task that
//! wakes it. When nothing can run, the clock jumps to the next timer. Of several tasks that could
//! run, the seed says which goes first. A crash is [`Executor::kill`]: the future is dropped where
//! it waits, and nothing after that await ever happens.

use core::cell::{Cell, RefCell};
use core::cmp::Reverse;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Wake;

use futures::future::LocalBoxFuture;

use super::rng::Rng;

/// A task's number, in the order of their start.
pub type TaskId = u64;

/// The tasks, their timers and the clock.
#[derive(Default)]
pub struct Executor {
    now_ms: Cell<u64>,
    tasks: RefCell<BTreeMap<TaskId, Option<Task>>>,
    last: Cell<TaskId>,
    current: Cell<TaskId>,
    is_doomed: Cell<bool>,
    ready: Ready,
    timers: RefCell<BinaryHeap<Reverse<Timer>>>,
    order: Cell<u64>,
}

type Ready = Arc<Mutex<Vec<TaskId>>>;

struct Task {
    future: LocalBoxFuture<'static, ()>,
    waker: Waker,
}

struct TaskWaker {
    task: TaskId,
    ready: Ready,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if !ready.contains(&self.task) {
            ready.push(self.task);
        }
    }
}

struct Timer {
    at_ms: u64,
    /// Timers of one instant go off in the order in which they were set.
    order: u64,
    then: Then,
}

enum Then {
    Wake(Waker),
    Run(Box<dyn FnOnce()>),
}

impl PartialEq for Timer {
    fn eq(&self, other: &Self) -> bool {
        (self.at_ms, self.order) == (other.at_ms, other.order)
    }
}

impl Eq for Timer {}

impl PartialOrd for Timer {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timer {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (self.at_ms, self.order).cmp(&(other.at_ms, other.order))
    }
}

impl Executor {
    /// Returns an executor whose clock shows `now_ms`.
    pub fn new(now_ms: u64) -> Rc<Self> {
        Rc::new(Self { now_ms: Cell::new(now_ms), ..Self::default() })
    }

    /// Returns the time in milliseconds.
    pub fn now(&self) -> u64 {
        self.now_ms.get()
    }

    /// Returns the task that runs, 0 if none does.
    pub fn current(&self) -> TaskId {
        self.current.get()
    }

    /// Starts a task; it runs when the others wait.
    pub fn spawn(&self, future: impl Future<Output = ()> + 'static) -> TaskId {
        let task = self.last.get() + 1;
        self.last.set(task);
        let waker = Waker::from(Arc::new(TaskWaker { task, ready: Arc::clone(&self.ready) }));
        waker.wake_by_ref();
        self.tasks.borrow_mut().insert(task, Some(Task { future: Box::pin(future), waker }));
        task
    }

    /// Ends a task where it waits. One that runs ends when it next waits.
    pub fn kill(&self, task: TaskId) {
        if task == self.current.get() {
            self.is_doomed.set(true);
            return;
        }
        // Dropped only after the borrow: what it owns may come back here.
        let removed = self.tasks.borrow_mut().remove(&task);
        drop(removed);
    }

    /// Returns whether a task has neither ended nor been killed.
    pub fn is_alive(&self, task: TaskId) -> bool {
        self.tasks.borrow().contains_key(&task)
    }

    /// Returns how many tasks there are.
    pub fn tasks(&self) -> usize {
        self.tasks.borrow().len()
    }

    /// Runs `work` at a time, whatever becomes of the task that wants it: it is on its way.
    pub fn at(&self, at_ms: u64, work: impl FnOnce() + 'static) {
        self.set(at_ms, Then::Run(Box::new(work)));
    }

    /// Returns at a time.
    pub fn sleep_until(self: &Rc<Self>, at_ms: u64) -> Sleep {
        Sleep { executor: Rc::clone(self), at_ms, waker: None }
    }

    /// Returns after a time.
    pub fn sleep(self: &Rc<Self>, duration_ms: u64) -> Sleep {
        self.sleep_until(self.now().saturating_add(duration_ms))
    }

    fn set(&self, at_ms: u64, then: Then) {
        let order = self.order.get();
        self.order.set(order + 1);
        let timer = Timer { at_ms: at_ms.max(self.now()), order, then };
        self.timers.borrow_mut().push(Reverse(timer));
    }

    /// Runs everything up to a time, and returns earlier if `is_over` says so.
    pub fn run(&self, until_ms: u64, rng: &Rng, is_over: impl Fn() -> bool) {
        loop {
            while let Some(task) = self.next_ready(rng) {
                self.poll(task);
            }
            let due = self.timers.borrow().peek().map(|Reverse(timer)| timer.at_ms);
            let Some(due) = due.filter(|due| *due <= until_ms) else {
                self.now_ms.set(until_ms.max(self.now()));
                return;
            };
            if due > self.now() && is_over() {
                return;
            }
            self.now_ms.set(due.max(self.now()));
            let timer = self.timers.borrow_mut().pop();
            match timer.map(|Reverse(timer)| timer.then) {
                Some(Then::Wake(waker)) => waker.wake(),
                Some(Then::Run(work)) => work(),
                None => {}
            }
        }
    }

    /// Ends everything. What tasks own often owns the executor: without this nothing is freed.
    pub fn end(&self) {
        let tasks = self.tasks.take();
        drop(tasks);
        let timers = self.timers.take();
        drop(timers);
    }

    fn next_ready(&self, rng: &Rng) -> Option<TaskId> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        match ready.len() {
            0 => None,
            1 => ready.pop(),
            count => {
                let index = rng.below(u64::try_from(count).unwrap_or(1));
                Some(ready.swap_remove(usize::try_from(index).unwrap_or(0)))
            }
        }
    }

    fn poll(&self, id: TaskId) {
        let Some(mut task) = self.tasks.borrow_mut().get_mut(&id).and_then(Option::take) else {
            return;
        };
        self.current.set(id);
        self.is_doomed.set(false);
        let polled = task.future.as_mut().poll(&mut Context::from_waker(&task.waker));
        let is_over = polled.is_ready() || self.is_doomed.get();
        if is_over {
            drop(task);
            self.tasks.borrow_mut().remove(&id);
        } else if let Some(place) = self.tasks.borrow_mut().get_mut(&id) {
            *place = Some(task);
        }
        self.current.set(0);
    }
}

impl core::fmt::Debug for Executor {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("Executor")
            .field("now_ms", &self.now())
            .field("tasks", &self.tasks())
            .finish_non_exhaustive()
    }
}

/// A wait for a time.
pub struct Sleep {
    executor: Rc<Executor>,
    at_ms: u64,
    /// Who is woken; a future may be polled by one task and then by another.
    waker: Option<Waker>,
}

impl core::fmt::Debug for Sleep {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Sleep").field("at_ms", &self.at_ms).finish_non_exhaustive()
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.executor.now() >= self.at_ms {
            return Poll::Ready(());
        }
        if !self.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            let waker = context.waker().clone();
            self.executor.set(self.at_ms, Then::Wake(waker.clone()));
            self.waker = Some(waker);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> Rc<RefCell<Vec<String>>> {
        Rc::default()
    }

    #[test]
    fn the_clock_jumps_to_what_happens_next() {
        let (executor, rng, log) = (Executor::new(0), Rng::new(1), log());
        for (name, wait_ms) in [("late", 500), ("early", 20)] {
            let (inner, log) = (Rc::clone(&executor), Rc::clone(&log));
            executor.spawn(async move {
                inner.sleep(wait_ms).await;
                log.borrow_mut().push(format!("{name} {}", inner.now()));
            });
        }
        executor.run(1_000, &rng, || false);
        assert_eq!(*log.borrow(), ["early 20", "late 500"]);
        assert_eq!((executor.now(), executor.tasks()), (1_000, 0));
    }

    #[test]
    fn a_killed_task_goes_no_further_and_what_is_on_its_way_arrives() {
        let (executor, rng, log) = (Executor::new(0), Rng::new(1), log());
        let (inner, words) = (Rc::clone(&executor), Rc::clone(&log));
        let task = executor.spawn(async move {
            let arrived = Rc::clone(&words);
            inner.at(30, move || arrived.borrow_mut().push("arrived".to_owned()));
            inner.sleep(50).await;
            words.borrow_mut().push("never".to_owned());
        });
        executor.run(10, &rng, || false);
        assert!(executor.is_alive(task));
        executor.kill(task);
        executor.run(100, &rng, || false);
        assert_eq!(*log.borrow(), ["arrived"]);
    }

    #[test]
    fn a_task_that_ends_itself_stops_at_its_next_await() {
        let (executor, rng, log) = (Executor::new(0), Rng::new(1), log());
        let (inner, words) = (Rc::clone(&executor), Rc::clone(&log));
        executor.spawn(async move {
            inner.kill(inner.current());
            words.borrow_mut().push("before".to_owned());
            inner.sleep(1).await;
            words.borrow_mut().push("never".to_owned());
        });
        executor.run(100, &rng, || false);
        assert_eq!(*log.borrow(), ["before"]);
        assert_eq!(executor.tasks(), 0);
    }

    #[test]
    fn a_wait_that_moves_to_another_task_wakes_that_one() {
        let (executor, rng, log) = (Executor::new(0), Rng::new(1), log());
        let (inner, words) = (Rc::clone(&executor), Rc::clone(&log));
        executor.spawn(async move {
            let wait = inner.sleep(100);
            let short = inner.sleep(10);
            let futures::future::Either::Right(((), wait)) =
                futures::future::select(wait, short).await
            else {
                return;
            };
            let (other, words) = (Rc::clone(&inner), words);
            inner.spawn(async move {
                wait.await;
                words.borrow_mut().push(other.now().to_string());
            });
        });
        executor.run(1_000, &rng, || false);
        assert_eq!(*log.borrow(), ["100"]);
    }
}
