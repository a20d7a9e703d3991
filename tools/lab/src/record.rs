//! Records every call in the order of arrival, with its answer and its violations.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::clock;
use crate::http::{Inbound, Reply};
use crate::watched::{Changes, Guard, Watched};

/// One call, to the lab or (operation `interaction`) from the lab to the Worker.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Call {
    /// Counts from 1 and never starts again, not even after a reset.
    pub(crate) seq: u64,
    pub(crate) at_ms: u64,
    pub(crate) operation: &'static str,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
    /// Whether the call was answered or its connection cut; nothing below changes afterwards.
    pub(crate) finished: bool,
    /// How long it took; `null` while it runs.
    pub(crate) took_ms: Option<u64>,
    /// `null` while the call runs, and when the connection was cut.
    pub(crate) status: Option<u16>,
    pub(crate) response: Value,
    /// The fault that was applied to the call.
    pub(crate) fault: Option<Value>,
    pub(crate) violations: Vec<String>,
    pub(crate) notes: Vec<String>,
}

/// What the record knows about a call when its reply is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exchange {
    /// Number of the call.
    pub(crate) seq: u64,
    /// Number of the latest call that has arrived.
    pub(crate) last_seq: u64,
    /// Whether the client gets the reply.
    pub(crate) was_sent: bool,
}

/// All calls since the last reset, and a signal for each that finishes.
#[derive(Debug)]
pub(crate) struct Record {
    calls: Watched<Calls>,
    finished: Notify,
}

/// The recorded calls.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    last_seq: u64,
    calls: Vec<Call>,
}

impl Record {
    /// An empty record; its changes are added to the given count.
    pub(crate) fn new(changes: &Changes) -> Self {
        Self { calls: Watched::new(changes), finished: Notify::new() }
    }

    /// The calls, locked.
    pub(crate) fn calls(&self) -> Guard<'_, Calls> {
        self.calls.lock()
    }

    /// Is ready when the next call finishes. Calls that finish after this one is made count.
    pub(crate) fn next_finished(&self) -> Notified<'_> {
        self.finished.notified()
    }

    /// Adds a call that has just arrived; returns its number.
    pub(crate) fn open(&self, operation: &'static str, inbound: &Inbound) -> u64 {
        self.calls().open(operation, inbound)
    }

    /// Number of the latest call.
    pub(crate) fn last_seq(&self) -> u64 {
        self.calls().last_seq
    }

    /// Finishes a call to the lab; its reply is kept only if it was sent.
    pub(crate) fn close(&self, seq: u64, reply: &Reply, was_sent: bool) {
        self.finish(seq, reply, |call| {
            if was_sent {
                call.status = Some(reply.status);
                call.response = reply.body.to_record();
            }
        });
    }

    /// Finishes a call that the lab made; `found` carries only violations and notes.
    pub(crate) fn close_own(&self, seq: u64, found: &Reply, status: Option<u16>, response: Value) {
        self.finish(seq, found, |call| {
            call.status = status;
            call.response = response;
        });
    }

    fn finish(&self, seq: u64, found: &Reply, set_answer: impl FnOnce(&mut Call)) {
        if let Some(call) = self.calls().get_mut(seq) {
            call.violations.extend(found.violations.iter().cloned());
            call.notes.extend(found.notes.iter().cloned());
            call.finished = true;
            call.took_ms = Some(clock::now_ms().saturating_sub(call.at_ms));
            set_answer(call);
        }
        self.finished.notify_waiters();
    }
}

impl Calls {
    fn open(&mut self, operation: &'static str, inbound: &Inbound) -> u64 {
        self.last_seq += 1;
        self.calls.push(Call {
            seq: self.last_seq,
            at_ms: clock::now_ms(),
            operation,
            method: inbound.method.clone(),
            path: inbound.path.clone(),
            query: inbound.query.clone(),
            headers: inbound.headers.clone(),
            body: inbound.body.to_record(),
            finished: false,
            took_ms: None,
            status: None,
            response: Value::Null,
            fault: None,
            violations: Vec::new(),
            notes: Vec::new(),
        });
        self.last_seq
    }

    /// The call of that number, unless a reset has removed it.
    pub(crate) fn get_mut(&mut self, seq: u64) -> Option<&mut Call> {
        self.calls.iter_mut().rev().find(|call| call.seq == seq)
    }

    /// Calls after a number, of one operation if it is given.
    pub(crate) fn list(&self, after: u64, operation: Option<&str>) -> Vec<&Call> {
        let wanted =
            |call: &&Call| call.seq > after && operation.is_none_or(|name| call.operation == name);
        self.calls.iter().filter(wanted).collect()
    }

    /// Removes the calls and keeps counting.
    pub(crate) fn clear(&mut self) {
        self.calls.clear();
    }
}
