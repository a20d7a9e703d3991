//! The stacks on which tests run, from the first test to the last.
//!
//! Most tests run side by side on one stack; those about other vendors' models on another, whose
//! chain has a model of each. Tests that change what is the same for all on a stack (a limit, the
//! webhook), or that need every call in the lab to be theirs, run [`alone`]: each borrows one of
//! [`MOST_LENT`] stacks, and gives it back for the next. Those that need other settings have a stack of
//! their [`own`]. No test waits for those on other stacks: a stack has a lab of its own.
//!
//! A static is never dropped, and libtest has no hook for its end. So the first test asks this very
//! program which tests were selected, and the last one to end stops the stack. However the program
//! ends, nothing outlives it: a signal is handled by [`process::end_on_signal`], and the processes
//! of the stack end by themselves when this one is gone.

use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use xtask::stack::{Options, Stack};
pub(crate) use xtask::value::{list, text};
use xtask::{http, process};

use crate::logs;

static STACKS: Mutex<Stacks> = Mutex::new(Stacks {
    shared: [const { None }; 2],
    idle: Vec::new(),
    lent: 0,
    left: None,
    is_over: false,
});
/// Told when a test gives a stack back.
static GIVEN_BACK: Condvar = Condvar::new();

/// Most tests that are [`alone`] at a time, each on a stack.
const MOST_LENT: usize = 4;

/// Longest wait for anything but a job, which may take long by design.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How often a waiting test looks again.
const POLL: Duration = Duration::from_millis(20);

/// A model of each vendor, as the shared chain has them; the eighth is the most that a chain takes.
pub(crate) const CHAIN: [(&str, &str); 8] = [
    ("ai_run", "@cf/meta/llama-3.3-70b-instruct-fp8-fast"),
    ("openai", "openai/gpt-5-mini"),
    ("anthropic", "anthropic/claude-haiku-4-5"),
    ("gemini", "gemini/gemini-2.5-flash-lite"),
    ("groq", "groq/openai/gpt-oss-120b"),
    ("deepseek", "deepseek/deepseek-v4-flash"),
    ("ollama", "ollama/llama3.2"),
    ("huggingface", "huggingface/org/model:provider"),
];

/// Which shared stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    /// As `wrangler.toml` has it: one model of Workers AI.
    Plain,
    /// With [`CHAIN`].
    Chain,
}

struct Stacks {
    /// By [`Which`].
    shared: [Option<Arc<Stack>>; 2],
    /// Those for tests that are alone, while no test is on them.
    idle: Vec<Arc<Stack>>,
    /// How many tests are alone.
    lent: usize,
    /// Selected tests that have not ended, once the first has begun.
    left: Option<usize>,
    /// Whether one did not start, or all have ended.
    is_over: bool,
}

/// What a test sees: the Worker and the lab. Each test takes exactly one, first of all.
#[derive(Debug)]
pub(crate) struct World {
    stack: Option<Arc<Stack>>,
    whose: Whose,
}

/// What becomes of a stack after a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Other tests are on it.
    Everybodys,
    /// The next test that is alone gets it.
    Lent,
    /// It ends.
    Own,
}

/// Returns the world, shared with other tests.
pub(crate) fn shared() -> World {
    share(Which::Plain)
}

/// Returns the world with a chain of all vendors, shared with other tests.
pub(crate) fn chain() -> World {
    share(Which::Chain)
}

/// Returns a world in which no other test is, with a fresh lab.
pub(crate) fn alone() -> World {
    let world = World { stack: Some(borrow()), whose: Whose::Lent };
    world.freshen();
    world
}

/// Returns a world with a chain of all vendors in which no other test is.
pub(crate) fn chain_alone() -> World {
    own(&[("MIYABI_MODEL", &whole_chain())])
}

/// Returns a world whose stack is the test's own, with these variables.
pub(crate) fn own(vars: &[(&str, &str)]) -> World {
    count(&mut lock());
    World { stack: Some(start(vars).unwrap()), whose: Whose::Own }
}

fn share(which: Which) -> World {
    World { stack: Some(stack(which)), whose: Whose::Everybodys }
}

/// Returns a stack that no test is on: one that was given back, or a new one if there may be more.
fn borrow() -> Arc<Stack> {
    let mut stacks = lock();
    count(&mut stacks);
    while stacks.lent == MOST_LENT {
        stacks = GIVEN_BACK.wait(stacks).unwrap_or_else(PoisonError::into_inner);
    }
    stacks.lent += 1;
    let idle = stacks.idle.pop();
    drop(stacks);
    idle.map_or_else(|| start(&[]), Ok).unwrap_or_else(|cause| {
        give_back(None);
        panic!("there is no stack to test: {cause}");
    })
}

/// Lets the next test be alone, on this stack or on a new one.
fn give_back(stack: Option<Arc<Stack>>) {
    let mut stacks = lock();
    stacks.lent -= 1;
    stacks.idle.extend(stack);
    GIVEN_BACK.notify_one();
}

fn whole_chain() -> String {
    CHAIN.map(|(_, model)| model).join(", ")
}

fn stack(which: Which) -> Arc<Stack> {
    let mut stacks = lock();
    assert!(!stacks.is_over, "there is no stack to test; the first test that failed says why");
    count(&mut stacks);
    let chain = whole_chain();
    let (place, vars) = match which {
        Which::Plain => (0, Vec::new()),
        Which::Chain => (1, vec![("MIYABI_MODEL", chain.as_str())]),
    };
    if let Some(stack) = &stacks.shared[place] {
        return Arc::clone(stack);
    }
    match start(&vars) {
        Ok(stack) => Arc::clone(stacks.shared[place].insert(stack)),
        Err(cause) => {
            stacks.is_over = true;
            panic!("there is no stack to test: {cause}");
        }
    }
}

fn count(stacks: &mut Stacks) {
    stacks.left.get_or_insert_with(selected_tests);
}

fn start(vars: &[(&str, &str)]) -> Result<Arc<Stack>, String> {
    let start = || {
        process::end_on_signal()?;
        // Tests tell their calls apart by marks, which the questions of others must not bring along.
        let vars = [&[("MIYABI_MEMORY", "off")], vars].concat();
        let stack = Stack::start(Options::with_vars(&vars))?;
        freshen(&stack)?;
        anyhow::Ok(Arc::new(stack))
    };
    start().map_err(|error| format!("{error:#}"))
}

/// Brings the lab back to its start, except for patience: only the test of the deadline should miss it.
fn freshen(stack: &Stack) -> anyhow::Result<()> {
    stack.freshen()?;
    stack.be_patient()
}

/// Asks this test program what it runs with the arguments it was given.
fn selected_tests() -> usize {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let listed = command.args(std::env::args().skip(1)).arg("--list").output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    listed.lines().filter(|line| line.ends_with(": test")).count()
}

fn lock() -> MutexGuard<'static, Stacks> {
    STACKS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for World {
    fn drop(&mut self) {
        let mut logs = Vec::new();
        let stack = self.stack.take();
        match self.whose {
            Whose::Everybodys => drop(stack),
            // After a failure the next one has a new stack, so that it stays the only one.
            Whose::Lent => give_back(stack.filter(|_| !std::thread::panicking())),
            Whose::Own => logs.extend(stack.map(|stack| stack.logs())),
        }
        let mut stacks = lock();
        stacks.left = stacks.left.map(|left| left.saturating_sub(1));
        if stacks.left == Some(0) {
            // The last one: the Workers and the labs end here.
            let shared = stacks.shared.each_mut().into_iter().filter_map(Option::take);
            let ended: Vec<_> = shared.collect();
            for stack in ended.into_iter().chain(stacks.idle.drain(..)) {
                logs.push(stack.logs());
            }
            stacks.is_over = true;
        }
        drop(stacks);
        if !std::thread::panicking() {
            for log in &logs {
                logs::assert_clean(log);
            }
        }
    }
}

impl World {
    /// Returns the stack.
    pub(crate) fn stack(&self) -> &Stack {
        self.stack.as_ref().unwrap()
    }

    /// Starts the Worker again with other variables; only for whoever has a stack of their [`own`].
    pub(crate) fn reconfigure(&mut self, vars: &[(&str, &str)]) {
        let stack = self.stack.as_mut().and_then(Arc::get_mut);
        stack.unwrap().reconfigure(vars).unwrap();
    }

    /// Kills the Worker and starts it again; only for whoever has a stack of their [`own`].
    pub(crate) fn restart(&mut self) {
        self.stack.as_mut().and_then(Arc::get_mut).unwrap().restart().unwrap();
    }

    /// Brings the lab back to its start; only for whoever is [`alone`].
    pub(crate) fn freshen(&self) {
        freshen(self.stack()).unwrap();
    }

    /// Has somebody delete a webhook.
    pub(crate) fn delete_webhook(&self, id: &str) {
        http::delete(&format!("{}/lab/webhooks/{id}", self.stack().lab_url())).unwrap();
    }

    /// Reads JSON from the lab.
    pub(crate) fn lab(&self, path: &str) -> Value {
        self.stack().lab().get(path).unwrap()
    }

    /// Sends JSON to the lab.
    pub(crate) fn tell_lab(&self, path: &str, body: &Value) -> Value {
        self.stack().lab().post(path, body).unwrap()
    }

    /// Returns what the readers of a channel see, oldest first.
    pub(crate) fn channel(&self, name: &str) -> Vec<Value> {
        self.stack().channel(name).unwrap()
    }

    /// Returns all calls since the last reset.
    pub(crate) fn calls(&self) -> Vec<Value> {
        self.stack().lab().list("/lab/calls").unwrap()
    }

    /// Returns what Discord or Workers AI would have refused.
    pub(crate) fn violations(&self) -> Vec<Value> {
        self.stack().lab().list("/lab/violations").unwrap()
    }

    /// Delivers an interaction in any form that the lab knows; it adds the Worker.
    pub(crate) fn deliver(&self, order: &Value) -> Value {
        self.stack().deliver(order).unwrap()
    }

    /// Returns the job's row, or `None` if there is none.
    pub(crate) fn row(&self, id: &str) -> Option<Value> {
        self.stack().job_row(id).unwrap()
    }
}

/// Returns what the reply to a command tells its person at once, and nobody else.
pub(crate) fn told_alone(receipt: &Value) -> String {
    assert_eq!(
        (&receipt["status"], &receipt["violations"]),
        (&json!(200), &json!([])),
        "{receipt}"
    );
    let ack = &receipt["ack"];
    assert_eq!((&ack["type"], &ack["data"]["flags"]), (&json!(4), &json!(64)), "{receipt}");
    text(&ack["data"], "content").to_owned()
}

/// Looks again and again until `look` finds something.
pub(crate) fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(TIMEOUT, what, look)
}

/// Looks again and again, for so long, until `look` finds something.
pub(crate) fn within<T>(longest: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + longest;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {} s for {what}", longest.as_secs());
        std::thread::sleep(POLL);
    }
}
