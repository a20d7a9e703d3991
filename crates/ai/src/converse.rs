//! The bounded loop of one question: model, tools, model, … answer.
//!
//! `machine.rs` decides; this file only carries its wishes out, each as a durable step:
//!
//! | Step | Effect | Stored | Why it may run twice |
//! | --- | --- | --- | --- |
//! | `think:n` | one call of one model | [`Turn`], failed or not | costs again, changes nothing |
//! | `tools:n` | the tool calls that `think:n` asked for | [`ToolRound`] | tools only read |
//!
//! A model that fails is no failed step: what follows is the machine's to decide, and has to be the
//! same when the job is replayed. Everything between the steps is pure and runs again on replay.

use core::time::Duration;

use crate::agent_loop::{AgentLoop, Next, Plan, Thought};
use crate::attempt::Attempt;
use crate::fallback::Candidate;
use crate::preview::{Preview, shown_while};
use crate::protocols;
use crate::protocols::ModelRequest;
use crate::tools::Tool;
use crate::{Answer, ToolRound, Turn, breaker, fallback, prices, prompt, tools};
use miyabi_core::config::Settings;
use miyabi_core::event::Event;
use miyabi_core::fault::{Class, Fault, ModelError};
use miyabi_core::ids::{JobId, Millis};
use miyabi_core::json;
use miyabi_core::ports::{Ai, Clock, Http, Log, Policy, Sql, Steps, Stop};

/// Policy of a model call: a wait that a limit names, and the call.
///
/// Failures of models are results, so a retry only follows an isolate that went away.
pub const THINK: Policy =
    Policy { retries: 3, delay: Duration::from_secs(1), timeout: Duration::from_mins(3) };

/// Longest model call: what a long answer of a large model takes, twice over.
const CALL: Duration = Duration::from_secs(110);

/// Policy of a round of tools.
///
/// Failures of tools are results, so a retry only follows an isolate that went away. A round stops
/// itself well before the minute, see [`tools::ROUND_BUDGET`].
pub const TOOLS: Policy =
    Policy { retries: 2, delay: Duration::from_secs(1), timeout: Duration::from_mins(1) };

/// Age of a question from which on no model is asked any more: an answer would come too late for the
/// interaction's 15 minutes, or when the watchdog has told the asker already.
const LATEST_MS: u64 = 9 * 60 * 1000;

/// Whose question it is, and what may be spent on it.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// Job.
    pub job: &'a JobId,
    /// When it was asked.
    pub asked: Millis,
    /// Question.
    pub question: &'a str,
    /// Most that it may cost, in nano-dollars; `None` for no bound.
    pub granted: Option<u64>,
    /// Vendors whose allowance is used up.
    pub closed: &'a [String],
}

/// What was asked of models on the way to an answer, or to none. By default, nothing.
#[derive(Debug, Default)]
pub struct Talk {
    /// Every model call that ended, failed ones too.
    pub attempts: Vec<Attempt>,
    /// Whether a preview may still be under way, and arrive after whatever follows.
    pub is_unclear: bool,
}

/// Answers a question, and returns what was asked of models for that, also when there is no answer.
///
/// At most five rounds and one repeated empty answer, so six answers of models, and twelve failures
/// between them.
///
/// # Errors
/// - [`Stop::Failed`] when no model answered. A round of tools that failed for good is no error: the
///   model goes on without its results.
/// - [`Stop::Aborted`] when the engine ends this generation of the job.
///
/// # Repeats
/// Steps that finished are not run again; see the table above.
pub async fn answer(
    host: &(impl Ai + Http + Clock + Log + Sql),
    steps: &impl Steps,
    settings: &Settings,
    run: Run<'_>,
    preview: &impl Preview,
) -> (Result<Answer, Stop>, Talk) {
    let mut machine = AgentLoop::new(run.question, plan(settings, run));
    let outcome = converse(host, steps, (settings, run), preview, &mut machine).await;
    let is_unclear = machine.is_unclear();
    (outcome, Talk { attempts: machine.into_attempts(), is_unclear })
}

async fn converse(
    host: &(impl Ai + Http + Clock + Log + Sql),
    steps: &impl Steps,
    (settings, run): (&Settings, Run<'_>),
    preview: &impl Preview,
    machine: &mut AgentLoop,
) -> Result<Answer, Stop> {
    let mut next = machine.begin_round();
    loop {
        next = match next {
            Next::Think(thought) => {
                let name = format!("think:{}", thought.ordinal);
                let work = async || think(host, settings, run, preview, &thought).await;
                machine.take_turn(steps.step(&name, THINK, work).await?)
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
            // No platform can ask a person yet, and none of today's tools needs one.
            Next::AskPerson { .. } => machine.take_decision(false),
            Next::Finish(answer) => return Ok(answer),
            Next::Fail(error) => return Err(Stop::Failed(error.into())),
        }
    }
}

/// Returns what a run may do.
fn plan(settings: &Settings, run: Run<'_>) -> Plan {
    let candidate = |model: &miyabi_core::config::models::Model| {
        let price = prices::price_of(&model.id);
        Candidate {
            id: model.id.clone(),
            vendor: model.vendor.name,
            context: price.as_ref().map_or(prompt::CONTEXT_TOKENS, |price| price.context),
            price,
        }
    };
    Plan {
        models: settings.models.iter().map(candidate).collect(),
        max_tokens: settings.max_tokens,
        granted: run.granted,
        closed: run.closed.to_vec(),
        tools_tokens: Tool::ALL.map(declared_tokens).into_iter().fold(0, u32::saturating_add),
        needs_person: Tool::needs_person,
    }
}

/// Returns about what a tool's declaration takes.
fn declared_tokens(tool: Tool) -> u32 {
    let texts = [tool.name(), tool.description(), &json::to_text(&tool.schema())];
    texts.into_iter().map(prompt::estimate_tokens).fold(0, u32::saturating_add)
}

async fn think(
    host: &(impl Ai + Http + Clock + Log + Sql),
    settings: &Settings,
    run: Run<'_>,
    preview: &impl Preview,
    thought: &Thought,
) -> Result<Turn, Fault> {
    if age_ms(host, run) > LATEST_MS {
        return Err(ModelError::Late.into());
    }
    // The chain is shorter than it was when this run began.
    let Some(model) = settings.models.get(thought.model) else {
        return Err(ModelError::Closed.into());
    };
    if !thought.wait.is_zero() {
        host.sleep(thought.wait).await;
    }
    let streams = settings.is_streaming && protocols::can_stream(model, thought.offer);
    let request = ModelRequest {
        messages: &thought.messages,
        offer: thought.offer,
        max_tokens: thought.max_tokens,
        rejects_if_busy: thought.rejects_if_busy,
        streams,
        timeout: CALL,
    };
    let (said, is_unclear) = if streams {
        let call =
            async |grow: &dyn Fn(&str)| protocols::complete(host, model, &request, grow).await;
        shown_while(host, preview, call).await
    } else {
        (protocols::complete(host, model, &request, &|_text| {}).await, false)
    };
    match &said {
        Ok(completion) => host.log(&Event::RoundEnded {
            job: run.job.clone(),
            round: thought.ordinal,
            calls: completion.calls.len(),
            prompt_tokens: completion.usage.prompt_tokens,
            completion_tokens: completion.usage.completion_tokens,
        }),
        Err(failure) => {
            let (vendor, class, code) = (model.vendor.name, failure.class, failure.code);
            let fault = ModelError::Refused { vendor, class, code }.into();
            let (job, model) = (run.job.clone(), model.id.clone());
            host.log(&Event::ModelFailed { job, round: thought.ordinal, model, fault });
            if class == Class::Quota {
                // If it cannot be remembered, the next job finds out by itself.
                drop(
                    breaker::open(host, vendor, fallback::closed_until_s(vendor, host.now())).await,
                );
            }
        }
    }
    Ok(Turn { said, model: model.id.clone(), at_ms: age_ms(host, run), is_unclear })
}

fn age_ms(host: &impl Clock, run: Run<'_>) -> u64 {
    host.now().0.saturating_sub(run.asked.0)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
