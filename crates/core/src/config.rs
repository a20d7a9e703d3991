//! Every binding, variable and secret that the Worker reads.
//!
//! The table of settings in `docs/guide/configure.md` is written from [`SETTINGS`]; `cargo xtask tidy`
//! compares it with `wrangler.toml`.

mod access;
mod budgets;
mod discord;
pub mod mcp;
pub mod models;
mod origins;
mod pages;
mod reader;
mod search;
mod slack;
mod suggestions;
mod table;
mod team;
mod telegram;
mod url;
mod visitors;
mod whatsapp;

use core::fmt;
use std::borrow::Cow;
use std::rc::Rc;

pub use self::access::{Access, Installation, UserInstall};
pub use self::budgets::{Budgets, parse_dollars};
pub use self::discord::{Discord, ParseWebhook, Webhook};
pub use self::search::{SearchService, WebSearch};
pub use self::slack::Slack;
pub use self::telegram::Telegram;
pub use self::url::is_base_url;
pub use self::whatsapp::{Template, WhatsApp};
use crate::ids::Secret;
use mcp::McpServer;
use models::Model;
use reader::Reader;
pub use table::SETTINGS;

/// What kind of setting it is, which decides how it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `npx wrangler secret put NAME`
    Secret,
    /// `[vars]` in `wrangler.toml`
    Variable,
    /// A binding in `wrangler.toml`
    Binding,
}

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Name in the environment.
    pub name: &'static str,
    /// Kind.
    pub kind: Kind,
    /// Value when absent; `None` if it has to be set.
    pub default: Option<&'static str>,
    /// What it is for, one sentence.
    pub doc: &'static str,
}

/// Rate limits whose number people are told: the binding, which counts a minute, and the variable that says
/// the same as its `limit`. A binding tells nothing of itself.
pub const LIMITS: [(&str, &str); 2] = [
    ("miyabi_asker_limit", "MIYABI_ASKER_LIMIT"),
    ("miyabi_visitor_limit", "MIYABI_VISITOR_LIMIT"),
];

/// Where settings are read from.
pub trait Environment {
    /// Returns a variable's or secret's text.
    fn text(&self, name: &str) -> Option<String>;
    /// Returns whether a binding is there.
    fn has_binding(&self, name: &str) -> bool;
}

/// What the environment says, complete or not.
#[derive(Debug, Clone)]
pub struct Config {
    /// Public key, if it is set and well-formed. It alone is enough to answer Discord's PING.
    pub public_key: Option<[u8; 32]>,
    /// Name of this deployment.
    pub environment: String,
    /// Token that a request for the deep check has to carry; `None` if that check is off.
    pub operator_token: Option<Secret>,
    /// Origins of pages that may call the HTTP API, each as a browser names it.
    pub origins: Vec<String>,
    /// All settings, or all that is wrong with them.
    pub settings: Result<Settings, ConfigError>,
}

/// Settings that answering a question needs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Discord.
    pub discord: Rc<Discord>,
    /// Slack, if it is set up.
    pub slack: Option<Rc<Slack>>,
    /// Telegram, if it is set up.
    pub telegram: Option<Rc<Telegram>>,
    /// WhatsApp, if it is set up.
    pub whatsapp: Option<Rc<WhatsApp>>,
    /// Models that answer, in the order they are tried; never empty.
    pub models: Vec<Model>,
    /// Model that describes images where none of them sees; `None` if none does.
    pub vision: Option<Model>,
    /// Model of Workers AI that hears speech; `None` if none does.
    pub voice: Option<Model>,
    /// Model of Workers AI that draws; `None` if none does.
    pub image_model: Option<Model>,
    /// Longest completion of one model call, in tokens.
    pub max_tokens: u32,
    /// Whether an answer is shown while it grows, where the model streams.
    pub is_streaming: bool,
    /// How long a saved answer serves for the same question, in seconds; 0 for not at all.
    pub cache_s: u32,
    /// Most messages of an answer; one more is a file.
    pub max_chunks: usize,
    /// Most jobs of one asker that have not ended.
    pub jobs_per_asker: u32,
    /// Questions of one asker in a minute that their rate limit admits, if there is one.
    pub asker_limit: Option<u32>,
    /// Whether conversations are remembered: that is on, and there is a binding for it.
    pub is_remembering: bool,
    /// Ids of the servers in which nothing is remembered.
    pub servers_without_memory: Vec<String>,
    /// Bytes of files that one person may keep for questions over HTTP; `None` where there is no bucket.
    pub files_quota: Option<u64>,
    /// Whether a person may show a conversation to whoever has its link.
    pub is_sharing: bool,
    /// How visitors without a key may ask over HTTP, if they may.
    pub visitors: Option<Visitors>,
    /// Who says over HTTP who somebody is, if Cloudflare Access does.
    pub access_team: Option<AccessTeam>,
    /// What the chat page suggests to ask.
    pub suggestions: Vec<String>,
    /// Who may ask.
    pub access: Access,
    /// What may be spent.
    pub budgets: Budgets,
    /// How the watchdog judges.
    pub watch: Watch,
    /// Open-Meteo's forecast base URL, without a final slash.
    pub weather_api_base: String,
    /// Open-Meteo's geocoding base URL, without a final slash.
    pub geocoding_api_base: String,
    /// Which web pages may be read.
    pub pages: Pages,
    /// How the web is searched, if it is.
    pub web_search: Option<WebSearch>,
    /// Names of the tools that may be used; `None` for all. A server's settings say so.
    pub tools: Option<Vec<String>>,
    /// MCP servers whose tools a model may use.
    pub mcp_servers: Vec<McpServer>,
}

/// Settings about reading web pages.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    /// Whether any may be read.
    pub is_on: bool,
    /// Names of hosts that are not read, nor what is below them, in small letters.
    pub blocked: Vec<String>,
    /// Base URL below which pages are requested instead of at their hosts; empty for none.
    pub api_base: String,
}

impl Settings {
    /// Returns whether a model is one of the chain.
    pub fn has_model(&self, id: &str) -> bool {
        self.models.iter().any(|model| model.id == id)
    }

    /// Returns the settings with a model of the chain before all others; as they are for any other model.
    #[must_use]
    pub fn preferring(&self, id: Option<&str>) -> Cow<'_, Self> {
        let index = id.and_then(|id| self.models.iter().position(|model| model.id == id));
        match index {
            None | Some(0) => Cow::Borrowed(self),
            Some(index) => {
                let mut settings = self.clone();
                if let Some(first) = settings.models.get_mut(..=index) {
                    first.rotate_right(1);
                }
                Cow::Owned(settings)
            }
        }
    }
}

/// Settings about visitors, who have no key.
#[derive(Debug, Clone)]
pub struct Visitors {
    /// What signs their cookies.
    pub secret: Secret,
    /// New visitors of one address in a minute.
    pub limit: u32,
}

/// The team of Cloudflare Access that says who somebody is.
#[derive(Debug, Clone)]
pub struct AccessTeam {
    /// Who issues what it says, as a URL without a final slash.
    pub issuer: String,
    /// For which application it is said.
    pub audience: String,
    /// Base URL at which the team's keys are read, without a final slash.
    pub api_base: String,
}

/// Settings of the watchdog.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    /// Silence of a running job after which it is started again, in seconds.
    pub stall_s: u32,
    /// Age of a job at which it is given up, in seconds.
    pub deadline_s: u32,
    /// Age at which what has ended is deleted, in days.
    pub retention_days: u32,
}

/// All that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
pub struct ConfigError {
    /// In the order of [`SETTINGS`].
    pub problems: Vec<Problem>,
}

/// One setting that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Setting.
    pub setting: Setting,
    /// What is wrong with its value; `None` if there is no value.
    pub wrong: Option<&'static str>,
}

impl Config {
    /// Reads everything once and collects all problems. What a webhook's URL may be is for its channel to say.
    pub fn read(environment: &impl Environment, parse_webhook: ParseWebhook) -> Self {
        let mut reader = Reader { environment, problems: Vec::new() };
        let (slack, telegram, whatsapp) = (reader.slack(), reader.telegram(), reader.whatsapp());
        let has_other = slack.is_some() || telegram.is_some() || whatsapp.is_some();
        let (public_key, discord) = reader.discord(parse_webhook, has_other);
        let (vision, voice) = (reader.vision(), reader.voice());
        let (image_model, max_tokens) = (reader.image_model(), reader.max_tokens());
        let (is_streaming, cache_s) = (reader.switch("MIYABI_STREAMING"), reader.cache_seconds());
        let max_chunks = reader.number("MIYABI_MAX_CHUNKS", 1..=10, "is not a number from 1 to 10");
        let jobs_per_asker =
            reader.number("MIYABI_JOBS_PER_ASKER", 1..=100, "is not a number from 1 to 100");
        let [asker_limit, visitor_limit] = LIMITS.map(|limit| reader.limit(limit));
        let (models, visitors) = (reader.models(), reader.visitors(visitor_limit));
        let (is_remembering, is_sharing) = (reader.memory(), reader.switch("MIYABI_SHARING"));
        let servers_without_memory = reader.servers("MIYABI_MEMORY_OFF_SERVERS", "-");
        let files_quota = reader.files_quota();
        let (access, watch, suggestions) = (reader.access(), reader.watch(), reader.suggestions());
        let (budgets, origins, pages) = (reader.budgets(), reader.origins(), reader.pages());
        let [weather_api_base, geocoding_api_base] =
            ["WEATHER_API_BASE", "GEOCODING_API_BASE"].map(|name| reader.base_url(name));
        let (web_search, mcp_servers, access_team) =
            (reader.web_search(), reader.mcp_servers(), reader.access_team());
        let (name, operator_token) = (reader.text("MIYABI_ENVIRONMENT"), reader.operator_token());
        reader.bindings();
        let settings = if reader.problems.is_empty() {
            Ok(Settings {
                discord: Rc::new(discord),
                slack: slack.map(Rc::new),
                telegram: telegram.map(Rc::new),
                whatsapp: whatsapp.map(Rc::new),
                models,
                vision,
                voice,
                image_model,
                max_tokens,
                is_streaming,
                cache_s,
                max_chunks: max_chunks.try_into().unwrap_or(1),
                jobs_per_asker,
                asker_limit,
                is_remembering,
                servers_without_memory,
                files_quota,
                is_sharing,
                visitors,
                access_team,
                suggestions,
                access,
                budgets,
                watch,
                weather_api_base,
                geocoding_api_base,
                pages,
                web_search,
                tools: None,
                mcp_servers,
            })
        } else {
            Err(ConfigError::new(&reader.problems))
        };
        Self { public_key, environment: name, operator_token, origins, settings }
    }
}

impl Settings {
    /// Returns whether anything is remembered of what is asked in this server, `None` outside of servers.
    pub fn remembers_in(&self, server: Option<&str>) -> bool {
        let is_without =
            server.is_some_and(|server| self.servers_without_memory.iter().any(|id| id == server));
        self.is_remembering && !is_without
    }
}

impl ConfigError {
    fn new(problems: &[Problem]) -> Self {
        let of = |setting: &Setting| problems.iter().find(|p| p.setting.name == setting.name);
        Self { problems: SETTINGS.iter().filter_map(of).cloned().collect() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n")?;
            }
            write!(formatter, "{problem}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.setting.kind {
            Kind::Secret => "secret",
            Kind::Variable => "variable",
            Kind::Binding => "binding",
        };
        let name = self.setting.name;
        match self.wrong {
            None => writeln!(formatter, "missing {kind} `{name}`")?,
            Some(wrong) => writeln!(formatter, "{kind} `{name}` {wrong}")?,
        }
        write!(formatter, "hint: {}", self.setting.hint())
    }
}

impl Setting {
    /// Returns what to run or write to set it.
    pub fn hint(&self) -> String {
        let name = self.name;
        match self.kind {
            Kind::Secret => format!("npx wrangler secret put {name}"),
            Kind::Variable => format!("set `{name}` under [vars] in wrangler.toml"),
            Kind::Binding => format!("bind `{name}` in wrangler.toml"),
        }
    }
}

#[cfg(test)]
mod tests;
