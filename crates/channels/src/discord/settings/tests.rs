use super::*;
use crate::discord::transport::Discord;
use miyabi_core::config::models::Model;
use miyabi_testing::{Fake, settings};

fn operator() -> Settings {
    let mut settings = settings();
    let ids = ["@cf/meta/llama-3.3-70b-instruct-fp8-fast", "@cf/other", &"x".repeat(101)];
    settings.models = ids.map(Model::by_binding).to_vec();
    settings
}

fn shown(server: &ServerSettings, language: Language) -> (Value, Value) {
    let world = Fake::new();
    let operator = operator();
    let view = View {
        version: 12,
        settings: server,
        entries: &[],
        can_undo: false,
        note: None,
        operator: &operator,
        tools: &["weather", "calculate"],
        language,
    };
    let transport = Discord::new(world, operator.discord.clone());
    let body = |reply: Reply| serde_json::from_str(&reply.body).unwrap();
    (body(view.update(&transport)), body(view.form()))
}

/// Every component of the panel, by what it changes.
fn part(panel: &Value, name: &str) -> Value {
    let rows = panel["data"]["components"].as_array().unwrap();
    assert!(rows.len() <= 5 && rows.iter().all(|row| row["type"] == 1));
    let mut parts = rows.iter().flat_map(|row| row["components"].as_array().unwrap());
    let id = format!("1.set.12-{name}");
    parts.find(|part| part["custom_id"] == id.as_str()).cloned().unwrap_or(Value::Null)
}

fn chosen(menu: &Value) -> Vec<&str> {
    let options = menu["options"].as_array().unwrap().iter();
    options.filter(|it| it["default"] == true).map(|it| it["value"].as_str().unwrap()).collect()
}

#[test]
fn a_panel_shows_what_is_settled_in_its_menus_and_carries_its_version() {
    let nothing = ServerSettings::default();
    let (panel, _) = shown(&nothing, Language::English);
    assert_eq!((&panel["type"], &panel["data"]["flags"]), (&json!(7), &json!(64)));
    assert_eq!(chosen(&part(&panel, LANGUAGE)), ["auto"]);
    let models = part(&panel, MODELS);
    assert_eq!(
        (chosen(&models).len(), &models["max_values"]),
        (2, &json!(2)),
        "a long id is left out"
    );
    assert_eq!(chosen(&part(&panel, TOOLS)), ["weather", "calculate"]);
    assert_eq!(part(&panel, UNDO)["disabled"], true);
    assert!(part(&panel, QUOTE).is_object() && part(&panel, POST).is_null());
    let some = ServerSettings {
        language: Some(Language::Japanese),
        channels: vec!["12".to_owned()],
        quotes: true,
        models: vec!["@cf/other".to_owned()],
        tools: Some(Vec::new()),
        forgets: true,
        ..nothing
    };
    let (panel, _) = shown(&some, Language::Japanese);
    assert_eq!(chosen(&part(&panel, LANGUAGE)), ["ja"]);
    assert_eq!(chosen(&part(&panel, MODELS)), ["@cf/other"]);
    assert_eq!(
        (chosen(&part(&panel, TOOLS)).len(), &part(&panel, TOOLS)["min_values"]),
        (0, &json!(0))
    );
    assert_eq!(
        part(&panel, CHANNELS)["default_values"],
        json!([{ "id": "12", "type": "channel" }])
    );
    assert!(part(&panel, POST).is_object() && part(&panel, REMEMBER).is_object());
}

#[test]
fn words_are_as_long_as_discord_takes_them() {
    let server = ServerSettings {
        persona: "雅".repeat(MAX_PERSONA_CHARS),
        day_limit: Some(10_000),
        budget_nano: Some(999_999_999_900_000),
        ..ServerSettings::default()
    };
    for language in Language::ALL {
        let (panel, form) = shown(&server, language);
        assert!(panel["data"]["content"].as_str().unwrap().chars().count() <= 2_000);
        for name in [LANGUAGE, CHANNELS, MODELS, TOOLS] {
            let chars = part(&panel, name)["placeholder"].as_str().unwrap().chars().count();
            assert!((1..=150).contains(&chars), "{name}");
        }
        for name in [QUOTE, FORGET, WRITE, UNDO] {
            assert!(
                (1..=80).contains(&part(&panel, name)["label"].as_str().unwrap().chars().count())
            );
        }
        let data = &form["data"];
        assert_eq!((&form["type"], &data["custom_id"]), (&json!(9), &json!("1.set.12-write")));
        assert!((1..=45).contains(&data["title"].as_str().unwrap().chars().count()));
        for field in data["components"].as_array().unwrap() {
            let input = &field["component"];
            assert!((1..=45).contains(&field["label"].as_str().unwrap().chars().count()));
            assert!((1..=100).contains(&input["placeholder"].as_str().unwrap().chars().count()));
            let value = input["value"].as_str().unwrap().chars().count();
            assert!(value <= usize::try_from(input["max_length"].as_u64().unwrap()).unwrap());
        }
    }
}
