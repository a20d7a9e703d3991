//! A message: how it is stored, returned by the API, and shown to readers.

use serde_json::{Value, json};

use super::world::{APP_ID, BOT_ID, BOT_USER_ID, Channel, Person, TEAM_ID};
use crate::clock;
use crate::merge::without_nulls;

/// A message in a channel.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// Its time, which is its id within the channel.
    pub(super) ts: String,
    pub(super) channel: Channel,
    pub(super) author: Author,
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) blocks: Vec<Value>,
    /// The root that it replies to; a root has none.
    pub(super) thread: Option<String>,
    /// When its text was changed, and by whom.
    pub(super) edited: Option<String>,
    pub(super) metadata: Option<Value>,
    /// Files, as the API returns them, and what readers see of each.
    pub(super) files: Vec<(Value, Value)>,
    pub(super) stream: Option<Stream>,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    Bot,
    Person(Person),
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Said,
    /// A slash command that its answer has made public; no message of its own to anybody but readers.
    Command,
    /// What stays of a deleted root that has replies.
    Tombstone,
}

/// How far a streamed message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Growing {
        /// By chunks, or by text: it grows as it has begun.
        by_chunks: bool,
    },
    Complete,
}

impl Stream {
    fn name(self) -> &'static str {
        match self {
            Self::Growing { .. } => "in_progress",
            Self::Complete => "completed",
        }
    }
}

impl Author {
    fn name(self) -> &'static str {
        match self {
            Self::Bot => "Miyabi",
            Self::Person(person) => person.name,
        }
    }

    /// Id of the user.
    pub(super) fn user(self) -> &'static str {
        match self {
            Self::Bot => BOT_USER_ID,
            Self::Person(person) => person.id,
        }
    }
}

impl Message {
    /// A message with a text; the caller stores it.
    pub(super) fn new(ts: String, channel: Channel, author: Author, text: String) -> Self {
        Self {
            ts,
            channel,
            author,
            kind: Kind::Said,
            text,
            blocks: Vec::new(),
            thread: None,
            edited: None,
            metadata: None,
            files: Vec::new(),
            stream: None,
        }
    }

    /// Whether the bot wrote it.
    pub(super) fn is_own(&self) -> bool {
        self.author == Author::Bot
    }

    /// Whether it can be appended to.
    pub(super) fn is_growing(&self) -> bool {
        matches!(self.stream, Some(Stream::Growing { .. }))
    }

    /// Whether the API returns it.
    pub(super) fn is_said(&self) -> bool {
        self.kind != Kind::Command
    }

    /// Time of the thread that it is in or begins.
    pub(super) fn root(&self) -> &str {
        self.thread.as_deref().unwrap_or(&self.ts)
    }

    /// The message as the API returns it; `replies` are those of a root, `root` is that of a reply.
    pub(super) fn to_json(&self, root: Option<&Self>, replies: &[&Self]) -> Value {
        if self.kind == Kind::Tombstone {
            return json!({
                "type": "message", "subtype": "tombstone", "text": "This message was deleted.",
                "user": "USLACKBOT", "hidden": true, "ts": self.ts, "thread_ts": self.ts,
                "reply_count": replies.len(),
            });
        }
        let mut value = json!({
            "type": "message", "user": self.author.user(), "ts": self.ts, "text": self.text,
            "team": TEAM_ID, "thread_ts": self.thread, "metadata": self.metadata,
            "streaming_state": self.stream.map(Stream::name),
            "parent_user_id": root.map(|root| root.author.user()),
        });
        match self.author {
            Author::Bot => {
                value["bot_id"] = json!(BOT_ID);
                value["app_id"] = json!(APP_ID);
                value["bot_profile"] = json!({
                    "id": BOT_ID, "app_id": APP_ID, "user_id": BOT_USER_ID, "name": "Miyabi",
                    "deleted": false, "updated": 1_796_000_000, "team_id": TEAM_ID,
                    "icons": { "image_36": "https://a.slack-edge.com/lab/app-36.png" },
                });
            }
            Author::Person(_) => value["client_msg_id"] = json!(self.client_id()),
        }
        if !self.blocks.is_empty() {
            value["blocks"] = json!(self.blocks);
        }
        if !self.files.is_empty() {
            value["files"] = self.files.iter().map(|(file, _)| file.clone()).collect();
            value["upload"] = json!(true);
            value["display_as_bot"] = json!(false);
        }
        if let Some(ts) = &self.edited {
            value["edited"] = json!({ "user": self.author.user(), "ts": ts });
        }
        if let Some(last) = replies.last() {
            let mut users: Vec<&str> = replies.iter().map(|reply| reply.author.user()).collect();
            users.sort_unstable();
            users.dedup();
            value["thread_ts"] = json!(self.ts);
            value["reply_count"] = json!(replies.len());
            value["reply_users"] = json!(users);
            value["reply_users_count"] = json!(users.len());
            value["latest_reply"] = json!(last.ts);
            value["is_locked"] = json!(false);
            value["subscribed"] = json!(false);
        }
        without_nulls(value)
    }

    /// What a person's client has named it by.
    fn client_id(&self) -> String {
        let digits: String = self.ts.chars().filter(char::is_ascii_digit).collect();
        format!("00000000-0000-4000-8000-{:0>12.12}", digits.get(4..).unwrap_or_default())
    }

    /// The message as its readers see it.
    pub(super) fn to_reader(&self) -> Value {
        let kind = match self.kind {
            Kind::Said => "message",
            Kind::Command => "command",
            Kind::Tombstone => "deleted",
        };
        json!({
            "ts": self.ts, "kind": kind, "author": self.author.name(), "is_bot": self.is_own(),
            "text": self.text, "blocks": self.blocks, "thread_ts": self.thread,
            "edited": self.edited.is_some(), "metadata": self.metadata,
            "streaming": self.stream.map(Stream::name),
            "files": self.files.iter().map(|(_, seen)| seen.clone()).collect::<Vec<_>>(),
            "timestamp": clock::rfc3339(ms_of(&self.ts)),
        })
    }
}

/// Milliseconds of a message's time.
pub(super) fn ms_of(ts: &str) -> u64 {
    let digits: String = ts.chars().filter(char::is_ascii_digit).collect();
    digits.parse::<u64>().unwrap_or_default() / 1_000
}
