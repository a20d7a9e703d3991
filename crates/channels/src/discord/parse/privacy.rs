//! `/privacy`, and the buttons of its panel: what a person wants of what is kept of them.

use super::super::created;
use super::super::privacy as panel;
use super::asker::user_id;
use super::wire::Interaction;
use miyabi_core::i18n::privacy::{Inquiry, Wish};

/// Reads the command.
pub(super) fn command(interaction: &Interaction<'_>) -> Inquiry {
    inquiry(interaction, Wish::Show)
}

/// Reads a button that was pressed; `None` for one that there is not.
pub(super) fn component(interaction: &Interaction<'_>, id: &str) -> Option<Inquiry> {
    let wish = match id {
        panel::SHOW => Wish::Show,
        panel::QUOTE => Wish::Quote(true),
        panel::POST => Wish::Quote(false),
        panel::DELETE => Wish::AskToErase,
        // What there was when the button was pressed: the same press again, later, means no more.
        panel::ERASE => Wish::Erase(interaction.id.text().and_then(created)?),
        _ => return None,
    };
    Some(inquiry(interaction, wish))
}

fn inquiry(interaction: &Interaction<'_>, wish: Wish) -> Inquiry {
    Inquiry {
        person: interaction.asker().and_then(user_id).unwrap_or_default().to_owned(),
        language: interaction.language(),
        wish,
    }
}
