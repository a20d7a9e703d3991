//! The pace of a client: how much it has sent lately, and whether it was told to wait.

use std::collections::VecDeque;

use crate::clock;
use crate::http::Reply;
use crate::record::Exchange;

/// Header that says for how many seconds to wait; a fault has none of its own.
pub(crate) const HEADER: &str = "retry-after";

/// What was sent to one place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pace {
    /// When, within the longest window.
    sent_ms: VecDeque<u64>,
    /// Until when the client was told to wait, and the latest call at that time.
    told: Option<(u64, u64)>,
}

impl Pace {
    /// Counts one, if no limit (a number, and the milliseconds in which it holds) forbids it.
    ///
    /// # Errors
    /// The seconds to wait, if it is one too many.
    pub(crate) fn take(&mut self, limits: &[(usize, u64)]) -> Result<(), u64> {
        let now_ms = clock::now_ms();
        let longest_ms = limits.iter().map(|(_, window_ms)| *window_ms).max().unwrap_or_default();
        while self.sent_ms.front().is_some_and(|at| at + longest_ms <= now_ms) {
            self.sent_ms.pop_front();
        }
        let free_ms = |(limit, window_ms): &(usize, u64)| {
            let oldest = self.sent_ms.len().checked_sub(*limit).and_then(|at| self.sent_ms.get(at));
            oldest.map_or(0, |at| (at + window_ms).saturating_sub(now_ms))
        };
        let wait_ms = limits.iter().map(free_ms).max().unwrap_or_default();
        if wait_ms > 0 {
            return Err(wait_ms.div_ceil(1000));
        }
        self.sent_ms.push_back(now_ms);
        Ok(())
    }

    /// Remembers that the client was told to wait, and adds `violation` to its next call before that is over.
    ///
    /// It sees the reply that is sent, and ignores the 429 of a fault.
    pub(crate) fn remember_wait(&mut self, reply: &mut Reply, call: Exchange, violation: &str) {
        let now_ms = clock::now_ms();
        if let Some((until_ms, last_seq)) = self.told {
            if now_ms < until_ms && call.seq > last_seq && reply.status == 429 {
                reply.violations.push(violation.to_owned());
            }
            if now_ms >= until_ms {
                self.told = None;
            }
        }
        let header = reply.headers.iter().find(|(name, _)| name == HEADER);
        let seconds: Option<u64> = header.and_then(|(_, seconds)| seconds.parse().ok());
        if let (429, true, Some(seconds), None) = (reply.status, call.was_sent, seconds, self.told)
        {
            self.told = Some((now_ms + seconds * 1000, call.last_seq));
        }
    }
}
