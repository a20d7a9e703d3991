//! Parses interactions: verified bytes in, [`Inbound`] out.
//!
//! Unknown fields are ignored, and only what an answer cannot do without is required: Discord's own
//! examples lack fields that its real payloads have, and the reverse.
//!
//! 1. `wire` reads the fields.
//! 2. `command` says which command it is, and `component` which component or form, by what it carries
//!    ([`super::custom_id`]); `inquiries` and `memory` read those that are answered at once, and [`message`] the
//!    message that one is about.
//! 3. `asker` and `place` say who uses it, and where.

use super::verify::Verified;
use miyabi_core::config::Installation;
use miyabi_core::i18n::buttons::Press;
use miyabi_core::i18n::consent::Decided;
use miyabi_core::i18n::memory::Wish as MemoryWish;
use miyabi_core::i18n::usage::Inquiry;
use miyabi_core::i18n::{Language, attribution, keys, status};
use miyabi_core::question::Question;
use miyabi_core::rejection::Rejection;

use self::wire::{CommandOption, Field, Interaction, User};

pub(super) mod asker;
mod command;
mod component;
mod consent;
mod inquiries;
mod memory;
pub mod message;
mod place;
mod privacy;
mod settings;
mod wire;

/// An interaction of a kind that the program serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// Discord checks the endpoint.
    Ping,
    /// `/ask question:`, or a wish about a message, and who installed the application where it is asked.
    Ask(Box<Question>, Installation),
    /// `/usage`
    Usage(Inquiry),
    /// `/key` or `/link`, and who installed the application where it is used.
    Key(keys::Inquiry, Installation),
    /// `/memory`, with the command as a question, so that a reply with a file finds its way.
    Memory(Box<Question>, MemoryWish),
    /// `/settings`, or a part of its panel, and who installed the application there.
    Settings(Box<miyabi_core::i18n::settings::Inquiry>, Installation),
    /// `/privacy`, or a button of its panel, where `true` says that one was pressed.
    Privacy(Box<miyabi_core::i18n::privacy::Inquiry>, bool),
    /// A moderator wants to know whose question a message belongs to.
    WhoAsked(attribution::Inquiry),
    /// `/help`, in this server, and who installed the application there.
    Help(Language, Option<String>, Installation),
    /// `/status` or `/cancel`
    Status(status::Inquiry),
    /// A form is opened for a question about a message.
    OpenForm(Box<Question>, Installation),
    /// The form was sent: a question about the message that was kept under this id.
    Form(Box<Question>, Installation, String),
    /// A button below an answer, and who installed the application where it is pressed.
    Press(Box<Press>, Installation),
    /// A person has decided whether a tool may act.
    Consent(Box<Decided>),
    /// A message has nothing in it that could be asked about.
    NothingToRead(Language),
    /// `/ask` without a question in it.
    AskNothing(Language),
    /// `/imagine` without words.
    DrawNothing(Language),
    /// Completions for an option that has none.
    Autocomplete,
    /// Models whose ids have this in them, for the option `model` of `/ask`.
    CompleteModel(Completion),
    /// Questions of this person, in this conversation, that have this in them, for the option `question` of `/ask`.
    CompleteQuestion {
        /// Person's id.
        asker: String,
        /// Name of the conversation.
        conversation: String,
        /// Text, in lower case.
        typed: String,
    },
    /// Reminders of this person whose words have this in them, for the option of `/cancel`.
    CompleteReminder {
        /// Person's id.
        asker: String,
        /// Text, in lower case.
        typed: String,
    },
    /// A command, component or modal that the program does not know.
    Unknown(Language),
}

/// What somebody has typed into an option so far, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Text, in lower case.
    pub typed: String,
    /// Server's id.
    pub server: Option<String>,
    /// Who installed the application there.
    pub installation: Installation,
}

/// Parses an interaction.
///
/// # Errors
/// [`Rejection::Malformed`] when it is not a JSON object, has no known `type`, or an `/ask` lacks
/// `id` or `token`.
///
/// # Source
/// Discord Docs/Receiving and Responding to Interactions, read 2026-11-20.
pub fn parse(verified: &Verified) -> Result<Inbound, Rejection> {
    let text = str::from_utf8(verified.body()).map_err(|_binary| Rejection::Malformed)?;
    let root: Field<'_, Interaction<'_>> =
        serde_json::from_str(text).map_err(|_error| Rejection::Malformed)?;
    let interaction = root.object().ok_or(Rejection::Malformed)?;
    match interaction.kind.whole() {
        Some(1) => Ok(Inbound::Ping),
        Some(2) => command::parse(interaction),
        Some(3) => component::parse(interaction),
        Some(4) => Ok(command::parse_completion(interaction)),
        Some(5) => component::parse_form(interaction),
        _ => Err(Rejection::Malformed),
    }
}

impl Interaction<'_> {
    /// Returns the member's user in a server, and the user in a direct message.
    fn asker(&self) -> Option<&User<'_>> {
        let member = self.member.object();
        member.and_then(|member| member.user.object()).or_else(|| self.user.object())
    }

    fn server(&self) -> Option<&str> {
        let guild = || self.guild.object()?.id.text();
        self.guild_id.text().or_else(guild).filter(|id| is_snowflake(id))
    }

    /// Returns whether a truth value was chosen.
    fn is_chosen(&self, name: &str) -> bool {
        matches!(self.option(name), Some(Field::Bool(true)))
    }

    /// Returns the value of a command's option.
    fn option(&self, name: &str) -> Option<&Field<'_>> {
        let mut options = self.data.object()?.options.items().iter().filter_map(Field::object);
        let option: &CommandOption<'_> = options.find(|option| option.name.text() == Some(name))?;
        Some(&option.value)
    }

    /// Returns the locale of the asker's client, else that of the server.
    fn locale(&self) -> &str {
        self.locale.text().or_else(|| self.guild_locale.text()).unwrap_or_default()
    }

    fn language(&self) -> Language {
        Language::of_locale(self.locale())
    }

    /// Returns what the asker may do in this channel, as a decimal bit set.
    fn asker_permissions(&self) -> Option<&str> {
        self.member.object()?.permissions.text()
    }

    /// Returns who installed the application here. Where Discord does not say, a server has.
    ///
    /// # Source
    /// Discord Docs/Interaction Object, Authorizing Integration Owners Object, read 2026-11-22.
    fn installation(&self) -> Installation {
        let owners = self.authorizing_integration_owners.object();
        if self.server().is_some() && owners.is_none_or(|owners| owners.has_server) {
            Installation::Server
        } else {
            Installation::Person
        }
    }

    /// Returns the command's kind and name: 1 is a slash command, and 3 one in the menu of a message.
    fn command(&self) -> Option<(u64, &str)> {
        let data = self.data.object()?;
        let kind = if matches!(data.kind, Field::Absent) { Some(1) } else { data.kind.whole() };
        Some((kind?, data.name.text()?))
    }
}

fn is_snowflake(id: &str) -> bool {
    !id.is_empty() && id.len() <= 20 && id.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
