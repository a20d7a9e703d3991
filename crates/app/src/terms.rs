//! The terms on which a job is answered: its server's settings, and whether its question is posted in the
//! asker's name.
//!
//! They are settled by the job's first claim, in its batch, and written into its row: a replay and every later
//! generation have the same, whatever is changed meanwhile. Versions of settings are never changed, so the row
//! needs the number only.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Job;
use super::jobs::{fence, json};
use miyabi_core::config::Settings;
use miyabi_core::fault::EngineError;
use miyabi_core::i18n::{self, Language};
use miyabi_core::json as values;
use miyabi_core::ports::Statement;
use miyabi_core::question::Question;
use miyabi_core::server::{Refusal, ServerSettings};
use miyabi_core::transport::Transport;

/// Longest question that is quoted whole, in code points.
const MAX_QUOTED_CHARS: usize = 1_000;

/// Terms of a job. By default, what the operator's settings say, and no more.
///
/// # Shape
/// A part of a step's stored result: `{"settings":{"language":"japanese"},"is_quoted":true}`, each only where
/// it is not the default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Terms {
    /// Settings of the server.
    #[serde(
        default,
        skip_serializing_if = "ServerSettings::is_default",
        deserialize_with = "read_settings"
    )]
    pub settings: ServerSettings,
    /// Whether the question is quoted in the answer instead of posted.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub is_quoted: bool,
}

impl Terms {
    /// Reads terms from a row: the settings as they are stored, if there are any.
    ///
    /// Settings that cannot be read are those of a newer version of the program. Then the least is done that
    /// an admin may have settled: nothing is remembered, posted in somebody's name, or given to tools.
    pub fn of(settings: Option<&str>, is_quoted: bool) -> Self {
        let settings = settings.map(|text| values::parse(text).unwrap_or_else(strict));
        let settings = settings.unwrap_or_default();
        Self { is_quoted: is_quoted || settings.quotes, settings }
    }

    /// Returns whether there are none but the operator's.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the operator's settings as they count for a job.
    pub fn narrow(&self, settings: &Settings, job: &Job) -> Settings {
        self.settings.narrow(settings, job.question.server.as_deref().unwrap_or_default())
    }

    /// Returns a job as it is answered on these terms.
    pub fn apply(&self, job: &Job) -> Job {
        let mut job = job.clone();
        job.question.is_quoted = self.is_quoted;
        if let Some(language) = self.settings.language {
            job.question.language = language;
        }
        job
    }

    /// Returns the error of a question that the settings refuse.
    pub fn refuse(&self, refusal: Refusal, settings: &Settings) -> EngineError {
        let instead = match refusal {
            Refusal::Place => self.settings.channels.clone(),
            Refusal::Model => {
                let ids = settings.models.iter().map(|model| &model.id);
                ids.filter(|id| self.settings.has_model(id)).cloned().collect()
            }
            Refusal::Limit => Vec::new(),
        };
        EngineError::NotAllowed { refusal, instead }
    }
}

/// Returns the most that an admin may have settled.
fn strict() -> ServerSettings {
    ServerSettings {
        forgets: true,
        quotes: true,
        tools: Some(Vec::new()),
        ..ServerSettings::default()
    }
}

/// Reads settings out of a step's result, which a newer version may have stored.
fn read_settings<'de, D: Deserializer<'de>>(value: D) -> Result<ServerSettings, D::Error> {
    let value = Value::deserialize(value)?;
    Ok(values::read(&value).unwrap_or_else(strict))
}

/// Settles the terms of a job, in the batch that claims it: before money is set aside for it.
///
/// # Repeats
/// What is settled stays.
pub(crate) fn settle(job: &Job, settings: &Settings, transport: &impl Transport) -> Statement {
    let Question { server, model, .. } = &job.question;
    let wanted = model.as_ref().filter(|model| settings.has_model(model));
    let models: Vec<&String> = match wanted {
        Some(model) => vec![model],
        None => settings.models.iter().map(|model| &model.id).collect(),
    };
    let own = vec![
        json(&transport.places(&job.question)),
        json(&models),
        server.as_deref().unwrap_or_default().into(),
    ];
    Statement {
        name: "jobs::terms",
        sql: "UPDATE jobs SET settings_version = coalesce(latest.version, 0),
                is_quoted = coalesce(latest.settings ->> 'quotes', 0) OR EXISTS (
                  SELECT 1 FROM people WHERE people.id = jobs.asker AND people.is_quoted),
                refusal = CASE
                  WHEN ?3 <> '[]' AND json_array_length(latest.settings, '$.channels') > 0
                    AND NOT EXISTS (SELECT 1 FROM json_each(latest.settings, '$.channels') AS may
                      JOIN json_each(?3) AS one ON one.value = may.value) THEN 'place'
                  WHEN json_array_length(latest.settings, '$.models') > 0
                    AND NOT EXISTS (SELECT 1 FROM json_each(latest.settings, '$.models') AS may
                      JOIN json_each(?4) AS one ON one.value = may.value) THEN 'model'
                  WHEN jobs.asker <> '' AND latest.settings ->> 'day_limit' <= (
                    SELECT count(*) FROM jobs AS other WHERE other.asker = jobs.asker
                      AND other.server = jobs.server AND other.is_counted
                      AND other.created_at >= unixepoch() / 86400 * 86400) THEN 'limit'
                END
              FROM (SELECT max(version) AS version, settings FROM server_settings
                WHERE server = ?5) AS latest
              WHERE id = ?1 AND generation = ?2 AND status IN ('PENDING', 'PROCESSING')
                AND settings_version IS NULL AND result IS NULL",
        values: [fence(job), own].concat(),
    }
}

/// Returns an answer as it is delivered: below its question, where that is quoted.
///
/// Nothing in the question ends the quote: it loses what could begin a block of code.
pub fn below_question(transport: &impl Transport, question: &Question, answer: &str) -> String {
    let posts = transport.capabilities().posts_question;
    if !posts || !question.is_quoted || question.is_private || question.server.is_none() {
        return answer.to_owned();
    }
    let mut text: String = question.text.chars().take(MAX_QUOTED_CHARS).collect();
    if text.len() < question.text.len() {
        text.push('…');
    }
    let language = Language::of_text(&question.text);
    let asker = transport.person(&question.asker.id);
    let line = transport.small_print(&i18n::settings::asked(language, &asker));
    [line, transport.quote(&text.replace('`', "'")), answer.to_owned()].join("\n")
}
