//! The bounded loop of one question: model, tools, model, … answer.
//!
//! `machine.rs` decides; this file only carries its wishes out, each as a durable step:
//!
//! | Step | Effect | Stored | Why it may run twice |
//! | --- | --- | --- | --- |
//! | `think:n` | one model call | [`Completion`] | costs again, changes nothing |
//! | `tools:n` | the tool calls that `think:n` asked for | [`ToolRound`] | tools only read |
//!
//! Everything between the steps is pure and runs again on replay.

use core::time::Duration;

use crate::ai::machine::{Machine, Next, Thought};
use crate::ai::{Answer, Completion, ToolRound, providers, tools};
use crate::config::Settings;
use crate::event::Event;
use crate::fault::{Class, Fault, ModelError, Retry};
use crate::host::{Ai, Clock, Http, Log, Policy, Steps, Stop};
use crate::ids::{JobId, Millis};

/// Policy of a model call.
///
/// Waits of 1, 2 and 4 seconds outlast a moment without capacity, and keep a question that cannot
/// be answered from waiting longer than the asker does. Two minutes are what a long answer of a
/// large model takes, twice over.
pub const THINK: Policy =
    Policy { retries: 3, delay: Duration::from_secs(1), timeout: Duration::from_mins(2) };

/// Policy of a round of tools.
///
/// Failures of tools are results, so a retry only follows an isolate that went away. A round stops
/// itself well before the minute, see [`tools::ROUND_BUDGET`].
pub const TOOLS: Policy =
    Policy { retries: 2, delay: Duration::from_secs(1), timeout: Duration::from_mins(1) };

/// Age of a question from which on no model is asked any more: an answer would come too late for the
/// interaction's 15 minutes, or when the watchdog has told the asker already.
const LATEST_MS: u64 = 9 * 60 * 1000;

/// Answers a question.
///
/// At most five rounds and one repeated empty answer: six model calls.
///
/// # Errors
/// - [`Stop::Failed`] when a model call failed for good. A round of tools that failed for good is
///   no error: the model goes on without its results.
/// - [`Stop::Aborted`] when the engine ends this life of the job.
///
/// # Repeats
/// Steps that finished are not run again; see the table above.
pub async fn answer(
    host: &(impl Ai + Http + Clock + Log),
    steps: &impl Steps,
    settings: &Settings,
    (job, asked): (&JobId, Millis),
    question: &str,
) -> Result<Answer, Stop> {
    let mut machine = Machine::new(question, settings.max_tokens);
    let mut next = machine.begin_round();
    loop {
        next = match next {
            Next::Think(thought) => {
                let name = format!("think:{}", thought.ordinal);
                let work = async || think(host, settings, (job, asked), &thought).await;
                machine.take_completion(steps.step(&name, THINK, work).await?)
            }
            Next::UseTools { ordinal, calls } => {
                let name = format!("tools:{ordinal}");
                let work = async || Ok(tools::run_round(host, settings, &calls).await);
                let round: ToolRound = match steps.step(&name, TOOLS, work).await {
                    Ok(round) => round,
                    Err(Stop::Failed(_)) => ToolRound::default(),
                    Err(Stop::Aborted) => return Err(Stop::Aborted),
                };
                machine.take_results(&round.results)
            }
            Next::Finish(answer) => return Ok(answer),
        }
    }
}

async fn think(
    host: &(impl Ai + Http + Clock + Log),
    settings: &Settings,
    (job, asked): (&JobId, Millis),
    thought: &Thought,
) -> Result<Completion, Fault> {
    if host.now().0.saturating_sub(asked.0) > LATEST_MS {
        return Err(ModelError::Late.into());
    }
    let model = settings.models.first().ok_or(ModelError::Late)?;
    let request = providers::Request {
        messages: &thought.messages,
        offer: thought.offer,
        max_tokens: settings.max_tokens,
        rejects_if_busy: false,
        streams: false,
        timeout: THINK.timeout,
    };
    let completion = providers::complete(host, model, &request, &|_text| {}).await;
    let completion = completion.map_err(|failure| {
        let passes = [Class::RateLimit, Class::Busy, Class::Transient, Class::Truncated]
            .contains(&failure.class);
        let retry = if passes { Retry::Backoff } else { Retry::Never };
        Fault { retry, ..failure.error(model.vendor.name).into() }
    })?;
    host.log(&Event::RoundEnded {
        job: job.clone(),
        round: thought.ordinal,
        calls: completion.calls.len(),
        prompt_tokens: completion.usage.prompt_tokens,
        completion_tokens: completion.usage.completion_tokens,
    });
    Ok(completion)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
