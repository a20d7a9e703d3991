//! Components that are used, and forms that are sent: which one it is, by what it carries.

use super::super::custom_id::{Action, CustomId};
use super::super::names::shows_nothing;
use super::command::blank;
use super::wire::Interaction;
use super::{Inbound, consent, inquiries, is_snowflake, message, privacy, settings};
use miyabi_core::i18n::buttons::{Button, Press};
use miyabi_core::i18n::messages::{self, Wish};
use miyabi_core::i18n::settings::Inquiry;
use miyabi_core::ids::JobId;
use miyabi_core::question::Question;
use miyabi_core::rejection::Rejection;

/// Reads a component that was used.
///
/// # Errors
/// [`Rejection::Malformed`] when it lacks `id` or `token`.
pub(super) fn parse(interaction: &Interaction<'_>) -> Result<Inbound, Rejection> {
    let question = blank(interaction)?;
    let language = question.language;
    let pressed = match custom_id(interaction) {
        Some(CustomId { action: Action::Answer(button), id }) => {
            press(interaction, question, button, id)
        }
        Some(CustomId { action: Action::Settings, id }) => {
            settled(settings::component(interaction, id), interaction)
        }
        Some(CustomId { action: Action::Privacy, id }) => privacy::component(interaction, id)
            .map(|inquiry| Inbound::Privacy(Box::new(inquiry), true)),
        Some(CustomId { action: Action::Consent(decision), id }) => {
            consent::component(interaction, decision, id)
                .map(|decided| Inbound::Consent(Box::new(decided)))
        }
        // A form is no component.
        Some(CustomId { action: Action::Ask, .. }) | None => None,
    };
    Ok(pressed.unwrap_or(Inbound::Unknown(language)))
}

/// Reads a form that was sent.
///
/// # Errors
/// [`Rejection::Malformed`] when it lacks `id` or `token`.
pub(super) fn parse_form(interaction: &Interaction<'_>) -> Result<Inbound, Rejection> {
    let question = blank(interaction)?;
    Ok(match custom_id(interaction) {
        Some(CustomId { action: Action::Ask, id }) if is_snowflake(id) => {
            ask(interaction, question, id)
        }
        Some(CustomId { action: Action::Settings, id }) => {
            settled(settings::form(interaction, id), interaction)
                .unwrap_or(Inbound::Unknown(question.language))
        }
        Some(_) | None => Inbound::Unknown(question.language),
    })
}

fn settled(inquiry: Option<Inquiry>, interaction: &Interaction<'_>) -> Option<Inbound> {
    inquiry.map(|it| Inbound::Settings(Box::new(it), interaction.installation()))
}

/// Returns what a component or form carries, if it is one of ours.
fn custom_id<'i>(interaction: &'i Interaction<'_>) -> Option<CustomId<'i>> {
    CustomId::parse(interaction.data.object()?.custom_id.text()?)
}

fn press(
    interaction: &Interaction<'_>,
    question: Question,
    button: Button,
    job: &str,
) -> Option<Inbound> {
    let message = interaction.message.object().and_then(|message| message.id.text());
    let message = message.filter(|id| is_snowflake(id)).unwrap_or_default();
    let link = if message.is_empty() { String::new() } else { message::link(interaction, message) };
    let is_moderator = inquiries::moderates(interaction);
    let (job, message) = (JobId::parse(job)?, message.to_owned());
    let press = Press { button, job, question, is_moderator, message, link };
    Some(Inbound::Press(Box::new(press), interaction.installation()))
}

fn ask(interaction: &Interaction<'_>, question: Question, kept: &str) -> Inbound {
    let words = message::words(interaction).filter(|words| !shows_nothing(words));
    let text = words.unwrap_or_else(|| messages::question(Wish::Explain, interaction.locale()));
    let question = Question { text, ..question };
    Inbound::Form(Box::new(question), interaction.installation(), kept.to_owned())
}
