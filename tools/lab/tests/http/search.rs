//! Tests the services that search the web.

use serde_json::{Value, json};

use crate::bench::{Bench, Got};

/// A service's base path and key.
fn service<'a>(bench: &'a Bench, name: &str) -> (&'a str, &'a str) {
    let service = &bench.world["search"][name];
    let base = service["base"].as_str().unwrap();
    (base.strip_prefix(&bench.url).unwrap(), service["key"].as_str().unwrap_or_default())
}

async fn brave(bench: &Bench, key: Option<&str>, query: &str) -> Got {
    let path = format!("{}/web/search?{query}", service(bench, "brave").0);
    let headers: Vec<(&str, &str)> =
        key.into_iter().map(|key| ("x-subscription-token", key)).collect();
    bench.send("GET", &path, &headers, "").await.unwrap()
}

async fn tavily(bench: &Bench, key: &str, body: &Value) -> Got {
    let path = format!("{}/search", service(bench, "tavily").0);
    let bearer = format!("Bearer {key}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    bench.send("POST", &path, &headers, body.to_string()).await.unwrap()
}

#[tokio::test]
async fn brave_wants_its_key_and_a_query_that_is_not_too_long() {
    let bench = Bench::start().await;
    let key = Some(service(&bench, "brave").1);
    let (letters, words) = (format!("q={}", "a".repeat(401)), format!("q={}", "a+".repeat(51)));
    for (key, query, code) in [
        (None, "q=a", "VALIDATION"),
        (Some("another"), "q=a", "SUBSCRIPTION_TOKEN_INVALID"),
        (key, "", "VALIDATION"),
        (key, &letters, "VALIDATION"),
        (key, &words, "VALIDATION"),
        (key, "q=a&count=21", "VALIDATION"),
    ] {
        let got = brave(&bench, key, query).await;
        assert_eq!((got.status, &got.body["error"]["code"]), (422, &json!(code)), "{query}");
    }
    assert_eq!(bench.violations().await.len(), 6);
    let found = brave(&bench, key, "q=red+leaves&count=2").await.body;
    assert_eq!(found["web"]["results"].as_array().unwrap().len(), 2);
    assert_eq!(found["web"]["results"][0]["url"], "https://pages.example/article");
    assert_eq!(brave(&bench, key, "q=nothing").await.body.get("web"), None);
}

#[tokio::test]
async fn tavily_wants_its_key_and_a_query() {
    let bench = Bench::start().await;
    let key = service(&bench, "tavily").1;
    for (key, body, status) in [
        ("another", json!({ "query": "a" }), 401),
        (key, json!({}), 422),
        (key, json!({ "query": "a".repeat(401) }), 400),
        (key, json!({ "query": "a", "max_results": 21 }), 422),
    ] {
        assert_eq!(tavily(&bench, key, &body).await.status, status, "{body}");
    }
    assert_eq!(bench.violations().await.len(), 4);
    let found = tavily(&bench, key, &json!({ "query": "red leaves" })).await.body;
    assert_eq!(found["results"].as_array().unwrap().len(), 5);
    assert_eq!(found["results"][0]["title"], "Autumn & leaves");
    assert_eq!(
        tavily(&bench, key, &json!({ "query": "nothing" })).await.body["results"],
        json!([])
    );
}

#[tokio::test]
async fn searxng_wants_a_query_and_a_format_that_it_has() {
    let bench = Bench::start().await;
    let base = service(&bench, "searxng").0;
    for (query, status) in [("format=json", 400), ("q=a&format=csv", 403), ("q=a", 200)] {
        assert_eq!(bench.get(&format!("{base}/search?{query}")).await.status, status, "{query}");
    }
    let found = bench.get(&format!("{base}/search?q=red+leaves&format=json")).await.body;
    assert_eq!(found["results"].as_array().unwrap().len(), 6);
    assert_eq!(found["results"][0]["content"], "The leaves of Kyoto turn red in November.");
}
