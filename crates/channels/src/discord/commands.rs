//! The slash commands, which `cargo xtask register` registers.
//!
//! # Source
//! Discord Docs/Application Commands, read 2026-11-20.

use serde_json::{Value, json};

use miyabi_core::i18n::drawing::MAX_PROMPT_CHARS;
use miyabi_core::i18n::{Language, Sentence, commands as words};
use miyabi_core::key::MAX_NAME_CHARS;

/// Longest question, in code points: Discord's own limit for a string option.
pub const MAX_QUESTION_CHARS: usize = 6000;

/// Longest list of scopes, in code points: all of them, each with `:read`, take fewer.
pub const MAX_SCOPES_CHARS: usize = 200;

/// Longest id of a model that is read, in code points.
const MAX_MODEL_CHARS: usize = 200;

/// Longest id of a key or a reminder that is read, in code points.
const MAX_ID_CHARS: usize = 64;

/// Where the application can be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Install {
    /// In servers only, by who manages them.
    #[default]
    Servers,
    /// Also by each person alone, who takes it along to other servers, direct messages and group chats.
    ServersAndUsers,
}

impl Install {
    /// Returns the values of `integration_types`.
    const fn integration_types(self) -> &'static [u32] {
        match self {
            Self::Servers => &[0],
            Self::ServersAndUsers => &[0, 1],
        }
    }

    /// Returns the values of `contexts`: servers, the bot's direct messages, other conversations.
    const fn contexts(self) -> &'static [u32] {
        match self {
            Self::Servers => &[0],
            Self::ServersAndUsers => &[0, 1, 2],
        }
    }
}

/// Permission without which a member is not offered the command for moderators, and is refused if it
/// comes all the same: Manage Messages.
///
/// # Source
/// Discord Docs/Permissions, read 2026-11-20.
pub const MODERATE: u64 = 1 << 13;

/// Permission without which a member is not offered `/settings`, and is refused if it comes all the same: Manage
/// Server.
///
/// # Source
/// Discord Docs/Permissions, read 2026-11-21.
pub const MANAGE_GUILD: u64 = 1 << 5;

/// Returns all commands, as Discord's bulk overwrite takes them.
///
/// # Shape
/// `[{"name": "ask", "type": 1, …}]`
pub fn definitions(install: Install) -> Value {
    json!([{
        "name": "ask",
        "type": 1,
        "description": words::ASK.english,
        "description_localizations": translations(words::ASK),
        "options": [{
            "name": "question",
            "type": 3,
            "description": words::ASK_QUESTION.english,
            "description_localizations": translations(words::ASK_QUESTION),
            "name_localizations": translations(words::ASK_QUESTION_NAME),
            "required": true,
            "min_length": 1,
            "max_length": MAX_QUESTION_CHARS,
            "autocomplete": true,
        },
        ask_option(11, "file", words::ASK_FILE, words::ASK_FILE_NAME, json!({})),
        ask_option(5, "private", words::ASK_PRIVATE, words::ASK_PRIVATE_NAME, json!({})),
        ask_option(3, "model", words::ASK_MODEL, words::ASK_MODEL_NAME, json!({
            "autocomplete": true,
            "max_length": MAX_MODEL_CHARS,
        })),
        ask_option(5, "fresh", words::ASK_FRESH, words::ASK_FRESH_NAME, json!({}))],
        "integration_types": install.integration_types(),
        "contexts": install.contexts(),
    }, {
        "name": "usage",
        "type": 1,
        "description": words::USAGE.english,
        "description_localizations": translations(words::USAGE),
        "integration_types": install.integration_types(),
        "contexts": install.contexts(),
    }, key(install), memory(install),
    on_message(words::ASK_ABOUT, install),
    on_message(words::TRANSLATE, install),
    on_message(words::SUMMARIZE, install),
    plain("help", words::HELP, install),
    plain("status", words::STATUS, install),
    cancel(install),
    plain("privacy", words::PRIVACY, install), imagine(install), {
        // For who manages a server.
        "name": "settings",
        "type": 1,
        "description": words::SETTINGS.english,
        "description_localizations": translations(words::SETTINGS),
        "default_member_permissions": MANAGE_GUILD.to_string(),
        "integration_types": Install::Servers.integration_types(),
        "contexts": Install::Servers.contexts(),
    }, {
        // In the menu of a message, for who moderates a server: wherever else people may ask, there is
        // nobody who does.
        "name": words::WHO_ASKED.english,
        "name_localizations": translations(words::WHO_ASKED),
        "type": 3,
        "default_member_permissions": MODERATE.to_string(),
        "integration_types": Install::Servers.integration_types(),
        "contexts": Install::Servers.contexts(),
    }])
}

/// An option whose name is shown in the asker's language.
fn ask_option(kind: u32, name: &str, words: Sentence, shown: Sentence, fields: Value) -> Value {
    let mut option = option(kind, name, words, fields);
    if let Some(option) = option.as_object_mut() {
        option.insert("name_localizations".to_owned(), translations(shown));
    }
    option
}

/// `/imagine`.
fn imagine(install: Install) -> Value {
    let mut command = plain("imagine", words::IMAGINE, install);
    let fields = json!({ "required": true, "min_length": 1, "max_length": MAX_PROMPT_CHARS });
    let options = json!([
        ask_option(3, "prompt", words::IMAGINE_PROMPT, words::IMAGINE_PROMPT_NAME, fields),
        ask_option(5, "private", words::IMAGINE_PRIVATE, words::ASK_PRIVATE_NAME, json!({})),
    ]);
    if let Some(command) = command.as_object_mut() {
        command.insert("options".to_owned(), options);
    }
    command
}

/// A command without options.
fn plain(name: &str, words: Sentence, install: Install) -> Value {
    json!({
        "name": name,
        "type": 1,
        "description": words.english,
        "description_localizations": translations(words),
        "integration_types": install.integration_types(),
        "contexts": install.contexts(),
    })
}

/// `/cancel`, which completes reminders.
fn cancel(install: Install) -> Value {
    let mut command = plain("cancel", words::CANCEL, install);
    let fields = json!({ "autocomplete": true, "max_length": MAX_ID_CHARS });
    if let Some(command) = command.as_object_mut() {
        let options = json!([text("reminder", words::CANCEL_REMINDER, fields)]);
        command.insert("options".to_owned(), options);
    }
    command
}

/// A command in the menu of a message.
fn on_message(name: Sentence, install: Install) -> Value {
    json!({
        "name": name.english,
        "name_localizations": translations(name),
        "type": 3,
        "integration_types": install.integration_types(),
        "contexts": install.contexts(),
    })
}

/// `/key`, with a subcommand for each thing to do with keys.
fn key(install: Install) -> Value {
    let name = text("name", words::KEY_NAME, json!({ "max_length": MAX_NAME_CHARS }));
    let scopes = text("scopes", words::KEY_SCOPES, json!({ "max_length": MAX_SCOPES_CHARS }));
    let id = text("id", words::KEY_ID, json!({ "max_length": MAX_ID_CHARS, "required": true }));
    json!({
        "name": "key",
        "type": 1,
        "description": words::KEY.english,
        "description_localizations": translations(words::KEY),
        "options": [
            subcommand("create", words::KEY_CREATE, json!({ "options": [name, scopes] })),
            subcommand("list", words::KEY_LIST, json!({})),
            subcommand("revoke", words::KEY_REVOKE, json!({ "options": [id] })),
        ],
        "integration_types": install.integration_types(),
        "contexts": install.contexts(),
    })
}

/// `/memory`, with a subcommand for each thing to do with what is remembered.
fn memory(install: Install) -> Value {
    let number = json!({
        "name": "number",
        "type": 4,
        "description": words::MEMORY_NUMBER.english,
        "description_localizations": translations(words::MEMORY_NUMBER),
        "required": true,
        "min_value": 1,
    });
    json!({
        "name": "memory",
        "type": 1,
        "description": words::MEMORY.english,
        "description_localizations": translations(words::MEMORY),
        "options": [
            subcommand("list", words::MEMORY_LIST, json!({})),
            subcommand("forget", words::MEMORY_FORGET, json!({ "options": [number] })),
            subcommand("forget-all", words::MEMORY_FORGET_ALL, json!({})),
            subcommand("export", words::MEMORY_EXPORT, json!({})),
            subcommand("off", words::MEMORY_OFF, json!({})),
            subcommand("on", words::MEMORY_ON, json!({})),
        ],
        "integration_types": install.integration_types(),
        "contexts": install.contexts(),
    })
}

fn subcommand(name: &str, words: Sentence, fields: Value) -> Value {
    option(1, name, words, fields)
}

/// An option that takes a text.
fn text(name: &str, words: Sentence, fields: Value) -> Value {
    option(3, name, words, fields)
}

/// An option of a type, with these fields besides. An empty list is left out, since Discord may not show it
/// when it lists what is registered.
fn option(kind: u32, name: &str, words: Sentence, fields: Value) -> Value {
    let mut option = json!({
        "name": name,
        "type": kind,
        "description": words.english,
        "description_localizations": translations(words),
    });
    if let (Some(option), Value::Object(fields)) = (option.as_object_mut(), fields) {
        option.extend(fields);
    }
    option
}

/// The words in every language but English, by locale.
fn translations(words: Sentence) -> Value {
    json!({ Language::Japanese.name(): words.japanese })
}

#[cfg(test)]
mod tests {
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
                let fits =
                    |char: char| char == '-' || char.is_alphanumeric() && !char.is_uppercase();
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
                item.get("options")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .cloned()
                    .collect()
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
                assert_eq!(
                    (&command["contexts"], &command["integration_types"]),
                    (&contexts, &types)
                );
            }
            for (index, name) in (7..).zip(["help", "status", "cancel", "privacy", "imagine"]) {
                let command = definitions.pointer(&format!("/{index}")).unwrap();
                assert_eq!((&command["name"], &command["type"]), (&json!(name), &json!(1)));
                assert_eq!(command["contexts"], contexts);
            }
            for (index, name) in (4..).zip(["Ask Miyabi", "Translate", "Summarize"]) {
                let command = definitions.pointer(&format!("/{index}")).unwrap();
                assert_eq!((&command["name"], &command["type"]), (&json!(name), &json!(3)));
                assert_eq!(
                    (&command["contexts"], &command["integration_types"]),
                    (&contexts, &types)
                );
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
}
