//! Transports for this crate's tests.

use miyabi_channels::discord::place::{Place, Rights};
use miyabi_channels::discord::transport::Discord;
use miyabi_core::config::Settings;
use miyabi_core::ports::Stop;
use miyabi_core::question::Question;
use miyabi_core::transport::Transport as _;
use miyabi_testing::{Fake, Journal, settings};

use crate::jobs::{self, Saving};
use crate::lease::{ANSWER, Leases, QUESTION};
use crate::{Job, JobContext, workflow};
use miyabi_ai::Attempt;
use miyabi_core::fault::Fault;

/// Returns Discord in the fake world.
pub(crate) fn discord(world: &Fake) -> Discord<Fake> {
    Discord::new(world.clone(), settings().discord)
}

/// Sets what may be done in the channel of a question.
pub(crate) fn set_rights(question: &mut Question, new: Rights) {
    let mut place = Place::of(question);
    if let Place::Channel { rights, .. } = &mut place {
        *rights = new;
    }
    question.place = place.to_text();
}

/// Returns the platforms of the fake world: Discord.
pub(crate) fn platforms(world: &Fake) -> impl Fn(&str) -> Option<Discord<Fake>> {
    let discord = discord(world);
    move |platform| (platform == discord.name()).then(|| discord.clone())
}

/// Runs a job's Workflow on Discord in the fake world.
pub(crate) async fn run_job(
    host: &Fake,
    steps: &Journal,
    settings: &Settings,
    job: &Job,
) -> Result<(), Stop> {
    let transport = &discord(host).of_question(&job.question);
    Box::pin(workflow::run(JobContext { host, steps, transport, settings, job })).await
}

/// Saves an answer as the flow does where the channel can be read, and returns the one that is fixed.
pub(crate) async fn saved(
    host: &Fake,
    (job, leases): (&Job, &Leases),
    answer: &str,
    attempts: &[Attempt],
) -> Result<Option<String>, Fault> {
    let first_chunks = &[QUESTION, ANSWER];
    let saving = Saving {
        job,
        leases,
        first_chunks,
        answer,
        attempts,
        has_buttons: false,
        tools: None,
        lookup: None,
    };
    jobs::save_answer(host, saving).await.map(|(saved, _rows)| saved)
}
