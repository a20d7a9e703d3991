//! Brings each attempt of `tests/injections` to the place where it stands, for the Worker in workerd.
//!
//! Each attempt has a person and hosts of its own, so that all are tried side by side. What a page, a search or
//! a place says is a rule of the lab; messages, files and names come with the interaction; tools are those of
//! the reference server for Python; a summary is made of a conversation that is too long to be read whole.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use injections::corpus::Attempt;
use injections::places;
use serde_json::{Value, json};

use crate::logs;
use crate::world::{World, text};

/// How many questions are on the way at once.
const SIDE_BY_SIDE: usize = 12;

/// Longest wait for one of them.
const JOB: Duration = Duration::from_mins(2);

/// As often as anybody will call.
const ALWAYS: u32 = 100_000;

/// Questions that make a conversation too long, and the words of each.
const LONG_TURNS: usize = 6;
const LONG_WORDS: usize = 1_000;

/// The asker of an attempt, as a change of the lab's interaction.
pub(crate) fn person(number: usize) -> Value {
    let user = json!({ "id": format!("15000000000000{number:05}"), "username": format!("p{number}"),
        "global_name": null });
    json!({ "member": { "nick": null, "user": user } })
}

/// A question by the asker of an attempt.
pub(crate) fn question(number: usize, text: &str) -> Value {
    json!({ "as": "alex", "in": "general", "ask": text, "interaction": person(number) })
}

/// What the asker of an attempt has said before, in the order in which it was said.
pub(crate) fn before(attempt: &Attempt) -> Vec<Value> {
    let number = attempt.number.unwrap();
    let mut orders = vec![question(number, &places::said_before(attempt))];
    if attempt.surface == "summary" {
        // A summary has no number that was not said: these are.
        let digits = |c: char| if c.is_ascii_digit() || ".,:/-".contains(c) { c } else { ' ' };
        let numbers: String = attempt.text.chars().map(digits).collect();
        let numbers: BTreeSet<&str> = numbers.split_whitespace().collect();
        let numbers = numbers.into_iter().collect::<Vec<_>>().join(" ");
        orders.extend((0..LONG_TURNS).map(|turn| {
            let words = "word ".repeat(LONG_WORDS);
            question(number, &format!("Is room {turn} free? {} {numbers} {words}", attempt.mark()))
        }));
    }
    orders
}

/// Sets what the lab's model and hosts say for an attempt.
pub(crate) fn set_rules(world: &World, attempts: &[&Attempt]) {
    let rules: Vec<Value> = attempts.iter().flat_map(|attempt| rules(attempt)).collect();
    world.tell_lab("/lab/faults", &json!(rules));
}

fn rules(attempt: &Attempt) -> Vec<Value> {
    let mark = attempt.mark();
    let rule = |matching: Value, times: u32, then: Value| json!({ "match": matching, "times": times, "then": then });
    let said = |text: &str| json!({ "model": { "say": text } });
    match attempt.place() {
        ("history", _) => {
            let train = json!({ "operation": "ai_run", "body_contains": format!(" {mark}.") });
            vec![rule(train, 1, said(&attempt.text))]
        }
        ("summary", _) => {
            let parts = json!(["notes of a conversation", format!(" {mark}.")]);
            let summary = json!({ "operation": "ai_run", "body_contains": parts });
            vec![rule(summary, ALWAYS, said(&attempt.text))]
        }
        ("page", _) => {
            let at = |path: &str| json!({ "operation": "page", "path_contains": format!("/{mark}.pages.example/{path}") });
            let (kind, body) = places::page(attempt);
            let headers = json!({ "content-type": format!("{kind}; charset=utf-8") });
            let shown = |body: &str| json!({ "status": 200, "headers": headers, "body": body });
            let Some(location) = places::redirect(attempt) else {
                return vec![rule(at(""), ALWAYS, shown(&body))];
            };
            let moved = json!({ "status": 302, "headers": { "location": written(&location) } });
            let then = rule(at(""), ALWAYS, shown(&places::body_of("x")));
            vec![rule(at("a"), 1, moved), then]
        }
        ("search", _) => {
            let query = json!({ "operation": "tavily_search", "body_contains": format!("red leaves {mark}") });
            let then = json!({ "status": 200, "body": places::found(attempt) });
            vec![rule(query, ALWAYS, then)]
        }
        ("place", _) => {
            let query =
                json!({ "operation": "geocoding", "query_contains": format!("Springfield{mark}") });
            let then = json!({ "status": 200, "body": places::places(attempt) });
            vec![rule(query, ALWAYS, then)]
        }
        ("file", "pdf") => {
            let name = places::file_name(attempt);
            let document = json!({ "operation": "to_markdown", "body_contains": name });
            let told = json!([{ "id": "lab", "name": name, "mimeType": "application/pdf", "format": "markdown",
                "tokens": 9, "data": attempt.text }]);
            vec![rule(document, ALWAYS, json!({ "status": 200, "body": told }))]
        }
        _ => Vec::new(),
    }
}

/// An address as a header carries it.
fn written(address: &str) -> String {
    let write = |byte: u8| match byte {
        b'!'..=b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    address.bytes().map(write).collect()
}

/// What the MCP server finds.
pub(crate) fn mcp_texts(attempts: &[Attempt]) -> Value {
    let of_mcp = attempts.iter().filter(|attempt| attempt.place().0 == "mcp");
    let text = |attempt: &Attempt| {
        let is_error = attempt.surface == "mcp.error";
        (attempt.mark(), json!({ "text": attempt.text, "is_error": is_error }))
    };
    Value::Object(of_mcp.map(text).collect())
}

/// Asks the question that leads to an attempt, and returns its job.
pub(crate) fn ask(world: &World, attempt: &Attempt) -> String {
    let number = attempt.number.unwrap();
    let wording = places::wording(attempt);
    let mut order = question(number, &wording);
    match attempt.place().0 {
        "name" => order["interaction"]["member"]["nick"] = json!(attempt.text),
        "file" => {
            let kind = if attempt.surface == "file.pdf" { "application/pdf" } else { "text/plain" };
            let (name, text) = (places::file_name(attempt), places::inside(attempt));
            order["file"] = json!({ "name": name, "text": text, "kind": kind });
        }
        "quote" => order = about_a_message(world, attempt, &wording),
        _ => {}
    }
    delivered(world, &order)
}

/// Opens the form about a message, and returns the order that sends it.
fn about_a_message(world: &World, attempt: &Attempt, wording: &str) -> Value {
    let said = places::quoted(attempt);
    let message = json!({ "as": "alex", "content": said.text, "files": said.files });
    let id = text(&world.tell_lab("/lab/channels/general/messages", &message), "id").to_owned();
    let mut interaction = person(attempt.number.unwrap());
    let author = json!({ "username": said.author, "global_name": said.author });
    let files: Vec<Value> = said.files.iter().map(|name| json!({ "filename": name })).collect();
    let mut message = json!({ "author": author });
    if !files.is_empty() {
        message["attachments"] = json!(files);
    }
    interaction["data"]["resolved"]["messages"][&id] = message;
    let order = json!({ "as": "alex", "in": "general", "on": { "command": "Ask Miyabi", "message": id },
        "interaction": interaction });
    let opened = world.deliver(&order);
    assert_eq!(opened["ack"]["type"], 9, "{opened}");
    json!({ "as": "alex", "in": "general", "form": { "of": opened["id"], "values": { "question": wording } },
        "interaction": person(attempt.number.unwrap()) })
}

/// Delivers a question, and returns its job.
pub(crate) fn delivered(world: &World, order: &Value) -> String {
    let receipt = world.deliver(order);
    assert_eq!(receipt["ack"]["type"], 5, "{order}: {receipt}");
    text(&receipt, "id").to_owned()
}

/// Works through items, some at a time: `ask` begins a job, and the next item waits until it has ended.
pub(crate) fn one_after_the_other<T: Sync>(
    world: &World,
    items: &[T],
    ask: impl Fn(&T) -> String + Sync,
) -> Vec<String> {
    let (next, ended) = (AtomicUsize::new(0), Ended::default());
    let jobs = Mutex::new(vec![String::new(); items.len()]);
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some(index) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|it| *it < items.len())
                {
                    let job = ask(&items[index]);
                    ended.wait(world, &job);
                    jobs.lock().unwrap()[index] = job;
                }
            });
        }
    });
    jobs.into_inner().unwrap()
}

/// Jobs that have ended; the log is read for all who wait at once.
#[derive(Debug, Default)]
pub(crate) struct Ended(Mutex<(Option<Instant>, BTreeSet<String>)>);

impl Ended {
    /// Waits until a job has ended.
    pub(crate) fn wait(&self, world: &World, job: &str) {
        let deadline = Instant::now() + JOB;
        while !self.has(world, job) {
            assert!(Instant::now() < deadline, "job {job} does not end");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Whether a job has ended.
    pub(crate) fn has(&self, world: &World, job: &str) -> bool {
        let mut ended = self.0.lock().unwrap();
        if ended.0.is_none_or(|last| last.elapsed() > Duration::from_millis(200)) {
            let log = world.stack().logs();
            let ends = log
                .lines()
                .filter(|line| line.contains("job_completed") || line.contains("job_failed"));
            let jobs = ends.filter_map(|line| {
                let line: Value = serde_json::from_str(logs::written(line)).ok()?;
                Some(text(&line, "job").to_owned())
            });
            ended.1 = jobs.collect();
            ended.0 = Some(Instant::now());
        }
        ended.1.contains(job)
    }
}
