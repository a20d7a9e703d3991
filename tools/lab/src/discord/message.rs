//! A message: how it is stored, returned by the API, and shown to readers.

use serde_json::{Value, json};

use crate::clock;
use crate::discord::attachments::Attachment;
use crate::discord::config::Config;
use crate::discord::draft::Draft;
use crate::discord::pings;
use crate::discord::world::{self, APPLICATION_ID, Channel, Person};

/// The flag of a message that only the asker sees.
pub(crate) const EPHEMERAL: u64 = 64;
/// The flag of a message that shows "thinking…".
pub(crate) const LOADING: u64 = 128;

/// A message in a channel.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) channel_id: String,
    pub(crate) author: Author,
    /// Webhook that posted it; the application's id for an interaction's messages.
    pub(crate) webhook_id: String,
    /// Application that owns the webhook.
    pub(crate) application_id: Option<&'static str>,
    pub(crate) content: String,
    pub(crate) embeds: Vec<Value>,
    pub(crate) components: Vec<Value>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) flags: u64,
    /// Mentions that pinged somebody.
    pub(crate) pings: Vec<String>,
    pub(crate) created_ms: u64,
    pub(crate) edited_ms: Option<u64>,
    /// Interaction that it answers.
    pub(crate) interaction: Option<String>,
    /// The only person who sees it.
    pub(crate) only_for: Option<String>,
    /// 0 for a post, 20 for an answer to a slash command.
    pub(crate) kind: u8,
}

/// The author that a message shows.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) avatar_url: Option<String>,
}

impl Author {
    /// The bot itself, which answers interactions.
    pub(crate) fn bot() -> Self {
        Self { id: APPLICATION_ID.to_owned(), name: "miyabi-lab".to_owned(), avatar_url: None }
    }

    /// A person.
    pub(crate) fn of(person: Person) -> Self {
        let (id, name) = (person.id.to_owned(), person.username.to_owned());
        Self { id, name, avatar_url: None }
    }

    fn to_json(&self) -> Value {
        // Discord keeps its own copy of an avatar and names it by a hash.
        let avatar = self
            .avatar_url
            .as_ref()
            .map(|url| world::sign("avatar", url.as_bytes()).chars().take(32).collect::<String>());
        let mut user = user(&self.id, &self.name, avatar.as_deref());
        match self.person() {
            Some(person) => user["global_name"] = json!(person.global_name),
            None => user["bot"] = json!(true),
        }
        user
    }

    /// The person who wrote it, if one did.
    fn person(&self) -> Option<Person> {
        world::person(&self.id).filter(|person| person.id == self.id)
    }
}

/// A user object with every required field.
pub(crate) fn user(id: &str, name: &str, avatar: Option<&str>) -> Value {
    json!({
        "id": id, "username": name, "avatar": avatar, "discriminator": "0000",
        "public_flags": 0, "flags": 0, "global_name": null, "primary_guild": null,
    })
}

/// The bot's own user.
pub(crate) fn bot_user() -> Value {
    Author::bot().to_json()
}

impl Message {
    /// Makes a message from a draft; the caller stores it.
    pub(crate) fn new(id: String, channel_id: &str, author: Author, draft: Draft) -> Self {
        let mut message = Self {
            id,
            channel_id: channel_id.to_owned(),
            webhook_id: author.id.clone(),
            application_id: None,
            author,
            content: String::new(),
            embeds: Vec::new(),
            components: Vec::new(),
            attachments: Vec::new(),
            flags: 0,
            pings: Vec::new(),
            created_ms: clock::now_ms(),
            edited_ms: None,
            interaction: None,
            only_for: None,
            kind: 0,
        };
        message.take(draft);
        message
    }

    /// Applies the fields that a draft has.
    pub(crate) fn take(&mut self, draft: Draft) {
        if let Some(content) = draft.content {
            self.content = content;
        }
        if let Some(embeds) = draft.embeds {
            self.embeds = embeds;
        }
        if let Some(components) = draft.components {
            self.components = components;
        }
        if let Some(kept) = &draft.kept_attachments {
            self.attachments.retain(|file| file.is_in(kept));
        }
        self.attachments.extend(draft.files);
        self.flags |= draft.flags;
        self.pings = pings::find(&self.content, draft.allowed_mentions.as_ref());
    }

    /// Whether nothing is left to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.content.is_empty()
            && self.embeds.is_empty()
            && self.components.is_empty()
            && self.attachments.is_empty()
    }

    /// The message as Discord's API returns it.
    pub(crate) fn to_json(&self) -> Value {
        let mentions = self.pings.iter().filter_map(|ping| {
            let id = ping.strip_prefix("<@")?.strip_suffix('>')?;
            let person = world::person(id)?;
            Some(user(person.id, person.username, person.avatar))
        });
        let roles = self
            .pings
            .iter()
            .filter_map(|ping| ping.strip_prefix("<@&")?.strip_suffix('>').map(str::to_owned));
        let files: Vec<Value> = self.attachments.iter().map(Attachment::to_json).collect();
        let mut value = json!({
            "id": self.id, "type": self.kind, "channel_id": self.channel_id,
            "webhook_id": self.webhook_id, "content": self.content,
            "author": self.author.to_json(),
            "mentions": mentions.collect::<Vec<_>>(), "mention_roles": roles.collect::<Vec<_>>(),
            "mention_everyone": self.pings.iter().any(|ping| ping.starts_with('@')),
            "attachments": files, "embeds": self.embeds, "components": self.components,
            "timestamp": clock::rfc3339(self.created_ms),
            "edited_timestamp": self.edited_ms.map(clock::rfc3339),
            "flags": self.flags, "pinned": false, "tts": false,
        });
        if self.author.person().is_some()
            && let Some(fields) = value.as_object_mut()
        {
            fields.remove("webhook_id");
        }
        if let Some(id) = self.application_id {
            value["application_id"] = json!(id);
        }
        value
    }

    /// The message as the bot reads it in the channel.
    ///
    /// Without the Message Content intent, only messages by the bot user and those that mention it have a
    /// content. Posts of webhooks are not by the bot user, even if the application owns the webhook
    /// (discord-api-docs #5411).
    pub(crate) fn to_history(&self, config: &Config, channel: Channel) -> Value {
        let mut value = self.to_json();
        let is_own = self.author.id == APPLICATION_ID;
        let is_mentioned = self.pings.contains(&format!("<@{APPLICATION_ID}>"));
        if !(config.message_content || is_own || is_mentioned || channel.is_private()) {
            value["content"] = json!("");
            for part in ["attachments", "embeds", "components"] {
                value[part] = json!([]);
            }
        }
        value
    }

    /// The message as a reader of the channel sees it.
    pub(crate) fn to_reader(&self) -> Value {
        let files: Vec<Value> = self.attachments.iter().map(Attachment::to_reader).collect();
        let mut seen = json!({
            "id": self.id, "author": self.author.name, "avatar_url": self.author.avatar_url,
            "webhook_id": self.webhook_id, "content": self.content, "pings": self.pings,
            "edited": self.edited_ms.is_some(), "is_thinking": self.flags & LOADING != 0,
            "attachments": files, "embeds": self.embeds, "components": self.components,
            "flags": self.flags, "timestamp": clock::rfc3339(self.created_ms),
        });
        if let Some(person) = &self.only_for {
            let name = world::person(person).map_or(person.as_str(), |person| person.username);
            seen["only_for"] = json!(name);
        }
        if let Some(id) = &self.interaction {
            seen["interaction"] = json!(id);
        }
        if let Some(person) = self.author.person() {
            seen["author"] = json!(person.nick.or(person.global_name).unwrap_or(person.username));
            seen["person"] = json!(person.username);
        }
        seen
    }
}
