//! Tests calls with the bot's token: history, webhooks, commands.

use serde_json::{Value, json};

use crate::bench::{Bench, USER_AGENT};

const NOTHING: Value = Value::Null;

#[tokio::test]
async fn wants_the_bots_token() {
    let bench = Bench::start().await;
    let path = format!("/api/v10/channels/{}/messages", bench.channel("general"));
    for headers in [
        vec![("user-agent", USER_AGENT)],
        vec![("user-agent", USER_AGENT), ("authorization", "Bot nope")],
    ] {
        let got = bench.send("GET", &path, &headers, "").await.unwrap();
        assert_eq!((got.status, &got.body["message"]), (401, &json!("401: Unauthorized")));
    }
    assert_eq!(bench.as_bot("GET", "/api/v10/users/@me", &NOTHING).await.body["bot"], true);
    let application = bench.as_bot("GET", "/api/v10/applications/@me", &NOTHING).await;
    assert_eq!(application.body["verify_key"], bench.text("public_key"));
}

#[tokio::test]
async fn lists_a_channel_newest_first() {
    let bench = Bench::start().await;
    let mut ids = Vec::new();
    for content in ["a", "b", "c", "d"] {
        let got = bench.execute(&json!({ "content": content })).await;
        ids.push(got.body["id"].as_str().unwrap().to_owned());
    }
    let path = format!("/api/v10/channels/{}/messages", bench.channel("general"));
    for (query, expected) in [
        (String::new(), "d c b a"),
        ("?limit=2".to_owned(), "d c"),
        (format!("?after={}", ids[1]), "d c"),
        (format!("?after={}&limit=1", ids[1]), "c"),
        (format!("?before={}", ids[1]), "a"),
    ] {
        let got = bench.as_bot("GET", &format!("{path}{query}"), &NOTHING).await;
        let list = got.body.as_array().unwrap().clone();
        let contents: Vec<_> = list.iter().map(|m| m["content"].as_str().unwrap()).collect();
        assert_eq!(contents.join(" "), expected, "{query}");
    }
    let got = bench.as_bot("GET", &format!("{path}?limit=101"), &NOTHING).await;
    assert_eq!(got.body["code"], 50035);
    let got = bench.as_bot("GET", "/api/v10/channels/1/messages", &NOTHING).await;
    assert_eq!((got.status, &got.body["code"]), (404, &json!(10003)));
}

#[tokio::test]
async fn shows_the_server_and_who_is_in_it() {
    let bench = Bench::start().await;
    let (guild, general) = (bench.text("guild_id"), bench.channel("general"));
    let mio = "1180000000000000501";
    let get = async |path: String| bench.as_bot("GET", &format!("/api/v10{path}"), &NOTHING).await;
    let channel = get(format!("/channels/{general}")).await.body;
    assert_eq!(
        (&channel["guild_id"], &channel["permission_overwrites"]),
        (&json!(guild), &json!([]))
    );
    assert!(channel.get("permissions").is_none(), "{channel}");
    let thread = bench.channel("thread");
    let shown = get(format!("/channels/{thread}")).await.body;
    assert_eq!(shown["thread_metadata"]["archived"], false);
    assert_eq!(get(format!("/channels/{thread}/thread-members/{mio}")).await.body["user_id"], mio);
    let roles = get(format!("/guilds/{guild}")).await.body["roles"].clone();
    assert_eq!(roles[0]["id"], guild);
    let member = get(format!("/guilds/{guild}/members/{mio}")).await.body;
    assert_eq!(
        (&member["user"]["id"], &member["communication_disabled_until"]),
        (&json!(mio), &json!(null))
    );
    for (path, status, code) in [
        ("/channels/1".to_owned(), 404, 10003),
        (format!("/channels/{}", bench.channel("group")), 403, 50001),
        ("/guilds/1".to_owned(), 404, 10004),
        (format!("/guilds/{guild}/members/1"), 404, 10007),
        (format!("/channels/{thread}/thread-members/1"), 404, 10007),
        (format!("/channels/{general}/thread-members/{mio}"), 400, 50024),
    ] {
        let got = get(path.clone()).await;
        assert_eq!((got.status, &got.body["code"]), (status, &json!(code)), "{path}");
    }
}

#[tokio::test]
async fn makes_webhooks_that_belong_to_the_application() {
    let bench = Bench::start().await;
    let path = format!("/api/v10/channels/{}/webhooks", bench.channel("random"));
    let got = bench.as_bot("POST", &path, &json!({ "name": "Clyde's" })).await;
    assert_eq!(got.body["errors"]["name"]["_errors"][0]["code"], "USERNAME_INVALID_CONTAINS");
    assert_eq!(bench.as_bot("POST", &path, &json!({})).await.body["code"], 50035);
    let made = bench.as_bot("POST", &path, &json!({ "name": "Miyabi" })).await;
    assert_eq!(made.body["application_id"], bench.text("application_id"));
    assert_eq!(bench.as_bot("GET", &path, &NOTHING).await.body, json!([made.body]));
    let url = made.body["url"].as_str().unwrap().replace(&bench.url, "");
    let got = bench.call("POST", &format!("{url}?wait=true"), &json!({ "content": "hi" })).await;
    assert_eq!(got.body["author"]["username"], "Miyabi");
    assert_eq!(bench.contents("random").await, ["hi"]);
}

fn ask() -> Value {
    json!({
        "name": "ask", "name_localizations": { "ja": "聞く" }, "description": "Ask Miyabi",
        "description_localizations": { "ja": "雅に聞く" }, "contexts": [0, 1], "default_member_permissions": "0",
        "options": [{ "type": 3, "name": "question", "description": "What?", "required": true, "max_length": 2000 }],
    })
}

#[tokio::test]
async fn registers_commands_and_keeps_their_ids() {
    let bench = Bench::start().await;
    let everywhere = format!("/api/v10/applications/{}/commands", bench.text("application_id"));
    let first = bench.as_bot("PUT", &everywhere, &json!([ask()])).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!((&first.body[0]["name"], &first.body[0]["type"]), (&json!("ask"), &json!(1)));
    assert_eq!(first.body[0]["default_member_permissions"], "0");
    let second = bench.as_bot("PUT", &everywhere, &json!([ask()])).await;
    assert_eq!(first.body[0]["id"], second.body[0]["id"]);
    assert_eq!(bench.as_bot("GET", &everywhere, &NOTHING).await.body, second.body);
    let here =
        everywhere.replace("/commands", &format!("/guilds/{}/commands", bench.text("guild_id")));
    assert_eq!(bench.as_bot("GET", &here, &NOTHING).await.body, json!([]));
    assert_eq!(bench.as_bot("PUT", &here, &json!([ask()])).await.status, 200);
    let foreign = everywhere.replace("/commands", "/guilds/1/commands");
    assert_eq!(bench.as_bot("PUT", &foreign, &json!([])).await.body["code"], 50001);
    assert_eq!(bench.as_bot("PUT", &everywhere, &json!([])).await.body, json!([]));
}

#[tokio::test]
async fn refuses_broken_commands() {
    let bench = Bench::start().await;
    let path = format!("/api/v10/applications/{}/commands", bench.text("application_id"));
    let with = |key: &str, value: Value| {
        let mut command = ask();
        command[key] = value;
        json!([command])
    };
    let option = |name: &str, required: bool| json!({ "type": 3, "name": name, "description": "d", "required": required });
    let choice =
        |n: usize| json!({ "name": format!("{n}{}", "a".repeat(98)), "value": "b".repeat(100) });
    let wide: Vec<Value> = (0..2)
        .map(|n| {
            let choices: Vec<Value> = (0..25).map(choice).collect();
            json!({ "type": 3, "name": format!("o{n}"), "description": "d", "choices": choices })
        })
        .collect();
    for (body, path_to, code) in [
        (with("name", json!("Ask")), "/0/name", "APPLICATION_COMMAND_INVALID_NAME"),
        (with("name", json!("a b")), "/0/name", "APPLICATION_COMMAND_INVALID_NAME"),
        (with("name", json!("a".repeat(33))), "/0/name", "BASE_TYPE_MAX_LENGTH"),
        (with("description", json!("a".repeat(101))), "/0/description", "BASE_TYPE_MAX_LENGTH"),
        (with("description", json!("")), "/0/description", "BASE_TYPE_BAD_LENGTH"),
        (
            with("name_localizations", json!({ "jp": "x" })),
            "/0/name_localizations",
            "DICT_TYPE_UNKNOWN_KEY",
        ),
        (
            with("options", json!([option("a", false), option("b", true)])),
            "/0/options/1",
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        (
            with("options", json!([option("a", true), option("a", true)])),
            "/0/options/1",
            "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
        ),
        (
            with("options", json!([{ "type": 3, "name": "a" }])),
            "/0/options/0/description",
            "BASE_TYPE_REQUIRED",
        ),
        (with("options", json!(wide)), "/0", "APPLICATION_COMMAND_TOO_LARGE"),
        (json!([ask(), ask()]), "/1", "APPLICATION_COMMANDS_DUPLICATE_NAME"),
    ] {
        let got = bench.as_bot("PUT", &path, &body).await;
        assert_eq!((got.status, &got.body["code"]), (400, &json!(50035)), "{code}: {}", got.body);
        let found = got.body["errors"].pointer(&format!("{path_to}/_errors/0/code"));
        assert_eq!(found, Some(&json!(code)), "{}", got.body);
    }
}
