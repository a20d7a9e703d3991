//! One value that has every port: the environment of this isolate and the request's context.

use core::time::Duration;
use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;

use super::js;
use super::tasks::{self, Sleeping};
use miyabi_core::config::{Config, Environment};
use miyabi_core::event::{Event, Level, Rations};
use miyabi_core::ids::Millis;
use miyabi_core::json;
use miyabi_core::ports::{Clock, Log, WaitUntil};

/// Cloudflare's side of all ports; cheap to clone.
#[derive(Debug, Clone)]
pub struct Cloudflare {
    env: JsValue,
    config: Rc<Config>,
    /// Where work beside the reply is registered; a Workflow has none.
    context: Option<Rc<Context>>,
}

thread_local! {
    /// A pure function of the environment, which is one per isolate: read once.
    static CONFIG: RefCell<Option<Rc<Config>>> = const { RefCell::new(None) };
    /// Lines about requests that this isolate has refused.
    static REFUSALS: RefCell<Rations> = RefCell::default();
}

impl Cloudflare {
    /// Reads the environment; `context` is that of the request, if there is one.
    pub fn new(env: JsValue, context: Option<Context>) -> Self {
        let config = CONFIG.with_borrow_mut(|config| {
            config.get_or_insert_with(|| Rc::new(Config::read(&Variables(&env)))).clone()
        });
        Self { env, config, context: context.map(Rc::new) }
    }

    /// Returns what the environment says.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the environment.
    pub const fn env(&self) -> &JsValue {
        &self.env
    }

    /// Returns a binding; `undefined` if there is none.
    pub fn binding(&self, name: &'static str) -> JsValue {
        js::property(&self.env, name)
    }
}

struct Variables<'a>(&'a JsValue);

impl Environment for Variables<'_> {
    fn text(&self, name: &str) -> Option<String> {
        Reflect::get(self.0, &JsValue::from_str(name)).ok()?.as_string()
    }

    fn has_binding(&self, name: &str) -> bool {
        Reflect::get(self.0, &JsValue::from_str(name)).is_ok_and(|binding| binding.is_object())
    }
}

#[wasm_bindgen(module = "/src/platform/bridge.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn hold(context: &Context) -> Result<Function, JsValue>;
    #[wasm_bindgen(js_name = localTime)]
    fn local_time(time_zone: &str) -> Option<String>;
}

#[wasm_bindgen]
extern "C" {
    /// What the runtime hands over with a request.
    #[derive(Debug)]
    pub type Context;

    #[wasm_bindgen(js_namespace = console, js_name = log)]
    fn console_log(line: &str);
    #[wasm_bindgen(js_namespace = console, js_name = warn)]
    fn console_warn(line: &str);
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(line: &str);
}

impl Log for Cloudflare {
    fn log(&self, event: &Event) {
        let admit = |kind| REFUSALS.with_borrow_mut(|refusals| refusals.admit(kind, self.now()));
        if let Event::RequestRejected { reason, .. } = event {
            match admit(reason) {
                None => return,
                Some(0) => {}
                Some(requests) => write(&Event::RequestsRejected { reason, requests }),
            }
        } else if matches!(event, Event::Misconfigured { .. }) && admit("misconfigured").is_none() {
            return;
        }
        write(event);
    }
}

/// Writes an event where no host is at hand.
pub fn write(event: &Event) {
    let line = json::to_text(&event.to_json());
    match event.level() {
        Level::Error => console_error(&line),
        Level::Warn => console_warn(&line),
        Level::Info => console_log(&line),
    }
}

impl Clock for Cloudflare {
    fn now(&self) -> Millis {
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole milliseconds since 1970, far below 2^53"
        )]
        Millis(js_sys::Date::now() as u64)
    }

    async fn sleep(&self, duration: Duration) {
        Sleeping::new(duration).await;
    }

    fn local_time(&self, time_zone: &str) -> Option<String> {
        local_time(time_zone)
    }
}

impl WaitUntil for Cloudflare {
    fn wait_until(&self, work: impl Future<Output = ()> + 'static) {
        // It only fails where there is no request any more, and then the work runs all the same.
        let done = self.context.as_deref().and_then(|context| hold(context).ok());
        tasks::spawn(Box::pin(async move {
            work.await;
            if let Some(done) = done {
                // It never throws.
                drop(done.call0(&JsValue::UNDEFINED));
            }
        }));
    }
}
