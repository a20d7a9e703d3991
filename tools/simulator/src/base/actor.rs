//! A run of the program: an isolate with one job to do, which can die.

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use super::executor::TaskId;

/// A run of the program.
#[derive(Debug)]
pub struct Actor {
    /// What it does.
    pub role: Role,
    /// Name for the trace.
    pub name: String,
    /// Number of the question it is about, if it is about one.
    pub ask: Option<usize>,
    /// When it began.
    pub began_ms: u64,
    /// When the current attempt of a step began.
    pub attempt_began_ms: Cell<u64>,
    /// Name of the current step, for the trace.
    pub step: RefCell<Rc<str>>,
    /// Its tasks: they die together.
    pub tasks: RefCell<Vec<TaskId>>,
    /// Whether the engine ended this run: it may do nothing any more.
    pub is_aborted: Cell<bool>,
    /// Whether a fault or a crash came in its way.
    pub is_hurt: Cell<bool>,
    /// When it died, or the engine ended it, if that was so.
    pub died_ms: Cell<Option<u64>>,
    /// Whether it crashed: whoever has to know was told.
    pub has_crashed: Cell<bool>,
    /// Whether it came to its end.
    pub has_ended: Cell<bool>,
    /// Difference of its clock to the true one, in milliseconds.
    pub skew_ms: i64,
}

/// What a run of the program is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Replies to an interaction.
    Request,
    /// Runs a Workflow instance.
    Generation {
        /// Instance.
        instance: String,
    },
    /// Handles a message of the queue.
    Consumer {
        /// Message.
        message: usize,
    },
    /// Is the watchdog's round.
    Cron,
}

impl Actor {
    /// Returns a run that begins now.
    pub fn new(role: Role, name: String, ask: Option<usize>, now_ms: u64, skew_ms: i64) -> Self {
        Self {
            role,
            name,
            ask,
            began_ms: now_ms,
            attempt_began_ms: Cell::new(now_ms),
            step: RefCell::new(Rc::from("")),
            tasks: RefCell::default(),
            is_aborted: Cell::new(false),
            is_hurt: Cell::new(false),
            died_ms: Cell::default(),
            has_crashed: Cell::new(false),
            has_ended: Cell::new(false),
            skew_ms,
        }
    }

    /// Returns which generation of its job it is, if it is one.
    pub fn generation(&self) -> Option<u32> {
        let Role::Generation { instance } = &self.role else { return None };
        let name = instance.split('#').next().unwrap_or_default();
        Some(name.split_once('_').and_then(|(_, generation)| generation.parse().ok()).unwrap_or(1))
    }

    /// Returns whether it came to its end, and nothing was in its way.
    pub fn came_through(&self) -> bool {
        self.has_ended.get() && !self.is_hurt.get()
    }
}
