//! Tests what an operator sets up, and that nothing secret is shown.

use serde_json::json;

use super::Telegram;

#[tokio::test]
async fn a_webhook_is_set_checked_and_told_of() {
    let telegram = Telegram::start().await;
    let info = telegram.done("getWebhookInfo", json!({})).await;
    assert_eq!((&info["url"], &info["pending_update_count"]), (&json!(""), &json!(0)));
    for (body, expected) in [
        (
            json!({ "url": "http://a.example" }),
            "bad webhook: An HTTPS URL must be provided for webhook",
        ),
        (
            json!({ "url": "https://a.example", "secret_token": "a b" }),
            "secret token contains unallowed characters",
        ),
        (
            json!({ "url": "https://a.example", "max_connections": 101 }),
            "lab: `max_connections` is not 1 to 100",
        ),
        (
            json!({ "url": "https://a.example", "allowed_updates": ["massage"] }),
            "lab: `allowed_updates`: the lab knows no \"massage\"",
        ),
    ] {
        let found = telegram.refused("setWebhook", body.clone()).await;
        assert_eq!(found, format!("Bad Request: {expected}"), "{body}");
    }
    let url = "https://a.example/telegram/webhook";
    let body = json!({
        "url": url, "secret_token": "se-cret_5", "allowed_updates": ["message"], "max_connections": 20,
    });
    telegram.done("setWebhook", body).await;
    let info = telegram.done("getWebhookInfo", json!({})).await;
    let expected = json!({
        "url": url, "has_custom_certificate": false, "pending_update_count": 0,
        "max_connections": 20, "allowed_updates": ["message"],
    });
    assert_eq!(info, expected);
}

#[tokio::test]
async fn commands_are_kept_by_scope_and_language() {
    let telegram = Telegram::start().await;
    let command = |name: &str| json!([{ "command": name, "description": "Ask" }]);
    let set = |name: &str, language: &str| json!({ "commands": command(name), "language_code": language });
    telegram.done("setMyCommands", set("ask", "")).await;
    telegram.done("setMyCommands", set("kiku", "ja")).await;
    assert_eq!(telegram.done("getMyCommands", json!({})).await, command("ask"));
    let japanese = json!({ "language_code": "ja" });
    assert_eq!(telegram.done("getMyCommands", japanese.clone()).await, command("kiku"));
    telegram.done("deleteMyCommands", japanese.clone()).await;
    assert_eq!(telegram.done("getMyCommands", japanese).await, json!([]));
    for (body, expected) in [
        (set("Ask", ""), "BOT_COMMAND_INVALID"),
        (set("ask", "jpn"), "BOT_COMMANDS_LANG_CODE_INVALID"),
        (
            json!({ "commands": [{ "command": "a", "description": "" }] }),
            "BOT_COMMAND_DESCRIPTION_INVALID",
        ),
    ] {
        let found = telegram.refused("setMyCommands", body).await;
        assert_eq!(found, format!("Bad Request: {expected}"));
    }
}

#[tokio::test]
async fn the_bot_says_who_it_is() {
    let telegram = Telegram::start().await;
    let me = telegram.done("getMe", json!({})).await;
    let bot = &telegram.bench.world["telegram"]["bot"];
    assert_eq!((&me["id"], &me["username"]), (&bot["id"], &bot["username"]));
    assert_eq!(me["can_read_all_group_messages"], false);
}
