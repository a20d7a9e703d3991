//! Tests the page, its events, and which callers are trusted.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::bench::Bench;

/// Server-sent events, as they come in.
pub(crate) struct Events {
    stream: TcpStream,
    text: String,
}

impl Events {
    pub(crate) async fn open(bench: &Bench) -> Self {
        let host = bench.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).await.unwrap();
        let head = format!("GET /lab/events HTTP/1.1\r\nhost: {host}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        Self { stream, text: String::new() }
    }

    /// The next event.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            let found = self.text.lines().find(|line| line.starts_with("data: "));
            if let Some(line) = found.map(str::to_owned)
                && let Some((_, rest)) = self.text.split_once(&format!("{line}\n\n"))
            {
                let rest = rest.to_owned();
                self.text = rest;
                return serde_json::from_str(line.trim_start_matches("data: ")).unwrap();
            }
            let mut bytes = vec![0; 65536];
            let read = self.stream.read(&mut bytes);
            let count = tokio::time::timeout(Duration::from_secs(5), read).await.unwrap().unwrap();
            assert_ne!(count, 0, "the stream ended");
            self.text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    }
}

#[tokio::test]
async fn the_page_may_run_nothing_but_its_own_files() {
    let bench = Bench::start().await;
    let index = bench.get("/").await;
    assert_eq!(index.headers["content-type"], "text/html; charset=utf-8");
    let policy = &index.headers["content-security-policy"];
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"),
        "{policy}"
    );
    let main = bench.get("/page/main.js").await;
    assert_eq!(
        (main.status, main.headers["content-type"].as_str()),
        (200, "text/javascript; charset=utf-8")
    );
    assert_eq!(bench.get("/page/none.js").await.status, 404);
    assert_eq!(bench.violations().await, [""; 0], "the page is no call to an emulated service");
}

#[tokio::test]
async fn another_site_may_ask_nothing() {
    let bench = Bench::start().await;
    for headers in [&[("origin", "https://evil.example")][..], &[("host", "evil.example")]] {
        for (method, path) in
            [("POST", "/lab/reset"), ("GET", "/lab/world"), ("GET", "/lab/events")]
        {
            let got = bench.send(method, path, headers, "{}").await.unwrap();
            assert_eq!(got.status, 403, "{method} {path} {headers:?}");
        }
    }
    let own = bench.send("POST", "/lab/reset", &[("origin", &bench.url)], "{}").await.unwrap();
    assert_eq!(own.status, 200);
}

#[tokio::test]
async fn events_tell_all_and_then_what_changes_without_secrets() {
    let bench = Bench::start().await;
    let mut events = Events::open(&bench).await;
    let first = events.next().await;
    assert_eq!(first["reset"], true);
    assert_eq!(first["set"]["world"]["users"]["mio"]["nick"], "みお");
    assert!(first["set"]["world"].get("bot_token").is_none_or(Value::is_null));
    bench.execute(&json!({ "content": "hello" })).await;
    let (mut call, mut message) = (Value::Null, Value::Null);
    while message.is_null() || call["finished"] != true {
        let event = events.next().await;
        assert_eq!(event["reset"], false);
        assert!(event["set"].get("world").is_none(), "only what changes");
        assert!(!event.to_string().contains(bench.text("webhook_token")), "{event}");
        for (key, value) in event["set"].as_object().unwrap() {
            if key.starts_with("call/") {
                call = value.clone();
            } else if key.starts_with("message/") {
                message = value.clone();
            }
        }
    }
    assert_eq!((&message["content"], &message["channel"]), (&json!("hello"), &json!("general")));
    assert!(call["path"].as_str().unwrap().ends_with("/[secret]"), "{call}");
    assert!(call["took_ms"].is_u64());
    bench.post("/lab/reset", &json!({})).await;
    let again = events.next().await;
    assert_eq!(again["reset"], true);
    assert!(!again.to_string().contains("hello"));
}

#[tokio::test]
async fn a_call_that_runs_is_told_once() {
    let bench = Bench::start().await;
    let mut events = Events::open(&bench).await;
    events.next().await;
    let slow = json!({ "match": { "operation": "execute_webhook" }, "then": { "delay_ms": 300 } });
    bench.post("/lab/faults", &slow).await;
    bench.execute(&json!({ "content": "late" })).await;
    let mut told = 0;
    loop {
        let event = events.next().await;
        let set = event["set"].as_object().unwrap();
        let call = set.iter().find(|(key, _)| key.starts_with("call/"));
        told += usize::from(call.is_some());
        if call.is_some_and(|(_, call)| call["finished"] == true) {
            break;
        }
    }
    assert_eq!(told, 2, "when it begins and when it ends");
}

#[tokio::test]
async fn it_is_told_of_jobs_and_of_the_worker() {
    let bench = Bench::start().await;
    bench.post("/lab/jobs", &json!([{ "id": "7", "row": { "status": "PENDING" } }])).await;
    bench.post("/lab/jobs", &json!([{ "id": "7", "events": [{ "event": "a" }] }])).await;
    let told = json!([{ "id": "7", "row": { "status": "ERROR" }, "events": [{ "event": "b" }] }]);
    let all = bench.post("/lab/jobs", &told).await.body;
    let expected = json!({ "row": { "status": "ERROR" }, "instances": null, "events": [{ "event": "a" }, { "event": "b" }] });
    assert_eq!(all, json!({ "7": expected }));
    let without = bench.call("POST", "/lab/interactions", &json!({ "ask": "why?" })).await;
    assert_eq!(without.status, 400, "nobody has told where the Worker is");
    bench.post("/lab/worker", &json!({ "url": "http://127.0.0.1:1" })).await;
    let with = bench.post("/lab/interactions", &json!({ "ask": "why?" })).await;
    assert_eq!((with.status, &with.body["status"]), (200, &Value::Null));
    bench.post("/lab/reset", &json!({})).await;
    assert_eq!(bench.get("/lab/worker").await.body["url"], "http://127.0.0.1:1");
}

#[tokio::test]
async fn one_fault_is_forgotten_by_its_number() {
    let bench = Bench::start().await;
    let rule = json!({ "match": { "operation": "execute_webhook" }, "then": { "status": 500 } });
    let rules = bench.post("/lab/faults", &json!([rule, rule])).await.body;
    assert_eq!((&rules[0]["id"], &rules[1]["id"]), (&json!(1), &json!(2)));
    bench.execute(&json!({ "content": "x" })).await;
    let left = bench.call("DELETE", "/lab/faults/2", &Value::Null).await.body;
    assert_eq!((left.as_array().unwrap().len(), &left[0]["fired"]), (1, &json!(1)));
    assert_eq!(bench.call("DELETE", "/lab/faults/2", &Value::Null).await.status, 400);
}
