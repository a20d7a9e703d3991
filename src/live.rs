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
//! that begin later it gets from their beginning.

mod branch;
mod hear;
mod listener;

use serde_json::Value;

pub use self::branch::branch;
pub use self::hear::{hear, recheck};
pub use self::listener::{Follow, Listener, Progress};
use crate::routes::api::chat::messages;
use miyabi_app::conversation::{Command, MAX_PAGE, PageTurn, Refusal, Reply, TurnState};
use miyabi_channels::web::agents;
use miyabi_channels::web::numbered::Reading;
use miyabi_channels::web::socket::{Chunks, Close, Standing, Wire};
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;

/// Most sockets of one conversation. The platform takes 32,768 of an object.
pub const MAX_SOCKETS: usize = 1_024;

/// Number of the chunk behind all others: that of a turn which is gone.
const LAST: u64 = (1 << 53) - 1;

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
    /// There is a turn that there was not.
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
    /// It says something in one.
    Says,
    /// It takes one back.
    Withdraws(String),
    /// Another.
    Other,
}

impl Kind {
    /// Returns the kind of a command.
    pub fn of(command: &Command) -> Self {
        if let Command::Submit(_) | Command::Begin { .. } | Command::Settle { .. } = command {
            return Self::Writes;
        }
        if let Command::Append { .. } | Command::Stop { .. } = command {
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
            (Self::Writes | Self::Says, Reply::Turn(turn)) => Change::Said(turn.id.clone()),
            (Self::Withdraws(turn), Reply::Withdrawn) => Change::Gone(turn),
            (_, Reply::Deleted) => Change::Deleted,
            _ => Change::Nothing,
        }
    }
}

/// Tells every socket what has changed, but for the one that asks, which is told after it knows its turn.
/// Returns the hashes of the keys that are to be looked up again.
///
/// # Repeats
/// Sends what was not sent before.
pub fn tell<R: Room>(room: &R, change: &Change, asker: Option<&str>, now: Millis) -> Vec<String> {
    let mut stale: Vec<String> = Vec::new();
    if *change == Change::Nothing {
        return stale;
    }
    let sockets = room.sockets();
    if sockets.is_empty() {
        return stale;
    }
    let (mut written, mut beginning) = (Written::default(), None);
    for socket in &sockets {
        let Some(mut listener) = socket.listener() else { continue };
        if listener.is_stale(now.0) && !stale.contains(&listener.key) {
            stale.push(listener.key.clone());
        }
        match change {
            Change::Nothing => {}
            Change::Begun(_) if asker == Some(listener.id.as_str()) => {}
            Change::Begun(turn) => {
                let beginning = beginning.get_or_insert_with(|| Beginning::of(turn));
                beginning.show(room, socket, listener.wire());
                listener.follow(turn, None, 0);
                deliver(room, socket, &mut listener, turn, &mut written);
            }
            Change::Said(turn) => deliver(room, socket, &mut listener, turn, &mut written),
            Change::Gone(turn) => gone(socket, &mut listener, turn),
            Change::Deleted => refuse(socket, &listener),
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
enum NotSeen {
    Refused(Refusal),
    Failed,
}

/// Looks at a turn, or at the newest one.
fn look<R: Room>(
    room: &R,
    turn: Option<&str>,
    listener: &Listener,
    after: u64,
) -> Result<Seen, NotSeen> {
    let look = |turn: Option<&str>, from: u64| {
        let look = Command::Look { turn: turn.map(str::to_owned), from };
        match room.carry_out(look) {
            Ok(Reply::Seen { turn, entries }) => Ok((turn, entries)),
            Ok(Reply::Refused(refusal)) => Err(NotSeen::Refused(refusal)),
            _ => Err(NotSeen::Failed),
        }
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

/// Frames that were written for one socket, and are good for others that are as far.
#[derive(Default)]
struct Written(Vec<(Draft, Vec<String>, Option<u64>)>);

/// What frames depend on.
#[derive(PartialEq, Eq)]
struct Draft {
    wire: Wire,
    language: String,
    request: Option<String>,
    after: u64,
}

/// Sends a socket what it lacks of a turn that it follows.
fn deliver<R: Room>(
    room: &R,
    socket: &R::Socket,
    listener: &mut Listener,
    turn: &str,
    written: &mut Written,
) {
    let Some(Follow { request, index, .. }) = listener.followed(turn).cloned() else { return };
    let (wire, language) = (listener.wire(), listener.language.clone());
    let draft = Draft { wire, language, request, after: index };
    let known = written.0.iter().find(|(known, ..)| *known == draft);
    if let Some((_, frames, index)) = known {
        send_all(socket, frames);
        listener.read(turn, *index);
        return socket.keep(listener);
    }
    let Ok(Seen { turn: seen, chunks }) = look(room, Some(turn), listener, index) else {
        return gone(socket, listener, turn);
    };
    let (has_ended, request) = (seen.has_ended(), draft.request.as_deref());
    let frames =
        wire.chunks(&Chunks { turn, request, chunks: &chunks, has_ended, is_replay: false });
    send_all(socket, &frames);
    let index = chunks.last().map_or(index, |(index, _)| *index);
    let index = Some(index).filter(|_| !has_ended);
    listener.read(turn, index);
    socket.keep(listener);
    written.0.push((draft, frames, index));
}

/// Ends a turn that is not there any more, for who follows it.
fn gone(socket: &impl Socket, listener: &mut Listener, turn: &str) {
    let Some(Follow { request, .. }) = listener.followed(turn).cloned() else { return };
    let chunks = [(LAST, serde_json::json!({ "type": "abort", "reason": "gone" }))];
    let (chunks, request) = (&chunks[..], request.as_deref());
    let chunks = Chunks { turn, request, chunks, has_ended: true, is_replay: false };
    send_all(socket, &listener.wire().chunks(&chunks));
    listener.read(turn, None);
    socket.keep(listener);
}

/// How the beginning of a turn is shown; what is written for one socket is good for all of its wire.
struct Beginning<'a> {
    turn: &'a str,
    own: Option<Vec<String>>,
    agents: Option<String>,
}

impl<'a> Beginning<'a> {
    const fn of(turn: &'a str) -> Self {
        Self { turn, own: None, agents: None }
    }

    fn show<R: Room>(&mut self, room: &R, socket: &R::Socket, wire: Wire) {
        if wire == Wire::Agents {
            // All messages, which its clients show in place of theirs.
            let write = || agents::messages(&branch(&turns(room, MAX_PAGE)));
            return socket.send(self.agents.get_or_insert_with(write));
        }
        let turn = self.turn;
        let write = || {
            let turns = turns(room, 1);
            let newest = turns.iter().filter(|known| known.id == turn);
            // Where it is asked once more, it is known.
            let mut messages = newest.flat_map(messages);
            let message = messages.find(|it| it.get("role").is_some_and(|role| role == "user"));
            message.and_then(|message| wire.question(turn, &message)).into_iter().collect()
        };
        send_all(socket, self.own.get_or_insert_with(write));
    }
}

/// Returns the newest turns.
fn turns<R: Room>(room: &R, limit: u32) -> Vec<PageTurn> {
    match room.carry_out(Command::Read { before: None, limit }) {
        Ok(Reply::Page(page)) => page.turns,
        _ => Vec::new(),
    }
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
