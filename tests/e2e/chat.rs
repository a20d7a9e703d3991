//! The chat over HTTP, in real workerd: asked, streamed, stopped, resumed, listed and deleted, by who has a
//! key, and by nobody else.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::Request;

use crate::api::{bearer_for as key, json_of, send};
use crate::world::{self, World, list, text};

/// Asks, and once more where a store did not answer: wrangler writes the keys of other tests into the same file, from
/// a process of its own, and locks it meanwhile.
fn ask(world: &World, key: &str, body: &Value) -> crate::api::Reply {
    let post = || send(world, "POST", "/api/chat", &json_of(key), body.to_string().as_bytes());
    let reply = post();
    if reply.status == 503 && reply.problem().1 == "unavailable" { post() } else { reply }
}

fn get(world: &World, key: &str, path: &str) -> crate::api::Reply {
    send(world, "GET", path, &[("authorization", key)], b"")
}

/// A stream, read as it comes.
struct Events {
    lines: Box<dyn BufRead>,
}

impl Events {
    fn open(world: &World, key: &str, method: &str, path: &str, body: &str) -> (u16, Self) {
        let config = ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(90)))
            .build();
        let request = Request::builder()
            .method(method)
            .header("authorization", key)
            .header("accept", "text/event-stream")
            .header("content-type", "application/json")
            .uri(format!("{}{path}", world.stack().url()))
            .body(body.to_owned())
            .unwrap();
        let response = ureq::Agent::from(config).run(request).unwrap();
        let status = response.status().as_u16();
        let reader = response.into_body().into_reader();
        (status, Self { lines: Box::new(BufReader::new(reader)) })
    }

    /// Returns the next chunk; `None` at the end.
    fn next(&mut self) -> Option<Value> {
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            match line.trim_end().strip_prefix("data: ") {
                Some("[DONE]") => return Some(json!("[DONE]")),
                Some(data) => return Some(serde_json::from_str(data).unwrap()),
                None => {}
            }
        }
    }

    /// Returns the next chunk that is like this.
    fn find(&mut self, is_it: impl Fn(&Value) -> bool) -> Option<Value> {
        core::iter::from_fn(|| self.next()).find(is_it)
    }

    fn all(mut self) -> Vec<Value> {
        core::iter::from_fn(|| self.next()).collect()
    }
}

/// Returns the text of a stream, after a look at how it begins and ends.
fn said(chunks: &[Value]) -> String {
    assert_eq!(chunks[0]["type"], "start", "{chunks:?}");
    assert_eq!(chunks.last(), Some(&json!("[DONE]")), "{chunks:?}");
    chunks.iter().filter_map(|chunk| chunk["delta"].as_str()).collect()
}

#[test]
fn a_question_is_answered_and_what_was_said_before_is_known() {
    let world = world::shared();
    let key = key(&world, "chat-mio", "chat");
    let weather = "What is the weather in Kyoto?";
    let first = ask(&world, &key, &json!({ "message": weather }));
    assert_eq!(first.status, 200, "{}", first.text);
    assert!(text(&first.body, "message").contains("Kyoto"), "{}", first.text);
    assert_eq!(first.body["messageCount"], 2);
    assert!(first.body["usage"]["totalTokens"].as_u64() > Some(0), "{}", first.text);
    let conversation = text(&first.body, "conversation");
    let second =
        ask(&world, &key, &json!({ "message": "And tomorrow?", "conversation": conversation }));
    assert_eq!((second.status, &second.body["messageCount"]), (200, &json!(4)), "{}", second.text);

    let read = get(&world, &key, &format!("/api/conversations/{conversation}"));
    let messages = list(read.body["messages"].clone());
    let texts: Vec<_> = messages.iter().map(|it| text(&it["parts"][0], "text")).collect();
    let expected =
        [weather, text(&first.body, "message"), "And tomorrow?", text(&second.body, "message")];
    assert_eq!(texts, expected);
    for pair in messages.windows(2) {
        assert_eq!(pair[1]["parentId"], pair[0]["id"]);
    }
    let listed = get(&world, &key, "/api/conversations?q=kyoto");
    assert_eq!(listed.body["conversations"][0]["id"], conversation, "{}", listed.text);
    let export =
        get(&world, &key, &format!("/api/conversations/{conversation}/export?format=markdown"));
    assert!(export.text.contains("And tomorrow?"), "{}", export.text);
}

#[test]
fn an_answer_streams_in_ai_sdks_chunks_and_the_same_submission_is_one_turn() {
    let world = world::shared();
    let key = key(&world, "chat-rin", "chat");
    let body = json!({
        "id": "ui-1",
        "messages": [{ "id": "m1", "role": "user", "parts": [{ "type": "text", "text": "Say hi" }] }],
        "trigger": "submit-message",
    });
    let (status, events) = Events::open(&world, &key, "POST", "/api/chat", &body.to_string());
    assert_eq!(status, 200);
    let chunks = events.all();
    let answer = said(&chunks);
    assert!(!answer.is_empty(), "{chunks:?}");
    assert!(chunks.iter().all(|chunk| chunk["type"] != "data-step"), "{chunks:?}");
    let (_, again) = Events::open(&world, &key, "POST", "/api/chat", &body.to_string());
    let again = again.all();
    assert_eq!((said(&again), &again[0]), (answer.clone(), &chunks[0]));
    let read = get(&world, &key, "/api/conversations/ui-1");
    assert_eq!(list(read.body["messages"].clone()).len(), 2, "{}", read.text);
    assert_eq!(read.body["messages"][1]["id"], chunks[0]["messageId"]);
    let (idle, _) = Events::open(&world, &key, "GET", "/api/chat/ui-1/stream", "");
    assert_eq!(idle, 204);

    let again = json!({ "id": "ui-1", "messages": body["messages"], "trigger": "regenerate-message",
        "messageId": chunks[0]["messageId"] });
    let (_, other) = Events::open(&world, &key, "POST", "/api/chat", &again.to_string());
    let other = other.all();
    said(&other);
    assert_ne!(other[0]["messageId"], chunks[0]["messageId"]);
    let read = get(&world, &key, "/api/conversations/ui-1");
    let messages = list(read.body["messages"].clone());
    assert_eq!(messages.len(), 3, "{}", read.text);
    assert_eq!(messages[2]["parentId"], messages[0]["id"]);
}

#[test]
fn nobody_reads_stops_or_deletes_what_is_anothers() {
    let world = world::shared();
    let mine = key(&world, "chat-owner", "chat");
    let other = key(&world, "chat-stranger", "chat");
    let asked = ask(&world, &mine, &json!({ "message": "Say hi", "conversation": "c-mine" }));
    assert_eq!(asked.status, 200, "{}", asked.text);
    let turn = json!({ "turn": asked.body["turn"] }).to_string();
    for (method, path, body) in [
        ("GET", "/api/conversations/c-mine", String::new()),
        ("GET", "/api/conversations/c-mine/export", String::new()),
        ("PATCH", "/api/conversations/c-mine", json!({ "title": "x" }).to_string()),
        ("DELETE", "/api/conversations/c-mine", String::new()),
        ("POST", "/api/chat/c-mine/stop", turn),
        ("POST", "/api/conversations/c-mine/share", "{}".to_owned()),
        ("DELETE", "/api/conversations/c-mine/share", String::new()),
    ] {
        let refused = send(&world, method, path, &json_of(&other), body.as_bytes());
        assert_eq!(refused.problem(), (404, "not_found"), "{method} {path}");
    }
    let (idle, _) = Events::open(&world, &other, "GET", "/api/chat/c-mine/stream", "");
    assert_eq!(idle, 204);
    // The same id is another conversation of theirs.
    let theirs = ask(&world, &other, &json!({ "message": "Say hi", "conversation": "c-mine" }));
    assert_eq!((theirs.status, &theirs.body["messageCount"]), (200, &json!(2)), "{}", theirs.text);
    let reader = key(&world, "chat-owner", "chat:read");
    let refused = ask(&world, &reader, &json!({ "message": "hi" }));
    assert_eq!(refused.problem(), (403, "insufficient_scope"));
    assert_eq!(get(&world, &reader, "/api/conversations/c-mine").status, 200);

    let path = "/api/conversations/c-mine";
    for _ in 0..2 {
        let gone = send(&world, "DELETE", path, &[("authorization", &mine)], b"");
        assert_eq!(gone.status, 204, "{}", gone.text);
        assert_eq!(get(&world, &mine, path).problem(), (404, "not_found"));
    }
    let late = ask(&world, &mine, &json!({ "message": "again", "conversation": "c-mine" }));
    assert_eq!(late.problem(), (410, "conversation_deleted"));
    assert_eq!(get(&world, &other, path).status, 200);
}

#[test]
fn tools_are_shown_in_the_stream_while_they_run_and_to_who_comes_later() {
    let world = world::shared();
    let key = key(&world, "chat-worker", "chat");
    let body = json!({ "message": "What is the weather in Kyoto?", "conversation": "c-steps", "id": "m1" });
    let stream = || Events::open(&world, &key, "POST", "/api/chat", &body.to_string()).1.all();
    let (first, again) = (stream(), stream());
    for chunks in [&first, &again] {
        let kinds: Vec<_> = chunks.iter().filter_map(|chunk| chunk["type"].as_str()).collect();
        let text = kinds.iter().position(|kind| *kind == "text-start").unwrap();
        assert_eq!(kinds[text - 2..text], ["data-step"; 2], "{chunks:?}");
        let state = |place: usize| (&chunks[place]["data"], &chunks[place]["id"]);
        for (place, expected) in [(text - 2, "running"), (text - 1, "done")] {
            let data = json!({ "state": expected, "tools": ["weather"] });
            assert_eq!(state(place), (&data, &json!("step-0")), "{chunks:?}");
        }
    }
    assert_eq!(said(&first), said(&again));
}

#[test]
fn a_turn_tells_who_asked_how_it_was_answered() {
    let world = world::shared();
    let reader = key(&world, "chat-reader", "chat");
    let question = "read https://pages.example/article";
    let asked = ask(&world, &reader, &json!({ "message": question, "conversation": "c-why" }));
    assert_eq!(asked.status, 200, "{}", asked.text);
    let path = format!("/api/conversations/c-why/turns/{}", text(&asked.body, "turn"));
    let told = get(&world, &reader, &path);
    assert_eq!((told.status, &told.body["state"]), (200, &json!("done")), "{}", told.text);
    let tool = &told.body["tools"][0];
    assert_eq!((&tool["name"], &tool["state"]), (&json!("fetch_page"), &json!("ok")), "{tool}");
    assert_eq!(tool["arguments"]["url"], "https://pages.example/article");
    let source = json!({ "url": "https://pages.example/article", "title": "Autumn & leaves" });
    assert_eq!(told.body["sources"], json!([source]));
    assert_eq!(
        (&told.body["rounds"], &told.body["model"]),
        (&json!(2), &told.body["models"][1]["model"])
    );
    let usage = &asked.body["usage"];
    let sums = |it: &Value, names: [&str; 3]| names.map(|name| it[name].clone());
    assert_eq!(
        sums(&told.body, ["inputTokens", "outputTokens", "costNanos"]),
        sums(usage, ["inputTokens", "outputTokens", "costNanoUsd"])
    );
    let stranger = key(&world, "chat-other", "chat");
    assert_eq!(get(&world, &stranger, &path).problem(), (404, "not_found"));
}

#[test]
fn stopping_a_turn_closes_the_models_stream_and_books_what_has_arrived() {
    let world = world::own(&[("MIYABI_MODEL", "openai/gpt-5-mini")]);
    let key = key(&world, "chat-stopper", "chat");
    let body = json!({ "message": "[long 6000] [slow 100] a tale", "conversation": "c-stop" });
    let (status, mut events) = Events::open(&world, &key, "POST", "/api/chat", &body.to_string());
    assert_eq!(status, 200);
    let start = events.next().unwrap();
    let turn = text(&start["messageMetadata"], "turn").to_owned();
    let first = events.find(|chunk| chunk["delta"].is_string()).unwrap();
    let body = json!({ "turn": turn }).to_string();
    let stopped = send(&world, "POST", "/api/chat/c-stop/stop", &json_of(&key), body.as_bytes());
    assert_eq!((stopped.status, text(&stopped.body, "state")), (200, "stopped"));
    let said = text(&stopped.body, "message").to_owned();
    assert!(said.starts_with(text(&first, "delta")), "{said}");
    assert!(said.len() < 3_000, "{said}");
    let rest = events.all();
    assert_eq!(rest.last(), Some(&json!("[DONE]")), "{rest:?}");
    assert!(rest.iter().any(|chunk| chunk["type"] == "abort"), "{rest:?}");

    // Long before it would have been at its end, which takes a minute.
    let job = "SELECT status, (SELECT sum(completion_tokens) FROM attempts WHERE job = jobs.id)
                 AS tokens FROM jobs WHERE id = ? AND status = 'COMPLETED'";
    let ended = world::within(Duration::from_secs(20), "the job to end", || {
        world.stack().query(job, &[&turn]).unwrap().pop()
    });
    let tokens = ended["tokens"].as_u64().unwrap();
    assert!((1..1_000).contains(&tokens), "{ended}");
    world::within(Duration::from_secs(10), "the model's stream to be closed", || {
        let calls = world.calls();
        let call = calls.iter().find(|call| call["body"].to_string().contains("a tale"))?;
        call.to_string().contains("hung up before the end").then_some(())
    });
    let read = get(&world, &key, "/api/conversations/c-stop");
    assert_eq!(read.body["messages"][1]["metadata"]["state"], "stopped", "{}", read.text);
    assert_eq!(text(&read.body["messages"][1]["parts"][0], "text"), said);
}

#[test]
fn a_conversation_is_shown_to_whoever_has_its_link_until_it_is_taken_back() {
    let world = world::shared();
    let key = key(&world, "chat-sharer", "chat");
    let asked = json!({ "message": "Say hi <b>", "conversation": "c-shared" });
    let first = ask(&world, &key, &asked);
    assert_eq!(first.status, 200, "{}", first.text);
    let share = || {
        let path = "/api/conversations/c-shared/share";
        let link = send(&world, "POST", path, &[("authorization", &key)], b"");
        assert_eq!(link.status, 201, "{}", link.text);
        let token = text(&link.body, "token").to_owned();
        let url = format!("{}/share/{token}", world.stack().url());
        assert_eq!(text(&link.body, "url"), url);
        token
    };
    let token = share();
    let later = json!({ "message": "Say bye", "conversation": "c-shared" });
    assert_eq!(ask(&world, &key, &later).status, 200);

    let path = format!("/share/{token}");
    let read = send(&world, "GET", &path, &[("accept", "application/json")], b"");
    let messages = list(read.body["messages"].clone());
    let texts: Vec<_> = messages.iter().map(|it| text(&it["parts"][0], "text")).collect();
    assert_eq!(texts, ["Say hi <b>", text(&first.body, "message")], "{}", read.text);
    for (accepted, language) in [("en", "en"), ("ja,en;q=0.5", "ja")] {
        let page = send(&world, "GET", &path, &[("accept-language", accepted)], b"");
        assert_eq!((page.status, page.header("content-language")), (200, language));
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(page.text.contains("Say hi &lt;b&gt;"), "{}", page.text);
        assert_eq!(page.header("set-cookie"), "");
    }
    let head = send(&world, "HEAD", &path, &[], b"");
    assert_eq!((head.status, head.text.as_str()), (200, ""));

    let newer = share();
    let shown = |token: &str| {
        let path = format!("/share/{token}");
        send(&world, "GET", &path, &[("accept", "application/json")], b"")
    };
    assert_eq!(shown(&token).problem(), (404, "not_found"));
    assert_eq!(list(shown(&newer).body["messages"].clone()).len(), 4);
    let taken_back = "/api/conversations/c-shared/share";
    assert_eq!(send(&world, "DELETE", taken_back, &[("authorization", &key)], b"").status, 204);
    assert_eq!(shown(&newer).problem(), (404, "not_found"));
    let newest = share();
    let gone = "/api/conversations/c-shared";
    assert_eq!(send(&world, "DELETE", gone, &[("authorization", &key)], b"").status, 204);
    assert_eq!(shown(&newest).problem(), (404, "not_found"));
    // Wrangler names the URL of each request; the program's own lines, which are JSON, do not.
    let log = world.stack().logs();
    let line = log.lines().find(|line| line.contains(&token) && line.contains('{'));
    assert_eq!(line, None);
}
