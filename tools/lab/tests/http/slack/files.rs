//! Tests files: those of people, those of the bot, and their download.

use serde_json::json;

use super::Slack;

impl Slack {
    /// Path of an address that the lab has given out.
    fn path(&self, url: &str) -> String {
        url.strip_prefix(&self.bench.url).unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_file_of_a_person_is_downloaded_with_the_token() {
    let slack = Slack::start().await;
    let files =
        json!([{ "name": "a b.txt", "text": "content" }, { "name": "b.png", "hex": "89504e47" }]);
    slack.write(json!({ "text": "read", "files": files, "in": "general" })).await;
    let all = slack.bench.get("/lab/slack/events").await.body;
    let event = &all[0]["body"]["event"];
    assert_eq!((&event["subtype"], &event["text"]), (&json!("file_share"), &json!("read")));
    let file = &event["files"][0];
    assert_eq!((&file["mimetype"], &file["size"]), (&json!("text/plain"), &json!(7)));
    let path = slack.path(file["url_private_download"].as_str().unwrap());
    let token = format!("Bearer {}", slack.world("/bot_token"));
    let get = async |headers: &[(&str, &str)]| slack.bench.send("GET", &path, headers, "").await;
    let got = get(&[("authorization", token.as_str())]).await.unwrap();
    assert_eq!((got.status, got.body), (200, json!("content")));
    assert_eq!(slack.bench.violations().await, Vec::<String>::new());
    // Without it there is a page to sign in, and a status that says nothing.
    let got = get(&[]).await.unwrap();
    assert_eq!(
        (got.status, got.headers["content-type"].as_str()),
        (200, "text/html; charset=utf-8")
    );
    assert_eq!(slack.bench.violations().await, ["slack: not_authed"]);
}

#[tokio::test]
async fn a_file_of_the_bot_is_promised_uploaded_and_shared() {
    let slack = Slack::start().await;
    let promise = json!({ "filename": "plot.png", "length": 4 });
    slack.configure(json!({ "missing_scopes": ["files:write"] })).await;
    let error = slack.refused("files.getUploadURLExternal", promise.clone()).await;
    assert_eq!(error, "missing_scope");
    slack.configure(json!({ "missing_scopes": [] })).await;
    let done = slack.done("files.getUploadURLExternal", promise.clone()).await;
    let (id, path) = (&done["file_id"], slack.path(done["upload_url"].as_str().unwrap()));
    let channel = slack.channel("general");
    let complete = json!({
        "files": [{ "id": id, "title": "Plot" }], "channel_id": channel, "initial_comment": "Look.",
    });
    let method = "files.completeUploadExternal";
    assert_eq!(slack.refused(method, complete.clone()).await, "file_not_found");
    let got = slack.bench.send("POST", &path, &[], "four").await.unwrap();
    assert_eq!((got.status, got.body), (200, json!("OK - 4")));
    let done = slack.done(method, complete.clone()).await;
    assert_eq!(done["files"][0]["title"], "Plot");
    let seen = slack.seen("general").await["messages"][0].clone();
    assert_eq!((&seen["text"], &seen["files"][0]["name"]), (&json!("Look."), &json!("plot.png")));
    assert_eq!(slack.refused(method, complete).await, "file_not_found");
    slack.done("files.delete", json!({ "file": id })).await;
    assert_eq!(slack.refused("files.delete", json!({ "file": id })).await, "file_not_found");
    assert_eq!(slack.seen("general").await["messages"], json!([]));
    assert_eq!(slack.bench.violations().await, Vec::<String>::new());

    let done = slack.done("files.getUploadURLExternal", promise).await;
    let path = slack.path(done["upload_url"].as_str().unwrap());
    assert_eq!(slack.bench.send("POST", &path, &[], "fives").await.unwrap().status, 400);
    assert_eq!(slack.bench.violations().await, ["slack: 5 bytes were uploaded, and 4 promised"]);
    for wrong in [json!({ "filename": "a" }), json!({ "filename": "a", "length": 0 })] {
        let error = slack.refused("files.getUploadURLExternal", wrong).await;
        assert_eq!(error, "invalid_arguments");
    }
}
