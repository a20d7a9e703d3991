//! [`Log`]: one JSON line per event, on the console. Lines about refused requests are limited.

use std::cell::RefCell;

use worker::{console_error, console_log, console_warn};

use super::clock;
use super::env::Cloudflare;
use miyabi_core::event::{Event, Level, LogLimit};
use miyabi_core::ports::Log;

thread_local! {
    /// Lines about requests that this isolate has refused.
    static REFUSALS: RefCell<LogLimit> = RefCell::default();
}

impl Log for Cloudflare {
    fn log(&self, event: &Event) {
        let admit = |kind| REFUSALS.with_borrow_mut(|refusals| refusals.admit(kind, clock::now()));
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
    let line = event.to_line();
    match event.level() {
        Level::Error => console_error!("{line}"),
        Level::Warn => console_warn!("{line}"),
        Level::Info => console_log!("{line}"),
    }
}
