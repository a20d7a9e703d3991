//! Conversations: objects in which the program's own code runs, and the way to them. A command may not
//! arrive, may arrive late, and may have its reply lost; one that arrives is carried out whole.

use core::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use miyabi_app::conversation::{self, Command, PageTurn, Reply};
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ids::Millis;
use miyabi_core::ports::{Rows, Statement, Store};

use super::database::{Database, SqlError};
use crate::base::plan::{Outage, Service, Symptom};
use crate::base::plant::Plant;
use crate::base::record::Invariant;
use crate::base::run::Run;
use crate::base::shared::{Fate, Shared};

/// Longest wait for a reply, in milliseconds.
const PATIENCE_MS: u64 = 10_000;

/// Every turn of a page.
const ALL: u32 = 100;

/// The conversations of one seed.
#[derive(Debug)]
pub struct Conversations {
    shared: Rc<Shared>,
    objects: RefCell<BTreeMap<String, Object>>,
    /// Questions whose conversation could not be told something.
    unheard: RefCell<BTreeSet<usize>>,
}

/// One conversation's database.
#[derive(Debug)]
struct Object {
    database: Database,
    shared: Rc<Shared>,
}

impl Store for Object {
    fn execute(&self, statement: &Statement) -> Result<Rows, Fault> {
        self.database.query(statement.sql, &statement.values).map_err(|error| {
            self.shared.violate(Invariant::Sane, format!("{}: {error:?}", statement.name));
            StoreError::Failed { statement: statement.name }.into()
        })
    }

    fn transaction<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        let mut outcome = None;
        let committed = self.database.transaction(|| {
            let done = work();
            let is_done = done.is_ok();
            outcome = Some(done);
            if is_done { Ok(()) } else { Err(SqlError::Broken("taken back".to_owned())) }
        });
        match (outcome, committed) {
            (Some(Err(fault)), _) => Err(fault),
            (Some(done), Ok(())) => done,
            (_, _) => Err(StoreError::Failed { statement: "transaction" }.into()),
        }
    }
}

impl Conversations {
    /// Returns the conversations of a seed: none yet.
    pub fn new(shared: &Rc<Shared>) -> Self {
        let objects = RefCell::default();
        Self { shared: Rc::clone(shared), objects, unheard: RefCell::default() }
    }

    /// Sends a command, for a run of the program.
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
        if is_lost {
            self.unheard.borrow_mut().extend(run.actor.ask);
        }
        let (objects, who) = (Rc::clone(self), run.actor.name.clone());
        let (name, command) = (name.to_owned(), command.to_owned());
        let carry_out = move || objects.carry_out(&who, &name, &command);
        let done = run.call(fate, PATIENCE_MS, carry_out).await;
        match done {
            Some(reply) if !is_lost => reply,
            _ => Err(StoreError::Failed { statement: "conversation::converse" }.into()),
        }
    }

    /// Returns how a command fares, and whether its reply is lost.
    fn fate(&self, run: &Run) -> (Fate, bool) {
        let (shared, plan) = (&self.shared, &self.shared.plan.conversations);
        let usual = shared.usual(30);
        let returns_ms = usual.returns_ms;
        match shared.plan.outage(Service::Conversations, shared.since_ms()) {
            Some(Outage { symptom: Symptom::Silence, .. }) => {
                run.fault("conversation silent");
                return (Fate { arrives_ms: None, returns_ms: None }, true);
            }
            Some(_) => {
                run.fault("conversation away");
                return (Fate { arrives_ms: None, returns_ms }, true);
            }
            None => {}
        }
        if shared.strikes(plan.fails_before) {
            run.fault("conversation failed before");
            (Fate { arrives_ms: None, returns_ms }, true)
        } else if shared.strikes(plan.fails_after) {
            run.fault("conversation failed after");
            (usual, true)
        } else if shared.strikes(plan.late) {
            run.fault("conversation late");
            let late_ms = returns_ms.map(|returns_ms| returns_ms + shared.rng.within(1..=30_000));
            (Fate { arrives_ms: late_ms, returns_ms }, true)
        } else {
            (usual, false)
        }
    }

    fn carry_out(&self, who: &str, name: &str, command: &str) -> Result<String, Fault> {
        let shared = &self.shared;
        let name = if shared.plant == Some(Plant::OneConversation) { "all" } else { name };
        let forgets = shared.plant == Some(Plant::SettleLost) && command.starts_with("{\"settle\"");
        if forgets {
            return Ok("\"deleted\"".to_owned());
        }
        let mut objects = self.objects.borrow_mut();
        let object = match objects.entry(name.to_owned()) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => {
                let database = Database::bare();
                let failed = |_error| Fault::from(StoreError::Failed { statement: "open" });
                let database = database.map_err(failed)?;
                new.insert(Object { database, shared: Rc::clone(shared) })
            }
        };
        let reply = conversation::handle(object, Millis(shared.executor.now()), command);
        shared.note(who, "conversation", || format!("{name} {command} → {reply:?}"));
        reply
    }

    /// Returns the turns of a conversation as anybody reads them now, newest first.
    pub fn turns(&self, name: &str) -> Vec<PageTurn> {
        let objects = self.objects.borrow();
        let Some(object) = objects.get(name) else { return Vec::new() };
        let now = Millis(self.shared.executor.now());
        let read = Command::Read { before: None, limit: ALL };
        match conversation::carry_out(object, now, read) {
            Ok(Reply::Page(page)) => page.turns,
            _ => Vec::new(),
        }
    }

    /// Returns whether the conversation of a question could not be told something.
    pub fn is_unsure(&self, question: usize) -> bool {
        self.unheard.borrow().contains(&question)
    }
}
