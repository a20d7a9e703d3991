//! A scripted world for this folder's tests: what models and services answer, and what they were
//! asked.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::VecDeque;
use std::sync::LazyLock;

use serde_json::Value;

use super::ToolCall;
use miyabi_core::config::models::Model;
use miyabi_core::config::{Budgets, Settings};
use miyabi_core::event::Event;
use miyabi_core::fault::{EngineError, Fault, Retry};
use miyabi_core::http::{HttpError, Request, Response};
use miyabi_core::ids::Millis;
use miyabi_core::ports::{
    Ai, Cache, Clock, Files, Http, Log, Policy, Rows, Sql, Statement, Steps, Stop,
};
use miyabi_core::server::ServerSettings;

/// Nothing is settled in its server.
pub(crate) static NOTHING_SETTLED: LazyLock<ServerSettings> =
    LazyLock::new(ServerSettings::default);

/// Runs a future that waits for nothing but its own other parts.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for _ in 0..9 {
        let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(value) = polled {
            return value;
        }
    }
    panic!("a scripted future waited")
}

/// Lets the other parts of a future go on once.
async fn yield_now() {
    let mut has_waited = false;
    poll_fn(|context| {
        if has_waited {
            return Poll::Ready(());
        }
        has_waited = true;
        // Those that are run together are polled only if they say that they can go on.
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Scripted answers in order, and a record of what was asked.
pub(super) struct Script {
    /// The only model that is asked.
    pub(super) model: &'static str,
    /// Whether services never answer.
    pub(super) is_silent: bool,
    pub(super) models: RefCell<VecDeque<Result<Value, u32>>>,
    pub(super) responses: RefCell<VecDeque<Result<Response, HttpError>>>,
    /// Zones that the runtime knows; the time in each is `noon in {zone}`.
    pub(super) zones: Vec<&'static str>,
    /// Requests that have to be under way before one of them is answered.
    pub(super) waits_for: usize,
    /// How far the clock goes with each request.
    pub(super) request_ms: u64,
    pub(super) now_ms: Cell<u64>,
    pub(super) inputs: RefCell<Vec<Value>>,
    pub(super) requests: RefCell<Vec<String>>,
    pub(super) events: RefCell<Vec<Event>>,
    pub(super) statements: RefCell<Vec<Statement>>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            model: "@cf/test/model",
            is_silent: false,
            models: RefCell::default(),
            responses: RefCell::default(),
            zones: Vec::new(),
            waits_for: 0,
            request_ms: 0,
            now_ms: Cell::default(),
            inputs: RefCell::default(),
            requests: RefCell::default(),
            events: RefCell::default(),
            statements: RefCell::default(),
        }
    }
}

impl Script {
    /// Adds a model's answer.
    pub(super) fn model(self, answer: Value) -> Self {
        self.models.borrow_mut().push_back(Ok(answer));
        self
    }

    /// Adds a service's JSON response.
    pub(super) fn response(self, status: u16, body: &Value) -> Self {
        let response = Response { status, headers: Vec::new(), body: body.to_string() };
        self.responses.borrow_mut().push_back(Ok(response));
        self
    }

    /// Adds a service's silence.
    pub(super) fn silence(self, error: HttpError) -> Self {
        self.responses.borrow_mut().push_back(Err(error));
        self
    }

    /// Adds a zone.
    pub(super) fn zone(mut self, zone: &'static str) -> Self {
        self.zones.push(zone);
        self
    }
}

impl Clock for Script {
    fn now(&self) -> Millis {
        Millis(self.now_ms.get())
    }

    async fn sleep(&self, duration: Duration) {
        let ms = u64::try_from(duration.as_millis()).unwrap();
        self.now_ms.set(self.now_ms.get() + ms);
    }

    fn local_time(&self, time_zone: &str) -> Option<String> {
        self.zones.contains(&time_zone).then(|| format!("noon in {time_zone}"))
    }
}

impl Http for Script {
    async fn send(&self, request: &Request) -> Result<Response, HttpError> {
        self.now_ms.set(self.now_ms.get() + self.request_ms);
        self.requests.borrow_mut().push(format!("{} {}", request.method.name(), request.url));
        if self.is_silent {
            core::future::pending::<()>().await;
        }
        while self.requests.borrow().len() < self.waits_for {
            yield_now().await;
        }
        self.responses.borrow_mut().pop_front().expect("a request without a scripted response")
    }
}

impl Ai for Script {
    async fn run(
        &self,
        model: &str,
        inputs: &Value,
        options: &Value,
        _on_chunk: &dyn Fn(&[u8]),
    ) -> Result<Value, u32> {
        assert_eq!(model, self.model);
        assert_eq!(options, &serde_json::json!({}));
        self.inputs.borrow_mut().push(inputs.clone());
        self.models.borrow_mut().pop_front().expect("a model call without a scripted answer")
    }
}

impl Sql for Script {
    async fn query(&self, statement: Statement) -> Result<Rows, Fault> {
        self.statements.borrow_mut().push(statement);
        Ok(Vec::new())
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, Fault> {
        let rows = statements.iter().map(|_| Rows::new()).collect();
        self.statements.borrow_mut().extend(statements);
        Ok(rows)
    }
}

/// Keeps nothing.
impl Cache for Script {
    async fn recall(&self, _key: &str) -> Option<String> {
        None
    }

    async fn remember(&self, _key: &str, _value: &str, _seconds: u32) {}
}

// Nothing is kept there.
impl Files for Script {}

impl Log for Script {
    fn log(&self, event: &Event) {
        self.events.borrow_mut().push(event.clone());
    }
}

/// Runs each step's work directly, retries as the policy says, and passes every result through
/// JSON, as a store would.
#[derive(Default)]
pub(super) struct Direct {
    pub(super) names: RefCell<Vec<String>>,
    /// A step that fails for good without running.
    pub(super) failing: Option<&'static str>,
    /// A step at which this generation of the job ends.
    pub(super) aborting: Option<&'static str>,
    /// A step whose first result is lost, as in a crash before it is stored.
    pub(super) repeating: Option<&'static str>,
}

impl Steps for Direct {
    async fn step<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        policy: Policy,
        work: impl AsyncFn() -> Result<T, Fault>,
    ) -> Result<T, Stop> {
        self.names.borrow_mut().push(name.to_owned());
        if self.aborting == Some(name) {
            return Err(Stop::Aborted);
        }
        if self.failing == Some(name) {
            return Err(Stop::Failed(EngineError::Timeout { step: name.to_owned() }.into()));
        }
        if self.repeating == Some(name) {
            drop(work().await);
        }
        let mut attempt = 0;
        loop {
            match work().await {
                Ok(value) => {
                    let stored = serde_json::to_string(&value).unwrap();
                    return Ok(serde_json::from_str(&stored).unwrap());
                }
                Err(fault) if fault.retry == Retry::Never || attempt == policy.retries => {
                    return Err(Stop::Failed(fault));
                }
                Err(_) => attempt += 1,
            }
        }
    }

    async fn sleep(&self, _: &str, _: Duration) -> Result<(), Stop> {
        panic!("nothing here sleeps")
    }

    async fn wait(&self, _: &str, _: &str, _: Duration) -> Result<(), Stop> {
        panic!("nothing here waits")
    }
}

/// A tool call without a signature.
pub(super) fn call(id: &str, name: &str, arguments: &str) -> ToolCall {
    let [id, name, arguments] = [id, name, arguments].map(ToOwned::to_owned);
    ToolCall { id, name, arguments, ..ToolCall::default() }
}

/// Settings with example services.
pub(super) fn settings() -> Settings {
    Settings {
        models: vec![Model::by_binding("@cf/test/model")],
        budgets: Budgets::default(),
        weather_api_base: "https://weather.example/v1".to_owned(),
        geocoding_api_base: "https://places.example/v1".to_owned(),
        ..miyabi_testing::settings()
    }
}
