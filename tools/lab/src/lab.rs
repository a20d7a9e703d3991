//! Puts the services together: their states, the fault rules, and what the lab is told from outside.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::ai::{self, Ai, Cue};
use crate::chaos::{Chaos, Random};
use crate::client::Client;
use crate::discord::{self, Discord};
use crate::faults::{Fault, Rules};
use crate::http::Inbound;
use crate::jobs::Job;
use crate::record::Record;
use crate::route::Route;
use crate::slack::{self, Slack};
use crate::telegram::{self, Telegram};
use crate::vendors::{self, Vendors};
use crate::watched::{Changes, Watched};
use crate::whatsapp::{self, WhatsApp};
use crate::{pages, search, weather};

/// The running lab.
///
/// Who holds several locks takes them in this order: faults, record, Discord, Telegram, Slack, WhatsApp.
#[derive(Debug)]
pub(crate) struct Lab {
    /// Base URL.
    pub(crate) base: String,
    /// Counts the changes of all states below.
    pub(crate) changes: Changes,
    pub(crate) record: Arc<Record>,
    pub(crate) faults: Watched<Faults>,
    pub(crate) discord: Discord,
    pub(crate) telegram: Telegram,
    pub(crate) slack: Slack,
    pub(crate) whatsapp: WhatsApp,
    pub(crate) ai: Ai,
    pub(crate) vendors: Vendors,
    pub(crate) outside: Watched<Outside>,
}

/// What goes wrong on request.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) rules: Rules<Cue>,
    pub(crate) chaos: Option<Chaos>,
    /// Decides about chaos.
    pub(crate) random: Random,
}

/// What the development server tells the lab, which cannot look into the Worker.
#[derive(Debug, Default)]
pub(crate) struct Outside {
    /// Jobs by their id.
    pub(crate) jobs: BTreeMap<String, Job>,
    /// The Worker's URL and state.
    pub(crate) worker: Value,
    /// Counts resets.
    pub(crate) epoch: u64,
}

impl Lab {
    /// A lab in its initial state.
    ///
    /// # Errors
    /// A copied description of an API cannot be used.
    pub(crate) fn new(model: Option<ai::Model>, base: &str) -> Result<Self, String> {
        let changes = Changes::default();
        let client = Client::default();
        let record = Arc::new(Record::new(&changes));
        let discord = Discord::new(base, client.clone(), Arc::clone(&record), &changes)?;
        let telegram = Telegram::new(client.clone(), Arc::clone(&record), &changes)?;
        let slack = Slack::new(base, client.clone(), Arc::clone(&record), &changes)?;
        let whatsapp = WhatsApp::new(base, client.clone(), Arc::clone(&record), &changes)?;
        Ok(Self {
            base: base.to_owned(),
            record,
            faults: Watched::new(&changes),
            discord,
            telegram,
            slack,
            whatsapp,
            ai: Ai::new(model, client, &changes),
            vendors: Vendors::new(&changes),
            outside: Watched::new(&changes),
            changes,
        })
    }

    /// Records a call that has arrived and decides what goes wrong with it.
    pub(crate) fn open(&self, route: &Route, inbound: &Inbound) -> (u64, Option<Fault<Cue>>) {
        let operation = route.operation();
        // One lock for both: faults of a seed meet the calls in the order of their numbers.
        let mut faults = self.faults.lock();
        let seq = self.record.open(operation, inbound);
        self.discord.expire_block();
        let fault = faults
            .rules
            .find(operation, inbound)
            .or_else(|| self.block(route))
            .or_else(|| faults.draw(route));
        if let (Some(call), Some(fault)) = (self.record.calls().get_mut(seq), &fault) {
            call.fault = Some(fault.to_record());
        }
        (seq, fault)
    }

    fn block(&self, route: &Route) -> Option<Fault<Cue>> {
        match route {
            Route::Discord(route) => self.discord.block(route),
            Route::Ai
            | Route::Telegram(_)
            | Route::Slack(_)
            | Route::WhatsApp(_)
            | Route::Markdown
            | Route::File(_)
            | Route::Page(_)
            | Route::Search(_)
            | Route::Vendor(_)
            | Route::Weather(_)
            | Route::Unknown => None,
        }
    }

    /// What `GET /lab/world` returns: everything that the Worker is configured with, secrets included.
    pub(crate) fn describe(&self) -> Value {
        let mut world = Map::from_iter([("url".to_owned(), json!(self.base))]);
        for part in [
            discord::world::describe(&self.base),
            telegram::world::describe(&self.base),
            slack::world::describe(&self.base),
            whatsapp::world::describe(&self.base),
            vendors::describe(&self.base),
            pages::describe(&self.base),
            search::describe(&self.base),
            weather::describe(&self.base),
        ] {
            if let Value::Object(fields) = part {
                world.extend(fields);
            }
        }
        Value::Object(world)
    }

    /// Returns to the initial state. Numbers keep counting, and the Worker stays known.
    pub(crate) fn reset(&self) {
        self.record.calls().clear();
        self.discord.state().reset();
        self.telegram.state().reset();
        self.slack.state().reset();
        self.whatsapp.state().reset();
        *self.ai.state() = ai::State::default();
        *self.vendors.config() = vendors::Config::default();
        {
            let mut faults = self.faults.lock();
            faults.rules.clear();
            faults.chaos = None;
        }
        let mut outside = self.outside.lock();
        outside.jobs.clear();
        outside.epoch += 1;
    }

    /// Every secret of the lab.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut secrets: Vec<String> = vendors::secrets().map(str::to_owned).collect();
        secrets.extend(search::secrets().map(str::to_owned));
        secrets.extend(self.whatsapp.state().secrets().map(str::to_owned));
        secrets.extend(self.slack.state().secrets().map(str::to_owned));
        secrets.extend(self.telegram.state().secrets().map(str::to_owned));
        secrets.extend(self.discord.state().secrets().map(str::to_owned));
        secrets.retain(|secret| !secret.is_empty());
        secrets
    }
}

impl Faults {
    /// A random fault of a call to Discord, Telegram, Slack, WhatsApp or a model.
    fn draw(&mut self, route: &Route) -> Option<Fault<Cue>> {
        let rate = self.chaos.as_ref()?.rate;
        let choose = match route {
            Route::Discord(_) => discord::chaos::fault,
            Route::Telegram(_) => telegram::chaos::fault,
            Route::Slack(_) => slack::chaos::fault,
            Route::WhatsApp(_) => whatsapp::chaos::fault,
            Route::Ai => ai::chaos::fault,
            Route::Vendor(_) => vendors::chaos::fault,
            Route::Markdown
            | Route::File(_)
            | Route::Page(_)
            | Route::Search(_)
            | Route::Weather(_)
            | Route::Unknown => {
                return None;
            }
        };
        let random = &mut self.random;
        random.chance(rate).then(|| choose(random).by("chaos"))
    }
}
