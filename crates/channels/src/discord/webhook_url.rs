//! The webhook's URL, as it is configured.

use miyabi_core::config::{Webhook, is_base_url};

/// Splits a webhook's URL into the URL to call and its id. Discord's own host is replaced by the
/// configured API base, so that one variable moves every call; any other host is used as it is.
pub fn parse_webhook_url(text: &str, api_base: &str) -> Option<Webhook> {
    let (before_query, _) = text.split_once('?').unwrap_or((text, ""));
    let url = before_query.trim_end_matches('/');
    let (origin, path) = url.split_once("/webhooks/")?;
    let (id, token) = path.split_once('/')?;
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let is_token = !token.is_empty() && token.bytes().all(is_plain);
    let host = origin.split_once("://")?.1.split('/').next()?;
    let is_discord = host == "discord.com"
        || host == "discordapp.com"
        || host.ends_with(".discord.com")
        || host.ends_with(".discordapp.com");
    let base = if is_discord { api_base } else { origin };
    (is_id && is_token && is_base_url(origin))
        .then(|| Webhook { url: format!("{base}/webhooks/{id}/{token}"), id: id.to_owned() })
}

/// Returns whether a path segment takes a byte unescaped.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discords_webhook_follows_the_api_base_and_any_other_is_used_as_it_is() {
        let base = "http://127.0.0.1:9/api/v10";
        for (url, expected) in [
            ("https://discord.com/api/webhooks/1/t", "http://127.0.0.1:9/api/v10/webhooks/1/t"),
            (
                "https://ptb.discord.com/api/v10/webhooks/1/t/",
                "http://127.0.0.1:9/api/v10/webhooks/1/t",
            ),
            ("http://127.0.0.1:8/x/webhooks/1/t?wait=true", "http://127.0.0.1:8/x/webhooks/1/t"),
            ("https://notdiscord.com/webhooks/1/t", "https://notdiscord.com/webhooks/1/t"),
            (
                "https://discord.com/api/webhooks/123/to-ken_1",
                "http://127.0.0.1:9/api/v10/webhooks/123/to-ken_1",
            ),
        ] {
            let webhook = parse_webhook_url(url, base).unwrap();
            assert_eq!(webhook.url, expected);
            assert!(expected.contains(&format!("/{}/", webhook.id)), "{url}");
        }
    }

    #[test]
    fn what_is_no_webhook_s_url_is_refused() {
        for url in [
            "https://discord.com/channels/1/2",
            "https://discord.com/api/webhooks/1/t/slack",
            "https://discord.com/api/webhooks/1/a b",
            "https://discord.com/api/webhooks/x/t",
            "https://discord.com/api/webhooks//t",
            "http://example.com/webhooks/1/t",
        ] {
            assert_eq!(parse_webhook_url(url, "https://discord.com/api/v10"), None, "{url}");
        }
    }
}
