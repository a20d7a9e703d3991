//! What all tests share: the stack, the browser, and how a person uses the page.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use xtask::browser::{Browser, keys};
use xtask::commands::dev;
use xtask::commands::dev::observe::Observer;
use xtask::process;
use xtask::stack::{Options, Stack};

/// A stack and a browser; dropping it ends both.
#[derive(Debug)]
pub(crate) struct World {
    // In this order: first who looks, then what is looked at.
    pub(crate) browser: Browser,
    _observer: Observer,
    pub(crate) stack: Stack,
}

impl World {
    pub(crate) fn start() -> Result<Self> {
        process::end_on_signal()?;
        let stack = Stack::start(Options::default())?;
        let observer = dev::open(&stack)?;
        let browser = Browser::start()?;
        Ok(Self { browser, _observer: observer, stack })
    }

    /// A fresh lab and a fresh page in an ordinary window.
    pub(crate) fn freshen(&self) -> Result<()> {
        self.stack.lab().post("/lab/reset", &json!({}))?;
        dev::register(self.stack.lab())?;
        self.browser.resize(1280, 800, 1.0)?;
        self.browser.open(self.stack.lab_url())?;
        self.browser.run("localStorage.clear()", &[])?;
        self.browser.open(self.stack.lab_url())?;
        self.browser.wait_for("#live", "live")?;
        self.browser.wait_until("the channels", || Ok(self.browser.count(".place")? > 0))
    }

    /// What must hold after each test: nothing in the page has failed or run that must not.
    pub(crate) fn check(&self) -> Result<()> {
        ensure!(!self.browser.has_alert()?, "a dialogue is open");
        let violations = self.stack.lab().get("/lab/violations")?;
        ensure!(violations == json!([]), "{violations}");
        Ok(())
    }

    /// Types `/ask` and a question, and sends it.
    pub(crate) fn ask(&self, question: &str) -> Result<()> {
        self.browser.fill("#question", "/ask ")?;
        self.browser.wait_for("#chip", "/ask")?;
        self.browser.fill("#question", &format!("{question}{}", keys::ENTER))
    }

    /// Chooses a channel.
    pub(crate) fn go(&self, channel: &str) -> Result<()> {
        self.browser.click(&format!(".place[data-channel={channel}]"))?;
        let chosen = format!(".place[data-channel={channel}][aria-current]");
        self.browser.wait_until(channel, || Ok(self.browser.count(&chosen)? == 1))
    }

    /// Waits for a message of an author.
    pub(crate) fn wait_for_message(&self, author: &str, words: &str) -> Result<()> {
        let what = format!("{author} to say `{words}`");
        self.browser.wait_until(&what, || {
            let said = self.browser.run(MESSAGES, &[json!(author)])?;
            Ok(said
                .as_array()
                .into_iter()
                .flatten()
                .any(|text| text.as_str().is_some_and(|text| text.contains(words))))
        })
    }

    /// Waits until the timeline says so of the job.
    pub(crate) fn wait_for_status(&self, status: &str) -> Result<()> {
        self.browser.wait_for("#timeline [data-status]", status)
    }

    /// Has the model say something next.
    pub(crate) fn script(&self, answer: &str) -> Result<()> {
        let usage = json!({ "prompt_tokens": 400, "completion_tokens": 60, "total_tokens": 460 });
        let reply = json!({ "response": answer, "tool_calls": [], "usage": usage });
        self.stack.lab().post("/lab/ai/script", &json!({ "replies": [reply] })).map(drop)
    }

    /// Runs an expression in the page.
    pub(crate) fn value(&self, expression: &str) -> Result<Value> {
        self.browser.run(&format!("return {expression}"), &[])
    }
}

/// What an author's messages say.
const MESSAGES: &str = "return [...document.querySelectorAll('#log .message')]\
                        .filter((message) => message.dataset.author === arguments[0])\
                        .map((message) => message.innerText)";
