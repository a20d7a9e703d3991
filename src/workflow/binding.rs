//! The Workflow binding: creates an instance, tells its status, and sends it events.
//!
//! Methods are called and classes are not checked: the binding's class is `WorkflowImpl` locally, may
//! have another name in production, and a service binding with the same methods serves as well.

use wasm_bindgen::prelude::*;

use super::js;

#[wasm_bindgen]
extern "C" {
    /// A Workflow binding, from the environment by [`JsCast::unchecked_into`].
    #[derive(Debug, Clone)]
    pub type Workflow;
    #[wasm_bindgen(method, catch, js_name = create)]
    fn create_instance(this: &Workflow, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = get)]
    fn instance(this: &Workflow, id: &str) -> Result<JsValue, JsValue>;

    /// An instance of a Workflow.
    type Instance;
    #[wasm_bindgen(method, catch)]
    fn status(this: &Instance) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = sendEvent)]
    fn send_event(this: &Instance, event: &JsValue) -> Result<JsValue, JsValue>;
}

/// What the engine says about an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It waits for its turn.
    Queued,
    /// It runs or sleeps.
    Running,
    /// It waits for an event.
    Waiting,
    /// An operator paused it, or is about to.
    Paused,
    /// Its `run` returned.
    Complete,
    /// Its `run` threw.
    Errored,
    /// An operator ended it.
    Terminated,
    /// Any other word.
    Unknown,
}

/// Why a call of the binding failed.
#[derive(Debug)]
pub enum WorkflowError {
    /// `create`: there is an instance of this id.
    AlreadyExists,
    /// `status`: there is no instance of this id, or none any more.
    NotFound,
    /// Anything else, as it was thrown.
    Other(JsValue),
}

impl Workflow {
    /// Creates the instance `id` with parameters, a plain JavaScript object (see [`js::to_js`]).
    ///
    /// # Errors
    /// [`WorkflowError::AlreadyExists`] also after the first instance of an id ended, until its retention
    /// is over.
    ///
    /// # Source
    /// Cloudflare Docs/Workflows, Workers API, read 2026-11-20.
    pub async fn create(&self, id: &str, params: &JsValue) -> Result<(), WorkflowError> {
        let options = js_sys::Object::new();
        for (name, value) in [("id", &id.into()), ("params", params)] {
            js_sys::Reflect::set(&options, &name.into(), value)?;
        }
        js::settle(self.create_instance(&options)?).await?;
        Ok(())
    }

    /// Returns the status of the instance `id`.
    ///
    /// # Errors
    /// See [`WorkflowError`].
    pub async fn status(&self, id: &str) -> Result<Status, WorkflowError> {
        let instance: Instance = js::settle(self.instance(id)?).await?.unchecked_into();
        let status = js::settle(instance.status()?).await?;
        Ok(Status::parse(&js::text(&status, "status").unwrap_or_default()))
    }

    /// Sends the instance `id` an event without a payload, of a kind of letters, digits, `-` and `_`; one that it does not wait for yet is kept for it.
    ///
    /// # Errors
    /// See [`WorkflowError`].
    ///
    /// # Source
    /// Cloudflare Docs/Workflows, Workers API, `sendEvent`, read 2026-11-29.
    pub async fn send_event(&self, id: &str, kind: &str) -> Result<(), WorkflowError> {
        let instance: Instance = js::settle(self.instance(id)?).await?.unchecked_into();
        let event = js_sys::JSON::parse(&["{\"payload\":{},\"type\":\"", kind, "\"}"].concat())?;
        js::settle(instance.send_event(&event)?).await?;
        Ok(())
    }
}

impl Status {
    /// # Source
    /// Cloudflare Docs/Workflows, Workers API, `InstanceStatus`, read 2026-11-20.
    fn parse(word: &str) -> Self {
        match word {
            "queued" => Self::Queued,
            "running" => Self::Running,
            "waiting" => Self::Waiting,
            "paused" | "waitingForPause" => Self::Paused,
            "complete" => Self::Complete,
            "errored" => Self::Errored,
            "terminated" => Self::Terminated,
            _ => Self::Unknown,
        }
    }

    /// Returns whether the engine will never run this instance again. An unknown word does not count.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Complete | Self::Errored | Self::Terminated)
    }
}

impl From<JsValue> for WorkflowError {
    /// # Shape
    /// `(instance.already_exists) …` and `(instance.not_found) …`, in production and locally; older
    /// engines said the first one in words. For "not found" only the code counts: a living instance that
    /// is taken for a missing one would be started a second time.
    fn from(error: JsValue) -> Self {
        let message = js::message(&error);
        let lowercase = message.to_ascii_lowercase();
        if lowercase.contains("already_exists") || lowercase.contains("already exists") {
            Self::AlreadyExists
        } else if message.contains("instance.not_found") {
            Self::NotFound
        } else {
            Self::Other(error)
        }
    }
}

#[cfg(test)]
mod tests;
