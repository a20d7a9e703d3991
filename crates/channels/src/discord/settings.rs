//! The panel of a server's settings: what it says, its menus, buttons and form. Each carries the version that the
//! panel shows, so that nobody changes what they have not seen.
//!
//! # Source
//! Discord Docs/Component Reference, String Select, Channel Select, Button and Text Input, read 2026-11-29.

use serde_json::{Value, json};

use super::components::{self, Style};
use super::custom_id::{Action, CustomId};
use super::reply;
use miyabi_core::config::Settings;
use miyabi_core::http::Reply;
use miyabi_core::i18n::settings::{self as words, Entry, name_of};
use miyabi_core::i18n::usage::dollars;
use miyabi_core::i18n::{Language, Sentence};
use miyabi_core::server::{MAX_CHANNELS, MAX_PERSONA_CHARS, ServerSettings};
use miyabi_core::transport::Transport;

/// What components and the form change.
pub const LANGUAGE: &str = "language";
/// See [`LANGUAGE`].
pub const CHANNELS: &str = "channels";
/// See [`LANGUAGE`].
pub const MODELS: &str = "models";
/// See [`LANGUAGE`].
pub const TOOLS: &str = "tools";
/// See [`LANGUAGE`].
pub const QUOTE: &str = "quote";
/// See [`LANGUAGE`].
pub const POST: &str = "post";
/// See [`LANGUAGE`].
pub const FORGET: &str = "forget";
/// See [`LANGUAGE`].
pub const REMEMBER: &str = "remember";
/// See [`LANGUAGE`].
pub const WRITE: &str = "write";
/// See [`LANGUAGE`].
pub const UNDO: &str = "undo";
/// Fields of the form.
pub const PERSONA: &str = "persona";
/// See [`PERSONA`].
pub const LIMIT: &str = "limit";
/// See [`PERSONA`].
pub const BUDGET: &str = "budget";

/// Choice of a menu for nobody's language.
const EACH_THEIR_OWN: &str = "auto";

/// Longest value of a choice, in bytes, which are no fewer than Discord's code points.
const MAX_VALUE_BYTES: usize = 100;

/// Longest amount, in code points: a million dollars with its sign, point and four digits.
const MAX_BUDGET_CHARS: usize = 13;

/// Channels that may be chosen: those with messages, and forums. A thread is where its channel is.
const CHANNEL_TYPES: [u32; 5] = [0, 2, 5, 13, 15];

/// Settings of a server, as they are shown.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Version.
    pub version: u64,
    /// Settings.
    pub settings: &'a ServerSettings,
    /// Last changes.
    pub entries: &'a [Entry],
    /// Whether there is a change that can be undone.
    pub can_undo: bool,
    /// What is to be said first.
    pub note: Option<Sentence>,
    /// What the operator allows.
    pub operator: &'a Settings,
    /// Names of the tools that the operator offers.
    pub tools: &'a [&'static str],
    /// Language of who manages the server.
    pub language: Language,
}

impl View<'_> {
    /// Returns the panel as a new message that nobody else sees.
    pub fn open(self, transport: &impl Transport) -> Reply {
        self.reply(false, transport)
    }

    /// Returns the panel in place of the one that was used.
    pub fn update(self, transport: &impl Transport) -> Reply {
        self.reply(true, transport)
    }

    /// Returns the form, filled with what is settled.
    pub fn form(self) -> Reply {
        let limit = self.settings.day_limit.map(|limit| limit.to_string()).unwrap_or_default();
        let budget = self.settings.budget_nano.map(dollars).unwrap_or_default();
        let field = |id: &str, label: Sentence, hint: Sentence, value: &str, style, most| {
            let mut input = json!({
                "type": 4,
                "custom_id": id,
                "style": style,
                "required": false,
                "max_length": most,
                "placeholder": hint.in_language(self.language),
            });
            if let Some(input) = input.as_object_mut().filter(|_| !value.is_empty()) {
                input.insert("value".to_owned(), value.into());
            }
            json!({ "type": 18, "label": label.in_language(self.language), "component": input })
        };
        let persona = &self.settings.persona;
        let components = json!([
            field(PERSONA, words::PERSONA, words::PERSONA_HINT, persona, 2, MAX_PERSONA_CHARS),
            field(LIMIT, words::LIMIT, words::LIMIT_HINT, &limit, 1, 5),
            field(BUDGET, words::BUDGET, words::LIMIT_HINT, &budget, 1, MAX_BUDGET_CHARS),
        ]);
        let data = json!({
            "custom_id": self.id(WRITE),
            "title": words::FORM.in_language(self.language),
            "components": components,
        });
        Reply::json(200, &json!({ "type": 9, "data": data }))
    }

    fn reply(self, is_update: bool, transport: &impl Transport) -> Reply {
        let list = words::list(self.settings, self.entries, self.language, transport);
        let note = self.note.map(|note| note.in_language(self.language)).unwrap_or_default();
        let content = [note, "\n", &list].concat();
        reply::panel(content.trim_start(), self.rows().into(), is_update, transport)
    }

    fn rows(&self) -> Vec<Value> {
        let server = self.settings;
        let chosen = server.language.map_or(EACH_THEIR_OWN, Language::name);
        let own = words::EACH_THEIR_OWN.in_language(self.language);
        let languages = Language::ALL.map(|language| (language.name(), name_of(language)));
        let languages = [(EACH_THEIR_OWN, own)].into_iter().chain(languages);
        let languages = languages.map(|(value, label)| option(value, label, value == chosen));
        let models = self.operator.models.iter().map(|model| model.id.as_str());
        let models = models.filter(|id| id.len() <= MAX_VALUE_BYTES);
        let models: Vec<_> = models.map(|id| option(id, id, server.has_model(id))).collect();
        let may = |name: &str| {
            server.tools.as_ref().is_none_or(|names| names.iter().any(|known| known == name))
        };
        let tools: Vec<_> = self.tools.iter().map(|name| option(name, name, may(name))).collect();
        let channels = server.channels.iter();
        let channels: Vec<_> = channels.map(|id| json!({ "id": id, "type": "channel" })).collect();
        let mut rows = vec![
            self.menu(LANGUAGE, words::CHOOSE_LANGUAGE, (1, 1), &languages.collect::<Vec<_>>()),
            json!({
                "type": 8,
                "custom_id": self.id(CHANNELS),
                "placeholder": words::CHOOSE_CHANNELS.in_language(self.language),
                "channel_types": CHANNEL_TYPES,
                "default_values": channels,
                "min_values": 0,
                "max_values": MAX_CHANNELS,
            }),
        ];
        if models.len() > 1 {
            rows.push(self.menu(MODELS, words::CHOOSE_MODELS, (1, models.len()), &models));
        }
        if !tools.is_empty() {
            rows.push(self.menu(TOOLS, words::CHOOSE_TOOLS, (0, tools.len()), &tools));
        }
        let mut rows: Vec<_> = rows.into_iter().map(|menu| components::row(&[menu])).collect();
        let either = |is: bool, yes, no| if is { yes } else { no };
        let (questions, label) = either(server.quotes, (POST, words::POST), (QUOTE, words::QUOTE));
        let (memory, memory_label) =
            either(server.forgets, (REMEMBER, words::REMEMBER), (FORGET, words::FORGET));
        rows.push(components::row(&[
            self.button(questions, label, true),
            self.button(memory, memory_label, true),
            self.button(WRITE, words::FORM, true),
            self.button(UNDO, words::UNDO, self.can_undo),
        ]));
        rows
    }

    fn id(&self, part: &str) -> String {
        CustomId { action: Action::Settings, id: &self.part(part) }.to_text()
    }

    fn part(&self, part: &str) -> String {
        [&self.version.to_string(), "-", part].concat()
    }

    fn menu(
        &self,
        part: &str,
        placeholder: Sentence,
        (least, most): (usize, usize),
        options: &[Value],
    ) -> Value {
        json!({
            "type": 3,
            "custom_id": self.id(part),
            "placeholder": placeholder.in_language(self.language),
            "min_values": least,
            "max_values": most,
            "options": options,
        })
    }

    fn button(&self, part: &str, label: Sentence, is_enabled: bool) -> Value {
        let custom_id = CustomId { action: Action::Settings, id: &self.part(part) };
        let label = label.in_language(self.language);
        let mut button = components::button(custom_id, label, Style::Plain);
        if let Some(button) = button.as_object_mut() {
            button.insert("disabled".to_owned(), (!is_enabled).into());
        }
        button
    }
}

fn option(value: &str, label: &str, is_chosen: bool) -> Value {
    json!({ "value": value, "label": label, "default": is_chosen })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
