//! What a socket says, and what is done about it.

use super::show::tell_history;
use super::{Listener, NotSeen, Room, Seen, Socket, Written};
use super::{fail, give_up, look, refuse, send_all, state};
use crate::routes::api::chat::may_stop;
use crate::routes::api::credentials;
use crate::routes::api::submit::{self, Begun, Denied, Sender, refused_submission};
use miyabi_app::chat::NotAsked;
use miyabi_app::conversation::{Command, Refusal, Reply, TurnState};
use miyabi_app::keys;
use miyabi_channels::web::agents;
use miyabi_channels::web::socket::{Asked, BadFrame, Chunks, Close, Frame, MAX_FRAME_BYTES, Wire};
use miyabi_core::config::Settings;
use miyabi_core::key::{Access, Scope};
use miyabi_core::ports::{Clock, Host, Sql};
use miyabi_core::problem::Problem;

const TOO_MANY: &str = "too many frames in a second";

/// Frames as which one counts that asks for all messages.
const HISTORY_FRAMES: u32 = 5;

/// Does what a frame says. `None` is one that is no text. What is wrong with it closes its own socket alone.
///
/// # Repeats
/// See the table of [`super`].
pub async fn hear<R: Room, H: Host + Clone + 'static>(
    room: &R,
    (host, settings): (&H, &Settings),
    socket: &R::Socket,
    text: Option<&str>,
) {
    let Some(mut listener) = socket.listener() else {
        return socket.close(Close::Failed, "come back");
    };
    let now = host.now().0;
    if listener.is_flooding(1, now) {
        return bad(socket, &listener, Close::BadFrame, TOO_MANY);
    }
    socket.keep(&listener);
    let Some(text) = text else {
        return bad(socket, &listener, Close::BadFrame, "a frame is text");
    };
    if text.len() > MAX_FRAME_BYTES {
        return bad(socket, &listener, Close::TooLong, "a frame has at most 1 MiB");
    }
    match listener.wire().read(text) {
        Err(BadFrame(words)) => bad(socket, &listener, Close::BadFrame, words),
        Ok(Frame::Reply(reply)) => send_all(socket, &[reply]),
        Ok(Frame::Messages) if listener.is_flooding(HISTORY_FRAMES - 1, now) => {
            bad(socket, &listener, Close::BadFrame, TOO_MANY);
        }
        Ok(frame @ (Frame::Messages | Frame::Probe(_) | Frame::Resume { .. })) => {
            socket.keep(&listener);
            read(room, host, socket, &listener, frame).await;
        }
        Ok(Frame::Stop(id)) => stop(room, host, socket, listener, &id).await,
        Ok(Frame::Ask(asked)) => ask(room, (host, settings), socket, listener, asked).await,
    }
}

/// Looks the keys with these hashes up, closes the sockets of those that do not count any more, and sends the
/// others what they were not told meanwhile.
///
/// # Repeats
/// Looks again, and sends what was not sent before.
pub async fn recheck<R: Room>(room: &R, host: &(impl Sql + Clock), hashes: Vec<String>) {
    for hash in hashes {
        let found = keys::principal_of(host, &hash).await;
        let may_read = found
            .map(|found| found.is_some_and(|it| it.scopes.grant(Scope::Chat, Access::Read)))
            .map_err(Problem::from);
        let (now, mut written) = (host.now().0, Written::default());
        for socket in room.sockets() {
            let Some(mut listener) = socket.listener().filter(|it| it.key == hash) else {
                continue;
            };
            match &may_read {
                Ok(false) => problem(&socket, &listener, None, &credentials::invalid()),
                // Another look-up has found it meanwhile, and sent what there was.
                _ if !listener.is_stale(now) => {}
                Ok(true) => {
                    listener.checked_ms = now;
                    socket.keep(&listener);
                    let turns = listener.turns();
                    // None behind one that has closed it.
                    let _is_open = turns
                        .iter()
                        .all(|turn| written.deliver(room, &socket, &mut listener, turn));
                }
                Err(why) => later(&socket, &listener, why),
            }
        }
    }
}

/// Tells what is there, if who reads still may.
async fn read<R: Room>(
    room: &R,
    host: &impl Sql,
    socket: &R::Socket,
    listener: &Listener,
    frame: Frame,
) {
    if let Err(denied) = authorize(host, listener, Access::Read).await {
        // Who waits for what it has asked for would wait for ever.
        return if denied.status >= 500 {
            later(socket, listener, &denied);
        } else {
            problem(socket, listener, None, &denied);
        };
    }
    // It may have been told more meanwhile.
    let Some(listener) = socket.listener() else { return };
    match frame {
        Frame::Probe(probe) => {
            let running = match look(room, None, &listener, u64::MAX) {
                Ok(seen) => Some(seen.turn).filter(|turn| !turn.has_ended()),
                Err(NotSeen::Refused(Refusal::Unknown)) => None,
                Err(why) => return give_up(socket, &listener, &why),
            };
            let running = running.as_ref().map(|turn| turn.id.as_str());
            socket.send(&agents::resuming(running, probe.as_deref()));
        }
        Frame::Resume { turn, after } => resume(room, socket, listener, &turn, after),
        Frame::Messages | Frame::Ask(_) | Frame::Stop(_) | Frame::Reply(_) => {
            tell_history(room, socket, &listener);
        }
    }
}

/// Asks a question as over HTTP, tells its client which turn it is, and sends what there is of it.
async fn ask<R: Room, H: Host + Clone + 'static>(
    room: &R,
    (host, settings): (&H, &Settings),
    socket: &R::Socket,
    mut listener: Listener,
    asked: Asked,
) {
    let Asked { id, submission, is_keyed } = asked;
    if !listener.begin_asking(&id, host.now().0) {
        let detail = "wait until one of your questions on this socket is taken";
        let crowded = Problem::new(429, "too_many_questions", detail);
        return problem(socket, &listener, Some(&id), &crowded);
    }
    socket.keep(&listener);
    let outcome = async {
        authorize(host, &listener, Access::Write).await?;
        let mut submitted = submission.map_err(refused_submission)?;
        submitted.conversation = Some(listener.conversation.clone());
        let key = is_keyed.then(|| format!("request {id}"));
        let sender = Sender { owner: &listener.owner, language: listener.language() };
        submit::ask(host, settings, sender, submitted, key).await
    };
    let outcome = outcome.await;
    // It may have read more, and stopped the question, meanwhile.
    let Some(mut listener) = socket.listener() else { return };
    let is_stopped = listener.end_asking(&id);
    socket.keep(&listener);
    match outcome {
        Ok(Begun { turn, .. }) => {
            begin(room, socket, listener, &id, &turn);
            if is_stopped {
                // It has ended, or is gone: nothing else can be wrong with it.
                let _ended = room.carry_out(Command::Stop { turn: turn.id });
            }
        }
        Err(Denied::NotAsked(NotAsked::Deleted | NotAsked::Refused(Refusal::Deleted))) => {
            refuse(socket, &listener);
        }
        Err(denied) => problem(socket, &listener, Some(&id), &denied.into()),
    }
}

/// Tells who has asked which turn it is, and sends what there is of it.
fn begin<R: Room>(
    room: &R,
    socket: &R::Socket,
    mut listener: Listener,
    id: &str,
    turn: &TurnState,
) {
    let wire = listener.wire();
    send_all(socket, wire.ack(id, &turn.id).as_slice());
    if listener.followed(&turn.id).is_some() {
        return;
    }
    let request = Some(id.to_owned());
    if wire == Wire::Own {
        listener.await_beginning(&turn.id, request);
    } else {
        // It shows its own question.
        listener.follow(&turn.id, request, 0);
    }
    Written::default().deliver(room, socket, &mut listener, &turn.id);
}

fn resume<R: Room>(room: &R, socket: &R::Socket, mut listener: Listener, turn: &str, after: u64) {
    let wire = listener.wire();
    let Seen { turn: seen, chunks } = match look(room, Some(turn), &listener, after) {
        Ok(seen) => seen,
        Err(NotSeen::Refused(Refusal::Deleted)) => return refuse(socket, &listener),
        Err(NotSeen::Refused(_)) => return unknown_turn(socket, &listener, turn),
        Err(NotSeen::Failed) => return fail(socket, &listener),
    };
    let has_ended = seen.has_ended();
    let frames = Chunks { turn, request: None, chunks: &chunks, has_ended, is_replay: true };
    send_all(socket, &wire.chunks(&frames));
    let index = chunks.last().map_or(after, |(index, _)| *index);
    send_all(socket, wire.resumed(turn, state(&seen), index).as_slice());
    if has_ended {
        listener.read(turn, None);
    } else {
        listener.follow(turn, None, index);
    }
    socket.keep(&listener);
}

async fn stop<R: Room>(
    room: &R,
    host: &(impl Sql + Clock),
    socket: &R::Socket,
    mut listener: Listener,
    id: &str,
) {
    if listener.stop_asking(id, host.now().0) {
        return socket.keep(&listener);
    }
    let turn = listener.meant(id);
    let denied = match may_stop(&listener.conversation, &turn) {
        Ok(()) => authorize(host, &listener, Access::Write).await.err(),
        Err(elsewhere) => Some(elsewhere),
    };
    if let Some(denied) = denied {
        return problem(socket, &listener, None, &denied);
    }
    match room.carry_out(Command::Stop { turn }) {
        Ok(Reply::Turn(_)) => {}
        Ok(Reply::Refused(Refusal::Deleted)) => refuse(socket, &listener),
        Ok(_) => unknown_turn(socket, &listener, id),
        Err(_) => fail(socket, &listener),
    }
}

/// Returns whether who has opened a socket may still do this: each frame that does something is looked at, as
/// each request is.
async fn authorize(host: &impl Sql, listener: &Listener, access: Access) -> Result<(), Problem> {
    let principal = keys::principal_of(host, &listener.key).await?;
    let principal = principal.ok_or_else(credentials::invalid)?;
    credentials::demand(&principal, Scope::Chat, access)
}

fn unknown_turn(socket: &impl Socket, listener: &Listener, turn: &str) {
    let unknown = Problem::new(404, "unknown_turn", "the conversation has no turn of this id");
    let (code, words) = (unknown.code, unknown.detail.as_str());
    // A client of the other wire waits for the end of what it named.
    let id = Some(turn).filter(|_| listener.wire() == Wire::Agents);
    send_all(socket, listener.wire().problem(id, code, words).as_slice());
}

/// Says what is wrong, and closes the socket where its key is no more.
fn problem(socket: &impl Socket, listener: &Listener, id: Option<&str>, problem: &Problem) {
    let frame = listener.wire().problem(id, problem.code, &problem.detail);
    send_all(socket, frame.as_slice());
    if problem.status == 401 {
        socket.close(Close::NoKey, &problem.detail);
    }
}

/// Says that a socket cannot be served now, and closes it.
fn later(socket: &impl Socket, listener: &Listener, why: &Problem) {
    problem(socket, listener, None, why);
    socket.close(Close::TryLater, "come back in a moment");
}

fn bad(socket: &impl Socket, listener: &Listener, why: Close, words: &str) {
    send_all(socket, listener.wire().problem(None, "bad_frame", words).as_slice());
    socket.close(why, words);
}
