//! Tests what operators ask for and set.

use serde_json::{Value, json};

use super::WhatsApp;
use crate::bench::{Got, Worker};

impl WhatsApp {
    /// Asks for something of the account or the number.
    async fn get(&self, path: &str) -> Value {
        let got = self.call("GET", path, &Value::Null).await;
        assert_eq!(got.status, 200, "{path}: {}", got.body);
        got.body
    }

    /// A request of the app itself, with a form.
    async fn as_app(&self, method: &str, form: &[(&str, &str)]) -> Got {
        let token = format!("{}|{}", self.world("/app_id"), self.world("/app_secret"));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let path = format!("/whatsapp/v23.0/{}/subscriptions", self.world("/app_id"));
        self.send((method, &path), &token, "application/x-www-form-urlencoded", body).await
    }
}

#[tokio::test]
async fn the_number_the_account_and_the_templates_are_described() {
    let whatsapp = WhatsApp::start().await;
    let (number, account) =
        (whatsapp.world("/phone_number_id"), whatsapp.world("/business_account_id"));
    let got = whatsapp.get(&number).await;
    assert_eq!((&got["id"], &got["quality_rating"]), (&json!(number), &json!("GREEN")));
    let got = whatsapp.get(&format!("{number}?fields=name_status,status")).await;
    assert_eq!(got, json!({ "id": number, "name_status": "APPROVED", "status": "CONNECTED" }));
    let got = whatsapp.call("GET", &format!("{number}?fields=color"), &Value::Null).await;
    assert_eq!(got.body["error"]["code"], 100);
    let got = whatsapp.get(&format!("{account}/phone_numbers")).await;
    assert_eq!(got["data"][0]["id"], json!(number));
    let got = whatsapp.get(&format!("{account}/message_templates?name=miyabi_reminder")).await;
    let templates = got["data"].as_array().unwrap();
    let labels: Vec<&Value> = templates.iter().map(|it| &it["language"]).collect();
    assert_eq!(labels, ["en_US", "ja"]);
    assert_eq!(templates[0]["status"], "APPROVED");
    assert_eq!(whatsapp.get(&account).await["id"], json!(account));
}

#[tokio::test]
async fn a_token_is_described() {
    let whatsapp = WhatsApp::start().await;
    let token = whatsapp.world("/access_token");
    let got = whatsapp.get(&format!("debug_token?input_token={token}")).await;
    assert_eq!(got["data"]["is_valid"], true);
    assert_eq!(got["data"]["app_id"], json!(whatsapp.world("/app_id")));
    let scopes = json!(["whatsapp_business_management", "whatsapp_business_messaging"]);
    assert_eq!(got["data"]["scopes"], scopes);
    let got = whatsapp.get("debug_token?input_token=EAAother").await;
    assert_eq!(got["data"]["is_valid"], false);
}

#[tokio::test]
async fn an_account_is_subscribed_to_and_left() {
    let whatsapp = WhatsApp::start().await;
    let path = format!("{}/subscribed_apps", whatsapp.world("/business_account_id"));
    assert_eq!(whatsapp.get(&path).await, json!({ "data": [] }));
    for (method, count) in [("POST", 1), ("POST", 1), ("DELETE", 0)] {
        let got = whatsapp.call(method, &path, &Value::Null).await;
        assert_eq!((got.status, got.body), (200, json!({ "success": true })));
        assert_eq!(whatsapp.get(&path).await["data"].as_array().unwrap().len(), count, "{method}");
    }
}

#[tokio::test]
async fn a_webhook_is_set_where_its_address_knows_the_token() {
    let whatsapp = WhatsApp::start().await;
    let worker = Worker::start(json!("no challenge")).await;
    let url = format!("{}/whatsapp/webhook", worker.url);
    let set = async |token: &str, fields: &str| {
        let form = [
            ("object", "whatsapp_business_account"),
            ("callback_url", url.as_str()),
            ("verify_token", token),
            ("fields", fields),
        ];
        let got = whatsapp.as_app("POST", &form).await;
        (got.status, got.body["error"]["code"].as_u64())
    };
    assert_eq!(set("wrong", "messages").await, (400, Some(2200)));
    assert_eq!(whatsapp.as_app("GET", &[]).await.body, json!({ "data": [] }));
    assert_eq!(set("right", "messages,poems").await, (400, Some(100)));
    assert_eq!(set("right", "messages,user_id_update").await, (200, None));
    let got = whatsapp.as_app("GET", &[]).await.body["data"][0].clone();
    assert_eq!((&got["callback_url"], &got["active"]), (&json!(url), &json!(true)));
    assert_eq!(got["fields"][1]["name"], "user_id_update");
    let path = format!("{}/subscriptions", whatsapp.world("/app_id"));
    let got = whatsapp.call("GET", &path, &Value::Null).await;
    assert_eq!(got.status, 401, "the system user's token is not the app's");
}

#[tokio::test]
async fn commands_are_offered_to_people() {
    let whatsapp = WhatsApp::start().await;
    let path = format!("{}/conversational_automation", whatsapp.world("/phone_number_id"));
    let command = |name: &str| json!({ "command_name": name, "command_description": "Does it" });
    let got = whatsapp.call("POST", &path, &json!({ "commands": [command("help")] })).await;
    assert_eq!((got.status, got.body), (200, json!({ "success": true })));
    assert_eq!(whatsapp.seen("mio").await["commands"], json!([command("help")]));
    for wrong in [
        json!({ "commands": [command("/help")] }),
        json!({ "commands": [{ "command_name": "help" }] }),
        json!({ "prompts": ["a", "b", "c", "d"] }),
        json!({ "menu": [] }),
    ] {
        let got = whatsapp.call("POST", &path, &wrong).await;
        assert_eq!(got.body["error"]["code"], 100, "{wrong}");
    }
}
