//! What is known of one socket: all that is left of it while its object sleeps.

use serde::{Deserialize, Serialize};

use miyabi_channels::web::socket::Wire;
use miyabi_core::i18n::Language;

/// Most turns that one socket follows at a time. A person has at most a few that run.
const MAX_FOLLOWED: usize = 8;

/// Most questions of one socket that are being asked at a time.
const MAX_ASKING: usize = 4;

/// After how long a question that is being asked counts as lost with its object, in milliseconds.
const ASKING_MS: u64 = 30_000;

/// Most frames of one socket in a second.
const MAX_FRAMES: u32 = 20;

/// After how long a key is looked up again, in milliseconds.
const RECHECK_MS: u64 = 10 * 60 * 1000;

/// A socket: who reads on it, and how far. The runtime keeps it with the socket, as text of at most 16 KiB.
///
/// # Shape
/// JSON. The Worker and the object may be of two versions for some minutes: fields are only added, with a
/// default when absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Listener {
    /// By what it is told from others of its object.
    pub id: String,
    /// In which form it speaks; its own if that is missing.
    pub wire: Option<Wire>,
    /// Whose it is.
    pub owner: String,
    /// Conversation's id, among those of its owner.
    pub conversation: String,
    /// Name of the language of failures.
    pub language: String,
    /// Hash of its key.
    pub key: String,
    /// When the key was last looked up.
    pub checked_ms: u64,
    /// Whether a subprotocol was offered that is to be chosen.
    pub has_protocol: bool,
    /// What was said on it and to it.
    pub progress: Progress,
}

/// What was said on a socket and to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    follows: Vec<Follow>,
    asking: Vec<Asking>,
    second: u64,
    frames: u32,
}

/// A turn that is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// Turn's id.
    pub turn: String,
    /// Client's id of the question, if it was asked on this socket.
    pub request: Option<String>,
    /// Number of the last chunk that was sent.
    pub index: u64,
    /// Whether its beginning is still to be shown.
    #[serde(default)]
    pub is_unshown: bool,
}

/// A question that is being asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Asking {
    request: String,
    since_ms: u64,
    is_stopped: bool,
}

impl Listener {
    /// Returns the form in which it speaks.
    pub fn wire(&self) -> Wire {
        self.wire.unwrap_or(Wire::Own)
    }

    /// Returns the language of failures.
    pub fn language(&self) -> Language {
        Language::of_locale(&self.language)
    }

    /// Counts frames, and returns whether there are too many. One that costs much counts as several.
    pub fn is_flooding(&mut self, frames: u32, now_ms: u64) -> bool {
        let second = now_ms / 1000;
        if second != self.progress.second {
            (self.progress.second, self.progress.frames) = (second, 0);
        }
        self.progress.frames = self.progress.frames.saturating_add(frames);
        self.progress.frames > MAX_FRAMES
    }

    /// Returns whether its key is to be looked up again.
    pub const fn is_stale(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.checked_ms) > RECHECK_MS
    }

    /// Reads a turn from behind a chunk on. What it followed first is left, where that is too much.
    pub fn follow(&mut self, turn: &str, request: Option<String>, index: u64) {
        let turn = turn.to_owned();
        self.put(Follow { turn, request, index, is_unshown: false });
    }

    /// Reads a turn from its beginning on, once that was shown.
    pub fn await_beginning(&mut self, turn: &str, request: Option<String>) {
        let turn = turn.to_owned();
        self.put(Follow { turn, request, index: 0, is_unshown: true });
    }

    /// Notes that the beginning of a turn was shown, and returns whether it was to be.
    pub fn show(&mut self, turn: &str) -> bool {
        let mut found = self.progress.follows.iter_mut().filter(|follow| follow.turn == turn);
        found.next().is_some_and(|follow| core::mem::take(&mut follow.is_unshown))
    }

    /// Returns the turns that it reads.
    pub fn turns(&self) -> Vec<String> {
        self.progress.follows.iter().map(|follow| follow.turn.clone()).collect()
    }

    fn put(&mut self, follow: Follow) {
        let turn = follow.turn.as_str();
        self.progress.follows.retain(|follow| follow.turn != turn);
        if self.progress.follows.len() >= MAX_FOLLOWED {
            self.progress.follows.remove(0);
        }
        self.progress.follows.push(follow);
    }

    /// Returns how far it has read a turn, if it does.
    pub fn followed(&self, turn: &str) -> Option<&Follow> {
        self.progress.follows.iter().find(|follow| follow.turn == turn)
    }

    /// Notes up to which chunk a turn was sent; `None` for all of it.
    pub fn read(&mut self, turn: &str, index: Option<u64>) {
        match index {
            None => self.progress.follows.retain(|follow| follow.turn != turn),
            Some(index) => self
                .progress
                .follows
                .iter_mut()
                .filter(|follow| follow.turn == turn)
                .for_each(|follow| follow.index = index),
        }
    }

    /// Returns the turn that a client means by this: its id, or that of its question.
    pub fn meant(&self, id: &str) -> String {
        let named =
            self.progress.follows.iter().find(|follow| follow.request.as_deref() == Some(id));
        named.map_or(id, |follow| &follow.turn).to_owned()
    }

    /// Begins to ask, and returns whether there is room for it.
    pub fn begin_asking(&mut self, request: &str, now_ms: u64) -> bool {
        self.forget_lost(now_ms);
        let has_room = self.progress.asking.len() < MAX_ASKING;
        if has_room {
            let request = request.to_owned();
            self.progress.asking.push(Asking { request, since_ms: now_ms, is_stopped: false });
        }
        has_room
    }

    /// Notes that a question which is being asked is not wanted any more, and returns whether there is one.
    pub fn stop_asking(&mut self, request: &str, now_ms: u64) -> bool {
        self.forget_lost(now_ms);
        let mut found = self.progress.asking.iter_mut().filter(|asking| asking.request == request);
        found.next().map(|asking| asking.is_stopped = true).is_some()
    }

    fn forget_lost(&mut self, now_ms: u64) {
        self.progress.asking.retain(|asking| now_ms.saturating_sub(asking.since_ms) < ASKING_MS);
    }

    /// Ends to ask, and returns whether the question is not wanted any more.
    pub fn end_asking(&mut self, request: &str) -> bool {
        let place = self.progress.asking.iter().position(|asking| asking.request == request);
        place.is_some_and(|place| self.progress.asking.remove(place).is_stopped)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_socket_fits_into_what_the_runtime_keeps_of_it() {
        let id = "x".repeat(64);
        let mut listener = Listener {
            id: id.clone(),
            owner: "雅".repeat(64),
            conversation: id.clone(),
            key: id.clone(),
            ..Listener::default()
        };
        for number in 0..20 {
            listener.follow(&format!("{number}-{id}"), Some(id.clone()), u64::MAX);
            listener.begin_asking(&format!("{number}-{id}"), 0);
        }
        assert_eq!(
            (listener.progress.follows.len(), listener.progress.asking.len()),
            (MAX_FOLLOWED, MAX_ASKING)
        );
        assert!(serde_json::to_string(&listener).unwrap().len() < 8 * 1024);
    }

    #[test]
    fn what_an_older_version_has_written_is_read() {
        let listener: Listener = serde_json::from_str(r#"{"owner":"mio","more":1}"#).unwrap();
        assert_eq!((listener.owner.as_str(), listener.wire()), ("mio", Wire::Own));
    }

    #[test]
    fn a_question_is_stopped_by_its_own_id_before_it_has_a_turn_and_after() {
        let mut listener = Listener::default();
        assert!(listener.begin_asking("r1", 0) && listener.begin_asking("r2", 0));
        assert!(listener.stop_asking("r1", 0) && !listener.stop_asking("r3", 0));
        assert!(listener.end_asking("r1") && !listener.end_asking("r2"));
        listener.follow("t2", Some("r2".to_owned()), 0);
        assert_eq!((listener.meant("r2").as_str(), listener.meant("t9").as_str()), ("t2", "t9"));
        // What was lost with its object is no question any more, and leaves room for others.
        assert!(listener.begin_asking("r4", 0) && !listener.stop_asking("r4", ASKING_MS));
        for number in 0..4 {
            assert!(listener.begin_asking(&format!("{number}"), 0));
        }
        assert!(
            !listener.begin_asking("r5", ASKING_MS - 1) && listener.begin_asking("r5", ASKING_MS)
        );
    }

    #[test]
    fn so_many_frames_are_taken_in_a_second() {
        let mut listener = Listener::default();
        assert!((0..MAX_FRAMES).all(|_| !listener.is_flooding(1, 1_500)));
        assert!(listener.is_flooding(1, 1_999));
        assert!(!listener.is_flooding(MAX_FRAMES, 2_000));
    }
}
