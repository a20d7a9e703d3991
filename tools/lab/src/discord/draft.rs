//! A draft: the checked body of a message that is posted or edited.

use serde_json::Value;

use super::attachments::Attachment;

/// A checked message body.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) content: Option<String>,
    pub(crate) embeds: Option<Vec<Value>>,
    pub(crate) components: Option<Vec<Value>>,
    /// Ids of earlier attachments that stay; `None` keeps all.
    pub(crate) kept_attachments: Option<Vec<String>>,
    pub(crate) files: Vec<Attachment>,
    pub(crate) allowed_mentions: Option<Value>,
    pub(crate) flags: u64,
    pub(crate) username: Option<String>,
    pub(crate) avatar_url: Option<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) violations: Vec<String>,
}
