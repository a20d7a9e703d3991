//! Tests what people do, and how the Worker gets to know of it.

use serde_json::{Value, json};

use super::Telegram;
use crate::bench::Worker;
use crate::page::Events;

/// The updates that a Worker has got.
fn received(worker: &Worker) -> Vec<Value> {
    let received = worker.received.lock().unwrap();
    received.iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect()
}

#[tokio::test]
async fn a_private_message_arrives_with_the_secret_and_a_growing_number() {
    let telegram = Telegram::start().await;
    let worker = Worker::start(json!({})).await;
    telegram.order(&worker, json!({ "text": "Why? https://a.example" })).await;
    let done = telegram.order(&worker, json!({ "text": "なぜ?", "as": "alex" })).await;
    assert_eq!(done["updates"][0]["state"], "taken");
    let [first, second] = &received(&worker)[..] else { panic!("two updates") };
    let number = |update: &Value| update["update_id"].as_u64().unwrap();
    assert_eq!(number(first) + 1, number(second));
    assert_eq!(
        first["message"]["entities"][0],
        json!({ "type": "url", "offset": 5, "length": 17 })
    );
    let (from, chat) = (&second["message"]["from"], &second["message"]["chat"]);
    assert_eq!((&from["id"], &chat["type"]), (&chat["id"], &json!("private")));
    assert!(from["id"].as_u64().unwrap() > u64::from(u32::MAX));
    let (headers, _) = worker.received.lock().unwrap()[0].clone();
    let secret = telegram.bench.world["telegram"]["secret_token"].as_str().unwrap();
    assert_eq!(headers["x-telegram-bot-api-secret-token"], secret);
}

#[tokio::test]
async fn in_a_group_the_bot_sees_only_what_is_for_it() {
    let telegram = Telegram::start().await;
    let worker = Worker::start(json!({})).await;
    let own = telegram.say("supergroup", "Ask me.").await;
    let theirs = telegram.order(&worker, json!({ "text": "Hello all", "in": "supergroup" })).await;
    assert_eq!(theirs["updates"], json!([]));
    let id = &theirs["messages"][0];
    for (order, is_seen) in [
        (json!({ "text": "/ask@miyabi_lab_bot why?" }), true),
        (json!({ "text": "/ask why?" }), true),
        (json!({ "text": "/ask@other_lab_bot why?" }), false),
        (json!({ "text": "@Miyabi_Lab_Bot why?" }), true),
        (json!({ "text": "why, @mio_lab?" }), false),
        (json!({ "text": "why?", "reply_to": own["message_id"] }), true),
        (json!({ "text": "why?", "reply_to": id }), false),
    ] {
        let mut order = order;
        order["in"] = json!("supergroup");
        let done = telegram.order(&worker, order.clone()).await;
        assert_eq!(done["updates"].as_array().unwrap().len(), usize::from(is_seen), "{order}");
    }
    telegram.configure(json!({ "privacy": false })).await;
    let done = telegram.order(&worker, json!({ "text": "Hello", "in": "supergroup" })).await;
    assert_eq!(done["updates"].as_array().unwrap().len(), 1);
    // A reply in a supergroup is in a thread that is no topic.
    let reply = received(&worker);
    let reply = reply.iter().find(|update| update["message"]["reply_to_message"].is_object());
    let message = &reply.unwrap()["message"];
    assert_eq!(message["message_thread_id"], own["message_id"]);
    assert!(message.get("is_topic_message").is_none());
}

#[tokio::test]
async fn a_topic_is_told_with_the_message_that_created_it() {
    let telegram = Telegram::start().await;
    let worker = Worker::start(json!({})).await;
    let order = json!({ "text": "/ask why?", "in": "forum", "topic": "random" });
    let done = telegram.order(&worker, order).await;
    let message = &done["updates"][0]["update"]["message"];
    assert_eq!(
        (&message["message_thread_id"], &message["is_topic_message"]),
        (&json!(3), &json!(true))
    );
    assert_eq!(message["reply_to_message"]["forum_topic_created"]["name"], "random");
    assert_eq!(message["chat"]["is_forum"], true);
    assert_eq!(telegram.seen("forum").await["messages"][0]["topic"], "random");
}

#[tokio::test]
async fn edits_albums_buttons_and_unknown_kinds_are_updates_of_their_own() {
    let telegram = Telegram::start().await;
    let worker = Worker::start(json!({})).await;
    let done = telegram.order(&worker, json!({ "text": "why" })).await;
    let id = &done["messages"][0];
    let done = telegram.order(&worker, json!({ "text": "why?", "edit": id })).await;
    let edited = &done["updates"][0]["update"]["edited_message"];
    assert_eq!((&edited["text"], &edited["message_id"]), (&json!("why?"), id));
    assert!(edited["edit_date"].is_u64());

    let photo = json!({ "photo": { "hex": "ffd8ff" } });
    let album = json!({ "album": [photo, photo, photo], "text": "these" });
    let done = telegram.order(&worker, album).await;
    let items: Vec<&Value> =
        done["updates"].as_array().unwrap().iter().map(|u| &u["update"]["message"]).collect();
    assert_eq!(items.len(), 3);
    assert!(items.iter().all(|item| item["media_group_id"] == items[0]["media_group_id"]));
    let captions: Vec<bool> = items.iter().map(|item| item["caption"].is_string()).collect();
    assert_eq!(captions, [true, false, false]);
    assert_eq!(items[0]["photo"].as_array().unwrap().len(), 2);

    let keyboard = json!({ "inline_keyboard": [[{ "text": "Stop", "callback_data": "s:1" }]] });
    let body = json!({ "chat_id": telegram.chat("mio"), "text": "a", "reply_markup": keyboard });
    let message = telegram.done("sendMessage", body).await;
    let press = json!({ "press": { "message": message["message_id"], "data": "s:1" } });
    let done = telegram.order(&worker, press).await;
    let query = &done["updates"][0]["update"]["callback_query"];
    assert_eq!((&query["data"], &query["id"]), (&json!("s:1"), &done["query"]));
    let answer = json!({ "callback_query_id": query["id"], "text": "Stopped." });
    telegram.done("answerCallbackQuery", answer).await;
    let queries = telegram.bench.get("/lab/telegram/queries").await.body;
    assert_eq!(queries[0]["answer"]["text"], "Stopped.");
    let found = telegram.refused("answerCallbackQuery", json!({ "callback_query_id": "1" })).await;
    assert!(found.contains("query is too old"), "{found}");

    let unknown = json!({ "update": { "poll_answer": { "poll_id": "1" } } });
    let done = telegram.order(&worker, unknown).await;
    assert_eq!(done["updates"][0]["update"]["poll_answer"]["poll_id"], "1");
}

#[tokio::test]
async fn an_update_is_sent_again_until_it_is_taken_and_others_of_the_chat_wait() {
    let telegram = Telegram::start().await;
    telegram.configure(json!({ "retry_ms": 10, "attempts": 3 })).await;
    let broken = Worker::answering(503, "text/plain", json!(null), 0).await;
    let done = telegram.order(&broken, json!({ "text": "a" })).await;
    assert_eq!(done["updates"][0]["attempts"][0]["status"], 503);
    let (worker, number) = (Worker::start(json!({})).await, &done["updates"][0]["update_id"]);
    // It waits until the one before is given up.
    let next = telegram.order(&worker, json!({ "text": "b" })).await;
    assert_eq!(next["updates"][0]["state"], "taken");
    let all = telegram.bench.get("/lab/telegram/updates").await.body;
    assert_eq!((&all[0]["state"], &all[0]["update_id"]), (&json!("given_up"), number));
    let numbers: Vec<Value> = received(&broken).iter().map(|u| u["update_id"].clone()).collect();
    assert_eq!(numbers, vec![number.clone(); 3]);
    let info = telegram.done("getWebhookInfo", json!({})).await;
    assert_eq!(info["last_error_message"], "Wrong response from the webhook: 503");
}

#[tokio::test]
async fn an_update_can_be_delivered_twice_at_once_and_again() {
    let telegram = Telegram::start().await;
    let worker = Worker::start(json!({})).await;
    let done = telegram.order(&worker, json!({ "text": "a", "copies": 2 })).await;
    let update = &done["updates"][0];
    assert_eq!(update["attempts"].as_array().unwrap().len(), 2);
    telegram.order(&worker, json!({ "again": update["update_id"] })).await;
    let received = received(&worker);
    assert_eq!(received.len(), 3);
    assert!(received.iter().all(|other| *other == received[0]));
}

#[tokio::test]
async fn a_forged_secret_wants_a_401_and_is_not_sent_again() {
    let telegram = Telegram::start().await;
    let strict = Worker::answering(401, "text/plain", json!(null), 0).await;
    for secret in ["forged", ""] {
        let done = telegram.order(&strict, json!({ "text": "a", "secret": secret })).await;
        assert_eq!(done["updates"][0]["state"], "given_up");
    }
    assert!(!strict.received.lock().unwrap()[1].0.contains_key("x-telegram-bot-api-secret-token"));
    assert_eq!(telegram.bench.violations().await, Vec::<String>::new());
    let lax = Worker::start(json!({})).await;
    telegram.order(&lax, json!({ "text": "a", "secret": "forged" })).await;
    let expected = ["telegram: an update with a wrong secret was not answered with 401"];
    assert_eq!(telegram.bench.violations().await, expected);
}

#[tokio::test]
async fn a_call_in_the_answer_is_carried_out() {
    let telegram = Telegram::start().await;
    let chat = telegram.chat("mio");
    let call = json!({ "method": "sendMessage", "chat_id": chat, "text": "Help." });
    let worker = Worker::start(call).await;
    telegram.order(&worker, json!({ "text": "/help" })).await;
    let seen = &telegram.seen("mio").await["messages"];
    assert_eq!((&seen[1]["author"], &seen[1]["text"]), (&json!("Miyabi"), &json!("Help.")));
    let calls = telegram.bench.calls("telegram_send_message").await;
    assert_eq!((&calls[0]["status"], calls.len()), (&json!(200), 1));
    // A mistake in it is one.
    let wrong =
        Worker::start(json!({ "method": "sendMessage", "chat_id": chat, "text": "" })).await;
    telegram.order(&wrong, json!({ "text": "/help" })).await;
    assert_eq!(telegram.bench.violations().await, ["telegram: message text is empty"]);
}

#[tokio::test]
async fn a_slow_answer_is_not_awaited_for_ever() {
    let telegram = Telegram::start().await;
    telegram.configure(json!({ "webhook_timeout_ms": 30, "attempts": 1 })).await;
    let slow = Worker::answering(200, "text/plain", json!(null), 600).await;
    let done = telegram.order(&slow, json!({ "text": "a" })).await;
    assert_eq!(done["updates"][0]["attempts"][0]["error"], "no answer within 30 ms");
}

#[tokio::test]
async fn updates_go_where_the_webhook_was_set() {
    let telegram = Telegram::start().await;
    let worker = Worker::start(json!({})).await;
    let body = json!({
        "url": format!("{}/elsewhere", worker.url), "secret_token": "s", "allowed_updates": ["message"],
    });
    telegram.done("setWebhook", body).await;
    let order = json!({ "text": "a" });
    let done = telegram.bench.post("/lab/telegram/updates", &order).await.body;
    assert_eq!(done["updates"][0]["state"], "taken");
    let (headers, _) = worker.received.lock().unwrap()[0].clone();
    assert_eq!(headers["x-telegram-bot-api-secret-token"], "s");
    // Only kinds that were asked for are sent.
    let edit = json!({ "text": "b", "edit": done["messages"][0] });
    let done = telegram.bench.post("/lab/telegram/updates", &edit).await.body;
    assert_eq!(done["updates"], json!([]));
}

#[tokio::test]
async fn nothing_secret_reaches_the_page() {
    let telegram = Telegram::start().await;
    let worker = Worker::start(json!({})).await;
    telegram.order(&worker, json!({ "text": "a" })).await;
    let shown = Events::open(&telegram.bench).await.next().await.to_string();
    for field in ["bot_token", "secret_token"] {
        let secret = telegram.bench.world["telegram"][field].as_str().unwrap();
        assert!(!shown.contains(secret), "{field}");
    }
    assert!(shown.contains("telegram/message/mio/"), "{shown}");
}
