//! `/settings` and its panel: what is wanted, and by whom.

use super::*;
use miyabi_core::i18n::settings::{Change, Wish};

/// An interaction with the panel by who manages the server.
fn used(kind: u64, data: Value) -> Value {
    let mut used = command();
    used["type"] = json!(kind);
    used["member"]["permissions"] = json!("32");
    used["data"] = data;
    used
}

fn wanted(interaction: &Value) -> Option<(Wish, bool)> {
    match parse_bytes(interaction.to_string()) {
        Ok(Inbound::Settings(inquiry, _)) => Some((inquiry.wish, inquiry.server.is_some())),
        Ok(Inbound::Unknown(_)) => None,
        other => panic!("{other:?}"),
    }
}

fn pressed(part: &str, values: &Value) -> Option<Change> {
    let id = format!("1.set.7-{part}");
    match wanted(&used(3, json!({ "custom_id": id, "values": values }))) {
        Some((Wish::Change(7, change), true)) => Some(change),
        None => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_component_is_the_change_that_it_shows() {
    let none = json!(null);
    assert_eq!(
        pressed("language", &json!(["ja"])),
        Some(Change::Language(Some(Language::Japanese)))
    );
    assert_eq!(pressed("language", &json!(["auto"])), Some(Change::Language(None)));
    assert_eq!(pressed("language", &none), None);
    let ids = json!(["12", "x", 5]);
    assert_eq!(pressed("channels", &ids), Some(Change::Channels(vec!["12".to_owned()])));
    assert_eq!(pressed("channels", &json!([])), Some(Change::Channels(Vec::new())));
    assert_eq!(pressed("models", &json!(["a"])), Some(Change::Models(vec!["a".to_owned()])));
    assert_eq!(pressed("models", &json!([])), None);
    assert_eq!(pressed("tools", &json!([])), Some(Change::Tools(Vec::new())));
    assert_eq!(
        (pressed("quote", &none), pressed("post", &none)),
        (Some(Change::Quotes(true)), Some(Change::Quotes(false)))
    );
    assert_eq!(pressed("forget", &none), Some(Change::Forgets(true)));
    assert_eq!((pressed("undo", &none), pressed("moon", &none)), (Some(Change::Undo), None));
    for id in ["1.set.x-undo", "1.set.-undo", "1.set.7", "1.set.-1-undo"] {
        assert_eq!(wanted(&used(3, json!({ "custom_id": id }))), None, "{id}");
    }
    let field = |id: &str, value: &str| json!({ "type": 18, "component": { "type": 4, "custom_id": id, "value": value } });
    let fields = json!([field("persona", "Tea."), field("limit", "3"), field("budget", "2.50")]);
    let form = used(5, json!({ "custom_id": "1.set.7-write", "components": fields }));
    let change = Change::Form {
        persona: "Tea.".to_owned(),
        day_limit: "3".to_owned(),
        budget: "2.50".to_owned(),
    };
    assert_eq!(wanted(&form), Some((Wish::Change(7, change), true)));
}

#[test]
fn who_does_not_manage_the_server_names_none_whatever_they_use() {
    let command = json!({ "id": "1", "name": "settings", "type": 1 });
    let press = json!({ "custom_id": "1.set.7-quote" });
    for (kind, data) in [(2, command), (3, press)] {
        let mut interaction = used(kind, data);
        assert!(wanted(&interaction).unwrap().1);
        for permissions in [json!("2048"), json!("0"), json!(null), json!(32)] {
            interaction["member"]["permissions"] = permissions;
            assert!(!wanted(&interaction).unwrap().1, "{interaction}");
        }
        interaction["member"]["permissions"] = json!("8");
        assert!(wanted(&interaction).unwrap().1, "an administrator");
    }
}
