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

/// The option of `/link` by which accounts are taken back.
pub(super) const LINK_OFF: &str = "off";

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
    plain("privacy", words::PRIVACY, install), imagine(install),
    link(install), {
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
    let fields = json!({ "required": true, "min_length": 1, "max_length": MAX_PROMPT_CHARS });
    let options = json!([
        ask_option(3, "prompt", words::IMAGINE_PROMPT, words::IMAGINE_PROMPT_NAME, fields),
        ask_option(5, "private", words::IMAGINE_PRIVATE, words::ASK_PRIVATE_NAME, json!({})),
    ]);
    with_options(plain("imagine", words::IMAGINE, install), options)
}

fn with_options(mut command: Value, options: Value) -> Value {
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
    let fields = json!({ "autocomplete": true, "max_length": MAX_ID_CHARS });
    let options = json!([text("reminder", words::CANCEL_REMINDER, fields)]);
    with_options(plain("cancel", words::CANCEL, install), options)
}

/// `/link`, by which accounts that are linked are taken back too.
fn link(install: Install) -> Value {
    let options = json!([option(5, LINK_OFF, words::LINK_OFF, json!({}))]);
    with_options(plain("link", words::LINK, install), options)
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
mod tests;
