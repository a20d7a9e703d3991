//! The entry points that the runtime calls, by `platform/shim.mjs`: a request, a batch of messages, the cron trigger, and
//! a run of the Workflow.

use js_sys::Promise;
use serde_json::Value;
use wasm_bindgen::prelude::*;
use web_sys::Request;
use worker::{Context, Env, MessageBatch, ScheduleContext, ScheduledEvent, event, worker_sys};

use crate::channels::{self, Channels};
use crate::platform::env::Cloudflare;
use crate::platform::http::{self, Inbound};
use crate::platform::workflow::JobSteps;
use crate::platform::{executor, panics, queue};
use crate::routes;
use crate::workflow::{StepObject, js};
use miyabi_app::{JobContext, accounts, privacy, temporary, watchdog, workflow};
use miyabi_core::config::Settings;
use miyabi_core::event::Event;
use miyabi_core::job::from_params;
use miyabi_core::ports::{Clock as _, Log, Stop};
use miyabi_core::transport::Transports as _;

/// Replies to a request: a promise of a `Response`.
///
/// In place of `#[event(fetch)]`, which has no choice of executor: see [`executor`].
#[wasm_bindgen]
pub fn fetch(request: Request, env: Env, context: worker_sys::Context) -> Promise {
    panics::install();
    executor::enter();
    executor::spawn(async move {
        let host = Cloudflare::new(env, Some(Context::new(context)));
        let reply = routes::serve(&host, host.config(), &Inbound::new(request)).await;
        http::respond(&host, &reply).await.map(Into::into)
    })
}

/// Handles a batch of messages. Never an error, since `worker` makes it a panic: every message is settled
/// by itself.
#[event(queue)]
async fn queue(batch: MessageBatch<Value>, env: Env, context: Context) -> worker::Result<()> {
    panics::install();
    queue::consume(&Cloudflare::new(env, Some(context)), &batch).await;
    Ok(())
}

/// Runs the watchdog once a minute. What it could not do is for the next minute.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    panics::install();
    let host = Cloudflare::new(env, None);
    if let Some(settings) = settings(&host) {
        let channels = Channels { host: &host, settings };
        let forgets = watchdog::forgets(host.now());
        watchdog::sweep(&host, &channels, settings).await;
        accounts::sweep(&host).await;
        privacy::sweep(&host, routes::settle::object_name).await;
        temporary::sweep(&host, routes::settle::object_name).await;
        routes::telegram::album::sweep(&host, settings).await;
        if forgets {
            channels::forget(&host).await;
        }
    }
}

/// Answers one question: the Workflow's `run`.
///
/// `event` is the engine's, with the parameters of [`miyabi_core::job::to_params`] in `payload`.
///
/// # Errors
/// What the engine ended the run with, unchanged, or an `Error` when the job could not be brought to an
/// end, so that the instance shows as errored.
#[wasm_bindgen]
pub async fn answer(event: JsValue, step: StepObject, env: Env) -> Result<(), JsValue> {
    panics::install();
    let host = Cloudflare::new(env, None);
    let payload: Value = js::from_js(&js::property(&event, "payload"))?;
    let Some(job) = from_params(&payload) else {
        host.log(&Event::MessageUnreadable);
        return Err(final_error("unreadable parameters"));
    };
    let Some(settings) = settings(&host) else {
        return Err(final_error("not configured"));
    };
    let channels = Channels { host: &host, settings };
    let Some(transport) = channels.of(&job.question) else {
        return Err(final_error("the channel is not set up"));
    };
    let steps = JobSteps::new(step, host.clone(), job.question.id.clone());
    let context =
        JobContext { host: &host, steps: &steps, transport: &transport, settings, job: &job };
    match workflow::run(context).await {
        Ok(()) => Ok(()),
        Err(Stop::Aborted) => Err(steps.take_abort().unwrap_or(JsValue::UNDEFINED)),
        Err(Stop::Failed(fault)) => Err(js_sys::Error::new(&fault.to_record()).into()),
    }
}

fn final_error(message: &str) -> JsValue {
    js_sys::Error::new(&format!("NonRetryableError: {message}")).into()
}

/// Returns the settings, or says what is wrong with them in the log.
fn settings(host: &Cloudflare) -> Option<&Settings> {
    match &host.config().settings {
        Ok(settings) => Some(settings),
        Err(error) => {
            host.log(&Event::Misconfigured { message: error.to_string() });
            None
        }
    }
}
