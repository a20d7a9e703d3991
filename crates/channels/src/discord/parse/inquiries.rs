//! Commands that are answered at once: what somebody has used, which keys they have, and who asked.

use super::super::commands::{LINK_OFF, MANAGE_GUILD, MODERATE};
use super::asker::{asker, user_id};
use super::is_snowflake;
use super::place::{has, is_told};
use super::wire::{CommandOption, Field, InnerOption, Interaction};
use miyabi_core::i18n::attribution;
use miyabi_core::i18n::keys::{self, Wish};
use miyabi_core::i18n::usage::Inquiry;

/// Only members who manage a server are told what its members ask for.
pub(super) fn usage(interaction: &Interaction<'_>) -> Inquiry {
    Inquiry {
        asker: asker(interaction).id,
        server: interaction.server().filter(|_| manages(interaction)).map(ToOwned::to_owned),
        language: interaction.language(),
    }
}

/// Says whether who sends an interaction manages the server.
///
/// # Source
/// Discord Docs/Permissions, read 2026-11-21: the owner of a server has every permission.
pub(super) fn manages(interaction: &Interaction<'_>) -> bool {
    let granted = interaction.asker_permissions();
    interaction.server().is_some() && is_told(granted) && has(granted, MANAGE_GUILD)
}

/// Returns what somebody wants of their keys; `None` for a subcommand that there is not.
pub(super) fn keys(interaction: &Interaction<'_>) -> Option<keys::Inquiry> {
    let mut options = interaction.data.object()?.options.items().iter().filter_map(Field::object);
    let subcommand: &CommandOption<'_> = options.next()?;
    let text = |name: &str| {
        let mut inner = subcommand.options.items().iter().filter_map(Field::object);
        let option: &InnerOption<'_> = inner.find(|option| option.name.text() == Some(name))?;
        option.value.words()
    };
    let text = |name: &str| text(name).unwrap_or_default();
    let wish = match subcommand.name.text()? {
        "create" => Wish::Create { name: text("name"), scopes: text("scopes") },
        "list" => Wish::List,
        "revoke" => Wish::Revoke { id: text("id") },
        _ => return None,
    };
    Some(keys::Inquiry { wish, ..link(interaction) })
}

/// Returns that somebody wants a code, or the accounts taken back that are linked to them.
pub(super) fn link(interaction: &Interaction<'_>) -> keys::Inquiry {
    let is_over = interaction.is_chosen(LINK_OFF);
    keys::Inquiry {
        owner: asker(interaction).id,
        server: interaction.server().map(ToOwned::to_owned),
        is_manager: manages(interaction),
        wish: if is_over { Wish::Unlink } else { Wish::Link },
        language: interaction.language(),
    }
}

/// Says whether who sends an interaction may manage messages where they do.
pub(super) fn moderates(interaction: &Interaction<'_>) -> bool {
    let granted = interaction.asker_permissions();
    interaction.server().is_some() && is_told(granted) && has(granted, MODERATE)
}

/// Only members who manage messages are told who asked. Discord offers them the command, and a server can
/// offer it to others, so what they may do is looked at again.
///
/// # Source
/// Discord Docs/Application Commands, Message Commands and Permissions, read 2026-11-20.
pub(super) fn who_asked(interaction: &Interaction<'_>) -> attribution::Inquiry {
    let moderates = moderates(interaction);
    let message = interaction.data.object().and_then(|data| data.target_id.text());
    attribution::Inquiry {
        message: message.filter(|id| is_snowflake(id)).unwrap_or_default().to_owned(),
        moderator: interaction.asker().and_then(user_id).unwrap_or_default().to_owned(),
        server: interaction.server().filter(|_| moderates).map(ToOwned::to_owned),
        language: interaction.language(),
    }
}
