//! Finds the service and the operation that a request is for.

use crate::{ai, discord, pages, search, slack, telegram, vendors, weather, whatsapp};

/// One operation of an emulated service, with what its path says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Discord(discord::Route),
    Telegram(telegram::Route),
    Slack(slack::Route),
    WhatsApp(whatsapp::Route),
    Ai,
    Markdown,
    /// With the path of a file.
    File(String),
    Vendor(vendors::ModelCall),
    /// With the page's path.
    Page(String),
    Search(search::Route),
    Weather(weather::Route),
    Unknown,
}

/// Name of calls that are for no operation of any service.
const UNKNOWN: &str = "unknown";

/// Names of all operations, for fault rules.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    let discord = discord::OPERATIONS.into_iter();
    discord
        .chain(telegram::operations())
        .chain(slack::operations())
        .chain(whatsapp::operations())
        .chain([ai::OPERATION, ai::markdown::OPERATION, discord::cdn::OPERATION])
        .chain(vendors::operations())
        .chain([pages::OPERATION])
        .chain(search::OPERATIONS)
        .chain(weather::OPERATIONS)
        .chain([UNKNOWN])
}

impl Route {
    /// Name used by fault rules and in the record.
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::Discord(route) => route.operation(),
            Self::Telegram(route) => route.operation(),
            Self::Slack(route) => route.operation(),
            Self::WhatsApp(route) => route.operation(),
            Self::Ai => ai::OPERATION,
            Self::Markdown => ai::markdown::OPERATION,
            Self::File(_) => discord::cdn::OPERATION,
            Self::Vendor(call) => call.operation(),
            Self::Page(_) => pages::OPERATION,
            Self::Search(route) => route.operation(),
            Self::Weather(route) => route.operation(),
            Self::Unknown => UNKNOWN,
        }
    }
}

/// Finds the operation of a request.
pub(crate) fn find(method: &str, path: &str) -> Route {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let segments = segments.as_slice();
    if (method, segments) == ("POST", ["ai", "run"].as_slice()) {
        return Route::Ai;
    }
    if (method, segments) == ("POST", ["ai", "tomarkdown"].as_slice()) {
        return Route::Markdown;
    }
    discord::cdn::find(method, segments)
        .map(Route::File)
        .or_else(|| weather::find(method, segments).map(Route::Weather))
        .or_else(|| pages::find(method, segments).map(Route::Page))
        .or_else(|| search::find(method, segments).map(Route::Search))
        .or_else(|| telegram::find(method, segments).map(Route::Telegram))
        .or_else(|| slack::find(method, segments).map(Route::Slack))
        .or_else(|| whatsapp::find(method, segments).map(Route::WhatsApp))
        .or_else(|| discord::find(method, segments).map(Route::Discord))
        .or_else(|| vendors::find(method, segments).map(Route::Vendor))
        .unwrap_or(Route::Unknown)
}

#[cfg(test)]
mod tests {
    use super::{find, operations};
    use crate::discord::world::APPLICATION_ID;

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
            ("POST", "/telegram/bot1:a/sendMessage", "telegram_send_message"),
            ("GET", "/telegram/bot1:a/getMe", "telegram_get_me"),
            ("POST", "/telegram/bot1:a/sendmessage", "telegram_unknown"),
            ("GET", "/telegram/file/bot1:a/documents/a.txt", "telegram_download"),
            ("POST", "/telegram/1:a/sendMessage", "unknown"),
            ("POST", "/slack/api/chat.postMessage", "slack_post_message"),
            ("GET", "/slack/api/conversations.info", "slack_channel_info"),
            ("POST", "/slack/api/chat.scheduleMessage", "slack_unknown"),
            ("POST", "/slack/upload/a", "slack_upload"),
            ("GET", "/slack/files/T1-F1/download/a.txt", "slack_download"),
            ("POST", "/slack/hooks/a", "slack_respond"),
            ("POST", "/whatsapp/v23.0/106540352242922/messages", "whatsapp_messages"),
            ("GET", "/whatsapp/v23.0/106540352242922", "whatsapp_phone_number"),
            ("GET", "/whatsapp/v23.0/718000000000001", "whatsapp_media"),
            ("GET", "/whatsapp/media/a", "whatsapp_download"),
            ("GET", "/whatsapp/v23.0/debug_token", "whatsapp_debug_token"),
            ("GET", "/whatsapp/v22.0/106540352242922", "whatsapp_unknown"),
            ("POST", "/whatsapp/v23.0/106540352242922/register", "whatsapp_unknown"),
            ("POST", "/ai/run", "ai_run"),
            ("POST", "/ai/tomarkdown", "to_markdown"),
            ("GET", "/pages/https/cdn.discordapp.com/attachments/1/2/a.txt", "attachment"),
            ("GET", "/open-meteo/v1/forecast", "weather"),
            ("GET", "/pages/https/a.example/b/c", "page"),
            ("GET", "/brave/res/v1/web/search", "brave_search"),
            ("POST", "/tavily/search", "tavily_search"),
            ("GET", "/searxng/search", "searxng_search"),
            ("POST", "/pages/https/a.example/b/c", "unknown"),
            ("POST", "/groq/openai/v1/chat/completions", "groq"),
            ("GET", "/ollama/v1/models", "list_models"),
            ("POST", "/gemini/v1beta/models/gemini-2.5-flash:generateContent", "gemini"),
            ("POST", "/gateway/v1/a/g/anthropic/v1/messages", "anthropic"),
            ("POST", "/gateway/v1/a/g/ollama/chat/completions", "unknown"),
            ("POST", "/api/v9000/webhooks/1/t", "unknown"),
            ("GET", "/", "unknown"),
        ] {
            assert_eq!(find(method, path).operation(), operation, "{method} {path}");
            assert!(operations().any(|known| known == operation), "{operation}");
        }
    }
}
