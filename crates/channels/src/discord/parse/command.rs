//! Commands: which one it is, and the question that it asks.

use super::super::names::shows_nothing;
use super::super::{PLATFORM, created};
use super::asker::asker;
use super::place::{conversation, place};
use super::wire::{Field, Interaction};
use super::{Inbound, inquiries, memory};
use miyabi_core::i18n::commands;
use miyabi_core::ids::{JobId, Secret};
use miyabi_core::question::Question;
use miyabi_core::rejection::Rejection;

/// Reads a command.
///
/// # Errors
/// [`Rejection::Malformed`] when it lacks `id` or `token`.
pub(super) fn parse(interaction: &Interaction<'_>) -> Result<Inbound, Rejection> {
    let id = interaction.id.text().and_then(JobId::parse).ok_or(Rejection::Malformed)?;
    let token = interaction.token.text().filter(|token| is_token(token));
    let token = Secret::new(token.ok_or(Rejection::Malformed)?.to_owned());
    let language = interaction.language();
    let wish = match interaction.command() {
        Some((1, "ask")) => None,
        Some((1, "usage")) => return Ok(Inbound::Usage(inquiries::usage(interaction))),
        Some((1, "key")) => {
            let inquiry =
                inquiries::keys(interaction).map(|it| Inbound::Key(it, interaction.installation()));
            return Ok(inquiry.unwrap_or(Inbound::Unknown(language)));
        }
        Some((1, "memory")) => match memory::wish(interaction) {
            Some(wish) => Some(wish),
            None => return Ok(Inbound::Unknown(language)),
        },
        Some((3, name)) if name == commands::WHO_ASKED.english => {
            return Ok(Inbound::WhoAsked(inquiries::who_asked(interaction)));
        }
        _ => return Ok(Inbound::Unknown(language)),
    };
    let question = interaction.option("question").and_then(Field::words);
    let text = match (question.filter(|question| !shows_nothing(question)), &wish) {
        (_, Some(_)) => "/memory".to_owned(),
        (Some(question), None) => question,
        (None, None) => return Ok(Inbound::AskNothing(language)),
    };
    let question = Question {
        asked: created(id.as_str()).unwrap_or_default(),
        id,
        token,
        text,
        asker: asker(interaction),
        place: place(interaction).to_text(),
        conversation: conversation(interaction),
        server: interaction.server().map(ToOwned::to_owned),
        platform: PLATFORM.to_owned(),
        is_fresh: matches!(interaction.option("fresh"), Some(Field::Bool(true))),
        language,
    };
    Ok(match wish {
        Some(wish) => Inbound::Memory(Box::new(question), wish),
        None => Inbound::Ask(Box::new(question), interaction.installation()),
    })
}

/// Tokens go into URLs: nothing but what a path segment takes unescaped.
fn is_token(token: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~=+:".contains(&byte);
    !token.is_empty() && token.bytes().all(is_plain) && token.bytes().any(|byte| byte != b'.')
}
