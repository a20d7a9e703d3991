//! `cargo xtask build` writes the Worker into `build/`, in the form that wrangler uploads.
//!
//! 1. cargo compiles the crate for wasm.
//! 2. wasm-bindgen writes `miyabi.js`, which connects the wasm with JavaScript.
//! 3. wasm-opt optimizes the wasm (not with `--dev`).
//! 4. `shim.mjs`, the main module, is copied beside them. If the program calls functions of
//!    `bridge.js`, that file is there too.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::size;
use crate::setup::{self, Npm, say, step};
use crate::{document, process, project};

/// What kind of build is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// As deployed.
    Release,
    /// Without wasm-opt: some seconds faster, and stack traces show names.
    Dev,
}

/// Features of WebAssembly that rustc's output uses; wasm-opt has to be told.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];
/// Files that every build has.
const FILES: [&str; 3] = ["shim.mjs", "miyabi.js", "miyabi_bg.wasm"];
/// Functions in JavaScript that the program calls, if it has any.
const BRIDGE: &str = "bridge.js";
/// Says what `build/` was made from.
const STAMP: &str = "stamp";
/// Size of the last release build, gzipped.
const LAST_SIZE: &str = "size";
const SHIM: &str = "src/platform/shim.mjs";

/// Builds the Worker into `build/`, unless what is there is up to date. A new release build prints
/// its size.
///
/// # Errors
/// When a tool is missing or a step fails.
pub fn run(profile: Profile) -> Result<()> {
    setup::c_compiler()?;
    setup::wasm_target()?;
    let npm = Npm::install()?;
    let bindgen = setup::bindgen()?.join("bindgen");
    let wasm = compile()?;
    let root = project::root()?;
    let (stage, build) = (project::target()?.join("xtask/build"), root.join("build"));
    let stamp = stage.join(STAMP);
    let inputs = [&wasm, &bindgen, &root.join(SHIM), &root.join("package-lock.json")];
    let hash = fingerprint(profile, inputs.map(PathBuf::as_path))?;
    let is_made = FILES.iter().all(|file| build.join(file).is_file());
    if is_made && std::fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == hash) {
        return Ok(());
    }
    std::fs::create_dir_all(&stage)?;
    drop(std::fs::remove_file(stage.join(BRIDGE)));
    connect(&bindgen, &wasm, &stage)?;
    if profile == Profile::Release {
        optimize(&npm, &stage.join("miyabi_bg.wasm"))?;
    }
    std::fs::copy(root.join(SHIM), stage.join("shim.mjs")).context(SHIM)?;
    std::fs::create_dir_all(&build)?;
    drop(std::fs::remove_file(build.join(BRIDGE)));
    for file in files(&stage) {
        std::fs::copy(stage.join(file), build.join(file)).with_context(|| file.to_owned())?;
    }
    if profile == Profile::Release {
        report(&build, &stage.join(LAST_SIZE))?;
    }
    std::fs::write(stamp, hash)?;
    Ok(())
}

/// Returns the names of the files of a build in this folder: all of them are uploaded.
pub fn files(folder: &Path) -> Vec<&'static str> {
    let bridge = folder.join(BRIDGE).is_file().then_some(BRIDGE);
    FILES.into_iter().chain(bridge).collect()
}

/// Prints the size of a build, and by how much it differs from the release build before.
fn report(build: &Path, last: &Path) -> Result<()> {
    let size = size::total(&size::of(build)?);
    let before: Option<usize> =
        std::fs::read_to_string(last).ok().and_then(|text| text.parse().ok());
    let difference =
        before.map(|before| format!(" {}", document::delta(size, before))).unwrap_or_default();
    say(&format!("the Worker: {size} bytes gzipped{difference}"));
    std::fs::write(last, size.to_string()).context(LAST_SIZE)
}

/// Returns a hash of what `build/` was made from; two builds of the same have the same.
///
/// # Errors
/// When cargo cannot read the workspace.
pub fn stamp() -> Result<Option<String>> {
    Ok(std::fs::read_to_string(project::target()?.join("xtask/build").join(STAMP)).ok())
}

fn compile() -> Result<PathBuf> {
    let wasm = project::target()?.join("wasm32-unknown-unknown/release/miyabi.wasm");
    if !wasm.exists() {
        say("compiling the Worker (the first time about a minute)");
    }
    let mut command = project::cargo(&["build", "-q", "--release", "--locked", "-p", "miyabi"])?;
    command.args(["--lib", "--target", "wasm32-unknown-unknown"]);
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

/// Moves `bridge.js`, if there is one, beside the module that imports it: wasm-bindgen puts it into a
/// folder whose name has a hash.
fn flatten(stage: &Path) -> Result<()> {
    let glue = stage.join("miyabi.js");
    let text = std::fs::read_to_string(&glue).context("the glue")?;
    let Some((path, flat)) = without_snippet(&text)? else { return Ok(()) };
    std::fs::rename(stage.join(path), stage.join(BRIDGE)).context(BRIDGE)?;
    std::fs::write(glue, flat).context("the glue")
}

/// Returns the path of the bridge that this glue imports, and the glue that imports it from its own
/// folder.
fn without_snippet(glue: &str) -> Result<Option<(&str, String)>> {
    let Some(rest) = glue.find("./snippets/").and_then(|begin| glue.get(begin..)) else {
        return Ok(None);
    };
    let path = rest.split(['"', '\'']).next().unwrap_or_default();
    if !path.ends_with(&format!("/{BRIDGE}")) {
        bail!("the glue imports {path}: only {BRIDGE} is known");
    }
    // Only in imports: the glue also names the path where it lists what the wasm asks for.
    let mut flat = glue.to_owned();
    for quote in ['"', '\''] {
        let [from, to] = [path, "./bridge.js"].map(|path| format!("from {quote}{path}{quote}"));
        flat = flat.replace(&from, &to);
    }
    Ok(Some((path, flat)))
}

fn optimize(npm: &Npm, wasm: &Path) -> Result<()> {
    let mut command = Command::new(npm.wasm_opt_path());
    command.arg("-O3").args(FEATURES).arg(wasm).arg("-o").arg(wasm);
    step("wasm-opt", || process::run(&mut command))
}

fn fingerprint(profile: Profile, inputs: [&Path; 4]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    profile.hash(&mut hasher);
    for path in inputs {
        let bytes = std::fs::read(path).with_context(|| format!("no {}", path.display()))?;
        bytes.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bridge_is_imported_from_the_same_folder() {
        let path = "./snippets/miyabi-0a1b/src/cloudflare/bridge.js";
        let glue = format!("import {{ a }} from '{path}';\nconst imports = {{ \"{path}\": a }};");
        let (found, flat) = without_snippet(&glue).unwrap().unwrap();
        assert_eq!(found, path);
        assert_eq!(
            flat,
            format!("import {{ a }} from './bridge.js';\nconst imports = {{ \"{path}\": a }};")
        );
    }

    #[test]
    fn a_program_without_a_bridge_is_left_as_it_is() {
        assert_eq!(without_snippet("let wasm;").unwrap(), None);
        assert!(without_snippet("import {} from './snippets/a-1/inline0.js'").is_err());
    }
}
