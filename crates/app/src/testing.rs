//! Transports for this crate's tests.

use miyabi_channels::discord::transport::Discord;
use miyabi_core::config::Settings;
use miyabi_core::ports::Stop;
use miyabi_core::transport::Transport as _;
use miyabi_testing::{Fake, Journal, settings};

use crate::{Job, JobContext, workflow};

/// Returns Discord in the fake world.
pub(crate) fn discord(world: &Fake) -> Discord<Fake> {
    Discord::new(world.clone(), settings().discord)
}

/// Returns the platforms of the fake world: Discord.
pub(crate) fn platforms(world: &Fake) -> impl Fn(&str) -> Option<Discord<Fake>> {
    let discord = discord(world);
    // A blank name is that of a row whose parameters cannot be read.
    move |platform| ["", discord.name()].contains(&platform).then(|| discord.clone())
}

/// Runs a job's Workflow on Discord in the fake world.
pub(crate) async fn run_job(
    host: &Fake,
    steps: &Journal,
    settings: &Settings,
    job: &Job,
) -> Result<(), Stop> {
    let transport = &discord(host);
    workflow::run(JobContext { host, steps, transport, settings, job }).await
}
