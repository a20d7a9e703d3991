//! One seed's world, composed of its services, and the program's host in it.

use std::rc::{Rc, Weak};

use miyabi_app::conversation::INTERRUPTED_MS;
use miyabi_core::config::Settings;

use crate::base::actor::Actor;
use crate::base::hooks::Hooks;
use crate::base::plan::Plan;
use crate::base::plant::Plant;
use crate::base::record::is_terminal;
use crate::base::run::Run;
use crate::base::shared::{START_MS, Shared};
use crate::base::trace::Trace;
use crate::services::cron::{Cron, MINUTE_MS};
use crate::services::database::Database;
use crate::services::discord::{self, Discord};
use crate::services::engine::Engine;
use crate::services::model::Model;
use crate::services::objects::Objects;
use crate::services::outside::Outside;
use crate::services::people::{People, Platforms};
use crate::services::plain::Plain;
use crate::services::queue::Queue;
use crate::services::readers::Readers;
use crate::services::store::Store;
use crate::settings;

/// Faults come so long after the last question; from then on everything has to end.
const FAULTS_MS: u64 = 16 * MINUTE_MS + 30_000;
/// And so long after that the seed is over.
const REST_MS: u64 = 6 * MINUTE_MS;

/// How a seed is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Bug to plant.
    pub plant: Option<Plant>,
    /// Whether to keep the trace.
    pub keeps_lines: bool,
}

/// The world of one seed.
#[derive(Debug)]
pub struct World {
    /// Clock, chance, trace and record.
    pub shared: Rc<Shared>,
    /// The program's settings.
    pub settings: Settings,
    /// D1.
    pub store: Rc<Store>,
    /// Workflow instances.
    pub engine: Rc<Engine>,
    /// The queue.
    pub queue: Rc<Queue>,
    /// The cron trigger.
    pub cron: Rc<Cron>,
    /// The model.
    pub model: Rc<Model>,
    /// A server of tools outside.
    pub outside: Outside,
    /// Discord.
    pub discord: Rc<Discord>,
    /// The chats of messengers.
    pub plain: Rc<Plain>,
    /// Conversations.
    pub objects: Rc<Objects>,
    /// Who reads in them.
    pub readers: Rc<Readers>,
    /// Who asks.
    pub people: Rc<People>,
    this: Weak<Self>,
}

impl World {
    /// Draws the world of a seed.
    pub fn draw(seed: u64, options: Options, database: &Rc<Database>) -> Rc<Self> {
        let (drawn, rng) = Plan::of(seed);
        let channels = discord::State::draw(&rng, &drawn);
        let trace = Trace::new(options.keeps_lines, START_MS);
        let settings = settings::settings(drawn.model.streams, drawn.model.acts > 0);
        trace.note(START_MS, "seed", "plan", || format!("{seed}: {drawn:?}"));
        let shared = Rc::new(Shared::new(rng, drawn, options.plant, trace));
        let discord = Rc::new(Discord::new(&shared, channels));
        let plain = Rc::new(Plain::new(&shared, shared.plan.messenger));
        let model = Rc::new(Model::new(&shared));
        let objects = Rc::new(Objects::new(&shared));
        let readers = Rc::new(Readers::new(&shared, &objects));
        let platforms = Platforms { discord: Rc::clone(&discord), plain: Rc::clone(&plain) };
        let world = Rc::new_cyclic(|this| Self {
            settings,
            store: Rc::new(Store::new(&shared, database)),
            engine: Rc::new(Engine::new(&shared)),
            queue: Rc::new(Queue::new(&shared)),
            cron: Rc::new(Cron::new(&shared)),
            people: Rc::new(People::new(&shared, platforms, &model, &readers)),
            model,
            outside: Outside::new(&shared),
            discord,
            plain,
            objects,
            readers,
            shared,
            this: Weak::clone(this),
        });
        let hooks: Weak<dyn Hooks> = world.this.clone();
        world.shared.set_hooks(hooks);
        world
    }

    /// Returns the world as what its runs own; `None` when the seed is over.
    pub(crate) fn this(&self) -> Option<Rc<Self>> {
        self.this.upgrade()
    }

    /// Sets everything that happens by itself, and returns when the seed is over.
    pub fn begin(&self) -> u64 {
        self.people.begin();
        let last_ms = self.people.last_ms();
        self.shared.fault_free_from_ms.set(last_ms + FAULTS_MS);
        let outages = self.shared.plan.outages.iter();
        let outage_ms = outages.map(|outage| START_MS + outage.to_ms).max();
        self.cron.begin();
        self.discord.disturb();
        // A reminder may become a job when faults have held it up for long.
        let reminds_ms = if self.shared.plan.model.reminds > 0 { FAULTS_MS } else { 0 };
        (last_ms + FAULTS_MS).max(outage_ms.unwrap_or(0)) + REST_MS + reminds_ms
    }

    /// Returns whether a reminder waits, or its job has not ended.
    fn has_reminders(&self) -> bool {
        let sql = "SELECT 1 FROM reminders LEFT JOIN jobs ON jobs.id = reminders.id
          WHERE reminders.state = 'WAITING' OR jobs.status IN ('PENDING', 'PROCESSING')";
        self.shared.plan.model.reminds > 0
            && self.store.database.query(sql, &[]).is_ok_and(|rows| !rows.is_empty())
    }

    /// Returns whether nothing is left to happen but the watchdog's rounds.
    pub fn is_quiet(&self) -> bool {
        let executor = &self.shared.executor;
        if executor.tasks() > 0 || self.engine.is_busy() || self.queue.is_busy() {
            return false;
        }
        if executor.now() < self.people.last_ms() || self.has_reminders() {
            return false;
        }
        let (now_ms, record) = (executor.now(), self.shared.record.borrow());
        self.people.asks().iter().all(|ask| {
            let is_over = |age_ms: u64| now_ms > ask.asked_ms + age_ms;
            let conversation = ask.question.conversation.as_deref();
            let is_open = || conversation.is_some_and(|name| self.objects.has_open(name, &ask.id));
            is_over(60_000)
                && record.status(&ask.id).is_none_or(is_terminal)
                && (is_over(INTERRUPTED_MS + 60_000) || !is_open())
        })
    }
}

/// The program's host in this world: the ports, for one run. Clones are the same run.
#[derive(Debug, Clone)]
pub struct Sim {
    /// World.
    pub world: Rc<World>,
    /// Run.
    pub run: Run,
}

impl Sim {
    /// Returns the host of a new run.
    pub fn new(world: &Rc<World>, actor: Actor) -> Self {
        Self { world: Rc::clone(world), run: Run::new(&world.shared, actor) }
    }
}
