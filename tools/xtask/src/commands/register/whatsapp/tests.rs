//! What is sent to Meta, and what is made of its answers.

use std::thread::JoinHandle;

use super::super::testing::{Answer, Asked, answering};
use super::*;

const URL: &str = "https://miyabi.example";

/// Meta, which answers one call after the other.
fn meta(answers: Vec<(u16, Value)>) -> (String, JoinHandle<Vec<Asked>>) {
    let answer = |(status, body)| Answer { status, header: "", body };
    answering(answers.into_iter().map(answer).collect())
}

fn registration<'a>(base: &'a str, prompts: &'a [String]) -> Registration<'a> {
    let graph = Graph { base, token: "EAAhunter2", app_secret: "hunter3", verify_token: "hunter4" };
    Registration { graph, app: "11", account: "22", number: "33", url: URL, prompts }
}

/// What Meta says where everything is as it should be, in the order in which it is asked.
fn registered(prompts: &[String]) -> [Value; 3] {
    let fields = FIELDS.map(|name| json!({ "name": name, "version": "v23.0" }));
    let webhook = json!({
        "object": OBJECT, "callback_url": format!("{URL}/whatsapp/webhook"), "active": true,
        "fields": fields,
    });
    let other = json!({ "object": "page", "callback_url": "https://page.example", "fields": [] });
    let app = json!({ "whatsapp_business_api_data": { "id": "11", "name": "Miyabi" } });
    [
        json!({ "data": [other, webhook] }),
        json!({ "data": [app] }),
        json!({ "conversational_automation": components(prompts), "id": "33" }),
    ]
}

fn compare(answers: [Value; 3], prompts: &[String]) -> Change {
    let (base, server) = meta(answers.into_iter().map(|body| (200, body)).collect());
    let change = registration(&base, prompts).compare().unwrap();
    let asked = server.join().unwrap();
    assert!(asked.iter().all(|it| it.method == "GET"), "{asked:?}");
    let callers: Vec<&str> = asked.iter().map(|it| it.authorization.as_str()).collect();
    assert_eq!(callers, ["Bearer 11|hunter3", "Bearer EAAhunter2", "Bearer EAAhunter2"]);
    change
}

/// `OpenAPI` of v23.0: at most 30 commands with names of at most 30 letters, digits and `_`, and descriptions of at most
/// 256 characters.
#[test]
fn whatsapp_takes_the_commands() {
    let components = components(&[]);
    let commands = components["commands"].as_array().unwrap();
    assert!((1..=30).contains(&commands.len()));
    for command in commands {
        let name = text(command, "command_name");
        assert!(name.len() <= 30 && name.bytes().all(|it| it.is_ascii_lowercase()), "{name}");
        let description = text(command, "command_description");
        assert!((1..=256).contains(&description.chars().count()), "{description}");
    }
    assert_eq!(commands[0]["command_description"], "Ask Miyabi a question / 雅に質問する");
    assert!(components.get("prompts").is_none());
}

#[test]
fn ice_breakers_are_the_first_suggestions_that_are_short_enough() {
    let suggestions = json!(["One?", "x".repeat(81), "二?", "x".repeat(80), "Four?"]).to_string();
    assert_eq!(prompts(&suggestions), ["One?".to_owned(), "二?".to_owned(), "x".repeat(80)]);
    for none in ["", "[]", "no list", "{}"] {
        assert!(prompts(none).is_empty(), "{none}");
    }
}

#[test]
fn where_all_is_registered_nothing_changes() {
    let prompts = ["What can you do?".to_owned()];
    let change = compare(registered(&prompts), &prompts);
    assert_eq!(change.lines, Vec::<String>::new());
    assert_eq!(change.fields, FIELDS);
    // Without suggestions, ice breakers that somebody has set by hand stay.
    assert!(compare(registered(&prompts), &[]).lines.is_empty());
}

#[test]
fn where_nothing_is_registered_all_of_it_is_new() {
    let nothing = [json!({ "data": [] }), json!({ "data": [] }), json!({ "id": "33" })];
    let change = compare(nothing, &["What can you do?".to_owned()]);
    assert_eq!(
        change.lines[..2],
        [
            "+ webhook https://miyabi.example/whatsapp/webhook: messages, user_id_update",
            "+ account: what happens there goes to the app 11",
        ]
    );
    assert!(change.lines.contains(&"+ /ask".to_owned()), "{change:?}");
    assert_eq!(change.lines.last().unwrap(), "~ ice breakers: [] → [\"What can you do?\"]");
    assert_eq!(change.fields, FIELDS);
}

#[test]
fn each_thing_that_differs_is_a_line_of_its_own_and_other_fields_stay() {
    let [mut webhooks, mut apps, mut info] = registered(&[]);
    webhooks["data"][1]["callback_url"] = json!("https://old.example/whatsapp/webhook");
    webhooks["data"][1]["active"] = json!(false);
    webhooks["data"][1]["fields"] = json!([{ "name": "messages" }, { "name": "account_update" }]);
    apps["data"][0]["override_callback_uri"] = json!("https://other.example");
    let commands = info["conversational_automation"]["commands"].as_array_mut().unwrap();
    commands[0]["command_description"] = json!("Old");
    commands[1]["command_name"] = json!("gone");
    let change = compare([webhooks, apps, info], &[]);
    let expected = [
        "~ webhook.callback_url: \"https://old.example/whatsapp/webhook\" → \"https://miyabi.example/whatsapp/webhook\"",
        "~ webhook.active: false → true",
        "+ webhook.fields: user_id_update",
        "- account.override_callback_uri: \"https://other.example\"",
        "~ /ask.description: \"Old\" → \"Ask Miyabi a question / 雅に質問する\"",
        "+ /new",
        "- /gone",
    ];
    assert_eq!(change.lines, expected);
    assert_eq!(change.fields, ["messages", "account_update", "user_id_update"]);
}

#[test]
fn the_webhook_is_put_by_the_app_and_the_rest_by_the_system_user() {
    let success = || (200, json!({ "success": true }));
    let (base, server) = meta(vec![success(), success(), success()]);
    let prompts = ["What can you do?".to_owned()];
    let change =
        Change { lines: Vec::new(), fields: vec!["messages".to_owned(), "other".to_owned()] };
    registration(&base, &prompts).put(&change).unwrap();
    let asked = server.join().unwrap();
    let sent: Vec<_> = asked.iter().map(|it| (it.method.as_str(), it.path.as_str())).collect();
    assert_eq!(
        sent,
        [
            ("POST", "/11/subscriptions"),
            ("POST", "/22/subscribed_apps"),
            ("POST", "/33/conversational_automation"),
        ]
    );
    let callers: Vec<&str> = asked.iter().map(|it| it.authorization.as_str()).collect();
    assert_eq!(callers, ["Bearer 11|hunter3", "Bearer EAAhunter2", "Bearer EAAhunter2"]);
    let webhook = json!({
        "object": OBJECT, "callback_url": "https://miyabi.example/whatsapp/webhook",
        "fields": "messages,other", "verify_token": "hunter4",
    });
    assert_eq!(asked[0].body, webhook);
    assert_eq!(asked[1].body, json!({}));
    assert_eq!(asked[2].body, components(&prompts));
}

#[test]
fn what_meta_refuses_is_said_in_its_words_and_nothing_after_it_is_put() {
    let refusal = json!({ "error": {
        "message": "(#2200) Callback verification failed with the following errors: HTTP Status Code = 403",
        "type": "OAuthException", "code": 2200,
    } });
    let (base, server) = meta(vec![(400, refusal)]);
    let change = Change { lines: Vec::new(), fields: Vec::new() };
    let error = registration(&base, &[]).put(&change).unwrap_err().to_string();
    assert!(error.contains("HTTP Status Code = 403 (code 2200)"), "{error}");
    assert!(error.contains("WHATSAPP_VERIFY_TOKEN") && !error.contains("hunter"), "{error}");
    assert_eq!(server.join().unwrap().len(), 1);
}

#[test]
fn a_template_is_said_to_be_approved_or_not_to_be_sent() {
    let reminder = Template::parse("reminder/ja").unwrap();
    let mut approved = template::draft(&reminder);
    approved["status"] = json!("APPROVED");
    let of = |listed: Value| {
        let (base, server) = meta(vec![(200, json!({ "data": [listed] }))]);
        let checked = check(&registration(&base, &[]).graph, "22", &reminder);
        let path = server.join().unwrap().remove(0).path;
        assert!(path.starts_with("/22/message_templates?name=reminder&fields="), "{path}");
        checked
    };
    assert!(of(approved.clone()).is_ok());
    approved["status"] = json!("PAUSED");
    let error = of(approved).unwrap_err().to_string();
    assert!(
        error.starts_with("template reminder/ja cannot be sent: Meta has it as PAUSED"),
        "{error}"
    );
    assert!(template_of(Some("reminder")).is_err() && template_of(None).unwrap().is_none());
}

#[test]
fn what_is_not_set_is_named_and_an_id_is_one() {
    let all = || NEEDED.map(|name| Some(if name.ends_with("_ID") { "7" } else { "x" }.to_owned()));
    assert_eq!(known(&all()).unwrap(), ["x", "x", "x", "7", "7", "7"]);
    let mut values = all();
    (values[4], values[5]) = (None, None);
    let error = known(&values).unwrap_err().to_string();
    assert!(error.starts_with("not set: WHATSAPP_APP_ID, WHATSAPP_BUSINESS_ACCOUNT_ID"), "{error}");
    for wrong in ["../me", "+1555", "1|2"] {
        let mut values = all();
        values[4] = Some(wrong.to_owned());
        let error = known(&values).unwrap_err().to_string();
        assert!(error.starts_with("WHATSAPP_APP_ID is not an id"), "{error}");
        assert!(!error.contains(wrong), "{error}");
    }
}
