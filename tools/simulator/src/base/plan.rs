//! The plan of a seed: which faults it has, and how often.
//!
//! Each seed leaves out most kinds of faults and has more of the others, since faults that are always all
//! there hide each other. One seed in ten is fault-free, and then every question has to be answered.

use super::outage::{Outage, Service};
use super::rng::Rng;

/// How often each kind of fault comes, in a thousand calls, unless it says otherwise.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Nothing goes wrong at all.
    pub is_fault_free: bool,
    /// A program dies, per effect and side.
    pub crash: u64,
    /// How a Workflow fares.
    pub engine: EnginePlan,
    /// How the database fares.
    pub store: StorePlan,
    /// How conversations fare.
    pub objects: ObjectsPlan,
    /// How the queue and the cron trigger fare.
    pub queue: QueuePlan,
    /// How Discord fares.
    pub discord: DiscordPlan,
    /// How the platform fares that can only send.
    pub plain: PlainPlan,
    /// How people behave.
    pub people: PeoplePlan,
    /// How the model fares.
    pub model: ModelPlan,
    /// Times in which a service is away altogether.
    pub outages: Vec<Outage>,
}

/// How a Workflow fares.
#[derive(Debug, Clone, Default)]
pub struct EnginePlan {
    /// A start fails, before or after its effect.
    pub start_fails: u64,
    /// A start takes longer than anybody waits.
    pub start_hangs: u64,
    /// The engine does not say what became of an instance.
    pub state_fails: u64,
    /// Of crashes: the instance is over, or gone.
    pub loses: u64,
    /// Of crashes and starts: the instance looks alive and never goes on.
    pub zombies: u64,
    /// Of crashes: the instance goes on minutes later.
    pub pauses: u64,
    /// Of zombies: it does go on, much later.
    pub wakes: u64,
    /// Of steps: the engine fails at one, before, in or after its work.
    pub fails: u64,
    /// Kind of steps at which the engine fails half of the time; blank for none.
    pub fails_at: &'static str,
}

/// How the database fares.
#[derive(Debug, Clone, Default)]
pub struct StorePlan {
    /// A statement fails without an effect.
    pub fails_before: u64,
    /// A statement takes effect, and its answer is lost.
    pub fails_after: u64,
    /// A statement takes effect after its caller was told that it failed.
    pub late: u64,
    /// A statement takes seconds.
    pub slow: u64,
    /// Difference of the database's clock, in seconds.
    pub skew_s: i64,
}

/// How conversations fare, each an object of its own.
#[derive(Debug, Clone, Default)]
pub struct ObjectsPlan {
    /// A command fails without an effect.
    pub fails_before: u64,
    /// A command takes effect, and its reply is lost.
    pub fails_after: u64,
    /// A command takes effect after its sender was told that it failed.
    pub late: u64,
    /// A command takes seconds.
    pub slow: u64,
    /// A command fails in the middle of its statements.
    pub breaks: u64,
    /// The object loses its memory before a command.
    pub evicts: u64,
}

/// How the queue and the cron trigger fare.
#[derive(Debug, Clone, Default)]
pub struct QueuePlan {
    /// A message is not taken, or is and nobody knows.
    pub enqueue_fails: u64,
    /// A message comes twice.
    pub doubles: u64,
    /// A message comes minutes late.
    pub delays: u64,
    /// The trigger does not fire.
    pub misses: u64,
    /// The trigger fires twice at once.
    pub twice: u64,
}

/// How Discord fares.
#[derive(Debug, Clone, Default)]
pub struct DiscordPlan {
    /// No answer, before or after the effect.
    pub silent: u64,
    /// No answer, and the effect after the caller gave up.
    pub late: u64,
    /// 5xx, before or after the effect.
    pub broken: u64,
    /// 429 with a wait.
    pub limited: u64,
    /// 429 without any word.
    pub limited_unnamed: u64,
    /// 403 with code 40333, by whoever stands in front of Discord.
    pub fronted: u64,
    /// A look fails.
    pub blind: u64,
    /// Of answers: a moderator's rule refuses them in public.
    pub refused: u64,
    /// Of webhooks: somebody deletes it.
    pub deleted: u64,
    /// Of places: the application may do less than it was told.
    pub surprises: u64,
}

/// How the platform fares that can only send.
#[derive(Debug, Clone, Default)]
pub struct PlainPlan {
    /// No response, before or after the effect.
    pub silent: u64,
    /// No response, and the effect after the caller gave up.
    pub late: u64,
    /// A server error, before or after the effect.
    pub broken: u64,
    /// Too many requests, with or without a word about the wait.
    pub limited: u64,
    /// A message is refused for now.
    pub deferred: u64,
    /// The way to a chat is not found.
    pub unrouted: u64,
    /// Of answers: the platform refuses them for good.
    pub refused: u64,
    /// Of askers: they let the program send nothing any more.
    pub blocked: u64,
}

/// How people behave.
#[derive(Debug, Clone, Default)]
pub struct PeoplePlan {
    /// Of questions: it is asked on the platform that can only send.
    pub plain: u64,
    /// Of questions elsewhere: it is asked on the web.
    pub web: u64,
    /// Of questions on Discord: it is one of a conversation.
    pub remembers: u64,
    /// Of questions on Discord: the asker cancels all that they have asked.
    pub cancels: u64,
    /// Of questions on the web: the asker wants no more of the answer.
    pub stops: u64,
    /// Of questions: the asker has everything deleted that is kept of them.
    pub erases: u64,
    /// Of questions on the web: the asker deletes the conversation.
    pub deletes: u64,
    /// A question is delivered twice.
    pub doubles: u64,
    /// The asker dismisses "thinking…".
    pub dismisses: u64,
    /// Our acknowledgement is slow on its way.
    pub slow_acks: u64,
    /// A question is the same person's as the first.
    pub eager: u64,
    /// Of questions on Discord: somebody presses the button that has it answered once more; none in most seeds.
    pub regenerates: u64,
    /// Of questions whose words may be reminded of: the asker takes reminders back.
    pub withdraws: u64,
}

/// How the model fares.
#[derive(Debug, Clone, Default)]
pub struct ModelPlan {
    /// An error.
    pub fails: u64,
    /// No answer for minutes.
    pub hangs: u64,
    /// An answer after a minute or more.
    pub slow: u64,
    /// An answer of several messages.
    pub long: u64,
    /// A call of a tool.
    pub tools: u64,
    /// A call of a tool that acts outside; none in most seeds.
    pub acts: u64,
    /// A call of the tool that reminds; none in most seeds.
    pub reminds: u64,
    /// Of requests to the server of that tool: no response, before or after the effect.
    pub outside_fails: u64,
    /// Whether answers arrive piece by piece.
    pub streams: bool,
    /// A stream that breaks off.
    pub cuts: u64,
}

/// Kinds of the program's steps.
pub const STEPS: [&str; 21] = [
    "claim",
    "think",
    "route",
    "question",
    "draw",
    "save_answer",
    "answer",
    "settle",
    "reply",
    "confirm-wait",
    "confirm",
    "clear",
    "finish",
    "summarize",
    "notify_asker",
    "fail",
    "retract",
    "list_tools",
    "ask_person",
    "await_person",
    "put_aside",
];

/// So many of them are those of a usual job; behind them are those of one whose model may act outside, and the last is
/// that of one which a limit of hours has stopped.
const USUAL: usize = 17;

/// Those of a job without an answer: to come to them, the model fails.
const WITHOUT_ANSWER: [&str; 3] = ["notify_asker", "fail", "retract"];

/// Shares of the other questions that are asked on the web.
const WEB_SHARES: [u64; 4] = [0, 0, 300, 900];

/// Shares of the questions that are asked on the platform that can only send: none in every second seed.
const PLAIN_SHARES: [u64; 4] = [0, 0, 300, 600];

impl Plan {
    /// Returns the plan of a seed, and the chance of everything that happens in it.
    pub fn of(seed: u64) -> (Self, Rng) {
        let rng = Rng::new(seed);
        let drawn = Self::draw(&rng)
            .with_acts(&Rng::new(!seed))
            .with_wishes(&Rng::new(!seed.rotate_left(32)))
            .with_hours(&Rng::new(!seed.rotate_left(16)));
        (drawn, rng)
    }

    /// Returns the plan with a tool that acts outside, in some seeds. `rng` is a generator of its own, so that the
    /// others stay what they were.
    #[must_use]
    pub fn with_acts(mut self, rng: &Rng) -> Self {
        if rng.chance(150) {
            self.model.acts = 600;
            if !self.is_fault_free {
                self.model.outside_fails = rate(rng, 300);
                if rng.chance(300) {
                    let steps = STEPS.get(USUAL..STEPS.len() - 1).unwrap_or_default();
                    self.engine.fails_at = rng.pick(steps).unwrap_or("");
                    self.model.acts = 900;
                }
            }
        }
        self
    }

    /// Returns the plan with reminders, or with answers that are wanted once more, in some seeds. `rng` is a
    /// generator of its own, as for [`Self::with_acts`].
    #[must_use]
    pub fn with_wishes(mut self, rng: &Rng) -> Self {
        if rng.chance(120) {
            self.model.reminds = 700;
            self.people.withdraws = rng.pick(&[0, 300, 700]).unwrap_or(0);
        }
        // What an answer once more has of the first would be another person's to delete.
        if self.people.erases == 0 && rng.chance(100) {
            self.people.regenerates = 700;
        }
        self
    }

    /// Returns the plan with a limit of hours, in some seeds. `rng` is a generator of its own, as for
    /// [`Self::with_acts`].
    #[must_use]
    pub fn with_hours(mut self, rng: &Rng) -> Self {
        if self.people.plain > 0 && !self.is_fault_free && rng.chance(100) {
            self.outages.push(Outage::draw_hours(rng));
            if rng.chance(300) {
                self.engine.fails_at = "put_aside";
            }
        }
        self
    }

    /// Draws the plan of a seed.
    pub fn draw(rng: &Rng) -> Self {
        let streams = rng.chance(400);
        let model = ModelPlan { long: 200, tools: 150, streams, ..ModelPlan::default() };
        let plain = rng.pick(&PLAIN_SHARES).unwrap_or(0);
        let web = rng.pick(&WEB_SHARES).unwrap_or(0);
        let remembers = if rng.chance(300) { 800 } else { 0 };
        if rng.chance(100) {
            let people = PeoplePlan { plain, web, remembers, ..PeoplePlan::default() };
            return Self { is_fault_free: true, model, people, ..Self::default() };
        }
        let mut outages: Vec<_> = (0..rng.below(4)).map(|_| Outage::draw(rng)).collect();
        if plain > 0 && rng.chance(80) {
            outages.push(Outage::draw_long(rng));
        }
        let rate = |most: u64| rate(rng, most);
        let (usual, _) = STEPS.split_at(USUAL);
        let fails_at = if rng.chance(200) { rng.pick(usual).unwrap_or("") } else { "" };
        // In these an older generation meets a newer one.
        let is_pausing = rng.chance(80);
        // To come to it, an answer for the asker alone needs a preview of which nobody knows.
        let confirms = fails_at == "confirm-wait";
        let drawn = discord(rng);
        Self {
            is_fault_free: false,
            crash: if is_pausing { 40 } else { rate(40) },
            engine: EnginePlan {
                start_fails: rate(500),
                start_hangs: rate(300),
                state_fails: rate(200),
                loses: rate(600),
                zombies: rate(300),
                wakes: rate(700),
                pauses: if is_pausing { 700 } else { rate(300) },
                fails: rate(40),
                fails_at,
            },
            store: store_plan(rng),
            objects: objects_plan(rng),
            queue: QueuePlan {
                enqueue_fails: rate(500),
                doubles: rate(400),
                delays: rate(300),
                misses: rate(300),
                twice: rate(300),
            },
            discord: DiscordPlan {
                refused: if fails_at == "settle" || confirms { 900 } else { rate(200) },
                silent: if confirms { 400 } else { drawn.silent },
                ..drawn
            },
            plain: plain_plan(rng),
            people: PeoplePlan { plain, web, remembers, ..people(rng) },
            model: ModelPlan {
                fails: if WITHOUT_ANSWER.contains(&fails_at) { 900 } else { rate(300) },
                hangs: rate(100),
                slow: rate(300),
                cuts: rate(300),
                streams: streams || confirms,
                ..model
            },
            outages,
        }
    }

    /// Returns how a service is away at a time since the seed's begin, and until when.
    pub fn outage(&self, service: Service, since_ms: u64) -> Option<Outage> {
        let covers = |outage: &&Outage| {
            let is_meant = outage.service.includes(service);
            is_meant && (outage.from_ms..outage.to_ms).contains(&since_ms)
        };
        self.outages.iter().find(covers).copied()
    }
}

impl EnginePlan {
    /// Returns whether the engine fails at any step.
    pub const fn can_fail(&self) -> bool {
        self.fails > 0 || !self.fails_at.is_empty()
    }
}

impl StorePlan {
    /// Returns whether any statement may fail or take seconds.
    pub const fn is_ill(&self) -> bool {
        self.fails_before + self.fails_after + self.late + self.slow > 0
    }
}

/// Returns how often a kind of fault comes in this seed: mostly not at all.
fn rate(rng: &Rng, most: u64) -> u64 {
    match rng.below(10) {
        0..=5 => 0,
        6 => most / 10,
        7 | 8 => most / 3,
        _ => most,
    }
}

fn store_plan(rng: &Rng) -> StorePlan {
    let rate = |most: u64| rate(rng, most);
    StorePlan {
        fails_before: rate(80),
        fails_after: rate(80),
        late: rate(60),
        slow: rate(100),
        skew_s: if rng.chance(200) { skew(rng) } else { 0 },
    }
}

fn objects_plan(rng: &Rng) -> ObjectsPlan {
    let rate = |most: u64| rate(rng, most);
    ObjectsPlan {
        fails_before: rate(150),
        fails_after: rate(150),
        late: rate(150),
        slow: rate(150),
        breaks: rate(200),
        evicts: rate(400),
    }
}

fn discord(rng: &Rng) -> DiscordPlan {
    let rate = |most: u64| rate(rng, most);
    DiscordPlan {
        silent: rate(250),
        late: rate(60),
        broken: rate(250),
        limited: rate(200),
        limited_unnamed: rate(100),
        fronted: rate(250),
        blind: rate(200),
        refused: 0,
        deleted: rate(800),
        surprises: rate(300),
    }
}

fn people(rng: &Rng) -> PeoplePlan {
    let rate = |most: u64| rate(rng, most);
    PeoplePlan {
        cancels: rate(300),
        stops: rate(600),
        // Beside the others: what is drawn in a seed without it stays what it was.
        erases: if rng.beside().chance(80) { 500 } else { 0 },
        deletes: rate(300),
        doubles: rate(400),
        dismisses: rate(300),
        slow_acks: rate(300),
        eager: rate(900),
        ..PeoplePlan::default()
    }
}

fn plain_plan(rng: &Rng) -> PlainPlan {
    let rate = |most: u64| rate(rng, most);
    PlainPlan {
        silent: rate(400),
        late: rate(100),
        broken: rate(400),
        limited: rate(300),
        deferred: rate(300),
        unrouted: rate(700),
        refused: rate(500),
        blocked: rate(200),
    }
}

fn skew(rng: &Rng) -> i64 {
    i64::try_from(rng.below(7)).unwrap_or(0) - 3
}
