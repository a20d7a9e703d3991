//! Tests buttons: which messages may have them, what Discord demands of them, and what is sent when one is pressed.

use serde_json::{Value, json};

use crate::bench::{Bench, Got, Worker};

fn row(buttons: &[Value]) -> Value {
    json!([{ "type": 1, "components": buttons }])
}

fn button(custom_id: &str) -> Value {
    json!({ "type": 2, "style": 2, "label": "Why", "custom_id": custom_id })
}

/// Posts by a webhook of the application in `random`.
async fn post(bench: &Bench, components: &Value) -> Got {
    let path = format!("/api/v10/channels/{}/webhooks", bench.channel("random"));
    let made = bench.as_bot("POST", &path, &json!({ "name": "Miyabi" })).await.body;
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let path = format!("/api/v10/webhooks/{}/{}?wait=true", text("id"), text("token"));
    bench.call("POST", &path, &json!({ "content": "a", "components": components })).await
}

#[tokio::test]
async fn a_button_is_pressed_by_who_sees_it_and_brings_its_message_along() {
    let bench = Bench::start().await;
    let posted = post(&bench, &row(&[button("1.why.5")])).await;
    assert_eq!(posted.status, 200, "{}", posted.body);
    let id = posted.body["id"].clone();
    let press = |custom_id: &str| json!({ "as": "alex", "in": "random", "press": { "message": id, "custom_id": custom_id } });
    let worker =
        Worker::start(json!({ "type": 4, "data": { "content": "so", "flags": 64 } })).await;
    let done = bench.deliver(&worker, press("1.why.5")).await;
    assert_eq!(done["violations"], json!([]), "{done}");
    let sent: Value = {
        let received = worker.received.lock().unwrap();
        serde_json::from_slice(&received.last().unwrap().1).unwrap()
    };
    let data = &sent["data"];
    assert_eq!(
        (&sent["type"], &data["component_type"], &data["custom_id"]),
        (&json!(3), &json!(2), &json!("1.why.5"))
    );
    assert_eq!(
        (&sent["message"]["id"], &sent["member"]["user"]["username"]),
        (&id, &json!("alex"))
    );
    assert!(data.get("name").is_none());
    let seen = bench.seen("random").await;
    assert_eq!((seen.len(), &seen[1]["only_for"]), (2, &json!("alex")));
    for (order, why) in [
        (press("1.why.6"), "no button"),
        (json!({ "press": { "message": id, "custom_id": "1.why.5" } }), "sees no message"),
    ] {
        let mut order = order;
        order["worker"] = json!("http://127.0.0.1:9");
        let got = bench.send("POST", "/lab/interactions", &[], order.to_string()).await.unwrap();
        assert!(got.body["error"].as_str().unwrap().contains(why), "{}", got.body);
    }
}

#[tokio::test]
async fn what_discord_refuses_of_a_button_is_refused() {
    let bench = Bench::start().await;
    let with = |name: &str, value: Value| {
        let mut button = button("1.why.5");
        button[name] = value;
        row(&[button])
    };
    let many: Vec<Value> = (0..6).map(|id| button(&format!("1.why.{id}"))).collect();
    for components in [
        row(&[]),
        row(&many),
        row(&[button("1.why.5"), button("1.why.5")]),
        with("custom_id", json!("x".repeat(101))),
        with("custom_id", json!("")),
        with("custom_id", Value::Null),
        with("label", json!("x".repeat(81))),
        with("label", json!("")),
        with("style", json!(0)),
        with("style", json!(7)),
        with("style", json!(5)),
        with("url", json!("https://x.yz")),
    ] {
        let got = post(&bench, &components).await;
        assert_eq!((got.status, &got.body["code"]), (400, &json!(50035)), "{components}");
    }
    assert_eq!(bench.contents("random").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_webhook_that_no_application_owns_sends_no_buttons() {
    let bench = Bench::start().await;
    let body = json!({ "content": "a", "components": row(&[button("1.why.5")]) });
    assert_eq!(bench.execute(&body).await.status, 200);
    assert_eq!(bench.seen("general").await[0]["components"], json!([]));
    let violations = bench.violations().await;
    assert_eq!(violations, ["interactive components by a webhook that no application owns"]);
}

#[tokio::test]
async fn a_menu_takes_the_values_that_it_offers_and_its_message_may_change() {
    let bench = Bench::start().await;
    let menu = json!({
        "type": 3, "custom_id": "1.set.0-tools", "min_values": 0, "max_values": 2,
        "options": [{ "label": "a", "value": "a", "default": true }, { "label": "b", "value": "b" }],
    });
    let channels = json!({
        "type": 8, "custom_id": "1.set.0-channels", "min_values": 0, "max_values": 25,
        "channel_types": [0],
    });
    let rows = json!([
        { "type": 1, "components": [menu] }, { "type": 1, "components": [channels] },
    ]);
    let posted = post(&bench, &rows).await;
    assert_eq!(posted.status, 200, "{}", posted.body);
    let id = posted.body["id"].clone();
    let choose = |part: &str, values: Value| {
        let press =
            json!({ "message": id, "custom_id": format!("1.set.0-{part}"), "values": values });
        json!({ "as": "alex", "in": "random", "press": press })
    };
    let worker = Worker::start(json!({ "type": 7, "data": { "content": "changed" } })).await;
    let done = bench.deliver(&worker, choose("tools", json!(["b"]))).await;
    assert_eq!(done["violations"], json!([]), "{done}");
    let sent: Value = {
        let received = worker.received.lock().unwrap();
        serde_json::from_slice(&received.last().unwrap().1).unwrap()
    };
    let data = &sent["data"];
    assert_eq!((&data["component_type"], &data["values"]), (&json!(3), &json!(["b"])));
    let seen = bench.seen("random").await;
    assert_eq!((seen.len(), &seen[0]["content"]), (1, &json!("changed")));
    let (random, forum) = (bench.channel("random"), bench.channel("forum"));
    let done = bench.deliver(&worker, choose("channels", json!([random]))).await;
    assert_eq!(done["violations"], json!([]), "{done}");
    for (order, why) in [
        (choose("tools", json!(["c"])), "no option"),
        (choose("tools", json!(["a", "b", "a"])), "takes 0 to 2"),
        (choose("tools", Value::Null), "is a menu"),
        (choose("channels", json!([forum])), "does not offer"),
    ] {
        let mut order = order;
        order["worker"] = json!("http://127.0.0.1:9");
        let got = bench.send("POST", "/lab/interactions", &[], order.to_string()).await.unwrap();
        assert!(got.body["error"].as_str().unwrap().contains(why), "{}", got.body);
    }
}

#[tokio::test]
async fn what_discord_refuses_of_a_menu_is_refused() {
    let bench = Bench::start().await;
    let option = |value: &str| json!({ "label": value, "value": value });
    let menu = |options: Value, most: u64| json!({ "type": 3, "custom_id": "1.set.0-x", "max_values": most, "options": options });
    for parts in [
        json!([menu(json!([option("a")]), 2)]),
        json!([menu(json!([option("a"), option("a")]), 1)]),
        json!([menu(json!([]), 1)]),
        json!([menu(json!([option(&"x".repeat(101))]), 1)]),
        json!([menu(json!([option("a")]), 1), button("1.why.5")]),
    ] {
        let posted = post(&bench, &json!([{ "type": 1, "components": parts }])).await;
        assert_eq!(posted.status, 400, "{parts}");
    }
}
