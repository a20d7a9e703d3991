//! What was said in a turn, as one log: every wire is encoded from it, and each reader goes on where it was.
//!
//! A log is parts and an end. Mostly there is one part of text, which grows until it is the answer. A run that
//! begins anew, or a model that is asked in place of one that failed, says something else: that is another
//! part, and the ones before it do not count any more. A round of tools is a part by itself, which says twice
//! where it is: while they run, and when they have.
//!
//! A place in the log is the number of its part, times [`PART_PLACES`], and how much of the part lies before
//! it: one for its beginning, and one for each byte of its text, or for the end of its tools. The end is where
//! another part would begin. So a place means the same however the text was cut on its way.
//!
//! What is said meanwhile is kept in the memory of the object ([`Live`]), and stored when a part begins, and
//! each time it has grown to four times of what is stored: a row for each word would cost more than the
//! answer. The first part begins with the run, before anything is said in it, and another one with each round of
//! tools: the runtime holds back whatever an object sends until what it has written before is durable, and so
//! the first words wait for nothing. An
//! object that has lost its memory cannot know how far its readers are in the part that was said, nor whether
//! what comes next goes on with it, so that is said again, as another part.

use core::cell::RefCell;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Conversation, Denied, MAX_ANSWER_BYTES, Refusal, TurnState, turns::Row};
use miyabi_core::conversation::{Chunk, End, Entry, Step, StepState};
use miyabi_core::fault::{Fault, Notice};
use miyabi_core::json;
use miyabi_core::ports::Store;

/// Size from which on what is said is stored, in bytes.
const FIRST_STORED_BYTES: usize = 512;

/// Places of one part: more than it may have letters, so that no place is in two parts.
const PART_PLACES: u64 = 1 << 20;

/// What was said in the turns that run, by their ids, as far as the object remembers it.
#[derive(Debug, Default)]
pub struct Live {
    turns: RefCell<BTreeMap<String, Said>>,
    /// Turn whose model was asked last.
    asked: RefCell<Option<String>>,
    /// What the command that runs makes of one of them, once it is stored; `None` for an ended one.
    next: RefCell<Option<(String, Option<Said>)>>,
}

impl Live {
    /// Takes in what a command has made of it, or not: then nothing was stored.
    pub(super) fn keep(&self, is_stored: bool) {
        let Some((turn, said)) = self.next.take().filter(|_| is_stored) else { return };
        let mut turns = self.turns.borrow_mut();
        match said {
            Some(said) => turns.insert(turn, said),
            None => turns.remove(&turn),
        };
    }

    /// Takes in that the model of a turn is asked.
    pub(super) fn ask(&self, turn: &str) {
        self.asked.replace(Some(turn.to_owned()));
    }

    /// Returns whether the model of a turn was asked; that of another turn may have been asked since.
    pub(super) fn is_asked(&self, turn: &str) -> bool {
        self.asked.borrow().as_deref() == Some(turn)
    }

    /// Stores what was said in turns that were interrupted, and forgets it.
    pub(super) fn put_away(&self, store: &impl Store, turns: &[String]) -> Result<(), Fault> {
        for turn in turns {
            if let Some(said) = self.turns.borrow_mut().remove(turn) {
                let values = vec![turn.as_str().into(), said.stored(None).into()];
                let sql = "UPDATE turns SET said = ?2 WHERE id = ?1";
                let _no_rows = store.run("turns::put_away", sql, values)?;
            }
        }
        Ok(())
    }

    /// Forgets all of it.
    pub(super) fn forget(&self) {
        self.turns.take();
        self.asked.take();
    }
}

/// Parts.
///
/// # Shape
/// A stored format: `[{"text":"It is"},{"step":{…}},{"text":"It is noon."}]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Text(String),
    Step(Step),
}

impl Part {
    fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

impl Said {
    fn new(text: &str) -> Self {
        Self(vec![Part::Text(text.to_owned())])
    }

    fn push(&mut self, text: &str) {
        self.0.push(Part::Text(text.to_owned()));
    }

    /// Takes in all that a run has said so far. What is older than what is known changes nothing.
    fn say(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Part::Text(last)) if text.starts_with(last.as_str()) => text.clone_into(last),
            Some(Part::Text(last)) if last.starts_with(text) => {}
            _ => self.push(text),
        }
    }

    /// Takes in where a round of tools is, once, and begins the part that comes after it.
    fn step(&mut self, step: Step, is_lost: bool) {
        for part in &mut self.0 {
            if let Part::Step(known) = part
                && known.id == step.id
            {
                if known.state == StepState::Running {
                    known.state = step.state;
                }
                return;
            }
        }
        if !is_lost {
            self.close();
        }
        self.0.push(Part::Step(step));
        self.push("");
    }

    /// Takes the last part away if nothing was said in it: nobody was told of that.
    fn close(&mut self) {
        self.0.pop_if(|part| part.text() == Some(""));
    }

    /// Takes in the answer, after which nothing comes. Blanks at the end of what was said do not count.
    fn conclude(&mut self, answer: &str) {
        match self.last() {
            Some(last) if last.trim_end() == answer.trim_end() => {}
            Some(last) if last.starts_with(answer) => self.push(answer),
            _ => self.say(answer),
        }
    }

    fn bytes(&self) -> usize {
        self.0.iter().filter_map(Part::text).map(str::len).sum()
    }

    /// Returns what counts: the last text, also where tools have run since.
    fn last(&self) -> Option<&str> {
        self.0.iter().rev().filter_map(Part::text).find(|text| !text.is_empty())
    }

    /// Returns the entries from a place on.
    fn entries(&self, end: Option<End>, from: u64) -> Vec<Entry> {
        let mut entries = Vec::new();
        let (mut begin, mut part): (u64, u32) = (1, 0);
        let is_last = |number: u32| usize::try_from(number).is_ok_and(|at| at + 1 == self.0.len());
        for (number, said) in (0_u32..).zip(&self.0) {
            part = number;
            let text = match said {
                Part::Text(text) => text,
                Part::Step(step) => {
                    let states = [StepState::Running, step.state];
                    let known = if step.state == StepState::Running { 1 } else { 2 };
                    for (index, state) in (begin..).zip(states).take(known) {
                        let chunk = Chunk::Step(Step { state, ..step.clone() });
                        entries.extend((index > from).then_some(Entry { index, part, chunk }));
                    }
                    begin = begin.saturating_add(PART_PLACES);
                    continue;
                }
            };
            // Nothing is said yet in one that has just begun.
            let is_empty = text.is_empty() && is_last(number) && end.is_none();
            if begin > from && !is_empty {
                entries.push(Entry { index: begin, part, chunk: Chunk::Part });
            }
            let place = begin.saturating_add(u64::try_from(text.len()).unwrap_or(u64::MAX));
            if place > from && !text.is_empty() {
                let skipped = usize::try_from(from.saturating_sub(begin)).unwrap_or(usize::MAX);
                let (_, rest) = text.split_at(text.floor_char_boundary(skipped));
                entries.push(Entry { index: place, part, chunk: Chunk::Text(rest.to_owned()) });
            }
            begin = begin.saturating_add(PART_PLACES);
        }
        entries.extend(end.filter(|_| begin > from).map(|end| Entry {
            index: begin,
            part,
            chunk: Chunk::End(end),
        }));
        entries
    }

    /// Returns it as it is stored; nothing where the answer says the same.
    fn stored(&self, answer: Option<&str>) -> Option<String> {
        match self.0.as_slice() {
            [] => None,
            [Part::Text(only)] if Some(only.as_str()) == answer => None,
            _ => serde_json::to_string(self).ok(),
        }
    }
}

impl<S: Store> Conversation<'_, S> {
    /// Takes in all that a run has said so far.
    pub(super) fn append(
        &self,
        turn: &str,
        generation: u32,
        text: &str,
    ) -> Result<TurnState, Denied> {
        if text.len() > MAX_ANSWER_BYTES {
            return Err(Refusal::TooLong.into());
        }
        self.add(turn, generation, |said, is_lost| {
            if is_lost && !said.0.is_empty() {
                said.push(text);
            } else {
                said.say(text);
            }
        })
    }

    /// Takes in which tools a run has called, or how they went.
    pub(super) fn step(
        &self,
        turn: &str,
        generation: u32,
        step: Step,
    ) -> Result<TurnState, Denied> {
        self.add(turn, generation, |said, is_lost| said.step(step, is_lost))
    }

    /// Adds something to a turn that runs. A part that begins is stored.
    fn add(
        &self,
        turn: &str,
        generation: u32,
        add: impl FnOnce(&mut Said, bool),
    ) -> Result<TurnState, Denied> {
        let row = self.turn(turn)?.ok_or(Refusal::Unknown)?;
        if row.has_ended() || row.generation != generation {
            return Err(Refusal::Superseded.into());
        }
        let mut said = self.said(&row);
        let before = said.clone();
        add(&mut said, self.is_lost(&row));
        let is_new = said != before;
        let stored = row.said.as_ref().map_or(0, String::len);
        let begins_part = said.0.len() > before.0.len();
        if begins_part || said.bytes() >= (stored * 4).max(FIRST_STORED_BYTES) {
            let text = serde_json::to_string(&said).unwrap_or_default();
            let sql = "UPDATE turns SET said = ?2 WHERE seq = ?1";
            let _no_rows = self.store.run("turns::say", sql, vec![row.seq.into(), text.into()])?;
        }
        self.live.next.replace(Some((row.id.clone(), Some(said))));
        Ok(self.state(row, is_new)?)
    }

    /// Begins the first part of a turn in which nothing was said, and returns it as it is to be stored.
    pub(super) fn open(&self, row: &Row) -> Option<String> {
        if row.has_ended() || row.said.is_some() {
            return None;
        }
        let said = Said::new("");
        let stored = said.stored(None);
        self.live.next.replace(Some((row.id.clone(), Some(said))));
        stored
    }

    /// Returns what was said in a turn, with its answer if it has one.
    pub(super) fn said(&self, row: &Row) -> Said {
        if let Some(said) = self.live.turns.borrow().get(&row.id)
            && !row.has_ended()
        {
            return said.clone();
        }
        // What a later version has written reads as nothing.
        let stored = row.said.as_ref().and_then(|text| json::parse(text));
        stored.unwrap_or_else(|| row.answer.as_deref().map(Said::new).unwrap_or_default())
    }

    /// Returns whether more may have been said in a turn than is known.
    fn is_lost(&self, row: &Row) -> bool {
        !self.live.turns.borrow().contains_key(&row.id)
    }

    /// Returns what was said in a turn that ends now, as it is stored; without an answer, with a note.
    pub(super) fn conclude(&self, row: &Row, answer: Option<&str>, note: &str) -> Option<String> {
        let mut said = self.said(row);
        if !self.is_lost(row) {
            said.close();
        }
        match answer.or(Some(note).filter(|note| !note.is_empty())) {
            Some(last) if self.is_lost(row) && !said.0.is_empty() => said.push(last),
            Some(last) if answer.is_some() => said.conclude(last),
            Some(note) => said.say(note),
            None => {}
        }
        self.live.next.replace(Some((row.id.clone(), None)));
        said.stored(answer)
    }

    /// Returns what counts of what was said in a turn so far.
    pub(super) fn partial(&self, row: &Row) -> String {
        self.said(row).last().unwrap_or_default().to_owned()
    }

    /// Returns what a turn has come to, and what was said in it from a place on.
    pub(super) fn look(
        &self,
        turn: Option<&str>,
        from: u64,
    ) -> Result<(TurnState, Vec<Entry>), Denied> {
        let newest = if turn.is_none() { self.newest()? } else { None };
        let id = turn.or(newest.as_ref().map(|(_seq, id)| id.as_str())).ok_or(Refusal::Unknown)?;
        let row = self.turn(id)?.ok_or(Refusal::Unknown)?;
        let end = match (row.state.as_str(), row.notice) {
            ("done", _) => Some(End::Done),
            ("stopped", _) => Some(End::Stopped),
            ("failed", notice) => Some(End::Failed(notice.unwrap_or(Notice::TryAgain))),
            _ => None,
        };
        let entries = self.said(&row).entries(end, from);
        Ok((self.state(row, false)?, entries))
    }
}
