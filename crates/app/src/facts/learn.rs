//! Facts are made: each with its question as its key, and with a link from what it supersedes.

use serde::Deserialize;

use super::{MAX_FACT_CHARS, MAX_FACTS, MAX_ROWS, Note, Person, Recall, Recalled, subject, terms};
use miyabi_core::fault::Fault;
use miyabi_core::ports::Store;

/// First place in its question of a fact that a model has pointed at: the places before are those that the
/// rules find.
const POINTED_AT: u32 = 100;

/// Most facts of one question that a model has pointed at.
const MOST_POINTED_AT: u32 = 5;

/// A fact that stands in for another one.
#[derive(Deserialize)]
struct Known {
    seq: u64,
    text: String,
}

impl<S: Store> Person<'_, S> {
    /// Writes what a question asks to remember, unless it is there, and returns what came of each.
    pub(super) fn learn(&self, recall: &Recall, said: &[String]) -> Result<Vec<Note>, Fault> {
        let mut notes = Vec::new();
        for (ordinal, text) in (0..).zip(said) {
            let note = if text.chars().count() > MAX_FACT_CHARS {
                Note::TooLong
            } else {
                self.learn_one(recall, ordinal, text)?
            };
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        Ok(notes)
    }

    /// Writes words of a question that a model has pointed at, unless they are there. No note if there are too
    /// many of one question, or if the person has had something forgotten since.
    pub(super) fn learn_words(&self, recall: &Recall, words: &str) -> Result<Recalled, Fault> {
        self.prepare()?;
        let person = self.person()?;
        let (is_off, forgotten) =
            person.map_or((false, None), |person| (person.is_off, person.forgotten_ms));
        let sql = "SELECT coalesce(
                     (SELECT ordinal FROM facts WHERE turn = ?1 AND text = ?2 AND ordinal >= ?3),
                     max(?3, (SELECT coalesce(max(ordinal), 0) + 1 FROM facts WHERE turn = ?1)))
                   AS number";
        let values = vec![recall.turn.as_str().into(), words.into(), POINTED_AT.into()];
        let ordinal =
            u32::try_from(self.number("facts::ordinal", sql, values)?).unwrap_or(u32::MAX);
        let is_late = forgotten.is_some_and(|at| recall.asked <= at);
        let note = if is_off {
            Some(Note::Off)
        } else if words.chars().count() > MAX_FACT_CHARS {
            Some(Note::TooLong)
        } else if is_late || ordinal >= POINTED_AT + MOST_POINTED_AT {
            None
        } else {
            Some(self.learn_one(recall, ordinal, words)?)
        };
        Ok(Recalled { facts: Vec::new(), notes: note.into_iter().collect(), forgotten })
    }

    pub(super) fn learn_one(
        &self,
        recall: &Recall,
        ordinal: u32,
        text: &str,
    ) -> Result<Note, Fault> {
        let remembered = |instead| Note::Remembered { text: text.to_owned(), instead };
        if let Some(seq) = self.written(&recall.turn, ordinal)? {
            return Ok(remembered(self.superseded(seq)?));
        }
        let server = recall.place.server();
        if self.is_known(server, text)? {
            return Ok(remembered(None));
        }
        let subject = subject::of(text).unwrap_or_default();
        let older = self.older(server, &subject)?;
        let sql = "SELECT count(*) AS number FROM facts WHERE superseded_by IS NULL";
        if older.is_empty() && self.number("facts::count", sql, Vec::new())? >= MAX_FACTS {
            return Ok(Note::Full);
        }
        let sql = "UPDATE person SET next = next + 1 RETURNING next - 1 AS number";
        let seq = self.number("person::number", sql, Vec::new())?;
        let sql = "INSERT INTO facts (seq, turn, ordinal, server, subject, text, said_ms)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let values = vec![
            seq.into(),
            recall.turn.as_str().into(),
            ordinal.into(),
            server.into(),
            subject.into(),
            text.into(),
            recall.asked.0.into(),
        ];
        let _no_rows = self.store.run("facts::insert", sql, values)?;
        let sql = "INSERT INTO facts_index (rowid, terms) VALUES (?1, ?2)";
        let indexed = terms::indexed(text);
        let _no_rows =
            self.store.run("facts_index::insert", sql, vec![seq.into(), indexed.into()])?;
        for Known { seq: old, .. } in &older {
            let sql = "UPDATE facts SET superseded_by = ?2, superseded_ms = ?3 WHERE seq = ?1";
            let values = vec![(*old).into(), seq.into(), self.now.0.into()];
            let _no_rows = self.store.run("facts::supersede", sql, values)?;
            self.unlist(*old)?;
        }
        self.bound()?;
        Ok(remembered(older.into_iter().next_back().map(|known| known.text)))
    }

    /// Returns the number of the fact that this question has made at this place.
    fn written(&self, turn: &str, ordinal: u32) -> Result<Option<u64>, Fault> {
        let sql = "SELECT seq AS number FROM facts WHERE turn = ?1 AND ordinal = ?2";
        let seq = self.number("facts::written", sql, vec![turn.into(), ordinal.into()])?;
        Ok((seq > 0).then_some(seq))
    }

    /// Returns the text of what a fact has superseded.
    fn superseded(&self, seq: u64) -> Result<Option<String>, Fault> {
        let sql = "SELECT seq, text FROM facts WHERE superseded_by = ?1 ORDER BY seq DESC LIMIT 1";
        let known: Vec<Known> = self.store.rows("facts::superseded", sql, vec![seq.into()])?;
        Ok(known.into_iter().next().map(|known| known.text))
    }

    /// Returns whether the same is known in the same place.
    fn is_known(&self, server: &str, text: &str) -> Result<bool, Fault> {
        let sql = "SELECT seq, text FROM facts
                   WHERE server = ?1 AND lower(text) = lower(?2) AND superseded_by IS NULL";
        let values = vec![server.into(), text.into()];
        Ok(!self.store.run("facts::is_known", sql, values)?.is_empty())
    }

    /// Returns the facts on a subject that count in a place.
    fn older(&self, server: &str, subject: &str) -> Result<Vec<Known>, Fault> {
        let sql = "SELECT seq, text FROM facts
                   WHERE server = ?1 AND subject = ?2 AND ?2 <> '' AND superseded_by IS NULL
                   ORDER BY seq";
        self.store.rows("facts::older", sql, vec![server.into(), subject.into()])
    }

    /// Takes a fact out of the index.
    pub(super) fn unlist(&self, seq: u64) -> Result<(), Fault> {
        let sql = "DELETE FROM facts_index WHERE rowid = ?1";
        self.store.run("facts_index::delete", sql, vec![seq.into()]).map(drop)
    }

    /// Lets the oldest superseded facts go where there are too many rows.
    fn bound(&self) -> Result<(), Fault> {
        let sql = "DELETE FROM facts WHERE seq IN (
                     SELECT seq FROM facts WHERE superseded_by IS NOT NULL ORDER BY seq
                     LIMIT max((SELECT count(*) FROM facts) - ?1, 0))";
        self.store.run("facts::bound", sql, vec![MAX_ROWS.into()]).map(drop)
    }
}
