//! `cargo xtask screenshots`: pictures of the page's main states, in `docs/images`.
//!
//! The model's words are written here; everything else is the Worker in workerd, as in `dev`.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::browser::keys;
use crate::browser::page::{Page, answer, call};
use crate::project;
use crate::setup::say;

const FOLDER: &str = "docs/images";
/// Largest picture that a README should load.
const MAX_BYTES: usize = 250_000;
/// Pixels for each CSS pixel: sharp on ordinary screens, and small enough.
const SCALE: f64 = 1.25;

const KYOTO: &str = "## 京都の天気\n\
    いまは**曇り**で、気温は**16.2 °C**(体感 14.7 °C)です。\n\
    - 最高 19.2 °C、最低 11.2 °C\n\
    - 湿度 62 %、風速 11.2 km/h\n\
    > 夕方は冷えそうです。羽織るものを一枚どうぞ。\n\
    -# 出典: [Open-Meteo](https://open-meteo.com)";
const RUST: &str = "`retain` keeps what the closure says **yes** to, in place and in order:\n\
    ```rust\nlet mut words = vec![\"miyabi\", \"\", \"雅\"];\nwords.retain(|word| !word.is_empty());\nassert_eq!(words, [\"miyabi\", \"雅\"]);\n```\n\
    It is *O(n)*; `swap_remove` in a loop is faster only if the order does not matter. \
    ||And no, `drain_filter` never became stable: it is called `extract_if` now.||";
const PRIVATE: &str = "Of course. Nobody else sees what we write here.\n\
    1. **Breathe.** The deployment can wait ten minutes.\n\
    2. Run `cargo xtask test` once more.\n\
    3. Then ask the one question that you are afraid of.";
const AGAIN: &str = "It came through on the second attempt, and it is here **once**.";

/// Takes all pictures.
///
/// # Errors
/// When something does not start, or the page does not come to a state.
pub fn run() -> Result<()> {
    let page = Page::start(&[])?;
    let folder = project::root()?.join(FOLDER);
    page.browser.resize(1280, 800, SCALE)?;
    page.freshen()?;
    channel(&page)?;
    page.browser.prefer("dark")?;
    take(&page, &folder, "page-dark")?;
    page.browser.prefer("light")?;
    take(&page, &folder, "page-light")?;
    direct(&page)?;
    take(&page, &folder, "direct-message")?;
    page.freshen()?;
    page.browser.prefer("light")?;
    settings(&page)?;
    take(&page, &folder, "settings")?;
    recovery(&page)?;
    page.browser.prefer("dark")?;
    take(&page, &folder, "recovery")?;
    page.browser.resize(390, 844, 2.0)?;
    narrow(&page)?;
    take(&page, &folder, "narrow")
}

/// Two answers, the first with a tool.
fn channel(page: &Page) -> Result<()> {
    page.script(&[answer(RUST), call("weather", &json!({ "place": "Kyoto" })), answer(KYOTO)])?;
    page.be("alex")?;
    page.ask("How do I drop the empty strings of a Vec?")?;
    page.wait_for_message("Miyabi", "retain")?;
    page.wait_for_status("COMPLETED")?;
    page.be("mio")?;
    page.ask("京都の天気は?")?;
    page.wait_for_message("Miyabi", "羽織る")?;
    page.browser.wait_for("#timeline [data-step=finish]", "finish")?;
    page.wait_for_status("COMPLETED")
}

fn direct(page: &Page) -> Result<()> {
    page.script(&[answer(PRIVATE)])?;
    page.go("dm")?;
    page.be("alex")?;
    page.ask("I deploy for the first time today. Any advice?")?;
    page.wait_for_message("Miyabi", "Breathe")?;
    page.wait_for_status("COMPLETED")?;
    page.browser.click("#timeline [data-key^='row/']")?;
    page.browser.wait_for("#timeline .row", "COMPLETED")
}

/// The panel of who manages the server, below an answer with its buttons.
fn settings(page: &Page) -> Result<()> {
    page.script(&[answer(RUST)])?;
    page.go("random")?;
    page.be("alex")?;
    page.ask("How do I drop the empty strings of a Vec?")?;
    page.wait_for_message("Miyabi", "retain")?;
    page.wait_for_status("COMPLETED")?;
    page.browser.fill("#question", "/settings ")?;
    page.browser.wait_for("#chip", "/settings")?;
    page.browser.fill("#question", keys::ENTER)?;
    page.browser.wait_for("#log .private", "Only you can see this")
}

/// The first post meets a 500, the model is busy twice.
fn recovery(page: &Page) -> Result<()> {
    page.freshen()?;
    let rules = json!([
        { "match": { "operation": "ai_run" }, "times": 1, "then": { "status": 429 } },
        { "match": { "operation": "execute_webhook", "nth": 2 }, "then": { "status": 502, "effect": true } },
    ]);
    page.stack.lab().post("/lab/faults", &rules)?;
    page.script(&[answer(AGAIN)])?;
    page.ask("Does it come through, whatever breaks?")?;
    page.wait_for_message("Miyabi", "once")?;
    page.wait_for_status("COMPLETED")
}

fn narrow(page: &Page) -> Result<()> {
    page.stack.lab().post("/lab/reset", &json!({}))?;
    page.script(&[answer(KYOTO)])?;
    page.ask("京都の天気は?")?;
    page.wait_for_message("Miyabi", "羽織る")?;
    page.wait_for_status("COMPLETED")
}

fn take(page: &Page, folder: &Path, name: &str) -> Result<()> {
    // Nothing is hovered over or focused in a picture, and no line is half drawn.
    page.browser.run(
        "document.activeElement.blur(); document.querySelector('#log').scrollTop = 1e6",
        &[],
    )?;
    std::thread::sleep(std::time::Duration::from_millis(250));
    let picture = page.browser.picture()?;
    let file = folder.join(format!("{name}.png"));
    say(&format!("{FOLDER}/{name}.png: {} kB", picture.len() / 1000));
    ensure!(picture.len() <= MAX_BYTES, "{name}.png is larger than {MAX_BYTES} bytes");
    std::fs::write(&file, picture).with_context(|| file.display().to_string())
}
