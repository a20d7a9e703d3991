//! Bugs that are planted on purpose, at the ports, so that the production code stays as it is: each
//! has to be caught, by the invariant that it names.

use std::rc::Rc;

use miyabi_core::ports::{Rows, SqlValue, Statement};
use serde_json::{Value, json};

use crate::actor::Role;
use crate::record::Invariant;
use crate::world::World;

/// A planted bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plant {
    /// The ledger's row is written after the post instead of before it.
    LedgerAfterPost,
    /// The ledger's row says that the post is there before it is sent.
    SentBeforePost,
    /// A post that Discord answered 5xx counts as refused: it is sent again without a look.
    BrokenIsRefused,
    /// A look at the channel finds nothing.
    BlindLook,
    /// A look takes any equal message for its own, also one that another job has claimed.
    ClaimsAny,
    /// `claim` takes every job, also one that has ended, and the trigger is not there.
    ClaimAll,
    /// No statement asks for which generation it writes.
    NoFence,
    /// Starting the same instance twice makes two.
    UnnamedInstances,
    /// A later generation does not deliver the answer that an earlier one has kept.
    AnswerNotKept,
    /// The job is COMPLETED when its answer is kept, before it is posted.
    CompletedFirst,
    /// The watchdog never comes.
    NoWatchdog,
    /// The watchdog raises a generation that does not become the job's.
    TakeoverTakesNothing,
    /// The row beside the reply is not written, and nobody notices.
    NoRow,
    /// The queue's messages are acknowledged before they are handled.
    ConsumerAcksFirst,
    /// The queue takes messages and loses them.
    QueueLosesAll,
    /// A dead letter's asker is not told.
    BuryTellsNobody,
    /// A job that fails does not tell its asker.
    TellsNobody,
    /// "thinking…" is not removed.
    NeverClears,
    /// A webhook that is gone is not remembered to be.
    GoneForgotten,
    /// An attempt that is booked already is added to the sums again.
    BooksTwice,
    /// A question that is counted already is counted again.
    CountsTwice,
}

/// What a plant makes of a statement.
#[derive(Debug)]
pub enum Planted {
    /// Nothing.
    Nothing,
    /// Another statement.
    Sql(String, Vec<SqlValue>),
    /// No statement, and these rows.
    Rows(Rows),
}

impl Plant {
    /// All of them, each with what it is called and which invariants catch it.
    pub const ALL: [(Self, &'static str, &'static [Invariant]); 21] = [
        (Self::LedgerAfterPost, "ledger-after-post", &[Invariant::Once]),
        (Self::SentBeforePost, "sent-before-post", &[Invariant::Whole]),
        (Self::BrokenIsRefused, "broken-is-refused", &[Invariant::Once]),
        (Self::BlindLook, "blind-look", &[Invariant::Once]),
        (Self::ClaimsAny, "claims-any", &[Invariant::Whole]),
        (Self::ClaimAll, "claim-all", &[Invariant::Final]),
        (Self::NoFence, "no-fence", &[Invariant::Rests, Invariant::Once]),
        (Self::UnnamedInstances, "unnamed-instances", &[Invariant::Once]),
        (Self::AnswerNotKept, "answer-not-kept", &[Invariant::Whole]),
        (Self::CompletedFirst, "completed-first", &[Invariant::Whole]),
        (Self::NoWatchdog, "no-watchdog", &[Invariant::Ends]),
        (Self::TakeoverTakesNothing, "takeover-takes-nothing", &[Invariant::Ends]),
        (Self::NoRow, "no-row", &[Invariant::Ends]),
        (Self::ConsumerAcksFirst, "consumer-acks-first", &[Invariant::Ends]),
        (Self::QueueLosesAll, "queue-loses-all", &[Invariant::Ends]),
        (Self::BuryTellsNobody, "dead_letter-tells-nobody", &[Invariant::Told]),
        (Self::TellsNobody, "tells-nobody", &[Invariant::Told]),
        (Self::NeverClears, "never-clears", &[Invariant::Told]),
        (Self::GoneForgotten, "gone-forgotten", &[Invariant::Gone]),
        (Self::BooksTwice, "books-twice", &[Invariant::Booked]),
        (Self::CountsTwice, "counts-twice", &[Invariant::Booked]),
    ];

    /// Returns the plant of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(plant, ..)| *plant)
    }

    /// Returns what becomes of a trigger of the database; `None` if it is left out.
    pub fn trigger(plant: Option<Self>, sql: &str) -> Option<String> {
        match plant {
            Some(Self::ClaimAll) => None,
            _ => Some(sql.to_owned()),
        }
    }
}

/// What `ledger::begin` returns, without the row that it writes.
const BEGIN_WITHOUT_A_TRACE: &str = "SELECT
  (SELECT state FROM posts WHERE job = ?1 AND step = ?2) AS previous_state,
  (SELECT message_id FROM posts WHERE job = ?1 AND step = ?2) AS message_id,
  0 AS attempt_count,
  (SELECT max(0, max(closes_at) - unixepoch()) FROM breakers WHERE scope IN (?4, ?5)) AS wait_s
  FROM jobs WHERE id = ?1 AND generation = ?3 AND status = 'PROCESSING'";

/// Returns what is run instead of a statement.
pub fn statement(world: &Rc<World>, statement: &Statement) -> Planted {
    let Some(plant) = world.plant else { return Planted::Nothing };
    let values = || statement.values.clone();
    match (plant, statement.name) {
        (Plant::LedgerAfterPost, _) => ledger_after_post(world, statement),
        (Plant::SentBeforePost, "ledger::begin" | "ledger::begin_with_answer") => sql(
            world,
            statement,
            &[
                ("(job, step, state, updated_at)", "(job, step, message_id, state, updated_at)"),
                (", 'SENDING'", ", '', 'SENT'"),
            ],
        ),
        (Plant::BrokenIsRefused, "ledger::failed") => Planted::Sql(
            "DELETE FROM posts
               WHERE job = ?1 AND step = ?2 AND state <> 'SENT' AND attempt_count = ?3"
                .to_owned(),
            values(),
        ),
        (Plant::ClaimsAny, "ledger::claim") => {
            sql(world, statement, &[("other.message_id = ?1", "other.message_id = '' AND ?1 = ''")])
        }
        (Plant::ClaimAll, "jobs::claim") => {
            sql(world, statement, &[("AND status IN ('PENDING', 'PROCESSING')", "")])
        }
        (Plant::NoFence, _) => no_fence(statement),
        (Plant::AnswerNotKept, "jobs::save_answer") => {
            sql(world, statement, &[("coalesce(result, ?3)", "?3")])
        }
        (Plant::AnswerNotKept, "jobs::claim") => sql(
            world,
            statement,
            &[(
                "RETURNING result, reserved_nano, day IS NOT NULL",
                "RETURNING NULL AS result, 50000000 AS reserved_nano, 1",
            )],
        ),
        (Plant::CompletedFirst, "jobs::save_answer") => sql(
            world,
            statement,
            &[("SET result", "SET status = 'COMPLETED', token = '', params = '', result")],
        ),
        (Plant::BooksTwice, "spending::add_attempts") => {
            sql(world, statement, &[("AND NOT EXISTS", "AND 1 OR EXISTS")])
        }
        (Plant::CountsTwice, "spending::count_question") => {
            sql(world, statement, &[("AND NOT jobs.is_counted", "")])
        }
        (Plant::TakeoverTakesNothing, "jobs::revive") => {
            sql(world, statement, &[("generation = generation + 1", "generation = generation")])
        }
        (Plant::NoRow, "jobs::insert") | (Plant::GoneForgotten, "webhooks::forget") => {
            Planted::Rows(Vec::new())
        }
        _ => Planted::Nothing,
    }
}

/// The row is written with what the post became, also those that are said to be begun with the answer.
fn ledger_after_post(world: &World, statement: &Statement) -> Planted {
    match statement.name {
        "ledger::begin" => Planted::Sql(BEGIN_WITHOUT_A_TRACE.to_owned(), statement.values.clone()),
        "ledger::begin_with_answer" => sql(
            world,
            statement,
            &[
                ("INSERT INTO posts (job, step, state, updated_at)", ""),
                ("ON CONFLICT (job, step) DO NOTHING", ""),
                ("RETURNING step", ""),
            ],
        ),
        "ledger::sent" => Planted::Sql(
            "INSERT INTO posts (job, step, state, message_id)
             SELECT ?1, ?2, 'SENT', ?3 UNION ALL SELECT ?1, ?4, 'SENT', ?5 WHERE ?4 <> '' AND ?6 > 0
             ON CONFLICT DO NOTHING"
                .to_owned(),
            statement.values.clone(),
        ),
        _ => Planted::Nothing,
    }
}

/// Returns the statement with pieces exchanged; one that is not there is a plant that has withered.
fn sql(world: &World, statement: &Statement, pieces: &[(&str, &str)]) -> Planted {
    let mut sql = statement.sql.to_owned();
    for (from, to) in pieces {
        if !sql.contains(from) {
            let what = format!("{} has no `{from}` any more: plant anew", statement.name);
            world.violate(Invariant::Sane, what);
        }
        sql = sql.replace(from, to);
    }
    Planted::Sql(sql, statement.values.clone())
}

fn no_fence(statement: &Statement) -> Planted {
    let mut sql = statement.sql.to_owned();
    for (from, to) in [
        ("AND generation = ?2", "AND generation > ?2 - 1000"),
        ("AND generation = ?3", "AND generation > ?3 - 1000"),
        ("AND generation = excluded.generation", ""),
    ] {
        sql = sql.replace(from, to);
    }
    if sql == statement.sql {
        Planted::Nothing
    } else {
        Planted::Sql(sql, statement.values.clone())
    }
}

/// Returns the body that Discord seems to answer with, if a plant keeps a request from it.
pub fn response(world: &World, role: &Role, step: &str, what: &str) -> Option<Value> {
    let plant = world.plant?;
    if plant == Plant::BlindLook && what.starts_with("GET messages") {
        return Some(json!([]));
    }
    let edits = what.starts_with("PATCH reply");
    let is_kept =
        (plant == Plant::BuryTellsNobody && matches!(role, Role::Consumer { .. }) && edits)
            || (plant == Plant::TellsNobody && step == "notify_asker" && edits)
            || (plant == Plant::NeverClears && what.starts_with("DELETE reply"));
    is_kept.then(|| json!({ "id": "1" }))
}
