//! The chunks of a turn with a number each, so that a reader goes on behind the last one that it has.
//!
//! A number is four times the place of the log's entry, and which chunk of it: an entry makes three at most.
//! The two chunks with which a message begins have no entry; they are 1 and 2. So a number means the same
//! however the text was cut, and 0 is before all of them.
//!
//! A turn that has failed may have its answer after all, which begins where the failure was. A failure has a
//! number that no other chunk has, so who goes on behind one is known, and gets such a turn from its beginning:
//! its client has ended the message.

use serde_json::Value;

use super::ui_messages::Encoder;
use miyabi_core::conversation::{Chunk, End, Entry};
use miyabi_core::i18n::Language;

/// Numbers of one place.
const OF_PLACE: u64 = 4;

/// Number of a failure among those of its place.
const OF_FAILURE: u64 = 3;

/// Of whom and for whom chunks are written.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Conversation's id, as its reader knows it.
    pub conversation: &'a str,
    /// Turn's id.
    pub turn: &'a str,
    /// Language of failures.
    pub language: Language,
    /// Number of the last chunk that the reader has.
    pub after: u64,
}

impl Reading<'_> {
    /// Returns the chunks behind [`Self::after`], with their numbers; all of them, if that is a failure which
    /// does not stand any more. `look` returns the entries of the turn's log from a place on.
    ///
    /// # Errors
    /// Those of `look`.
    pub fn chunks<E>(
        &self,
        mut look: impl FnMut(u64) -> Result<Vec<Entry>, E>,
    ) -> Result<Vec<(u64, Value)>, E> {
        let mut after = self.after;
        let mut entries = look((after / OF_PLACE).saturating_sub(1))?;
        let has_failed = after % OF_PLACE == OF_FAILURE;
        if has_failed && entries.first().is_some_and(|entry| !is_failure(entry)) {
            after = 0;
            entries = look(0)?;
        }
        let place = after / OF_PLACE;
        if place > 0 && continued(&entries).is_some() {
            entries = look(place)?;
        }
        let open = continued(&entries);
        if place > 1 && open.is_none() && !entries.is_empty() {
            // Only the whole log says what was open before, and which chunks of an entry the reader has.
            entries = look(0)?;
        }
        let (id, turn) = (self.conversation.to_owned(), self.turn.to_owned());
        let mut encoder = Encoder::new(id, turn, self.language);
        let mut numbered: Vec<(u64, Value)> = (1..).zip(encoder.begin()).collect();
        encoder.reopen(open);
        for entry in &entries {
            let first = entry.index.saturating_mul(OF_PLACE);
            numbered.extend((first..).zip(encoder.encode(entry)));
            if let Some((number, _)) = numbered.last_mut().filter(|_| is_failure(entry)) {
                *number = first.saturating_add(OF_FAILURE);
            }
        }
        numbered.retain(|(number, _)| *number > after);
        Ok(numbered)
    }
}

const fn is_failure(entry: &Entry) -> bool {
    matches!(entry.chunk, Chunk::End(End::Failed(_)))
}

/// Returns the number of the part whose text goes on with the first entry.
fn continued(entries: &[Entry]) -> Option<u32> {
    entries.first().filter(|entry| matches!(entry.chunk, Chunk::Text(_))).map(|entry| entry.part)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_core::conversation::{Step, StepState};
    use miyabi_core::fault::Notice;

    /// Parts that are rounds of tools: one that runs, and one that has.
    const RUNS: &str = "(runs)";
    const HAS_RUN: &str = "(has run)";

    /// A log: its parts and its end, as a conversation has them.
    fn log(parts: &[&str], end: Option<End>, from: u64) -> Vec<Entry> {
        let (mut entries, mut place, mut part) = (Vec::new(), 0, 0);
        for (number, text) in (0..).zip(parts) {
            (place, part) = (place + 1, number);
            if [RUNS, HAS_RUN].contains(text) {
                let states = [StepState::Running, StepState::Done];
                for state in states.into_iter().take(if *text == RUNS { 1 } else { 2 }) {
                    let (id, tools) = (String::new(), vec!["weather".to_owned()]);
                    let chunk = Chunk::Step(Step { id, state, tools });
                    entries.extend((place > from).then_some(Entry { index: place, part, chunk }));
                    place += 1;
                }
                continue;
            }
            if place > from {
                entries.push(Entry { index: place, part, chunk: Chunk::Part });
            }
            let begin = place;
            place += u64::try_from(text.len()).unwrap();
            if place > from {
                let skipped = usize::try_from(from.saturating_sub(begin)).unwrap();
                let chunk = Chunk::Text(text.get(skipped..).unwrap().to_owned());
                entries.push(Entry { index: place, part, chunk });
            }
        }
        let end = end.map(|end| Entry { index: place + 1, part, chunk: Chunk::End(end) });
        entries.extend(end.filter(|end| end.index > from));
        entries
    }

    fn read(parts: &[&str], end: Option<End>, after: u64) -> Vec<(u64, Value)> {
        let language = Language::English;
        let reading = Reading { conversation: "c1", turn: "t1", language, after };
        let chunks: Result<_, ()> = reading.chunks(|from| Ok(log(parts, end, from)));
        chunks.unwrap()
    }

    fn kinds(chunks: &[(u64, Value)]) -> Vec<(u64, &str)> {
        chunks.iter().map(|(number, chunk)| (*number, chunk["type"].as_str().unwrap())).collect()
    }

    #[test]
    fn every_chunk_has_a_number_of_its_own_that_grows() {
        let chunks = read(&["hel", "good"], Some(End::Done), 0);
        let expected = [
            (1, "start"),
            (2, "start-step"),
            (4, "text-start"),
            (16, "text-delta"),
            (20, "text-end"),
            (21, "text-start"),
            (36, "text-delta"),
            (40, "text-end"),
            (41, "finish-step"),
            (42, "finish"),
        ];
        assert_eq!(kinds(&chunks), expected);
        for (parts, end) in [
            (&[][..], End::Failed(Notice::Busy)),
            (&[], End::Done),
            (&[], End::Stopped),
            (&[""], End::Done),
            (&["a", "", "b"], End::Done),
            (&["a", HAS_RUN, RUNS], End::Stopped),
        ] {
            let chunks = read(parts, Some(end), 0);
            assert!(chunks.windows(2).all(|pair| pair[0].0 < pair[1].0), "{chunks:?}");
        }
    }

    #[test]
    fn a_reader_that_was_cut_anywhere_gets_exactly_what_it_lacks() {
        for (parts, end) in [
            (&["hello"][..], End::Done),
            (&["hello", "no", "good bye"], End::Stopped),
            (&["a", "", "b"], End::Failed(Notice::Late)),
            (&[HAS_RUN, HAS_RUN, "hello"], End::Done),
            (&["hello", HAS_RUN, "good bye"], End::Done),
            (&["hello", RUNS], End::Failed(Notice::Busy)),
            (&[], End::Failed(Notice::Busy)),
            (&[""], End::Done),
        ] {
            let all = read(parts, Some(end), 0);
            for (number, (after, _)) in all.iter().enumerate() {
                assert_eq!(read(parts, Some(end), *after), all[number + 1..], "{after} {parts:?}");
            }
        }
    }

    #[test]
    fn a_reader_in_the_middle_of_a_text_goes_on_in_the_open_part() {
        // It has "hel" of "hello", which is place 4.
        let rest = read(&["hello"], None, 16);
        assert_eq!(kinds(&rest), [(24, "text-delta")]);
        assert_eq!((&rest[0].1["id"], &rest[0].1["delta"]), (&"text-0".into(), &"lo".into()));
        let rest = read(&["hello"], Some(End::Done), 24);
        assert_eq!(kinds(&rest), [(28, "text-end"), (29, "finish-step"), (30, "finish")]);
        assert!(read(&["hello"], None, 24).is_empty());
        // More than there is: the object has lost what it never stored.
        assert!(read(&["hello"], None, u64::MAX).is_empty());
    }

    #[test]
    fn tools_end_the_text_before_them_and_open_none() {
        let expected = [
            (1, "start"),
            (2, "start-step"),
            (4, "data-step"),
            (8, "data-step"),
            (16, "text-start"),
            (24, "text-delta"),
            (28, "text-end"),
            (29, "data-step"),
            (36, "finish-step"),
            (37, "finish"),
        ];
        let all = read(&[HAS_RUN, "hi", RUNS], Some(End::Done), 0);
        assert_eq!(kinds(&all), expected);
        let step = serde_json::json!({
            "type": "data-step",
            "id": "step-0",
            "data": { "state": "done", "tools": ["weather"] },
            "transient": true,
        });
        assert_eq!(all[3].1, step);
        // An object that has lost how they went: no text is ended that was not begun.
        for (parts, end) in [(&[RUNS, "hi"][..], None), (&[RUNS], Some(End::Done))] {
            let rest = read(parts, end, 8);
            assert!(!kinds(&rest).contains(&(12, "text-end")), "{rest:?}");
        }
    }

    #[test]
    fn who_has_a_failure_gets_the_answer_that_came_after_it_from_its_beginning() {
        for said in [&[][..], &["hel"]] {
            let failed = read(said, Some(End::Failed(Notice::Late)), 0);
            let parts = [said, &["hello"]].concat();
            let done = read(&parts, Some(End::Done), 0);
            let (last, cut) = failed.split_last().unwrap();
            assert_eq!(last.1["type"], "error");
            assert_eq!(read(&parts, Some(End::Done), last.0), done);
            // Who was cut before it goes on.
            for (number, chunk) in cut {
                let rest = read(&parts, Some(End::Done), *number);
                let place = done.iter().position(|it| it == &(*number, chunk.clone())).unwrap();
                assert_eq!(rest, done[place + 1..], "{number}");
            }
        }
    }
}
