//! Discord's JSON as far as calls read and write it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use miyabi_core::http::Response;
use miyabi_core::json;

/// Name of the file that holds an answer.
pub(super) const FILE_NAME: &str = "answer.md";

/// A message to post, or to put in the place of another.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct MessageBody<'a> {
    pub(super) allowed_mentions: AllowedMentions<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) attachments: Vec<Attachment<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) avatar_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) components: Option<&'a Value>,
    pub(super) content: &'a str,
    pub(super) flags: u32,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) username: &'a str,
}

impl<'a> MessageBody<'a> {
    /// Returns a message that is text alone.
    ///
    /// Its links have no previews: Discord would request each address, and a page may have told the model to
    /// write into one what it knows.
    pub(super) fn text(content: &'a str) -> Self {
        Self { content, flags: super::SUPPRESS_EMBEDS, ..Self::default() }
    }
}

/// Whom a message may ping: nobody, whatever a model writes, or one person.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct AllowedMentions<'a> {
    parse: [&'static str; 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<[&'a str; 1]>,
}

impl<'a> AllowedMentions<'a> {
    /// Returns what lets a message ping this person, if any.
    pub(super) fn of(person: Option<&'a str>) -> Self {
        Self { users: person.map(|id| [id]), ..Self::default() }
    }
}

/// A file of a message.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Attachment<'a> {
    /// What is said of it to who does not see it; blank for nothing.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) description: &'a str,
    pub(super) filename: &'a str,
    pub(super) id: u32,
}

/// A webhook to make.
#[derive(Debug, Clone, Serialize)]
pub(super) struct NewWebhook<'a> {
    pub(super) name: &'a str,
}

/// A webhook.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct WebhookBody {
    pub(super) id: Option<String>,
    pub(super) token: Option<String>,
    pub(super) channel_id: Option<String>,
    pub(super) application_id: Option<String>,
}

/// A message of a channel.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Posted {
    pub(super) id: Option<String>,
    pub(super) webhook_id: Option<String>,
    pub(super) content: Option<String>,
    pub(super) author: Option<PostedAuthor>,
}

/// Who posted a message.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct PostedAuthor {
    pub(super) username: Option<String>,
}

/// An error, or a rate limit.
///
/// A field of another type counts as absent, so that it hides no other.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorBody {
    /// Absent in what Cloudflare, in front of Discord, answers itself.
    #[serde(deserialize_with = "lenient")]
    pub(super) code: Option<u32>,
    /// Seconds, of whatever type.
    pub(super) retry_after: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    pub(super) global: Option<bool>,
    /// Fields that were refused.
    #[serde(deserialize_with = "lenient")]
    pub(super) errors: Option<Map<String, Value>>,
}

fn lenient<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    field: D,
) -> Result<Option<T>, D::Error> {
    Ok(json::read(&Value::deserialize(field)?))
}

/// Reads a response's body; what is not Discord's JSON reads as one without fields.
pub(super) fn read<T: DeserializeOwned + Default>(response: &Response) -> T {
    json::parse(&response.body).unwrap_or_default()
}

/// Reads a list; an element of another shape reads as one without fields, so that it hides no other.
/// `None` if the body is no list.
pub(super) fn read_list<T: DeserializeOwned + Default>(response: &Response) -> Option<Vec<T>> {
    let elements: Vec<Value> = json::parse(&response.body)?;
    let element = |element| json::read(element).unwrap_or_default();
    Some(elements.iter().map(element).collect())
}
