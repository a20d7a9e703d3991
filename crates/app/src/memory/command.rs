//! The reply to a person who wants to see or change what they have had remembered. Only they read it, also
//! in a server, so all of it is shown, wherever it was said.
//!
//! | what is done | when | why repeating it is safe |
//! | --- | --- | --- |
//! | facts are read, forgotten, switched | before the reply | see [`crate::facts`] |
//! | conversations learn that something was forgotten | after the reply, by `wait_until` | the latest time counts |
//! | the file, in place of the acknowledgement | after the reply, by `wait_until` | an edit |

use serde::Serialize;

use super::owner;
use crate::facts::{Fact, Forgotten, Listing, Request};
use crate::inquiry::{self, Inquirer};
use miyabi_core::config::Settings;
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, Notice};
use miyabi_core::i18n::memory::{self as words, Entry, Wish};
use miyabi_core::i18n::sentence;
use miyabi_core::ports::{Clock, Conversations, Host, Log};
use miyabi_core::question::Question;
use miyabi_core::time::to_iso;
use miyabi_core::transport::{Message, Transport};

/// What a time-out is reported by.
const NAME: &str = "facts::command";

/// Returns the sentences that answer a wish; `None` where a file follows in place of the acknowledgement.
///
/// It is an apology if the person's object takes too long, or if the person asks too much in a minute: a wish
/// counts as a question does.
///
/// `question` is the command itself, as the transport finds its way to its person.
///
/// # Repeats
/// See the table of this module; counts again.
pub async fn reply<H, T>(
    host: &H,
    transport: &T,
    settings: &Settings,
    question: Question,
    wish: Wish,
) -> Option<String>
where
    H: Host + Clone + 'static,
    T: Transport + Clone + 'static,
{
    let language = question.language;
    if !settings.is_remembering {
        return Some(words::NOT_AVAILABLE.in_language(language).to_owned());
    }
    let person = question.asker.id.clone();
    let inquirer = Inquirer { person: &person, language, statement: NAME };
    let failed = |fault| Event::MemoryFailed { fault };
    let done = inquiry::look_up(host, inquirer, carry_out(host, &person, wish), failed).await;
    let done = match done {
        Ok(done) => done,
        Err(words) => return Some(words.to_owned()),
    };
    match done {
        Done::Listed(listing) if wish == Wish::Export => {
            host.wait_until(send(host.clone(), transport.clone(), question, listing));
            None
        }
        Done::Listed(listing) => Some(match wish {
            Wish::Switch { is_on } => words::switched(language, is_on, transport),
            Wish::List | Wish::Forget { .. } | Wish::ForgetAll | Wish::Export => {
                list(transport, &question, &listing)
            }
        }),
        Done::Forgotten(forgotten) => {
            let sentence = words::forgotten(language, forgotten.facts, transport);
            let host_after = host.clone();
            host.wait_until(async move { owner::unlearn(&host_after, &forgotten).await });
            Some(sentence)
        }
    }
}

/// What was done.
enum Done {
    Listed(Listing),
    Forgotten(Forgotten),
}

async fn carry_out(
    host: &(impl Conversations + Clock),
    person: &str,
    wish: Wish,
) -> Result<Done, Fault> {
    Ok(match wish {
        Wish::List | Wish::Export => Done::Listed(owner::list(host, person).await?),
        Wish::Switch { is_on } => Done::Listed(owner::switch(host, person, is_on).await?),
        Wish::Forget { id } => {
            Done::Forgotten(owner::forget_in(host, person, Request::Forget { id }).await?)
        }
        Wish::ForgetAll => {
            Done::Forgotten(owner::forget_in(host, person, Request::ForgetAll).await?)
        }
    })
}

fn list(transport: &impl Transport, question: &Question, listing: &Listing) -> String {
    let entry = |fact: &'_ Fact| (fact.id, fact.at.0 / 1000, !fact.server.is_empty());
    let entries: Vec<Entry<'_>> = listing
        .facts
        .iter()
        .map(|fact| {
            let (id, said_s, is_shared) = entry(fact);
            Entry { id, text: &fact.text, said_s, is_shared }
        })
        .collect();
    let fits = |words: &str| transport.truncate(words, "") == words;
    words::list(&entries, listing.is_on, question.language, transport, fits)
}

/// Sends everything as a file in place of the acknowledgement.
async fn send<H: Clock + Log, T: Transport>(
    host: H,
    transport: T,
    question: Question,
    listing: Listing,
) {
    let file = export(&listing);
    let content = words::EXPORTED.in_language(question.language);
    let message = Message { file: Some(&file), ..Message::text(content) };
    if let Err(error) = transport.edit(&question, &message).await {
        host.log(&Event::MemoryFailed { fault: error.into() });
        // What is left is to say so; whoever cannot be told has "thinking…" for a quarter of an hour.
        let words = sentence(Notice::TryAgain, question.language);
        let _told = transport.edit_once(&question, words).await;
    }
}

/// A fact as it is exported.
///
/// # Shape
/// `{"id":"3","text":"…","source":"…","server":null,"at":"2024-10-27T07:35:52Z"}`, as `GET /api/memory` has it,
/// with the server's id.
#[derive(Debug, Serialize)]
struct Exported<'a> {
    id: String,
    text: &'a str,
    source: &'a str,
    server: Option<&'a str>,
    at: String,
}

/// Returns everything as JSON, a fact on each line.
fn export(listing: &Listing) -> String {
    let lines = listing.facts.iter().map(|fact| {
        let Fact { id, text, source, server, at } = fact;
        let server = Some(server.as_str()).filter(|server| !server.is_empty());
        let (id, at) = (id.to_string(), to_iso(at.0 / 1000));
        serde_json::to_string(&Exported { id, text, source, server, at }).unwrap_or_default()
    });
    format!("{{\"facts\":[\n{}\n]}}\n", lines.collect::<Vec<_>>().join(",\n"))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
