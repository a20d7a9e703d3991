//! D1, which is the database and the way to it: statements fail before or after their effect, arrive late or
//! take seconds. What they change of jobs is noted in the record.

use std::rc::Rc;

use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ports::{Rows, SqlValue, Statement};
use serde_json::Value;

use super::database::{Database, SqlError};
use crate::base::outage::{Outage, Service, Symptom};
use crate::base::planted::{self, Planted};
use crate::base::record::{Invariant, Written, is_terminal};
use crate::base::run::Run;
use crate::base::shared::{Fate, Shared};

/// Longest wait for the database, in milliseconds.
const TIMEOUT_MS: u64 = 10_000;

/// Name of the statement by which the ledger is told that a message is there.
const SENT: &str = "ledger::sent";

/// The database of one seed.
#[derive(Debug)]
pub struct Store {
    shared: Rc<Shared>,
    /// Database, which the invariants read too.
    pub database: Rc<Database>,
}

impl Store {
    /// Returns the store of a seed.
    pub fn new(shared: &Rc<Shared>, database: &Rc<Database>) -> Self {
        Self { shared: Rc::clone(shared), database: Rc::clone(database) }
    }

    /// Runs statements in one transaction, for a run of the program.
    ///
    /// One call, whatever the number of statements: all of them arrive, or none.
    ///
    /// # Errors
    /// [`StoreError::Failed`], with or without an effect.
    pub async fn batch(
        self: &Rc<Self>,
        run: &Run,
        statements: Vec<Statement>,
    ) -> Result<Vec<Rows>, Fault> {
        let Some(last) = statements.last() else { return Ok(Vec::new()) };
        let name = last.name;
        let (fate, is_lost) = self.fate(run, name);
        let (store, who) = (Rc::clone(self), run.actor.name.clone());
        let done = run.call(fate, TIMEOUT_MS, move || store.execute(&who, &statements)).await;
        match done {
            Some(Ok(rows)) if !is_lost => Ok(rows),
            _ => Err(StoreError::Failed { statement: name }.into()),
        }
    }

    /// Returns how a statement fares, and whether its result is lost.
    fn fate(&self, run: &Run, name: &str) -> (Fate, bool) {
        let (shared, plan) = (&self.shared, &self.shared.plan.store);
        let usual = shared.usual(30);
        let returns_ms = usual.returns_ms;
        let fault = |what: &str| {
            shared.record.borrow_mut().unsure.extend(run.actor.ask);
            self.note_unwritten(run, name);
            run.fault(&format!("{what} {name}"));
        };
        match shared.plan.outage(Service::Store, shared.since_ms()) {
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
        if shared.strikes(plan.fails_before) {
            fault("database failed before");
            (Fate { arrives_ms: None, returns_ms }, true)
        } else if shared.strikes(plan.fails_after) {
            fault("database failed after");
            (usual, true)
        } else if shared.strikes(plan.late) {
            fault("database late with");
            let late_ms = returns_ms.map(|returns_ms| returns_ms + shared.rng.within(1..=30_000));
            (Fate { arrives_ms: late_ms, returns_ms }, true)
        } else if shared.strikes(plan.slow) {
            self.note_unwritten(run, name);
            let arrives_ms = shared.rng.within(500..=8_000);
            let returns_ms = arrives_ms + shared.rng.within(1..=1_500);
            (Fate { arrives_ms: Some(arrives_ms), returns_ms: Some(returns_ms) }, false)
        } else {
            (usual, false)
        }
    }

    /// Runs statements at the database, now, in one transaction.
    fn execute(&self, who: &str, statements: &[Statement]) -> Result<Vec<Rows>, SqlError> {
        let now_s = i64::try_from(self.shared.executor.now() / 1000).unwrap_or(i64::MAX);
        self.database.set_now(now_s + self.shared.plan.store.skew_s);
        let outcome: Result<Vec<Rows>, SqlError> = self.database.transaction(|| {
            statements.iter().map(|statement| self.execute_one(who, statement)).collect()
        });
        self.observe(who);
        if let Ok(rows) = &outcome {
            self.note_written(statements, rows);
        }
        outcome
    }

    fn execute_one(&self, who: &str, statement: &Statement) -> Result<Rows, SqlError> {
        let shared = &self.shared;
        let outcome = match planted::statement(shared, statement) {
            Planted::Nothing => self.database.query(statement.sql, &statement.values),
            Planted::Sql(sql, values) => self.database.query(&sql, &values),
            Planted::Rows(rows) => Ok(rows),
        };
        match &outcome {
            Ok(rows) => shared.note(who, statement.name, || format!("→ {}", shown(rows))),
            Err(error) => shared.note(who, statement.name, || format!("→ {error:?}")),
        }
        if let Err(SqlError::Broken(cause)) = &outcome {
            shared.violate(Invariant::Sane, format!("{}: {cause}", statement.name));
        }
        outcome
    }

    /// Takes note that the ledger cannot be told that a message is there, or not for seconds.
    fn note_unwritten(&self, run: &Run, name: &str) {
        if name == SENT {
            let now_ms = self.shared.executor.now();
            self.shared.record.borrow_mut().unwritten.push((Rc::clone(&run.actor), now_ms));
        }
    }

    /// Takes note of what the ledger was told: that a message is there.
    fn note_written(&self, statements: &[Statement], rows: &[Rows]) {
        for (statement, rows) in statements.iter().zip(rows) {
            if statement.name != SENT {
                continue;
            }
            let [SqlValue::Text(job), _, SqlValue::Text(id), ..] = statement.values.as_slice()
            else {
                continue;
            };
            let written = Written { at_ms: self.shared.executor.now(), has_row: !rows.is_empty() };
            let mut record = self.shared.record.borrow_mut();
            record.written.entry((job.clone(), id.clone())).or_insert(written);
        }
    }

    /// Takes note of what the latest statements did to jobs.
    fn observe(&self, who: &str) {
        let shared = &self.shared;
        for change in self.database.take_changes() {
            shared.note(who, "job", || format!("{} {} → {}", change.job, change.from, change.to));
            if is_terminal(&change.from) && change.to != change.from && !change.to.is_empty() {
                let what = format!("{} went from {} to {}", change.job, change.from, change.to);
                shared.violate(Invariant::Final, what);
            }
            if is_terminal(&change.to) && change.holds_secrets {
                let what = format!("{} is {} and holds its token", change.job, change.to);
                shared.violate(Invariant::Final, what);
            }
            let now_ms = shared.executor.now();
            let mut record = shared.record.borrow_mut();
            let generation = u32::try_from(change.generation).unwrap_or(0);
            if record.generation_at(&change.job, now_ms) != generation {
                let generations = record.generations.entry(change.job.clone()).or_default();
                generations.push((now_ms, generation));
            }
            if is_terminal(&change.to) {
                record.ended_by.entry(change.job.clone()).or_insert_with(|| who.to_owned());
            }
            if change.to != change.from {
                let statuses = record.statuses.entry(change.job).or_default();
                statuses.push((now_ms, change.to));
            }
        }
    }
}

fn shown(rows: &Rows) -> String {
    let rows: Vec<String> = rows.iter().map(|row| Value::Object(row.clone()).to_string()).collect();
    let all = rows.join(" ");
    if all.chars().count() > 200 { all.chars().take(200).collect::<String>() + "…" } else { all }
}
