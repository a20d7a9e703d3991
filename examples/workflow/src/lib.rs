//! A Worker whose Workflow rolls two dice side by side, sleeps, and returns their sum.
//!
//! `GET /start/ID` starts the instance `ID`, and `GET /ID` tells its status.
#![cfg(target_arch = "wasm32")]

#[path = "../../../src/workflow/mod.rs"]
pub mod workflow;

use core::cell::Cell;
use core::time::Duration;

use futures::future::join;
use wasm_bindgen::prelude::*;
use worker::{Context, Env, Request, Response, event};

use workflow::{AttemptError, Policy, StepError, StepObject, Steps, Workflow, WorkflowError, js};

const POLICY: Policy =
    Policy { retries: 3, delay: Duration::from_secs(1), timeout: Duration::from_secs(30) };

/// Starts an instance, or tells its status.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> worker::Result<Response> {
    let workflow: Workflow = js::property(&env, "DICE").unchecked_into();
    let path = request.path();
    let told = match path.strip_prefix("/start/") {
        Some(id) => workflow.create(id, &JsValue::NULL).await.map(|()| "started".to_owned()),
        None => workflow.status(path.trim_start_matches('/')).await.map(|at| format!("{at:?}")),
    };
    match told {
        Ok(words) => Response::ok(words),
        Err(WorkflowError::AlreadyExists) => Response::error("started before", 409),
        Err(WorkflowError::NotFound) => Response::error("no such instance", 404),
        Err(WorkflowError::Other(error)) => Err(error.into()),
    }
}

/// The Workflow's `run`.
///
/// # Errors
/// What ended the run: an error of a step, or the engine's own, unchanged.
#[wasm_bindgen]
pub async fn run(_event: JsValue, step: StepObject, _env: Env) -> Result<u32, JsValue> {
    Ok(roll_two(&Steps::new(step)).await?)
}

/// A step that finished is never run again, so the dice show the same after a restart.
async fn roll_two(steps: &Steps) -> Result<u32, StepError> {
    // Closures may borrow, and steps may run side by side.
    let rolls = Cell::new(0);
    let first = steps.run("roll:1", POLICY, async |attempt| roll(attempt, &rolls));
    let second = steps.run("roll:2", POLICY, async |attempt| roll(attempt, &rolls));
    let (first, second) = join(first, second).await;
    let sum = first? + second?;
    steps.sleep("breathe", Duration::from_secs(1)).await?;
    worker::console_log!("rolled {} times in this run", rolls.get());
    Ok(sum)
}

/// A one does not count, except in the last attempt.
fn roll(attempt: u32, rolls: &Cell<u32>) -> Result<u32, AttemptError> {
    rolls.set(rolls.get() + 1);
    let sides: [u32; 6] = [1, 2, 3, 4, 5, 6];
    let side = sides.into_iter().find(|side| f64::from(*side) > 6.0 * js_sys::Math::random());
    match side.unwrap_or(6) {
        1 if attempt <= POLICY.retries => Err(AttemptError::Retry("a one".to_owned())),
        side => Ok(side),
    }
}
