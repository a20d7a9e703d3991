//! Recorded exchanges, played again: the same interaction and the same replies of the model have to
//! lead to the same calls.
//!
//! Discord is called while the model thinks, so only the order of the calls to one service is
//! compared: nothing says which of two services is called first.
//!
//! `cargo xtask record` makes the fixtures; what the lab says now and what it said then come from
//! the same endpoint, `GET /lab/exchange`, so that both have the same form and no secrets.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use xtask::project;

use crate::world::{self, World, text, within};

/// Longest wait for an exchange to be over.
const JOB: Duration = Duration::from_mins(2);
/// What a request is compared by.
const COMPARED: [&str; 5] = ["operation", "method", "path", "query", "body"];
/// How the ids of the lab's world begin, which are always the same.
const FIXED_ID: &str = "11800000000000";
/// Shortest run of digits that is an id.
const ID_DIGITS: usize = 17;

#[test]
fn every_recorded_exchange_happens_again() {
    // As `cargo xtask record` has it.
    let world = world::own(&[("MIYABI_MEMORY", "on")]);
    let folder = project::root().unwrap().join("tests/fixtures/exchanges");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
    files.sort();
    assert!(!files.is_empty(), "no fixtures");
    for file in files {
        world.freshen();
        replay(&world, &file);
    }
}

fn replay(world: &World, file: &Path) {
    let name = file.file_name().unwrap().to_string_lossy();
    let recorded: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    world.tell_lab("/lab/ai/script", &json!({ "replies": replies(&recorded) }));
    let receipt = world.deliver(&order(world, &recorded["interaction"]));
    let id = text(&receipt, "id");
    assert_eq!(receipt["ack"], recorded["ack"], "{name}: the acknowledgement");
    let ended = |row: &Value| matches!(text(row, "status"), "COMPLETED" | "ERROR");
    within(JOB, &format!("{name} to end"), || world.row(id).filter(ended));
    let replayed = world.lab(&format!("/lab/exchange?interaction={id}"));
    if let Some(difference) = difference(&recorded, &replayed) {
        panic!("{name}: {difference}");
    }
}

/// What the model said, as the lab's script takes it.
fn replies(recorded: &Value) -> Vec<Value> {
    let runs = calls(recorded).filter(|call| call["operation"] == "ai_run");
    let reply = |call: &Value| {
        let (status, said) = (&call["status"], &call["response"]);
        assert!(status.is_u64(), "a cut connection cannot be scripted: {call}");
        if *status == 200 {
            return said.clone();
        }
        json!({ "error": { "message": said["message"], "name": said["name"], "status": status } })
    };
    runs.map(reply).collect()
}

/// Delivers the recorded payload, under an id and a token of its own.
fn order(world: &World, interaction: &Value) -> Value {
    let lab = world.lab("/lab/world");
    let channels = lab["channels"].as_object().unwrap().iter();
    let mut named = channels.filter(|(_, channel)| channel["id"] == interaction["channel_id"]);
    let (channel, _) = named.next().unwrap();
    let member = &interaction["member"]["user"];
    let user = if member.is_object() { member } else { &interaction["user"] };
    let mut payload = interaction.clone();
    let fields = payload.as_object_mut().unwrap();
    fields.remove("id");
    fields.remove("token");
    let mut order = json!({ "as": user["username"], "in": channel });
    order["ask"] = interaction["data"]["options"][0]["value"].clone();
    order["interaction"] = payload;
    order
}

/// The first call to a service that is not as it was.
fn difference(recorded: &Value, replayed: &Value) -> Option<String> {
    let services: BTreeSet<&str> =
        calls(recorded).chain(calls(replayed)).map(|call| service(call)).collect();
    services.into_iter().find_map(|service| {
        let (then, now) = (requests(recorded, service), requests(replayed, service));
        let at = (0..then.len().max(now.len())).find(|at| then.get(*at) != now.get(*at))?;
        let shown = |calls: &[String]| calls.get(at).map_or("no call", String::as_str).to_owned();
        let (number, then, now) = (at + 1, shown(&then), shown(&now));
        Some(format!("call {number} to {service} differs\n  recorded: {then}\n  replayed: {now}"))
    })
}

fn calls(exchange: &Value) -> impl Iterator<Item = &Value> {
    exchange["calls"].as_array().unwrap().iter()
}

/// Whom a call goes to, by its operation.
fn service(call: &Value) -> &'static str {
    match text(call, "operation") {
        "ai_run" => "Workers AI",
        "geocoding" | "weather" => "Open-Meteo",
        _ => "Discord",
    }
}

/// Every request to one service as text, in order.
fn requests(exchange: &Value, to: &str) -> Vec<String> {
    let mut ids = Vec::new();
    calls(exchange)
        .filter(|call| service(call) == to)
        .map(|call| {
            let compared: Value =
                COMPARED.iter().map(|name| ((*name).to_owned(), call[*name].clone())).collect();
            with_ids_numbered(&compared.to_string(), &mut ids)
        })
        .collect()
}

/// Puts the number of its first appearance in place of each id that is new in every run.
fn with_ids_numbered(given: &str, ids: &mut Vec<String>) -> String {
    let mut made = String::new();
    let mut rest = given;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (digits, after) = from.split_at(end);
        made.push_str(before);
        if digits.len() < ID_DIGITS || digits.starts_with(FIXED_ID) {
            made.push_str(digits);
        } else {
            let known = ids.iter().position(|id| id == digits).unwrap_or_else(|| {
                ids.push(digits.to_owned());
                ids.len() - 1
            });
            made.extend(["[id ", &(known + 1).to_string(), "]"]);
        }
        rest = after;
    }
    made + rest
}
