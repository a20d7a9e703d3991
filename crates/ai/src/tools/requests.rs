//! The requests that the tools of one run may still send.
//!
//! A Worker on the free plan may send 50 requests in one run; the database, the model and the platform
//! need the rest.
//!
//! # Source
//! Cloudflare Docs/Workers limits, read 2026-11-28.

use core::cell::Cell;

/// Requests of all tools of one run.
pub const MAX_REQUESTS: u32 = 20;

/// What is left of them.
#[derive(Debug)]
pub struct Requests {
    left: Cell<u32>,
    granted: u32,
}

impl Requests {
    /// Returns what is left after so many requests of earlier rounds.
    pub const fn after(sent: u32) -> Self {
        let granted = MAX_REQUESTS.saturating_sub(sent);
        Self { left: Cell::new(granted), granted }
    }

    /// Takes one, and returns whether there was one left.
    pub(crate) fn take(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    /// Returns how many were sent.
    pub const fn sent(&self) -> u32 {
        self.granted - self.left.get()
    }
}
