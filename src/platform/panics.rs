//! The panic hook. A panic is always a bug, and this is what follows from one:
//!
//! 1. The hook logs the place in the source, and never the message, which may quote a question. A
//!    development build (`cargo xtask dev`, feature `panic-messages`) logs message and stack as well.
//! 2. `schedule_reinit` marks the instance: the next call into wasm finds a fresh one, so the next
//!    request is served.
//! 3. wasm traps, since the program is built with `panic = "abort"`. What the old instance was doing
//!    never goes on. The runtime ends its requests with status 500; `shim.mjs` rejects all other calls
//!    that wait for it, so that a Workflow instance ends as errored (the watchdog starts the job's next
//!    generation) and a batch of messages is delivered again.
//!
//! A stack that overflows runs no hook, and the old instance stays: recursion has to be bounded.

use std::panic;
use std::sync::Once;

use miyabi_core::event::Event;

use super::log;

/// Installs the hook, in place of `worker`'s own, which logs messages. Every entry point calls this
/// first, because a fresh instance begins with `worker`'s.
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|info| {
            let location = info.location().map(ToString::to_string).unwrap_or_default();
            log::write(&Event::Panicked { location });
            #[cfg(feature = "panic-messages")]
            console_error_panic_hook::hook(info);
            wasm_bindgen::handler::schedule_reinit();
        }));
    });
}
