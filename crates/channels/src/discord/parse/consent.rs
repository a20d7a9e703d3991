//! The buttons by which a person decides whether a tool may act outside.

use super::asker::user_id;
use super::inquiries::manages;
use super::wire::Interaction;
use miyabi_core::i18n::buttons::Button;
use miyabi_core::i18n::consent::{Decided, Decision, read};

/// Reads a button that was pressed: its id is the job's, its generation and an ordinal, with `-` between them.
/// `None` for one that there is not.
pub(super) fn component(
    interaction: &Interaction<'_>,
    decision: Decision,
    id: &str,
) -> Option<Decided> {
    let (Button::Decide(decision, generation, ordinal), job) = read(decision, id)? else {
        return None;
    };
    Some(Decided {
        decision,
        job,
        generation,
        ordinal,
        person: interaction.asker().and_then(user_id).unwrap_or_default().to_owned(),
        server: interaction.server().filter(|_| manages(interaction)).map(ToOwned::to_owned),
        language: interaction.language(),
    })
}
