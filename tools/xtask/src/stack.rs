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
mod options;
mod platforms;
mod schema;
pub mod worker;

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::commands::build;
use crate::process::{self, Child};
use crate::setup::{Npm, say, step};
use crate::value::{list, text};
use crate::{http, project};
use database::Database;
use folder::Folder;
use lab::Lab;
pub use options::{Model, Options, Question, Receipt};
use worker::Access;

/// Folder of the Worker's state, within that of a stack.
const STATE: &str = "state";
/// How often a waiting test looks again.
const POLL: Duration = Duration::from_millis(40);
/// Longest wait for a job to end.
const JOB: Duration = Duration::from_mins(1);

/// A running stack; dropping it leaves no process and no file.
#[derive(Debug)]
pub struct Stack {
    // Dropped in this order: the Worker first, so that it never meets a missing lab.
    worker: Option<Child>,
    lab: Lab,
    database: Database,
    npm: Npm,
    port: u16,
    options: Options,
    folder: Folder,
}

/// Builds what a stack consists of, unless it is built: npm packages, Worker and lab. A program does it once, since
/// to see that nothing has changed costs seconds.
///
/// # Errors
/// When a tool is missing or a build fails.
pub fn prepare() -> Result<Npm> {
    static PREPARED: Mutex<Option<Npm>> = Mutex::new(None);
    let mut prepared = PREPARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(npm) = &*prepared {
        return Ok(npm.clone());
    }
    let npm = prepare_as(build::Profile::Release)?;
    Ok(prepared.insert(npm).clone())
}

/// Builds the same with the Worker in a profile.
///
/// # Errors
/// When a tool is missing or a build fails.
pub fn prepare_as(profile: build::Profile) -> Result<Npm> {
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
        let database = Database::new(npm.clone(), folder.0.join(STATE));
        let mut stack = Self { worker: None, lab, database, npm, port, options, folder };
        stack.configure()?;
        schema::make(&stack.npm, &stack.folder.0)?;
        stack.restart()?;
        Ok(stack)
    }

    /// Starts the Worker again with the settings and migrations of now, on the same state and port.
    ///
    /// # Errors
    /// When a migration fails or the Worker does not answer.
    pub fn renew(&mut self) -> Result<()> {
        self.configure()?;
        drop(self.worker.take());
        schema::migrate(&self.npm, &self.folder.0)?;
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
            (config::WRAPPED_MAIN, config::wrapped_main(root, self.options.main.as_deref())),
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
        self.options.vars = Options::with_vars(vars).vars;
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
        let sent = self.deliver(&json!({
            "ask": question.text, "as": question.who, "in": question.channel,
        }))?;
        let field = |name: &str| {
            let value = sent.get(name).and_then(Value::as_str);
            value.map(ToOwned::to_owned).with_context(|| format!("the lab's receipt has no {name}"))
        };
        Ok(Receipt {
            id: field("id")?,
            token: field("token")?,
            status: sent.get("status").and_then(Value::as_u64).unwrap_or_default(),
            ack: sent.get("ack").cloned().unwrap_or_default(),
            ack_ms: sent.get("ack_ms").and_then(Value::as_u64).unwrap_or_default(),
            violations: list(sent.get("violations").cloned().unwrap_or_default())
                .iter()
                .filter_map(|violation| violation.as_str().map(ToOwned::to_owned))
                .collect(),
        })
    }

    /// Has the lab sign and send any interaction that it knows, and returns its receipt.
    ///
    /// # Errors
    /// When the lab or the Worker does not answer.
    pub fn deliver(&self, order: &Value) -> Result<Value> {
        lab::deliver(self.lab_url(), &self.url(), order)
    }

    /// Returns the id of the newest job of a platform, if there is one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn newest_job(&self, platform: &str) -> Result<Option<String>> {
        let newest = "SELECT id FROM jobs WHERE platform = ? ORDER BY rowid DESC LIMIT 1";
        let rows = self.query(newest, &[platform])?;
        Ok(rows.first().map(|row| text(row, "id").to_owned()))
    }

    /// Brings the lab back to its start. The Worker forgets the webhooks that it knows, since those
    /// of the lab are others now.
    ///
    /// # Errors
    /// When the lab does not answer, or a statement fails.
    pub fn freshen(&self) -> Result<()> {
        self.lab.post("/lab/reset", &json!({}))?;
        for statement in ["DELETE FROM webhooks", "DELETE FROM breakers"] {
            self.query(statement, &[])?;
        }
        Ok(())
    }

    /// Has the lab wait longer for acknowledgements than Discord, Slack and WhatsApp do: on a machine with a full load
    /// they may be late.
    ///
    /// # Errors
    /// When the lab does not answer.
    pub fn be_patient(&self) -> Result<()> {
        self.lab
            .post(
                "/lab/config",
                &json!({
                    "ack_deadline_ms": 20_000, "slack": { "timeout_ms": 20_000 },
                    "whatsapp": { "timeout_ms": 20_000 },
                }),
            )
            .map(drop)
    }

    /// Returns what a reader sees in a channel, oldest first.
    ///
    /// # Errors
    /// When the lab does not answer.
    pub fn channel(&self, name: &str) -> Result<Vec<Value>> {
        self.lab.list(&format!("/lab/channels/{name}"))
    }

    /// Returns the reply to an interaction as its asker sees it; `None` if it is gone.
    ///
    /// # Errors
    /// When the lab does not answer, or knows no such interaction.
    pub fn reply(&self, id: &str) -> Result<Option<Value>> {
        let known = self.lab.list("/lab/interactions")?;
        let known = known.iter().find(|known| text(known, "id") == id);
        let known = known.with_context(|| format!("the lab knows no interaction {id}"))?;
        let original = text(known, "original");
        let messages = self.channel(text(known, "channel"))?;
        Ok(messages.into_iter().find(|message| text(message, "id") == original))
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
        self.database.query(statement, parameters)
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

    /// Returns the whole lines that they have printed after so many bytes, and moves `from` to their end.
    pub fn logs_from(&self, from: &mut u64) -> String {
        worker::log_from(&self.folder.0, from)
    }

    /// Kills the Worker without warning; [`Self::restart`] starts it again.
    pub fn stop(&mut self) {
        drop(self.worker.take());
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
