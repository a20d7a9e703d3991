//! The lab's page in a browser, with a stack behind it: how a person uses it.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{Browser, keys};
use crate::commands::dev;
use crate::commands::dev::observe::Observer;
use crate::stack::{Options, Stack};

/// What an author's messages say.
const MESSAGES: &str = "return [...document.querySelectorAll('#log [data-author]')]\
                        .filter((message) => message.dataset.author === arguments[0])\
                        .map((message) => message.innerText)";

/// A stack, and a browser that shows its page; dropping it ends both.
#[derive(Debug)]
pub struct Page {
    // In this order: first who looks, then what is looked at.
    /// The window.
    pub browser: Browser,
    _observer: Observer,
    /// What is behind it.
    pub stack: Stack,
}

impl Page {
    /// Starts both, with these variables of the Worker.
    ///
    /// # Errors
    /// When a tool is missing or something does not start.
    pub fn start(vars: &[(&str, &str)]) -> Result<Self> {
        let stack = Stack::start(Options::with_vars(vars))?;
        let observer = dev::open(&stack)?;
        let browser = Browser::start()?;
        Ok(Self { browser, _observer: observer, stack })
    }

    /// A fresh lab and a fresh page in an ordinary window.
    ///
    /// # Errors
    /// When the page does not open.
    pub fn freshen(&self) -> Result<()> {
        self.stack.freshen()?;
        dev::register(self.stack.lab())?;
        self.browser.open(self.stack.lab_url())?;
        self.browser.run("localStorage.clear()", &[])?;
        self.browser.open(self.stack.lab_url())?;
        self.browser.wait_for("#live", "live")?;
        self.browser.wait_until("the channels", || Ok(self.browser.count(".place")? > 0))
    }

    /// Types `/ask` and a question, and sends it.
    ///
    /// # Errors
    /// When the page does not take it.
    pub fn ask(&self, question: &str) -> Result<()> {
        self.browser.fill("#question", "/ask ")?;
        self.browser.wait_for("#chip", "/ask")?;
        self.browser.fill("#question", &format!("{question}{}", keys::ENTER))
    }

    /// Chooses a channel.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn go(&self, channel: &str) -> Result<()> {
        self.browser.click(&format!(".place[data-channel='{channel}']"))?;
        let chosen = format!(".place[data-channel='{channel}'][aria-current]");
        self.browser.wait_until(channel, || Ok(self.browser.count(&chosen)? == 1))
    }

    /// Chooses who asks.
    ///
    /// # Errors
    /// When there is nobody of that name.
    pub fn be(&self, person: &str) -> Result<()> {
        self.browser.click(&format!("label.asker:has([value={person}])"))?;
        let chosen = format!("[name=asker][value={person}]:checked");
        self.browser.wait_until(person, || Ok(self.browser.count(&chosen)? == 1))
    }

    /// Waits for a message of an author.
    ///
    /// # Errors
    /// When it does not come.
    pub fn wait_for_message(&self, author: &str, words: &str) -> Result<()> {
        let what = format!("{author} to say `{words}`");
        let has = |text: &Value| text.as_str().is_some_and(|text| text.contains(words));
        self.browser.wait_until(&what, || {
            let said = self.browser.run(MESSAGES, &[json!(author)])?;
            Ok(said.as_array().into_iter().flatten().any(has))
        })
    }

    /// Waits until the timeline says so of the job.
    ///
    /// # Errors
    /// When it does not.
    pub fn wait_for_status(&self, status: &str) -> Result<()> {
        self.browser.wait_for("#timeline [data-status]", status)
    }

    /// Has the model reply so, one after the other.
    ///
    /// # Errors
    /// When the lab does not take them.
    pub fn script(&self, replies: &[Value]) -> Result<()> {
        self.stack.lab().post("/lab/ai/script", &json!({ "replies": replies })).map(drop)
    }

    /// Returns what the lab says of its world.
    ///
    /// # Errors
    /// When it does not.
    pub fn secret(&self, name: &str) -> Result<String> {
        let world = self.stack.lab().get("/lab/world")?;
        let secret = world.get(name).and_then(Value::as_str);
        secret.map(ToOwned::to_owned).with_context(|| format!("the lab's world has no {name}"))
    }

    /// Returns the value of an expression in the page.
    ///
    /// # Errors
    /// When it throws.
    pub fn value(&self, expression: &str) -> Result<Value> {
        self.browser.run(&format!("return {expression}"), &[])
    }
}

/// A reply of the model with these words.
pub fn answer(words: &str) -> Value {
    let usage = json!({ "prompt_tokens": 512, "completion_tokens": 148, "total_tokens": 660, "neurons": 43.97 });
    json!({ "response": words, "tool_calls": [], "usage": usage })
}

/// A reply of the model that calls a tool.
pub fn call(tool: &str, arguments: &Value) -> Value {
    let usage = json!({ "prompt_tokens": 480, "completion_tokens": 22, "total_tokens": 502, "neurons": 17.31 });
    json!({ "response": "", "tool_calls": [{ "name": tool, "arguments": arguments }], "usage": usage })
}
