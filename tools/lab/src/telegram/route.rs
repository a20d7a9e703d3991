//! The emulated methods of the Bot API, and the paths that name them.

use crate::http::decode_segment;

/// One operation, with what its path says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// The token in the path.
    pub(super) token: String,
    pub(super) action: Action,
}

/// What a call does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    Call(Method),
    /// A method that the lab does not have.
    Unknown(String),
    /// Downloads the file of a path.
    Download(String),
}

macro_rules! methods {
    ($($variant:ident $name:literal $operation:literal,)*) => {
        /// A method.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Method { $($variant,)* }

        /// Every method with its name and its operation.
        const METHODS: &[(Method, &str, &str)] = &[$((Method::$variant, $name, $operation),)*];
    };
}

methods! {
    GetMe "getMe" "telegram_get_me",
    SetWebhook "setWebhook" "telegram_set_webhook",
    DeleteWebhook "deleteWebhook" "telegram_delete_webhook",
    GetWebhookInfo "getWebhookInfo" "telegram_get_webhook_info",
    SetMyCommands "setMyCommands" "telegram_set_my_commands",
    GetMyCommands "getMyCommands" "telegram_get_my_commands",
    DeleteMyCommands "deleteMyCommands" "telegram_delete_my_commands",
    SendMessage "sendMessage" "telegram_send_message",
    SendMessageDraft "sendMessageDraft" "telegram_send_message_draft",
    SendChatAction "sendChatAction" "telegram_send_chat_action",
    SendDocument "sendDocument" "telegram_send_document",
    SendPhoto "sendPhoto" "telegram_send_photo",
    EditMessageText "editMessageText" "telegram_edit_message_text",
    DeleteMessage "deleteMessage" "telegram_delete_message",
    SetMessageReaction "setMessageReaction" "telegram_set_message_reaction",
    AnswerCallbackQuery "answerCallbackQuery" "telegram_answer_callback_query",
    AnswerInlineQuery "answerInlineQuery" "telegram_answer_inline_query",
    GetFile "getFile" "telegram_get_file",
}

/// Operation of a download.
const DOWNLOAD: &str = "telegram_download";
/// Operation of a call to no method.
const UNKNOWN: &str = "telegram_unknown";

/// Names of the operations, for fault rules.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    METHODS.iter().map(|(_, _, operation)| *operation).chain([DOWNLOAD, UNKNOWN])
}

impl Method {
    /// Its name in the Bot API.
    pub(super) fn name(self) -> &'static str {
        self.row().0
    }

    /// Whether it puts something into a chat, and so counts for the pace of that chat.
    pub(super) fn is_paced(self) -> bool {
        matches!(
            self,
            Self::SendMessage | Self::SendDocument | Self::SendPhoto | Self::EditMessageText
        )
    }

    fn row(self) -> (&'static str, &'static str) {
        let row = METHODS.iter().find(|(method, _, _)| *method == self);
        row.map_or((UNKNOWN, UNKNOWN), |(_, name, operation)| (name, operation))
    }
}

impl Route {
    /// Name used by fault rules and in the record.
    pub(crate) fn operation(&self) -> &'static str {
        match &self.action {
            Action::Call(method) => method.row().1,
            Action::Unknown(_) => UNKNOWN,
            Action::Download(_) => DOWNLOAD,
        }
    }
}

/// Finds the operation of a request: `/telegram/bot{token}/{method}` or `/telegram/file/bot{token}/{path}`.
pub(crate) fn find(method: &str, segments: &[&str]) -> Option<Route> {
    let token = |segment: &str| segment.strip_prefix("bot").map(decode_segment);
    match (method, segments) {
        ("GET" | "POST", ["telegram", bot, name]) => {
            let known = METHODS.iter().find(|(_, known, _)| known == name);
            let unknown = || Action::Unknown((*name).to_owned());
            let action = known.map_or_else(unknown, |(method, _, _)| Action::Call(*method));
            Some(Route { token: token(bot)?, action })
        }
        ("GET", ["telegram", "file", bot, path @ ..]) => {
            Some(Route { token: token(bot)?, action: Action::Download(path.join("/")) })
        }
        _ => None,
    }
}
