//! Bodies that arrive in pieces: a model's words as server-sent events, or the page's news.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::http::{Content, Reply};
use crate::state::Lab;

/// How a streamed answer arrives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Pace {
    /// Characters of text in each event; 12 if it is 0.
    pub(crate) chars: usize,
    /// Bytes of each piece on the wire, wherever they cut an event or a letter; 0 is a piece per event.
    pub(crate) bytes: usize,
    /// Wait between two pieces.
    pub(crate) pause_ms: u64,
    /// The body ends after so many events, as if that were all.
    pub(crate) ends_after: Option<usize>,
    /// The connection breaks after so many events.
    pub(crate) breaks_after: Option<usize>,
    /// After so many events comes one that says that the service failed.
    pub(crate) fails_after: Option<usize>,
}

impl Pace {
    /// Cuts a text as this pace has it; an empty text is no piece.
    pub(crate) fn cut(&self, text: &str) -> Vec<String> {
        let most = if self.chars == 0 { 12 } else { self.chars };
        let letters: Vec<char> = text.chars().collect();
        letters.chunks(most).map(|chunk| chunk.iter().collect()).collect()
    }
}

/// A body that is sent piece by piece.
#[derive(Debug, Clone)]
pub(crate) struct Pieces {
    list: Vec<Bytes>,
    pause: Duration,
    is_broken: bool,
}

impl Pieces {
    /// Events in a pace; `failure` is the event that tells of one, if the pace asks for it.
    pub(crate) fn new(
        mut events: Vec<String>,
        pace: &Pace,
        failure: impl FnOnce() -> String,
    ) -> Self {
        if let Some(count) = pace.fails_after {
            events.truncate(count);
            events.push(failure());
        }
        let cut = pace.ends_after.or(pace.breaks_after);
        events.truncate(cut.unwrap_or(usize::MAX));
        let list = if pace.bytes == 0 {
            events.into_iter().map(Bytes::from).collect()
        } else {
            let whole = events.concat().into_bytes();
            whole.chunks(pace.bytes).map(Bytes::copy_from_slice).collect()
        };
        let pause = Duration::from_millis(pace.pause_ms);
        Self { list, pause, is_broken: pace.ends_after.is_none() && pace.breaks_after.is_some() }
    }

    /// All of it, as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.list.concat()).into_owned()
    }
}

/// The connection ends in the middle of a body.
#[derive(Debug)]
pub(crate) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("connection cut")
    }
}

impl std::error::Error for Broken {}

/// A body that goes on.
#[derive(Debug)]
pub(crate) struct Stream(mpsc::Receiver<Result<Bytes, Broken>>);

impl Stream {
    /// A body of what is sent.
    pub(crate) fn new(receiver: mpsc::Receiver<Result<Bytes, Broken>>) -> Self {
        Self(receiver)
    }
}

impl Body for Stream {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// Sends the pieces of a call's reply; the record of the call ends with them.
pub(crate) fn send(lab: Arc<Lab>, seq: u64, mut reply: Reply, pieces: Pieces) -> Stream {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut sent = Vec::new();
        for (index, piece) in pieces.list.into_iter().enumerate() {
            if index > 0 && !pieces.pause.is_zero() {
                tokio::time::sleep(pieces.pause).await;
            }
            if sender.send(Ok(piece.clone())).await.is_err() {
                reply.notes.push("the client hung up before the end".to_owned());
                break;
            }
            sent.extend_from_slice(&piece);
        }
        reply.body = Content::Text(String::from_utf8_lossy(&sent).into_owned());
        // Before the body ends, so that whoever has read it finds the call finished.
        lab.state().record.close(seq, &reply, true);
        lab.finished.notify_waiters();
        if pieces.is_broken {
            // A moment, so that what was sent is on its way before the connection goes.
            tokio::time::sleep(Duration::from_millis(20)).await;
            drop(sender.send(Err(Broken)).await);
        }
    });
    Stream::new(receiver)
}

#[cfg(test)]
mod tests {
    use super::{Pace, Pieces};

    fn pieces(pace: &Pace) -> Pieces {
        let events = ["一つ|", "二つ|", "三つ|"].map(str::to_owned).to_vec();
        Pieces::new(events, pace, || "!".to_owned())
    }

    #[test]
    fn ends_breaks_or_fails_where_it_is_told_to() {
        let default = Pace::default;
        assert_eq!(pieces(&default()).text(), "一つ|二つ|三つ|");
        let ended = pieces(&Pace { ends_after: Some(1), ..default() });
        assert_eq!((ended.text().as_str(), ended.is_broken), ("一つ|", false));
        let broken = pieces(&Pace { breaks_after: Some(2), ..default() });
        assert_eq!((broken.text().as_str(), broken.is_broken), ("一つ|二つ|", true));
        assert_eq!(pieces(&Pace { fails_after: Some(1), ..default() }).text(), "一つ|!");
    }

    #[test]
    fn cuts_letters_on_demand_and_loses_nothing() {
        let cut = pieces(&Pace { bytes: 2, ..Pace::default() });
        assert!(cut.list.iter().any(|piece| std::str::from_utf8(piece).is_err()));
        assert_eq!(cut.text(), "一つ|二つ|三つ|");
        assert_eq!(Pace { chars: 2, ..Pace::default() }.cut("あいう"), ["あい", "う"]);
    }
}
