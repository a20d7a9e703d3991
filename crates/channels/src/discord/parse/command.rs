//! Commands: which one it is, and the question that it asks.

use super::super::names::shows_nothing;
use super::super::place::Place;
use super::super::{PLATFORM, created};
use super::asker::asker;
use super::place::{conversation, place};
use super::wire::{CommandOption, Field, Interaction};
use super::{Completion, Inbound, inquiries, memory, message, privacy, settings};
use miyabi_core::i18n::messages::{self, Wish};
use miyabi_core::i18n::{commands, drawing, status};
use miyabi_core::ids::{JobId, Secret};
use miyabi_core::question::Question;
use miyabi_core::rejection::Rejection;

/// Reads a command.
///
/// # Errors
/// [`Rejection::Malformed`] when it lacks `id` or `token`.
pub(super) fn parse(interaction: &Interaction<'_>) -> Result<Inbound, Rejection> {
    let question = blank(interaction)?;
    let unknown = Inbound::Unknown(question.language);
    Ok(match interaction.command() {
        Some((1, "ask")) => ask(interaction, question),
        Some((1, "imagine")) => imagine(interaction, question),
        Some((1, "usage")) => Inbound::Usage(inquiries::usage(interaction)),
        Some((1, "key")) => inquiries::keys(interaction)
            .map_or(unknown, |inquiry| Inbound::Key(inquiry, interaction.installation())),
        Some((1, "link")) => Inbound::Key(inquiries::link(interaction), interaction.installation()),
        Some((1, "help")) => {
            Inbound::Help(question.language, question.server, interaction.installation())
        }
        Some((1, name @ ("status" | "cancel"))) => Inbound::Status(status::Inquiry {
            asker: question.asker.id,
            cancels: name == "cancel",
            reminder: reminder(interaction),
            language: question.language,
        }),
        Some((1, "privacy")) => Inbound::Privacy(Box::new(privacy::command(interaction)), false),
        Some((1, "settings")) => {
            let inquiry = Box::new(settings::command(interaction));
            Inbound::Settings(inquiry, interaction.installation())
        }
        Some((1, "memory")) => memory::wish(interaction).map_or(unknown, |wish| {
            let question = Question { text: "/memory".to_owned(), ..question };
            Inbound::Memory(Box::new(question), wish)
        }),
        Some((3, name)) => on_message(interaction, question, name).unwrap_or(unknown),
        _ => unknown,
    })
}

/// Returns a question without words, of whoever uses the interaction, where they use it.
pub(super) fn blank(interaction: &Interaction<'_>) -> Result<Question, Rejection> {
    let id = interaction.id.text().and_then(JobId::parse).ok_or(Rejection::Malformed)?;
    let token = interaction.token.text().filter(|token| is_token(token));
    let token = Secret::new(token.ok_or(Rejection::Malformed)?.to_owned());
    Ok(Question {
        asked: created(id.as_str()).unwrap_or_default(),
        id,
        token,
        text: String::new(),
        quote: None,
        again: None,
        files: Vec::new(),
        asker: asker(interaction),
        place: place(interaction).to_text(),
        conversation: conversation(interaction, false),
        server: interaction.server().map(ToOwned::to_owned),
        platform: PLATFORM.to_owned(),
        is_private: false,
        draws: false,
        is_quoted: false,
        is_fresh: false,
        model: None,
        language: interaction.language(),
    })
}

fn ask(interaction: &Interaction<'_>, question: Question) -> Inbound {
    let text = interaction.option("question").and_then(Field::words);
    let Some(text) = text.filter(|text| !shows_nothing(text)) else {
        return Inbound::AskNothing(question.language);
    };
    let model = interaction.option("model").and_then(Field::text).map(str::trim);
    let model = model.filter(|model| !model.is_empty()).map(ToOwned::to_owned);
    let is_fresh = interaction.is_chosen("fresh");
    let files = message::file(interaction, "file").into_iter().collect();
    let question = Question { text, files, is_fresh, model, ..question };
    let question = if interaction.is_chosen("private") {
        for_asker_alone(interaction, question)
    } else {
        question
    };
    Inbound::Ask(Box::new(question), interaction.installation())
}

/// Reads what is to be drawn. Where the answer may have no file, the asker alone sees it.
fn imagine(interaction: &Interaction<'_>, question: Question) -> Inbound {
    let text = interaction.option("prompt").and_then(Field::words).unwrap_or_default();
    let text = drawing::prompt(&text);
    if shows_nothing(&text) {
        return Inbound::DrawNothing(question.language);
    }
    let is_private = interaction.is_chosen("private") || !Place::of(&question).takes_files();
    let question = Question { text, draws: true, ..question };
    let question = if is_private { for_asker_alone(interaction, question) } else { question };
    Inbound::Ask(Box::new(question), interaction.installation())
}

/// Reads for what completions are wanted.
pub(super) fn parse_completion(interaction: &Interaction<'_>) -> Inbound {
    let options = interaction.data.object().map(|data| data.options.items()).unwrap_or_default();
    let mut options = options.iter().filter_map(Field::object);
    let focused: Option<&CommandOption<'_>> =
        options.find(|option| matches!(option.focused, Field::Bool(true)));
    let name = focused.and_then(|option| option.name.text());
    let typed = focused.and_then(|option| option.value.text()).unwrap_or_default();
    let typed = typed.trim().to_lowercase();
    match (interaction.command(), name) {
        (Some((1, "ask")), Some("model")) => Inbound::CompleteModel(Completion {
            typed,
            server: interaction.server().map(ToOwned::to_owned),
            installation: interaction.installation(),
        }),
        (Some((1, "ask")), Some("question")) => {
            let asker = asker(interaction).id;
            conversation(interaction, false).map_or(Inbound::Autocomplete, |conversation| {
                Inbound::CompleteQuestion { asker, conversation, typed }
            })
        }
        (Some((1, "cancel")), Some("reminder")) => {
            Inbound::CompleteReminder { asker: asker(interaction).id, typed }
        }
        _ => Inbound::Autocomplete,
    }
}

/// Returns the reminder that somebody wants to take back.
fn reminder(interaction: &Interaction<'_>) -> Option<String> {
    let id = interaction.option("reminder")?.text()?.trim();
    (!id.is_empty()).then(|| id.to_owned())
}

/// Reads a command in the menu of a message; `None` if there is none of this name.
fn on_message(interaction: &Interaction<'_>, question: Question, name: &str) -> Option<Inbound> {
    let wish = [
        (commands::ASK_ABOUT, Wish::Explain),
        (commands::TRANSLATE, Wish::Translate),
        (commands::SUMMARIZE, Wish::Summarize),
    ];
    if name == commands::WHO_ASKED.english {
        return Some(Inbound::WhoAsked(inquiries::who_asked(interaction)));
    }
    let (_, wish) = wish.into_iter().find(|(known, _)| name == known.english)?;
    let Some(quote) = message::quote(interaction) else {
        return Some(Inbound::NothingToRead(question.language));
    };
    let installation = interaction.installation();
    Some(if wish == Wish::Explain {
        Inbound::OpenForm(Box::new(Question { quote: Some(quote), ..question }), installation)
    } else {
        // Other messages that were translated before have no part in it.
        let text = messages::question(wish, interaction.locale());
        let question = Question { text, quote: Some(quote), is_fresh: true, ..question };
        Inbound::Ask(Box::new(for_asker_alone(interaction, question)), installation)
    })
}

/// Returns a question whose answer nobody else is to see: it is posted nowhere, and belongs to a conversation
/// of its own.
fn for_asker_alone(interaction: &Interaction<'_>, question: Question) -> Question {
    Question {
        place: Place::Direct.to_text(),
        conversation: conversation(interaction, true),
        is_private: true,
        ..question
    }
}

/// Tokens go into URLs: nothing but what a path segment takes unescaped.
fn is_token(token: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~=+:".contains(&byte);
    !token.is_empty() && token.bytes().all(is_plain) && token.bytes().any(|byte| byte != b'.')
}
