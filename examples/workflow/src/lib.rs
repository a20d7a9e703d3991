//! A Worker whose Workflow fetches two pages side by side and then stores which is longer.
//!
//! `GET /start/ID` starts the instance `ID`, and `GET /ID` tells its status.
#![cfg(target_arch = "wasm32")]

#[path = "../../../src/workflow/mod.rs"]
pub mod workflow;

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
    let workflow: Workflow = js::property(&env, "PAGES").unchecked_into();
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
pub async fn run(_event: JsValue, step: StepObject, _env: Env) -> Result<String, JsValue> {
    Ok(compare(&Steps::new(step)).await?)
}

async fn compare(steps: &Steps) -> Result<String, StepError> {
    // Steps borrow what they need, and may run side by side.
    let (com, org) = ("https://example.com/".to_owned(), "https://example.org/".to_owned());
    let of_com = steps.run("length:com", POLICY, async |_attempt| length(&com).await);
    let of_org = steps.run("length:org", POLICY, async |_attempt| length(&org).await);
    let (of_com, of_org) = join(of_com, of_org).await;
    let longer = if of_com? > of_org? { &com } else { &org };
    steps.sleep("breathe", Duration::from_secs(1)).await?;
    steps.run("store", POLICY, async |_attempt| Ok(longer.clone())).await
}

async fn length(url: &str) -> Result<usize, AttemptError> {
    let url = url.parse().map_err(|_error| AttemptError::Final(format!("{url} is no URL")))?;
    let mut response = worker::Fetch::Url(url).send().await.map_err(|error| passing(&error))?;
    response.bytes().await.map(|body| body.len()).map_err(|error| passing(&error))
}

fn passing(error: &worker::Error) -> AttemptError {
    AttemptError::Retry(error.to_string())
}
