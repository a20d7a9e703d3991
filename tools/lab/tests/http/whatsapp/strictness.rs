//! Tests what is refused, and counts as a mistake of the client.

use serde_json::{Value, json};

use super::WhatsApp;

#[tokio::test]
async fn what_the_schema_does_not_have_is_refused() {
    let whatsapp = WhatsApp::start().await;
    whatsapp.write(json!({ "text": "a" })).await;
    let button =
        |id: &str, title: &str| json!({ "type": "reply", "reply": { "id": id, "title": title } });
    let buttons = |buttons: Value| {
        let action = json!({ "buttons": buttons });
        let interactive = json!({ "type": "button", "body": { "text": "a" }, "action": action });
        json!({ "type": "interactive", "interactive": interactive })
    };
    let list = |sections: Value| {
        let action = json!({ "button": "See", "sections": sections });
        let interactive = json!({ "type": "list", "body": { "text": "a" }, "action": action });
        json!({ "type": "interactive", "interactive": interactive })
    };
    let rows = |count: usize| {
        let row = |at: usize| json!({ "id": format!("r{at}"), "title": format!("Row {at}") });
        (0..count).map(row).collect::<Value>()
    };
    let text = json!({ "body": "a" });
    for (fields, code) in [
        (json!({ "text": { "body": "a", "mentions": [] } }), 131_009),
        (json!({ "text": { "body": "a".repeat(4_097) } }), 131_009),
        (json!({ "text": { "body": " \n" } }), 131_008),
        (json!({ "text": null }), 131_008),
        (json!({ "text": text, "stream": true }), 131_009),
        (json!({ "text": text, "to": "mio" }), 131_009),
        (json!({ "text": text, "to": "JP.71800000000000000503" }), 131_009),
        (json!({ "text": text, "recipient_type": "group" }), 131_009),
        (json!({ "text": text, "context": { "message_id": "wamid.1" } }), 131_009),
        (json!({ "type": "poll", "poll": {} }), 131_051),
        (json!({ "type": "image", "image": { "id": "1" } }), 131_009),
        (json!({ "type": "image", "image": { "link": "https://a.example/b.png" } }), 100),
        (buttons(json!([])), 131_009),
        (buttons(json!([button("a", "A"), button("a", "B")])), 131_009),
        (buttons(json!([button("a", "A"), button("b", "A")])), 131_009),
        (buttons(json!([button("a", &"A".repeat(21))])), 131_009),
        (buttons((0..4).map(|at| button(&at.to_string(), &at.to_string())).collect()), 131_009),
        (list(json!([{ "rows": rows(11) }])), 131_009),
        (list(json!([{ "rows": rows(2) }, { "title": "B", "rows": rows(2) }])), 131_009),
        (json!({ "messaging_product": "telegram", "text": text }), 100),
    ] {
        let (_, got) = whatsapp.refused(fields.clone()).await;
        assert_eq!(got, code, "{fields}");
    }
    let count = whatsapp.bench.violations().await.len();
    assert_eq!(count, 20, "each is a violation");
    whatsapp.sent(buttons(json!([button("a", "A"), button("b", "B")]))).await;
    whatsapp.sent(list(json!([{ "rows": rows(10) }]))).await;
    assert_eq!(whatsapp.bench.violations().await.len(), count);
}

#[tokio::test]
async fn the_token_and_its_scopes_are_wanted() {
    let whatsapp = WhatsApp::start().await;
    let path = format!("/whatsapp/v23.0/{}", whatsapp.world("/phone_number_id"));
    let code = async |token: &str| {
        let got = whatsapp.send(("GET", &path), token, "application/json", "").await;
        (got.status, got.body["error"]["code"].as_u64())
    };
    let token = whatsapp.world("/access_token");
    assert_eq!(code("EAAother").await, (401, Some(190)));
    assert_eq!(code(&token).await, (200, None));
    let got = whatsapp.bench.send("GET", &path, &[], "").await.unwrap();
    assert_eq!(got.status, 401);
    let in_address = format!("{path}?access_token={token}");
    let got = whatsapp.bench.send("GET", &in_address, &[], "").await.unwrap();
    assert_eq!(got.body["error"]["code"], 100);
    assert_eq!(whatsapp.bench.violations().await.len(), 3);
    whatsapp.configure(json!({ "missing_scopes": ["whatsapp_business_management"] })).await;
    assert_eq!(code(&token).await, (403, Some(200)));
    whatsapp.configure(json!({ "missing_scopes": [], "token_expires_at": 1 })).await;
    assert_eq!(code(&token).await, (401, Some(190)));
    assert_eq!(whatsapp.bench.violations().await.len(), 3, "an operator's mistakes are none");
}

#[tokio::test]
async fn somebody_without_whatsapp_is_found_out_afterwards() {
    let whatsapp = WhatsApp::start().await;
    let got = whatsapp.post(&json!({ "to": "4915500000000", "text": { "body": "a" } })).await;
    assert_eq!(got.status, 200);
    assert_eq!(whatsapp.bench.violations().await, ["whatsapp: nobody has that number"]);
    assert_eq!(whatsapp.seen("mio").await["messages"], json!([]));
}

#[tokio::test]
async fn a_failure_that_is_asked_for_looks_like_metas() {
    let whatsapp = WhatsApp::start().await;
    let rule = json!({ "match": { "operation": "whatsapp_messages" }, "then": { "status": 429 } });
    whatsapp.bench.post("/lab/faults", &rule).await;
    let text = json!({ "text": { "body": "a" } });
    assert_eq!(whatsapp.refused(text.clone()).await, (429, 130_429));
    let pair = json!({ "error": { "code": 131_056, "message": "pair" } });
    let rule = json!({
        "match": { "operation": "whatsapp_messages" }, "then": { "status": 400, "body": pair },
    });
    whatsapp.bench.post("/lab/faults", &rule).await;
    assert_eq!(whatsapp.refused(text).await, (400, 131_056));
}
