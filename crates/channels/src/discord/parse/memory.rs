//! `/memory`: what a person wants of what they have had remembered.

use super::wire::{CommandOption, Field, InnerOption, Interaction};
use miyabi_core::i18n::memory::Wish;

/// Returns what is wanted; `None` for a subcommand that there is not, or one without its number.
pub(super) fn wish(interaction: &Interaction<'_>) -> Option<Wish> {
    let mut options = interaction.data.object()?.options.items().iter().filter_map(Field::object);
    let subcommand: &CommandOption<'_> = options.next()?;
    let number = |name: &str| {
        let mut inner = subcommand.options.items().iter().filter_map(Field::object);
        let option: &InnerOption<'_> = inner.find(|option| option.name.text() == Some(name))?;
        option.value.whole()
    };
    Some(match subcommand.name.text()? {
        "list" => Wish::List,
        "forget" => Wish::Forget { id: number("number")? },
        "forget-all" => Wish::ForgetAll,
        "export" => Wish::Export,
        "on" => Wish::Switch { is_on: true },
        "off" => Wish::Switch { is_on: false },
        _ => return None,
    })
}
