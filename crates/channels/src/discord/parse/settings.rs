//! `/settings`, and what is used or sent of its panel: what who manages a server wants of its settings.
//!
//! What a component carries is the version that it shows and what it changes. Whether somebody manages the
//! server is looked at each time.

use super::super::settings as panel;
use super::asker::user_id;
use super::inquiries::manages;
use super::wire::Interaction;
use super::{is_snowflake, message};
use miyabi_core::i18n::Language;
use miyabi_core::i18n::settings::{Change, Inquiry, Wish};

/// Reads the command.
pub(super) fn command(interaction: &Interaction<'_>) -> Inquiry {
    inquiry(interaction, Wish::Show)
}

/// Reads a component that was used; `None` for one that there is not.
pub(super) fn component(interaction: &Interaction<'_>, id: &str) -> Option<Inquiry> {
    let (version, part) = split(id)?;
    let values = values(interaction);
    let change = match part {
        panel::WRITE => return Some(inquiry(interaction, Wish::Write)),
        panel::LANGUAGE => {
            let chosen = values.first()?;
            let language = Language::ALL.into_iter().find(|language| language.name() == chosen);
            Change::Language(language)
        }
        panel::CHANNELS => {
            Change::Channels(values.into_iter().filter(|id| is_snowflake(id)).collect())
        }
        panel::MODELS => Change::Models(Some(values).filter(|values| !values.is_empty())?),
        panel::TOOLS => Change::Tools(values),
        panel::QUOTE => Change::Quotes(true),
        panel::POST => Change::Quotes(false),
        panel::FORGET => Change::Forgets(true),
        panel::REMEMBER => Change::Forgets(false),
        panel::UNDO => Change::Undo,
        _ => return None,
    };
    Some(inquiry(interaction, Wish::Change(version, change)))
}

/// Reads the form; `None` if it is no such one.
pub(super) fn form(interaction: &Interaction<'_>, id: &str) -> Option<Inquiry> {
    let (version, part) = split(id)?;
    let field = |name| message::field(interaction, name).unwrap_or_default();
    let change = Change::Form {
        persona: field(panel::PERSONA),
        day_limit: field(panel::LIMIT),
        budget: field(panel::BUDGET),
    };
    (part == panel::WRITE).then(|| inquiry(interaction, Wish::Change(version, change)))
}

fn split(id: &str) -> Option<(u64, &str)> {
    let (version, part) = id.split_once('-')?;
    Some((version.parse().ok()?, part))
}

/// Returns what was chosen in a menu.
fn values(interaction: &Interaction<'_>) -> Vec<String> {
    let values = interaction.data.object().map(|data| data.values.items()).unwrap_or_default();
    values.iter().filter_map(|value| value.as_str().map(ToOwned::to_owned)).collect()
}

fn inquiry(interaction: &Interaction<'_>, wish: Wish) -> Inquiry {
    Inquiry {
        server: interaction.server().filter(|_| manages(interaction)).map(ToOwned::to_owned),
        person: interaction.asker().and_then(user_id).unwrap_or_default().to_owned(),
        event: interaction.id.text().unwrap_or_default().to_owned(),
        language: interaction.language(),
        wish,
    }
}
