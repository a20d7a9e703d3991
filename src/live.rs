//! Sockets on a conversation: who is told what, over a [`Room`], which is the conversation's object.
//!
//! What is said in a turn is in the conversation's log; a socket is told what lies behind the chunk that it has
//! last got, whenever a command has changed something. All that is known of a socket is its [`Listener`], which
//! the runtime keeps while the object sleeps.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | a question is asked | by a frame | the same as over HTTP: the client's id makes it one turn, see [`miyabi_app::chat`] |
//! | a turn is stopped | by a frame | a turn that has ended stays as it is |
//! | chunks are sent | after a command, and when they are asked for | each has a number, and is sent behind the last one only |
//!
//! A socket that comes while a turn runs is told of it, and gets none of it before it says from where on; turns
//! that begin later it gets from their beginning, and so it gets one that has failed and has its answer after
//! all: its clients have ended that message.
//!
//! A socket whose key was not looked up for a while is told nothing before that is done. What it lacks then is
//! known by its numbers.

mod branch;
mod hear;
mod listener;
mod show;

use serde_json::Value;

pub use self::branch::branch;
pub use self::hear::{hear, recheck};
pub use self::listener::{Follow, Listener, Progress};
use self::show::Written;
use miyabi_app::conversation::{Command, Outcome, Refusal, Reply, TurnState};
use miyabi_channels::web::numbered::Reading;
use miyabi_channels::web::socket::{Close, Standing};
use miyabi_core::conversation::Entry;
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;

/// Most sockets of one conversation. The platform takes 32,768 of an object.
pub const MAX_SOCKETS: usize = 1_024;

/// A socket.
pub trait Socket {
    /// Returns what is known of it; `None` if that cannot be read.
    fn listener(&self) -> Option<Listener>;
    /// Keeps what is known of it.
    fn keep(&self, listener: &Listener);
    /// Sends a frame. One that has gone away needs none.
    fn send(&self, frame: &str);
    /// Closes it.
    fn close(&self, why: Close, words: &str);
}

/// A conversation's object.
pub trait Room {
    /// A socket of it.
    type Socket: Socket;

    /// Returns all sockets that are open.
    fn sockets(&self) -> Vec<Self::Socket>;

    /// Carries out a command, and [`tell`]s what it has changed.
    ///
    /// # Errors
    /// A store fault: nothing was changed.
    ///
    /// # Repeats
    /// As the command.
    fn carry_out(&self, command: Command) -> Result<Reply, Fault>;
}

/// What a command has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing that anybody reads.
    Nothing,
    /// There is a turn that there was not, or one that has failed has its answer after all.
    Begun(String),
    /// More was said in a turn, or it has ended.
    Said(String),
    /// A turn was taken back.
    Gone(String),
    /// The conversation was deleted.
    Deleted,
}

/// What of a command says what it may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// It writes a turn.
    Writes,
    /// It brings the answer of a turn that has failed.
    Answers,
    /// It says something in one.
    Says,
    /// It takes one back.
    Withdraws(String),
    /// Another.
    Other,
}

impl Kind {
    /// Returns the kind of a command that is not carried out yet. `look` carries out one that reads: nothing
    /// says afterwards that a turn had failed.
    pub fn of(command: &Command, look: impl FnOnce(Command) -> Result<Reply, Fault>) -> Self {
        if let Command::Settle { submission, outcome: Outcome::Done(_), .. } = command {
            let turn = Some(submission.turn.clone());
            let seen = seen(look(Command::Look { turn, from: u64::MAX }));
            if seen.is_ok_and(|(turn, _)| turn.state == "failed") {
                return Self::Answers;
            }
        }
        if let Command::Submit(_) | Command::Begin { .. } | Command::Settle { .. } = command {
            return Self::Writes;
        }
        if let Command::Append { .. } | Command::Step { .. } | Command::Stop { .. } = command {
            return Self::Says;
        }
        if let Command::Withdraw { turn } = command {
            return Self::Withdraws(turn.clone());
        }
        Self::Other
    }

    /// Returns what a command of this kind has changed, by its reply.
    pub fn change(self, reply: &Reply) -> Change {
        match (self, reply) {
            (Self::Writes, Reply::Turn(turn) | Reply::Begun { turn, .. }) if turn.is_new => {
                Change::Begun(turn.id.clone())
            }
            (Self::Answers, Reply::Turn(turn)) if turn.state == "done" => {
                Change::Begun(turn.id.clone())
            }
            (Self::Writes | Self::Says, Reply::Turn(turn)) => Change::Said(turn.id.clone()),
            (Self::Withdraws(turn), Reply::Withdrawn) => Change::Gone(turn),
            (_, Reply::Deleted) => Change::Deleted,
            _ => Change::Nothing,
        }
    }
}

/// Tells every socket what has changed, and returns the hashes of keys for [`recheck`].
///
/// The one that asks is told after it knows its turn, and one whose key is to be looked up after that is done.
///
/// # Repeats
/// Sends what was not sent before.
pub fn tell<R: Room>(room: &R, change: &Change, asker: Option<&str>, now: Millis) -> Vec<String> {
    let mut stale: Vec<String> = Vec::new();
    if *change == Change::Nothing {
        return stale;
    }
    let mut written = Written::default();
    for socket in &room.sockets() {
        let Some(mut listener) = socket.listener() else { continue };
        if *change == Change::Deleted {
            refuse(socket, &listener);
            continue;
        }
        if let Change::Begun(turn) = change {
            if asker == Some(listener.id.as_str()) {
                continue;
            }
            listener.await_beginning(turn, None);
            socket.keep(&listener);
        }
        if listener.is_stale(now.0) {
            if !stale.contains(&listener.key) {
                stale.push(listener.key);
            }
            continue;
        }
        if let Change::Begun(turn) | Change::Said(turn) | Change::Gone(turn) = change {
            written.deliver(room, socket, &mut listener, turn);
        }
    }
    stale
}

/// Begins a socket: it is told where the conversation is.
///
/// # Repeats
/// Tells again.
pub fn greet<R: Room>(room: &R, socket: &R::Socket, listener: &Listener) {
    let (state, turn, index) = match look(room, None, listener, 0) {
        Ok(Seen { turn, chunks, .. }) => {
            let index = chunks.last().map_or(0, |(index, _)| *index);
            (state(&turn).to_owned(), Some(turn.id), index)
        }
        Err(NotSeen::Refused(Refusal::Deleted)) => return refuse(socket, listener),
        Err(NotSeen::Refused(_)) => ("idle".to_owned(), None, 0),
        Err(NotSeen::Failed) => return fail(socket, listener),
    };
    let conversation = listener.conversation.as_str();
    let standing = Standing { conversation, state: &state, turn: turn.as_deref(), index };
    send_all(socket, &listener.wire().hello(&standing));
    socket.keep(listener);
}

/// Refuses a socket for which there is no room.
pub fn turn_away(socket: &impl Socket, listener: &Listener) {
    let words = "this conversation has as many sockets as there may be; close some";
    let problem = listener.wire().problem(None, "too_many_sockets", words);
    send_all(socket, problem.as_slice());
    socket.close(Close::TryLater, words);
}

/// What was seen of a turn.
struct Seen {
    turn: TurnState,
    chunks: Vec<(u64, Value)>,
}

/// Why nothing was seen.
#[derive(Debug)]
pub enum NotSeen {
    /// It is not there, or not any more.
    Refused(Refusal),
    /// The store does not answer, which says nothing about what is there.
    Failed,
}

/// Returns a turn and the entries of its log, as they were looked at.
///
/// # Errors
/// Why there are none.
pub fn seen(reply: Result<Reply, Fault>) -> Result<(TurnState, Vec<Entry>), NotSeen> {
    match reply {
        Ok(Reply::Seen { turn, entries }) => Ok((turn, entries)),
        Ok(Reply::Refused(refusal)) => Err(NotSeen::Refused(refusal)),
        _ => Err(NotSeen::Failed),
    }
}

/// Looks at a turn, or at the newest one.
fn look<R: Room>(
    room: &R,
    turn: Option<&str>,
    listener: &Listener,
    after: u64,
) -> Result<Seen, NotSeen> {
    let look = |turn: Option<&str>, from: u64| {
        seen(room.carry_out(Command::Look { turn: turn.map(str::to_owned), from }))
    };
    let (seen, _) = look(turn, u64::MAX)?;
    let reading = Reading {
        conversation: &listener.conversation,
        turn: &seen.id,
        language: listener.language(),
        after,
    };
    let chunks = reading.chunks(|from| look(Some(&seen.id), from).map(|(_, entries)| entries))?;
    Ok(Seen { turn: seen, chunks })
}

/// Closes a socket of a conversation that was deleted.
fn refuse(socket: &impl Socket, listener: &Listener) {
    let words = "this conversation was deleted; begin a new one";
    let problem = listener.wire().problem(None, "conversation_deleted", words);
    send_all(socket, problem.as_slice());
    socket.close(Close::Deleted, words);
}

/// Closes a socket that cannot be served now.
fn fail(socket: &impl Socket, listener: &Listener) {
    let words = "the conversation does not answer; come back in a moment";
    let problem = listener.wire().problem(None, "unavailable", words);
    send_all(socket, problem.as_slice());
    socket.close(Close::Failed, words);
}

/// Closes a socket that lacks what could not be seen.
fn give_up(socket: &impl Socket, listener: &Listener, why: &NotSeen) {
    match why {
        NotSeen::Refused(Refusal::Deleted) => refuse(socket, listener),
        NotSeen::Refused(_) | NotSeen::Failed => fail(socket, listener),
    }
}

/// Returns the state of a conversation whose newest turn this is.
fn state(turn: &TurnState) -> &str {
    if turn.has_ended() { "idle" } else { &turn.state }
}

fn send_all(socket: &impl Socket, frames: &[String]) {
    frames.iter().filter(|frame| !frame.is_empty()).for_each(|frame| socket.send(frame));
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
