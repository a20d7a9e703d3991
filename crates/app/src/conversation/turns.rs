//! Turns and their states. Every statement names the states that it moves, and for which generation.

use serde::{Deserialize, Serialize};

use super::{
    Conversation, Denied, INTERRUPTED_MS, MAX_ANSWER_BYTES, MAX_QUESTION_BYTES, MAX_STORED_BYTES,
    MAX_TURNS, Measured, Outcome, Refusal, Submission, files,
};
use crate::uploads::Upload;
use miyabi_ai::files::MAX_FILES;
use miyabi_core::fault::{Fault, Notice};
use miyabi_core::ids::Millis;
use miyabi_core::ports::{Statement, Store, read_rows};

/// Most turns that one submission may become, see [`Conversation::submit_anew`].
const MAX_ATTEMPTS: u32 = 99;

/// How a turn ends, see [`super::Command::Settle`].
pub(super) struct Ending {
    pub(super) outcome: Outcome,
    pub(super) measured: Option<Measured>,
    pub(super) note: String,
}

/// What a turn has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnState {
    /// Turn's id.
    pub id: String,
    /// `queued`, `running`, `done`, `failed` or `stopped`.
    pub state: String,
    /// Question.
    pub question: String,
    /// Files that are read for it, where it is not answered yet: its own, and those before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Upload>,
    /// Files of before these, which take the places of those that are not there any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spare_files: Vec<Upload>,
    /// How many of its files are its own, which come first.
    #[serde(default)]
    pub own_files: usize,
    /// Answer, or what was said of it before it was stopped.
    pub answer: Option<String>,
    /// Sentence for its asker, if it has failed.
    pub notice: Option<Notice>,
    /// Messages of the conversation now.
    pub messages: u64,
    /// Generation of the job that has it; 0 before it runs.
    pub generation: u32,
    /// When it was asked.
    #[serde(default)]
    pub asked_ms: Millis,
    /// When it ended.
    #[serde(default)]
    pub ended_ms: Option<Millis>,
    /// Whether this command wrote it.
    #[serde(default)]
    pub is_new: bool,
    /// Whether its model is asked, as far as the object remembers.
    #[serde(default)]
    pub is_asked: bool,
}

impl TurnState {
    /// Returns whether it has ended. Only one that has failed may change yet: its answer may come after all.
    pub fn has_ended(&self) -> bool {
        !matches!(self.state.as_str(), "queued" | "running")
    }
}

/// What of a turn's row the statements need.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    pub(super) seq: u64,
    pub(super) id: String,
    pub(super) parent: Option<u64>,
    pub(super) question: String,
    pub(super) answer: Option<String>,
    pub(super) said: Option<String>,
    pub(super) state: String,
    pub(super) generation: u32,
    pub(super) notice: Option<Notice>,
    pub(super) asked_ms: Millis,
    pub(super) ended_ms: Option<Millis>,
}

impl Row {
    pub(super) const fn has_ended(&self) -> bool {
        self.ended_ms.is_some()
    }
}

impl<S: Store> Conversation<'_, S> {
    /// Writes a turn as queued, unless it is there.
    pub(super) fn submit(&self, submission: &Submission) -> Result<TurnState, Denied> {
        if let Some(row) = self.turn(&submission.turn)? {
            return Ok(self.state(row, false)?);
        }
        if self.is_erased(submission.asked)? {
            return Err(Refusal::Deleted.into());
        }
        if submission.text.len() > MAX_QUESTION_BYTES {
            return Err(Refusal::TooLong.into());
        }
        let place = self.place(submission)?;
        let own = || (submission.text.clone(), files::to_column(&submission.files));
        let (question, files) = place.asked.unwrap_or_else(own);
        // A question that is answered once more is no new message.
        self.count(submission.asked, question.len(), place.source.is_none())?;
        let values = vec![
            submission.turn.as_str().into(),
            place.parent.into(),
            place.source.into(),
            submission.message.as_deref().unwrap_or_default().into(),
            question.into(),
            submission.asked.0.into(),
            files.into(),
        ];
        let sql =
            "INSERT INTO turns (id, parent, source, message, question, asked_ms, files, state)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'queued')";
        let _no_rows = self.store.run("turns::submit", sql, values)?;
        let row = self.turn(&submission.turn)?.ok_or(Refusal::Unknown)?;
        Ok(self.state(row, true)?)
    }

    /// As [`Self::submit`], but a turn that is over for its client gets another one beside it.
    pub(super) fn submit_anew(&self, submission: &Submission) -> Result<TurnState, Denied> {
        let mut submission = submission.clone();
        let first = submission.turn.clone();
        for attempt in 2..=MAX_ATTEMPTS {
            match self.turn(&submission.turn)? {
                Some(row) if self.is_over(&row, &submission)? => {}
                _ => break,
            }
            submission.turn = format!("{first}-{attempt}");
        }
        let mut turn = self.submit(&submission)?;
        if turn.state == "queued" {
            (turn.files, turn.own_files) = self.files_for(&turn.id)?;
            turn.spare_files = turn.files.split_off(turn.files.len().min(MAX_FILES));
        }
        Ok(turn)
    }

    /// Returns whether whoever submits this again wants another turn.
    ///
    /// One that has failed is tried again. AI SDK asks for another answer by the question's id, in the same
    /// words each time, and edits a question back to what it once was under the same id: the first is over
    /// when it has ended, and the second when something else was said since.
    fn is_over(&self, row: &Row, submission: &Submission) -> Result<bool, Fault> {
        if !row.has_ended() || row.state == "failed" || submission.is_keyed {
            return Ok(row.state == "failed");
        }
        if let Some(message) = &submission.again {
            let answered = message.strip_suffix("-a").map(|turn| self.turn(turn)).transpose()?;
            return Ok(answered.flatten().is_none());
        }
        let newest = self.newest()?;
        Ok(submission.replaces.is_some() && newest.is_some_and(|(_seq, id)| id != row.id))
    }

    /// Takes a turn back that never became a job.
    pub(super) fn withdraw(&self, turn: &str) -> Result<(), Denied> {
        #[derive(Deserialize)]
        struct Withdrawn {
            seq: u64,
            parent: Option<u64>,
            question: String,
            source: Option<u64>,
        }
        let sql = "DELETE FROM turns WHERE id = ?1 AND state = 'queued'
                   RETURNING seq, parent, question, source";
        let gone: Option<Withdrawn> = self.store.row("turns::withdraw", sql, vec![turn.into()])?;
        if let Some(Withdrawn { seq, parent, question, source }) = gone {
            let sql = "UPDATE turns SET parent = ?2 WHERE parent = ?1";
            let _no_rows = self.store.run("turns::adopt", sql, vec![seq.into(), parent.into()])?;
            let bytes = u64::try_from(question.len()).unwrap_or(0);
            let sql = "UPDATE conversation SET turns = turns - 1, bytes = bytes - ?1,
                         messages = messages - ?2";
            let values = vec![bytes.into(), u32::from(source.is_none()).into()];
            let _no_rows = self.store.run("conversation::withdraw", sql, values)?;
        }
        Ok(())
    }

    /// Moves a turn to running, and returns it and `seq` of the turn before it.
    pub(super) fn begin(
        &self,
        submission: &Submission,
        generation: u32,
        is_told: bool,
    ) -> Result<(TurnState, Option<u64>), Denied> {
        let submitted = self.submit(submission)?;
        let before = if is_told { self.turn(&submission.turn)? } else { None };
        let said = before.and_then(|row| self.open(&row));
        let sql = "UPDATE turns SET state = 'running', generation = ?2, said = coalesce(said, ?3)
                   WHERE id = ?1 AND state IN ('queued', 'running') AND generation <= ?2";
        let values = vec![submission.turn.as_str().into(), generation.into(), said.into()];
        let _no_rows = self.store.run("turns::begin", sql, values)?;
        let row = self.turn(&submission.turn)?.ok_or(Refusal::Unknown)?;
        let parent = row.parent;
        Ok((self.state(row, submitted.is_new)?, parent))
    }

    /// Moves a turn to its end. An answer that comes after its turn was given up is an
    /// answer all the same.
    pub(super) fn settle(
        &self,
        submission: &Submission,
        generation: u32,
        Ending { outcome, measured, note }: Ending,
    ) -> Result<TurnState, Denied> {
        let submitted = self.submit(submission)?;
        let (state, answer, notice) = match outcome {
            Outcome::Done(answer) => ("done", Some(bounded(answer)), None),
            Outcome::Failed(notice) => ("failed", None, Some(name(notice))),
        };
        let bytes = answer.as_ref().map_or(0, String::len);
        let is_message = answer.is_some();
        let row = self.turn(&submission.turn)?.ok_or(Refusal::Unknown)?;
        let may_end = !row.has_ended() || (row.state == "failed" && answer.is_some());
        let is_ours = may_end && row.generation <= generation;
        let said = if is_ours { self.conclude(&row, answer.as_deref(), &note) } else { None };
        let values = vec![
            submission.turn.as_str().into(),
            generation.into(),
            state.into(),
            answer.into(),
            notice.into(),
            self.now.0.into(),
            said.into(),
        ];
        let sql =
            "UPDATE turns SET state = ?3, answer = ?4, notice = ?5, generation = ?2, ended_ms = ?6,
                     said = ?7
                   WHERE id = ?1 AND generation <= ?2 AND (state IN ('queued', 'running')
                     OR (state = 'failed' AND ?3 = 'done'))
                   RETURNING seq";
        if !self.store.run("turns::settle", sql, values)?.is_empty() {
            self.grow(bytes, is_message)?;
            measured.map_or(Ok(()), |measured| self.calibrate(&measured))?;
        }
        let row = self.turn(&submission.turn)?.ok_or(Refusal::Unknown)?;
        Ok(self.state(row, submitted.is_new)?)
    }

    /// Ends a turn with what was said in it so far; also one that was given up as late, whose run may go on.
    pub(super) fn stop(&self, turn: &str) -> Result<TurnState, Denied> {
        let row = self.turn(turn)?.ok_or(Refusal::Unknown)?;
        if !row.has_ended() || row.notice == Some(Notice::Late) {
            let partial = self.partial(&row);
            let said = self.conclude(&row, Some(&partial), "");
            self.grow(partial.len(), true)?;
            let values = vec![turn.into(), partial.into(), self.now.0.into(), said.into()];
            let sql = "UPDATE turns SET state = 'stopped', answer = ?2, ended_ms = ?3, said = ?4,
                         notice = NULL
                       WHERE id = ?1";
            let _no_rows = self.store.run("turns::stop", sql, values)?;
        }
        let row = self.turn(turn)?.ok_or(Refusal::Unknown)?;
        Ok(self.state(row, false)?)
    }

    /// Returns the turn with this id.
    pub(super) fn turn(&self, id: &str) -> Result<Option<Row>, Fault> {
        let sql = "SELECT seq, id, parent, question, answer, said, state, generation, notice,
                     asked_ms, ended_ms
                   FROM turns WHERE id = ?1";
        self.store.row("turns::turn", sql, vec![id.into()])
    }

    /// Returns the newest turn's `seq` and id.
    pub(super) fn newest(&self) -> Result<Option<(u64, String)>, Fault> {
        #[derive(Deserialize)]
        struct Newest {
            seq: u64,
            id: String,
        }
        let sql = "SELECT seq, id FROM turns ORDER BY seq DESC LIMIT 1";
        let newest: Option<Newest> = self.store.row("turns::newest", sql, Vec::new())?;
        Ok(newest.map(|Newest { seq, id }| (seq, id)))
    }

    /// Returns a row as others see it.
    pub(super) fn state(&self, row: Row, is_new: bool) -> Result<TurnState, Fault> {
        #[derive(Deserialize)]
        struct Counts {
            messages: u64,
        }
        let sql = "SELECT messages FROM conversation";
        let counts: Option<Counts> = self.store.row("conversation::counts", sql, Vec::new())?;
        let messages = counts.map_or(0, |Counts { messages }| messages);
        let Row { id, state, question, answer, notice, generation, asked_ms, ended_ms, .. } = row;
        let is_asked = self.live.is_asked(&id);
        Ok(TurnState {
            id,
            state,
            question,
            files: Vec::new(),
            spare_files: Vec::new(),
            own_files: 0,
            answer,
            notice,
            messages,
            generation,
            asked_ms,
            ended_ms,
            is_new,
            is_asked,
        })
    }

    /// Counts a new turn, and makes the conversation's row with the first.
    fn count(&self, asked: Millis, bytes: usize, is_message: bool) -> Result<(), Denied> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let sql = "INSERT INTO conversation (id, created_ms, updated_ms, turns, bytes, messages)
                   VALUES (1, ?1, ?1, 1, ?2, ?5)
                   ON CONFLICT (id) DO UPDATE SET updated_ms = excluded.updated_ms,
                     turns = turns + 1, bytes = bytes + excluded.bytes,
                     messages = messages + excluded.messages
                   WHERE turns < ?3 AND bytes + excluded.bytes <= ?4
                   RETURNING id";
        let values = vec![
            asked.0.into(),
            bytes.into(),
            MAX_TURNS.into(),
            MAX_STORED_BYTES.into(),
            u32::from(is_message).into(),
        ];
        if self.store.run("conversation::count", sql, values)?.is_empty() {
            return Err(Refusal::Full.into());
        }
        Ok(())
    }

    /// Counts what the end of a turn stores.
    fn grow(&self, bytes: usize, is_message: bool) -> Result<(), Fault> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let sql = "UPDATE conversation SET bytes = bytes + ?1, messages = messages + ?2,
                     updated_ms = ?3";
        let values = vec![bytes.into(), u32::from(is_message).into(), self.now.0.into()];
        self.store.run("conversation::grow", sql, values).map(drop)
    }
}

/// Ends the turns whose run was interrupted, since nothing else would, and returns their ids.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// What has ended stays as it is.
pub(super) fn interrupt(store: &impl Store, now: Millis) -> Result<Vec<String>, Fault> {
    #[derive(Deserialize)]
    struct Interrupted {
        id: String,
    }
    let statement = Statement {
        name: "turns::interrupt",
        sql: "UPDATE turns SET state = 'failed', notice = ?1, ended_ms = ?2
              WHERE state IN ('queued', 'running') AND asked_ms < ?3 RETURNING id",
        values: vec![
            name(Notice::Late).into(),
            now.0.into(),
            now.0.saturating_sub(INTERRUPTED_MS).into(),
        ],
    };
    let ended: Vec<Interrupted> = read_rows(statement.name, store.execute(&statement)?)?;
    Ok(ended.into_iter().map(|Interrupted { id }| id).collect())
}

/// Returns the name under which a notice is stored.
fn name(notice: Notice) -> String {
    let name = serde_json::to_value(notice).ok();
    name.as_ref().and_then(serde_json::Value::as_str).unwrap_or("try-again").to_owned()
}

/// Returns an answer that can be stored.
fn bounded(answer: String) -> String {
    if answer.len() <= MAX_ANSWER_BYTES {
        return answer;
    }
    let half = MAX_ANSWER_BYTES / 2 - 8;
    let (head, _) = answer.split_at(answer.floor_char_boundary(half));
    let (_, tail) = answer.split_at(answer.ceil_char_boundary(answer.len() - half));
    [head, "\n[…]\n", tail].concat()
}
