//! The Workflow binding: `create`, `get`, `status`. workers-rs has none yet (its issue 663).
//!
//! The binding's class is `WorkflowImpl` locally and may be another in production, and a service
//! binding with the same methods serves as well: methods are called, classes are not checked.

use serde_json::Value;
use wasm_bindgen::prelude::*;

use super::host::Cloudflare;
use super::js;
use crate::fault::{EngineError, Fault};
use crate::host::{InstanceState, Started, Workflows};
use crate::text::contains;

#[wasm_bindgen]
extern "C" {
    /// A Workflow binding.
    #[derive(Debug)]
    pub type Workflow;
    #[wasm_bindgen(method, catch, js_name = create)]
    fn create_js(this: &Workflow, options: JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = get)]
    fn get_js(this: &Workflow, id: &str) -> Result<JsValue, JsValue>;

    /// One instance of a Workflow.
    #[derive(Debug)]
    pub type Instance;
    #[wasm_bindgen(method, catch, js_name = status)]
    fn status_js(this: &Instance) -> Result<JsValue, JsValue>;
}

impl Workflow {
    /// Creates the instance `id` with `params`.
    ///
    /// # Errors
    /// The platform's error; see [`is_existing`] for the one that means "it is there already".
    ///
    /// # Repeats
    /// The second call with an id is refused, also after the instance ended, until its retention
    /// is over.
    ///
    /// # Source
    /// Cloudflare Docs/Workflows, Workers API, read 2026-11-20.
    pub async fn create(&self, id: &str, params: &Value) -> Result<Instance, JsValue> {
        let options = js::record(&[("id", id.into()), ("params", js::to_js(params)?)]);
        Ok(js::settle(self.create_js(options)?).await?.unchecked_into())
    }

    /// Returns the instance `id`.
    ///
    /// # Errors
    /// The platform's error, `instance.not_found` if there is none.
    ///
    /// # Repeats
    /// Reads only.
    pub async fn get(&self, id: &str) -> Result<Instance, JsValue> {
        Ok(js::settle(self.get_js(id)?).await?.unchecked_into())
    }
}

impl Instance {
    /// Returns the instance's state: `queued`, `running`, `paused`, `errored`, `terminated`,
    /// `complete`, `waiting`, `waitingForPause`, `rollingBack` or `unknown`.
    ///
    /// # Errors
    /// The platform's error.
    ///
    /// # Repeats
    /// Reads only.
    pub async fn status(&self) -> Result<String, JsValue> {
        let status = js::settle(self.status_js()?).await?;
        Ok(js::text(&status, "status").unwrap_or_else(|| "unknown".to_owned()))
    }
}

/// Returns whether an error of [`Workflow::create`] says that the instance is there already.
///
/// # Shape
/// `(instance.already_exists) …`, seen in production and locally; older engines said it in words.
pub fn is_existing(error: &JsValue) -> bool {
    let message = js::message(error).to_ascii_lowercase();
    contains(&message, "already_exists") || contains(&message, "already exists")
}

/// Returns whether an error of [`Workflow::get`] says that there is no such instance.
///
/// # Shape
/// `(instance.not_found) …`. Nothing else counts: to take a living instance for a missing one would
/// start a second life beside it.
pub fn is_missing(error: &JsValue) -> bool {
    contains(&js::message(error), "instance.not_found")
}

/// Tells what a status means for the job. Only what is over for certain has ended: an unknown word,
/// or a pause by an operator, counts as alive, since the cost of that is a longer wait, and the cost
/// of the opposite two lives at once.
fn to_state(status: &str) -> InstanceState {
    match status {
        "complete" | "errored" | "terminated" => InstanceState::Ended,
        _ => InstanceState::Alive,
    }
}

impl Workflows for Cloudflare {
    async fn start(&self, instance: &str, params: &Value) -> Result<Started, Fault> {
        match workflow(self).create(instance, params).await {
            Ok(_instance) => Ok(Started::New),
            Err(error) if is_existing(&error) => Ok(Started::Already),
            Err(_error) => Err(EngineError::Start.into()),
        }
    }

    async fn state(&self, instance: &str) -> Result<InstanceState, Fault> {
        match status(&workflow(self), instance).await {
            Ok(status) => Ok(to_state(&status)),
            Err(error) if is_missing(&error) => Ok(InstanceState::Missing),
            Err(_error) => Err(EngineError::State.into()),
        }
    }
}

fn workflow(host: &Cloudflare) -> Workflow {
    host.binding("miyabi_workflow").unchecked_into()
}

async fn status(workflow: &Workflow, instance: &str) -> Result<String, JsValue> {
    workflow.get(instance).await?.status().await
}

#[cfg(test)]
mod tests;
