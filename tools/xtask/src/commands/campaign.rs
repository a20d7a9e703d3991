//! `cargo xtask campaign`: many questions to the Worker in workerd while everything around it fails.
//!
//! The lab breaks that share of all calls to the platform and to models, workerd is killed in the middle
//! and started again on the same state, and the watchdog runs all the time. In the end each question
//! that was accepted has to be answered once, or its asker told why not.
//!
//! The local engine does not resume an instance after a kill, so every job that runs at that moment
//! needs the watchdog to go on.

pub mod verdict;
pub mod via;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::project;
use crate::setup::say;
use crate::stack::{self, Stack, worker};
use verdict::{Asked, Report, Scene};
use via::{Asking, Ends, Via};

/// Questions at the same time: the local engine drops connections when many instances start at once.
const ASKERS: usize = 4;
/// How often the watchdog runs.
const TICK: Duration = Duration::from_secs(1);
/// How often the middle is looked for.
const GLANCE: Duration = Duration::from_millis(20);
/// How often the end is looked for: each look costs a process.
const LOOK: Duration = Duration::from_secs(2);
/// How often progress is shown.
const SAY: Duration = Duration::from_secs(15);
/// How long nothing may happen any more before it is judged: the lab delays calls by up to 3 s.
const QUIET: Duration = Duration::from_secs(5);
/// Tries of one question, with a pause: while workerd is down nobody takes it.
const TRIES: u32 = 60;
const PAUSE: Duration = Duration::from_millis(500);
/// Where the evidence of a failed campaign is kept, below the target folder.
const EVIDENCE: &str = "xtask/campaign";

/// Models of three vendors; all but the last stream their answers, so that those grow while workerd is
/// killed.
const MODELS: &str = "openai/gpt-5-mini anthropic/claude-haiku-4-5 \
                      @cf/qwen/qwen3-30b-a3b-fp8 @cf/meta/llama-3.3-70b-instruct-fp8-fast";

/// How hard it gets.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Where the questions are asked
    #[arg(long, value_enum, default_value_t)]
    pub via: Via,
    /// Questions
    #[arg(long, default_value_t = 200, value_parser = jobs)]
    pub jobs: usize,
    /// Share of the calls that fail, 0 to 1
    #[arg(long, default_value_t = 0.3, value_parser = share)]
    pub rate: f64,
    /// Seed of the faults
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Silence after which the watchdog starts a job again, in seconds
    #[arg(long, default_value_t = 45, hide = true)]
    pub stall_s: u32,
    /// Longest time for all of it after the first question, in seconds
    #[arg(long, default_value_t = 600, hide = true)]
    pub longest_s: u64,
}

fn jobs(text: &str) -> Result<usize, String> {
    let jobs: usize = text.parse().map_err(|_other| "a whole number".to_owned())?;
    if jobs == 0 { Err("at least 1".to_owned()) } else { Ok(jobs) }
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_other| "a number".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("from 0 to 1".to_owned()) }
}

/// Runs a campaign and prints its result in one line.
///
/// # Errors
/// When the stack does not start or the lab does not answer.
pub fn run(options: Options) -> Result<ExitCode> {
    let begin = Instant::now();
    let report = report(options)?;
    say(&format!(
        "{} jobs needed another generation; {:.0} s in all",
        report.revived,
        begin.elapsed().as_secs_f64()
    ));
    for finding in report.failures.iter().chain(&report.left) {
        eprintln!("{finding}");
    }
    println!("{report}");
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs a campaign and returns what became of its questions.
///
/// # Errors
/// When the stack does not start or the lab does not answer.
pub fn report(options: Options) -> Result<Report> {
    let stall_s = options.stall_s.to_string();
    // Sooner than the end of the campaign, so that nobody is left waiting for it.
    let deadline_s = (options.longest_s / 2).clamp(60, 840).to_string();
    let vars = [
        ("MIYABI_MODEL", MODELS),
        ("MIYABI_STALL_SECONDS", &stall_s),
        ("MIYABI_DEADLINE_SECONDS", &deadline_s),
    ];
    let vars = [&vars, options.via.vars()].concat();
    let mut stack = Stack::start(stack::Options::with_vars(&vars))?;
    let chaos = json!({ "seed": options.seed, "rate": options.rate });
    // An answer takes two seconds, long enough to be shown before it is whole.
    let stream = json!({ "chars": 4, "pause_ms": 70 });
    stack.lab().post("/lab/config", &json!({ "chaos": chaos, "stream": stream }))?;
    stack.lab().post("/lab/config", &options.via.config())?;
    stack.be_patient()?;
    let field = Field::new(&stack, options)?;
    let begin = Instant::now();
    let scene = thread::scope(|scope| {
        for _ in 0..ASKERS {
            scope.spawn(|| field.ask_all());
        }
        scope.spawn(|| field.watch());
        let scene = field.command(&mut stack, begin);
        field.is_over.store(true, Ordering::Relaxed);
        scene
    })?;
    let questions = field.questions();
    let report = Report::new(&questions, &scene);
    if !report.is_clean() || !report.left.is_empty() {
        keep_evidence(&stack, &scene, options.via)?;
    }
    if questions.len() < options.jobs {
        bail!("only {} of {} questions were accepted", questions.len(), options.jobs);
    }
    Ok(report)
}

/// What the askers, the watchdog and the commander share.
struct Field {
    options: Options,
    ends: Ends,
    /// Questions that somebody has taken on.
    taken: AtomicUsize,
    /// Tries so far.
    tries: AtomicUsize,
    accepted: Mutex<Vec<Asked>>,
    is_over: AtomicBool,
}

impl Field {
    fn new(stack: &Stack, options: Options) -> Result<Self> {
        Ok(Self {
            options,
            ends: Ends::new(stack)?,
            taken: AtomicUsize::new(0),
            tries: AtomicUsize::new(0),
            accepted: Mutex::new(Vec::new()),
            is_over: AtomicBool::new(false),
        })
    }

    fn questions(&self) -> Vec<Asked> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Asks one question after the other until all are taken.
    fn ask_all(&self) {
        loop {
            let number = self.taken.fetch_add(1, Ordering::Relaxed);
            if number >= self.options.jobs || self.is_over() {
                return;
            }
            // As people do: who gets no answer at once asks again.
            let asked = (0..TRIES).find_map(|_| {
                let asked = self.ask(number).ok().flatten();
                if asked.is_none() {
                    thread::sleep(PAUSE);
                }
                asked
            });
            self.accepted.lock().unwrap_or_else(PoisonError::into_inner).extend(asked);
        }
    }

    /// Asks, and returns the question if it was taken.
    fn ask(&self, number: usize) -> Result<Option<Asked>> {
        let attempt = self.tries.fetch_add(1, Ordering::Relaxed);
        let (text, marks) = question(attempt);
        self.options.via.ask(&self.ends, Asking { number, text, marks })
    }

    /// Runs the watchdog until the end; while workerd is down it cannot.
    fn watch(&self) {
        while !self.is_over() {
            thread::sleep(TICK);
            drop(worker::tick(self.ends.worker()));
        }
    }

    /// Kills workerd in the middle, waits for the end, and returns what is to be seen then.
    fn command(&self, stack: &mut Stack, begin: Instant) -> Result<Scene> {
        let deadline = begin + Duration::from_secs(self.options.longest_s);
        while self.questions().len() < self.options.jobs / 2 && Instant::now() < deadline {
            thread::sleep(GLANCE);
        }
        say(&format!("killing workerd after {} questions", self.questions().len()));
        let killed_ms = Some(now_ms());
        stack.restart()?;
        let look = |stack: &Stack| self.options.via.look(stack, killed_ms);
        let mut said = Instant::now();
        loop {
            let (questions, scene) = (self.questions(), look(stack)?);
            let ended = questions.iter().filter(|asked| scene.has_ended(asked)).count();
            if ended == self.options.jobs || Instant::now() > deadline {
                thread::sleep(QUIET);
                return look(stack);
            }
            if said.elapsed() > SAY {
                said = Instant::now();
                say(&format!("{} accepted, {ended} ended", questions.len()));
            }
            thread::sleep(LOOK);
        }
    }
}

/// A question that no other is like, and what tells its answer: the scripted model repeats its place,
/// by way of a tool, or if it is offered no tools its length. One in ten takes two messages on Discord.
fn question(attempt: usize) -> (String, [String; 2]) {
    let mark = format!("c{attempt:04}x");
    let mut text = format!("What is the weather in {mark}?");
    if attempt % 10 == 3 {
        text.push_str(&" Tell it at length.".repeat(130));
    }
    text.push_str(&".".repeat(attempt));
    text.push_str(&mark);
    let length = format!("({} characters)", text.chars().count());
    (text, [mark, length])
}

/// Milliseconds since 1970, as the lab counts them.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Writes down what is needed to find out why.
fn keep_evidence(stack: &Stack, scene: &Scene, via: Via) -> Result<()> {
    let folder = project::target()?.join(EVIDENCE).join(via.name());
    std::fs::create_dir_all(&folder)?;
    for (name, text) in [
        ("wrangler.log", stack.logs()),
        ("calls.json", stack.lab().get("/lab/calls")?.to_string()),
        ("jobs.json", json!(scene.rows).to_string()),
        ("posts.json", Value::Array(stack.query("SELECT * FROM posts", &[])?).to_string()),
        ("messages.json", json!(scene.messages).to_string()),
        ("left.json", json!(scene.left).to_string()),
    ] {
        std::fs::write(folder.join(name), text)?;
    }
    say(&format!("logs, calls and rows are in {}", folder.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_has_a_mark_in_each_message_and_a_length_of_its_own() {
        let (short, marks) = question(0);
        assert_eq!(short, "What is the weather in c0000x?c0000x");
        assert_eq!(marks, ["c0000x", "(36 characters)"]);
        let (long, marks) = question(13);
        assert_eq!(marks, ["c0013x", "(2519 characters)"]);
        assert!(long.ends_with(".............c0013x"), "{long}");
        let mut lengths: Vec<usize> = (0..1000).map(|n| question(n).0.chars().count()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        assert_eq!(lengths.len(), 1000);
    }
}
