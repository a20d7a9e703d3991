//! What the runtime calls: `fetch` for a request, `answer` for a Workflow instance, `queue` for a batch
//! of messages, `scheduled` once a minute.

use std::borrow::Cow;
use std::panic;
use std::sync::Once;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::Request;

use super::host::{self, Cloudflare, Context};
use super::js::{self, StreamError};
use super::queue;
use super::steps::{JsSteps, StepObject};
use super::tasks;
use crate::routes;
use miyabi_app::JobContext;
use miyabi_app::{watchdog, workflow};
use miyabi_channels::discord::transport::Discord;
use miyabi_core::config::Settings;
use miyabi_core::event::Event;
use miyabi_core::http::{BodyError, Incoming};
use miyabi_core::job::from_params;
use miyabi_core::ports::{Log, Stop};
use miyabi_core::text::split_once;

/// Headers that `head` reads, in its order.
const HEADERS: [&str; 3] = ["content-length", "x-signature-ed25519", "x-signature-timestamp"];

#[wasm_bindgen(module = "/src/platform/bridge.js")]
extern "C" {
    fn head(request: &Request) -> String;
    #[wasm_bindgen(js_name = readBody)]
    fn read_body(request: &Request) -> JsValue;
    #[wasm_bindgen(catch)]
    fn respond(status: u16, body: &JsValue, allow: Option<&str>) -> Result<JsValue, JsValue>;
}

/// Replies to a request: a promise of a `Response`.
#[wasm_bindgen]
pub fn fetch(request: Request, env: JsValue, context: Context) -> Promise {
    begin();
    js::promise(async {
        let host = Cloudflare::new(env, Some(context));
        let reply = routes::serve(&host, host.config(), &Inbound::new(request)).await;
        let body = match &reply.body {
            Cow::Borrowed(body) => js::constant(body),
            Cow::Owned(body) => body.into(),
        };
        respond(reply.status, &body, reply.allow)
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
            let platforms = |_: &str| Some(transport(&host, settings));
            watchdog::sweep(&host, &platforms, settings).await;
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
    match workflow::run(JobContext {
        host,
        steps: &steps,
        transport: &transport(host, settings),
        settings,
        job: &job,
    })
    .await
    {
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

/// A request, and what was read of it at once.
struct Inbound {
    request: Request,
    method: String,
    url: String,
    /// Values of [`HEADERS`], empty where there is none.
    headers: [String; 3],
}

impl Inbound {
    fn new(request: Request) -> Self {
        let head = head(&request);
        let mut lines = head.split('\n').map(ToOwned::to_owned);
        let mut line = || lines.next().unwrap_or_default();
        let (method, url) = (line(), line());
        Self { request, method, url, headers: [line(), line(), line()] }
    }

    fn length(&self) -> Option<usize> {
        let [length, ..] = &self.headers;
        length.parse().ok()
    }
}

impl Incoming for Inbound {
    fn method(&self) -> &str {
        &self.method
    }

    fn path(&self) -> &str {
        // `https://host/path?query`
        let mut bytes = self.url.bytes().enumerate();
        let Some((begin, _)) = bytes.by_ref().filter(|(_, byte)| *byte == b'/').nth(2) else {
            return "/";
        };
        let end = bytes
            .find(|(_, byte)| matches!(byte, b'?' | b'#'))
            .map_or(self.url.len(), |(at, _)| at);
        self.url.get(begin..end).unwrap_or("/")
    }

    fn query(&self) -> &str {
        split_once(&self.url, "?").map_or("", |(_, query)| query)
    }

    fn header(&self, name: &str) -> Option<String> {
        let mut known = HEADERS.into_iter().zip(&self.headers);
        match known.find(|(known, _)| *known == name) {
            Some((_, value)) => Some(value.clone()).filter(|value| !value.is_empty()),
            None => self.request.headers().get(name).ok().flatten(),
        }
    }

    async fn body(&self, limit_bytes: usize) -> Result<Vec<u8>, BodyError> {
        // The runtime holds a sender to the length that was declared, so all of it can come at once,
        // at a third of what a stream costs. Who declared none is read piece by piece. What is no UTF-8,
        // or begins with its mark, comes changed as a text: then it is not what was signed.
        if self.length().is_some_and(|declared| declared <= limit_bytes) {
            let text =
                js::settle(read_body(&self.request)).await.map_err(|_broken| BodyError::Broken)?;
            return Ok(text.as_string().unwrap_or_default().into_bytes());
        }
        let stream = self.request.body();
        js::read_stream(stream, limit_bytes, &|_piece| {}).await.map_err(|error| match error {
            StreamError::TooLarge => BodyError::TooLarge,
            StreamError::Broken(_) => BodyError::Broken,
        })
    }
}

#[cfg(test)]
mod tests;

/// Returns the platform on which questions are asked.
pub(super) fn transport(host: &Cloudflare, settings: &Settings) -> Discord<Cloudflare> {
    Discord::new(host.clone(), Rc::clone(&settings.discord))
}
