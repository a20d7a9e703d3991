//! What follows after a person has written to the bot of a messenger: its answer is printed as it comes.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::printed::Printed;
use super::progress;
use super::{Times, job, timing_of};
use crate::problem::problem;
use crate::stack::{Model, Stack};
use crate::value::text;

/// What a person has written.
pub(super) struct Written<'a> {
    /// Name of the platform.
    pub(super) platform: &'static str,
    /// The first delivery of it to the Worker.
    pub(super) attempt: &'a Value,
    /// When it was written.
    pub(super) at: Instant,
}

/// Fails if the Worker did not take what a person has written.
///
/// # Errors
/// When it did not.
pub(super) fn taken(attempt: &Value) -> Result<()> {
    if attempt.get("status") != Some(&json!(200)) {
        bail!("the Worker did not take it: {attempt}");
    }
    Ok(())
}

/// Prints the answer as its reader sees it grow, the job's row, and the times. `said` returns what the bot says by now.
///
/// # Errors
/// When the question is not answered.
pub(super) fn watch(
    stack: &Stack,
    model: Option<&Model>,
    Written { platform, attempt, at }: &Written<'_>,
    (begin, setup, start): (Instant, Duration, Duration),
    said: impl Fn() -> Result<String>,
) -> Result<()> {
    let id = stack.wait_until("the job", Duration::from_secs(15), || stack.newest_job(platform))?;
    let mut printed = Printed::default();
    let row = progress::wait_and_watch(stack, &id, model, || {
        printed.show(&said()?);
        Ok(())
    })?;
    printed.show(&said()?);
    println!("\n\n{}", job(&row));
    let times = Times { setup, start, answered: at.elapsed(), total: begin.elapsed() };
    let ack_ms = attempt.get("ms").and_then(Value::as_u64).unwrap_or_default();
    println!("{}", timing_of(&times, ack_ms, &stack.lab().list("/lab/calls")?));
    if text(&row, "status") != "COMPLETED" {
        return Err(problem(
            format!("the question was not answered: {}", text(&row, "result")),
            "`cargo xtask dev` shows what the Worker logs",
        ));
    }
    if printed.is_empty() {
        bail!("no answer by Miyabi is shown");
    }
    Ok(())
}
