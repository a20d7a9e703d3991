//! `cargo xtask dev`: the lab's page, and behind it the Worker, built again after each edit.
//!
//! The lab runs through all of it, so the channel stays; the Worker's database stays as well.

pub mod instance;
pub mod observe;
pub mod running;
pub mod watch;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use miyabi_core::config::UserInstall;
use serde_json::{Value, json};

use super::{build, register};
use crate::setup::say;
use crate::stack::lab::Lab;
use crate::stack::{self, Stack, worker};
use crate::telegram::Bot;
use crate::{process, project};
use observe::Observer;

/// Where the page is, unless the port is taken: the same address each time, for the browser's tab.
const PORT: u16 = 8780;
/// Where the Worker is, unless the port is taken: the address that wrangler gives it too.
const WORKER_PORT: u16 = 8787;
/// How often to look for edits.
const POLL: Duration = Duration::from_millis(400);
/// How often the watchdog runs where the Worker is deployed.
const MINUTE: Duration = Duration::from_mins(1);
/// Silence after which the watchdog gives a job another generation: longer than a call to a model may
/// take, and short enough to see that a restart loses no job.
const STALL_SECONDS: &str = "150";
/// What the chat page takes to be tried without signing in; the secret signs cookies of this machine alone.
const CHAT_PAGE: [(&str, &str); 3] = [
    ("MIYABI_ANONYMOUS", "on"),
    ("MIYABI_SESSION_SECRET", "of no use anywhere but on this machine"),
    (
        "MIYABI_SUGGESTIONS",
        r#"["What time is it in Kyoto?", "京都の天気は?", "[long 2000] [slow 40] in English"]"#,
    ),
];
/// Most of a build's output that the page shows, in lines.
const LINES: usize = 60;

/// What to start.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Port of the page; without it 8780, or any free one.
    pub port: Option<u16>,
    /// The stack; its ports are chosen here.
    pub stack: stack::Options,
}

/// Starts everything and goes on until a signal ends it.
///
/// # Errors
/// When something is missing or does not start, and when the lab ends.
pub fn run(options: Options) -> Result<()> {
    let port = match options.port {
        Some(port) => worker::choose_port(port)?,
        None => free_port(PORT)?,
    };
    let mut files = watch::look()?;
    say("checking tools and builds");
    let npm = stack::prepare_as(build::Profile::Dev)?;
    say("starting the lab and the Worker in workerd");
    let mut stack = Stack::launch(npm, with_ports(options.stack, port, free_port(WORKER_PORT)?))?;
    let _observer = open(&stack)?;
    running::note(&stack)?;
    println!("\n  {}\n", stack.lab_url());
    say("open it in a browser; Ctrl-C ends everything");
    let url = stack.url();
    say(&format!(
        "the chat page is at {url}/, for visitors too; /link makes a code to sign in with"
    ));
    say(&format!("the HTTP API is at {url}/api; /key makes a key for it, and so does"));
    say("cargo xtask key --user me --scopes chat --dev");
    std::thread::spawn(move || keep_ticking(&url));
    loop {
        std::thread::sleep(POLL);
        let now = watch::look()?;
        if let Some(path) = now.changed_since(&files) {
            let name = path.strip_prefix(project::root()?).unwrap_or(path).display().to_string();
            files = settle(now)?;
            renew(&mut stack, &name)?;
        } else if !stack.is_running() {
            say("the Worker has ended; starting it again");
            start(&mut stack)?;
        }
    }
}

/// Returns this port, or any free one if it is taken.
fn free_port(port: u16) -> Result<u16> {
    worker::choose_port(port).or_else(|_taken| worker::choose_port(0))
}

fn with_ports(options: stack::Options, lab_port: u16, port: u16) -> stack::Options {
    let mut options = stack::Options { port, lab_port, ..options };
    options.vars.push(("MIYABI_STALL_SECONDS".to_owned(), STALL_SECONDS.to_owned()));
    for (name, value) in CHAT_PAGE {
        if !options.vars.iter().any(|(set, _)| set == name) {
            options.vars.push((name.to_owned(), value.to_owned()));
        }
    }
    options
}

/// Gives the lab what its page shows: the commands, the Worker's address, and what happens in it.
///
/// # Errors
/// When the lab does not take it, or Node cannot be started.
pub fn open(stack: &Stack) -> Result<Observer> {
    register(stack.lab())?;
    tell(stack, "ready", "")?;
    Observer::start(stack)
}

/// Puts the commands, those of Discord and the menus of Telegram, as `cargo xtask register` does.
///
/// # Errors
/// When the lab refuses them.
pub fn register(lab: &Lab) -> Result<()> {
    let world = lab.get("/lab/world")?;
    let text = |name: &str| {
        world.get(name).and_then(Value::as_str).context("the lab's world is not whole")
    };
    let url =
        format!("{}/applications/{}/commands", text("discord_api_base")?, text("application_id")?);
    let refused = "the lab refused the commands";
    register::put(text("bot_token")?, &url, UserInstall::On).context(refused)?;
    let telegram = |name: &str| {
        let value = world.pointer(&format!("/telegram/{name}")).and_then(Value::as_str);
        value.context("the lab's world is not whole")
    };
    let bot = Bot { base: telegram("base")?, token: telegram("bot_token")? };
    register::telegram::put_menus(&bot).context(refused)
}

/// Tells the page how the Worker is.
fn tell(stack: &Stack, state: &str, message: &str) -> Result<()> {
    let status = json!({ "url": stack.url(), "state": state, "message": message });
    stack.lab().post("/lab/worker", &status).map(drop)
}

fn keep_ticking(url: &str) -> ! {
    loop {
        std::thread::sleep(MINUTE);
        // While the Worker is being built anew nothing answers; the next round does.
        if let Err(error) = worker::tick(url) {
            say(&format!("the watchdog did not run: {error:#}"));
        }
    }
}

/// Waits until an editor has written everything.
fn settle(mut files: watch::Snapshot) -> Result<watch::Snapshot> {
    loop {
        std::thread::sleep(POLL / 4);
        let now = watch::look()?;
        if now == files {
            return Ok(now);
        }
        files = now;
    }
}

/// Builds and starts the Worker again; if the build fails, the one that runs goes on.
fn renew(stack: &mut Stack, what: &str) -> Result<()> {
    say(&format!("{what} has changed: building"));
    tell(stack, "building", "")?;
    let before = build::stamp()?;
    if let Err(error) = build_again() {
        eprintln!("{error}");
        say("the build failed; the Worker of before goes on");
        return tell(stack, "broken", &error.to_string());
    }
    let is_setting = what == "wrangler.toml" || what.starts_with("migrations");
    if !is_setting && build::stamp()? == before {
        // A test or a comment has changed.
        say("the Worker is the same as before");
        return tell(stack, "ready", "");
    }
    start(stack)
}

fn start(stack: &mut Stack) -> Result<()> {
    tell(stack, "starting", "")?;
    match stack.renew() {
        Ok(()) => {
            say("the Worker runs");
            tell(stack, "ready", "")
        }
        Err(error) => {
            eprintln!("{error:#}");
            tell(stack, "broken", &format!("{error:#}"))?;
            // Not at once again: until the next edit there is nothing to gain.
            std::thread::sleep(MINUTE / 12);
            Ok(())
        }
    }
}

/// Builds in a process of its own, whose output can be shown in two places.
fn build_again() -> Result<()> {
    let built = project::target()?.join("debug/xtask");
    let program = if built.exists() { built } else { std::env::current_exe()? };
    let mut command = Command::new(Path::new(&program));
    command.current_dir(project::root()?).args(["build", "--dev"]);
    let (status, _, stderr) = process::output(&mut command)?;
    if status.success() {
        return Ok(());
    }
    let lines: Vec<&str> = stderr.lines().filter(|line| !line.starts_with("· ")).collect();
    bail!("{}", lines.get(..lines.len().min(LINES)).unwrap_or_default().join("\n"))
}
