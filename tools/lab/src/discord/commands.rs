//! Registers and lists application commands.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::discord::errors::{self, Issue};
use crate::discord::route::Scope;
use crate::discord::service::Discord;
use crate::discord::state::State;
use crate::discord::world::{APPLICATION_ID, GUILD_ID};
use crate::discord::{body, openapi};
use crate::http::{Inbound, Reply};

/// Largest size of one command with all it contains, in code points.
const COMMAND_CHARS: usize = 8000;
/// A slash command.
const CHAT_INPUT: u64 = 1;
/// Languages of localizations: "Discord Docs/Reference, Locales".
const LOCALES: [&str; 34] = [
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl",
    "no", "pl", "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th",
    "zh-CN", "ja", "zh-TW", "ko", "ar", "he",
];

/// Key under which a scope's commands are kept.
fn key(scope: &Scope) -> Result<String, Reply> {
    if scope.application != APPLICATION_ID {
        return Err(errors::error(
            403,
            20012,
            "You are not authorized to perform this action on this application",
        ));
    }
    match scope.guild.as_deref() {
        None => Ok("global".to_owned()),
        Some(GUILD_ID) => Ok(GUILD_ID.to_owned()),
        Some(_) => Err(errors::error(403, 50001, "Missing Access")),
    }
}

/// `GET …/commands`.
pub(crate) fn list(state: &State, scope: &Scope) -> Result<Reply, Reply> {
    Ok(Reply::json(200, json!(state.commands.get(&key(scope)?).cloned().unwrap_or_default())))
}

/// `PUT …/commands`: replaces them all; a command keeps its id while its name and kind stay.
pub(crate) fn set(
    discord: &Discord,
    state: &mut State,
    scope: &Scope,
    inbound: &Inbound,
) -> Result<Reply, Reply> {
    let key = key(scope)?;
    let mut body = body::json(inbound)?.clone();
    read_permissions(&mut body);
    let commands = body.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut issues = openapi::check(&discord.schemas.commands, &body);
    if issues.is_empty() {
        issues = beyond_the_schema(commands);
    }
    if !issues.is_empty() {
        return Err(errors::form(&issues));
    }
    let before = state.commands.remove(&key).unwrap_or_default();
    let after: Vec<Value> =
        commands.iter().map(|command| complete(state, command, &before, scope)).collect();
    state.commands.insert(key, after.clone());
    Ok(Reply::json(200, json!(after)))
}

/// Accepts permissions as a string of digits, as in the documentation; the schema has a number.
fn read_permissions(body: &mut Value) {
    for command in body.as_array_mut().into_iter().flatten() {
        let permissions = command["default_member_permissions"].as_str();
        if let Some(number) = permissions.and_then(|text| text.parse::<u64>().ok()) {
            command["default_member_permissions"] = json!(number);
        }
    }
}

/// The command as Discord returns it.
fn complete(state: &mut State, command: &Value, before: &[Value], scope: &Scope) -> Value {
    let mut value = command.clone();
    value["type"] = json!(kind(command));
    let known = before
        .iter()
        .find(|known| known["name"] == value["name"] && known["type"] == value["type"]);
    value["id"] = known.map_or_else(|| json!(state.snowflake()), |known| known["id"].clone());
    value["version"] = json!(state.snowflake());
    value["application_id"] = json!(APPLICATION_ID);
    if let Some(guild) = &scope.guild {
        value["guild_id"] = json!(guild);
    }
    if let Some(number) = value["default_member_permissions"].as_u64() {
        value["default_member_permissions"] = json!(number.to_string());
    }
    for (key, default) in [
        ("description", json!("")),
        ("default_member_permissions", Value::Null),
        ("nsfw", json!(false)),
        ("integration_types", json!([0])),
        ("contexts", Value::Null),
    ] {
        if value.get(key).is_none() {
            value[key] = default;
        }
    }
    value
}

fn kind(command: &Value) -> u64 {
    command["type"].as_u64().unwrap_or(CHAT_INPUT)
}

fn beyond_the_schema(commands: &[Value]) -> Vec<Issue> {
    let mut issues = Vec::new();
    let mut names = BTreeSet::new();
    for (index, command) in commands.iter().enumerate() {
        let place = index.to_string();
        check_text(command, &place, kind(command) == CHAT_INPUT, &mut issues);
        check_options(command, &place, &mut issues);
        if kind(command) != CHAT_INPUT {
            check_menu(command, &place, &mut issues);
        }
        if !names.insert((command["name"].as_str(), kind(command))) {
            let message = "Application command names must be unique";
            issues.push(Issue::at(&place, "APPLICATION_COMMANDS_DUPLICATE_NAME", message));
        }
        if chars(command) > COMMAND_CHARS {
            let message = format!("Command exceeds maximum size ({COMMAND_CHARS})");
            issues.push(Issue::at(&place, "APPLICATION_COMMAND_TOO_LARGE", message));
        }
    }
    issues
}

/// Names and descriptions, localized ones included, of a command or an option.
fn check_text(item: &Value, place: &str, is_slash: bool, issues: &mut Vec<Issue>) {
    let at = |key: &str| format!("{place}.{key}");
    if is_slash {
        let names = item["name_localizations"].as_object().into_iter().flatten();
        let own = std::iter::once(("name".to_owned(), &item["name"]));
        for (key, name) in
            own.chain(names.map(|(locale, name)| (format!("name_localizations.{locale}"), name)))
        {
            if !name.as_str().is_some_and(is_name) {
                let code = "APPLICATION_COMMAND_INVALID_NAME";
                issues.push(Issue::at(&at(&key), code, "Command name is invalid"));
            }
        }
        match item["description"].as_str().map(|text| text.chars().count()) {
            None => issues.push(Issue::at(
                &at("description"),
                "BASE_TYPE_REQUIRED",
                "This field is required",
            )),
            Some(1..=100) => {}
            Some(_) => issues.push(Issue::bad_length(&at("description"), 1, 100)),
        }
    }
    for key in ["name_localizations", "description_localizations"] {
        for locale in item[key].as_object().into_iter().flat_map(serde_json::Map::keys) {
            if !LOCALES.contains(&locale.as_str()) {
                let code = "DICT_TYPE_UNKNOWN_KEY";
                issues.push(Issue::at(&at(key), code, format!("`{locale}` is not a locale")));
            }
        }
    }
}

/// A command in a menu has a name of any letters, and neither a description nor options.
fn check_menu(command: &Value, place: &str, issues: &mut Vec<Issue>) {
    for key in ["description", "description_localizations", "options"] {
        let is_blank = command[key].is_null() || command[key] == "";
        if !is_blank {
            let code = "APPLICATION_COMMAND_CONTEXT_MENU_INVALID";
            let message = format!("Context menu commands cannot have `{key}`");
            issues.push(Issue::at(&format!("{place}.{key}"), code, message));
        }
    }
    let names = command["name_localizations"].as_object().into_iter().flatten();
    for name in names.map(|(_, name)| name).chain([&command["name"]]) {
        let chars = name.as_str().map_or(0, |name| name.trim().chars().count());
        if !(1..=32).contains(&chars) {
            issues.push(Issue::bad_length(&format!("{place}.name"), 1, 32));
        }
    }
}

fn check_options(item: &Value, place: &str, issues: &mut Vec<Issue>) {
    let options = item["options"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut saw_optional = false;
    let mut names = BTreeSet::new();
    for (index, option) in options.iter().enumerate() {
        let place = format!("{place}.options.{index}");
        check_text(option, &place, true, issues);
        let is_required = option["required"].as_bool().unwrap_or(false);
        if is_required && saw_optional {
            let code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID";
            let message = "Required options must be placed before non-required options";
            issues.push(Issue::at(&place, code, message));
        }
        let completes = option["autocomplete"] == true;
        if completes && !option["choices"].is_null() {
            let code = "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID";
            let message = "An option with choices has no autocomplete";
            issues.push(Issue::at(&place, code, message));
        }
        saw_optional |= !is_required;
        if !names.insert(option["name"].as_str()) {
            let code = "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS";
            issues.push(Issue::at(&place, code, "Option name already exists"));
        }
        check_options(option, &place, issues);
    }
}

/// Whether a name has 1 to 32 lower-case letters, digits, `-`, `_` and `'`, of any script.
fn is_name(name: &str) -> bool {
    let is_mark = |c: char| matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{97f}' | '\u{e00}'..='\u{e7f}' | 'ー');
    let fits = |c: char| c.is_alphanumeric() || "-_'".contains(c) || is_mark(c);
    (1..=32).contains(&name.chars().count())
        && name.chars().all(fits)
        && name.to_lowercase() == name
}

/// Size of a command or an option: names, descriptions and choice values. Of localizations the
/// longest counts.
fn chars(item: &Value) -> usize {
    let text = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let longest = |key: &str, localized: &str| {
        let all = item[localized].as_object().into_iter().flatten().map(|(_, value)| text(value));
        all.chain([text(&item[key])]).max().unwrap_or(0)
    };
    let nested = ["options", "choices"]
        .into_iter()
        .flat_map(|key| item[key].as_array().map(Vec::as_slice).unwrap_or_default());
    longest("name", "name_localizations")
        + longest("description", "description_localizations")
        + text(&item["value"])
        + nested.map(chars).sum::<usize>()
}
