//! Tests what the Bot API refuses of a message, in its words.

use serde_json::{Value, json};

use super::Telegram;

fn bold(offset: u64, length: u64) -> Value {
    json!([{ "type": "bold", "offset": offset, "length": length }])
}

#[tokio::test]
async fn a_wrong_token_and_an_unknown_method_are_refused() {
    let telegram = Telegram::start().await;
    let got = telegram.bench.send("GET", "/telegram/bot1:x/getMe", &[], "").await.unwrap();
    let expected = json!({ "ok": false, "error_code": 401, "description": "Unauthorized" });
    assert_eq!((got.status, got.body), (401, expected));
    let got = telegram.call("sendRichMessage", json!({})).await;
    let expected = json!({ "ok": false, "error_code": 404, "description": "Not Found" });
    assert_eq!((got.status, got.body), (404, expected));
    assert_eq!(telegram.bench.violations().await.len(), 2);
}

#[tokio::test]
async fn each_mistake_in_a_message_is_refused_in_its_words() {
    let telegram = Telegram::start().await;
    let chat = telegram.chat("mio");
    let lab = |what: &str| format!("Bad Request: lab: {what}");
    let bad = |what: &str| format!("Bad Request: {what}");
    let long = "🎋".repeat(4097);
    let cases = [
        (json!({ "text": "a" }), bad("chat_id is empty")),
        (json!({ "chat_id": 5, "text": "a" }), bad("chat not found")),
        (json!({ "chat_id": chat }), bad("message text is empty")),
        (json!({ "chat_id": chat, "text": " \n" }), bad("message text is empty")),
        (json!({ "chat_id": chat, "text": long }), bad("message is too long")),
        (
            json!({ "chat_id": chat, "text": "a", "parse_mode": "HTML", "entities": bold(0, 1) }),
            lab("`entities` and `parse_mode` at once"),
        ),
        (
            json!({ "chat_id": chat, "text": "<b>a", "parse_mode": "HTML" }),
            bad("can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        ),
        (
            json!({ "chat_id": chat, "text": "a", "parse_mode": "BBCode" }),
            bad("unsupported parse_mode"),
        ),
        (
            json!({ "chat_id": chat, "text": "a", "entities": bold(0, 2) }),
            bad(
                "Entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2",
            ),
        ),
        (
            json!({ "chat_id": chat, "text": "🎋", "entities": bold(1, 1) }),
            bad("Entity begins in a middle of a UTF-16 symbol at byte offset 0"),
        ),
        (
            json!({ "chat_id": chat, "text": "a", "disable_web_page_preview": true }),
            lab("sendMessage: `disable_web_page_preview` is unknown, and Telegram would ignore it"),
        ),
        (
            json!({ "chat_id": chat, "text": "a", "reply_parameters": { "message_id": 999 } }),
            bad("message to be replied not found"),
        ),
        (
            json!({ "chat_id": chat, "text": "a", "message_thread_id": 2 }),
            bad("message thread not found"),
        ),
        (
            json!({ "chat_id": chat, "text": "a", "reply_markup": { "remove_keyboard": true } }),
            lab("only inline keyboards and prompts to reply are emulated"),
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(telegram.refused("sendMessage", body.clone()).await, expected, "{body}");
    }
    // A message that is gone is nobody's mistake.
    assert_eq!(telegram.bench.violations().await.len(), 13);
    assert_eq!(telegram.seen("mio").await["messages"], json!([]));
}

#[tokio::test]
async fn each_mistake_in_a_button_is_refused() {
    let telegram = Telegram::start().await;
    let chat = telegram.chat("mio");
    for (button, expected) in [
        (json!({ "text": "a", "callback_data": "b".repeat(65) }), "BUTTON_DATA_INVALID"),
        (json!({ "text": "a", "callback_data": "" }), "BUTTON_DATA_INVALID"),
        (json!({ "text": "a", "url": "javascript:0" }), "BUTTON_URL_INVALID"),
        (json!({ "text": " ", "callback_data": "b" }), "inline keyboard button text is empty"),
        (
            json!({ "text": "a" }),
            "Text buttons are allowed in the inline keyboard only with one action",
        ),
    ] {
        let markup = json!({ "inline_keyboard": [[button]] });
        let body = json!({ "chat_id": chat, "text": "a", "reply_markup": markup });
        let found = telegram.refused("sendMessage", body).await;
        assert_eq!(found, format!("Bad Request: {expected}"), "{markup}");
    }
}

#[tokio::test]
async fn the_longest_text_is_counted_in_code_points() {
    let telegram = Telegram::start().await;
    let message = telegram.say("mio", &"🎋".repeat(4096)).await;
    assert_eq!(message["text"].as_str().unwrap().chars().count(), 4096);
    let caption = telegram.refused(
        "sendDocument",
        json!({ "chat_id": telegram.chat("mio"), "document": "x", "caption": "雅".repeat(1025) }),
    );
    assert_eq!(caption.await, "Bad Request: message caption is too long");
}

#[tokio::test]
async fn a_chat_may_be_closed_to_the_bot() {
    let telegram = Telegram::start().await;
    telegram.configure(json!({ "blocked": ["mio"], "removed": ["forum"], "upgraded": true })).await;
    for (chat, code, description) in [
        ("mio", 403, "Forbidden: bot was blocked by the user"),
        ("forum", 403, "Forbidden: bot was kicked from the supergroup chat"),
        ("group", 400, "Bad Request: group chat was upgraded to a supergroup chat"),
    ] {
        let body = json!({ "chat_id": telegram.chat(chat), "text": "a" });
        let got = telegram.call("sendMessage", body).await;
        assert_eq!((got.status, &got.body["description"]), (code, &json!(description)), "{chat}");
        if chat == "group" {
            let to = &got.body["parameters"]["migrate_to_chat_id"];
            assert_eq!(*to, telegram.chat("supergroup"));
        }
    }
    assert_eq!(telegram.bench.violations().await, Vec::<String>::new());
    let got = telegram.bench.send("POST", "/lab/config", &[], r#"{"telegram":{"blocked":["x"]}}"#);
    assert_eq!(got.await.unwrap().status, 400);
}

#[tokio::test]
async fn a_reply_goes_without_its_message_only_if_it_may() {
    let telegram = Telegram::start().await;
    let first = telegram.say("forum", "a").await;
    let body = |id: &Value, alone: bool| {
        json!({
            "chat_id": telegram.chat("forum"), "text": "b", "message_thread_id": 2,
            "reply_parameters": { "message_id": id, "allow_sending_without_reply": alone },
        })
    };
    let reply = telegram.done("sendMessage", body(&first["message_id"], false)).await;
    assert_eq!(reply["reply_to_message"]["text"], "a");
    assert_eq!(
        (&reply["message_thread_id"], &reply["is_topic_message"]),
        (&json!(2), &json!(true))
    );
    let reply = telegram.done("sendMessage", body(&json!(999), true)).await;
    // A message of a topic that replies to none replies to the one that created the topic.
    assert_eq!(reply["reply_to_message"]["forum_topic_created"]["name"], "questions");
    // General is no topic.
    let general = json!({ "chat_id": telegram.chat("forum"), "text": "b", "message_thread_id": 1 });
    let found = telegram.refused("sendMessage", general).await;
    assert_eq!(found, "Bad Request: message thread not found");
}

#[tokio::test]
async fn a_message_is_changed_only_by_a_change_and_only_if_it_is_the_bots() {
    let telegram = Telegram::start().await;
    let chat = telegram.chat("mio");
    let message = telegram.say("mio", "a").await;
    let edit = |id: &Value, text: &str| json!({ "chat_id": chat, "message_id": id, "text": text });
    let found = telegram.refused("editMessageText", edit(&message["message_id"], " a ")).await;
    assert!(found.starts_with("Bad Request: message is not modified: "), "{found}");
    let edited = telegram.done("editMessageText", edit(&message["message_id"], "b")).await;
    assert_eq!((&edited["text"], edited["edit_date"].is_u64()), (&json!("b"), true));
    let found = telegram.refused("editMessageText", edit(&json!(999), "b")).await;
    assert_eq!(found, "Bad Request: message to edit not found");
    let gone = json!({ "chat_id": chat, "message_id": message["message_id"] });
    telegram.done("deleteMessage", gone.clone()).await;
    let found = telegram.refused("deleteMessage", gone).await;
    assert_eq!(found, "Bad Request: message to delete not found");
    assert_eq!(telegram.bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_draft_is_a_preview_in_a_private_chat_until_the_message_comes() {
    let telegram = Telegram::start().await;
    let draft = |chat: &str, id: i64, text: &str| json!({ "chat_id": telegram.chat(chat), "draft_id": id, "text": text });
    telegram.refused("sendMessageDraft", draft("group", 1, "a")).await;
    let found = telegram.refused("sendMessageDraft", draft("mio", 0, "a")).await;
    assert_eq!(found, "Bad Request: draft_id must be non-zero");
    telegram.done("sendMessageDraft", draft("mio", 7, "")).await;
    let seen = &telegram.seen("mio").await["drafts"];
    assert_eq!((&seen[0]["text"], &seen[0]["is_thinking"]), (&json!("Thinking…"), &json!(true)));
    telegram.done("sendMessageDraft", draft("mio", 7, "Hel")).await;
    assert_eq!(telegram.seen("mio").await["drafts"].as_array().unwrap().len(), 1);
    telegram.say("mio", "Hello").await;
    assert_eq!(telegram.seen("mio").await["drafts"], json!([]));
    telegram.configure(json!({ "draft_ms": 0 })).await;
    telegram.done("sendMessageDraft", draft("mio", 7, "Hel")).await;
    assert_eq!(telegram.seen("mio").await["drafts"], json!([]));
}

#[tokio::test]
async fn an_action_is_shown_until_the_message_comes() {
    let telegram = Telegram::start().await;
    let chat = telegram.chat("group");
    telegram.refused("sendChatAction", json!({ "chat_id": chat, "action": "thinking" })).await;
    telegram.done("sendChatAction", json!({ "chat_id": chat, "action": "typing" })).await;
    assert_eq!(telegram.seen("group").await["actions"][0]["action"], "typing");
    telegram.say("group", "a").await;
    assert_eq!(telegram.seen("group").await["actions"], json!([]));
}

#[tokio::test]
async fn readers_see_formatting_keyboards_reactions_and_who_is_notified() {
    let telegram = Telegram::start().await;
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Stop", "callback_data": "s" }]] });
    let body = json!({
        "chat_id": telegram.chat("mio"), "text": "Hi @mio_lab and `@x_y`",
        "entities": [{ "type": "code", "offset": 16, "length": 6 }], "reply_markup": keyboard,
        "link_preview_options": { "is_disabled": true },
    });
    let message = telegram.done("sendMessage", body).await;
    let react = json!({
        "chat_id": telegram.chat("mio"), "message_id": message["message_id"],
        "reaction": [{ "type": "emoji", "emoji": "👍" }],
    });
    telegram.done("setMessageReaction", react).await;
    let seen = &telegram.seen("mio").await["messages"][0];
    assert_eq!(seen["pings"], json!(["@mio_lab"]));
    assert_eq!(seen["keyboard"], keyboard["inline_keyboard"]);
    assert_eq!((&seen["author"], &seen["reactions"]), (&json!("Miyabi"), &json!(["👍"])));
}
