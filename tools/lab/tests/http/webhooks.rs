//! Tests the posts of webhooks: effects, refusals and the rate limit.

use serde_json::{Value, json};

use crate::bench::{Bench, USER_AGENT, reply_schema};

#[tokio::test]
async fn posts_as_the_person_and_returns_the_message() {
    let bench = Bench::start().await;
    let avatar = "https://cdn.discordapp.com/avatars/1/0.png";
    let body = json!({ "content": " hello ", "username": " み  お ", "avatar_url": avatar });
    let got = bench.execute(&body).await;
    assert_eq!(got.status, 200);
    assert_eq!(got.body["content"], "hello");
    assert_eq!(got.body["author"]["username"], "み お");
    assert_eq!(got.body["webhook_id"], bench.text("webhook_id"));
    assert_eq!(got.body["channel_id"], bench.channel("general"));
    let errors: Vec<_> = reply_schema("MessageResponse")
        .iter_errors(&got.body)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    let seen = bench.seen("general").await;
    assert_eq!(seen[0]["author"], "み お");
    assert_eq!(seen[0]["avatar_url"], avatar);
    assert_eq!(bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn answers_204_without_wait_and_works_without_a_version() {
    let bench = Bench::start().await;
    let path = bench.webhook().replace("/v10", "");
    let got = bench.call("POST", &path, &json!({ "content": "a" })).await;
    assert_eq!((got.status, got.body), (204, json!("")));
    assert!(bench.text("webhook_url").ends_with(&path));
    assert_eq!(bench.contents("general").await, ["a"]);
}

#[tokio::test]
async fn refuses_bodies_with_discords_codes() {
    let bench = Bench::start().await;
    let long = |n: usize| "a".repeat(n);
    for (body, path, code) in [
        (json!({ "content": "雅".repeat(2001) }), "/content", "BASE_TYPE_MAX_LENGTH"),
        (
            json!({ "content": "a", "username": "my Discord" }),
            "/username",
            "USERNAME_INVALID_CONTAINS",
        ),
        (json!({ "content": "a", "username": "clyde" }), "/username", "USERNAME_INVALID_CONTAINS"),
        (json!({ "content": "a", "username": "here" }), "/username", "USERNAME_INVALID"),
        (json!({ "content": "a", "username": "" }), "/username", "BASE_TYPE_BAD_LENGTH"),
        (json!({ "content": "a", "username": long(81) }), "/username", "BASE_TYPE_BAD_LENGTH"),
        (
            json!({ "content": "a", "avatar_url": "ftp://x/y" }),
            "/avatar_url",
            "URL_TYPE_INVALID_SCHEME",
        ),
        (
            json!({ "content": "a", "avatar_url": "nonsense" }),
            "/avatar_url",
            "URL_TYPE_INVALID_URL",
        ),
        (
            json!({ "content": "a", "avatar_url": format!("https://x/{}", long(2048)) }),
            "/avatar_url",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            json!({ "content": "a", "allowed_mentions": { "parse": ["users"], "users": ["1"] } }),
            "/allowed_mentions",
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
        (
            json!({ "embeds": [{ "description": long(4000) }, { "description": long(2001) }] }),
            "/embeds",
            "MAX_EMBED_SIZE_EXCEEDED",
        ),
        (
            json!({ "content": "a", "flags": 32768 }),
            "/content",
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        ),
    ] {
        let got = bench.execute(&body).await;
        assert_eq!((got.status, &got.body["code"]), (400, &json!(50035)), "{}", got.body);
        let found = got.body["errors"].pointer(&format!("{path}/_errors/0/code"));
        assert_eq!(found, Some(&json!(code)), "{}", got.body);
    }
    let got = bench.execute(&json!({ "content": "a", "username": "Discord" })).await;
    let message = &got.body["errors"]["username"]["_errors"][0]["message"];
    assert_eq!(message, "Username cannot contain \"discord\"");
    assert_eq!(bench.contents("general").await, Vec::<String>::new());
    assert_eq!(bench.violations().await.len(), 13);
}

#[tokio::test]
async fn refuses_empty_messages() {
    let bench = Bench::start().await;
    let button = json!([{ "type": 1, "components": [{ "type": 2, "style": 5, "label": "x", "url": "https://x.yz" }] }]);
    for body in [
        json!({}),
        json!({ "content": "" }),
        json!({ "content": " \n " }),
        json!({ "content": null, "embeds": [] }),
        json!({ "components": button }),
    ] {
        let got = bench.execute(&body).await;
        assert_eq!((got.status, &got.body["code"]), (400, &json!(50006)), "{body}");
    }
    let path = format!("{}?wait=true&with_components=true", bench.webhook());
    assert_eq!(bench.call("POST", &path, &json!({ "components": button })).await.status, 200);
    assert_eq!(bench.execute(&json!({ "embeds": [{ "title": "a" }] })).await.status, 200);
    assert_eq!(bench.execute(&json!({ "content": "🎋".repeat(2000) })).await.status, 200);
}

#[tokio::test]
async fn refuses_requests_that_are_not_a_bots() {
    let bench = Bench::start().await;
    let path = bench.webhook();
    let json_type = ("content-type", "application/json");
    let agent = ("user-agent", USER_AGENT);
    for (headers, body, status, code) in [
        (vec![json_type], r#"{"content":"a"}"#, 403, 40333),
        (vec![json_type, ("user-agent", "Mozilla/5.0")], r#"{"content":"a"}"#, 403, 40333),
        (vec![json_type, agent, ("authorization", "Bot wrong")], r#"{"content":"a"}"#, 401, 0),
        (vec![json_type, agent], r#"{"content":"#, 400, 50109),
        (vec![json_type, agent], "", 400, 50109),
        (vec![agent], r#"{"content":"a"}"#, 400, 50035),
        (vec![agent, ("content-type", "text/plain")], r#"{"content":"a"}"#, 400, 50035),
    ] {
        let got = bench.send("POST", &path, &headers, body).await.unwrap();
        assert_eq!((got.status, &got.body["code"]), (status, &json!(code)), "{headers:?}");
    }
    assert_eq!(bench.violations().await.len(), 7);
}

#[tokio::test]
async fn ignores_a_name_nobody_can_see_and_unknown_fields_and_says_so() {
    let bench = Bench::start().await;
    let body = json!({ "content": "a", "username": "\u{200b}", "nonce": "1" });
    assert_eq!(bench.execute(&body).await.body["author"]["username"], "Lab webhook");
    let notes = &bench.calls("execute_webhook").await[0]["notes"];
    assert_eq!(*notes, json!(["invisible `username` was ignored", "`nonce` is ignored here"]));
}

#[tokio::test]
async fn stores_a_content_as_discord_rewrites_it_unless_told_otherwise() {
    let bench = Bench::start().await;
    let body = json!({ "content": " e\u{301} <a:party:1> <:miyabi:1180000000000000701> " });
    let got = bench.execute(&body).await;
    assert_eq!(got.body["content"], "é :party: <:miyabi:1180000000000000701>");
    bench.post("/lab/config", &json!({ "rewrites": false })).await;
    bench.execute(&body).await;
    let contents = bench.contents("general").await;
    assert_eq!(contents[1], "e\u{301} <a:party:1> <:miyabi:1180000000000000701>");
}

#[tokio::test]
async fn blames_a_forbidden_word_in_disguise() {
    let bench = Bench::start().await;
    let got = bench.execute(&json!({ "content": "a", "username": "Disc\u{43e}rd Support" })).await;
    assert_eq!(got.status, 200);
    let expected = "username reads like \"discord\", which Discord forbids";
    assert_eq!(bench.violations().await, [expected]);
}

#[tokio::test]
async fn a_webhooks_post_cannot_be_ephemeral() {
    let bench = Bench::start().await;
    let got = bench.execute(&json!({ "content": "a", "flags": 64 | 4 })).await;
    assert_eq!(got.body["flags"], 4);
    assert_eq!(bench.violations().await, ["flags 68: not all of them may be set here"]);
}

#[tokio::test]
async fn records_who_would_have_been_pinged() {
    let bench = Bench::start().await;
    let content = "@everyone <@1180000000000000501> <@&7>";
    bench.execute(&json!({ "content": content })).await;
    bench.execute(&json!({ "content": content, "allowed_mentions": { "parse": [] } })).await;
    let all = json!({ "parse": ["everyone", "roles", "users"] });
    let got = bench.execute(&json!({ "content": content, "allowed_mentions": all })).await;
    assert_eq!(got.body["mention_everyone"], true);
    assert_eq!(got.body["mentions"][0]["username"], "mio");
    let id = got.body["id"].as_str().unwrap();
    let path = format!("{}/messages/{id}", bench.webhook());
    bench.call("PATCH", &path, &json!({ "content": content })).await;
    let pings: Vec<Value> =
        bench.seen("general").await.iter().map(|message| message["pings"].clone()).collect();
    let mio = "<@1180000000000000501>";
    assert_eq!(pings, [json!([mio]), json!([]), json!([mio])]);
}

#[tokio::test]
async fn blames_a_second_call_to_a_webhook_that_is_gone() {
    let bench = Bench::start().await;
    let body = json!({ "content": "a" });
    let wrong_token = format!("/api/v10/webhooks/{}/nope", bench.text("webhook_id"));
    let got = bench.call("POST", &wrong_token, &body).await;
    assert_eq!((got.status, &got.body["code"]), (401, &json!(50027)));
    for expected in [1, 2] {
        let got = bench.call("POST", "/api/v10/webhooks/1/nope", &body).await;
        assert_eq!((got.status, &got.body["code"]), (404, &json!(10015)));
        assert_eq!(bench.violations().await.len(), expected);
    }
    let gone = json!({ "message": "Unknown Webhook", "code": 10015 });
    let rule = json!({ "match": { "operation": "execute_webhook" }, "then": { "status": 404, "body": gone } });
    bench.post("/lab/faults", &rule).await;
    bench.execute(&body).await;
    bench.execute(&body).await;
    assert_eq!(bench.violations().await.len(), 3);
}

#[tokio::test]
async fn posts_into_its_own_threads_only() {
    let bench = Bench::start().await;
    let body = json!({ "content": "a" });
    let to = |id: &str| format!("{}?wait=true&thread_id={id}", bench.webhook());
    let got = bench.call("POST", &to(bench.channel("thread")), &body).await;
    assert_eq!(got.body["channel_id"], bench.channel("thread"));
    let id = got.body["id"].as_str().unwrap().to_owned();
    let got = bench.call("POST", &to(bench.channel("random")), &body).await;
    assert_eq!((got.status, &got.body["code"]), (400, &json!(10003)));
    let message = format!("{}/messages/{id}", bench.webhook());
    assert_eq!(bench.call("GET", &message, &Value::Null).await.body["code"], 10008);
    let message = format!("{message}?thread_id={}", bench.channel("thread"));
    assert_eq!(bench.call("GET", &message, &Value::Null).await.status, 200);
    bench.post("/lab/config", &json!({ "thread_locked": true })).await;
    let got = bench.call("POST", &to(bench.channel("thread")), &body).await;
    assert_eq!((got.status, &got.body["code"]), (400, &json!(50083)));
    let got = bench.execute(&json!({ "content": "a", "thread_name": "b" })).await;
    assert_eq!(got.body["code"], 220_003);
}

#[tokio::test]
async fn reads_edits_and_deletes_its_messages() {
    let bench = Bench::start().await;
    let posted = bench.execute(&json!({ "content": "a", "username": "mio" })).await;
    let path = format!("{}/messages/{}", bench.webhook(), posted.body["id"].as_str().unwrap());
    let edited = bench.call("PATCH", &path, &json!({ "content": "b", "username": "x" })).await;
    assert_eq!(
        (&edited.body["content"], &edited.body["author"]["username"]),
        (&json!("b"), &json!("mio"))
    );
    assert!(edited.body["edited_timestamp"].is_string());
    assert_eq!(bench.call("PATCH", &path, &json!({ "content": "" })).await.body["code"], 50006);
    assert_eq!(bench.call("PATCH", &path, &json!({ "content": 5 })).await.body["code"], 50035);
    assert_eq!(bench.call("GET", &path, &Value::Null).await.body["content"], "b");
    assert_eq!(bench.call("DELETE", &path, &Value::Null).await.status, 204);
    for method in ["GET", "DELETE"] {
        let got = bench.call(method, &path, &Value::Null).await;
        assert_eq!((got.status, &got.body["code"]), (404, &json!(10008)));
    }
    let shown = bench.call("GET", &bench.webhook(), &Value::Null).await;
    assert!(reply_schema("GuildIncomingWebhookResponse").is_valid(&shown.body), "{}", shown.body);
    assert_eq!(shown.body["channel_id"], bench.channel("general"));
}

#[tokio::test]
async fn takes_files_by_multipart() {
    let bench = Bench::start().await;
    let payload = json!({ "content": "see file",
        "attachments": [{ "id": 0, "filename": "answer.md", "description": "all of it" }] });
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{payload}\r\n\
         --x\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"a.md\"\r\n\
         Content-Type: text/markdown\r\n\r\n# 雅\r\n--x--\r\n"
    );
    let headers = [("user-agent", USER_AGENT), ("content-type", "multipart/form-data; boundary=x")];
    let path = format!("{}?wait=true", bench.webhook());
    let got = bench.send("POST", &path, &headers, body).await.unwrap();
    assert_eq!(got.status, 200, "{}", got.body);
    let file = &got.body["attachments"][0];
    assert_eq!(
        (&file["filename"], &file["description"]),
        (&json!("answer.md"), &json!("all of it"))
    );
    let recorded = &bench.calls("execute_webhook").await[0]["body"];
    assert_eq!(recorded["files"][0]["text"], "# 雅");
    assert_eq!(recorded["payload_json"]["content"], "see file");
}

#[tokio::test]
async fn limits_a_webhook_when_told_to() {
    let bench = Bench::start().await;
    bench.post("/lab/config", &json!({ "rate_limits": true })).await;
    let body = json!({ "content": "a" });
    let first = bench.execute(&body).await;
    assert_eq!(first.headers["x-ratelimit-limit"], "5");
    assert_eq!(first.headers["x-ratelimit-remaining"], "4");
    for _ in 0..4 {
        assert_eq!(bench.execute(&body).await.status, 200);
    }
    let limited = bench.execute(&body).await;
    assert_eq!(limited.status, 429);
    assert_eq!(limited.body["global"], false);
    assert!(limited.body["retry_after"].as_f64().unwrap() <= 2.0);
    assert!(["1", "2"].contains(&&*limited.headers["retry-after"]));
    assert_eq!(limited.headers["x-ratelimit-scope"], "user");
    assert_eq!(bench.violations().await.len(), 0);
    bench.execute(&body).await;
    assert_eq!(bench.violations().await, ["called again before `retry_after` had passed"]);
    assert_eq!(bench.contents("general").await.len(), 5);
}
