//! `cargo xtask test`: everything that has to pass, stage by stage.
//!
//! A stage that fails does not stop the others. Nothing may be skipped: an ignored test fails the
//! run. The last line is the sum over all stages, `N passed, N failed`; a stage that is no test
//! program counts as one test.

pub mod count;

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use super::build::page;
use super::{build, check, register, scale, schema, simulate, size, tidy};
use crate::browser::install;
use crate::problem::usage;
use crate::setup::{self, Npm, say};
use crate::stack::worker;
use crate::{process, project};
use count::Count;

/// One part of the whole.
#[derive(Debug, Clone, Copy)]
enum Stage {
    /// A cargo command that succeeds or not.
    Part(check::Part),
    /// Something that succeeds or not.
    Once(&'static str, fn() -> Result<()>),
    /// A test program whose results are counted.
    Tests(&'static str, fn() -> Result<Command>),
}

/// Runs all stages, or only those of a name, and returns whether all went well as an exit code, so
/// that nothing is printed after the summary.
///
/// # Errors
/// When a tool is missing, and when there is no stage of that name.
pub fn run(only: Option<&str>) -> Result<ExitCode> {
    let stages: Vec<Stage> =
        stages().into_iter().filter(|stage| only.is_none_or(|name| stage.name() == name)).collect();
    if stages.is_empty() {
        let names: Vec<&str> = self::stages().iter().map(Stage::name).collect();
        return Err(usage("there is no such stage", format!("one of {}", names.join(", "))));
    }
    setup::c_compiler()?;
    setup::wasm_target()?;
    setup::components()?;
    Npm::install()?;
    let begin = Instant::now();
    let (mut total, mut failures) = (Count::default(), Vec::new());
    for stage in stages {
        let name = stage.name();
        say(&format!("{name} …"));
        let start = Instant::now();
        let (count, cause) = stage.run();
        say(&format!("{name}: {count}, {:.1} s", start.elapsed().as_secs_f64()));
        total.add(count);
        failures.extend(cause.map(|cause| format!("{name}: {cause}")));
    }
    for failure in &failures {
        eprintln!("FAILED {failure}");
    }
    say(&format!("all stages: {:.1} s", begin.elapsed().as_secs_f64()));
    process::settle();
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if failures.is_empty() && total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn stages() -> Vec<Stage> {
    let mut stages: Vec<Stage> = check::PARTS.into_iter().map(Stage::Part).collect();
    stages.extend([
        Stage::Once("tidy", || tidy::run(tidy::Mode::Check)),
        Stage::Once("schema", || schema::run(schema::Mode::Check)),
        Stage::Once("scale", || scale::run(scale::Mode::Check)),
        Stage::Tests("native", native),
        Stage::Tests("simulate", simulated),
        Stage::Tests("wasm", wasm),
        Stage::Once("page-types", page::types),
        Stage::Tests("page", page::tests),
        Stage::Once("build", || build::run(build::Profile::Release)),
        Stage::Once("size", size::run),
        Stage::Once("deploy-staging", || deploy("staging")),
        Stage::Once("deploy-production", || deploy("production")),
        Stage::Once("register", || {
            register::run(&register::Options { dry_run: true, ..register::Options::default() })
        }),
        Stage::Tests("e2e", e2e),
        Stage::Tests("browser", browser),
        Stage::Tests("page-browser", super::page::tests),
    ]);
    stages
}

impl Stage {
    fn name(&self) -> &'static str {
        match self {
            Self::Part(part) => part.name,
            Self::Once(name, _) | Self::Tests(name, _) => name,
        }
    }

    /// Returns what passed and failed, and the cause if anything did not pass.
    fn run(self) -> (Count, Option<String>) {
        match self {
            Self::Part(part) => {
                once(part.command().and_then(|mut command| process::run(&mut command)))
            }
            Self::Once(_, work) => once(work()),
            Self::Tests(_, command) => {
                match command().and_then(|mut command| tests(&mut command)) {
                    Ok(result) => result,
                    Err(error) => once(Err(error)),
                }
            }
        }
    }
}

fn once(result: Result<()>) -> (Count, Option<String>) {
    match result {
        Ok(()) => (Count { passed: 1, ..Count::default() }, None),
        Err(error) => (Count { failed: 1, ..Count::default() }, Some(format!("{error:#}"))),
    }
}

/// Runs a test program, shows its output and counts its results.
fn tests(command: &mut Command) -> Result<(Count, Option<String>)> {
    let mut count = Count::default();
    let has_succeeded = process::follow(command, |line| {
        println!("{line}");
        count.read(line);
    })?;
    let cause = count.cause(has_succeeded);
    if cause.is_some() && count.failed == 0 {
        // It did not build, or skipped: that is a failure of the stage itself.
        count.failed = 1;
    }
    Ok((count, cause))
}

fn native() -> Result<Command> {
    // The simulator's tests are a stage of their own, in a profile of their own.
    let others = ["--exclude", "e2e", "--exclude", "browser", "--exclude", "simulator"];
    let mut command = project::cargo(&["test", "-q", "--workspace", "--no-fail-fast"])?;
    command.args(others);
    Ok(command)
}

fn simulated() -> Result<Command> {
    let mut command = project::cargo(&["test", "-q", "-p", "simulator", "--no-fail-fast"])?;
    command.args(["--profile", simulate::PROFILE]);
    Ok(command)
}

fn wasm() -> Result<Command> {
    let runner = setup::bindgen()?.join("bindgen-test-runner");
    let mut command = project::cargo(&["test", "-p", "miyabi", "--lib"])?;
    command.args(["--target", "wasm32-unknown-unknown"]);
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    Npm::install()?.environment(&mut command);
    Ok(command)
}

fn e2e() -> Result<Command> {
    // They wait more than they work, so more of them at a time than there are cores.
    project::cargo(&["test", "-q", "-p", "e2e", "--no-fail-fast", "--", "--test-threads=8"])
}

fn browser() -> Result<Command> {
    // First, so that what has to be installed is said here and not in the middle of a test.
    install::programs()?;
    project::cargo(&["test", "-q", "-p", "browser"])
}

/// Has wrangler do everything of a deployment but the upload, on what `build` has made.
fn deploy(environment: &str) -> Result<()> {
    build::run(build::Profile::Release)?;
    let npm = Npm::install()?;
    let root = project::root()?;
    let folder = project::target()?.join("xtask/deploy").join(environment);
    std::fs::create_dir_all(&folder)?;
    // As deployed, except that the build is not run again and the paths are absolute.
    let mut config = crate::stack::config::parse(&project::read("wrangler.toml")?)?;
    if config.get("env").and_then(|all| all.get(environment)).is_none() {
        bail!("wrangler.toml has no [env.{environment}]");
    }
    config.remove("build");
    let main = config.get("main").and_then(|main| main.as_str()).context("no main")?.to_owned();
    config.insert("main".to_owned(), serde_json::json!(root.join(main)));
    if let Some(assets) = config.get_mut("assets").and_then(|assets| assets.get_mut("directory")) {
        *assets = serde_json::json!(root.join(page::ASSETS));
    }
    let file = folder.join("wrangler.json");
    std::fs::write(&file, serde_json::Value::Object(config).to_string())?;
    let mut command = npm.node();
    command.arg(npm.wrangler_path()).args(["deploy", "--dry-run", "--env", environment]);
    command.args(["--outdir", "out", "-c"]).arg(&file);
    worker::environment(&mut command, &folder);
    let (status, stdout, stderr) = process::output(&mut command)?;
    if !status.success() {
        bail!("wrangler deploy --dry-run\n{}", worker::tail(&format!("{stdout}\n{stderr}")));
    }
    Ok(())
}
