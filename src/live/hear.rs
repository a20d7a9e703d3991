//! What a socket says, and what is done about it.

use super::{Beginning, NotSeen, Room, Seen, Socket, Written};
use super::{Listener, branch, deliver, fail, look, refuse, send_all, state, turns};
use crate::routes::api::chat::changes;
use crate::routes::api::credentials;
use crate::routes::api::submit::{not_asked, prepare, refused_submission};
use miyabi_app::chat::{self, NotAsked};
use miyabi_app::conversation::{Command, MAX_PAGE, Refusal, Reply, TurnState};
use miyabi_app::keys;
use miyabi_channels::web::agents;
use miyabi_channels::web::socket::{Asked, BadFrame, Chunks, Close, Frame, MAX_FRAME_BYTES, Wire};
use miyabi_channels::web::transport::Web;
use miyabi_core::key::{Access, Scope};
use miyabi_core::ports::{Clock, Host, Sql};
use miyabi_core::problem::Problem;

/// Does what a frame says. `None` is one that is no text. What is wrong with it closes its own socket alone.
///
/// # Repeats
/// See the table of [`super`].
pub async fn hear<R: Room, H: Host + Clone + 'static>(
    room: &R,
    host: &H,
    socket: &R::Socket,
    text: Option<&str>,
) {
    let Some(mut listener) = socket.listener() else {
        return socket.close(Close::Failed, "come back");
    };
    if listener.is_flooding(host.now().0) {
        return bad(socket, &listener, Close::BadFrame, "too many frames in a second");
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
        Ok(Frame::Messages) => socket.send(&agents::messages(&branch(&turns(room, MAX_PAGE)))),
        Ok(Frame::Probe(probe)) => {
            let seen = look(room, None, &listener, u64::MAX).ok();
            let running = seen.filter(|seen| !seen.turn.has_ended()).map(|seen| seen.turn.id);
            socket.send(&agents::resuming(running.as_deref(), probe.as_deref()));
        }
        Ok(Frame::Resume { turn, after }) => resume(room, socket, listener, &turn, after),
        Ok(Frame::Stop(id)) => stop(room, host, socket, listener, &id).await,
        Ok(Frame::Ask(asked)) => ask(room, host, socket, listener, asked).await,
    }
}

/// Looks the keys with these hashes up, and closes the sockets of those that do not count any more.
///
/// # Repeats
/// Looks again.
pub async fn recheck<R: Room>(room: &R, host: &(impl Sql + Clock), hashes: Vec<String>) {
    for hash in hashes {
        let Ok(principal) = keys::principal_of(host, &hash).await else { continue };
        let may_read = principal.is_some_and(|it| it.scopes.grant(Scope::Chat, Access::Read));
        for socket in room.sockets() {
            let Some(mut listener) = socket.listener().filter(|it| it.key == hash) else {
                continue;
            };
            if may_read {
                listener.checked_ms = host.now().0;
                socket.keep(&listener);
            } else {
                problem(&socket, &listener, None, &credentials::invalid());
            }
        }
    }
}

/// Asks a question as over HTTP, tells its client which turn it is, and sends what there is of it.
async fn ask<R: Room, H: Host + Clone + 'static>(
    room: &R,
    host: &H,
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
        authorize(host, &listener).await.map_err(Denied::Problem)?;
        let mut submitted =
            submission.map_err(|error| Denied::Problem(refused_submission(error)))?;
        submitted.conversation = Some(listener.conversation.clone());
        let key = is_keyed.then(|| format!("request {id}"));
        let prepared = prepare(host, &listener.owner, submitted, key);
        let (place, submission) = prepared.map_err(Denied::Problem)?;
        let language = listener.language();
        chat::ask(host, &Web, &place, submission, language).await.map_err(Denied::NotAsked)
    };
    let outcome = outcome.await;
    // It may have read more, and stopped the question, meanwhile.
    let Some(mut listener) = socket.listener() else { return };
    let is_stopped = listener.end_asking(&id);
    socket.keep(&listener);
    match outcome {
        Ok(turn) => {
            begin(room, socket, listener, &id, &turn);
            if is_stopped {
                // It has ended, or is gone: nothing else can be wrong with it.
                let _ended = room.carry_out(Command::Stop { turn: turn.id });
            }
        }
        Err(Denied::NotAsked(NotAsked::Deleted | NotAsked::Refused(Refusal::Deleted))) => {
            refuse(socket, &listener);
        }
        Err(Denied::NotAsked(why)) => problem(socket, &listener, Some(&id), &not_asked(why)),
        Err(Denied::Problem(denied)) => problem(socket, &listener, Some(&id), &denied),
    }
}

/// Why a question was not asked.
enum Denied {
    NotAsked(NotAsked),
    Problem(Problem),
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
    if wire == Wire::Own {
        Beginning::of(&turn.id).show(room, socket, wire);
    }
    listener.follow(&turn.id, Some(id.to_owned()), 0);
    deliver(room, socket, &mut listener, &turn.id, &mut Written::default());
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
    host: &impl Sql,
    socket: &R::Socket,
    mut listener: Listener,
    id: &str,
) {
    if listener.stop_asking(id) {
        return socket.keep(&listener);
    }
    let denied = match changes(&listener.conversation) {
        Ok(()) => authorize(host, &listener).await.err(),
        Err(elsewhere) => Some(elsewhere),
    };
    if let Some(denied) = denied {
        return problem(socket, &listener, None, &denied);
    }
    match room.carry_out(Command::Stop { turn: listener.meant(id) }) {
        Ok(Reply::Turn(_)) => {}
        Ok(Reply::Refused(Refusal::Deleted)) => refuse(socket, &listener),
        Ok(_) => unknown_turn(socket, &listener, id),
        Err(_) => fail(socket, &listener),
    }
}

/// Returns whether who has opened a socket may still write: each frame that does something is looked at, as
/// each request is.
async fn authorize(host: &impl Sql, listener: &Listener) -> Result<(), Problem> {
    let principal = keys::principal_of(host, &listener.key).await?;
    let principal = principal.ok_or_else(credentials::invalid)?;
    credentials::demand(&principal, Scope::Chat, Access::Write)
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

fn bad(socket: &impl Socket, listener: &Listener, why: Close, words: &str) {
    send_all(socket, listener.wire().problem(None, "bad_frame", words).as_slice());
    socket.close(why, words);
}
