//! [`Cloudflare`]: one value that has every port, made from the environment and the request's context.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use worker::{Context, Env};

use super::conversation::Here;
use super::executor;
use miyabi_channels::discord::webhook_url::parse_webhook_url;
use miyabi_core::config::{Config, Environment};
use miyabi_core::ports::WaitUntil;

/// Cloudflare's side of all ports; cheap to clone.
#[derive(Debug, Clone)]
pub struct Cloudflare {
    env: Env,
    config: Rc<Config>,
    /// Keeps work in `wait_until` alive after the reply; a Workflow and the cron trigger have none.
    context: Option<Rc<Context>>,
    /// The conversation in whose object this is, which needs no request to itself.
    here: Option<Rc<dyn Here>>,
}

thread_local! {
    /// The settings are a pure function of the environment, which is one per isolate: read once.
    static CONFIG: RefCell<Option<Rc<Config>>> = const { RefCell::new(None) };
}

impl Cloudflare {
    /// Reads the environment; `context` is that of the request, if there is one.
    pub fn new(env: Env, context: Option<Context>) -> Self {
        let config = CONFIG.with_borrow_mut(|config| {
            config
                .get_or_insert_with(|| Rc::new(Config::read(&Variables(&env), parse_webhook_url)))
                .clone()
        });
        Self { env, config, context: context.map(Rc::new), here: None }
    }

    /// Returns the same in the object of a conversation.
    #[must_use]
    pub fn at(self, here: Rc<dyn Here>) -> Self {
        Self { here: Some(here), ..self }
    }

    /// Returns the conversation in whose object this is, if it is the one of this name.
    pub(super) fn here(&self, conversation: &str) -> Option<&dyn Here> {
        self.here.as_deref().filter(|here| here.name() == conversation)
    }

    /// Returns what the environment says.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the environment.
    pub const fn env(&self) -> &Env {
        &self.env
    }

    /// Returns a binding, or `None` if the environment has no object of this name.
    ///
    /// Its class is not checked, unlike by `Env::get_binding`: see [`crate::platform`].
    pub fn binding<T: JsCast>(&self, name: &str) -> Option<T> {
        let binding = Reflect::get(&self.env, &name.into()).ok()?;
        binding.is_object().then(|| binding.unchecked_into())
    }
}

struct Variables<'a>(&'a Env);

impl Environment for Variables<'_> {
    fn text(&self, name: &str) -> Option<String> {
        Reflect::get(self.0, &name.into()).ok()?.as_string()
    }

    fn has_binding(&self, name: &str) -> bool {
        Reflect::get(self.0, &name.into()).is_ok_and(|binding| binding.is_object())
    }
}

impl WaitUntil for Cloudflare {
    // Not `Context::wait_until`, which panics where the request is over. The work runs all the same.
    fn wait_until(&self, work: impl Future<Output = ()> + 'static) {
        let done = executor::spawn(async move {
            work.await;
            Ok(JsValue::UNDEFINED)
        });
        if let Some(context) = &self.context {
            drop(context.as_ref().as_ref().wait_until(&done));
        }
    }
}

#[cfg(test)]
mod tests;
