//! `cargo xtask build`: the Worker, in `build/`, as wrangler takes it.
//!
//! 1. cargo compiles the crate for wasm.
//! 2. wasm-bindgen writes the JavaScript that connects it.
//! 3. wasm-opt makes it small, and puts what is alike together (not with `--dev`).
//! 4. `shim.mjs`, the main module, and `entry.mjs` are copied beside it; `inline0.js`, the JavaScript of
//!    the crate `worker`, is moved there.

mod arrange;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::setup::{self, Npm, say, step};
use crate::{process, project};

/// How much work goes into a small module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// As deployed.
    Release,
    /// Without wasm-opt: seconds less, and names in stack traces.
    Dev,
}

/// What rustc's wasm uses beyond the first version of WebAssembly.
pub const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];
/// What has one caller is merged into it only if it is tiny. One function of many small ones is less
/// code, but its locals have long numbers and nothing repeats: 6 kB more when gzipped.
const KEEP_APART: &str = "--one-caller-inline-max-function-size=20";
/// Keeping a value that is computed twice costs a local of its own, and what was alike is not any more.
const KEEP_REPEATED: &str = "--skip-pass=local-cse";
/// Nothing of a Rust program is in the first KiB but the end of a stack that has run over: an address
/// plus a small number is a load with an offset.
const FROM_1_KIB: &str = "--low-memory-unused";
/// As `-Oz` writes a module, without its passes.
const MOVE_ONLY: [&str; 5] = ["-ol", "2", "-s", "2", "--reorder-functions-by-name"];
/// What a build leaves in `build/`.
pub const FILES: [&str; 5] = ["shim.mjs", "entry.mjs", "miyabi.js", BRIDGE, "miyabi_bg.wasm"];
/// The JavaScript of the crate `worker`, as wasm-bindgen names it.
pub const BRIDGE: &str = "inline0.js";
/// Says what `build/` was made from.
const STAMP: &str = "stamp";
const SHIM: &str = "src/platform/shim.mjs";
const ENTRY: &str = "src/workflow/entry.mjs";

/// Builds the Worker into `build/`, unless what is there is up to date.
///
/// # Errors
/// When a tool is missing or a step fails.
pub fn run(profile: Profile) -> Result<()> {
    setup::c_compiler()?;
    setup::wasm_target()?;
    let npm = Npm::install()?;
    let bindgen = setup::bindgen()?.join("bindgen");
    let wasm = compile(project::target()?, &[])?;
    let root = project::root()?;
    let (stage, build) = (project::target()?.join("xtask/build"), root.join("build"));
    let stamp = stage.join(STAMP);
    let lock = root.join("package-lock.json");
    let inputs = [&wasm, &bindgen, &root.join(SHIM), &root.join(ENTRY), &lock];
    let hash = fingerprint(profile, inputs.map(PathBuf::as_path))?;
    let is_made = FILES.iter().all(|file| build.join(file).is_file());
    if is_made && std::fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == hash) {
        return Ok(());
    }
    std::fs::create_dir_all(&stage)?;
    connect(&bindgen, &wasm, &stage)?;
    if profile == Profile::Release {
        shrink(&npm, &stage.join("miyabi_bg.wasm"))?;
    }
    std::fs::copy(root.join(SHIM), stage.join("shim.mjs")).context(SHIM)?;
    std::fs::copy(root.join(ENTRY), stage.join("entry.mjs")).context(ENTRY)?;
    std::fs::create_dir_all(&build)?;
    for file in FILES {
        std::fs::copy(stage.join(file), build.join(file)).with_context(|| file.to_owned())?;
    }
    std::fs::write(stamp, hash)?;
    Ok(())
}

/// Returns what says from what `build/` was made: two builds of the same have the same.
///
/// # Errors
/// When cargo cannot read the workspace.
pub fn stamp() -> Result<Option<String>> {
    Ok(std::fs::read_to_string(project::target()?.join("xtask/build").join(STAMP)).ok())
}

/// Builds the Worker with a feature that is never deployed, into a folder of its own, and returns
/// that folder.
///
/// # Errors
/// When a tool is missing or a step fails.
pub fn variant(feature: &str) -> Result<PathBuf> {
    let npm = Npm::install()?;
    let target = project::target()?.join("variant");
    let folder = target.join(feature);
    let wasm = compile(&target, &["--features", feature])?;
    std::fs::create_dir_all(&folder)?;
    connect(&setup::bindgen()?.join("bindgen"), &wasm, &folder)?;
    shrink(&npm, &folder.join("miyabi_bg.wasm"))?;
    std::fs::copy(project::root()?.join(SHIM), folder.join("shim.mjs")).context(SHIM)?;
    Ok(folder)
}

fn compile(target: &Path, features: &[&str]) -> Result<PathBuf> {
    let wasm = target.join("wasm32-unknown-unknown/release/miyabi.wasm");
    if !wasm.exists() {
        say("compiling the Worker (the first time about a minute)");
    }
    let arguments = ["build", "-q", "--release", "--target", "wasm32-unknown-unknown", "--lib"];
    let mut command = project::cargo(&arguments)?;
    command.args(["-p", "miyabi", "--target-dir"]).arg(target).args(features);
    step("the Worker", || process::run(&mut command))?;
    Ok(wasm)
}

/// Runs wasm-bindgen. Without its default path the glue has no `new URL(.., import.meta.url)`,
/// which a bundler would try to resolve; the shim hands it the module.
fn connect(bindgen: &Path, wasm: &Path, stage: &Path) -> Result<()> {
    let mut command = Command::new(bindgen);
    command.args(["--target", "web", "--no-typescript", "--omit-default-module-path"]);
    command.args(["--out-name", "miyabi", "--out-dir"]).arg(stage).arg(wasm);
    step("wasm-bindgen's glue", || process::run(&mut command))?;
    flatten(stage)
}

/// Puts `bridge.js` beside the module that imports it: wasm-bindgen puts it into folders of whose names
/// one is a hash.
fn flatten(stage: &Path) -> Result<()> {
    let glue = stage.join("miyabi.js");
    let text = std::fs::read_to_string(&glue).context("the glue")?;
    let begin = text.find("./snippets/").context("the glue imports no snippet")?;
    let end = text.get(begin..).and_then(|rest| rest.find(BRIDGE)).context("no bridge")?;
    let path = text.get(begin..begin + end + BRIDGE.len()).context("no path of the bridge")?;
    std::fs::rename(stage.join(path), stage.join(BRIDGE)).context(BRIDGE)?;
    // Not where the glue names what the module asks for.
    let mut flat = text.clone();
    for quote in ['"', '\''] {
        flat = flat.replace(
            &format!("from {quote}{path}{quote}"),
            &format!("from {quote}./{BRIDGE}{quote}"),
        );
    }
    std::fs::write(glue, flat).context("the glue")
}

fn shrink(npm: &Npm, wasm: &Path) -> Result<()> {
    step("wasm-opt", || {
        // The second pass finds what the first has left.
        wasm_opt(npm, &["-Oz", "-Oz", KEEP_APART, KEEP_REPEATED, FROM_1_KIB], wasm)?;
        let bytes = std::fs::read(wasm).with_context(|| format!("no {}", wasm.display()))?;
        std::fs::write(wasm, arrange::with_names(&bytes)?)?;
        wasm_opt(npm, &MOVE_ONLY, wasm)
    })
}

fn wasm_opt(npm: &Npm, passes: &[&str], wasm: &Path) -> Result<()> {
    let mut command = Command::new(npm.wasm_opt_path());
    process::run(command.args(passes).args(FEATURES).arg(wasm).arg("-o").arg(wasm))
}

fn fingerprint(profile: Profile, inputs: [&Path; 5]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    profile.hash(&mut hasher);
    for path in inputs {
        let bytes = std::fs::read(path).with_context(|| format!("no {}", path.display()))?;
        bytes.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}
