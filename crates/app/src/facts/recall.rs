//! Facts that bear on a question.
//!
//! 1. The index finds the facts that share a term with the question, the rarest terms first.
//! 2. Those count that may be known where the question is asked, and that nothing newer on the same subject
//!    contradicts there.
//! 3. One that shares too little with the question is left out: saying nothing is better than a fact that
//!    does not belong there ([`terms::Query::score`]).
//! 4. The best are returned, as many as a counted number of tokens holds.

use serde::Deserialize;

use super::{MAX_CONVERSATIONS, Person, Place, Recall, Recalled, terms};
use miyabi_ai::background::{self, KnownFact};
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;
use miyabi_core::order::sort_by_place;
use miyabi_core::ports::Store;

/// Most facts that a model reads.
pub const MAX_RECALLED: usize = 8;

/// Facts that are looked at more closely.
const CANDIDATES: u32 = 64;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

#[derive(Deserialize)]
struct Candidate {
    turn: String,
    text: String,
    said_ms: Millis,
}

impl<S: Store> Person<'_, S> {
    /// Writes what a question asks to remember, and returns what bears on it.
    pub(super) fn recall(&self, recall: &Recall, said: &[String]) -> Result<Recalled, Fault> {
        if !said.is_empty() {
            self.prepare()?;
        }
        let Some(person) = self.person()? else { return Ok(Recalled::default()) };
        let forgotten = person.forgotten_ms;
        if person.is_off {
            let notes = if said.is_empty() { Vec::new() } else { vec![super::Note::Off] };
            return Ok(Recalled { facts: Vec::new(), notes, forgotten });
        }
        // A run that began before something was forgotten must not bring it back.
        let is_late = forgotten.is_some_and(|at| recall.asked <= at);
        let notes = if is_late { Vec::new() } else { self.learn(recall, said)? };
        let facts = self.find(recall)?;
        let is_used = !facts.is_empty() || !notes.is_empty();
        if is_used && !self.use_in(&recall.conversation)? {
            return Ok(Recalled { facts: Vec::new(), notes, forgotten });
        }
        if self.now.0.saturating_sub(person.seen_ms.0) > DAY_MS {
            let sql = "UPDATE person SET seen_ms = ?1";
            let _no_rows = self.store.run("person::seen", sql, vec![self.now.0.into()])?;
        }
        Ok(Recalled { facts, notes, forgotten })
    }

    fn find(&self, recall: &Recall) -> Result<Vec<KnownFact>, Fault> {
        let query = terms::Query::of(&recall.text);
        let candidates = if query.is_about_everything() {
            self.newest(&recall.place)?
        } else if let Some(matching) = query.matching() {
            self.matching(&recall.place, &matching)?
        } else {
            Vec::new()
        };
        let mut scored: Vec<(u32, Candidate)> = candidates
            .into_iter()
            // What the question itself says need not be said again.
            .filter(|candidate| candidate.turn != recall.turn)
            .filter_map(|candidate| Some((query.score(&candidate.text)?, candidate)))
            .collect();
        // A stable sort: of equals the one with the rarer terms comes first, as the index has it.
        let score = |score: u32| usize::try_from(score).unwrap_or(usize::MAX);
        sort_by_place(&mut scored, |(it, _)| (usize::MAX - score(*it), 0));
        let mut left = recall.budget_tokens;
        let mut facts = Vec::new();
        for (_, Candidate { text, said_ms, .. }) in scored.into_iter().take(MAX_RECALLED) {
            let fact = KnownFact { text, said: said_ms };
            let Some(rest) = left.checked_sub(background::estimate(&fact)) else { continue };
            left = rest;
            facts.push(fact);
        }
        Ok(facts)
    }

    /// Returns the facts that share a term with the question, the best first.
    ///
    /// Where nobody else reads along, facts of every place count, and of those on one subject the newest;
    /// within a place the index has the newest only.
    fn matching(&self, place: &Place, matching: &str) -> Result<Vec<Candidate>, Fault> {
        let sql = "SELECT facts.turn, facts.text, facts.said_ms
                   FROM facts_index JOIN facts ON facts.seq = facts_index.rowid
                   WHERE facts_index MATCH ?1 AND facts.superseded_by IS NULL
                     AND (?2 = '' AND NOT EXISTS (
                            SELECT 1 FROM facts AS newer
                            WHERE newer.subject = facts.subject AND newer.subject <> ''
                              AND newer.seq > facts.seq)
                          OR ?2 <> '' AND facts.server = ?2)
                   ORDER BY facts_index.rank, facts.seq DESC LIMIT ?3";
        let values = vec![matching.into(), place.server().into(), CANDIDATES.into()];
        self.store.rows("facts::matching", sql, values)
    }

    fn newest(&self, place: &Place) -> Result<Vec<Candidate>, Fault> {
        let sql = "SELECT turn, text, said_ms FROM facts
                   WHERE superseded_by IS NULL
                     AND (?1 = '' AND NOT EXISTS (
                            SELECT 1 FROM facts AS newer
                            WHERE newer.subject = facts.subject AND newer.subject <> ''
                              AND newer.seq > facts.seq)
                          OR ?1 <> '' AND server = ?1)
                   ORDER BY seq DESC LIMIT ?2";
        self.store.rows("facts::newest", sql, vec![place.server().into(), CANDIDATES.into()])
    }

    /// Keeps in mind that a conversation may repeat facts; `false` if there are too many of these already.
    pub(super) fn use_in(&self, conversation: &str) -> Result<bool, Fault> {
        let sql = "SELECT count(*) AS number FROM places WHERE conversation <> ?1";
        let others = self.number("places::count", sql, vec![conversation.into()])?;
        if others >= MAX_CONVERSATIONS {
            return Ok(false);
        }
        let sql = "INSERT INTO places (conversation, used_ms) VALUES (?1, ?2)
                   ON CONFLICT (conversation) DO UPDATE SET used_ms = excluded.used_ms
                   WHERE used_ms < excluded.used_ms - ?3";
        let values = vec![conversation.into(), self.now.0.into(), DAY_MS.into()];
        self.store.run("places::use", sql, values)?;
        Ok(true)
    }
}
