//! What differs from the ordinary stack, and what is asked on it.

use serde_json::Value;

/// An OpenAI-compatible model that answers in place of the lab's scripted one.
#[derive(Debug, Clone)]
pub struct Model {
    /// Base URL.
    pub url: String,
    /// Name to ask for.
    pub name: String,
}

/// What differs from the ordinary stack.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Port of the Worker; 0 is any free one.
    pub port: u16,
    /// Port of the lab; 0 is any free one.
    pub lab_port: u16,
    /// Variables besides those of `wrangler.toml`, or in their place.
    pub vars: Vec<(String, String)>,
    /// Secrets to leave out, by name.
    pub missing_secrets: Vec<String>,
    /// Model in place of the scripted one.
    pub model: Option<Model>,
    /// Whether the real Workers AI answers, on the account that wrangler is logged in to.
    pub remote_ai: bool,
    /// Most questions per minute, by the name of a rate limit's binding. A limit that is not named
    /// here is out of the way.
    pub limits: Vec<(String, u32)>,
    /// Wait before a message of a queue is delivered again, in seconds, in place of what is deployed.
    pub retry_delay_s: Option<u32>,
    /// Calls of bindings that fail, and how often, such as `miyabi_workflow.create`, and steps that the
    /// engine fails, such as `engine.think:1`; see `stack/outages.mjs`.
    pub outages: Vec<(String, u32)>,
    /// Main module in place of the Worker's own, which it imports as `./shim.mjs`.
    pub main: Option<String>,
}

/// A question as somebody types it.
#[derive(Debug, Clone)]
pub struct Question {
    /// Text.
    pub text: String,
    /// Who asks: `mio` or `alex`.
    pub who: String,
    /// Where: `general`, `random`, `thread` or `dm`.
    pub channel: String,
}

/// What the lab says about one signed interaction.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Interaction's id, and so the job's.
    pub id: String,
    /// Interaction's token.
    pub token: String,
    /// HTTP status of the acknowledgement.
    pub status: u64,
    /// Body of the acknowledgement.
    pub ack: Value,
    /// Time to the acknowledgement, in milliseconds.
    pub ack_ms: u64,
    /// What Discord would have refused about it.
    pub violations: Vec<String>,
}

impl Options {
    /// Returns the ordinary options with these variables.
    pub fn with_vars(vars: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self { vars: vars.iter().map(owned).collect(), ..Self::default() }
    }
}

impl Question {
    /// Returns a question that Mio asks in general.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), who: "mio".to_owned(), channel: "general".to_owned() }
    }

    /// Has somebody else ask.
    #[must_use]
    pub fn by(mut self, who: &str) -> Self {
        who.clone_into(&mut self.who);
        self
    }

    /// Has it asked somewhere else.
    #[must_use]
    pub fn in_channel(mut self, channel: &str) -> Self {
        channel.clone_into(&mut self.channel);
        self
    }
}
