//! Brings Chromium and its driver, or says how to.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::problem::problem;
use crate::process;
use crate::setup::{say, step};

/// Names of the browser's program, by distribution.
const BROWSERS: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const DRIVER: &str = "chromedriver";
/// Debian's packages.
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];
const HINT: &str =
    "install both: `apt install chromium chromium-driver`, or your system's packages of these";

/// Where the two programs are.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The browser.
    pub browser: PathBuf,
    /// What drives it.
    pub driver: PathBuf,
}

/// Finds both; as root on Debian or Ubuntu, installs what is missing.
///
/// # Errors
/// When one is missing and cannot be installed.
pub fn programs() -> Result<Programs> {
    if let Some(programs) = find() {
        return Ok(programs);
    }
    if is_root() && process::is_installed("apt-get") {
        say("installing Chromium and its driver (once)");
        let apt = |arguments: &[&str]| {
            let mut command = Command::new("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
            process::capture(&mut command).map(drop)
        };
        step("Chromium", || {
            apt(&["update", "-qq"])?;
            apt(&[&["install", "-y", "-qq", "--no-install-recommends"], &PACKAGES[..]].concat())
        })
        .map_err(|error| problem(format!("apt-get could not install Chromium\n{error:#}"), HINT))?;
    }
    find().ok_or_else(|| problem("Chromium or its driver was not found", HINT))
}

/// Returns whether this is root, who may install, and for whom Chromium has no sandbox.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Finds both; `None` if one is missing.
pub fn find() -> Option<Programs> {
    let browser = BROWSERS.iter().find_map(|name| process::on_path(name))?;
    Some(Programs { browser, driver: process::on_path(DRIVER)? })
}
