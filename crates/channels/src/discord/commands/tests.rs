//! The commands, as they are registered.

use super::*;

/// Discord's limits on names and descriptions, in code points.
const NAME_CHARS: core::ops::RangeInclusive<usize> = 1..=32;
const DESCRIPTION_CHARS: core::ops::RangeInclusive<usize> = 1..=100;

/// Checks the words of a command or option, and that they add up within a command's 8000.
///
/// The command of a message has a name of any letters and spaces, and no description.
fn check(named: &Value) -> usize {
    let mut chars = 0;
    let is_menu = named["type"] == 3 && named.get("contexts").is_some();
    for (field, limits) in [("name", NAME_CHARS), ("description", DESCRIPTION_CHARS)] {
        if is_menu && field == "description" {
            assert_eq!(named.get(field), None);
            continue;
        }
        let localized = named.get(format!("{field}_localizations"));
        let localized = localized.and_then(Value::as_object).into_iter().flatten();
        for words in localized.map(|(_, words)| words).chain(named.get(field)) {
            let words = words.as_str().unwrap();
            assert!(limits.contains(&words.chars().count()), "{words}");
            // Lower case, no spaces; Discord's pattern also takes other scripts.
            let fits = |char: char| char == '-' || char.is_alphanumeric() && !char.is_uppercase();
            assert!(is_menu || field != "name" || words.chars().all(fits), "{words}");
            chars += words.chars().count();
        }
        assert!(named.get(field).is_some(), "{named}");
    }
    chars
}

#[test]
fn every_command_is_within_discords_limits() {
    let definitions = definitions(Install::ServersAndUsers);
    let commands = definitions.as_array().unwrap();
    assert!((1..=100).contains(&commands.len()));
    for command in commands {
        let options = |item: &Value| -> Vec<Value> {
            item.get("options").and_then(Value::as_array).into_iter().flatten().cloned().collect()
        };
        let mut chars = check(command);
        let (own, mut inner) = (options(command), Vec::new());
        for option in &own {
            inner.extend(options(option));
        }
        for option in own.iter().chain(&inner) {
            chars += check(option);
            assert!(options(option).len() <= 25);
        }
        assert!(own.len() <= 25 && chars <= 8000, "{chars}");
    }
}

#[test]
fn a_question_is_required_and_as_long_as_discord_lets_it_be() {
    let definitions = definitions(Install::default());
    let option = definitions.pointer("/0/options/0").unwrap();
    assert_eq!((&option["name"], &option["type"]), (&json!("question"), &json!(3)));
    assert_eq!((&option["required"], &option["min_length"]), (&json!(true), &json!(1)));
    assert_eq!(option["max_length"], json!(6000));
}

#[test]
fn ask_has_its_options_and_completes_models() {
    let definitions = definitions(Install::default());
    let options = definitions.pointer("/0/options").unwrap().as_array().unwrap();
    let names: Vec<_> =
        options.iter().map(|it| (it["name"].as_str().unwrap(), it["type"].as_u64())).collect();
    let expected = [
        ("question", Some(3)),
        ("file", Some(11)),
        ("private", Some(5)),
        ("model", Some(3)),
        ("fresh", Some(5)),
    ];
    assert_eq!(names, expected);
    let completed: Vec<_> =
        options.iter().filter(|option| option["autocomplete"] == true).collect();
    let completed: Vec<_> = completed.iter().map(|option| &option["name"]).collect();
    assert_eq!(completed, ["question", "model"]);
}

#[test]
fn commands_are_for_servers_unless_people_may_install_them_for_themselves() {
    assert_eq!(Install::default(), Install::Servers);
    for (install, contexts, types) in [
        (Install::Servers, json!([0]), json!([0])),
        (Install::ServersAndUsers, json!([0, 1, 2]), json!([0, 1])),
    ] {
        let definitions = definitions(install);
        for (index, name) in ["ask", "usage", "key", "memory"].into_iter().enumerate() {
            let command = definitions.pointer(&format!("/{index}")).unwrap();
            assert_eq!((&command["name"], &command["type"]), (&json!(name), &json!(1)));
            assert_eq!((&command["contexts"], &command["integration_types"]), (&contexts, &types));
        }
        for (index, name) in (7..).zip(["help", "status", "cancel", "privacy", "imagine", "link"]) {
            let command = definitions.pointer(&format!("/{index}")).unwrap();
            assert_eq!((&command["name"], &command["type"]), (&json!(name), &json!(1)));
            assert_eq!(command["contexts"], contexts);
        }
        for (index, name) in (4..).zip(["Ask Miyabi", "Translate", "Summarize"]) {
            let command = definitions.pointer(&format!("/{index}")).unwrap();
            assert_eq!((&command["name"], &command["type"]), (&json!(name), &json!(3)));
            assert_eq!((&command["contexts"], &command["integration_types"]), (&contexts, &types));
        }
    }
}

#[test]
fn the_command_for_moderators_is_offered_to_them_alone_and_in_servers_only() {
    for install in [Install::Servers, Install::ServersAndUsers] {
        let definitions = definitions(install);
        let command = definitions.as_array().unwrap().last().unwrap();
        assert_eq!(command["type"], json!(3), "in the menu of a message");
        assert_eq!(command["default_member_permissions"], json!("8192"));
        assert_eq!(command["contexts"], json!([0]));
        assert_eq!(command["integration_types"], json!([0]));
        let mut all = definitions.as_array().unwrap().iter();
        let settings = all.find(|command| command["name"] == "settings").unwrap();
        assert_eq!(settings["default_member_permissions"], json!("32"));
        assert_eq!(settings["contexts"], json!([0]));
    }
}
