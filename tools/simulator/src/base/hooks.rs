//! The calls that services make to the composition: to run the program's code, and to handle a crash.

use std::rc::Rc;

use serde_json::Value;

use super::actor::Actor;

/// Runs the program's code when a service says that it is time. The world implements it; services reach it
/// through [`super::shared::Shared::hooks`] and so import nothing of what is composed of them.
pub trait Hooks {
    /// A question arrives at the program.
    fn accept(&self, question: usize);

    /// The asker of a question wants something else.
    fn wish(&self, question: usize, wish: Wish);

    /// The engine begins a run of a Workflow instance; `number` counts the runs of the instance from 1.
    fn run_instance(&self, instance: &str, params: &Value, number: u32);

    /// The queue delivers a message, or the dead-letter queue does.
    fn consume(&self, delivery: Delivery);

    /// The cron trigger fires.
    fn sweep(&self);

    /// WhatsApp tells what became of a message that was sent with a tag, after so many tries.
    fn told_of(&self, message: &str, tag: &str, tries: u64);

    /// Returns whether a run of the program may still die.
    fn may_crash(&self, actor: &Actor) -> bool;

    /// A run of the program has died.
    fn crashed(&self, actor: &Rc<Actor>);
}

/// What somebody wants who has asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// No more of the answer, on the web.
    Stop,
    /// That the conversation is gone, on the web.
    Delete,
    /// No answer to any of their questions, on Discord.
    Cancel,
    /// That everything is deleted that is kept of them.
    Erase,
    /// To decide whether something may be done outside.
    Decide(Press),
    /// To have the answer written once more, by its button.
    Regenerate(Presser),
    /// No reminder that was set by the question, on Discord.
    Withdraw,
}

/// Who presses a button below an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presser {
    /// Who asked.
    Asker,
    /// A moderator of the server.
    Moderator,
    /// Somebody else, by a client of their own.
    Stranger,
}

/// A button that is pressed below a question to the asker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Press {
    /// Whether it is the one that approves.
    pub approves: bool,
    /// Whether somebody else presses it, by a client of their own.
    pub is_stranger: bool,
    /// Generation of the job that asks.
    pub generation: u32,
    /// Ordinal of the model call after which it asks.
    pub ordinal: u32,
}

/// A delivery of a message of the queue.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Number of the message.
    pub message: usize,
    /// Message.
    pub body: Value,
    /// Whether the dead-letter queue delivers it.
    pub is_dead: bool,
}
