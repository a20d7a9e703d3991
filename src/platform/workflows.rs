//! The Workflow binding: `create`, `get`, `status`. workers-rs has none yet (its issue 663).
//!
//! The binding's class is `WorkflowImpl` locally and may be another in production, and a service
//! binding with the same methods serves as well: methods are called, classes are not checked.

use wasm_bindgen::prelude::*;

use super::host::Cloudflare;
use super::js;
use miyabi_core::fault::{EngineError, Fault};
use miyabi_core::json;
use miyabi_core::json::Field;
use miyabi_core::ports::{InstanceState, Workflows};
use miyabi_core::text::contains;

#[wasm_bindgen(module = "/src/platform/bridge.js")]
extern "C" {
    fn create(workflow: &JsValue, options: &str) -> JsValue;
    fn status(workflow: &JsValue, id: &str) -> JsValue;
}

/// Name of the Workflow's binding.
const BINDING: &str = "miyabi_workflow";

/// Returns whether an error of `create` says that the instance is there already.
///
/// # Shape
/// `(instance.already_exists) …`, seen in production and locally; older engines said it in words.
pub fn is_existing(error: &JsValue) -> bool {
    let message = js::message(error).to_ascii_lowercase();
    contains(&message, "already_exists") || contains(&message, "already exists")
}

/// Returns whether an error of `get` says that there is no such instance.
///
/// # Shape
/// `(instance.not_found) …`. Nothing else counts: to take a living instance for a missing one would
/// start a second generation beside it.
pub fn is_missing(error: &JsValue) -> bool {
    contains(&js::message(error), "instance.not_found")
}

/// Tells what a status means for the job. Only what is over for certain has ended: an unknown word,
/// or a pause by an operator, counts as alive, since the cost of that is a longer wait, and the cost
/// of the opposite two generations at once.
fn to_state(status: &str) -> InstanceState {
    match status {
        "complete" | "errored" | "terminated" => InstanceState::Ended,
        _ => InstanceState::Alive,
    }
}

impl Workflows for Cloudflare {
    // A second instance of an id is refused, also after the first ended, until its retention is over
    // (Cloudflare Docs/Workflows, Workers API, read 2026-11-20).
    async fn start(&self, instance: &str, params: &str) -> Result<(), Fault> {
        let options = json::record(&[("id", instance.into()), ("params", Field::Json(params))]);
        match js::settle(create(&self.binding(BINDING), &options)).await {
            Ok(_created) => Ok(()),
            Err(error) if is_existing(&error) => Ok(()),
            Err(_error) => Err(EngineError::Start.into()),
        }
    }

    async fn state(&self, instance: &str) -> Result<InstanceState, Fault> {
        match js::settle(status(&self.binding(BINDING), instance)).await {
            Ok(status) => Ok(to_state(&status.as_string().unwrap_or_default())),
            Err(error) if is_missing(&error) => Ok(InstanceState::Missing),
            Err(_error) => Err(EngineError::State.into()),
        }
    }
}

#[cfg(test)]
mod tests;
