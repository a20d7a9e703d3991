//! The whole HTTP surface: method and path to the operation they mean.

use crate::vendors::{self, ModelCall};
use crate::world::APPLICATION_ID;

/// The message id that stands for an interaction's first reply.
pub(crate) const ORIGINAL: &str = "@original";

/// Names of all operations, for rules that say which calls they are about.
pub(crate) const OPERATIONS: [&str; 29] = [
    "execute_webhook",
    "follow_up",
    "get_webhook",
    "get_original",
    "edit_original",
    "delete_original",
    "get_message",
    "edit_message",
    "delete_message",
    "channel_messages",
    "channel_webhooks",
    "create_webhook",
    "list_commands",
    "set_commands",
    "current_user",
    "current_application",
    "ai_run",
    "openai",
    "anthropic",
    "gemini",
    "groq",
    "deepseek",
    "huggingface",
    "ollama",
    "vllm",
    "list_models",
    "geocoding",
    "weather",
    "unknown",
];

/// A webhook's address: its id and its secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hook {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Hook {
    /// Whether the "webhook" is an interaction: the application's id and an interaction's token.
    pub(crate) fn is_interaction(&self) -> bool {
        self.id == APPLICATION_ID
    }
}

/// What to do with a webhook or an interaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HookAction {
    /// Post a message: as a webhook, or as a follow-up.
    Execute,
    /// Show the webhook.
    Show,
    /// Read or change one of its messages.
    Touch(Touch),
}

/// What to do with which message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Touch {
    pub(crate) verb: Verb,
    /// Its id, or [`ORIGINAL`].
    pub(crate) message: String,
}

/// Reading or changing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Edit,
    Delete,
}

/// What only the bot's token may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BotAction {
    ListMessages(String),
    ListWebhooks(String),
    CreateWebhook(String),
    ListCommands(Scope),
    SetCommands(Scope),
    ShowUser,
    ShowApplication,
}

/// Whose commands: an application's, everywhere or in one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) application: String,
    pub(crate) guild: Option<String>,
}

/// One operation of the emulated services, with what its path says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// Calls whose address is their permission.
    Hook(Hook, HookAction),
    Bot(BotAction),
    AiRun,
    /// A model of another vendor.
    Model(ModelCall),
    Geocoding,
    Weather,
    Unknown,
}

impl Route {
    /// Name used by fault rules and in the record.
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::Hook(hook, HookAction::Execute) if hook.is_interaction() => "follow_up",
            Self::Hook(_, HookAction::Execute) => "execute_webhook",
            Self::Hook(_, HookAction::Show) => "get_webhook",
            Self::Hook(_, HookAction::Touch(Touch { verb, message })) => {
                match (verb, message == ORIGINAL) {
                    (Verb::Get, true) => "get_original",
                    (Verb::Get, false) => "get_message",
                    (Verb::Edit, true) => "edit_original",
                    (Verb::Edit, false) => "edit_message",
                    (Verb::Delete, true) => "delete_original",
                    (Verb::Delete, false) => "delete_message",
                }
            }
            Self::Bot(action) => action.operation(),
            Self::AiRun => "ai_run",
            Self::Model(call) => call.operation(),
            Self::Geocoding => "geocoding",
            Self::Weather => "weather",
            Self::Unknown => "unknown",
        }
    }
}

impl Route {
    /// Whether it is a call to Discord.
    pub(crate) fn is_discord(&self) -> bool {
        matches!(self, Self::Hook(..) | Self::Bot(_))
    }
}

impl BotAction {
    fn operation(&self) -> &'static str {
        match self {
            Self::ListMessages(_) => "channel_messages",
            Self::ListWebhooks(_) => "channel_webhooks",
            Self::CreateWebhook(_) => "create_webhook",
            Self::ListCommands(_) => "list_commands",
            Self::SetCommands(_) => "set_commands",
            Self::ShowUser => "current_user",
            Self::ShowApplication => "current_application",
        }
    }
}

/// Names the operation of a request; `/api` with and without `v10` is the same API.
pub(crate) fn find(method: &str, path: &str) -> Route {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (method, segments.as_slice()) {
        ("POST", ["ai", "run"]) => Route::AiRun,
        ("GET", ["open-meteo", "geocoding", "v1", "search"]) => Route::Geocoding,
        ("GET", ["open-meteo", "v1", "forecast"]) => Route::Weather,
        (_, ["api", "v10", "webhooks", rest @ ..] | ["api", "webhooks", rest @ ..]) => {
            find_hook(method, rest)
        }
        (_, ["api", "v10", rest @ ..] | ["api", rest @ ..]) => {
            find_bot(method, rest).map_or(Route::Unknown, Route::Bot)
        }
        _ => vendors::find(method, &segments).map_or(Route::Unknown, Route::Model),
    }
}

fn find_hook(method: &str, segments: &[&str]) -> Route {
    let (id, token, action) = match (method, segments) {
        ("POST", [id, token]) => (id, token, HookAction::Execute),
        ("GET", [id, token]) => (id, token, HookAction::Show),
        (_, [id, token, "messages", message]) => {
            let verb = match method {
                "GET" => Verb::Get,
                "PATCH" => Verb::Edit,
                "DELETE" => Verb::Delete,
                _ => return Route::Unknown,
            };
            (id, token, HookAction::Touch(Touch { verb, message: decode(message) }))
        }
        _ => return Route::Unknown,
    };
    Route::Hook(Hook { id: (*id).to_owned(), token: decode(token) }, action)
}

fn find_bot(method: &str, segments: &[&str]) -> Option<BotAction> {
    let commands = |application: &str, guild: Option<&str>| {
        let scope = Scope { application: application.to_owned(), guild: guild.map(str::to_owned) };
        match method {
            "GET" => Some(BotAction::ListCommands(scope)),
            "PUT" => Some(BotAction::SetCommands(scope)),
            _ => None,
        }
    };
    match (method, segments) {
        ("GET", ["channels", id, "messages"]) => Some(BotAction::ListMessages((*id).to_owned())),
        ("GET", ["channels", id, "webhooks"]) => Some(BotAction::ListWebhooks((*id).to_owned())),
        ("POST", ["channels", id, "webhooks"]) => Some(BotAction::CreateWebhook((*id).to_owned())),
        (_, ["applications", application, "commands"]) => commands(application, None),
        (_, ["applications", application, "guilds", guild, "commands"]) => {
            commands(application, Some(guild))
        }
        ("GET", ["users", "@me"]) => Some(BotAction::ShowUser),
        ("GET", ["applications", "@me"]) => Some(BotAction::ShowApplication),
        _ => None,
    }
}

/// Undoes the percent-encoding that some clients apply to `@original` and to tokens.
fn decode(segment: &str) -> String {
    if !segment.contains('%') {
        return segment.to_owned();
    }
    let pair = format!("x={}", segment.replace('+', "%2B"));
    form_urlencoded::parse(pair.as_bytes())
        .next()
        .map_or_else(|| segment.to_owned(), |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::{OPERATIONS, find};
    use crate::world::APPLICATION_ID;

    #[test]
    fn names_every_operation() {
        let follow_up = format!("/api/v10/webhooks/{APPLICATION_ID}/t");
        let original = format!("{follow_up}/messages/%40original");
        for (method, path, operation) in [
            ("POST", "/api/v10/webhooks/1/t", "execute_webhook"),
            ("POST", "/api/webhooks/1/t", "execute_webhook"),
            ("POST", follow_up.as_str(), "follow_up"),
            ("PATCH", original.as_str(), "edit_original"),
            ("DELETE", "/api/v10/webhooks/1/t/messages/5", "delete_message"),
            ("GET", "/api/v10/channels/1/messages", "channel_messages"),
            ("PUT", "/api/v10/applications/1/guilds/2/commands", "set_commands"),
            ("GET", "/api/v10/users/@me", "current_user"),
            ("POST", "/ai/run", "ai_run"),
            ("GET", "/open-meteo/v1/forecast", "weather"),
            ("POST", "/groq/openai/v1/chat/completions", "groq"),
            ("GET", "/ollama/v1/models", "list_models"),
            ("POST", "/gemini/v1beta/models/gemini-2.5-flash:generateContent", "gemini"),
            ("POST", "/gateway/v1/a/g/anthropic/v1/messages", "anthropic"),
            ("POST", "/gateway/v1/a/g/ollama/chat/completions", "unknown"),
            ("POST", "/api/v9000/webhooks/1/t", "unknown"),
            ("GET", "/", "unknown"),
        ] {
            assert_eq!(find(method, path).operation(), operation, "{method} {path}");
            assert!(OPERATIONS.contains(&operation), "{operation}");
        }
    }
}
