//! The durable flow of one question. It may die at any await and runs again from the top; finished
//! steps answer from what they stored.
//!
//! | step | effect | result stored | why repeating it is safe |
//! | --- | --- | --- | --- |
//! | `claim` | row → PROCESSING | whether there is work | moves only PENDING and PROCESSING |
//! | `think:n` | a model call | completion | costs again, nothing else |
//! | `tools:n` | reads by tools | their results | reads only |
//! | `route` … `clear` | messages | see [`super::deliver`] | see there |
//! | `finish` | row → COMPLETED | nothing | moves only PROCESSING |
//! | `tell` | edit of the deferred reply | nothing | an edit |
//! | `fail` | row → ERROR | nothing | moves only PENDING and PROCESSING |
//!
//! Between the steps there is no effect, no clock and no chance: that code runs again on replay.

use core::time::Duration;

use super::deliver::{Delivery, LAST_WAY, Undelivered};
use super::jobs::{self, Claim};
use super::reply;
use crate::ai::converse;
use crate::channels::discord::MAX_CONTENT_CHARS;
use crate::channels::{Language, Question, sentence};
use crate::config::Settings;
use crate::event::Event;
use crate::fault::{Fault, Notice};
use crate::host::{Host, Policy, Steps, Stop};
use crate::text::{chars, truncate_chars};

/// Statements are short; a database that is down for a minute is worth waiting for.
const STORE: Policy =
    Policy { retries: 6, delay: Duration::from_secs(1), timeout: Duration::from_secs(30) };

/// Answers one question, or tells the asker why not.
///
/// # Errors
/// - [`Stop::Aborted`] when the engine ends this life of the job: pass its error on unchanged.
/// - [`Stop::Failed`] only when the database stayed away to the end: the job's row is then not
///   terminal.
///
/// # Repeats
/// Running it again for a job that ended does nothing.
pub async fn run(
    host: &impl Host,
    steps: &impl Steps,
    settings: &Settings,
    question: &Question,
) -> Result<(), Stop> {
    let claimed = steps
        .step("claim", STORE, async || {
            let claim = jobs::claim(host, question).await?;
            if claim == Claim::Mine {
                host.log(&Event::JobStarted { job: question.id.clone() });
            }
            Ok(claim == Claim::Mine)
        })
        .await;
    let answered = match claimed {
        Ok(false) => return Ok(()),
        Ok(true) => answer(host, steps, settings, question).await,
        Err(stop) => Err(stop.into()),
    };
    match answered {
        Ok((text, parts)) => {
            steps
                .step("finish", STORE, async || {
                    jobs::complete(host, &question.id, &text).await?;
                    host.log(&Event::JobCompleted { job: question.id.clone(), parts });
                    Ok(())
                })
                .await
        }
        Err(Undelivered { stop: Stop::Failed(fault), shown }) => {
            let words = apology(fault.notice, question.language, shown);
            give_up(host, steps, (settings, question), &fault, &words).await
        }
        Err(Undelivered { stop: Stop::Aborted, .. }) => Err(Stop::Aborted),
    }
}

/// Returns what the asker reads in place of "thinking…": the sentence, below what they read there
/// already.
fn apology(notice: Notice, language: Language, shown: Option<String>) -> String {
    let words = sentence(notice, language);
    match shown {
        None => words.to_owned(),
        Some(shown) => {
            let room = MAX_CONTENT_CHARS.saturating_sub(chars(words) + 2);
            format!("{}\n\n{words}", truncate_chars(&shown, room))
        }
    }
}

/// Returns the answer and how many messages it took.
async fn answer(
    host: &impl Host,
    steps: &impl Steps,
    settings: &Settings,
    question: &Question,
) -> Result<(String, usize), Undelivered> {
    let answer = converse::answer(host, steps, settings, &question.id, &question.text).await?;
    let delivery = Delivery { host, steps, settings, question };
    let parts = delivery.deliver(&answer.text).await?;
    Ok((answer.text, parts))
}

/// Tells the asker, then moves the job to ERROR. The order matters: a job in ERROR is done with.
async fn give_up(
    host: &impl Host,
    steps: &impl Steps,
    (settings, question): (&Settings, &Question),
    fault: &Fault,
    words: &str,
) -> Result<(), Stop> {
    let tell = async || Ok(reply::tell(host, settings, question, words).await?);
    let told = steps.step("tell", LAST_WAY, tell).await;
    match told {
        Err(Stop::Aborted) => return Err(Stop::Aborted),
        Err(Stop::Failed(untold)) => {
            host.log(&Event::AskerNotTold { job: question.id.clone(), fault: untold });
        }
        Ok(()) => {}
    }
    steps
        .step("fail", STORE, async || {
            jobs::fail(host, &question.id, fault).await?;
            host.log(&Event::JobFailed { job: question.id.clone(), fault: fault.clone() });
            Ok(())
        })
        .await
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
