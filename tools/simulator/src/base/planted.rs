//! The effects of the planted bugs: another SQL text for a statement, or an answer that Discord never gave.

use miyabi_core::ports::{Rows, SqlValue, Statement};
use serde_json::{Value, json};

use super::actor::Role;
use super::ids;
use super::plant::Plant;
use super::record::Invariant;
use super::shared::Shared;

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

/// What `ledger::begin` returns, without the row that it writes.
const BEGIN_WITHOUT_A_TRACE: &str = "SELECT
  (SELECT state FROM posts WHERE job = ?1 AND step = ?2) AS previous_state,
  (SELECT message_id FROM posts WHERE job = ?1 AND step = ?2) AS message_id,
  0 AS attempt_count,
  (SELECT max(0, max(closes_at) - unixepoch()) FROM breakers WHERE scope IN (?4, ?5)) AS wait_s
  FROM jobs WHERE id = ?1 AND generation = ?3 AND status = 'PROCESSING'";

/// Returns what is run instead of a statement.
pub fn statement(shared: &Shared, statement: &Statement) -> Planted {
    let Some(plant) = shared.plant else { return Planted::Nothing };
    let values = || statement.values.clone();
    match (plant, statement.name) {
        (Plant::LedgerAfterPost, _) => ledger_after_post(shared, statement),
        (Plant::SentBeforePost, "ledger::begin" | "ledger::begin_with_answer") => sql(
            shared,
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
        (Plant::ClaimsAny, "ledger::claim") => sql(
            shared,
            statement,
            &[("other.message_id = ?1", "other.message_id = '' AND ?1 = ''")],
        ),
        (Plant::ClaimAll, "jobs::claim") => {
            sql(shared, statement, &[("AND status IN ('PENDING', 'PROCESSING')", "")])
        }
        (Plant::NoFence, _) => no_fence(statement),
        (Plant::AnswerNotSaved, "jobs::save_answer") => {
            sql(shared, statement, &[("coalesce(result, ?3)", "?3")])
        }
        (Plant::AnswerNotSaved, "jobs::claim") => sql(
            shared,
            statement,
            &[(
                "RETURNING result, reserved_nano, day IS NOT NULL",
                "RETURNING NULL AS result, 50000000 AS reserved_nano, 1",
            )],
        ),
        (Plant::CompletedFirst, "jobs::save_answer") => sql(
            shared,
            statement,
            &[("SET result", "SET status = 'COMPLETED', token = '', params = '', result")],
        ),
        (Plant::BooksTwice | Plant::SummaryTwice | Plant::CountsTwice, _) => {
            twice(shared, plant, statement)
        }
        (Plant::KeptForNobody, "jobs::complete") => {
            sql(shared, statement, &[("step GLOB 'reply:*'", "step = ''")])
        }
        (Plant::TakeoverTakesNothing, "jobs::start_generation") => {
            sql(shared, statement, &[("generation = generation + 1", "generation = generation")])
        }
        (Plant::NoticeWithoutLedger | Plant::UnknownIsSent | Plant::ChunkIsAll, _) => {
            where_nobody_can_look(shared, plant, statement)
        }
        (Plant::NoRow, "jobs::insert") | (Plant::GoneForgotten, "webhooks::forget") => {
            Planted::Rows(Vec::new())
        }
        _ => in_conversations(shared, plant, statement),
    }
}

/// Bugs about what acts outside.
fn about_acts(shared: &Shared, plant: Plant, statement: &Statement) -> Planted {
    match (plant, statement.name) {
        (Plant::ActsTwice, "consents::claim") => {
            sql(shared, statement, &[("AND claimed_at IS NULL", "")])
        }
        (Plant::AnybodyDecides, "consents::decide") => {
            sql(shared, statement, &[("(jobs.asker = ?4 AND ?4 <> '')", "?4 <> ''")])
        }
        _ => about_wishes(shared, plant, statement),
    }
}

/// Bugs about reminders, and about answers that are written once more.
fn about_wishes(shared: &Shared, plant: Plant, statement: &Statement) -> Planted {
    match (plant, statement.name) {
        (Plant::RemindsTwice, "reminders::insert") => sql(
            shared,
            statement,
            &[
                ("SELECT ?1, ?2", "SELECT ?1 || (SELECT count(*) FROM reminders), ?2"),
                ("AND NOT EXISTS", "AND 1 OR EXISTS"),
            ],
        ),
        (Plant::BringsNothing, "reminders::job") => Planted::Rows(Vec::new()),
        (Plant::WithdrawnWaits, "reminders::cancel") => {
            sql(shared, statement, &[("SET state = 'CANCELLED'", "SET state = state")])
        }
        (Plant::RegeneratesTwice, "buttons::begin_again") => {
            sql(shared, statement, &[("(again IS NULL OR", "(?6 = ?6 OR again IS NULL OR")])
        }
        (Plant::AnybodyRegenerates, "buttons::begin_again") => {
            sql(shared, statement, &[("(asker = ?4 AND ?4 <> '')", "?4 <> ''")])
        }
        (Plant::AnybodyRegenerates, "buttons::look") => {
            let asker = "SELECT iif(again IS NULL, asker, '9999') AS asker,";
            sql(shared, statement, &[("SELECT asker,", asker)])
        }
        _ => Planted::Nothing,
    }
}

/// Bugs about turns.
fn in_conversations(shared: &Shared, plant: Plant, statement: &Statement) -> Planted {
    match (plant, statement.name) {
        (Plant::SaidNotStored, "turns::say")
        | (Plant::DeletedComesBack, "conversation::is_deleted") => Planted::Rows(Vec::new()),
        (Plant::EndedTurnMoves, "turns::settle") => {
            sql(shared, statement, &[("(state IN ('queued', 'running')", "(?1 = ?1")])
        }
        _ => about_acts(shared, plant, statement),
    }
}

/// Bugs about what is booked.
fn twice(shared: &Shared, plant: Plant, statement: &Statement) -> Planted {
    match (plant, statement.name) {
        (Plant::BooksTwice, "spending::add_attempts")
        | (Plant::SummaryTwice, "spending::add_summary") => {
            sql(shared, statement, &[("AND NOT EXISTS", "AND 1 OR EXISTS")])
        }
        (Plant::CountsTwice, "spending::count_question") => {
            sql(shared, statement, &[("AND NOT jobs.is_counted", "")])
        }
        _ => Planted::Nothing,
    }
}

/// Bugs about the platform that can only send.
fn where_nobody_can_look(shared: &Shared, plant: Plant, statement: &Statement) -> Planted {
    match (plant, statement.name) {
        (Plant::NoticeWithoutLedger, "ledger::begin") if part(statement) == "notice:1" => {
            let is_open = "status IN ('PENDING', 'PROCESSING')";
            let begin = BEGIN_WITHOUT_A_TRACE.replace("status = 'PROCESSING'", is_open);
            Planted::Sql(begin, statement.values.clone())
        }
        (Plant::UnknownIsSent, "ledger::begin") if is_plain(shared, statement) => sql(
            shared,
            statement,
            &[(
                "RETURNING previous_state,",
                "RETURNING iif(previous_state = 'SENDING', 'SENT', previous_state)
                   AS previous_state,",
            )],
        ),
        (Plant::ChunkIsAll, "ledger::progress") if is_plain(shared, statement) => sql(
            shared,
            statement,
            &[("count(*) FILTER (WHERE step GLOB 'answer:*' AND state = 'SENT')", "1000")],
        ),
        _ => Planted::Nothing,
    }
}

/// Returns the name of the message that a statement of the ledger is about.
fn part(statement: &Statement) -> &str {
    match statement.values.get(1) {
        Some(SqlValue::Text(part)) => part,
        _ => "",
    }
}

/// Returns whether a statement is about a job of the platform that can only send.
fn is_plain(shared: &Shared, statement: &Statement) -> bool {
    let Some(SqlValue::Text(job)) = statement.values.first() else { return false };
    ids::number(job).is_some_and(|ask| shared.record.borrow().plain.contains(&ask))
}

/// The row is written with what the post became, also those that are said to be begun with the answer.
fn ledger_after_post(shared: &Shared, statement: &Statement) -> Planted {
    match statement.name {
        "ledger::begin" => Planted::Sql(BEGIN_WITHOUT_A_TRACE.to_owned(), statement.values.clone()),
        "ledger::begin_with_answer" => sql(
            shared,
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

/// Returns the statement with pieces exchanged. A piece that is not there is a planted bug that has to be
/// planted again.
fn sql(shared: &Shared, statement: &Statement, pieces: &[(&str, &str)]) -> Planted {
    let mut sql = statement.sql.to_owned();
    for (from, to) in pieces {
        if !sql.contains(from) {
            let what = format!("{} has no `{from}` any more: plant it again", statement.name);
            shared.violate(Invariant::Sane, what);
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
pub fn response(shared: &Shared, role: &Role, step: &str, what: &str) -> Option<Value> {
    let plant = shared.plant?;
    if plant == Plant::BlindLook && what.starts_with("GET messages") {
        return Some(json!([]));
    }
    let edits = what.starts_with("PATCH reply");
    let is_kept =
        (plant == Plant::DeadLetterTellsNobody && matches!(role, Role::Consumer { .. }) && edits)
            || (plant == Plant::TellsNobody && step == "notify_asker" && edits)
            || (plant == Plant::NeverClears && what.starts_with("DELETE reply"));
    is_kept.then(|| json!({ "id": "1" }))
}
