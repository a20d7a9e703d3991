//! Implements the program's ports with the services of the simulated world.

use core::time::Duration;

use miyabi_core::event::Event;
use miyabi_core::fault::{EngineError, Fault};
use miyabi_core::http::{HttpError, Request, Response};
use miyabi_core::ids::Millis;
use miyabi_core::ports::{
    Ai, Cache, Clock, Conversations, Files, Http, InstanceState, Limit, Log, Queue, Random,
    RateLimits, Rows, Signatures, Sql, SqlValue, Statement, WaitUntil, Workflows,
};
use serde_json::Value;

use crate::base::marks::{Mark, SECRET};
use crate::base::record::Invariant;
use crate::base::run::milliseconds;
use crate::services::{outside, plain};
use crate::world::Sim;

impl Clock for Sim {
    fn now(&self) -> Millis {
        Millis(self.run.shared.executor.now().saturating_add_signed(self.run.actor.skew_ms))
    }

    async fn sleep(&self, duration: Duration) {
        self.run.wait(milliseconds(duration)).await;
    }

    fn local_time(&self, time_zone: &str) -> Option<String> {
        (time_zone == "Asia/Tokyo").then(|| "noon in Tokyo".to_owned())
    }
}

impl Http for Sim {
    async fn send(&self, request: &Request) -> Result<Response, HttpError> {
        if request.url == outside::URL {
            return self.world.outside.send(&self.run, request).await;
        }
        if plain::is_to_messenger(request) {
            return self.world.plain.send(&self.run, request).await;
        }
        self.world.discord.send(&self.run, request).await
    }
}

impl Signatures for Sim {
    async fn is_signed(&self, _message: &[u8], _signature: &[u8; 64]) -> bool {
        true
    }
}

impl Sql for Sim {
    async fn query(&self, statement: Statement) -> Result<Rows, Fault> {
        let mut rows = self.batch(vec![statement]).await?;
        Ok(rows.pop().unwrap_or_default())
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, Fault> {
        let last = statements.last();
        let forgets = last.is_some_and(|last| last.name == "webhooks::forget");
        let webhook = last.and_then(|last| last.values.first().and_then(number));
        let rows = self.world.store.batch(&self.run, statements).await?;
        if let Some(webhook) = webhook.filter(|_| forgets) {
            self.world.discord.forgotten(webhook);
        }
        Ok(rows)
    }
}

impl Conversations for Sim {
    async fn converse(&self, conversation: &str, command: &str) -> Result<String, Fault> {
        self.world.objects.converse(&self.run, conversation, command).await
    }
}

impl Ai for Sim {
    async fn run(
        &self,
        _model: &str,
        inputs: &Value,
        _options: &Value,
        pieces: &dyn Fn(&[u8]),
    ) -> Result<Value, u32> {
        self.world.model.run(&self.run, inputs, pieces).await
    }
}

impl Workflows for Sim {
    async fn start(&self, instance: &str, params: &str) -> Result<(), Fault> {
        self.world
            .engine
            .start(&self.run, instance, params)
            .await
            .ok_or_else(|| EngineError::Start.into())
    }

    async fn state(&self, instance: &str) -> Result<InstanceState, Fault> {
        self.world.engine.state(&self.run, instance).await.ok_or_else(|| EngineError::State.into())
    }

    async fn send_event(&self, instance: &str, kind: &str) -> Result<(), Fault> {
        let sent = self.world.engine.send_event(&self.run, instance, kind).await;
        sent.ok_or_else(|| EngineError::State.into())
    }
}

impl Queue for Sim {
    async fn enqueue(&self, message: &str) -> Result<(), Fault> {
        self.world.queue.enqueue(&self.run, message).await.ok_or_else(|| EngineError::Queue.into())
    }
}

/// No answer is ever remembered: a saved one is posted as any other. What grows on a messenger is.
impl Cache for Sim {
    async fn recall(&self, key: &str) -> Option<String> {
        if !plain::is_of_growing(key) {
            return None;
        }
        self.run.wait(self.run.shared.rng.within(1..=5)).await;
        self.world.plain.recall(key)
    }

    async fn remember(&self, key: &str, value: &str, _: u32) {
        if plain::is_of_growing(key) {
            self.run.wait(self.run.shared.rng.within(1..=5)).await;
            self.world.plain.remember(key, value);
        }
    }
}

// Nobody there brings a file.
impl Files for Sim {}

impl RateLimits for Sim {
    async fn refusal(&self, asker: Option<&str>, server: Option<&str>) -> Option<Limit> {
        for (limit, key) in [(Limit::Asker, asker), (Limit::Server, server)] {
            if key.is_none() {
                continue;
            }
            self.run.wait(self.run.shared.rng.within(1..=5)).await;
            if !self.run.shared.plan.is_fault_free && self.run.shared.rng.chance(5) {
                return Some(limit);
            }
        }
        None
    }

    async fn refuses_visitor(&self, _: &str) -> bool {
        false
    }
}

impl WaitUntil for Sim {
    fn wait_until(&self, work: impl Future<Output = ()> + 'static) {
        self.run.spawn(work);
    }
}

impl Random for Sim {
    fn random<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let byte = |_| u8::try_from(self.run.shared.rng.within(0..=255)).unwrap_or_default();
        Ok(core::array::from_fn(byte))
    }
}

impl Log for Sim {
    fn log(&self, event: &Event) {
        let fields = event.to_json();
        let name = fields.get("event").and_then(Value::as_str).unwrap_or_default().to_owned();
        *self.run.shared.record.borrow_mut().events.entry(name).or_default() += 1;
        let line = fields.to_string();
        if line.contains(SECRET) || !Mark::all(&line).is_empty() {
            self.run.shared.violate(Invariant::Silent, format!("the log says {line}"));
        }
        if matches!(event, Event::JobRevived { .. }) {
            self.run.shared.record.borrow_mut().counts.revived += 1;
        }
        self.run.note("log", || line);
    }
}

fn number(value: &SqlValue) -> Option<u64> {
    match value {
        SqlValue::Text(text) => text.parse().ok(),
        SqlValue::Null | SqlValue::Integer(_) => None,
    }
}
