//! Configurations that the tests of routes and queues share.

use crate::channels::Channels;
use miyabi_app::JobContext;
use miyabi_app::workflow::run as run_job;
use miyabi_channels::discord::webhook_url::parse_webhook_url;
use miyabi_core::config::{Config, Environment, Settings};
use miyabi_core::job::{Job, from_params};
use miyabi_core::transport::Transports as _;
use miyabi_testing::{Death, Fake, Journal, public_key, run, settings};

/// An environment with these values and no binding.
struct Only(Vec<(&'static str, String)>);

impl Environment for Only {
    fn text(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }

    fn has_binding(&self, _: &str) -> bool {
        false
    }
}

/// Returns a complete configuration, without a token for the operator.
pub(crate) fn configured() -> Config {
    Config {
        public_key: Some(public_key()),
        environment: "test".to_owned(),
        operator_token: None,
        origins: Vec::new(),
        settings: Ok(settings()),
    }
}

/// Returns what is read from an environment that has these values only.
pub(crate) fn with_only(values: Vec<(&'static str, String)>) -> Config {
    Config::read(&Only(values), parse_webhook_url)
}

/// Returns what is read from an empty environment.
pub(crate) fn unconfigured() -> Config {
    with_only(Vec::new())
}

/// Returns a world that remembers what is said in conversations.
pub(crate) fn remembering() -> Fake {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        let live = miyabi_app::conversation::Live::default();
        miyabi_app::conversation::handle(store, &live, now, command)
    }));
    world
}

/// Runs the job that was started last; `None` if it died.
pub(crate) fn run_latest(world: &Fake, journal: &Journal, settings: &Settings) -> Option<()> {
    let (_, params) = world.started.borrow().last().cloned().expect("no job was started");
    let job: Job = from_params(&params).unwrap();
    let transport = &Channels { host: world, settings }.of(&job.question).unwrap();
    let context = JobContext { host: world, steps: journal, transport, settings, job: &job };
    run(run_job(context)).map(|ended| ended.unwrap())
}

/// Runs the job that was started last, which dies, and then once more; returns whether it died.
pub(crate) fn run_to_its_end(world: &Fake, death: Death, settings: &Settings) -> bool {
    run_on(world, death, settings, || {})
}

/// The same, with what happens between the death and the next run, or after the only one.
pub(crate) fn run_on(
    world: &Fake,
    death: Death,
    settings: &Settings,
    meanwhile: impl FnOnce(),
) -> bool {
    let journal = Journal::ordered(world, death.order);
    world.crash_at(death.effect, death.side);
    let died = run_latest(world, &journal, settings).is_none();
    world.restart();
    meanwhile();
    if died {
        run_latest(world, &journal, settings).unwrap();
    }
    died
}
