//! What `POST /lab/whatsapp/messages` takes: what people do, and how the Worker gets to know of it.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::sent::Sent;

/// What people do, in one request to the Worker.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub(crate) struct Order {
    pub(super) request: Request,
    /// What is done, by entries of the request; one deed of its own is one entry.
    pub(super) entries: Vec<Vec<Deed>>,
}

/// How the Worker gets to know of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Request {
    /// Base URL of the Worker; by default the one of `POST /lab/worker`.
    pub(super) worker: Option<String>,
    /// Lists of deeds, each an entry of its own.
    pub(super) entries: Vec<Vec<Deed>>,
    /// Statuses that stand in the last entry too.
    pub(super) statuses: Vec<Value>,
    /// Field of the change; without deeds it is one of any kind, with `value`.
    pub(super) field: String,
    /// Merged over each value (RFC 7396: `null` removes a field).
    pub(super) value: Value,
    /// Replaces the body.
    pub(super) raw_body: Option<String>,
    /// Replaces the signature; empty: no header.
    pub(super) signature: Option<String>,
    /// Id of an earlier request, which is delivered again.
    pub(super) again: Option<String>,
    /// How often the request is delivered at once.
    pub(super) copies: u32,
    /// Whether to wait for the first answer.
    pub(super) wait: bool,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            worker: None,
            entries: Vec::new(),
            statuses: Vec::new(),
            field: "messages".to_owned(),
            value: Value::Null,
            raw_body: None,
            signature: None,
            again: None,
            copies: 1,
            wait: true,
        }
    }
}

/// What a person does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Deed {
    /// Who does it.
    #[serde(rename = "as")]
    pub(super) person: String,
    /// Name of the group; by default it is done in the person's own chat.
    #[serde(rename = "in")]
    pub(super) chat: Option<String>,
    /// What is written, or the words below a file.
    pub(super) text: Option<String>,
    /// Files, each in a message of its own; the words are below the first.
    pub(super) files: Vec<Sent>,
    /// Whether the files were spoken into the telephone.
    pub(super) voice: bool,
    /// Id of the message that is replied to.
    pub(super) reply_to: Option<String>,
    /// Whether it was written elsewhere, and handed on.
    pub(super) forwarded: bool,
    /// A button or a row of a list.
    pub(super) press: Option<Press>,
    /// A reaction; an empty one takes it back.
    pub(super) react: Option<React>,
    /// Id of a message of theirs whose text changes.
    pub(super) edit: Option<String>,
    /// Id of a message of theirs that they take back.
    pub(super) revoke: Option<String>,
    /// Their number from now on, or their id.
    pub(super) new_number: Option<String>,
    pub(super) new_user_id: Option<String>,
    /// How many seconds ago it was done.
    pub(super) age_s: u64,
    /// Merged over the message; alone it is one of any type.
    pub(super) message: Value,
}

impl Default for Deed {
    fn default() -> Self {
        Self {
            person: "mio".to_owned(),
            chat: None,
            text: None,
            files: Vec::new(),
            voice: false,
            reply_to: None,
            forwarded: false,
            press: None,
            react: None,
            edit: None,
            revoke: None,
            new_number: None,
            new_user_id: None,
            age_s: 0,
            message: Value::Null,
        }
    }
}

/// A button that is pressed, or a row that is chosen.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Press {
    /// Id of the message with it.
    pub(super) message: String,
    /// Its own id.
    pub(super) id: String,
}

/// A reaction.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct React {
    /// Id of the message.
    pub(super) message: String,
    pub(super) emoji: String,
}

/// Fields of a request; the others are those of its only deed.
const OF_REQUEST: [&str; 10] = [
    "worker",
    "entries",
    "statuses",
    "field",
    "value",
    "raw_body",
    "signature",
    "again",
    "copies",
    "wait",
];

impl TryFrom<Map<String, Value>> for Order {
    type Error = String;

    fn try_from(all: Map<String, Value>) -> Result<Self, String> {
        let (of_request, of_deed): (Map<_, _>, Map<_, _>) =
            all.into_iter().partition(|(name, _)| OF_REQUEST.contains(&name.as_str()));
        let mut request: Request = read(of_request)?;
        let mut entries = std::mem::take(&mut request.entries);
        if !of_deed.is_empty() {
            entries.insert(0, vec![read(of_deed)?]);
        }
        Ok(Self { request, entries })
    }
}

fn read<T: serde::de::DeserializeOwned>(fields: Map<String, Value>) -> Result<T, String> {
    serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())
}
