//! The chat by clients that others wrote: npm `ai` in its versions 5, 6 and 7, driven by
//! `tests/clients/chat.mjs`, which says what a page would have seen.

use core::time::Duration;

use serde_json::{Value, json};
use xtask::{process, project, setup};

use crate::api::{bearer_for, send};
use crate::asking::UNSPEAKABLE;
use crate::world::{self, World, list, text, within};

/// A model that streams whatever it may call, and a budget that only who has spent it meets.
const VARS: [(&str, &str); 3] =
    [("MIYABI_MODEL", "openai/gpt-5-mini"), ("MIYABI_MEMORY", "on"), ("MIYABI_BUDGET_ASKER", "1")];

/// Has one version of the client do everything, and returns what its pages have shown.
fn drive(world: &World, major: u32) -> Value {
    let keys = [("MIYABI_KEY", user(major)), ("MIYABI_SPENT_KEY", spender(major))];
    let mut command = world.stack().npm().node();
    command.arg(project::root().unwrap().join("tests/clients/chat.mjs"));
    command.args([major.to_string(), world.stack().url()]);
    for (name, user) in keys {
        let bearer = bearer_for(world, &user, "chat");
        command.env(name, bearer.trim_start_matches("Bearer "));
    }
    let (status, stdout, stderr) = process::output(&mut command).unwrap();
    assert!(status.success() && stderr.is_empty(), "ai {major}: {stderr}");
    serde_json::from_str(&stdout).unwrap()
}

fn user(major: u32) -> String {
    format!("client-{major}")
}

fn spender(major: u32) -> String {
    format!("client-{major}-spent")
}

/// Uses up what somebody may spend today.
fn spend(world: &World, who: &str) {
    let key = bearer_for(world, who, "chat");
    let body = json!({ "message": "Say hi" }).to_string();
    let asked = send(world, "POST", "/api/chat", &crate::api::json_of(&key), body.as_bytes());
    assert_eq!(asked.status, 200, "{}", asked.text);
    let sql = "UPDATE spending SET cost_nano = 999999000
               WHERE kind = 'asker' AND model = '' AND key = ?";
    world.stack().query(sql, &[who]).unwrap();
}

/// What one page shows.
struct Page<'a> {
    seen: &'a Value,
    what: String,
}

impl<'a> Page<'a> {
    fn of(seen: &'a Value, path: &str, major: u32) -> Self {
        let page = seen.pointer(path).unwrap_or_else(|| panic!("ai {major} says no {path}"));
        Self { seen: page, what: format!("ai {major}, {path}: {page}") }
    }

    fn ids(&self) -> Vec<&'a str> {
        self.seen["messages"].as_array().unwrap().iter().map(|it| text(it, "id")).collect()
    }

    /// Returns role and text of each message, after a look that it has one text at most.
    fn said(&self) -> Vec<(&'a str, &'a str)> {
        let messages = self.seen["messages"].as_array().unwrap().iter();
        let said = messages.map(|message| {
            let texts = message["texts"].as_array().unwrap();
            assert!(texts.len() <= 1, "{}", self.what);
            let said = texts.first().and_then(Value::as_str).unwrap_or_default();
            (text(message, "role"), said)
        });
        said.collect()
    }

    fn questions(&self) -> Vec<&'a str> {
        let said = self.said().into_iter();
        said.filter(|(role, _)| *role == "user").map(|(_, text)| text).collect()
    }

    /// Checks that it shows questions and whole answers in turn.
    fn is_ready(&self) -> &Self {
        assert_eq!((&self.seen["status"], &self.seen["error"]), (&json!("ready"), &Value::Null));
        let said = self.said();
        assert!(!said.is_empty(), "{}", self.what);
        for (index, (role, text)) in said.iter().enumerate() {
            assert_eq!(*role, ["user", "assistant"][index % 2], "{}", self.what);
            assert!(!text.is_empty(), "{}", self.what);
        }
        assert_eq!(said.len() % 2, 0, "{}", self.what);
        self
    }

    /// Checks that it shows a failure, and returns the words.
    fn failed(&self) -> &'a str {
        assert_eq!(self.seen["status"], "error", "{}", self.what);
        text(self.seen, "error")
    }

    fn replies(&self) -> &'a Value {
        &self.seen["replies"]
    }
}

/// Returns the answers that the Worker has stored in the conversation of a page, by their ids.
fn stored(world: &World, major: u32, page: &Page<'_>) -> Vec<(String, String)> {
    let key = bearer_for(world, &user(major), "chat:read");
    let path = format!("/api/conversations/{}", text(page.seen, "conversation"));
    let read = send(world, "GET", &path, &[("authorization", &key)], b"");
    assert_eq!(read.status, 200, "{}", read.text);
    let messages = list(read.body["messages"].clone());
    let answers = messages.iter().filter(|message| message["role"] == "assistant");
    answers
        .map(|answer| (text(answer, "id").to_owned(), text(&answer["parts"][0], "text").to_owned()))
        .collect()
}

#[test]
fn every_version_of_ai_sdk_talks_regenerates_edits_resumes_and_is_told_of_failures() {
    setup::packages("tests/clients").unwrap();
    let world = world::own(&VARS);
    UNSPEAKABLE.lock().unwrap().extend(["long story".to_owned(), "Say three".to_owned()]);
    for major in [5, 6, 7] {
        spend(&world, &spender(major));
    }
    let all = std::thread::scope(|scope| {
        let runs = [5, 6, 7].map(|major| {
            (
                major,
                scope.spawn({
                    let world = &world;
                    move || drive(world, major)
                }),
            )
        });
        runs.map(|(major, run)| (major, run.join().unwrap()))
    });
    for (major, seen) in &all {
        talks(&world, *major, seen);
        edits(&world, *major, seen);
        streams(&world, *major, seen);
        resumes(&world, *major, seen);
        fails(*major, seen);
    }
    // What was cut is as whole as the rest.
    let running = "SELECT id FROM jobs WHERE status NOT IN ('COMPLETED', 'ERROR')";
    within(Duration::from_secs(30), "all jobs to end", || {
        world.stack().query(running, &[]).unwrap().is_empty().then_some(())
    });
}

fn talks(world: &World, major: u32, seen: &Value) {
    let page = |name: &str| Page::of(seen, &format!("/talk/{name}"), major);
    let (first, second) = (page("first"), page("second"));
    assert!(first.is_ready().said()[1].1.contains("Kyoto"), "{}", first.what);
    assert_eq!(second.is_ready().ids()[..2], first.ids(), "{}", second.what);
    assert_eq!(second.questions(), ["What is the weather in Kyoto?", "Say hi"]);
    // Each is another answer to the same question.
    let names = ["second", "regenerated", "regenerated_again", "regenerated_by_id"];
    let mut answers: Vec<_> = names.iter().map(|name| page(name).is_ready().ids()[3]).collect();
    for name in names {
        assert_eq!(page(name).ids()[..3], second.ids()[..3], "{}", page(name).what);
    }
    let kept = stored(world, major, &second);
    let mut kept: Vec<_> = kept.iter().map(|(id, _)| id.as_str()).collect();
    answers.push(first.ids()[1]);
    answers.sort_unstable();
    kept.sort_unstable();
    assert_eq!(answers, kept, "ai {major}");
}

fn edits(world: &World, major: u32, seen: &Value) {
    let page = |path: &str| Page::of(seen, &format!("/edit/{path}"), major);
    let edits = ["Say three/0", "Say four/0", "Say three/1"].map(page);
    for edit in &edits {
        let [question] = edit.is_ready().questions()[..] else { panic!("{}", edit.what) };
        assert!(edit.what.contains(&format!("/edit/{question}/")), "{}", edit.what);
        assert_eq!(edit.ids()[0], edits[0].ids()[0], "{}", edit.what);
    }
    assert_ne!(edits[0].ids()[1], edits[2].ids()[1], "ai {major}");
    let last = page("last");
    assert_eq!(last.is_ready().questions(), ["Say three", "Say five"], "{}", last.what);
    assert_eq!(stored(world, major, &last).len(), 6, "nothing is overwritten");
    // What was asked last has the edited question before it, and nothing else.
    let calls = world.calls();
    let asked = calls.iter().rev().find(|call| call["body"].to_string().contains("Say five"));
    let asked = asked.unwrap()["body"].to_string();
    assert!(asked.contains("Say three") && !asked.contains("Say four"), "{asked}");
}

fn streams(world: &World, major: u32, seen: &Value) {
    let brief = Page::of(seen, "/brief", major);
    assert_eq!(brief.is_ready().questions(), ["Say six", "Say seven"], "{}", brief.what);
    let kept = stored(world, major, &brief);
    assert!(kept.len() == 3 && kept.iter().any(|(id, _)| id == brief.ids()[3]), "{kept:?}");
    let message = &seen["stream"];
    assert!(message["count"].as_u64() > Some(1), "ai {major}: {message}");
    assert_eq!(message["id"], format!("{}-a", text(&message["metadata"], "turn")));
    let parts: Vec<_> = list(message["parts"].clone());
    let kinds: Vec<_> = parts.iter().map(|part| text(part, "type")).collect();
    assert_eq!((kinds, &parts[1]["state"]), (vec!["step-start", "text"], &json!("done")));
}

fn resumes(world: &World, major: u32, seen: &Value) {
    let page = |path: &str| Page::of(seen, path, major);
    let asked = page("/resume/asked");
    let kept = stored(world, major, &asked);
    assert_eq!(kept.len(), 1, "ai {major}");
    for path in ["/resume/asked", "/resume/reloaded", "/resume/hydrated"] {
        let page = page(path);
        assert_eq!(page.is_ready().replies(), &json!([200]), "{}", page.what);
        assert_eq!(page.ids(), [asked.ids()[0], kept[0].0.as_str()], "{}", page.what);
        assert_eq!(page.said()[1].1, kept[0].1, "{}", page.what);
    }
    let idle = page("/resume/idle");
    assert_eq!(idle.is_ready().said(), asked.said(), "{}", idle.what);
    let unknown = page("/resume/unknown");
    assert_eq!(unknown.seen["status"], "ready", "{}", unknown.what);
    for page in [idle, unknown] {
        assert_eq!(page.replies(), &json!([204]), "{}", page.what);
    }

    for (before, after) in [("/cut/cut", "/cut/back"), ("/leave/left", "/leave/back")] {
        let (before, after) = (page(before), page(after));
        assert!(before.said()[1].1.len() < 1_200, "{}", before.what);
        let kept = stored(world, major, &after);
        assert_eq!(kept.len(), 1, "{}", after.what);
        assert_eq!(after.is_ready().ids(), before.ids(), "{}", after.what);
        assert_eq!((after.ids()[1], after.said()[1].1), (kept[0].0.as_str(), kept[0].1.as_str()));
    }
}

fn fails(major: u32, seen: &Value) {
    let page = |path: &str| Page::of(seen, path, major);
    for path in ["/failure/failed", "/failure/again"] {
        let page = page(path);
        assert!(page.failed().starts_with("Sorry, "), "{}", page.what);
        assert_eq!(page.questions().len(), 1, "{}", page.what);
    }
    page("/failure/edited").is_ready();
    // What is refused before there is a stream is the body of the reply, as the client has it.
    let problem = |path: &str| -> Value {
        let page = page(path);
        let words = page.failed();
        let body = words.get(words.find('{').unwrap_or(0)..).unwrap_or_default();
        serde_json::from_str(body).unwrap_or_else(|_| panic!("{}", page.what))
    };
    assert_eq!(problem("/budget")["code"], "quota_exceeded");
    assert_eq!(problem("/wrong_key/refused")["code"], "invalid_token");
    for path in ["/wrong_key/regenerated", "/wrong_key/resent"] {
        let page = page(path);
        assert_eq!(page.is_ready().questions(), ["Say hi"], "{}", page.what);
    }
}
