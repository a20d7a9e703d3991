//! People who read an answer in its conversation while it is written: each looks now and then, from the
//! place on which it knows, and puts together what it is told.

use core::cell::RefCell;
use std::rc::Rc;

use miyabi_core::conversation::{Chunk, End};

use super::objects::Objects;
use crate::base::record::Invariant;
use crate::base::shared::Shared;

/// A reader looks for the first time so long after the question, at most, in milliseconds.
const FIRST_MS: u64 = 20_000;

/// All readers of one seed.
#[derive(Debug)]
pub struct Readers {
    shared: Rc<Shared>,
    objects: Rc<Objects>,
    all: RefCell<Vec<Reader>>,
}

/// A reader, and what it knows.
#[derive(Debug, Clone)]
pub struct Reader {
    /// Number of the question.
    pub ask: usize,
    /// Parts of text, of which the last counts.
    pub parts: Vec<String>,
    /// How the turn ended, as it was told.
    pub end: Option<End>,
    /// Turn's id.
    pub turn: String,
    object: String,
    place: u64,
}

impl Readers {
    /// Returns the readers of a seed: none yet.
    pub fn new(shared: &Rc<Shared>, objects: &Rc<Objects>) -> Self {
        let (shared, objects) = (Rc::clone(shared), Rc::clone(objects));
        Self { shared, objects, all: RefCell::default() }
    }

    /// Has a conversation have been long before somebody asks in it.
    pub fn lengthen(&self, object: &str) {
        if let Err(fault) = self.objects.fill(object) {
            self.shared.violate(Invariant::Sane, format!("{object} is not filled: {fault}"));
        }
    }

    /// Somebody reads a turn from a time on, now and then.
    pub fn open(self: &Rc<Self>, ask: usize, object: &str, turn: &str, asked_ms: u64) {
        let number = self.all.borrow().len();
        self.all.borrow_mut().push(Reader {
            ask,
            parts: Vec::new(),
            end: None,
            object: object.to_owned(),
            turn: turn.to_owned(),
            place: 0,
        });
        let rng = &self.shared.rng;
        let mut at_ms = asked_ms + rng.within(100..=FIRST_MS);
        for _ in 0..rng.within(1..=12) {
            let readers = Rc::clone(self);
            self.shared.executor.at(at_ms, move || readers.read(number));
            at_ms += rng.within(50..=4_000);
        }
    }

    /// Returns all readers, each with all that there is to read.
    pub fn finish(&self) -> Vec<Reader> {
        let count = self.all.borrow().len();
        for number in 0..count {
            self.read(number);
        }
        self.all.borrow().clone()
    }

    fn read(&self, number: usize) {
        let mut readers = self.all.borrow_mut();
        let Some(reader) = readers.get_mut(number) else { return };
        let seen = self.objects.look(&reader.object, &reader.turn, reader.place);
        self.shared.note("reader", "looks", || format!("{} {seen:?}", reader.ask));
        for entry in seen.into_iter().flat_map(|(_, entries)| entries) {
            reader.place = entry.index;
            match entry.chunk {
                Chunk::Part => reader.parts.push(String::new()),
                Chunk::Text(text) => match reader.parts.last_mut() {
                    Some(part) => part.push_str(&text),
                    // Text of no part is judged as one that lacks its beginning.
                    None => reader.parts.push(text),
                },
                // It says nothing of the answer.
                Chunk::Step(_) => {}
                Chunk::End(end) => reader.end = Some(end),
            }
        }
    }
}
