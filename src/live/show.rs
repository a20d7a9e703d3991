//! What a socket is told of a turn: its beginning, and the chunks that it lacks.

use serde_json::Value;

use super::{Follow, Listener, NotSeen, Room, Seen, Socket, branch};
use super::{give_up, look, send_all};
use crate::routes::api::chat::messages;
use miyabi_app::conversation::{Command, MAX_PAGE, Page, PageTurn, Refusal, Reply};
use miyabi_channels::web::agents;
use miyabi_channels::web::socket::{Chunks, Wire};

/// Number of the chunk behind all others: that of a turn which is gone.
const LAST: u64 = (1 << 53) - 1;

/// Most text of the messages that are shown at once, in bytes: the object has 128 MB for all that it does.
const MAX_HISTORY_BYTES: usize = 1024 * 1024;

/// Turns that are read at a time. Each has at most 288 KiB.
const PAGE: u32 = 10;

/// What was written for one socket, and is good for others.
#[derive(Default)]
pub(super) struct Written {
    chunks: Vec<(Draft, Vec<String>, Option<u64>)>,
    questions: Vec<(String, Option<String>)>,
    history: Option<String>,
}

/// What frames with chunks depend on.
#[derive(PartialEq, Eq)]
struct Draft {
    wire: Wire,
    language: String,
    turn: String,
    request: Option<String>,
    after: u64,
}

impl Written {
    /// Sends a socket what it lacks of a turn that it follows. Returns whether it is still open: one that cannot
    /// be served is closed, since whoever comes back is told what it lacks.
    pub(super) fn deliver<R: Room>(
        &mut self,
        room: &R,
        socket: &R::Socket,
        listener: &mut Listener,
        turn: &str,
    ) -> bool {
        match self.complete(room, socket, listener, turn) {
            Ok(()) => {}
            Err(NotSeen::Refused(refusal)) if refusal != Refusal::Deleted => {
                gone(socket, listener, turn);
            }
            Err(why) => {
                give_up(socket, listener, &why);
                return false;
            }
        }
        socket.keep(listener);
        true
    }

    fn complete<R: Room>(
        &mut self,
        room: &R,
        socket: &R::Socket,
        listener: &mut Listener,
        turn: &str,
    ) -> Result<(), NotSeen> {
        let Some(Follow { request, index, .. }) = listener.followed(turn).cloned() else {
            return Ok(());
        };
        if listener.show(turn) {
            let frame = self.beginning(room, listener.wire(), turn)?;
            send_all(socket, frame.as_slice());
        }
        let (wire, language) = (listener.wire(), listener.language.clone());
        let draft = Draft { wire, language, turn: turn.to_owned(), request, after: index };
        if let Some((_, frames, index)) = self.chunks.iter().find(|(known, ..)| *known == draft) {
            send_all(socket, frames);
            listener.read(turn, *index);
            return Ok(());
        }
        let Seen { turn: seen, chunks } = look(room, Some(turn), listener, index)?;
        let (has_ended, request) = (seen.has_ended(), draft.request.as_deref());
        let frames =
            wire.chunks(&Chunks { turn, request, chunks: &chunks, has_ended, is_replay: false });
        send_all(socket, &frames);
        let index = chunks.last().map_or(index, |(index, _)| *index);
        let index = Some(index).filter(|_| !has_ended);
        listener.read(turn, index);
        self.chunks.push((draft, frames, index));
        Ok(())
    }

    /// Returns the frame that shows the beginning of a turn, if there is one.
    fn beginning<R: Room>(
        &mut self,
        room: &R,
        wire: Wire,
        turn: &str,
    ) -> Result<Option<String>, NotSeen> {
        if wire == Wire::Agents {
            // All messages, which its clients show in place of theirs.
            if self.history.is_none() {
                self.history = Some(history(room)?);
            }
            return Ok(self.history.clone());
        }
        if let Some((_, frame)) = self.questions.iter().find(|(known, _)| known == turn) {
            return Ok(frame.clone());
        }
        let message = question(room, turn)?;
        let frame = message.and_then(|message| wire.question(turn, &message));
        self.questions.push((turn.to_owned(), frame.clone()));
        Ok(frame)
    }
}

/// Ends a turn that is not there any more, for who follows it.
fn gone(socket: &impl Socket, listener: &mut Listener, turn: &str) {
    let Some(Follow { request, .. }) = listener.followed(turn).cloned() else { return };
    let chunks = [(LAST, serde_json::json!({ "type": "abort", "reason": "gone" }))];
    let (chunks, request) = (&chunks[..], request.as_deref());
    let chunks = Chunks { turn, request, chunks, has_ended: true, is_replay: false };
    send_all(socket, &listener.wire().chunks(&chunks));
    listener.read(turn, None);
}

/// Sends all messages of the newest turns.
pub(super) fn tell_history<R: Room>(room: &R, socket: &R::Socket, listener: &Listener) {
    match history(room) {
        Ok(frame) => socket.send(&frame),
        Err(why) => give_up(socket, listener, &why),
    }
}

/// Returns the frame with the messages of the newest turns, as many as are shown at once.
fn history<R: Room>(room: &R) -> Result<String, NotSeen> {
    let (mut turns, mut bytes) = (Vec::new(), 0_usize);
    let (mut before, most) = (None, usize::try_from(MAX_PAGE).unwrap_or(usize::MAX));
    'pages: loop {
        let page = page(room, before, PAGE)?;
        for turn in page.turns {
            bytes += turn.question.len() + turn.answer.as_ref().map_or(0, String::len);
            if bytes > MAX_HISTORY_BYTES || turns.len() >= most {
                break 'pages;
            }
            turns.push(turn);
        }
        before = page.cursor;
        if before.is_none() {
            break;
        }
    }
    Ok(agents::messages(&branch(&turns)))
}

/// Returns the question of a turn, which is one of the newest, as a message.
fn question<R: Room>(room: &R, turn: &str) -> Result<Option<Value>, NotSeen> {
    let of = |turns: Vec<PageTurn>| turns.into_iter().find(|known| known.id == turn);
    // Mostly it is the newest one.
    let found = match of(page(room, None, 1)?.turns) {
        None => of(page(room, None, PAGE)?.turns),
        newest => newest,
    };
    // Where it is asked once more, it is known.
    let mut messages = found.iter().flat_map(messages);
    Ok(messages.find(|it| it.get("role").is_some_and(|role| role == "user")))
}

fn page<R: Room>(room: &R, before: Option<u64>, limit: u32) -> Result<Page, NotSeen> {
    match room.carry_out(Command::Read { before, limit }) {
        Ok(Reply::Page(page)) => Ok(page),
        Ok(Reply::Refused(refusal)) => Err(NotSeen::Refused(refusal)),
        _ => Err(NotSeen::Failed),
    }
}
