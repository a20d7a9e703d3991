//! A request of a platform to the Worker's webhook, and what came of it.

use std::time::{Duration, Instant};

use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::client::Client;
use crate::http::{Inbound, Reply};
use crate::record::Record;

/// A request that is about to be sent.
#[derive(Debug)]
pub(crate) struct Outgoing<'a> {
    /// Its name in the record.
    pub(crate) operation: &'static str,
    pub(crate) url: &'a str,
    /// Path of the Worker's endpoint, for the record.
    pub(crate) path: &'a str,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: &'a str,
    /// How long the Worker may take to answer.
    pub(crate) timeout_ms: u64,
}

/// One delivery.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// `None` without an answer.
    pub(crate) status: Option<u16>,
    /// Headers of the answer.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
    pub(crate) error: Option<String>,
    pub(crate) ms: u64,
}

/// What became of something that is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Waiting,
    Taken,
    GivenUp,
}

impl Fate {
    /// As the inspection API shows it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Taken => "taken",
            Self::GivenUp => "given_up",
        }
    }
}

impl Attempt {
    /// Whether the Worker has taken it.
    pub(crate) fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether there was no answer in time.
    pub(crate) fn is_timeout(&self) -> bool {
        self.error.as_ref().is_some_and(|error| error.contains("no answer within"))
    }

    /// As the inspection API shows it.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "status": self.status, "body": self.body, "error": self.error, "ms": self.ms })
    }
}

impl Outgoing<'_> {
    /// Sends it once and records it, with the violations that `judge` finds in the answer.
    pub(crate) async fn send(
        self,
        client: &Client,
        record: &Record,
        judge: impl FnOnce(&Attempt) -> Vec<String>,
    ) -> Attempt {
        let Self { operation, url, path, headers, body, timeout_ms } = self;
        let seq = record.open(operation, &Inbound::delivered(path, body, &headers));
        let started = Instant::now();
        let exchange = client.post(url, &headers, body.to_owned());
        let outcome = tokio::time::timeout(Duration::from_millis(timeout_ms), exchange).await;
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let attempt = match outcome {
            Ok(Ok(answer)) => {
                let (status, body) = (Some(answer.status), shown(&answer.body));
                Attempt { status, headers: answer.headers, body, error: None, ms }
            }
            Ok(Err(error)) => Attempt::failed(error, ms),
            Err(_) => Attempt::failed(format!("no answer within {timeout_ms} ms"), ms),
        };
        let found = Reply { violations: judge(&attempt), ..Reply::default() };
        record.close_own(seq, &found, attempt.status, attempt.body.clone());
        attempt
    }
}

impl Attempt {
    fn failed(error: String, ms: u64) -> Self {
        Self { status: None, headers: Vec::new(), body: Value::Null, error: Some(error), ms }
    }
}

/// A body as the record shows it: JSON, or else a text.
fn shown(body: &Bytes) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body).unwrap_or_else(|_odd| json!(String::from_utf8_lossy(body)))
}
