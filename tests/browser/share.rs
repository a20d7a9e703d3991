//! A conversation that is shared is a page for whoever has its link, on any screen, in any colors, in both
//! languages, without a script.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use xtask::browser::page::{Page, answer};
use xtask::commands::key;
use xtask::d1::Place;
use xtask::http;

use crate::world::World;

const QUESTION: &str = "<img src=x onerror=alert(1)> 京都のお茶は？";
const ANSWER: &str = "**Uji**, of course:\n\n- matcha\n- gyokuro\n\n<script>alert(1)</script>\n\
                      https://example.com/a-very-long-address-without-any-place-at-which-it-could-be-broken-into-two";

/// Asks over HTTP, shares the conversation, and returns the link.
fn share(page: &Page) -> Result<String> {
    let place = Place::Local(Some(page.stack.folder().join("state")));
    let key = key::make(&place, "browser-mio", "chat", "")?;
    let bearer = format!("Bearer {}", key.reveal());
    page.script(&[answer(ANSWER)])?;
    let headers = [("authorization", bearer.as_str())];
    let ask = json!({ "message": QUESTION, "conversation": "tea" });
    let url = page.stack.url();
    let asked = http::send("POST", &format!("{url}/api/chat"), &headers, Some(&ask))?;
    ensure!(asked.status == 200, "{}", asked.body);
    let path = format!("{url}/api/conversations/tea/share");
    let shared = http::send("POST", &path, &headers, Some(&json!({})))?;
    let link: Value = serde_json::from_str(&shared.body).context("the link")?;
    Ok(link.get("url").and_then(Value::as_str).context("the link has no URL")?.to_owned())
}

pub(crate) fn what_is_shared_is_read_anywhere(world: &World) -> Result<()> {
    let browser = &world.browser;
    let link = share(world)?;
    for (languages, word) in [("en-US,en;q=0.9", "Question"), ("ja,en-US;q=0.9", "質問")] {
        browser.read_in(languages)?;
        for width in [320, 390, 1280] {
            browser.resize(width, 844, 1.0)?;
            browser.open(&link)?;
            browser.wait_for("article h2", word)?;
            let wide = world.value("document.documentElement.scrollWidth")?;
            ensure!(wide.as_u64() <= Some(width.into()), "{wide} of {width} pixels wide");
        }
        browser.wait_for("article.ask .said", QUESTION)?;
        browser.wait_for("article.say .said", "- gyokuro\n\n<script>alert(1)</script>\nhttps:")?;
        let outline = "[...document.querySelectorAll('h1,h2,h3')].map((it) => it.tagName).join()";
        ensure!(world.value(outline)? == "H1,H2,H2", "the headings are out of order");
        let main = "document.querySelectorAll('main, header, footer').length";
        ensure!(world.value(main)? == 3, "a landmark is missing");
        ensure!(
            browser.count("script, img, link, a, form, iframe")? == 0,
            "there is more than text"
        );
        ensure!(world.value("document.cookie")? == "", "there is a cookie");
    }
    // The style is allowed by its hash: without it the page would be white on any system.
    let back = "getComputedStyle(document.body).backgroundColor";
    browser.prefer("dark")?;
    let dark = world.value(back)?;
    browser.prefer("light")?;
    ensure!(world.value(back)? != dark, "the colors are those of no system");
    browser.open(&format!("{}/share/{}", world.stack.url(), "0".repeat(40)))?;
    browser.wait_for("h1", "何もありません")?;
    browser.read_in("en")
}
