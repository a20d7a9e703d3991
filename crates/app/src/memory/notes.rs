//! The lines below an answer that the program writes itself: what is remembered, and which message the answer
//! is about.

use super::recall;
use crate::Job;
use crate::facts::{self, Note};
use miyabi_core::config::Settings;
use miyabi_core::i18n::{Language, buttons, memory as words};
use miyabi_core::ports::{Clock, Conversations, Log};
use miyabi_core::question::Question;
use miyabi_core::transport::Transport;

/// Returns an answer with a line for each note, one with the address of the message that it is about, and one
/// with that of the answer before it.
///
/// What a model says of the kind is left out: it does not know.
pub fn with_notes(
    transport: &impl Transport,
    question: &Question,
    answer: &str,
    (notes, said): (&[Note], &[String]),
) -> String {
    let own = words::without_notes(answer);
    let language = Language::of_text(&question.text);
    let line = |link: Option<&str>, words: fn(Language, &str) -> String| {
        let link = link.filter(|link| !link.is_empty());
        link.map(|link| transport.small_print(&words(language, link))).unwrap_or_default()
    };
    let about = line(question.quote.as_ref().map(|quote| quote.link.as_str()), words::about);
    let again = line(question.again.as_ref().map(|again| again.link.as_str()), buttons::again);
    if own.is_empty() && notes.is_empty() && said.is_empty() && about.is_empty() && again.is_empty()
    {
        return answer.to_owned();
    }
    let parts = [own.to_owned(), lines(transport, &question.text, notes, said), about, again];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Returns a line for each note, and for each thing that a tool has done.
fn lines(transport: &impl Transport, question: &str, notes: &[Note], said: &[String]) -> String {
    let language = Language::of_text(question);
    let notes: Vec<String> = notes.iter().map(|note| sentence(language, note)).collect();
    let said = said.iter().filter(|line| !notes.contains(line));
    let lines = notes.iter().chain(said).map(|line| transport.small_print(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns what is said of a note.
pub fn sentence(language: Language, note: &Note) -> String {
    match note {
        Note::Remembered { text, instead } => words::remembered(language, text, instead.as_deref()),
        Note::TooLong => words::too_long(language, facts::MAX_FACT_CHARS),
        Note::Full => words::full(language, facts::MAX_FACTS),
        Note::Off => words::off(language),
    }
}

/// Returns what an asker without an answer is told of what the question asks to remember, and of what tools
/// have done.
///
/// It is a line for each fact, which was made beside the claim and needs no model, and then what was `said`;
/// blank if there is none, or if the person's object does not say.
///
/// # Repeats
/// Finds the facts that are there.
pub async fn note_lines(
    host: &(impl Conversations + Clock + Log),
    transport: &impl Transport,
    settings: &Settings,
    job: &Job,
    said: &[String],
) -> String {
    let question = &job.question.text;
    let recalled = if facts::rules::facts(question).is_empty() {
        facts::Recalled::default()
    } else {
        recall(host, settings, job).await.unwrap_or_default()
    };
    lines(transport, question, &recalled.notes, said)
}
