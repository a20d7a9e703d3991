//! Conversations, each of them a long one: whoever asks in one has its older turns summarized after the
//! answer. Commands fail before or after they are carried out, and take their time.

use std::rc::Rc;

use miyabi_ai::history::Exchange;
use miyabi_app::conversation::{Command, OldTurns, Refusal, Reply, TurnState};
use miyabi_app::facts;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ids::Millis;

use crate::base::run::Run;
use crate::base::shared::Shared;

/// Longest wait for a reply, in milliseconds: longer than the program waits.
const TIMEOUT_MS: u64 = 10_000;

/// The objects of one seed. What they remember is the same each time.
#[derive(Debug)]
pub struct Conversations {
    shared: Rc<Shared>,
}

impl Conversations {
    /// Returns the objects of a seed.
    pub fn new(shared: &Rc<Shared>) -> Self {
        Self { shared: Rc::clone(shared) }
    }

    /// Sends a command.
    ///
    /// # Errors
    /// [`StoreError::Failed`], and [`StoreError::Row`] for what is no command.
    pub async fn converse(&self, run: &Run, command: &str) -> Result<String, Fault> {
        let shared = &self.shared;
        let is_lost = shared.strikes(shared.plan.store.fails_after);
        if is_lost {
            run.fault("conversation silent");
        }
        let unreadable = |_error| StoreError::Row { statement: "conversation::command" };
        let command: Command = serde_json::from_str(command).map_err(unreadable)?;
        let reply = serde_json::to_string(&reply(command)).map_err(unreadable)?;
        let reply = run.call(shared.usual(60), TIMEOUT_MS, move || reply).await;
        let reply = reply.filter(|_| !is_lost);
        reply.ok_or_else(|| StoreError::Failed { statement: "conversation::converse" }.into())
    }
}

fn reply(command: Command) -> Reply {
    match command {
        Command::Begin { submission, generation, .. } => Reply::Begun {
            turn: turn(submission.turn, generation),
            context: Vec::new(),
            asked: Vec::new(),
            summary: None,
            is_long: true,
        },
        Command::Settle { submission, generation, .. } => {
            Reply::Turn(turn(submission.turn, generation))
        }
        Command::Old { .. } => Reply::Old(Some(OldTurns {
            after: 0,
            until: 1,
            since: Millis(0),
            summary: None,
            turns: vec![Exchange { question: "Where?".to_owned(), answer: "Here.".to_owned() }],
        })),
        Command::Summarize { .. } => Reply::Summarized,
        Command::Facts(_) => Reply::Facts(facts::Reply::Recalled(facts::Recalled::default())),
        Command::Submit(_)
        | Command::Append { .. }
        | Command::Stop { .. }
        | Command::Withdraw { .. }
        | Command::Look { .. }
        | Command::Wait { .. }
        | Command::Read { .. }
        | Command::Unlearn { .. }
        | Command::Delete => Reply::Refused(Refusal::Unknown),
    }
}

fn turn(id: String, generation: u32) -> TurnState {
    TurnState {
        id,
        state: "running".to_owned(),
        question: String::new(),
        answer: None,
        notice: None,
        messages: 1,
        generation,
        is_new: false,
    }
}
