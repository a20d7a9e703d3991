//! The Worker in real workerd, beside the lab: D1, Workflow and AI binding included, no account.
//!
//! ```no_run
//! use xtask::stack::{Options, Question, Stack};
//!
//! let stack = Stack::start(Options::default())?;
//! let receipt = stack.ask(&Question::new("What time is it in Tokyo?"))?;
//! let row = stack.wait_for_job(&receipt.id)?;
//! assert_eq!(row["status"], "COMPLETED");
//! # anyhow::Ok(())
//! ```
//!
//! What wrangler does locally, and what it does not (4.164, observed):
//!
//! | part | locally |
//! | --- | --- |
//! | cron trigger | never by itself; [`Stack::tick`] does it |
//! | queues, retries, dead letters | as configured, one batch at a time; all in memory: what waits is lost with workerd |
//! | a consumer that throws | the whole batch again, acknowledged or not; deployed, what was acknowledged stays so |
//! | rate limits | fixed windows of the wall clock; counts are on disk and outlive workerd |
//! | Workflows | after SIGKILL an instance says `running` for good and never goes on; deployed, it resumes |

pub mod config;
pub mod database;
mod folder;
pub mod lab;
pub mod worker;

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::commands::build;
use crate::process::{self, Child};
use crate::setup::{Npm, say, step};
use crate::{http, project};
use folder::Folder;
use lab::Lab;
use worker::Access;

/// How often a waiting test looks again.
const POLL: Duration = Duration::from_millis(40);
/// Longest wait for a job to end.
const JOB: Duration = Duration::from_mins(1);

/// An OpenAI-compatible model that answers in place of the lab's scripted one.
#[derive(Debug, Clone)]
pub struct Model {
    /// Base URL.
    pub url: String,
    /// Name to ask for.
    pub name: String,
}

/// What differs from the ordinary stack.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Port of the Worker; 0 is any free one.
    pub port: u16,
    /// Port of the lab; 0 is any free one.
    pub lab_port: u16,
    /// Variables besides those of `wrangler.toml`, or in their place.
    pub vars: Vec<(String, String)>,
    /// Secrets to leave out, by name.
    pub missing_secrets: Vec<String>,
    /// Model in place of the scripted one.
    pub model: Option<Model>,
    /// Whether the real Workers AI answers, on the account that wrangler is logged in to.
    pub remote_ai: bool,
    /// Most questions per minute, by the name of a rate limit's binding. A limit that is not named
    /// here is out of the way.
    pub limits: Vec<(String, u32)>,
    /// Wait before a message of a queue is delivered again, in seconds, in place of what is deployed.
    pub retry_delay_s: Option<u32>,
    /// Calls of bindings that fail, and how often, such as `miyabi_workflow.create`; see
    /// `stack/outages.mjs`.
    pub outages: Vec<(String, u32)>,
}

/// A question as somebody types it.
#[derive(Debug, Clone)]
pub struct Question {
    /// Text.
    pub text: String,
    /// Who asks: `mio` or `alex`.
    pub who: String,
    /// Where: `general`, `random`, `thread` or `dm`.
    pub channel: String,
}

/// What the lab says about one signed interaction.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Interaction's id, and so the job's.
    pub id: String,
    /// Interaction's token.
    pub token: String,
    /// HTTP status of the acknowledgement.
    pub status: u64,
    /// Body of the acknowledgement.
    pub ack: Value,
    /// Time to the acknowledgement, in milliseconds.
    pub ack_ms: u64,
    /// What Discord would have refused about it.
    pub violations: Vec<String>,
}

/// A running stack; dropping it leaves no process and no file.
#[derive(Debug)]
pub struct Stack {
    // Dropped in this order: the Worker first, so that it never meets a missing lab.
    worker: Option<Child>,
    lab: Lab,
    npm: Npm,
    port: u16,
    options: Options,
    folder: Folder,
}

impl Question {
    /// Returns a question that Mio asks in general.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), who: "mio".to_owned(), channel: "general".to_owned() }
    }

    /// Has somebody else ask.
    #[must_use]
    pub fn by(mut self, who: &str) -> Self {
        who.clone_into(&mut self.who);
        self
    }

    /// Has it asked somewhere else.
    #[must_use]
    pub fn in_channel(mut self, channel: &str) -> Self {
        channel.clone_into(&mut self.channel);
        self
    }
}

/// Builds what a stack consists of, unless it is built: npm packages, Worker and lab.
///
/// # Errors
/// When a tool is missing or a build fails.
pub fn prepare() -> Result<Npm> {
    prepare_as(build::Profile::Release)
}

/// Builds the same with the Worker in a profile.
///
/// # Errors
/// When a tool is missing or a build fails.
pub fn prepare_as(profile: build::Profile) -> Result<Npm> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let npm = Npm::install()?;
    build::run(profile)?;
    if !project::target()?.join("debug/lab").exists() {
        say("building the lab (once, half a minute)");
    }
    step("the lab", || process::run(&mut project::cargo(&["build", "-qp", "lab"])?))?;
    Ok(npm)
}

impl Stack {
    /// Builds what is missing, then starts the lab and the Worker, and waits until both answer.
    ///
    /// # Errors
    /// When a tool is missing, a build fails, the port is taken or a process does not answer.
    pub fn start(options: Options) -> Result<Self> {
        // First, so that a taken port is not found out after minutes of building.
        worker::choose_port(options.port)?;
        Self::launch(prepare()?, options)
    }

    /// Starts what [`prepare`] has built.
    ///
    /// # Errors
    /// When the port is taken or a process does not answer.
    pub fn launch(npm: Npm, options: Options) -> Result<Self> {
        let port = worker::choose_port(options.port)?;
        let folder = Folder::make()?;
        worker::choose_port(options.lab_port)?;
        let log = folder.0.join("lab.log");
        let lab = Lab::start(options.lab_port, options.model.as_ref(), &log)?;
        let mut stack = Self { worker: None, lab, npm, port, options, folder };
        stack.renew()?;
        Ok(stack)
    }

    /// Starts the Worker again with the settings and migrations of now, on the same state and port.
    ///
    /// # Errors
    /// When a migration fails or the Worker does not answer.
    pub fn renew(&mut self) -> Result<()> {
        self.configure()?;
        drop(self.worker.take());
        let config = config::parse(&project::read("wrangler.toml")?)?;
        worker::migrate(&self.npm, &self.folder.0, config::database(&config)?)?;
        self.restart()
    }

    /// Writes what wrangler reads.
    fn configure(&self) -> Result<()> {
        let config = config::parse(&project::read("wrangler.toml")?)?;
        let (root, url) = (project::root()?, self.lab.url());
        let world = self.lab.get("/lab/world")?;
        let secrets = config::secrets(&world, &self.options.missing_secrets)?;
        for (name, text) in [
            ("miyabi.json", config::worker(&config, root, url, self.options.clone()).to_string()),
            (config::OUTAGES_MAIN, config::outages_main(root)),
            ("ai.json", config::ai(&config, root, url).to_string()),
            ("secrets.env", secrets),
        ] {
            worker::write_private(&self.folder.0.join(name), &text)?;
        }
        Ok(())
    }

    /// Starts the Worker again with other variables than those of [`Options`], on the same state.
    ///
    /// # Errors
    /// When the Worker does not answer.
    pub fn reconfigure(&mut self, vars: &[(&str, &str)]) -> Result<()> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.options.vars = vars.iter().map(owned).collect();
        self.configure()?;
        self.restart()
    }

    /// Returns whether the Worker's process still runs.
    pub fn is_running(&mut self) -> bool {
        self.worker.as_mut().is_some_and(Child::is_running)
    }

    /// Returns the folder with the Worker's state and output.
    pub fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// Returns the npm packages that it runs on.
    pub fn npm(&self) -> &Npm {
        &self.npm
    }

    /// Returns the Worker's base URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns the lab, to look at its channels and calls, or to set faults.
    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    /// Returns the lab's base URL.
    pub fn lab_url(&self) -> &str {
        self.lab.url()
    }

    /// Has the lab sign and send `/ask`, and returns what the Worker answered at once.
    ///
    /// # Errors
    /// When the lab or the Worker does not answer.
    pub fn ask(&self, question: &Question) -> Result<Receipt> {
        let body = json!({
            "worker": self.url(), "ask": question.text, "as": question.who, "in": question.channel,
        });
        let sent = self.lab.post("/lab/interactions", &body)?;
        let text = |name: &str| {
            let value = sent.get(name).and_then(Value::as_str);
            value.map(ToOwned::to_owned).with_context(|| format!("the lab's receipt has no {name}"))
        };
        Ok(Receipt {
            id: text("id")?,
            token: text("token")?,
            status: sent.get("status").and_then(Value::as_u64).unwrap_or_default(),
            ack: sent.get("ack").cloned().unwrap_or_default(),
            ack_ms: sent.get("ack_ms").and_then(Value::as_u64).unwrap_or_default(),
            violations: texts(sent.get("violations")),
        })
    }

    /// Returns what a reader sees in a channel, oldest first.
    ///
    /// # Errors
    /// When the lab does not answer.
    pub fn channel(&self, name: &str) -> Result<Value> {
        self.lab.get(&format!("/lab/channels/{name}"))
    }

    /// Returns the job's row, if it is written yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn job_row(&self, id: &str) -> Result<Option<Value>> {
        Ok(self.query("SELECT * FROM jobs WHERE id = ?", &[id])?.into_iter().next())
    }

    /// Runs one statement on the Worker's database and returns its rows.
    ///
    /// # Errors
    /// When the statement fails.
    pub fn query(&self, statement: &str, parameters: &[&str]) -> Result<Vec<Value>> {
        database::query(&self.npm, &self.folder.0.join("state"), statement, parameters)
    }

    /// Waits until the job is COMPLETED or ERROR, and returns its row.
    ///
    /// # Errors
    /// When it does not end within a minute.
    pub fn wait_for_job(&self, id: &str) -> Result<Value> {
        self.wait_until("the job to end", JOB, || {
            let row = self.job_row(id)?;
            let status = row.as_ref().and_then(|row| row.get("status")).and_then(Value::as_str);
            Ok(matches!(status, Some("COMPLETED" | "ERROR")).then_some(row).flatten())
        })
    }

    /// Looks again and again until `look` returns something.
    ///
    /// # Errors
    /// When the time is over, with the end of wrangler's output, or when `look` fails.
    pub fn wait_until<T>(
        &self,
        what: &str,
        longest: Duration,
        mut look: impl FnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let deadline = Instant::now() + longest;
        loop {
            if let Some(value) = look()? {
                return Ok(value);
            }
            if Instant::now() >= deadline {
                let seconds = longest.as_secs();
                bail!(
                    "waited {seconds} s for {what}; wrangler said:\n{}",
                    worker::tail(&self.logs())
                );
            }
            std::thread::sleep(POLL);
        }
    }

    /// Returns everything that wrangler and the Worker have printed so far.
    pub fn logs(&self) -> String {
        worker::log(&self.folder.0)
    }

    /// Kills the Worker without warning and starts it again on the same state and port.
    ///
    /// # Errors
    /// When it does not answer again.
    pub fn restart(&mut self) -> Result<()> {
        drop(self.worker.take());
        let access = if self.options.remote_ai { Access::Account } else { Access::Nothing };
        self.worker = Some(worker::start(&self.npm, &self.folder.0, self.port, access)?);
        Ok(())
    }

    /// Runs the watchdog once, as the cron trigger does every minute where the Worker is deployed.
    ///
    /// # Errors
    /// When it fails, or does not end within minutes.
    pub fn tick(&self) -> Result<()> {
        worker::tick(&self.url())
    }

    /// Sends GET to the Worker.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn get(&self, path: &str) -> Result<http::Reply> {
        http::get(&format!("{}{path}", self.url()))
    }
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|text| text.as_str().map(ToOwned::to_owned)).collect()
}
