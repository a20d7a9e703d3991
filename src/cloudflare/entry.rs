//! What the runtime calls: `fetch` for a request, `answer` for a Workflow instance, `queue` for a batch
//! of messages, `scheduled` once a minute.

use core::cell::{OnceCell, RefCell};
use std::panic;
use std::sync::Once;

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Headers, Request, Response, ResponseInit};

use super::host::{self, Cloudflare, Context};
use super::js::{self, StreamError};
use super::queue;
use super::steps::{JsSteps, StepObject};
use super::tasks::{self, Settling};
use crate::ask::{from_params, watchdog, workflow};
use crate::config::Settings;
use crate::event::Event;
use crate::host::{Log, Stop};
use crate::http::{BodyError, Incoming, Reply};
use crate::routes;
use crate::text::split_once;

/// Header with the length of a body.
const LENGTH: &str = "content-length";

/// Replies to a request: a promise of a `Response`.
#[wasm_bindgen]
pub fn fetch(request: Request, env: JsValue, context: Context) -> Promise {
    begin();
    js::promise(async {
        let host = Cloudflare::new(env, Some(context));
        let reply = routes::serve(&host, host.config(), &Inbound::new(request)).await;
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
    begin();
    js::promise(async move {
        let host = Cloudflare::new(env, None);
        run(&host, &event, step).await.map(|()| JsValue::UNDEFINED)
    })
}

/// Handles a batch of messages: a promise of nothing, never rejected, since every message is settled by
/// itself.
#[wasm_bindgen(js_name = queue)]
pub fn deliver(batch: JsValue, env: JsValue, context: Context) -> Promise {
    begin();
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
    begin();
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

/// Begins a call by the runtime. A panic is a bug: its place is logged, its message is not, since that may quote a question. The
/// next call into wasm finds a fresh instance.
fn begin() {
    static ONCE: Once = Once::new();
    tasks::enter();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|info| {
            let location = info.location().map(ToString::to_string).unwrap_or_default();
            host::write(&Event::Panicked { location });
            wasm_bindgen::handler::schedule_reinit();
        }));
    });
}

struct Inbound {
    request: Request,
    /// The declared length of the body: it is asked for twice.
    length: OnceCell<Option<String>>,
}

impl Inbound {
    const fn new(request: Request) -> Self {
        Self { request, length: OnceCell::new() }
    }

    fn read(&self, name: &str) -> Option<String> {
        self.request.headers().get(name).ok().flatten()
    }

    fn length(&self) -> Option<&str> {
        self.length.get_or_init(|| self.read(LENGTH)).as_deref()
    }
}

impl Incoming for Inbound {
    fn method(&self) -> String {
        self.request.method()
    }

    fn path(&self) -> String {
        let url = self.request.url();
        let after_scheme = split_once(&url, "://").map_or(url.as_str(), |(_, rest)| rest);
        let path = after_scheme.find('/').and_then(|start| after_scheme.get(start..));
        path.unwrap_or("/").split(['?', '#']).next().unwrap_or("/").to_owned()
    }

    fn query(&self) -> String {
        split_once(&self.request.url(), "?").map_or_else(String::new, |(_, query)| query.to_owned())
    }

    fn header(&self, name: &str) -> Option<String> {
        if name == LENGTH { self.length().map(ToOwned::to_owned) } else { self.read(name) }
    }

    async fn body(&self, limit_bytes: usize) -> Result<Vec<u8>, BodyError> {
        // The runtime holds a sender to the length that was declared, so all of it can come at once,
        // at a third of what a stream costs. Who declared none is read piece by piece.
        let declared = self.length().and_then(|length| length.parse::<usize>().ok());
        if declared.is_some_and(|declared| declared <= limit_bytes) {
            return self.whole().await.map_err(|_broken| BodyError::Broken);
        }
        let stream = self.request.body();
        js::read_stream(stream, limit_bytes, &|_piece| {}).await.map_err(|error| match error {
            StreamError::TooLarge => BodyError::TooLarge,
            StreamError::Broken(_) => BodyError::Broken,
        })
    }
}

impl Inbound {
    async fn whole(&self) -> Result<Vec<u8>, JsValue> {
        let buffer = Settling::new(&self.request.array_buffer()?.unchecked_into()).await?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }
}

thread_local! {
    /// What a response is made with, by its status: there are few, and each is always the same.
    static INITS: RefCell<Vec<(u16, ResponseInit)>> = const { RefCell::new(Vec::new()) };
}

fn respond(reply: &Reply) -> Result<Response, JsValue> {
    let known = INITS.with_borrow(|all| {
        all.iter().find(|(status, _)| *status == reply.status).map(|(_, init)| init.clone())
    });
    let init = match known {
        Some(init) if reply.allow.is_none() => init,
        _ => init(reply)?,
    };
    Response::new_with_opt_str_and_init(Some(&reply.body), &init)
}

fn init(reply: &Reply) -> Result<ResponseInit, JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    let init = ResponseInit::new();
    init.set_status(reply.status);
    init.set_headers(&headers);
    match reply.allow {
        Some(allow) => headers.set("allow", allow)?,
        None => INITS.with_borrow_mut(|all| all.push((reply.status, init.clone()))),
    }
    Ok(init)
}
