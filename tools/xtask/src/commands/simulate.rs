//! `cargo xtask simulate`: the program's own code in a simulated world, by seed.
//!
//! `docs/design/simulation.md` says what is simulated and how a seed is read.

use std::process::{Command, ExitCode, Stdio};

use anyhow::Result;

use crate::setup::{self, say};
use crate::{process, project};

/// A profile of its own: the Worker's is made for size.
pub const PROFILE: &str = "simulation";

/// Builds the simulator and runs it with these options; its exit code is ours.
///
/// # Errors
/// When it does not build.
pub fn run(options: &[String]) -> Result<ExitCode> {
    setup::c_compiler()?;
    say("building the simulator …");
    process::run(&mut project::cargo(&["build", "-q", "--profile", PROFILE, "-p", "simulator"])?)?;
    let program = project::target()?.join(PROFILE).join("simulator");
    let mut command = Command::new(program);
    command.args(options).stdin(Stdio::null());
    let status = process::spawn(&mut command)?.wait()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
