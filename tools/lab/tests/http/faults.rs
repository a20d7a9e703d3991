//! Tests fault rules.

use serde_json::{Value, json};

use crate::bench::Bench;

fn rule(operation: &str, then: &Value) -> Value {
    json!({ "match": { "operation": operation }, "then": then })
}

#[tokio::test]
async fn replaces_status_headers_and_body_without_the_effect() {
    let bench = Bench::start().await;
    let then =
        json!({ "status": 429, "headers": { "Retry-After": "7" }, "body": "<html>1015</html>" });
    bench.post("/lab/faults", &rule("execute_webhook", &then)).await;
    let got = bench.execute(&json!({ "content": "a" })).await;
    assert_eq!((got.status, &got.body), (429, &json!("<html>1015</html>")));
    assert_eq!(got.headers["retry-after"], "7");
    assert!(got.headers["content-type"].starts_with("text/plain"));
    assert_eq!(bench.contents("general").await.len(), 0);
    let call = &bench.calls("execute_webhook").await[0];
    assert_eq!((&call["status"], &call["fault"]["status"]), (&json!(429), &json!(429)));
    assert_eq!(bench.execute(&json!({ "content": "b" })).await.status, 200);
}

#[tokio::test]
async fn fails_after_the_effect() {
    let bench = Bench::start().await;
    let then = json!({ "status": 500, "effect": true, "body": { "message": "oops", "code": 0 } });
    bench.post("/lab/faults", &rule("execute_webhook", &then)).await;
    assert_eq!(bench.execute(&json!({ "content": "a" })).await.status, 500);
    assert_eq!(bench.contents("general").await, ["a"]);
}

#[tokio::test]
async fn cuts_the_connection_before_and_after_the_effect() {
    let bench = Bench::start().await;
    for (when, contents) in [("before", vec![]), ("after", vec!["after".to_owned()])] {
        bench.post("/lab/faults", &rule("execute_webhook", &json!({ "drop": when }))).await;
        let headers =
            [("user-agent", crate::bench::USER_AGENT), ("content-type", "application/json")];
        let body = json!({ "content": when }).to_string();
        let outcome = bench.send("POST", &bench.webhook(), &headers, body).await;
        assert!(outcome.is_err(), "{outcome:?}");
        assert_eq!(bench.contents("general").await, contents);
        let calls = bench.calls("execute_webhook").await;
        let call = calls.last().unwrap();
        assert_eq!((&call["status"], &call["fault"]["drop"]), (&Value::Null, &json!(when)));
    }
}

#[tokio::test]
async fn a_cut_connection_carries_not_one_byte() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let bench = Bench::start().await;
    bench.post("/lab/faults", &rule("geocoding", &json!({ "drop": "after" }))).await;
    let address = bench.url.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = "GET /open-meteo/geocoding/v1/search?name=Tokyo HTTP/1.1\r\nhost: lab\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut got = Vec::new();
    stream.read_to_end(&mut got).await.unwrap();
    assert_eq!(got, b"");
}

#[tokio::test]
async fn a_client_that_gives_up_does_not_undo_its_call() {
    let bench = Bench::start().await;
    bench.post("/lab/faults", &rule("execute_webhook", &json!({ "delay_ms": 250 }))).await;
    let body = json!({ "content": "late" });
    let impatient = tokio::time::timeout(std::time::Duration::from_millis(5), bench.execute(&body));
    assert!(impatient.await.is_err());
    assert_eq!(bench.calls("execute_webhook").await[0]["status"], Value::Null);
    while bench.calls("execute_webhook").await[0]["status"].is_null() {
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.contents("general").await, ["late"]);
    assert_eq!(bench.calls("execute_webhook").await[0]["status"], 200);
}

#[tokio::test]
async fn rules_are_listed_forgotten_and_checked() {
    let bench = Bench::start().await;
    let rules = json!([
        rule("ai_run", &json!({ "status": 500 })),
        rule("weather", &json!({ "status": 500 }))
    ]);
    assert_eq!(bench.post("/lab/faults", &rules).await.body.as_array().unwrap().len(), 2);
    let typo = json!({ "match": { "opration": "x" }, "then": {} }).to_string();
    let got = bench.send("POST", "/lab/faults", &[], typo).await.unwrap();
    assert_eq!(got.status, 400);
    assert!(got.body["error"].as_str().unwrap().contains("opration"));
    let typo = rule("execute_webhok", &json!({ "status": 500 })).to_string();
    let got = bench.send("POST", "/lab/faults", &[], typo).await.unwrap();
    assert!(got.body["error"].as_str().unwrap().contains("execute_webhook"));
    let got = bench.send("DELETE", "/lab/faults", &[], "").await.unwrap();
    assert_eq!(got.body, json!([]));
}
