//! `cargo xtask page` tries the chat page in Chromium, or takes pictures of it, with the Worker in workerd behind it.
//!
//! Playwright drives the browser: `web/tests/page` has the tests and what is photographed.

use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::ValueEnum;

use super::build::page::tool;
use super::key;
use crate::browser::install;
use crate::d1::Place;
use crate::setup::{self, Npm, step};
use crate::stack::{Options, Stack};
use crate::{document, process, project};

/// What is done with the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Action {
    /// Try it.
    Test,
    /// Take pictures of every state, into target/page, and the best into docs/images.
    Look,
    /// Measure it beside the same page made with assistant-ui, and write the table into docs/design/performance.md.
    Measure,
    /// Have Lighthouse look at it, as a phone and as a desk; it fails where a category is below 95.
    Audit,
}

/// Settings of the Worker behind it. The model streams whatever it may call.
const VARS: [(&str, &str); 4] = [
    ("MIYABI_MODEL", "@cf/qwen/qwen3-30b-a3b-fp8"),
    ("MIYABI_ANONYMOUS", "on"),
    ("MIYABI_SESSION_SECRET", "0123456789abcdef0123456789abcdef"),
    (
        "MIYABI_SUGGESTIONS",
        r#"["京都の今週末の天気は?","Explain borrow checking with one example","俳句を一句","What time is it in Kyoto?"]"#,
    ),
];
/// The same page made with assistant-ui.
const PEER: &str = "tools/bench/page-peer";
/// What has Lighthouse look at the page, and what each category has to be worth.
const LIGHTHOUSE: &str = "tools/bench/lighthouse";
const LEAST: &str = "95";
/// Wait between two looks whether a test wants something.
const LOOK: Duration = Duration::from_millis(50);
/// Where the measurements are.
const DOCUMENT: &str = "docs/design/performance.md";
const PART: &str = "page";
/// What a person's key on the page may do.
const SCOPES: &str = "chat,memory,files,usage,keys";

/// Starts what is behind the page, and runs the tests of `only`, or all.
///
/// # Errors
/// When something does not start, or a test fails.
pub fn run(action: Action, only: Option<&str>) -> Result<()> {
    let browser = install::programs()?.browser;
    let mut stack = Stack::start(Options::with_vars(&VARS))?;
    if action == Action::Audit {
        return audit(&stack, &browser);
    }
    let place = Place::Local(Some(stack.folder().join("state")));
    let mut command = tool("vitest/vitest.mjs")?;
    command.args(["run", "--config", "vitest.page.config.ts"]);
    command.args(match action {
        Action::Test => ["--dir", "tests/page"],
        Action::Look => ["--dir", "tests/look"],
        Action::Measure | Action::Audit => ["--dir", "tests/measure"],
    });
    command.args(only);
    command.env("NO_COLOR", "1").env("CHROMIUM", browser);
    command.env("MIYABI_URL", stack.url()).env("LAB_URL", stack.lab_url());
    for (name, user) in [("MIYABI_KEY", "mio"), ("MIYABI_OTHER_KEY", "alex")] {
        command.env(name, key::make(&place, user, SCOPES, "")?.reveal());
    }
    command.env("PICTURES", project::target()?.join("page"));
    command.env("IMAGES", project::root()?.join("docs/images"));
    let table = stack.folder().join("measured.md");
    if action == Action::Measure {
        command.env("PEER", peer(stack.npm())?).env("TABLE", &table);
    }
    if !run_beside(&mut stack, &mut command)? {
        bail!("a test of the page failed");
    }
    if action == Action::Measure {
        document::write_part(DOCUMENT, PART, &std::fs::read_to_string(table)?)?;
    }
    Ok(())
}

/// Runs the tests, and deploys for them: each request to the address in `DEPLOY_URL` kills the Worker, starts it
/// again, and has the watchdog look at what ran, as if ten minutes were over. Returns whether they passed.
fn run_beside(stack: &mut Stack, command: &mut Command) -> Result<bool> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    command.env("DEPLOY_URL", format!("http://{}", listener.local_addr()?));
    let mut tests = command.spawn()?;
    loop {
        if let Some(status) = tests.try_wait()? {
            return Ok(status.success());
        }
        match listener.accept() {
            Ok((stream, _)) => {
                stack.restart()?;
                stack.query("UPDATE jobs SET updated_at = updated_at - 600", &[])?;
                stack.tick()?;
                reply(stream)?;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(LOOK),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Replies to a request once it is here, whatever it says.
fn reply(mut stream: TcpStream) -> Result<()> {
    stream.set_nonblocking(false)?;
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line)?;
    stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")?;
    Ok(())
}

/// Has Lighthouse look at the page, which is no dependency of it: it brings ten times what all others are together.
fn audit(stack: &Stack, browser: &Path) -> Result<()> {
    setup::packages(LIGHTHOUSE)?;
    let mut command = stack.npm().node();
    command.current_dir(project::root()?.join(LIGHTHOUSE));
    command.args(["audit.mjs", &stack.url(), LEAST]).arg(browser);
    if command.status()?.success() {
        return Ok(());
    }
    bail!("Lighthouse gives less than {LEAST} of 100")
}

/// Builds the page that ours is measured against, and returns where it is.
fn peer(npm: &Npm) -> Result<PathBuf> {
    setup::packages(PEER)?;
    let folder = project::root()?.join(PEER);
    let mut command = npm.node();
    command.current_dir(&folder).arg("node_modules/vite/bin/vite.js").args([
        "build",
        "--logLevel",
        "error",
    ]);
    step("the peer's page", || process::run(&mut command))?;
    Ok(folder.join("dist"))
}

/// Returns the command that does the same in a process of its own, so that its results can be counted. Cargo starts
/// it: this program's own file may have been built anew since it was started.
///
/// # Errors
/// When there is no browser, or cargo cannot read the workspace.
pub fn tests() -> Result<Command> {
    install::programs()?;
    project::cargo(&["run", "-q", "-p", "xtask", "--", "page", "test"])
}
