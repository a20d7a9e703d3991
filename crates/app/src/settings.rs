//! What the people who manage a server have settled for it, with every SQL statement about it.
//!
//! Each change is a version of its own, and the newest counts. It names the version that whoever changed it has
//! seen: if there is another one meanwhile, nothing is changed.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | a version | before the reply | it is unique by the event's id, and by the version that it follows |
//!
//! What of it counts for a question is settled with its claim: see [`crate::terms`].

use core::time::Duration;

use serde::Deserialize;

use super::inquiry;
use miyabi_ai::tools::Tool;
use miyabi_core::config::Settings;
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, Notice, StoreError};
use miyabi_core::i18n::settings::{self as words, Change, Entry, Inquiry, Wish};
use miyabi_core::i18n::{Sentence, sentence};
use miyabi_core::json;
use miyabi_core::ports::{Clock, Log, Rows, Sql, SqlValue, Statement, read_rows};
use miyabi_core::server::{MAX_CHANNELS, MAX_PERSONA_CHARS, ServerSettings};

/// Longest wait for the database: platforms wait three seconds for a reply.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Longest wait where the operator's settings serve as well.
const BRIEF: Duration = Duration::from_millis(800);

/// What a time-out is reported by.
const NAME: &str = "server_settings::latest";

/// Settings of a server, as who manages it sees them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Panel {
    /// Version; 0 if nothing was ever settled.
    pub version: u64,
    /// Settings.
    pub settings: ServerSettings,
    /// Last changes, the latest first.
    pub entries: Vec<Entry>,
    /// Whether there is a change that can be undone.
    pub can_undo: bool,
    /// What is to be said of what was asked for.
    pub note: Option<Sentence>,
}

/// Shows or changes the settings of a server, and returns how they are then.
///
/// # Errors
/// A sentence: who inquires does not manage the server, or the database takes too long or fails.
///
/// # Repeats
/// See the table of this module.
pub async fn look(
    host: &(impl Sql + Clock + Log),
    settings: &Settings,
    inquiry: &Inquiry,
) -> Result<Panel, &'static str> {
    let language = inquiry.language;
    let Some(server) = inquiry.server.as_deref().filter(|_| !inquiry.person.is_empty()) else {
        return Err(words::NOT_YOURS.in_language(language));
    };
    let work = carry_out(host, settings, server, inquiry);
    inquiry::in_time(host, NAME, TIMEOUT, work).await.map_err(|fault| {
        host.log(&Event::SettingsFailed { fault });
        sentence(Notice::TryAgain, language)
    })
}

/// Returns the operator's settings as they count in a server now. Those of the server are left out if the
/// database takes too long or fails: for what is only shown.
///
/// # Repeats
/// Reads only.
pub async fn shown_in(
    host: &(impl Sql + Clock),
    settings: &Settings,
    server: Option<&str>,
) -> Settings {
    let Some(server) = server else { return settings.clone() };
    let found = inquiry::in_time(host, NAME, BRIEF, of(host, server)).await.unwrap_or_default();
    found.narrow(settings, server)
}

/// Returns what is settled for a server now.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn of(host: &impl Sql, server: &str) -> Result<ServerSettings, Fault> {
    let rows = host.query(history(server)).await?;
    Ok(State::read(rows, Rows::new(), &Rows::new())?.panel.settings)
}

async fn carry_out(
    host: &impl Sql,
    operator: &Settings,
    server: &str,
    inquiry: &Inquiry,
) -> Result<Panel, Fault> {
    let state = State::of(host, server, &inquiry.event, None).await?;
    let Wish::Change(seen, change) = &inquiry.wish else { return Ok(state.panel) };
    if state.has_event {
        return Ok(state.panel);
    }
    let noted = |panel, note| Ok(Panel { note: Some(note), ..panel });
    if state.panel.version != *seen {
        return noted(state.panel, words::CHANGED_MEANWHILE);
    }
    let (settings, restores) = if *change == Change::Undo {
        if !state.panel.can_undo {
            return Ok(state.panel);
        }
        let (settings, base) = state.before.unwrap_or_default();
        (settings, Some(base))
    } else {
        match apply(&state.panel.settings, change, operator) {
            Ok(settings) => (settings, None),
            Err(note) => return noted(state.panel, note),
        }
    };
    if restores.is_none() && settings == state.panel.settings {
        return Ok(state.panel);
    }
    let version = Statement {
        name: "server_settings::change",
        sql: "INSERT INTO server_settings
                (server, version, settings, part, event, changed_by, restores)
              SELECT ?1, ?2 + 1, ?3, ?4, ?5, ?6, ?7
              WHERE ?2 = coalesce((SELECT max(version) FROM server_settings WHERE server = ?1), 0)
              ON CONFLICT DO NOTHING",
        values: vec![
            server.into(),
            (*seen).into(),
            serde_json::to_string(&settings).unwrap_or_default().into(),
            change.part().into(),
            inquiry.event.as_str().into(),
            inquiry.person.as_str().into(),
            restores.map_or(SqlValue::Null, SqlValue::from),
        ],
    };
    let State { panel, has_event, .. } =
        State::of(host, server, &inquiry.event, Some(version)).await?;
    if has_event { Ok(panel) } else { noted(panel, words::CHANGED_MEANWHILE) }
}

/// Returns the settings with a change; a sentence if it cannot be.
fn apply(
    settings: &ServerSettings,
    change: &Change,
    operator: &Settings,
) -> Result<ServerSettings, Sentence> {
    let mut settings = settings.clone();
    match change {
        Change::Language(language) => settings.language = *language,
        Change::Channels(ids) => {
            settings.channels = ids.iter().take(MAX_CHANNELS).cloned().collect();
        }
        Change::Models(ids) => {
            let all = || operator.models.iter().map(|model| &model.id);
            let chosen: Vec<_> = all().filter(|id| ids.contains(id)).cloned().collect();
            // None would be all: the operator has taken away what was chosen from.
            if chosen.is_empty() {
                return Err(words::CHANGED_MEANWHILE);
            }
            let is_whole = chosen.len() == operator.models.len();
            settings.models = if is_whole { Vec::new() } else { chosen };
        }
        Change::Tools(names) => {
            let all = tools(operator);
            let is_chosen = |name: &&&str| names.iter().any(|chosen| chosen == **name);
            let chosen: Vec<_> = all.iter().filter(is_chosen).map(ToString::to_string).collect();
            settings.tools = (chosen.len() < all.len()).then_some(chosen);
        }
        Change::Quotes(quotes) => settings.quotes = *quotes,
        Change::Forgets(forgets) => settings.forgets = *forgets,
        Change::Form { persona, day_limit, budget } => {
            settings.persona = persona.trim().chars().take(MAX_PERSONA_CHARS).collect();
            settings.day_limit = words::limit(day_limit).ok_or(words::WRONG_LIMIT)?;
            settings.budget_nano = words::budget(budget).ok_or(words::WRONG_BUDGET)?;
        }
        Change::Undo => {}
    }
    Ok(settings)
}

/// Returns the names of the tools that the operator offers.
pub fn tools(operator: &Settings) -> Vec<&'static str> {
    Tool::offered(operator).into_iter().map(Tool::name).collect()
}

/// What the database knows of a server's settings.
#[derive(Default)]
struct State {
    panel: Panel,
    /// Whether the event has made its change.
    has_event: bool,
    /// Settings before the last change, and whose version's they are; `None` for none.
    before: Option<(ServerSettings, u64)>,
}

impl State {
    /// Reads it, after a statement that may change it.
    async fn of(
        host: &impl Sql,
        server: &str,
        event: &str,
        first: Option<Statement>,
    ) -> Result<Self, Fault> {
        let reads = [history(server), before(server), known(server, event)];
        let mut rows = host.batch(first.into_iter().chain(reads).collect()).await?.into_iter();
        let [event, before, history] = [rows.next_back(), rows.next_back(), rows.next_back()];
        Self::read(
            history.unwrap_or_default(),
            before.unwrap_or_default(),
            &event.unwrap_or_default(),
        )
    }

    fn read(history: Rows, before: Rows, event: &Rows) -> Result<Self, Fault> {
        let rows: Vec<Row> = read_rows(NAME, history)?;
        let unreadable = || Fault::from(StoreError::Row { statement: NAME });
        let settings = |text: &str| json::parse(text).ok_or_else(unreadable);
        let mut panel = Panel::default();
        if let Some(latest) = rows.first() {
            panel.version = latest.version;
            panel.settings = settings(&latest.settings)?;
            panel.can_undo = latest.restores.unwrap_or(latest.version) > 0;
        }
        let entry = |Row { version, part, changed_by, changed_at, .. }: Row| Entry {
            version,
            part,
            by: changed_by,
            at_s: changed_at,
        };
        panel.entries = rows.into_iter().map(entry).collect();
        let before = read_rows::<Row>(NAME, before)?.into_iter().next();
        let before = before.map(|row| {
            Ok::<_, Fault>((settings(&row.settings)?, row.restores.unwrap_or(row.version)))
        });
        Ok(Self { panel, before: before.transpose()?, has_event: !event.is_empty() })
    }
}

#[derive(Deserialize)]
struct Row {
    version: u64,
    settings: String,
    part: String,
    changed_by: String,
    changed_at: u64,
    restores: Option<u64>,
}

/// Reads the last versions: rows of [`Row`], the latest first.
fn history(server: &str) -> Statement {
    Statement {
        name: NAME,
        sql: "SELECT version, settings, part, changed_by, changed_at, restores
              FROM server_settings WHERE server = ?1 ORDER BY version DESC LIMIT 5",
        values: vec![server.into()],
    }
}

/// Reads the version before the last change, a [`Row`]. Where the last change was that another one was undone,
/// it is the version before that one's.
fn before(server: &str) -> Statement {
    Statement {
        name: "server_settings::before",
        sql: "SELECT version, settings, part, changed_by, changed_at, restores
              FROM server_settings WHERE server = ?1 AND version = (
                SELECT coalesce(restores, version) - 1 FROM server_settings
                WHERE server = ?1 ORDER BY version DESC LIMIT 1)",
        values: vec![server.into()],
    }
}

/// Reads whether an event has changed the settings.
fn known(server: &str, event: &str) -> Statement {
    Statement {
        name: "server_settings::known",
        sql: "SELECT 1 AS known FROM server_settings WHERE server = ?1 AND event = ?2",
        values: vec![server.into(), event.into()],
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
