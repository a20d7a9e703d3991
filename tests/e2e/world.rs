//! The stacks that tests share, from the first test to the last, and whose turn it is.
//!
//! Most tests run side by side on one stack; those about other vendors' models on another, whose
//! chain has a model of each. Tests that change what is the same for all (a limit, the webhook), or
//! that need every call in the lab to be theirs, run [`alone`]. Those that need other settings have a
//! stack of their [`own`].
//!
//! A static is never dropped, and libtest has no hook for its end. So the first test asks this very
//! program which tests were selected, and the last one to end stops the stack. However the program
//! ends, nothing outlives it: a signal is handled by [`process::end_on_signal`], and the processes
//! of the stack end by themselves when this one is gone.

use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use xtask::stack::{Options, Stack};
pub(crate) use xtask::value::{list, text};
use xtask::{http, process};

use crate::logs;

static STACKS: Mutex<Shared> =
    Mutex::new(Shared { stacks: [const { None }; 2], left: None, is_over: false });
static TURN: RwLock<()> = RwLock::new(());

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

struct Shared {
    /// By [`Which`].
    stacks: [Option<Arc<Stack>>; 2],
    /// Selected tests that have not ended, once the first has begun.
    left: Option<usize>,
    /// Whether one did not start, or all have ended.
    is_over: bool,
}

/// What a test sees: the Worker and the lab. Each test takes exactly one, first of all.
#[derive(Debug)]
pub(crate) struct World {
    stack: Option<Arc<Stack>>,
    turn: Turn,
    is_own: bool,
}

/// Held for its drop.
#[derive(Debug)]
enum Turn {
    Shared(#[expect(dead_code, reason = "held")] RwLockReadGuard<'static, ()>),
    Alone(#[expect(dead_code, reason = "held")] RwLockWriteGuard<'static, ()>),
}

/// Returns the world, shared with other tests.
pub(crate) fn shared() -> World {
    share(Which::Plain)
}

/// Returns the world with a chain of all vendors, shared with other tests.
pub(crate) fn chain() -> World {
    share(Which::Chain)
}

/// Returns the world when no other test is in it, with a fresh lab; the next one finds a fresh lab
/// again.
pub(crate) fn alone() -> World {
    claim(Which::Plain)
}

/// Returns the world with a chain of all vendors, when no other test is in it, with a fresh lab.
pub(crate) fn chain_alone() -> World {
    claim(Which::Chain)
}

/// Returns a world whose stack is the test's own, with these variables.
pub(crate) fn own(vars: &[(&str, &str)]) -> World {
    let turn = Turn::Shared(TURN.read().unwrap_or_else(PoisonError::into_inner));
    count(&mut lock());
    World { stack: Some(start(vars).unwrap()), turn, is_own: true }
}

fn share(which: Which) -> World {
    let turn = Turn::Shared(TURN.read().unwrap_or_else(PoisonError::into_inner));
    World { stack: Some(stack(which)), turn, is_own: false }
}

fn claim(which: Which) -> World {
    let turn = Turn::Alone(TURN.write().unwrap_or_else(PoisonError::into_inner));
    let world = World { stack: Some(stack(which)), turn, is_own: false };
    world.freshen();
    world
}

fn stack(which: Which) -> Arc<Stack> {
    let mut shared = lock();
    assert!(!shared.is_over, "there is no stack to test; the first test that failed says why");
    count(&mut shared);
    let chain = CHAIN.map(|(_, model)| model).join(", ");
    let (place, vars) = match which {
        Which::Plain => (0, Vec::new()),
        Which::Chain => (1, vec![("MIYABI_MODEL", chain.as_str())]),
    };
    if let Some(stack) = &shared.stacks[place] {
        return Arc::clone(stack);
    }
    match start(&vars) {
        Ok(stack) => Arc::clone(shared.stacks[place].insert(stack)),
        Err(cause) => {
            shared.is_over = true;
            panic!("there is no stack to test: {cause}");
        }
    }
}

fn count(shared: &mut Shared) {
    shared.left.get_or_insert_with(selected_tests);
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

fn lock() -> MutexGuard<'static, Shared> {
    STACKS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for World {
    fn drop(&mut self) {
        if matches!(self.turn, Turn::Alone(_)) {
            // Also after a failure, so that it stays the only one.
            drop(freshen(self.stack()));
        }
        let own = self.stack.take();
        let log = own.as_ref().map(|stack| stack.logs()).unwrap_or_default();
        drop(own);
        let mut logs = if self.is_own { vec![log] } else { Vec::new() };
        let mut shared = lock();
        shared.left = shared.left.map(|left| left.saturating_sub(1));
        if shared.left == Some(0) {
            // The last one: the Workers and the labs end here.
            for stack in shared.stacks.iter_mut().filter_map(Option::take) {
                logs.push(stack.logs());
            }
            shared.is_over = true;
        }
        drop(shared);
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
