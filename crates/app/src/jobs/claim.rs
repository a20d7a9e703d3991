//! The batch that gives a job to one run, with money. It is one batch so that of many jobs at once none sees
//! what another is about to take.
//!
//! 1. `jobs::insert` writes the row if `accept` has not written it.
//! 2. `jobs::terms` settles the terms, if that is not done: see [`crate::terms`].
//! 3. `jobs::reserve` grants money, if there is any and nothing else is in the way.
//! 4. `spending::count_question` counts the question when its job is granted money for the first time.
//! 5. Four statements read what the run has to know.
//! 6. `jobs::claim` moves the row to PROCESSING.

use serde::{Deserialize, Serialize};

use super::super::facts::Note;
use super::super::terms::Terms;
use super::super::{Job, ledger, to_params};
use super::{batch, booking, budgets, fence, insertion};
use miyabi_ai::background::Background;
use miyabi_ai::draw;
use miyabi_ai::history::Exchange;
use miyabi_core::config::Settings;
use miyabi_core::fault::{Fault, Scope};
use miyabi_core::ids::Millis;
use miyabi_core::ports::{Rows, Sql, Statement, read_flag, read_rows};
use miyabi_core::server::Refusal;

/// What [`claim`] found.
///
/// # Shape
/// The result of a step: `{"mine":{"granted":50000000,"closed":["workers-ai"]}}`,
/// `{"answered":{"answer":"…","posted":1,"is_private":true,"is_drawn":true,"is_shown":true}}`, `{"crowded":3}`,
/// `{"over_budget":{"scope":"asker","until_s":1730073600}}`, `{"refused":"place"}`, `"cancelled"`, `"ended"`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// The job is PROCESSING in this generation.
    Mine(Grant),
    /// The job is PROCESSING in this generation, and an earlier one had its answer.
    Answered {
        /// Answer.
        answer: String,
        /// Messages of it that are in the channel.
        posted: usize,
        /// Whether the asker alone was to see the rest.
        is_private: bool,
        /// Whether what its buttons need is kept: only then they stand below it.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        has_buttons: bool,
        /// Whether it has an image.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        is_drawn: bool,
        /// Whether its first message that the asker alone was to see is there.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        is_shown: bool,
        /// Whether nothing can be shown to the asker alone any more.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        is_late: bool,
    },
    /// The job is PROCESSING, but its asker has this many older jobs that have not ended.
    Crowded(u64),
    /// The job is PROCESSING, but a budget has too little left.
    OverBudget {
        /// Whose.
        scope: Scope,
        /// When it is new again, in Unix seconds; `None` if what is spent leaves enough, and questions
        /// that are being answered may give back what is set aside for them.
        until_s: Option<u64>,
        /// Whether something was said before in the conversation: then no saved answer is its answer.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        follows: bool,
    },
    /// The job is PROCESSING, but its server's settings refuse it.
    Refused(Refusal),
    /// The job is PROCESSING, but its asker wants no answer any more.
    Cancelled,
    /// The job is COMPLETED or ERROR, or a later generation has it: there is nothing to do.
    Ended,
}

/// What a generation may do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Grant {
    /// Nano-dollars that are set aside for it; `None` if there is no limit.
    pub granted: Option<u64>,
    /// Vendors of models that must not be asked at the moment, such as `workers-ai`.
    pub closed: Vec<String>,
    /// What was said before in the conversation, oldest first: see [`crate::memory`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<Exchange>,
    /// What is known of the asker.
    #[serde(default, skip_serializing_if = "Background::is_empty")]
    pub background: Background,
    /// What came of what the question asks to remember.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Whether the older turns of the conversation are to be summarized.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub is_long: bool,
    /// When the asker has last had something forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgotten: Option<Millis>,
    /// Whether the asker wants no answer any more: no model is asked for one.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub is_stopped: bool,
}

impl Grant {
    /// Returns whether nothing that was said before has part in the answer, and nothing is to be remembered.
    pub fn stands_alone(&self) -> bool {
        self.context.is_empty() && self.background.is_empty() && self.notes.is_empty()
    }
}

/// Moves the job to PROCESSING, writing its row if `accept` has not written it, and sets
/// money aside for it: what one question may cost, or less if a budget has less left.
///
/// An asker with `jobs_per_asker` or more older jobs that have not ended is [`Claim::Crowded`]: the
/// older ones are those with smaller ids, so that of many at once always the same few go on.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// A job that is PROCESSING stays so, with what is set aside already, and one that ended or has a
/// later generation is left alone.
pub async fn claim(host: &impl Sql, job: &Job, settings: &Settings) -> Result<Claim, Fault> {
    claim_with(host, job, settings, AlsoInBatch::default()).await.map(|claimed| claimed.claim)
}

/// What else a claim's batch does.
#[derive(Debug, Default)]
pub struct AlsoInBatch {
    /// Messages of the question whose rows in the ledger are begun.
    pub first_chunks: &'static [&'static str],
    /// Settles the terms.
    pub terms: Option<Statement>,
    /// A statement that only reads.
    pub lookup: Option<Statement>,
}

/// What a claim's batch has found.
#[derive(Debug)]
pub struct Claimed {
    /// What was claimed.
    pub claim: Claim,
    /// On which terms.
    pub terms: Terms,
    /// Whether the question's messages were begun for this run.
    pub has_begun: bool,
    /// What the lookup has read.
    pub found: Rows,
}

/// As [`claim`], with more statements in the same batch.
///
/// # Errors
/// As for [`claim`].
///
/// # Repeats
/// As for [`claim`]; begins nothing the second time.
pub async fn claim_with(
    host: &impl Sql,
    job: &Job,
    settings: &Settings,
    AlsoInBatch { first_chunks, terms, lookup }: AlsoInBatch,
) -> Result<Claimed, Fault> {
    let lookup = lookup.unwrap_or(NOTHING);
    let statements = [
        insertion(job, &to_params(job)),
        terms.unwrap_or(NOTHING),
        budgets::reserve(job, settings),
        booking::question(job),
        older(job),
        budgets::uses(job, settings),
        closed_vendors(),
        ledger::delivered(job.id()),
        ledger::begin_with_claim(job, first_chunks),
        lookup,
        begin(job),
    ];
    let [_, _, _, _, older, uses, vendors, delivered, posts, found, begun] =
        batch(host, statements).await?;
    let read = Read { older, uses, vendors, delivered, begun };
    let (claim, terms) = read.claim(settings)?;
    Ok(Claimed { claim, terms, has_begun: !posts.is_empty(), found })
}

/// Reads no row.
pub(super) const NOTHING: Statement =
    Statement { name: "nothing", sql: "SELECT 1 WHERE false", values: Vec::new() };

/// Rows of the batch.
struct Read {
    older: Rows,
    uses: Rows,
    vendors: Rows,
    delivered: Rows,
    begun: Rows,
}

impl Read {
    fn claim(mut self, settings: &Settings) -> Result<(Claim, Terms), Fault> {
        let begun = core::mem::take(&mut self.begun);
        let Some(row) = first::<Row>("jobs::claim", begun)? else {
            return Ok((Claim::Ended, Terms::default()));
        };
        let terms = Terms::of(row.settings.as_deref(), row.is_quoted);
        Ok((self.claim_of(row, settings)?, terms))
    }

    fn claim_of(self, row: Row, settings: &Settings) -> Result<Claim, Fault> {
        let Self { older, uses, vendors, delivered, .. } = self;
        if let Some(answer) = row.result {
            let delivered = first::<ledger::Delivered>("ledger::delivered", delivered)?;
            let ledger::Delivered { posted, is_private, is_shown } = delivered.unwrap_or_default();
            return Ok(Claim::Answered {
                answer,
                posted,
                is_private,
                has_buttons: row.has_buttons,
                is_drawn: row.is_drawn,
                is_shown,
                is_late: false,
            });
        }
        if row.is_cancelled {
            return Ok(Claim::Cancelled);
        }
        if row.is_granted {
            let closed = read_rows::<Vendor>("breakers::closed_vendors", vendors)?;
            return Ok(Claim::Mine(Grant {
                granted: Some(row.reserved_nano).filter(|nano| *nano > 0),
                closed: closed.into_iter().map(|row| row.vendor).collect(),
                ..Grant::default()
            }));
        }
        if let Some(refusal) = row.refusal {
            return Ok(Claim::Refused(refusal));
        }
        let running = first::<Older>("jobs::older", older)?.map_or(0, |row| row.running);
        if running >= settings.jobs_per_asker.into() {
            return Ok(Claim::Crowded(running));
        }
        let (scope, until_s) = budgets::shortest(&read_rows("budgets::uses", uses)?, settings);
        Ok(Claim::OverBudget { scope, until_s, follows: false })
    }
}

/// Moves the job to PROCESSING, and marks it as counted if it was granted money: a [`Row`].
///
/// # Repeats
/// A job that is PROCESSING stays as it is and is returned again.
fn begin(job: &Job) -> Statement {
    Statement {
        name: "jobs::claim",
        sql: "UPDATE jobs SET status = 'PROCESSING', updated_at = unixepoch(),
                is_counted = is_counted OR day IS NOT NULL
              WHERE id = ?1 AND generation = ?2 AND status IN ('PENDING', 'PROCESSING')
              RETURNING result, reserved_nano, day IS NOT NULL AS is_granted,
                cancelled_at IS NOT NULL AS is_cancelled, coalesce(kept, '') <> '' AS has_buttons,
                EXISTS (SELECT 1 FROM attempts WHERE attempts.job = jobs.id
                  AND attempts.ordinal = ?3 AND attempts.outcome = 'ok') AS is_drawn,
                is_quoted, refusal,
                (SELECT settings FROM server_settings AS known WHERE known.server = jobs.server
                  AND known.version = jobs.settings_version) AS settings",
        values: [fence(job), vec![draw::ORDINAL.into()]].concat(),
    }
}

#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "columns of a row, each a fact of its own")]
struct Row {
    result: Option<String>,
    reserved_nano: u64,
    #[serde(deserialize_with = "read_flag")]
    is_granted: bool,
    #[serde(deserialize_with = "read_flag")]
    is_cancelled: bool,
    #[serde(deserialize_with = "read_flag")]
    has_buttons: bool,
    #[serde(deserialize_with = "read_flag")]
    is_drawn: bool,
    #[serde(deserialize_with = "read_flag")]
    is_quoted: bool,
    refusal: Option<Refusal>,
    settings: Option<String>,
}

/// Reads how many older jobs of the asker have not ended and are not put aside: an [`Older`].
///
/// # Repeats
/// Reads only.
fn older(job: &Job) -> Statement {
    Statement {
        name: "jobs::older",
        sql: "SELECT count(*) AS running FROM jobs
              WHERE asker = ?2 AND ?2 <> '' AND id < ?1 AND status IN ('PENDING', 'PROCESSING')
                AND coalesce(resumes_at, 0) <= unixepoch()",
        values: vec![job.id().as_str().into(), job.question.asker.id.as_str().into()],
    }
}

#[derive(Deserialize)]
struct Older {
    running: u64,
}

/// Reads which vendors' models must not be asked at the moment: rows of [`Vendor`]. `miyabi_ai::breaker`
/// writes them.
///
/// # Repeats
/// Reads only.
fn closed_vendors() -> Statement {
    Statement {
        name: "breakers::closed_vendors",
        sql: "SELECT substr(scope, length('model:') + 1) AS vendor FROM breakers
              WHERE scope GLOB 'model:*' AND closes_at > unixepoch()",
        values: Vec::new(),
    }
}

#[derive(Deserialize)]
struct Vendor {
    vendor: String,
}

fn first<T: serde::de::DeserializeOwned>(
    name: &'static str,
    rows: Rows,
) -> Result<Option<T>, Fault> {
    Ok(read_rows(name, rows)?.into_iter().next())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
