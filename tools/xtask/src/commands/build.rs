//! `cargo xtask build` writes the Worker into `build/`, in the form that wrangler uploads.
//!
//! 1. cargo compiles the crate for wasm, with `--dev` quickly and with a hook that logs messages of panics.
//! 2. wasm-bindgen writes `miyabi.js`, which connects the wasm with JavaScript. Both are made [`plain`].
//! 3. wasm-opt optimizes the wasm (not with `--dev`), and puts its functions in an [`order`] that compresses well.
//! 4. esbuild, which wrangler brings, makes one module of all JavaScript: `shim.mjs`, which is the main module,
//!    `entry.mjs`, the Workflow's class, `miyabi.js`, and the snippets that the program calls.
//!
//! The chat page is built beside it: [`page`].

pub mod order;
pub mod page;
pub mod plain;
pub mod resumed;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::size;
use crate::setup::{self, Npm, say, step};
use crate::{document, process, project};

/// What kind of build is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// As deployed.
    Release,
    /// For `cargo xtask dev`: built again in seconds, stack traces show names, and a panic is logged with
    /// its message.
    Dev,
}

impl Profile {
    /// Returns cargo's name of it, which its folder has too, and the Worker's features.
    fn cargo(self) -> (&'static str, &'static str) {
        match self {
            Self::Release => ("release", ""),
            Self::Dev => ("development", "panic-messages"),
        }
    }
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
const FILES: [&str; 2] = [MAIN, WASM];
/// The main module.
const MAIN: &str = "shim.mjs";
/// What connects the program with JavaScript.
const GLUE: &str = "miyabi.js";
/// The program, which the main module imports.
const WASM: &str = "miyabi_bg.wasm";
/// Says what `build/` was made from.
const STAMP: &str = "stamp";
/// Size of the last release build, gzipped.
const LAST_SIZE: &str = "size";
const SHIM: &str = "src/platform/shim.mjs";
const ENTRY: &str = "src/workflow/entry.mjs";

/// Builds the Worker into `build/`, unless what is there is up to date. A new release build prints
/// its size.
///
/// # Errors
/// When a tool is missing or a step fails.
pub fn run(profile: Profile) -> Result<()> {
    setup::c_compiler()?;
    setup::wasm_target()?;
    let npm = Npm::install()?;
    page::run(&npm)?;
    let bindgen = setup::bindgen()?.join("bindgen");
    let wasm = compile(profile)?;
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
    let (glue, made) = (stage.join("glue"), stage.join("made"));
    for folder in [&glue, &made] {
        drop(std::fs::remove_dir_all(folder));
        std::fs::create_dir_all(folder)?;
    }
    connect(&bindgen, &wasm, &glue)?;
    simplify(&glue)?;
    std::fs::copy(root.join(SHIM), glue.join(MAIN)).context(SHIM)?;
    std::fs::copy(root.join(ENTRY), glue.join("entry.mjs")).context(ENTRY)?;
    bundle(&npm, profile, &glue, &made.join(MAIN))?;
    std::fs::rename(glue.join(WASM), made.join(WASM)).context(WASM)?;
    if profile == Profile::Release {
        optimize(&npm, &made.join(WASM))?;
    }
    copy(&made, &build)?;
    if profile == Profile::Release {
        report(&build, &stage.join(LAST_SIZE))?;
    }
    std::fs::write(stamp, hash)?;
    Ok(())
}

/// Makes the files of one folder those of another: an old file is removed after the new ones are
/// there, since `wrangler dev` may be reading.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let new = files(from)?;
    for file in &new {
        let target = to.join(file);
        std::fs::create_dir_all(target.parent().context("a file has no folder")?)?;
        std::fs::copy(from.join(file), target).with_context(|| file.to_owned())?;
    }
    for old in files(to)?.into_iter().filter(|file| !new.contains(file)) {
        std::fs::remove_file(to.join(&old)).context(old)?;
    }
    Ok(())
}

/// Returns the files of a build by their paths in its folder, in order. All of them are uploaded.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            files.extend(
                self::files(&entry.path())?.into_iter().map(|inner| format!("{name}/{inner}")),
            );
        } else {
            files.push(name);
        }
    }
    files.sort();
    Ok(files)
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

fn compile(profile: Profile) -> Result<PathBuf> {
    let (name, features) = profile.cargo();
    let folder = project::target()?.join("wasm32-unknown-unknown").join(name);
    let wasm = folder.join("miyabi.wasm");
    if !wasm.exists() {
        say("compiling the Worker (the first time about a minute)");
    }
    let mut command = project::cargo(&["build", "-q", "--profile", name, "-p", "miyabi"])?;
    command.args(["--lib", "--target", "wasm32-unknown-unknown", "--features", features]);
    step("the Worker", || process::run(&mut command))?;
    Ok(wasm)
}

/// Runs wasm-bindgen. Without its default path the glue has no `new URL(.., import.meta.url)`,
/// which a bundler would try to resolve; the shim hands it the module.
fn connect(bindgen: &Path, wasm: &Path, stage: &Path) -> Result<()> {
    let mut command = Command::new(bindgen);
    command.args(["--target", "web", "--no-typescript", "--omit-default-module-path"]);
    command.args(["--out-name", "miyabi", "--out-dir"]).arg(stage).arg(wasm);
    step("wasm-bindgen's glue", || process::run(&mut command))
}

/// Makes the module, and how it is connected, as [`plain`] as they can be.
fn simplify(glue: &Path) -> Result<()> {
    let (wasm, javascript) = (glue.join(WASM), glue.join(GLUE));
    let mut module = std::fs::read(&wasm).context(WASM)?;
    let mut text = std::fs::read_to_string(&javascript).context(GLUE)?;
    plain::align(&mut module)?;
    plain::number(&mut module, &mut text)?;
    std::fs::write(wasm, module).context(WASM)?;
    std::fs::write(javascript, text).context(GLUE)
}

/// Makes one module of the main module and what it imports, for a release as short as it can be.
fn bundle(npm: &Npm, profile: Profile, glue: &Path, main: &Path) -> Result<()> {
    let mut command = npm.node();
    command.arg(npm.esbuild_path()).arg(glue.join(MAIN));
    command.args(["--bundle", "--format=esm", "--target=es2024", "--log-level=error"]);
    command.args(["--external:*.wasm", "--external:cloudflare:workers"]);
    command.arg(format!("--outfile={}", main.display()));
    if profile == Profile::Release {
        command.arg("--minify");
    }
    step("the main module", || process::run(&mut command))
}

/// Makes one place of those where async functions panic ([`resumed`]), runs wasm-opt, for size (docs/decisions/0027),
/// and has it put the functions in an [`order`] in which gzip
/// finds what they have in common. So a function with one caller stays apart, where it may stand beside those that
/// it is like, unless it is tiny: in its caller it would be shorter, but compress worse. No data is below address
/// 1,024: the stack is there (`--stack-first`), and grows towards it, so an offset may be folded into an access; a
/// stack that overflows traps as before.
fn optimize(npm: &Npm, wasm: &Path) -> Result<()> {
    let run = |passes: &[&str]| {
        let mut command = Command::new(npm.wasm_opt_path());
        process::run(command.args(passes).args(FEATURES).arg(wasm).arg("-o").arg(wasm))
    };
    step("wasm-opt", || {
        let mut module = std::fs::read(wasm).context("no wasm")?;
        resumed::unite(&mut module)?;
        std::fs::write(wasm, module).context("cannot write the wasm")?;
        run(&["-Os", "--low-memory-unused", "--one-caller-inline-max-function-size", "20"])?;
        let mut module = std::fs::read(wasm).context("no optimized wasm")?;
        order::name(&mut module)?;
        std::fs::write(wasm, module).context("cannot write the wasm")?;
        run(&["--reorder-functions-by-name", "--strip-producers", "--strip-target-features"])
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_becomes_a_copy_of_another() {
        let root = std::env::temp_dir().join(format!("miyabi-build-{}", std::process::id()));
        let (made, build) = (root.join("made"), root.join("build"));
        for (folder, file) in
            [(&made, "a.js"), (&made, "snippets/x/b.js"), (&build, "snippets/y/b.js")]
        {
            let file = folder.join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        }
        copy(&made, &build).unwrap();
        assert_eq!(files(&build).unwrap(), ["a.js", "snippets/x/b.js"]);
        std::fs::remove_dir_all(root).unwrap();
    }
}
