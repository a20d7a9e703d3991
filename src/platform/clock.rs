//! [`Clock`]: the runtime's clock, timers and time zones.

use core::time::Duration;

use futures::channel::oneshot;
use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::env::Cloudflare;
use crate::workflow::js;
use miyabi_core::ids::Millis;
use miyabi_core::ports::Clock;

#[wasm_bindgen]
extern "C" {
    /// Not the one of `js_sys`, whose constructor unwinds through wasm where it throws.
    type DateTimeFormat;
    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(locale: &str, options: &JsValue) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(method, catch, js_namespace = Intl)]
    fn format(this: &DateTimeFormat, date: &js_sys::Date) -> Result<String, JsValue>;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, duration_ms: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// A timer that is cleared when it is dropped.
struct Timer(JsValue);

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.0);
    }
}

impl Clock for Cloudflare {
    fn now(&self) -> Millis {
        now()
    }

    async fn sleep(&self, duration: Duration) {
        // Not `worker::Delay`, which wakes its task before it is over: a task that runs when it is woken
        // would wait for ever.
        let (sender, receiver) = oneshot::channel();
        let callback = Closure::once(move || sender.send(()).unwrap_or_default());
        let milliseconds = duration.as_secs_f64() * 1000.0;
        let _timer = Timer(set_timeout(callback.as_ref().unchecked_ref(), milliseconds));
        // It is only canceled together with the callback, which lives as long as this future.
        receiver.await.unwrap_or_default();
    }

    fn local_time(&self, time_zone: &str) -> Option<String> {
        let options = serde_json::json!({
            "dateStyle": "full", "timeStyle": "long", "timeZone": time_zone, "hourCycle": "h23",
        });
        let format = DateTimeFormat::new("en-GB", &js::to_js(&options).ok()?).ok()?;
        format.format(&js_sys::Date::new_0()).ok()
    }
}

/// Returns the current time.
pub fn now() -> Millis {
    Millis(worker::Date::now().as_millis())
}

#[cfg(test)]
mod tests;
