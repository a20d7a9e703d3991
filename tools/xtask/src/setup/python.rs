//! Python, for a test tool that others wrote: packages from `PyPI` in an environment of their own.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};

use super::{process, project, say};
use crate::problem::problem;

/// Names under which a Python may be installed, the usual one first.
const NAMES: [&str; 5] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];

/// Prints something only where the packages run, and an environment can be made.
const PROBE: &str =
    "import sys, venv, ensurepip; print('ok' if sys.version_info >= (3, 11) else '')";

/// Installs the packages of `tests/…/requirements.txt`, which is a lock with hashes, unless they are there
/// already, and returns the folder of their programs.
///
/// # Errors
/// When there is no Python, or the packages cannot be installed.
pub fn packages(folder: &str) -> Result<PathBuf> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let requirements = project::root()?.join(folder).join("requirements.txt");
    let lock = std::fs::read(&requirements).context("requirements.txt")?;
    let environment = project::target()?.join("python").join(folder.replace('/', "-"));
    let (programs, stamp) = (environment.join("bin"), environment.join("made-from"));
    if std::fs::read(&stamp).is_ok_and(|made_from| made_from == lock) {
        return Ok(programs);
    }
    say(&format!("installing the Python packages of {folder} (once)"));
    process::run(Command::new(python()?).args(["-m", "venv", "--clear"]).arg(&environment))?;
    let mut pip = Command::new(programs.join("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(["--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement"]);
    process::run(pip.arg(&requirements))?;
    std::fs::write(stamp, lock).context("cannot write in target")?;
    Ok(programs)
}

fn python() -> Result<&'static str> {
    let serves = |name: &&str| {
        let probe = process::output(Command::new(name).args(["-c", PROBE]));
        probe.is_ok_and(|(status, stdout, _)| status.success() && stdout.trim() == "ok")
    };
    NAMES.into_iter().find(|name| process::is_installed(name) && serves(name)).ok_or_else(|| {
        problem(
            "Python 3.11 or newer with `venv` was not found",
            "install one: `apt install python3 python3-venv`, or `brew install python`",
        )
    })
}
