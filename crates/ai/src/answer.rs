//! The driver of the agent loop: it carries out what the loop decides, each model call as a durable step.
//!
//! | Step | Effect | Stored | Why it may run twice |
//! | --- | --- | --- | --- |
//! | `list_tools` | asks MCP servers for their tools, if there are any | [`McpTool`]s | reads only |
//! | `ask_person:n`, `await_person:n` | a person is asked, if a call needs that | see [`errands::Errands`] | see there |
//! | `preview-wait:n` | none: where a preview had no response, it is waited for before a person is asked | | sleeps |
//! | `think:n` | the tools that `think:n-1` asked for, and then one call of one model | [`Turn`] | what a tool does has a key of its own ([`errands`]), the others only read; a model call costs again, and changes nothing |
//!
//! Tools that failed and models that failed are results and no failed steps: what follows is for the
//! agent loop to decide, and has to be the same when the job is replayed. So the results of tools are
//! stored also where the model call after them failed, and are not fetched again for the next model.
//! Everything between the steps is pure and runs again on replay.

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};

pub use self::run::{Run, RunRecord};
pub use self::trace::ToolTrace;

use crate::agent_loop::{AgentLoop, Next, Plan, PlannedCall};
use crate::background;
use crate::fallback::Candidate;
use crate::files;
use crate::history;
use crate::mcp::{self, McpTool};
use crate::preview::{self, Preview, UNDER_WAY};
use crate::protocols::{self, ModelRequest};
use crate::tools::errands::{self, Desk, Errands};
use crate::tools::{Requests, Seen, Tool, ToolContext};
use crate::{
    Answer, Completion, Failure, Message, ModelCall, ToolCall, ToolOutcome, ToolRound, Turn,
    breaker, prices, prompt, tools,
};
use miyabi_core::config::models::Model;
use miyabi_core::config::{Pages, Settings};
use miyabi_core::conversation::StepState;
use miyabi_core::event::Event;
use miyabi_core::fault::{Class, Fault, ModelError};
use miyabi_core::ports::{Ai, Cache, Clock, Files, Http, Log, Policy, Sql, Steps, Stop};

mod run;
mod trace;

/// Policy of a `think` step: a round of tools or a wait that a rate limit names, and a model call.
///
/// Failures of tools and of models are results, so a retry only follows an isolate that went away.
pub const THINK: Policy =
    Policy { retries: 3, delay: Duration::from_secs(1), timeout: Duration::from_mins(7) };

/// Longest model call: what a long answer of a large model takes, twice over.
const CALL_TIMEOUT: Duration = Duration::from_secs(110);

/// Longest call of a model on a server of one's own, which may load it first and run it on a processor.
const OWN_SERVER_TIMEOUT: Duration = Duration::from_mins(5);

/// Vendors whose models may run on a server of one's own. Workers AI ends calls that take too long itself
/// (3007 and 3046), and behind its binding a local model stands where `cargo xtask` was given one.
const OWN_SERVERS: [&str; 3] = ["ollama", "vllm", "workers-ai"];

/// Longest round of tools, each of which stops itself well before. Of a round that takes longer the model reads that the tools did not answer.
pub(crate) const TOOLS_TIMEOUT: Duration = Duration::from_mins(1);

/// Answers a question, and returns what was asked of models for that, also when there is no answer.
///
/// At most five rounds and one repeated empty answer: six answers of models, and twelve failures.
///
/// # Errors
/// - [`Stop::Failed`] when no model answered. Tools that fail are no error: the model reads that they
///   did.
/// - [`Stop::Aborted`] when the engine ends this generation of the job.
///
/// # Repeats
/// Steps that finished are not run again; see the table above.
pub async fn answer(
    host: &(impl Ai + Http + Files + Clock + Log + Sql + Cache),
    steps: &impl Steps,
    settings: &Settings,
    run: Run<'_>,
    (preview, errands): (&impl Preview, &impl Errands),
) -> (Result<Answer, Stop>, RunRecord) {
    // What others wrote might have the model tell an address of theirs what it knows of the asker.
    let closed = run.quotes_others().then(|| Settings {
        pages: Pages { is_on: false, ..settings.pages.clone() },
        web_search: None,
        mcp_servers: Vec::new(),
        ..settings.clone()
    });
    let settings = closed.as_ref().unwrap_or(settings);
    let mcp = match mcp::tools_of(host, steps, settings, run).await {
        Ok(tools) => tools,
        Err(stop) => return (Err(stop), RunRecord::default()),
    };
    let mut agent = AgentLoop::new(run.question, plan(settings, errands, &mcp, run))
        .about(run.quote, run.files)
        .after(run.background, run.history)
        .within(run.server);
    let caller = Caller { host, settings, mcp: &mcp, run, preview, errands };
    let mut tools = Vec::new();
    let outcome = drive(steps, &caller, &mut agent, &mut tools).await;
    let has_unconfirmed_preview = agent.has_unconfirmed_preview();
    let measured = agent.measured().cloned();
    let notes = agent.notes().to_vec();
    let image_prompt = agent.image_prompt().map(ToOwned::to_owned);
    let attempts = agent.into_attempts();
    let record =
        RunRecord { attempts, has_unconfirmed_preview, measured, notes, tools, image_prompt };
    (outcome, record)
}

async fn drive(
    steps: &impl Steps,
    caller: &Caller<
        '_,
        impl Ai + Http + Files + Clock + Log + Sql + Cache,
        impl Preview,
        impl Errands,
    >,
    agent: &mut AgentLoop,
    traces: &mut Vec<ToolTrace>,
) -> Result<Answer, Stop> {
    let mut next = if caller.run.is_stopped { agent.stop(None) } else { agent.begin_round() };
    // Until which age of the question a preview may arrive that had no response.
    let mut previewed_until_ms = 0;
    loop {
        next = match next {
            Next::CallModel(planned) => {
                let work = async || {
                    let call = caller.call_model(&planned).await?;
                    Ok(Turn { tools: None, call: Some(call) })
                };
                let turn = steps.step(&format!("think:{}", planned.ordinal), THINK, work).await?;
                previewed_until_ms = under_way_until(&turn).max(previewed_until_ms);
                agent.take_turn(turn)
            }
            Next::RunTools { ordinal, calls } => {
                let before = agent.clone();
                let work = async || caller.run_tools_and_call_model(&before, ordinal, &calls).await;
                let turn = steps.step(&format!("think:{ordinal}"), THINK, work).await?;
                traces.extend(turn.tools.iter().flat_map(|round| trace::of(&calls, round)));
                previewed_until_ms = under_way_until(&turn).max(previewed_until_ms);
                agent.take_turn(turn)
            }
            Next::AskPerson { ordinal, calls } => {
                let acts = caller.acts(agent, &calls);
                // It would take the place of the question, with its buttons.
                let left_ms = previewed_until_ms.saturating_sub(agent.at_ms());
                if left_ms > 0 && !acts.is_empty() && caller.errands.can_ask() {
                    let left = Duration::from_millis(left_ms);
                    steps.sleep(&format!("preview-wait:{ordinal}"), left).await?;
                }
                caller.ask_person(agent, ordinal, &acts).await?;
                agent.take_decision()
            }
            Next::Finish(answer) => return Ok(answer),
            Next::Fail(error) => return Err(Stop::Failed(error.into())),
        }
    }
}

/// Returns until which age of the question a preview of this turn may arrive; 0 where each had a response.
fn under_way_until(turn: &Turn) -> u64 {
    let call = turn.call.as_ref().filter(|call| call.has_unconfirmed_preview);
    let under_way_ms = u64::try_from(UNDER_WAY.as_millis()).unwrap_or(0);
    call.map_or(0, |call| call.at_ms.saturating_add(under_way_ms))
}

/// Returns how many tokens may be taken by what was said before: what the first model has room for.
pub fn history_tokens(settings: &Settings) -> u32 {
    let context = settings.models.first().map_or(prompt::CONTEXT_TOKENS, context_tokens);
    history::budget_tokens(settings.max_tokens, context)
}

/// Returns how many tokens may be taken by what a person has had remembered, of the first model.
pub fn facts_tokens(settings: &Settings) -> u32 {
    let context = settings.models.first().map_or(prompt::CONTEXT_TOKENS, context_tokens);
    background::facts_tokens(settings.max_tokens, context)
}

pub(crate) fn context_tokens(model: &Model) -> u32 {
    prices::price_of(&model.id).map_or(prompt::CONTEXT_TOKENS, |price| price.context)
}

/// Returns what a run may do.
fn plan(settings: &Settings, errands: &impl Errands, mcp: &[McpTool], run: Run<'_>) -> Plan {
    let candidate = |model: &Model| {
        let price = prices::price_of(&model.id);
        Candidate {
            id: model.id.clone(),
            vendor: model.vendor.name,
            context: context_tokens(model),
            price,
        }
    };
    Plan {
        models: settings.models.iter().map(candidate).collect(),
        max_tokens: settings.max_tokens,
        granted: run.granted,
        closed: run.closed.to_vec(),
        tools_tokens: files::images_tokens(run.files).saturating_add(declared_tokens(
            &errands::offered(settings, errands, &[], run.reads_others()),
            mcp,
        )),
        needs_person: tools::needing_person(mcp),
    }
}

/// Returns how long a call of this vendor's models may take for a question of this age: no longer than one
/// that begins at the last moment.
fn call_timeout(vendor: &str, latest: Duration, age_ms: u64) -> Duration {
    let longest = if OWN_SERVERS.contains(&vendor) { OWN_SERVER_TIMEOUT } else { CALL_TIMEOUT };
    let age = Duration::from_millis(age_ms);
    let left = latest.saturating_sub(age).saturating_add(CALL_TIMEOUT);
    longest.min(left)
}

/// Returns about what the declarations of the tools take.
fn declared_tokens(own: &[Tool], mcp: &[McpTool]) -> u32 {
    let declared = |name: &str, description: &str, schema: &serde_json::Value| {
        let texts = [name, description, &schema.to_string()];
        texts.into_iter().map(prompt::estimate_tokens).fold(0, u32::saturating_add)
    };
    let own = own.iter().map(|tool| declared(tool.name(), tool.description(), &tool.schema()));
    let mcp = mcp.iter().map(|tool| declared(&tool.name, &tool.description, &tool.schema));
    own.chain(mcp).fold(0, u32::saturating_add)
}

/// What the effects of a `think` step need.
struct Caller<'a, H, P, E> {
    host: &'a H,
    settings: &'a Settings,
    mcp: &'a [McpTool],
    run: Run<'a>,
    preview: &'a P,
    errands: &'a E,
}

impl<H: Ai + Http + Files + Clock + Log + Sql + Cache, P: Preview, E: Errands> Caller<'_, H, P, E> {
    /// Runs a round of tools, and calls the model that `before` asks next when it has their results.
    async fn run_tools_and_call_model(
        &self,
        before: &AgentLoop,
        ordinal: u32,
        calls: &[ToolCall],
    ) -> Result<Turn, Fault> {
        self.check_time()?;
        let tools = trace::names(calls);
        // Whoever was asked may have wanted no answer in place of deciding: then nothing runs, and no model is asked.
        let is_wanted = !before.has_asked() || !self.preview.is_over().await;
        let round = async {
            if is_wanted { self.run_tools(before, calls).await } else { ToolRound::default() }
        };
        let round =
            preview::beside(self.preview, (ordinal, &tools, StepState::Running), round).await;
        let has_done = round.results.iter().any(|result| result.outcome == ToolOutcome::Done);
        let state = if has_done { StepState::Done } else { StepState::Failed };
        let call = async {
            match before.clone().take_results(&round.results) {
                Next::CallModel(planned) if !is_wanted => Ok(self.unsent(&planned)),
                Next::CallModel(planned) => self.call_model(&planned).await.map(Some),
                // The run ends here, such as for lack of money.
                Next::RunTools { .. }
                | Next::AskPerson { .. }
                | Next::Finish(_)
                | Next::Fail(_) => Ok(None),
            }
        };
        let call = preview::beside(self.preview, (ordinal, &tools, state), call).await?;
        Ok(Turn { tools: Some(round), call })
    }

    /// Returns those of these calls that would act: any other has its result without a person.
    fn acts(&self, before: &AgentLoop, calls: &[ToolCall]) -> Vec<errands::Act> {
        let (host, settings, mcp) = (self.host, self.settings, self.mcp);
        let (requests, seen) = (Requests::after(before.tool_requests()), self.seen(before));
        let context = ToolContext { host, settings, requests: &requests, seen: &seen, mcp };
        let offered = self.offered(before.messages());
        calls.iter().filter_map(|call| tools::act_of(context, &offered, call)).collect()
    }

    /// Asks a person about calls that would act.
    async fn ask_person(
        &self,
        before: &AgentLoop,
        ordinal: u32,
        acts: &[errands::Act],
    ) -> Result<(), Stop> {
        let has_read =
            self.run.reads_others() || before.messages().iter().any(errands::is_of_strangers);
        self.errands.ask_person(ordinal, acts, has_read).await
    }

    /// Returns what may be sent out.
    fn seen<'s>(&'s self, before: &'s AgentLoop) -> Seen<'s> {
        Seen::asked(self.run.question, self.run.history)
            .told(before.messages())
            .about_message(self.run.reads_others())
            .with_facts(!self.run.background.facts.is_empty())
    }

    async fn run_tools(&self, before: &AgentLoop, calls: &[ToolCall]) -> ToolRound {
        let requests = Requests::after(before.tool_requests());
        let (host, settings, mcp) = (self.host, self.settings, self.mcp);
        let seen = self.seen(before);
        let context = ToolContext { host, settings, requests: &requests, seen: &seen, mcp };
        let desk = Desk {
            errands: self.errands,
            offered: self.offered(before.messages()),
            made: before.calls_made().collect(),
        };
        let round = pin!(tools::run_round(context, &desk, calls));
        match select(round, pin!(self.host.sleep(TOOLS_TIMEOUT))).await {
            Either::Left((round, _)) => round,
            Either::Right(_) => ToolRound { results: Vec::new(), requests: requests.sent() },
        }
    }

    /// Returns the tools that a model may call which has read these messages.
    fn offered(&self, messages: &[Message]) -> Vec<Tool> {
        errands::offered(self.settings, self.errands, messages, self.run.reads_others())
    }

    async fn call_model(&self, planned: &PlannedCall) -> Result<ModelCall, Fault> {
        self.check_time()?;
        // There may be fewer models than when this run began.
        let Some(model) = self.settings.models.get(planned.model) else {
            return Err(ModelError::Closed.into());
        };
        if !planned.wait.is_zero() {
            self.host.sleep(planned.wait).await;
        }
        let offered = self.offered(&planned.messages);
        let images = files::image::shown(self.host, self.settings, &model.id, self.run).await;
        let request = ModelRequest {
            messages: &planned.messages,
            images: &images,
            offer: planned.offer,
            tools: &offered,
            mcp: self.mcp,
            max_tokens: planned.max_tokens,
            rejects_if_busy: planned.rejects_if_busy,
            streams: self.settings.is_streaming && protocols::can_stream(model, planned.offer),
            timeout: call_timeout(model.vendor.name, self.run.latest, self.age_ms()),
        };
        let call = async |on_text: &dyn Fn(&str)| {
            let ended = self.preview.ended();
            protocols::complete_until(self.host, model, &request, on_text, ended).await
        };
        let ((result, is_stopped), has_unconfirmed_preview) = if request.streams {
            preview::show_while(self.host, self.preview, call).await
        } else {
            (call(&|_text| {}).await, false)
        };
        if !is_stopped {
            self.report(planned, model, &result).await;
        }
        let (model, at_ms) = (model.id.clone(), self.age_ms());
        Ok(ModelCall { model, result, at_ms, has_unconfirmed_preview, is_stopped })
    }

    /// Returns a model call that nobody wants any more: it was never sent, so nothing of it is booked.
    fn unsent(&self, planned: &PlannedCall) -> Option<ModelCall> {
        let model = self.settings.models.get(planned.model)?.id.clone();
        let (result, at_ms) = (Err(Failure::new(Class::Busy, 0)), self.age_ms());
        Some(ModelCall { model, result, at_ms, has_unconfirmed_preview: false, is_stopped: true })
    }

    /// Logs what became of a model call, and closes a vendor whose allowance is used up.
    async fn report(
        &self,
        planned: &PlannedCall,
        model: &Model,
        result: &Result<Completion, Failure>,
    ) {
        let (job, round) = (self.run.job.clone(), planned.ordinal);
        let failure = match result {
            Ok(Completion { calls, usage, .. }) => {
                return self.host.log(&Event::RoundEnded {
                    job,
                    round,
                    calls: calls.len(),
                    prompt_tokens: usage.prompt_tokens,
                    completion_tokens: usage.completion_tokens,
                });
            }
            Err(failure) => failure,
        };
        let fault = failure.error(model.vendor.name).into();
        breaker::failed(self.host, (&job, round), model, (failure.class, fault)).await;
    }

    fn age_ms(&self) -> u64 {
        self.host.now().0.saturating_sub(self.run.asked.0)
    }

    /// Fails when a model's answer would come too late.
    fn check_time(&self) -> Result<(), Fault> {
        let age = Duration::from_millis(self.age_ms());
        if age > self.run.latest { Err(ModelError::Late.into()) } else { Ok(()) }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
