//! What `POST /lab/telegram/updates` takes: what a person does.

use serde::Deserialize;
use serde_json::Value;

use crate::sent::Sent;

/// What a person does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    /// Base URL of the Worker; by default the webhook that was set, or else the one of `POST /lab/worker`.
    pub(super) worker: Option<String>,
    /// Who does it.
    #[serde(rename = "as", default = "mio")]
    pub(super) person: String,
    /// Name of the chat; by default the person's private one.
    #[serde(rename = "in")]
    pub(super) chat: Option<String>,
    /// Name of a topic of the forum.
    pub(super) topic: Option<String>,
    /// What is said, or the caption of a medium.
    pub(super) text: Option<String>,
    /// Formatting; mentions, commands and links are found without.
    #[serde(default)]
    pub(super) entities: Vec<Value>,
    /// Id of the message that is replied to.
    pub(super) reply_to: Option<i64>,
    pub(super) photo: Option<Sent>,
    pub(super) document: Option<Sent>,
    pub(super) voice: Option<Sent>,
    /// Media that are sent together, with the text at the first.
    #[serde(default)]
    pub(super) album: Vec<Item>,
    /// Id of a message of theirs whose text changes.
    pub(super) edit: Option<i64>,
    /// A button that is pressed.
    pub(super) press: Option<Press>,
    /// What is typed behind the bot's name, whatever the chat.
    pub(super) inline: Option<String>,
    /// Id of what was typed so, of which the first that is offered is sent.
    pub(super) choose: Option<String>,
    /// Merged over each update (RFC 7396: `null` removes a field); alone it is an update of any kind.
    #[serde(default)]
    pub(super) update: Value,
    /// Replaces the body.
    pub(super) raw_body: Option<String>,
    /// Replaces the secret; empty: no header.
    pub(super) secret: Option<String>,
    /// Number of an earlier update, which is delivered again.
    pub(super) again: Option<u64>,
    /// How often each update is delivered at once.
    #[serde(default = "once")]
    pub(super) copies: u32,
    /// Whether to wait for the first answer to each update.
    #[serde(default = "yes")]
    pub(super) wait: bool,
}

/// A medium of an album.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    pub(super) photo: Option<Sent>,
    pub(super) document: Option<Sent>,
}

/// A button that is pressed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Press {
    /// Id of the message with the button.
    pub(super) message: i64,
    /// What the button carries.
    pub(super) data: String,
}

fn mio() -> String {
    "mio".to_owned()
}

fn once() -> u32 {
    1
}

fn yes() -> bool {
    true
}
