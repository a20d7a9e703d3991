//! The record: every call in the order it arrived, with what was wrong with it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::clock;
use crate::http::{Inbound, Reply};

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
    /// Whether all about it is known: it was answered, or its connection cut.
    pub(crate) finished: bool,
    /// How long it took; `null` while it runs.
    pub(crate) took_ms: Option<u64>,
    /// `null` while the call runs, and when the connection was cut.
    pub(crate) status: Option<u16>,
    pub(crate) response: Value,
    /// Fault that was applied, as it was programmed.
    pub(crate) fault: Option<Value>,
    pub(crate) violations: Vec<String>,
    pub(crate) notes: Vec<String>,
}

/// All calls since the last reset.
#[derive(Debug, Default)]
pub(crate) struct Record {
    last_seq: u64,
    calls: Vec<Call>,
}

impl Record {
    /// Opens the record of a call that has just arrived; returns its number.
    pub(crate) fn open(&mut self, operation: &'static str, inbound: &Inbound) -> u64 {
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

    /// Number of the latest call.
    pub(crate) fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// The call of that number, unless a reset has forgotten it.
    pub(crate) fn call(&mut self, seq: u64) -> Option<&mut Call> {
        self.calls.iter_mut().rev().find(|call| call.seq == seq)
    }

    /// Notes what the service found and, if the reply was sent, what it was.
    pub(crate) fn close(&mut self, seq: u64, reply: &Reply, was_sent: bool) {
        let Some(call) = self.call(seq) else { return };
        call.violations.extend(reply.violations.iter().cloned());
        call.notes.extend(reply.notes.iter().cloned());
        call.finished = true;
        call.took_ms = Some(clock::now_ms().saturating_sub(call.at_ms));
        if was_sent {
            call.status = Some(reply.status);
            call.response = reply.body.to_record();
        }
    }

    /// Calls after a number, of one operation if it is given.
    pub(crate) fn list(&self, after: u64, operation: Option<&str>) -> Vec<&Call> {
        let wanted =
            |call: &&Call| call.seq > after && operation.is_none_or(|name| call.operation == name);
        self.calls.iter().filter(wanted).collect()
    }

    /// Forgets the calls and keeps counting.
    pub(crate) fn clear(&mut self) {
        self.calls.clear();
    }
}
