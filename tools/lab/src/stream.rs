//! Response bodies that are sent in pieces, and how fast and how whole they arrive.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

/// How a streamed answer arrives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Pace {
    /// Characters of text in each event; 12 if it is 0.
    pub(crate) chars: usize,
    /// Bytes of each piece on the wire, which may split an event or a letter; 0 sends a piece per event.
    pub(crate) bytes: usize,
    /// Wait between two pieces.
    pub(crate) pause_ms: u64,
    /// After so many events, the body ends as if it were complete.
    pub(crate) ends_after: Option<usize>,
    /// After so many events, the connection is cut.
    pub(crate) breaks_after: Option<usize>,
    /// After so many events, one reports that the service failed.
    pub(crate) fails_after: Option<usize>,
}

impl Pace {
    /// Cuts a text into events of this pace; an empty text gives none.
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
    /// Events in a pace; `failure` makes the event that reports a failure, if the pace asks for one.
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

    /// The whole body, as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.list.concat()).into_owned()
    }
}

/// The error of a connection that is cut.
#[derive(Debug)]
pub(crate) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("connection cut")
    }
}

impl std::error::Error for Broken {}

/// A response body whose pieces come from a channel.
#[derive(Debug)]
pub(crate) struct Stream(mpsc::Receiver<Result<Bytes, Broken>>);

impl Stream {
    /// A body of the pieces that the channel's sender sends.
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

/// What the client of a streamed body has received.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) text: String,
    /// Whether the client closed the connection before the end.
    pub(crate) hung_up: bool,
}

/// Sends the pieces of a body; `end` is called when no more will be sent, before the body ends.
pub(crate) fn send(pieces: Pieces, end: impl FnOnce(Received) + Send + 'static) -> Stream {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut sent = Vec::new();
        let mut hung_up = false;
        for (index, piece) in pieces.list.into_iter().enumerate() {
            if index > 0 && !pieces.pause.is_zero() {
                tokio::time::sleep(pieces.pause).await;
            }
            if sender.send(Ok(piece.clone())).await.is_err() {
                hung_up = true;
                break;
            }
            sent.extend_from_slice(&piece);
        }
        end(Received { text: String::from_utf8_lossy(&sent).into_owned(), hung_up });
        if pieces.is_broken {
            // The pause lets the last piece leave before the connection is cut.
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
