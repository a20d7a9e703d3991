//! A whole world for native tests: every port in one value, with Discord's channel, a model, the
//! program's SQL on real `SQLite`, faults on order, and a crash before or after any effect.
//!
//! A crash is a future that never goes on: [`Fake::crash_at`] names the effect, [`run`] returns
//! `None`, and the test starts the flow again on the same world, as the platform would.
//! [`wherever_it_dies`] does that at each effect, on both sides of it, in each order of steps.

#![expect(missing_docs, missing_debug_implementations, reason = "tests read the code")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    clippy::new_without_default,
    clippy::return_self_not_must_use,
    reason = "what fails here fails a test"
)]

pub mod access;
mod database;
mod deaths;
mod discord;
pub mod fuzz;
mod incoming;
mod journal;
pub mod mcp;
mod messenger;
mod plain;
mod ports;
pub mod slack;
mod store;
pub mod telegram;
pub mod whatsapp;

use core::cell::{Cell, RefCell};
use core::future::pending;
use core::pin::pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Wake;

use ed25519_dalek::SigningKey;
use futures::future::LocalBoxFuture;
use serde_json::Value;

pub use self::deaths::{Death, Side, wherever_it_dies};
pub use self::discord::{Answer, Discord, Message, response};
pub use self::incoming::{Arrival, Gullible};
pub use self::journal::{Journal, Order};
pub use self::plain::{LIMIT_UTF16, Plain, PlainFate};
pub use self::store::LocalStore;
use miyabi_core::config;
use miyabi_core::config::models::Model;
use miyabi_core::config::{Settings, Watch};
use miyabi_core::event::Event;
use miyabi_core::fault::Fault;
use miyabi_core::http;
use miyabi_core::i18n::Language;
use miyabi_core::ids::{JobId, Millis, Secret};
use miyabi_core::job::{Job, to_params};
use miyabi_core::ports::{InstanceState, Limit};
use miyabi_core::question::{Asker, Question};
use miyabi_core::transport::{Route, SendError};

/// The seed of the published signature vectors: RFC 8032, TEST 1.
const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

/// The program that runs in a conversation.
pub type Converse = fn(&LocalStore, Millis, &str) -> Result<String, Fault>;

/// A model: what it answers to what it is sent.
pub type Play = fn(&Value) -> Value;

/// The name under which an object is reached, in place of its own.
pub type Misnaming = fn(&str) -> String;

/// The world; clones share it.
#[derive(Clone)]
pub struct Fake(Rc<World>);

pub struct World {
    pub now: Cell<u64>,
    pub discord: RefCell<Discord>,
    pub slack: RefCell<slack::Slack>,
    pub telegram: RefCell<telegram::Telegram>,
    pub whatsapp: RefCell<whatsapp::WhatsApp>,
    /// What was sent on the plain platform, oldest first.
    pub plain: RefCell<Vec<String>>,
    /// What happens to the next messages there.
    pub plain_fates: RefCell<VecDeque<PlainFate>>,
    /// What the next searches for a way there find; when none are left, the usual way.
    pub plain_routes: RefCell<VecDeque<Result<Route, SendError>>>,
    pub db: rusqlite::Connection,
    /// Statements that fail, by name, each once per entry.
    pub store_faults: RefCell<Vec<&'static str>>,
    /// What the model answers, in order; when empty, a plain answer.
    pub model: RefCell<VecDeque<Result<Value, u32>>>,
    /// What the model that draws returns, in order; when empty, a small image.
    pub images: RefCell<VecDeque<Result<Value, u32>>>,
    /// What the model that hears returns, the next one first; nothing but silence after them.
    pub heard: RefCell<VecDeque<Result<Value, u32>>>,
    /// Who answers for the model, in place of what it was told to.
    pub play: Cell<Option<Play>>,
    /// What a document becomes, in place of a heading with its name.
    pub document: RefCell<Option<String>>,
    /// What the model was sent, oldest first.
    pub prompts: RefCell<Vec<Value>>,
    /// Instances that were started, by name.
    pub started: RefCell<Vec<(String, Value)>>,
    /// What the engine says of an instance, if not that a started one is alive.
    pub states: RefCell<Vec<(String, InstanceState)>>,
    /// Messages on the queue.
    pub queued: RefCell<Vec<Value>>,
    /// Events that were sent to instances: `INSTANCE KIND`.
    pub sent_events: RefCell<Vec<String>>,
    /// Calls of the tool of the MCP server, by their arguments.
    pub acts: RefCell<Vec<Value>>,
    /// What reading the keys of Access brings, in order; when empty, those of [`access::certs`].
    pub certs: RefCell<VecDeque<Result<http::Response, http::HttpError>>>,
    /// Whether the queue takes nothing.
    pub queue_fails: Cell<bool>,
    /// Conversations by name.
    pub conversations: RefCell<BTreeMap<String, LocalStore>>,
    /// What runs in them: the store, the time in milliseconds, and the command.
    pub converse: Cell<Option<Converse>>,
    /// A statement, by its name, and the text in place of its own: a defect that a test plants, to see that
    /// it would be found.
    pub sabotage: Cell<Option<(&'static str, &'static str)>>,
    /// Names under which objects are reached in place of their own: such a defect too.
    pub misnaming: Cell<Option<Misnaming>>,
    /// How many commands to conversations get no reply; an odd one is carried out all the same.
    pub conversation_faults: Cell<u32>,
    /// What is remembered, and for how many seconds.
    pub saved: RefCell<BTreeMap<String, (String, u32)>>,
    /// Files by key.
    pub files: RefCell<BTreeMap<String, Vec<u8>>>,
    /// How many calls about files fail; those that write have their effect all the same.
    pub file_faults: Cell<u32>,
    /// Whose questions are too many.
    pub exhausted: RefCell<Vec<(Limit, String)>>,
    /// How many starts fail before one works.
    pub start_faults: Cell<u32>,
    /// Whether a start does not return, until this is taken back.
    pub start_hangs: Cell<bool>,
    /// Whether there are no random numbers.
    pub random_fails: Cell<bool>,
    /// How often random numbers were drawn.
    pub drawn: Cell<u64>,
    pub events: RefCell<Vec<Event>>,
    /// Round trips to the database: the statement, or the last one of a batch, and how many rows changed.
    pub round_trips: RefCell<Vec<(&'static str, u64)>>,
    pub slept: RefCell<Vec<Duration>>,
    /// What happens while somebody sleeps, until it says that it has.
    pub while_asleep: RefCell<Option<Box<dyn Fn() -> bool>>>,
    waiting: RefCell<Vec<LocalBoxFuture<'static, ()>>>,
    crash: Cell<Option<(u32, Side)>>,
    effects: Cell<u32>,
}

impl core::ops::Deref for Fake {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0
    }
}

/// Notes whether somebody wants to be polled again.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs a future to its end; `None` if it waits for what nobody will bring, which is what a crash looks
/// like.
pub fn run<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return Some(value),
            Poll::Pending if woken.0.swap(false, Ordering::Relaxed) => {}
            Poll::Pending => return None,
        }
    }
}

impl Fake {
    pub fn new() -> Self {
        Self(Rc::new(World {
            now: Cell::new(1_700_000_000_000),
            discord: RefCell::new(Discord::new()),
            slack: RefCell::default(),
            telegram: RefCell::default(),
            whatsapp: RefCell::default(),
            plain: RefCell::default(),
            plain_fates: RefCell::default(),
            plain_routes: RefCell::default(),
            db: database::take(),
            store_faults: RefCell::default(),
            model: RefCell::default(),
            images: RefCell::default(),
            heard: RefCell::default(),
            play: Cell::new(None),
            document: RefCell::new(None),
            prompts: RefCell::default(),
            started: RefCell::default(),
            states: RefCell::default(),
            queued: RefCell::default(),
            sent_events: RefCell::default(),
            acts: RefCell::default(),
            certs: RefCell::default(),
            conversations: RefCell::default(),
            converse: Cell::new(None),
            sabotage: Cell::new(None),
            misnaming: Cell::new(None),
            conversation_faults: Cell::new(0),
            saved: RefCell::default(),
            files: RefCell::default(),
            file_faults: Cell::new(0),
            queue_fails: Cell::new(false),
            exhausted: RefCell::default(),
            start_faults: Cell::new(0),
            start_hangs: Cell::new(false),
            random_fails: Cell::new(false),
            drawn: Cell::new(0),
            events: RefCell::default(),
            round_trips: RefCell::default(),
            slept: RefCell::default(),
            while_asleep: RefCell::default(),
            waiting: RefCell::default(),
            crash: Cell::new(None),
            effects: Cell::new(0),
        }))
    }

    /// Dies at the `nth` effect from now on, counted from 0.
    pub fn crash_at(&self, nth: u32, side: Side) {
        self.effects.set(0);
        self.crash.set(Some((nth, side)));
    }

    /// Lets the program live again, without what the one that died had left to do after its replies.
    pub fn restart(&self) {
        self.crash.set(None);
        self.waiting.borrow_mut().clear();
    }

    /// Runs what was left to run after a reply.
    pub fn run_waiting(&self) {
        loop {
            let Some(work) = self.waiting.borrow_mut().pop() else {
                return;
            };
            run(work).expect("work after a reply waited");
        }
    }

    /// Performs an effect, or dies before or after it.
    pub async fn effect<T>(&self, act: impl FnOnce() -> T) -> T {
        let number = self.effects.get();
        self.effects.set(number + 1);
        // Whoever died does nothing more, in no branch of what it did side by side.
        let is_dead = |(nth, side)| number > nth || (number == nth && side == Side::Before);
        if self.crash.get().is_some_and(is_dead) {
            pending::<()>().await;
        }
        let value = act();
        if self.crash.get() == Some((number, Side::After)) {
            pending::<()>().await;
        }
        value
    }

    /// Returns a job's row as `(status, token, result)`.
    pub fn job(&self, id: &str) -> Option<(String, String, Option<String>)> {
        let sql = "SELECT status, token, result FROM jobs WHERE id = ?1";
        self.db.query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).ok()
    }

    /// Signs a body as Discord does, now.
    pub fn sign(&self, timestamp: &str, body: &[u8]) -> String {
        use ed25519_dalek::Signer;
        let message = [timestamp.as_bytes(), body].concat();
        hex::encode(signing_key().sign(&message).to_bytes())
    }

    /// Returns the current time as Discord's header has it.
    pub fn timestamp(&self) -> String {
        (self.now.get() / 1000).to_string()
    }
}

fn signing_key() -> SigningKey {
    let mut seed = [0; 32];
    hex::decode_to_slice(SEED, &mut seed).unwrap();
    SigningKey::from_bytes(&seed)
}

/// Returns the public key that goes with [`Fake::sign`].
pub fn public_key() -> [u8; 32] {
    signing_key().verifying_key().to_bytes()
}

/// Returns settings that point into the fake world.
pub fn settings() -> Settings {
    Settings {
        discord: Rc::new(config::Discord {
            application_id: "775799577604522054".to_owned(),
            bot_token: Secret::new("bot-token".to_owned()),
            api_base: discord::BASE.to_owned(),
            webhook_url: Secret::new(format!(
                "{}/webhooks/{}/hook-token",
                discord::BASE,
                discord::WEBHOOK
            )),
            webhook_id: discord::WEBHOOK.to_owned(),
        }),
        slack: None,
        telegram: None,
        whatsapp: None,
        vision: Some(Model::by_binding("@cf/meta/llama-4-scout-17b-16e-instruct")),
        voice: Some(Model::by_binding("@cf/openai/whisper-large-v3-turbo")),
        image_model: Some(Model::by_binding("@cf/black-forest-labs/flux-1-schnell")),
        models: vec![Model::by_binding("@cf/meta/llama-3.3-70b-instruct-fp8-fast")],
        max_tokens: 1024,
        is_streaming: true,
        cache_s: 0,
        max_chunks: 5,
        jobs_per_asker: 3,
        asker_limit: Some(5),
        is_remembering: true,
        is_sharing: true,
        visitors: None,
        access_team: None,
        suggestions: vec!["What can you do?".to_owned()],
        servers_without_memory: Vec::new(),
        files_quota: Some(10_000_000),
        access: config::Access::default(),
        budgets: config::Budgets { question: Some(50_000_000), ..config::Budgets::default() },
        watch: Watch { stall_s: 540, deadline_s: 780, retention_days: 30 },
        pages: config::Pages { is_on: true, ..config::Pages::default() },
        web_search: None,
        tools: None,
        mcp_servers: Vec::new(),
        weather_api_base: "https://weather.test/v1".to_owned(),
        geocoding_api_base: "https://geocoding.test/v1".to_owned(),
    }
}

/// Returns a question asked in the webhook's channel.
pub fn question(text: &str) -> Question {
    Question {
        id: JobId::parse("1300000000000000000").unwrap(),
        token: Secret::new("interaction-token".to_owned()),
        text: text.to_owned(),
        asker: Asker {
            id: "80351110224678912".to_owned(),
            name: "みお".to_owned(),
            handle: "mio_art".to_owned(),
            avatar_url: "https://cdn.discordapp.com/embed/avatars/0.png".to_owned(),
        },
        place: discord::PLACE.to_owned(),
        server: Some("1200000000000000009".to_owned()),
        platform: "discord".to_owned(),
        conversation: None,
        quote: None,
        again: None,
        files: Vec::new(),
        is_private: false,
        draws: false,
        is_quoted: false,
        is_fresh: false,
        model: None,
        language: Language::Japanese,
        // Ten seconds before the world begins: not young any more.
        asked: Millis(1_699_999_990_000),
    }
}

/// Returns the first generation of a question's job.
pub fn job(text: &str) -> Job {
    Job::first(question(text))
}

/// Returns a job's parameters, as the engine and the queue hand them on.
pub fn params(job: &Job) -> Value {
    serde_json::from_str(&to_params(job)).unwrap()
}
