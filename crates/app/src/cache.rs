//! Which answers count for the same question asked again? Those that depend on nothing but the question.
//!
//! An answer is saved if the model gave it to its end and used no tool: what a tool returns may be
//! another thing tomorrow. It counts in the server where it was asked (for one person outside of
//! servers), for the same prompt, tools and chain of models, and for as long as the setting says.
//!
//! | step | effect | why repeating it is safe |
//! | --- | --- | --- |
//! | `recall` | reads a saved answer | reads only |
//! | `remember` | saves the answer | the same again |

use core::time::Duration;

use miyabi_ai::tools::Tool;
use miyabi_ai::{Answer, Ending, prompt};
use miyabi_core::config::Settings;
use miyabi_core::i18n::saved;
use miyabi_core::json;
use miyabi_core::json::object;
use miyabi_core::ports::{Cache, Clock, Host, Policy, Steps, Stop};
use miyabi_core::question::Question;

/// A saved answer is not worth waiting for.
const QUICK: Policy =
    Policy { retries: 0, delay: Duration::from_secs(1), timeout: Duration::from_secs(10) };

/// Returns the saved answer to a question, with a line that says that it is one; `None` if there is none,
/// or the asker wants a fresh one.
///
/// # Errors
/// [`Stop::Aborted`] only: without its cache a question is answered as any other.
pub async fn recall(
    host: &impl Host,
    steps: &impl Steps,
    settings: &Settings,
    question: &Question,
) -> Result<Option<String>, Stop> {
    if settings.cache_s == 0 || question.is_fresh {
        return Ok(None);
    }
    let key = key(settings, question);
    let work = async || Ok(read(host, &key, question).await);
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
    if settings.cache_s == 0 || answer.used_tools || answer.ending != Ending::Answered {
        return Ok(());
    }
    let key = key(settings, question);
    let work = async || {
        let saved = object([
            ("v", 1.into()),
            ("answer", answer.text.as_str().into()),
            ("at", host.now().0.into()),
        ]);
        host.remember(&key, &json::to_text(&saved), settings.cache_s).await;
        Ok(())
    };
    match steps.step("remember", QUICK, work).await {
        Err(Stop::Aborted) => Err(Stop::Aborted),
        Ok(()) | Err(Stop::Failed(_)) => Ok(()),
    }
}

/// # Shape
/// `{"v":1,"answer":"…","at":1730014552832}`
async fn read(host: &(impl Cache + Clock), key: &str, question: &Question) -> Option<String> {
    let entry = json::parse(&host.recall(key).await?)?;
    let answer = entry.get("answer")?.as_str()?;
    let age_ms = host.now().0.saturating_sub(entry.get("at")?.as_u64()?);
    Some([answer, "\n", &saved(question.language, age_ms / 60_000)].concat())
}

/// Everything that an answer depends on. It is long, and hashed where it is used.
fn key(settings: &Settings, question: &Question) -> String {
    let mut key = String::from("miyabi:answer:1");
    let mut add = |part: &str| {
        key.push('\n');
        key.push_str(part);
    };
    add(prompt::PERSONA);
    for tool in Tool::ALL {
        add(tool.name());
        add(tool.description());
        add(&json::to_text(&tool.schema()));
    }
    for model in &settings.models {
        add(&model.id);
    }
    add(&settings.max_tokens.to_string());
    let (kind, place) = match &question.server {
        Some(server) => ("server", server),
        None => ("asker", &question.asker.id),
    };
    add(kind);
    add(place);
    add(&normalized(&question.text));
    key
}

/// The same question in other white space and letter case is the same; nothing else is, since one mark
/// may change what is meant.
fn normalized(question: &str) -> String {
    let words: Vec<&str> = question.split_whitespace().collect();
    words.join(" ").to_ascii_lowercase()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
