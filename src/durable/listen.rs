//! Readers of a turn: who waits for its end, and who reads it while it is written.
//!
//! A reader asks the log from its own place on, whenever the object says that something has changed, so it
//! misses nothing and reads nothing twice. Nothing waits for a reader: one that has gone away is never told so
//! by the runtime, and its stream is read no more.

use core::cell::RefCell;
use core::pin::pin;
use core::time::Duration;
use std::rc::Rc;

use futures::channel::oneshot;
use futures::future::select;
use futures::stream::{self, Stream};
use serde::Deserialize;
use worker::{Error, Result};

use super::conversation::Object;
use crate::live::{NotSeen, seen};
use miyabi_app::conversation::{Command, TurnState};
use miyabi_channels::web::ui_messages::{COMMENT, DONE, Encoder, event};
use miyabi_core::conversation::Entry;
use miyabi_core::i18n::Language;
use miyabi_core::ports::Clock as _;

/// Longest wait of a request for more to be said: well below what proxies allow.
pub(super) const WAIT: Duration = Duration::from_secs(20);

/// After how long without a word a stream says that it lives: proxies end one after 100 seconds, and some
/// after 30.
const COMMENT_AFTER: Duration = Duration::from_secs(15);

/// Who waits for a change.
#[derive(Debug, Default)]
pub(super) struct Waiting(RefCell<Vec<oneshot::Sender<()>>>);

impl Waiting {
    /// Wakes everybody.
    pub(super) fn wake(&self) {
        for reader in self.0.take() {
            // One that has gone away needs no word.
            reader.send(()).unwrap_or_default();
        }
    }

    /// Returns at the next change.
    pub(super) async fn changed(&self) {
        self.join().await.unwrap_or_default();
    }

    fn join(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.0.borrow_mut();
        waiting.retain(|reader| !reader.is_canceled());
        waiting.push(sender);
        receiver
    }
}

/// Which turn is read, and how.
///
/// # Shape
/// `{"turn":"…","conversation":"…","language":"ja"}`
#[derive(Debug, Deserialize)]
pub(super) struct Listening {
    turn: String,
    /// Conversation's id, as its reader knows it.
    conversation: String,
    language: String,
}

/// A reader, and how far it is.
struct Reader {
    object: Rc<Object>,
    turn: String,
    place: u64,
    encoder: Encoder,
    has_begun: bool,
    has_ended: bool,
}

/// Returns a turn as the events of AI SDK's UI message stream, from its beginning to its end. Where the
/// database does not answer, the stream is cut: nothing is known of the turn, and a client that is cut reads it
/// again. One that is told an end, of whatever kind, does not.
pub(super) fn ui_messages(
    object: Rc<Object>,
    listening: Listening,
) -> impl Stream<Item = Result<Vec<u8>>> {
    let Listening { turn, conversation, language } = listening;
    let language = Language::of_locale(&language);
    let encoder = Encoder::new(conversation, turn.clone(), language);
    let reader = Reader { object, turn, place: 0, encoder, has_begun: false, has_ended: false };
    stream::unfold(reader, async |mut reader| {
        let events = reader.next().await?;
        Some((events.map(String::into_bytes), reader))
    })
}

impl Reader {
    /// Returns the next events; `None` after the last one.
    async fn next(&mut self) -> Option<Result<String>> {
        if self.has_ended {
            return None;
        }
        if !self.has_begun {
            self.has_begun = true;
            return Some(Ok(self.encoder.begin().iter().map(event).collect()));
        }
        loop {
            let (turn, entries) = match self.look() {
                Ok(seen) => seen,
                Err(why) => {
                    self.has_ended = true;
                    return Some(match why {
                        NotSeen::Refused(_) => Ok(gone()),
                        NotSeen::Failed => Err(Error::RustError("the turn is not read".to_owned())),
                    });
                }
            };
            if turn.has_ended() && entries.is_empty() {
                self.has_ended = true;
                return Some(Ok(DONE.to_owned()));
            }
            let mut text = String::new();
            for entry in &entries {
                self.place = entry.index;
                text.extend(self.encoder.encode(entry).iter().map(event));
            }
            if turn.has_ended() {
                self.has_ended = true;
                text.push_str(DONE);
            }
            if !text.is_empty() {
                return Some(Ok(text));
            }
            let object = Rc::clone(&self.object);
            let host = object.host();
            let (changed, quiet) =
                (pin!(object.waiting.changed()), pin!(host.sleep(COMMENT_AFTER)));
            if let futures::future::Either::Right(_) = select(changed, quiet).await {
                return Some(Ok(COMMENT.to_owned()));
            }
        }
    }

    fn look(&self) -> core::result::Result<(TurnState, Vec<Entry>), NotSeen> {
        let look = Command::Look { turn: Some(self.turn.clone()), from: self.place };
        seen(self.object.carry_out(look))
    }
}

/// The turn or its conversation was deleted.
fn gone() -> String {
    let chunk = serde_json::json!({ "type": "abort", "reason": "gone" });
    event(&chunk) + DONE
}
