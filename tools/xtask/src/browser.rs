//! Chromium, driven over `WebDriver`, which is HTTP and JSON: <https://www.w3.org/TR/webdriver2/>.
//!
//! The crates for it (`thirtyfour`, `fantoccini`) are asynchronous and bring tokio and hyper, while
//! everything here blocks; a wrapper around one would be about as long as this file. Elements are
//! named by CSS selectors each time they are used, since the page makes them anew when something
//! changes.

pub mod install;
pub mod page;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::process::{self, Child};
use crate::{http, project};

/// Longest wait for something to appear.
const TIMEOUT: Duration = Duration::from_secs(40);
const POLL: Duration = Duration::from_millis(30);
/// How the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Nothing but this machine can be reached: what the page needs, it has.
const ARGUMENTS: [&str; 11] = [
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-breakpad",
    "--disable-background-networking",
    "--disable-extensions",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--lang=en-US",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/// Keys that are no letters, as the protocol writes them.
pub mod keys {
    /// Tab.
    pub const TAB: &str = "\u{e004}";
    /// Enter.
    pub const ENTER: &str = "\u{e007}";
    /// Escape.
    pub const ESCAPE: &str = "\u{e00c}";
    /// Arrow down.
    pub const DOWN: &str = "\u{e015}";
    /// Arrow right.
    pub const RIGHT: &str = "\u{e014}";
}

/// A running browser with one page; dropping it leaves no process and no file.
#[derive(Debug)]
pub struct Browser {
    session: String,
    folder: PathBuf,
    _driver: Child,
}

impl Browser {
    /// Starts Chromium; see [`install::programs`] for what is done when there is none.
    ///
    /// # Errors
    /// When there is no Chromium, or it does not start.
    pub fn start() -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let programs = install::programs()?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-browser-{number}", std::process::id());
        let folder = project::target()?.join("stack").join(name);
        process::temporary_folder(&folder)?;
        let mut command: Command = process::guarded(&programs.driver);
        command.arg("--port=0").env("TMPDIR", &folder).env("HOME", &folder);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = process::spawn(&mut command)?;
        let stdout = driver.stdout().context("chromedriver has no standard output")?;
        let port = port(BufReader::new(stdout)).context("chromedriver did not start")?;
        let mut arguments = ARGUMENTS.to_vec();
        if install::is_root() {
            // Chromium's sandbox needs a user who is not root; the page is ours.
            arguments.push("--no-sandbox");
        }
        let options = json!({ "args": arguments, "binary": programs.browser });
        let wanted = json!({ "goog:chromeOptions": options, "unhandledPromptBehavior": "ignore" });
        let body = json!({ "capabilities": { "alwaysMatch": wanted } });
        let url = format!("http://127.0.0.1:{port}/session");
        let reply = value(&http::post(&url, &body)?)?;
        let id = reply.get("sessionId").and_then(Value::as_str).context("no session")?;
        Ok(Self { session: format!("{url}/{id}"), folder, _driver: driver })
    }

    /// Opens an address and waits until it is loaded.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn open(&self, url: &str) -> Result<()> {
        self.post("url", &json!({ "url": url })).map(drop)
    }

    /// Makes the window as large, in CSS pixels, with so many pixels for each of them.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn resize(&self, width: u32, height: u32, scale: f64) -> Result<()> {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", &size)
    }

    /// Has the system prefer `dark` or `light`.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn prefer(&self, scheme: &str) -> Result<()> {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.devtools("Emulation.setEmulatedMedia", &json!({ "features": [feature] }))
    }

    /// Has every request say that its sender reads these languages, such as `ja,en;q=0.8`.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn read_in(&self, languages: &str) -> Result<()> {
        self.devtools("Network.enable", &json!({}))?;
        let headers = json!({ "headers": { "accept-language": languages } });
        self.devtools("Network.setExtraHTTPHeaders", &headers)
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Result<()> {
        let body = json!({ "cmd": command, "params": parameters });
        self.post("goog/cdp/execute", &body).map(drop)
    }

    /// Runs a program that is not the page's own: its policy lets no other script in.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn inject(&self, program: &str) -> Result<()> {
        self.devtools("Runtime.evaluate", &json!({ "expression": program }))
    }

    /// Runs a function's body in the page and returns what it returns.
    ///
    /// # Errors
    /// When it throws.
    pub fn run(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.post("execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// Clicks on the element, once there is one.
    ///
    /// # Errors
    /// When there is none, or it cannot be clicked.
    pub fn click(&self, selector: &str) -> Result<()> {
        self.once(selector, |id| self.post(&format!("element/{id}/click"), &json!({})).map(drop))
    }

    /// Types into the element, once there is one.
    ///
    /// # Errors
    /// When there is none, or it takes no text.
    pub fn fill(&self, selector: &str, text: &str) -> Result<()> {
        let body = json!({ "text": text });
        self.once(selector, |id| self.post(&format!("element/{id}/value"), &body).map(drop))
    }

    /// Presses keys one after the other, wherever the focus is.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn press(&self, keys: &str) -> Result<()> {
        let strokes = keys.chars().flat_map(|key| {
            ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
        });
        let source =
            json!({ "type": "key", "id": "keyboard", "actions": strokes.collect::<Vec<_>>() });
        self.post("actions", &json!({ "actions": [source] })).map(drop)
    }

    /// Returns the visible text of the element, if there is one.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn text(&self, selector: &str) -> Result<Option<String>> {
        let script = "return document.querySelector(arguments[0])?.innerText ?? null";
        Ok(self.run(script, &[json!(selector)])?.as_str().map(ToOwned::to_owned))
    }

    /// Returns how many elements there are.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn count(&self, selector: &str) -> Result<u64> {
        let script = "return document.querySelectorAll(arguments[0]).length";
        Ok(self.run(script, &[json!(selector)])?.as_u64().unwrap_or_default())
    }

    /// Waits until an element's text contains the words.
    ///
    /// # Errors
    /// When it does not in time.
    pub fn wait_for(&self, selector: &str, words: &str) -> Result<()> {
        let what = format!("`{words}` in {selector}");
        self.wait_until(&what, || Ok(self.text(selector)?.is_some_and(|text| text.contains(words))))
    }

    /// Waits until something is so.
    ///
    /// # Errors
    /// When it is not in time, with what the page shows.
    pub fn wait_until(&self, what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        while !is_so()? {
            if Instant::now() > deadline {
                let shown = self.text("body")?.unwrap_or_default();
                bail!("waited {} s for {what}; the page shows:\n{shown}", TIMEOUT.as_secs());
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    /// Returns whether a dialogue is open, as `alert` makes one.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn has_alert(&self) -> Result<bool> {
        Ok(http::get(&format!("{}/alert/text", self.session))?.status == 200)
    }

    /// Returns a picture of the window, as PNG.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn picture(&self) -> Result<Vec<u8>> {
        let picture = value(&http::get(&format!("{}/screenshot", self.session))?)?;
        BASE64_STANDARD.decode(picture.as_str().unwrap_or_default()).context("the picture")
    }

    /// Does something with an element as soon as it is there and lets it be done.
    fn once(&self, selector: &str, act: impl Fn(&str) -> Result<()>) -> Result<()> {
        let query = json!({ "using": "css selector", "value": selector });
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let found = self.post("element", &query);
            let done = found.and_then(|element| {
                act(element.get(ELEMENT).and_then(Value::as_str).unwrap_or_default())
            });
            match done {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    return Err(error.context(selector.to_owned()));
                }
                Err(_) => std::thread::sleep(POLL),
            }
        }
    }

    fn post(&self, command: &str, body: &Value) -> Result<Value> {
        value(&http::post(&format!("{}/{command}", self.session), body)?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromium ends itself; the group's end, which follows, would not reach all that it starts.
        drop(http::delete(&self.session));
        process::forget_folder(&self.folder);
    }
}

/// The port, from what the driver says when it listens.
fn port(lines: impl BufRead) -> Option<u16> {
    for line in lines.lines().map_while(Result::ok) {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return port.trim_end_matches('.').trim().parse().ok();
        }
    }
    None
}

/// A reply's value; an error is its message.
fn value(reply: &http::Reply) -> Result<Value> {
    let body: Value =
        serde_json::from_str(&reply.body).context("the driver's answer is not JSON")?;
    let value = body.get("value").cloned().unwrap_or_default();
    if reply.status == 200 {
        return Ok(value);
    }
    let message = value.get("message").and_then(Value::as_str).unwrap_or_default();
    bail!("{}", message.lines().next().unwrap_or("the driver refused"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_port_in_what_the_driver_says() {
        let said = "Starting ChromeDriver 156 on port 0\nChromeDriver was started successfully on port 40183.\n";
        assert_eq!(port(said.as_bytes()), Some(40183));
        assert_eq!(port("no\n".as_bytes()), None);
    }
}
