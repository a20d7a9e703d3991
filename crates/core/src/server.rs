//! What the people who manage a server have settled for it. It narrows what the operator's settings allow, and
//! never widens it.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::config::Settings;
use crate::i18n::Language;

/// Longest wish about manner and topics, in code points.
pub const MAX_PERSONA_CHARS: usize = 1_000;

/// Most questions of a person in a day that can be set.
pub const MAX_DAY_LIMIT: u32 = 10_000;

/// Least money for a day that can be set, in nano-dollars.
pub const MIN_BUDGET_NANO: u64 = 10_000_000;

/// Most channels that can be named.
///
/// # Source
/// Discord Docs/Component Reference, Channel Select, `max_values`, read 2026-11-29.
pub const MAX_CHANNELS: usize = 25;

/// Settings of one server. By default nothing is settled.
///
/// # Shape
/// A stored format: `{"language":"japanese","channels":["12"],"quotes":true,"persona":"…","models":["…"],
/// "day_limit":20,"budget_nano":2500000000,"forgets":true,"tools":["weather"]}`, each only where it is settled.
/// `jobs::terms` reads `channels`, `quotes`, `models` and `day_limit` in SQL, and what grants money
/// `budget_nano`. What a newer version has settled besides may be a restriction, so settings with an unknown
/// field are not read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct ServerSettings {
    /// Language of answers and sentences; `None` for that of each person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Ids of the places where questions are answered in front of others; empty for everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// Whether questions are quoted in their answers, and not posted in the names of who asks.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub quotes: bool,
    /// Wish about manner and topics; blank for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub persona: String,
    /// Ids of the models that may be asked; empty for the whole chain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Most questions of one person in a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_limit: Option<u32>,
    /// Most nano-dollars that the server's questions may cost in a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_nano: Option<u64>,
    /// Whether nothing is remembered.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub forgets: bool,
    /// Names of the tools that may be used; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<String>>,
}

impl Serialize for ServerSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

/// Whoever reads them, unknown fields are seen: [`crate::json`] alone would not look at them.
impl<'de> Deserialize<'de> for ServerSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let settings = Value::deserialize(deserializer)?;
        Self::deserialize(&settings).map_err(D::Error::custom)
    }
}

impl ServerSettings {
    /// Returns whether nothing is settled.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Returns whether they have a part in what a model answers: then a saved answer is none.
    pub const fn shapes_answers(&self) -> bool {
        self.language.is_some()
            || !self.persona.is_empty()
            || self.tools.is_some()
            || !self.models.is_empty()
    }

    /// Returns whether a model may be asked.
    pub fn has_model(&self, id: &str) -> bool {
        self.models.is_empty() || self.models.iter().any(|model| model == id)
    }

    /// Returns whether a tool may say something in front of others, in a place with one of these ids; a place
    /// without any is nobody's to forbid.
    pub fn allows(&self, tool: &str, places: &[String]) -> bool {
        let is_tool = self.tools.as_ref().is_none_or(|tools| tools.iter().any(|it| it == tool));
        let is_place = self.channels.is_empty()
            || places.is_empty()
            || places.iter().any(|place| self.channels.contains(place));
        is_tool && is_place
    }

    /// Returns the operator's settings as they count in this server.
    ///
    /// Where none of the models is there any more, questions are refused before a model is asked, and the
    /// chain stays as it is, since it is never empty.
    #[must_use]
    pub fn narrow(&self, settings: &Settings, server: &str) -> Settings {
        let mut settings = settings.clone();
        if settings.models.iter().any(|model| self.has_model(&model.id)) {
            settings.models.retain(|model| self.has_model(&model.id));
        }
        if self.forgets {
            settings.servers_without_memory.push(server.to_owned());
        }
        settings.tools.clone_from(&self.tools);
        settings
    }
}

/// Why a server's settings refuse a question.
///
/// # Shape
/// A stored format, also in the column `jobs.refusal`: `place`, `model`, `limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Questions are answered in other channels.
    Place,
    /// The model that is wanted, or every one that there is, may not be asked.
    Model,
    /// The person has asked as often as they may today.
    Limit,
}

impl Refusal {
    /// Returns the stable name; it is stored, and part of an error's text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Model => "model",
            Self::Limit => "limit",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn what_is_not_settled_takes_no_room_and_all_of_it_is_read_back() {
        assert_eq!(serde_json::to_string(&ServerSettings::default()).unwrap(), "{}");
        assert_eq!(json::parse::<ServerSettings>("{}"), Some(ServerSettings::default()));
        let all = ServerSettings {
            language: Some(Language::Japanese),
            channels: vec!["12".to_owned()],
            quotes: true,
            persona: "Speak of tea.".to_owned(),
            models: vec!["@cf/a".to_owned()],
            day_limit: Some(3),
            budget_nano: Some(2_500_000_000),
            forgets: true,
            tools: Some(Vec::new()),
        };
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(json::parse(&text), Some(all));
        let newer = r#"{"quotes":true,"no_files":true}"#;
        assert_eq!(json::parse::<ServerSettings>(newer), None);
        assert!(serde_json::from_str::<ServerSettings>(newer).is_err());
        for refusal in [Refusal::Place, Refusal::Model, Refusal::Limit] {
            assert_eq!(serde_json::to_string(&refusal).unwrap().trim_matches('"'), refusal.name());
        }
    }
}
