//! Saved answers: the same question asked again gets the same answer without a model.
//!
//! An answer is saved if the model finished it and used no tool, since a tool may return something else
//! tomorrow. It counts in the server where it was asked (outside of servers, for the person who asked),
//! for the same prompt, tools and chain of models, and for as long as the setting says.
//!
//! | step | effect | why repeating it is safe |
//! | --- | --- | --- |
//! | `recall` | reads a saved answer | reads only |
//! | `remember` | saves the answer | the same again |

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::{JobContext, temporary};
use miyabi_ai::tools::Tool;
use miyabi_ai::{Answer, Ending, mcp, prompt};
use miyabi_core::config::Settings;
use miyabi_core::i18n::saved;
use miyabi_core::json;
use miyabi_core::ports::{Cache, Clock, Host, Policy, Steps, Stop};
use miyabi_core::question::Question;
use miyabi_core::transport::Transport;

/// A saved answer is not worth waiting for.
const QUICK: Policy =
    Policy { retries: 0, delay: Duration::from_secs(1), timeout: Duration::from_secs(10) };

/// Returns the saved answer to a question, with a line that says that it is one; `None` if there is none,
/// or the asker wants a fresh one.
///
/// # Errors
/// [`Stop::Aborted`] only: without its cache a question is answered as any other.
pub async fn recall<H: Host, S: Steps, T: Transport>(
    JobContext { host, steps, transport, settings, job }: JobContext<'_, H, S, T>,
) -> Result<Option<String>, Stop> {
    let question = &job.question;
    if settings.cache_s == 0 || question.is_fresh || temporary::holds(question) {
        return Ok(None);
    }
    let key = key(settings, question);
    let work = async || Ok(read(host, transport, &key, question).await);
    match steps.step("recall", QUICK, work).await {
        Err(Stop::Failed(_)) => Ok(None),
        other => other,
    }
}

/// Saves an answer, if it may be.
///
/// # Errors
/// [`Stop::Aborted`] only.
pub async fn remember(
    host: &impl Host,
    steps: &impl Steps,
    settings: &Settings,
    question: &Question,
    answer: &Answer,
) -> Result<(), Stop> {
    let is_for_others = !answer.used_tools && !temporary::holds(question);
    if settings.cache_s == 0 || !is_for_others || answer.ending != Ending::Answered {
        return Ok(());
    }
    let key = key(settings, question);
    let work = async || {
        let saved = Saved { answer: answer.text.clone(), saved_ms: host.now().0 };
        // A struct of a text and a number has JSON; without one the answer is not saved.
        if let Ok(saved) = serde_json::to_string(&saved) {
            host.remember(&key, &saved, settings.cache_s).await;
        }
        Ok(())
    };
    match steps.step("remember", QUICK, work).await {
        Err(Stop::Aborted) => Err(Stop::Aborted),
        Ok(()) | Err(Stop::Failed(_)) => Ok(()),
    }
}

/// An answer as it is saved. Its shape is part of the key's version: see [`key`].
///
/// # Shape
/// `{"answer":"…","saved_ms":1730014552832}`
#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    answer: String,
    /// When it was saved, in milliseconds since the Unix epoch.
    saved_ms: u64,
}

async fn read(
    host: &(impl Cache + Clock),
    transport: &impl Transport,
    key: &str,
    question: &Question,
) -> Option<String> {
    let Saved { answer, saved_ms } = json::parse(&host.recall(key).await?)?;
    let age_ms = host.now().0.saturating_sub(saved_ms);
    let option = transport.capabilities().fresh_option.map(|option| transport.code(option));
    let line = saved(question.language, age_ms / 60_000, option.as_deref());
    Some([&answer, "\n", &transport.small_print(&line)].concat())
}

/// Returns everything that an answer depends on. It is long, and hashed where it is used.
fn key(settings: &Settings, question: &Question) -> String {
    let mut key = String::from("miyabi:answer:1");
    let mut add = |part: &str| {
        key.push('\n');
        key.push_str(part);
    };
    add(prompt::PERSONA);
    for tool in Tool::offered(settings) {
        add(tool.name());
        add(tool.description());
        add(&tool.schema().to_string());
    }
    mcp::add_to_key(settings, &mut add);
    for model in &settings.models {
        add(&model.id);
    }
    add(&settings.max_tokens.to_string());
    let (kind, place) = match &question.server {
        // What was asked for the asker alone serves nobody else.
        Some(server) if !question.is_private => ("server", server),
        Some(_) | None => ("asker", &question.asker.id),
    };
    add(kind);
    add(place);
    // Case and inner white space may change what is meant: code, names, "US" and "us".
    add(question.text.trim());
    key
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
