//! Tests random faults: they depend on the seed alone, are recorded, and are no violations.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::bench::{Bench, USER_AGENT};

/// Calls the webhook and the model in turn; returns the fault of each call.
async fn suffered(seed: u64, rate: f64, calls: usize) -> (Bench, Vec<Value>) {
    let bench = Bench::start().await;
    bench.post("/lab/config", &json!({ "chaos": { "seed": seed, "rate": rate } })).await;
    let webhook = format!("{}?wait=true", bench.webhook());
    let headers = [("user-agent", USER_AGENT), ("content-type", "application/json")];
    let inputs = json!({ "messages": [{ "role": "user", "content": "x" }], "max_tokens": 9 });
    let run = json!({ "model": "@cf/a/b", "inputs": inputs }).to_string();
    for number in 0..calls {
        let (path, body) = if number % 2 == 0 {
            (webhook.as_str(), json!({ "content": number.to_string() }).to_string())
        } else {
            ("/ai/run", run.clone())
        };
        // The client does not wait for delayed replies; the calls take effect nevertheless.
        tokio::select! {
            _ = bench.send("POST", path, &headers, body) => {}
            () = is_late(&bench, number) => {}
        }
    }
    let list = bench.get("/lab/calls").await.body.as_array().unwrap().clone();
    let faults = list.iter().map(|call| call["fault"].clone()).collect();
    (bench, faults)
}

/// Is ready when the call after so many others has a delay; without one it never is.
async fn is_late(bench: &Bench, before: usize) {
    let path = format!("/lab/calls?after={before}");
    while bench.get(&path).await.body[0]["fault"]["delay_ms"].is_null() {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

/// The kind of a fault, without its random numbers.
fn kind(fault: &Value) -> String {
    let body = fault["body"].to_string();
    let words = ["retry_after", "1015", "502", "500", "3040", "3036", "Internal", "nonsense"];
    let word = words.iter().find(|word| body.contains(**word)).unwrap_or(&"");
    let late = if fault["delay_ms"].is_null() { "" } else { "late" };
    format!("{} {} {word}{late}", fault["status"], fault["drop"])
}

#[tokio::test]
async fn a_seed_brings_every_kind_of_fault_and_always_the_same() {
    let (bench, faults) = suffered(1, 1.0, 60).await;
    let kinds: BTreeSet<String> = faults.iter().map(kind).collect();
    for expected in [
        "429 null retry_after",
        "429 null 1015",
        "500 null 500",
        "502 null 502",
        "null \"before\" ",
        "null \"after\" ",
        "null null late",
        "429 null 3040",
        "500 null Internal",
    ] {
        assert!(kinds.contains(expected), "{expected} is not in {kinds:?}");
    }
    assert!(kinds.iter().any(|kind| kind.starts_with("200 ")), "{kinds:?}");
    assert!(faults.iter().all(|fault| fault["by"] == "chaos"));
    assert_eq!(bench.violations().await, Vec::<String>::new());
    assert_eq!(suffered(1, 1.0, 60).await.1, faults);
    assert_ne!(suffered(2, 1.0, 10).await.1, faults[..10]);
}

#[tokio::test]
async fn a_fault_before_the_effect_prevents_it_and_one_after_does_not() {
    let (bench, faults) = suffered(3, 1.0, 40).await;
    let seen = bench.contents("general").await;
    for (number, fault) in faults.iter().enumerate().filter(|(number, _)| number % 2 == 0) {
        // Delayed calls may still run.
        if fault["delay_ms"].is_null() {
            let happens = fault["drop"] == "after" || fault["status"] == 502;
            assert_eq!(seen.contains(&number.to_string()), happens, "{fault}");
        }
    }
}

#[tokio::test]
async fn chaos_has_its_rate_and_leaves_the_lab_and_the_weather_alone() {
    let (bench, faults) = suffered(7, 0.3, 60).await;
    let hit = faults.iter().filter(|fault| !fault.is_null()).count();
    assert!((8..30).contains(&hit), "{hit}");
    bench.post("/lab/config", &json!({ "chaos": { "seed": 1, "rate": 1.0 } })).await;
    for _ in 0..10 {
        assert_eq!(bench.get("/open-meteo/geocoding/v1/search?name=Tokyo").await.status, 200);
        assert_eq!(bench.get("/lab/world").await.status, 200);
    }
    let odd = json!({ "chaos": { "seed": 1, "rate": 3 } }).to_string();
    assert_eq!(bench.send("POST", "/lab/config", &[], odd).await.unwrap().status, 400);
    bench.post("/lab/config", &json!({ "chaos": null })).await;
    assert_eq!(bench.execute(&json!({ "content": "calm" })).await.status, 200);
}
