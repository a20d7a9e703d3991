//! What the runtime calls: `fetch` for a request, `answer` for a Workflow instance, `queue` for a batch
//! of messages, `scheduled` once a minute.

use std::panic;
use std::sync::Once;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use worker_sys::Context;
use worker_sys::web_sys::{Headers, Request, Response, ResponseInit};

use super::host::{self, Cloudflare};
use super::js::{self, StreamError};
use super::queue;
use super::steps::{JsSteps, StepObject};
use crate::ask::{from_params, watchdog, workflow};
use crate::config::Settings;
use crate::event::Event;
use crate::host::{Log, Stop};
use crate::http::{BodyError, Incoming, Reply};
use crate::routes;
use crate::text::split_once;

/// Replies to a request: a promise of a `Response`.
#[wasm_bindgen]
pub fn fetch(request: Request, env: JsValue, context: Context) -> Promise {
    report_panics();
    js::promise(async {
        let host = Cloudflare::new(env, Some(context));
        let reply = routes::serve(&host, host.config(), &Inbound(request)).await;
        respond(&reply).map(Into::into)
    })
}

/// Answers one question: the Workflow's `run`, a promise of nothing.
///
/// `event` is the engine's, with our parameters in `payload`; `step` is its step object. The promise
/// is rejected with what the engine ended the run with, unchanged, or with an `Error` when the job
/// could not be brought to an end, so that the instance shows as errored.
#[wasm_bindgen]
pub fn answer(event: JsValue, step: StepObject, env: JsValue) -> Promise {
    report_panics();
    js::promise(async move {
        let host = Cloudflare::new(env, None);
        run(&host, &event, step).await.map(|()| JsValue::UNDEFINED)
    })
}

/// Handles a batch of messages: a promise of nothing, never rejected, since every message is settled by
/// itself.
#[wasm_bindgen(js_name = queue)]
pub fn deliver(batch: JsValue, env: JsValue, context: Context) -> Promise {
    report_panics();
    js::promise(async move {
        let host = Cloudflare::new(env, Some(context));
        queue::handle(&host, settings(&host), &batch).await;
        Ok(JsValue::UNDEFINED)
    })
}

/// Runs the watchdog once: a promise of nothing, never rejected. What it could not do is for the next
/// minute.
#[wasm_bindgen]
pub fn scheduled(_event: JsValue, env: JsValue, context: Context) -> Promise {
    report_panics();
    js::promise(async move {
        let host = Cloudflare::new(env, Some(context));
        if let Some(settings) = settings(&host) {
            watchdog::sweep(&host, settings).await;
        }
        Ok(JsValue::UNDEFINED)
    })
}

async fn run(host: &Cloudflare, event: &JsValue, step: StepObject) -> Result<(), JsValue> {
    let payload = js::from_js(&js::property(event, "payload"))?;
    let Some(job) = from_params(&payload) else {
        host.log(&Event::LetterUnreadable);
        return Err(js_sys::Error::new("NonRetryableError: unreadable parameters").into());
    };
    let Some(settings) = settings(host) else {
        return Err(js_sys::Error::new("NonRetryableError: not configured").into());
    };
    let steps = JsSteps::new(step, host.clone(), job.question.id.clone());
    match workflow::run(host, &steps, settings, &job).await {
        Ok(()) => Ok(()),
        Err(Stop::Aborted) => Err(steps.take_abort().unwrap_or(JsValue::UNDEFINED)),
        Err(Stop::Failed(fault)) => Err(js_sys::Error::new(&fault.to_record()).into()),
    }
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

/// A panic is a bug: its place is logged, its message is not, since that may quote a question. The
/// next call into wasm finds a fresh instance.
fn report_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|info| {
            let location = info.location().map(ToString::to_string).unwrap_or_default();
            host::write(&Event::Panicked { location });
            wasm_bindgen::handler::schedule_reinit();
        }));
    });
}

struct Inbound(Request);

impl Incoming for Inbound {
    fn method(&self) -> String {
        self.0.method()
    }

    fn path(&self) -> String {
        let url = self.0.url();
        let after_scheme = split_once(&url, "://").map_or(url.as_str(), |(_, rest)| rest);
        let path = after_scheme.find('/').and_then(|start| after_scheme.get(start..));
        path.unwrap_or("/").split(['?', '#']).next().unwrap_or("/").to_owned()
    }

    fn query(&self) -> String {
        split_once(&self.0.url(), "?").map_or_else(String::new, |(_, query)| query.to_owned())
    }

    fn header(&self, name: &str) -> Option<String> {
        self.0.headers().get(name).ok().flatten()
    }

    async fn body(&self, limit_bytes: usize) -> Result<Vec<u8>, BodyError> {
        js::read_stream(self.0.body(), limit_bytes, &|_piece| {}).await.map_err(|error| match error
        {
            StreamError::TooLarge => BodyError::TooLarge,
            StreamError::Broken(_) => BodyError::Broken,
        })
    }
}

fn respond(reply: &Reply) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    if let Some(allow) = reply.allow {
        headers.set("allow", allow)?;
    }
    let init = ResponseInit::new();
    init.set_status(reply.status);
    init.set_headers(&headers);
    Response::new_with_opt_str_and_init(Some(&reply.body), &init)
}
