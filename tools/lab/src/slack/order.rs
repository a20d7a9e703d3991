//! What `POST /lab/slack/events` takes: what a person does.

use serde::Deserialize;
use serde_json::Value;

use crate::sent::Sent;

/// What a person does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    /// Base URL of the Worker; by default the one of `POST /lab/worker`.
    pub(super) worker: Option<String>,
    /// Who does it.
    #[serde(rename = "as", default = "mio")]
    pub(super) person: String,
    /// Name of the channel; by default the person's direct message with the bot.
    #[serde(rename = "in")]
    pub(super) channel: Option<String>,
    /// What is typed; `@name`, `#channel` and links become what Slack makes of them, and `&`, `<` and `>` are escaped.
    pub(super) text: Option<String>,
    /// The same as it is sent, with nothing done to it.
    pub(super) raw_text: Option<String>,
    /// Whether the text begins with a mention of the bot.
    #[serde(default)]
    pub(super) mention: bool,
    /// Time of the root that is replied to.
    pub(super) thread: Option<String>,
    #[serde(default)]
    pub(super) files: Vec<Sent>,
    /// Time of a message of theirs whose text changes.
    pub(super) edit: Option<String>,
    /// Time of a message that they delete.
    pub(super) delete: Option<String>,
    /// A button that is pressed.
    pub(super) press: Option<Press>,
    /// A slash command, of which the text is the rest.
    pub(super) command: Option<String>,
    /// A shortcut of a message.
    pub(super) shortcut: Option<Shortcut>,
    /// The window that they see, which they send.
    pub(super) submit: Option<Submit>,
    /// What is opened.
    pub(super) open: Option<Pane>,
    /// Whether the address of the events is verified, as when an operator enters it.
    #[serde(default)]
    pub(super) verify: bool,
    /// Merged over each inner event (RFC 7396: `null` removes a field); alone it is an event of any kind.
    #[serde(default)]
    pub(super) event: Value,
    /// Merged over what is around each event, or over the payload of an interaction.
    #[serde(default)]
    pub(super) envelope: Value,
    /// Replaces the body; alone it is the body of an event.
    pub(super) raw_body: Option<String>,
    /// Replaces the signature; empty: no header.
    pub(super) signature: Option<String>,
    /// How many seconds old the signed time is.
    #[serde(default)]
    pub(super) age_s: u64,
    /// Id of an earlier request, which is delivered again.
    pub(super) again: Option<String>,
    /// How often each request is delivered at once.
    #[serde(default = "once")]
    pub(super) copies: u32,
    /// Whether to wait for the first answer to each request.
    #[serde(default = "yes")]
    pub(super) wait: bool,
}

/// A button that is pressed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Press {
    /// Time of the message with the button, also of one that only its reader sees; without it, the button is in the
    /// home.
    pub(super) message: Option<String>,
    pub(super) action_id: String,
    /// Which block, if several have such a button.
    pub(super) block_id: Option<String>,
    /// Replaces what the button carries.
    pub(super) value: Option<String>,
}

/// A shortcut of a message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shortcut {
    pub(super) callback_id: String,
    /// Time of the message.
    pub(super) message: String,
}

/// A window that is sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Submit {
    /// What its field says.
    #[serde(default)]
    pub(super) text: String,
}

/// What is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Pane {
    /// The home of the app.
    Home,
    /// The tab with the messages.
    Messages,
    /// The assistant's pane, with a new thread.
    Assistant,
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
