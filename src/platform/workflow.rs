//! [`Workflows`] and [`Steps`]: a job's Workflow instance, over the module [`crate::workflow`].

use core::time::Duration;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;

use js_sys::JSON;
use wasm_bindgen::prelude::*;

use super::env::Cloudflare;
use crate::workflow::{self, AttemptError, StepError, StepObject, Workflow, WorkflowError};
use miyabi_core::event::Event;
use miyabi_core::fault::{EngineError, Fault, Retry};
use miyabi_core::ids::JobId;
use miyabi_core::json;
use miyabi_core::ports::{InstanceState, Log, Policy, Steps, Stop, Workflows};

/// Name of the Workflow's binding.
const BINDING: &str = "miyabi_workflow";

impl Workflows for Cloudflare {
    async fn start(&self, instance: &str, params: &str) -> Result<(), Fault> {
        let start = async {
            let workflow = self.binding::<Workflow>(BINDING).ok_or(JsValue::UNDEFINED)?;
            workflow.create(instance, &JSON::parse(params)?).await
        };
        match start.await {
            Ok(()) | Err(WorkflowError::AlreadyExists) => Ok(()),
            Err(WorkflowError::NotFound | WorkflowError::Other(_)) => {
                Err(EngineError::Start.into())
            }
        }
    }

    async fn state(&self, instance: &str) -> Result<InstanceState, Fault> {
        let fault = || Fault::from(EngineError::State);
        let workflow = self.binding::<Workflow>(BINDING).ok_or_else(fault)?;
        match workflow.status(instance).await {
            // An unknown word, or a pause by an operator, counts as alive: the cost of that is a longer
            // wait, the cost of the opposite two generations at once.
            Ok(status) if status.is_over() => Ok(InstanceState::Ended),
            Ok(_) => Ok(InstanceState::Alive),
            Err(WorkflowError::NotFound) => Ok(InstanceState::Missing),
            Err(WorkflowError::AlreadyExists | WorkflowError::Other(_)) => Err(fault()),
        }
    }

    async fn send_event(&self, instance: &str, kind: &str) -> Result<(), Fault> {
        let fault = || Fault::from(EngineError::State);
        let workflow = self.binding::<Workflow>(BINDING).ok_or_else(fault)?;
        workflow.send_event(instance, kind).await.map_err(|_error| fault())
    }
}

/// The steps of one generation of a job. Failed attempts are logged.
#[derive(Debug)]
pub struct JobSteps<L> {
    steps: workflow::Steps,
    log: L,
    job: JobId,
    /// The engine's own error, by which this generation ends.
    abort: RefCell<Option<JsValue>>,
}

impl<L: Log> JobSteps<L> {
    /// Wraps the engine's `step` object.
    pub const fn new(step: StepObject, log: L, job: JobId) -> Self {
        Self { steps: workflow::Steps::new(step), log, job, abort: RefCell::new(None) }
    }

    /// Returns the error by which the engine ended this generation, after a [`Stop::Aborted`]: the
    /// Workflow's `run` has to throw it.
    pub fn take_abort(&self) -> Option<JsValue> {
        self.abort.take()
    }

    /// A fault crosses the engine as [`Fault::to_record`], in the error's message.
    fn failed(&self, step: &str, attempt: u32, fault: Fault) -> AttemptError {
        let record = fault.to_record();
        let error = match fault.retry {
            Retry::Backoff => AttemptError::Retry(record),
            Retry::Never => AttemptError::Final(record),
        };
        let (job, step) = (self.job.clone(), step.to_owned());
        self.log.log(&Event::StepFailed { job, step, attempt, fault });
        error
    }

    fn stop(&self, step: &str, error: StepError) -> Stop {
        let step = step.to_owned();
        Stop::Failed(match error {
            StepError::Aborted(error) => {
                self.abort.replace(Some(error));
                return Stop::Aborted;
            }
            StepError::Timeout => EngineError::Timeout { step }.into(),
            StepError::Value => EngineError::Value { step }.into(),
            // Without a record, the value of the attempt had no JSON form.
            StepError::Failed(message) => {
                Fault::from_record(&message).unwrap_or_else(|| EngineError::Value { step }.into())
            }
        })
    }
}

impl<L: Log> Steps for JobSteps<L> {
    async fn step<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        policy: Policy,
        work: impl AsyncFn() -> Result<T, Fault>,
    ) -> Result<T, Stop> {
        let Policy { retries, delay, timeout } = policy;
        let policy = workflow::Policy { retries, delay, timeout };
        let attempt = async |number| match work().await {
            Ok(value) => {
                serde_json::to_string(&value).map_err(|_no_form| AttemptError::unstorable())
            }
            Err(fault) => Err(self.failed(name, number, fault)),
        };
        let stored = self.steps.run_json(name, policy, attempt).await;
        stored
            .and_then(|json| json::parse(&json).ok_or(StepError::Value))
            .map_err(|error| self.stop(name, error))
    }

    async fn sleep(&self, name: &str, duration: Duration) -> Result<(), Stop> {
        self.steps.sleep(name, duration).await.map_err(|error| self.stop(name, error))
    }

    async fn wait(&self, name: &str, kind: &str, timeout: Duration) -> Result<(), Stop> {
        let waited = self.steps.wait_for_event(name, kind, timeout).await;
        waited.map(drop).map_err(|error| self.stop(name, error))
    }
}

#[cfg(test)]
mod tests;
