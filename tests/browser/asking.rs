//! People ask on the page: in channels and in a direct message, by mouse and by keyboard.

use anyhow::{Result, ensure};
use serde_json::json;
use xtask::browser::keys;

use crate::world::World;

pub(crate) fn the_answer_and_the_timeline_appear(world: &World) -> Result<()> {
    world.ask("What time is it in Tokyo?")?;
    world.wait_for_message("みお (@mio)", "What time is it in Tokyo?")?;
    world.wait_for_message("Miyabi", "Asia/Tokyo")?;
    world.wait_for_status("COMPLETED")?;
    let browser = &world.browser;
    for step in ["claim", "think:1", "think:2", "question:1", "answer:1", "clear", "finish"] {
        let selector = format!("#timeline [data-step='{step}']");
        browser.wait_until(step, || Ok(browser.count(&selector)? == 1))?;
    }
    browser.wait_for("#timeline [data-step='think:1']", "ai_run")?;
    browser.wait_for("#timeline [data-step='answer:1']", "execute_webhook")?;
    browser.wait_for(".figures", "tokens")?;
    browser.click("#timeline [data-step='think:1'] .call summary")?;
    browser.wait_for("#timeline .details", "What time is it in Tokyo?")?;
    browser.click("#timeline [data-key^='row/']")?;
    browser.wait_for("#timeline .row", "COMPLETED")?;
    browser.click("#timeline [data-key^='log/']")?;
    browser.wait_for("#timeline .events", "job_completed")?;
    let page = world.value("document.documentElement.textContent")?.to_string();
    for name in ["bot_token", "webhook_token"] {
        ensure!(!page.contains(&world.secret(name)?), "the page shows {name}");
    }
    ensure!(browser.count("#log .only")? == 0, "nothing private is left");
    Ok(())
}

pub(crate) fn only_the_asker_sees_thinking(world: &World) -> Result<()> {
    let slow = json!({ "match": { "operation": "ai_run" }, "then": { "delay_ms": 3000 } });
    world.stack.lab().post("/lab/faults", &slow)?;
    world.ask("Why is the sky blue?")?;
    let browser = &world.browser;
    browser.wait_for("#log .thinking", "Miyabi is thinking…")?;
    browser.wait_for("#log .only", "Only you can see this · Dismiss message")?;
    browser.wait_for("#log .used", "みお used /ask")?;
    world.be("alex")?;
    browser.wait_until("alex to see nothing", || Ok(browser.count("#log .thinking")? == 0))?;
    world.be("mio")?;
    browser.wait_for("#log .thinking", "Miyabi is thinking…")?;
    world.wait_for_message("Miyabi", "scripted model")?;
    browser.wait_until("thinking to end", || Ok(browser.count("#log .thinking")? == 0))
}

pub(crate) fn a_direct_message_is_answered_there(world: &World) -> Result<()> {
    world.go("dm")?;
    world.ask("Is anybody there?")?;
    world.browser.wait_for("#log", "scripted model")?;
    world.browser.wait_for("#log .used", "Mio used /ask")?;
    world.wait_for_status("COMPLETED")?;
    world.go("general")?;
    world.browser.wait_for("#log", "Nothing has been said here")
}

pub(crate) fn a_private_answer_can_be_dismissed(world: &World) -> Result<()> {
    world.go("group")?;
    world.ask("Only for me?")?;
    world.browser.wait_for("#log .private", "scripted model")?;
    world.wait_for_status("COMPLETED")?;
    world.browser.click("#log .only button")?;
    world.browser.wait_until("it to go", || Ok(world.browser.count("#log .message")? == 0))
}

pub(crate) fn the_keyboard_is_enough(world: &World) -> Result<()> {
    let browser = &world.browser;
    let focus = "document.activeElement.id";
    let mut presses = 0;
    while world.value(focus)? != "question" {
        ensure!(presses < 20, "Tab does not lead to the composer");
        browser.press(keys::TAB)?;
        presses += 1;
    }
    browser.run("document.activeElement.blur()", &[])?;
    browser.press("/")?;
    ensure!(world.value(focus)? == "question", "`/` does not lead to the composer");
    browser.wait_for("#commands [aria-selected=true]", "/ask")?;
    browser.press(keys::ESCAPE)?;
    browser.wait_until("the list to close", || {
        Ok(world.value("document.getElementById('commands').hidden")? == true)
    })?;
    browser.press("/a")?;
    browser.press(keys::DOWN)?;
    browser.press(keys::ENTER)?;
    browser.wait_for("#chip", "/ask")?;
    browser.press("How late is it?")?;
    browser.press(keys::ENTER)?;
    world.wait_for_message("Miyabi", "scripted model")?;
    ensure!(world.value(focus)? == "question", "the focus is still in the composer");
    browser.run("document.getElementById('tab-timeline').focus()", &[])?;
    browser.press(keys::RIGHT)?;
    ensure!(world.value(focus)? == "tab-faults", "arrow keys go from tab to tab");
    ensure!(
        world.value("document.getElementById('faults').hidden")? == false,
        "and show its panel"
    );
    Ok(())
}

pub(crate) fn another_asker_has_another_name(world: &World) -> Result<()> {
    world.be("alex")?;
    world.go("random")?;
    world.ask("Who am I?")?;
    world.wait_for_message("Alex (@alex)", "Who am I?")?;
    world.wait_for_message("Miyabi", "scripted model")?;
    world.wait_for_status("COMPLETED")
}

pub(crate) fn a_long_answer_ends_in_a_file(world: &World) -> Result<()> {
    world.ask("[long 14000]")?;
    let browser = &world.browser;
    browser.wait_for("#log .file", "answer.md")?;
    browser.click("#log .file button")?;
    let length = "document.querySelector('#log .file pre').textContent.length";
    browser.wait_until("all of it", || Ok(world.value(length)?.as_u64() > Some(2000)))
}

pub(crate) fn an_answer_grows_while_it_is_written(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.ask("[long 1000] [slow 60] in English")?;
    browser.wait_for("#log .message:has(.only)", "scripted model")?;
    let length =
        || world.value("document.querySelector('#log .message:has(.only)')?.innerText.length ?? 0");
    let early = length()?.as_u64().unwrap_or_default();
    browser.wait_until("more of it", || Ok(length()?.as_u64().unwrap_or_default() > early))?;
    world.wait_for_message("Miyabi", "quick brown fox")?;
    world.wait_for_status("COMPLETED")?;
    browser.wait_for("#timeline [data-step='think:1']", "edit_original")?;
    ensure!(browser.count("#log .only")? == 0, "the preview is gone");
    Ok(())
}

pub(crate) fn usage_is_shown_to_who_asks_for_it(world: &World) -> Result<()> {
    let browser = &world.browser;
    browser.fill("#question", "/usage ")?;
    browser.wait_for("#chip", "/usage")?;
    browser.fill("#question", keys::ENTER)?;
    browser.wait_for("#log .only", "Only you can see this")?;
    browser.wait_for("#log .used", "used /usage")
}
