//! The emulated operations of Discord's API, and the paths that name them.

use super::world::APPLICATION_ID;
use crate::http::decode_segment;

/// The message id that stands for an interaction's first reply.
pub(super) const ORIGINAL: &str = "@original";

/// Names of the operations, for fault rules.
pub(crate) const OPERATIONS: [&str; 20] = [
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
    "get_channel",
    "get_guild",
    "get_member",
    "get_thread_member",
];

/// One operation, with what its path says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// A call to a webhook or an interaction; the token in its path authorizes it.
    Hook(Hook, HookAction),
    /// A call that the bot's token authorizes.
    Bot(BotAction),
}

/// The address of a webhook: its id and its secret token.
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
    /// Read, change or remove one of its messages.
    Message(MessageAction),
}

/// What to do with one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MessageAction {
    pub(crate) verb: Verb,
    /// Its id, or [`ORIGINAL`].
    pub(crate) message: String,
}

/// Read, change or remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Edit,
    Delete,
}

/// What a call with the bot's token does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BotAction {
    ListMessages(String),
    ListWebhooks(String),
    CreateWebhook(String),
    ListCommands(Scope),
    SetCommands(Scope),
    ShowUser,
    ShowApplication,
    ShowChannel(String),
    ShowGuild(String),
    /// A member of a server.
    ShowMember(Member),
    /// A member of a thread.
    ShowThreadMember(Member),
}

/// A person in a server or in a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// Id of the server or thread.
    pub(crate) of: String,
    pub(crate) user: String,
}

/// The scope of commands: an application's, everywhere or in one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) application: String,
    pub(crate) guild: Option<String>,
}

impl Route {
    /// Name used by fault rules and in the record.
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::Hook(hook, HookAction::Execute) if hook.is_interaction() => "follow_up",
            Self::Hook(_, HookAction::Execute) => "execute_webhook",
            Self::Hook(_, HookAction::Show) => "get_webhook",
            Self::Hook(_, HookAction::Message(MessageAction { verb, message })) => {
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
        }
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
            Self::ShowChannel(_) => "get_channel",
            Self::ShowGuild(_) => "get_guild",
            Self::ShowMember(_) => "get_member",
            Self::ShowThreadMember(_) => "get_thread_member",
        }
    }
}

/// Finds the operation of a request; `/api` with and without `v10` is the same API.
pub(crate) fn find(method: &str, segments: &[&str]) -> Option<Route> {
    match segments {
        ["api", "v10", "webhooks", rest @ ..] | ["api", "webhooks", rest @ ..] => {
            find_hook(method, rest)
        }
        ["api", "v10", rest @ ..] | ["api", rest @ ..] => find_bot(method, rest).map(Route::Bot),
        _ => None,
    }
}

fn find_hook(method: &str, segments: &[&str]) -> Option<Route> {
    let (id, token, action) = match (method, segments) {
        ("POST", [id, token]) => (id, token, HookAction::Execute),
        ("GET", [id, token]) => (id, token, HookAction::Show),
        (_, [id, token, "messages", message]) => {
            let verb = match method {
                "GET" => Verb::Get,
                "PATCH" => Verb::Edit,
                "DELETE" => Verb::Delete,
                _ => return None,
            };
            (
                id,
                token,
                HookAction::Message(MessageAction { verb, message: decode_segment(message) }),
            )
        }
        _ => return None,
    };
    Some(Route::Hook(Hook { id: (*id).to_owned(), token: decode_segment(token) }, action))
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
    let member = |of: &str, user: &str| Member { of: of.to_owned(), user: user.to_owned() };
    match (method, segments) {
        ("GET", ["channels", id]) => Some(BotAction::ShowChannel((*id).to_owned())),
        ("GET", ["channels", id, "thread-members", user]) => {
            Some(BotAction::ShowThreadMember(member(id, user)))
        }
        ("GET", ["guilds", id]) => Some(BotAction::ShowGuild((*id).to_owned())),
        ("GET", ["guilds", id, "members", user]) => Some(BotAction::ShowMember(member(id, user))),
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
