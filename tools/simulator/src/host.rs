//! The ports of the program, in the simulated world.

use core::time::Duration;
use std::rc::Rc;

use miyabi_core::event::Event;
use miyabi_core::fault::{EngineError, Fault, StoreError};
use miyabi_core::http::{HttpError, Request, Response};
use miyabi_core::ids::Millis;
use miyabi_core::ports::{
    Ai, Cache, Clock, Http, InstanceState, Limit, Log, Queue, RateLimits, Rows, Signatures, Sql,
    SqlValue, Statement, WaitUntil, Workflows,
};
use serde_json::Value;

use crate::database::SqlError;
use crate::marks::{Mark, SECRET};
use crate::plan::{Outage, Service, Symptom};
use crate::plant::{self, Planted};
use crate::record::{Invariant, is_terminal};
use crate::world::{Fate, Sim, World};
use crate::{discord, engine, model, queue};

/// Longest wait for the database.
const STORE_PATIENCE_MS: u64 = 10_000;

impl Clock for Sim {
    fn now(&self) -> Millis {
        Millis(self.world.executor.now().saturating_add_signed(self.actor.skew_ms))
    }

    async fn sleep(&self, duration: Duration) {
        self.wait(milliseconds(duration)).await;
    }

    fn local_time(&self, time_zone: &str) -> Option<String> {
        (time_zone == "Asia/Tokyo").then(|| "noon in Tokyo".to_owned())
    }
}

impl Http for Sim {
    async fn send(&self, request: &Request) -> Result<Response, HttpError> {
        discord::send(self, request).await
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

    /// One call, whatever the number of statements: all of them arrive, or none.
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, Fault> {
        let Some(last) = statements.last() else { return Ok(Vec::new()) };
        let name = last.name;
        let webhook = last.values.first().and_then(number);
        let failed = || Fault::from(StoreError::Failed { statement: name });
        let (fate, is_lost) = self.store_fate(name);
        let (world, who) = (Rc::clone(&self.world), self.actor.name.clone());
        let done =
            self.call(fate, STORE_PATIENCE_MS, move || world.execute(&who, &statements)).await;
        match done {
            Some(Ok(rows)) if !is_lost => {
                if let (Some(webhook), "webhooks::forget") = (webhook, name) {
                    discord::forgotten(&self.world, webhook);
                }
                Ok(rows)
            }
            _ => Err(failed()),
        }
    }
}

impl Sim {
    /// Returns how a statement fares, and whether its result is lost.
    fn store_fate(&self, name: &str) -> (Fate, bool) {
        let (world, plan) = (&self.world, &self.world.plan.store);
        let usual = world.usual(30);
        let returns_ms = usual.returns_ms;
        let fault = |what: &str| {
            world.record.borrow_mut().unsure.extend(self.actor.ask);
            self.fault(&format!("{what} {name}"));
        };
        match world.plan.outage(Service::Store, world.since_ms()) {
            Some(Outage { symptom: Symptom::Silence, .. }) => {
                fault("no database for");
                return (Fate { arrives_ms: None, returns_ms: None }, true);
            }
            Some(_) => {
                fault("database away for");
                return (Fate { arrives_ms: None, returns_ms }, true);
            }
            None => {}
        }
        if world.strikes(plan.fails_before) {
            fault("database failed before");
            (Fate { arrives_ms: None, returns_ms }, true)
        } else if world.strikes(plan.fails_after) {
            fault("database failed after");
            (usual, true)
        } else if world.strikes(plan.late) {
            fault("database late with");
            let late_ms = returns_ms.map(|returns_ms| returns_ms + world.rng.within(1..=30_000));
            (Fate { arrives_ms: late_ms, returns_ms }, true)
        } else if world.strikes(plan.slow) {
            let arrives_ms = world.rng.within(500..=8_000);
            let returns_ms = arrives_ms + world.rng.within(1..=1_500);
            (Fate { arrives_ms: Some(arrives_ms), returns_ms: Some(returns_ms) }, false)
        } else {
            (usual, false)
        }
    }
}

impl World {
    /// Runs statements at the database, now, in one transaction.
    ///
    /// # Errors
    /// The database's.
    pub fn execute(
        self: &Rc<Self>,
        who: &str,
        statements: &[Statement],
    ) -> Result<Vec<Rows>, SqlError> {
        let now_s = i64::try_from(self.executor.now() / 1000).unwrap_or(i64::MAX);
        self.database.set_now(now_s + self.plan.store.skew_s);
        let outcome = self.database.transaction(|| {
            statements.iter().map(|statement| self.execute_one(who, statement)).collect()
        });
        self.observe(who);
        outcome
    }

    fn execute_one(self: &Rc<Self>, who: &str, statement: &Statement) -> Result<Rows, SqlError> {
        let outcome = match plant::statement(self, statement) {
            Planted::Nothing => self.database.query(statement.sql, &statement.values),
            Planted::Sql(sql, values) => self.database.query(&sql, &values),
            Planted::Rows(rows) => Ok(rows),
        };
        match &outcome {
            Ok(rows) => self.note(who, statement.name, || format!("→ {}", shown(rows))),
            Err(error) => self.note(who, statement.name, || format!("→ {error:?}")),
        }
        if let Err(SqlError::Broken(cause)) = &outcome {
            self.violate(Invariant::Sane, format!("{}: {cause}", statement.name));
        }
        outcome
    }

    /// Takes note of what the latest statements did to jobs.
    fn observe(&self, who: &str) {
        for change in self.database.take_changes() {
            self.note(who, "job", || format!("{} {} → {}", change.job, change.from, change.to));
            if is_terminal(&change.from) && change.to != change.from && !change.to.is_empty() {
                let what = format!("{} went from {} to {}", change.job, change.from, change.to);
                self.violate(Invariant::Final, what);
            }
            if is_terminal(&change.to) && change.holds_secrets {
                let what = format!("{} is {} and holds its token", change.job, change.to);
                self.violate(Invariant::Final, what);
            }
            let mut record = self.record.borrow_mut();
            let generation = u32::try_from(change.generation).unwrap_or(0);
            if record.generation_at(&change.job, self.executor.now()) != generation {
                let generations = record.generations.entry(change.job.clone()).or_default();
                generations.push((self.executor.now(), generation));
            }
            if is_terminal(&change.to) {
                record.ended_by.entry(change.job.clone()).or_insert_with(|| who.to_owned());
            }
            if change.to != change.from {
                let statuses = record.statuses.entry(change.job).or_default();
                statuses.push((self.executor.now(), change.to));
            }
        }
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
        model::run(self, inputs, pieces).await
    }
}

impl Workflows for Sim {
    async fn start(&self, instance: &str, params: &str) -> Result<(), Fault> {
        engine::start(self, instance, params).await.ok_or_else(|| EngineError::Start.into())
    }

    async fn state(&self, instance: &str) -> Result<InstanceState, Fault> {
        engine::state(self, instance).await.ok_or_else(|| EngineError::State.into())
    }
}

impl Queue for Sim {
    async fn enqueue(&self, message: &str) -> Result<(), Fault> {
        queue::enqueue(self, message).await.ok_or_else(|| EngineError::Queue.into())
    }
}

/// Nothing is ever remembered: a saved answer is posted as any other.
impl Cache for Sim {
    async fn recall(&self, _: &str) -> Option<String> {
        None
    }

    async fn remember(&self, _: &str, _: &str, _: u32) {}
}

impl RateLimits for Sim {
    async fn refusal(&self, asker: Option<&str>, server: Option<&str>) -> Option<Limit> {
        for (limit, key) in [(Limit::Asker, asker), (Limit::Server, server)] {
            if key.is_none() {
                continue;
            }
            self.wait(self.world.rng.within(1..=5)).await;
            if !self.world.plan.is_calm && self.world.rng.chance(5) {
                return Some(limit);
            }
        }
        None
    }
}

impl WaitUntil for Sim {
    fn wait_until(&self, work: impl Future<Output = ()> + 'static) {
        self.spawn(work);
    }
}

impl Log for Sim {
    fn log(&self, event: &Event) {
        let fields = event.to_json();
        let name = fields.get("event").and_then(Value::as_str).unwrap_or_default().to_owned();
        *self.world.record.borrow_mut().events.entry(name).or_default() += 1;
        let line = fields.to_string();
        if line.contains(SECRET) || !Mark::all(&line).is_empty() {
            self.world.violate(Invariant::Silent, format!("the log says {line}"));
        }
        if matches!(event, Event::JobRevived { .. }) {
            self.world.record.borrow_mut().counts.revived += 1;
        }
        self.world.note(&self.actor.name, "log", || line);
    }
}

fn number(value: &SqlValue) -> Option<u64> {
    match value {
        SqlValue::Text(text) => text.parse().ok(),
        SqlValue::Null | SqlValue::Integer(_) => None,
    }
}

/// Returns a duration in whole milliseconds, at least one: time passes with every wait.
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX / 4).max(1)
}

fn shown(rows: &Rows) -> String {
    let rows: Vec<String> = rows.iter().map(|row| Value::Object(row.clone()).to_string()).collect();
    let all = rows.join(" ");
    if all.chars().count() > 200 { all.chars().take(200).collect::<String>() + "…" } else { all }
}
