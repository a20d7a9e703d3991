//! Transports for this crate's tests.

use miyabi_channels::discord::transport::Discord;
use miyabi_core::config::Settings;
use miyabi_core::ports::Stop;
use miyabi_testing::{Fake, Journal, settings};

use crate::{Job, JobContext, workflow};

/// Returns Discord in the fake world.
pub(crate) fn discord(world: &Fake) -> Discord<Fake> {
    Discord::new(world.clone(), settings().discord)
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
