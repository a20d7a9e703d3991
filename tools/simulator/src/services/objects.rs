//! Durable Objects: conversations, and what is known of people. Each has a database of its own and a memory,
//! which it loses now and then, and runs the program's commands one at a time.
//!
//! A command fails before or after its effect, in the middle of it, takes seconds, or takes effect long after
//! its sender was told that it failed.

use core::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use miyabi_app::conversation::{self, Command, Live, Outcome, Reply, Submission, TurnState, Wake};
use miyabi_core::conversation::Entry;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ids::Millis;
use miyabi_core::ports::{Rows, Statement, Store};
use miyabi_testing::LocalStore;

use crate::base::outage::{Outage, Service, Symptom};
use crate::base::planted::{self, Planted};
use crate::base::run::Run;
use crate::base::shared::{Fate, Shared};

/// Longest wait for an object, in milliseconds: far beyond the program's own.
const TIMEOUT_MS: u64 = 60_000;

/// Turns of a conversation that was long before.
const LONG_TURNS: u64 = 16;

/// Most statements of a command before the one that fails.
const MOST_STATEMENTS: u64 = 12;

/// The objects of one seed.
#[derive(Debug)]
pub struct Objects {
    shared: Rc<Shared>,
    objects: RefCell<BTreeMap<String, Rc<Object>>>,
}

/// An object.
struct Object {
    shared: Rc<Shared>,
    store: LocalStore,
    live: RefCell<Live>,
}

impl core::fmt::Debug for Object {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Object").finish_non_exhaustive()
    }
}

impl Store for Object {
    fn execute(&self, statement: &Statement) -> Result<Rows, Fault> {
        match planted::statement(&self.shared, statement) {
            Planted::Nothing => self.store.execute(statement),
            Planted::Rows(rows) => Ok(rows),
            // The text lives as long as the process: plants are few, and so are their runs.
            Planted::Sql(sql, values) => {
                self.store.execute(&Statement { name: statement.name, sql: sql.leak(), values })
            }
        }
    }

    fn transaction<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        self.store.transaction(work)
    }
}

/// A turn as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTurn {
    /// Turn's id.
    pub id: String,
    /// State.
    pub state: String,
}

impl Objects {
    /// Returns the objects of a seed: none yet.
    pub fn new(shared: &Rc<Shared>) -> Self {
        Self { shared: Rc::clone(shared), objects: RefCell::default() }
    }

    /// Sends a command to an object, for a run of the program.
    ///
    /// # Errors
    /// [`StoreError::Failed`], with or without an effect.
    pub async fn converse(
        self: &Rc<Self>,
        run: &Run,
        name: &str,
        command: &str,
    ) -> Result<String, Fault> {
        let (fate, is_lost) = self.fate(run);
        let (objects, who) = (Rc::clone(self), run.actor.name.clone());
        let (name, command) = (name.to_owned(), command.to_owned());
        let act = move || objects.carry_out(&who, &name, &command);
        match run.call(fate, TIMEOUT_MS, act).await {
            Some(Ok(reply)) if !is_lost => Ok(reply),
            _ => Err(StoreError::Failed { statement: "conversation::converse" }.into()),
        }
    }

    /// Returns how a command fares, and whether its reply is lost.
    fn fate(&self, run: &Run) -> (Fate, bool) {
        let (shared, plan) = (&self.shared, &self.shared.plan.objects);
        let usual = shared.usual(30);
        let returns_ms = usual.returns_ms;
        match shared.plan.outage(Service::Objects, shared.since_ms()) {
            Some(Outage { symptom: Symptom::Silence, .. }) => {
                run.fault("no object");
                return (Fate { arrives_ms: None, returns_ms: None }, true);
            }
            Some(_) => {
                run.fault("object away");
                return (Fate { arrives_ms: None, returns_ms }, true);
            }
            None => {}
        }
        if shared.strikes(plan.fails_before) {
            run.fault("object failed before");
            (Fate { arrives_ms: None, returns_ms }, true)
        } else if shared.strikes(plan.fails_after) {
            run.fault("object failed after");
            (usual, true)
        } else if shared.strikes(plan.late) {
            run.fault("object late");
            let late_ms = returns_ms.map(|returns_ms| returns_ms + shared.rng.within(1..=30_000));
            (Fate { arrives_ms: late_ms, returns_ms }, true)
        } else if shared.strikes(plan.slow) {
            let arrives_ms = shared.rng.within(500..=8_000);
            let returns_ms = arrives_ms + shared.rng.within(1..=1_500);
            (Fate { arrives_ms: Some(arrives_ms), returns_ms: Some(returns_ms) }, false)
        } else {
            (usual, false)
        }
    }

    /// Carries a command out, now.
    fn carry_out(&self, who: &str, name: &str, command: &str) -> Result<String, Fault> {
        let shared = &self.shared;
        let object = self.object(name);
        self.may_evict(name, &object);
        if shared.strikes(shared.plan.objects.breaks) {
            let statements = u32::try_from(shared.rng.below(MOST_STATEMENTS)).unwrap_or(0);
            object.store.fails_after.set(Some(statements));
        }
        let reply =
            conversation::handle(object.as_ref(), &object.live.borrow(), self.now(), command);
        object.store.fails_after.set(None);
        shared.note(who, "object", || format!("{name}: {command} → {reply:?}"));
        reply
    }

    /// Returns what a turn has come to, and what was said in it from a place on, for somebody who reads in
    /// the object itself; `None` if it is not there.
    pub fn look(&self, name: &str, turn: &str, from: u64) -> Option<(TurnState, Vec<Entry>)> {
        let object = self.objects.borrow().get(name).map(Rc::clone)?;
        self.may_evict(name, &object);
        let look = Command::Look { turn: Some(turn.to_owned()), from };
        let live = object.live.borrow();
        match conversation::carry_out(object.as_ref(), &live, self.now(), look) {
            Ok(Reply::Seen { turn, entries }) => Some((turn, entries)),
            _ => None,
        }
    }

    /// Has a conversation have been long before: what was said is of interest to nobody.
    ///
    /// # Errors
    /// When the object's database fails, which it has no reason to.
    pub fn fill(&self, name: &str) -> Result<(), Fault> {
        let (object, now) = (self.object(name), self.now());
        if !self.turns(name).is_empty() {
            return Ok(());
        }
        for number in 0..LONG_TURNS {
            let submission = Submission::new(
                format!("before-{number}"),
                "What was it like? ".repeat(20),
                Millis(now.0.saturating_sub((LONG_TURNS - number) * 60_000)),
            );
            let outcome = Outcome::Done("It was as it is. ".repeat(60));
            let settle = Command::Settle {
                submission,
                generation: 1,
                outcome,
                measured: None,
                note: String::new(),
            };
            let live = object.live.borrow();
            let _done = conversation::carry_out(object.as_ref(), &live, now, settle)?;
        }
        Ok(())
    }

    /// Returns the names of all objects.
    pub fn names(&self) -> Vec<String> {
        self.objects.borrow().keys().cloned().collect()
    }

    /// Returns the turns of a conversation as they are stored, in their order.
    pub fn turns(&self, name: &str) -> Vec<StoredTurn> {
        let Some(object) = self.objects.borrow().get(name).map(Rc::clone) else {
            return Vec::new();
        };
        let sql = "SELECT id, state FROM turns ORDER BY seq";
        let Ok(mut statement) = object.store.db.prepare_cached(sql) else { return Vec::new() };
        let turn = |row: &rusqlite::Row<'_>| {
            Ok(StoredTurn { id: row.get("id")?, state: row.get("state")? })
        };
        statement.query_map([], turn).map(|rows| rows.flatten().collect()).unwrap_or_default()
    }

    /// Returns every text that is stored in an object, with spaces between.
    pub fn texts(&self, name: &str) -> String {
        let object = self.object(name);
        let rows = |sql: &str| {
            let sql = sql.to_owned().leak();
            let all = Statement { name: "texts", sql, values: Vec::new() };
            object.store.execute(&all).unwrap_or_default()
        };
        // The index has its terms as bytes.
        let tables = rows(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'facts_index*'",
        );
        let names = tables.iter().filter_map(|table| table.get("name")?.as_str());
        let all = names.flat_map(|table| rows(&format!("SELECT * FROM {table}")));
        all.map(|row| serde_json::Value::Object(row).to_string()).collect::<Vec<_>>().join(" ")
    }

    /// Returns whether a turn is there that has not ended, as far as is stored, or one that was asked again.
    pub fn has_open(&self, name: &str, turn: &str) -> bool {
        let is_open = |stored: &StoredTurn| stored.state == "queued" || stored.state == "running";
        self.turns(name).iter().any(|stored| stored.id.starts_with(turn) && is_open(stored))
    }

    /// The alarm of an object goes off; returns whether nothing is left in it.
    pub fn alarm(&self, name: &str, retention_ms: u64) -> bool {
        let object = self.object(name);
        let wake = conversation::forget(object.as_ref(), self.now(), retention_ms);
        self.shared.note("alarm", "object", || format!("{name}: {wake:?}"));
        matches!(wake, Ok(Wake::Never))
    }

    /// An object may lose its memory whenever nothing runs in it.
    fn may_evict(&self, name: &str, object: &Object) {
        if self.shared.strikes(self.shared.plan.objects.evicts) {
            self.shared.fault(name, "evicted");
            object.live.replace(Live::default());
        }
    }

    fn object(&self, name: &str) -> Rc<Object> {
        let new = || {
            Rc::new(Object {
                shared: Rc::clone(&self.shared),
                store: LocalStore::default(),
                live: RefCell::default(),
            })
        };
        Rc::clone(self.objects.borrow_mut().entry(name.to_owned()).or_insert_with(new))
    }

    fn now(&self) -> Millis {
        Millis(self.shared.executor.now())
    }
}
