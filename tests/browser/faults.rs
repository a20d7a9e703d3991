//! The panel sets faults, and the timeline shows the recovery.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::world::World;

fn choose(world: &World, selector: &str, value: &str) -> Result<()> {
    let script = "const input = document.querySelector(arguments[0]); input.value = arguments[1]; return input.value";
    let chosen = world.browser.run(script, &[json!(selector), json!(value)])?;
    ensure!(chosen == value, "{selector} has no {value}");
    Ok(())
}

pub(crate) fn a_fault_is_recovered_from(world: &World) -> Result<()> {
    let browser = &world.browser;
    browser.click("#tab-faults")?;
    choose(world, "#fault-operation", "execute_webhook")?;
    choose(world, "#fault-way", "500")?;
    browser.click(".breaker:has(#fault-operation) button")?;
    browser.wait_for("#fault-list", "1 of 1 to come")?;
    browser.wait_for("#active", "1")?;
    world.ask("Does it come through?")?;
    world.wait_for_message("Miyabi", "scripted model")?;
    browser.wait_for("#fault-list", "done")?;
    browser.click("#tab-timeline")?;
    world.wait_for_status("COMPLETED")?;
    browser.wait_for("#timeline .figures", "1 retry")?;
    browser.wait_for("#timeline [data-step='question:1'][data-attempts='2']", "Attempt 1:")?;
    browser.wait_for("#timeline [data-step='question:1'] .badge.bad", "500")?;
    let asked = "[...document.querySelectorAll('#log .message')].filter((message) => message.innerText.includes('come through?')).length";
    ensure!(world.value(asked)? == 1, "the question is there once");
    browser.click("#tab-faults")?;
    browser.click("#fault-list li button")?;
    browser.wait_for("#fault-list", "Nothing is broken.")
}

pub(crate) fn a_block_and_chaos_are_set_and_removed(world: &World) -> Result<()> {
    let browser = &world.browser;
    browser.click("#tab-faults")?;
    browser.click(".breaker:has(#block-status) button")?;
    browser.wait_for("#fault-list", "all calls to Discord: blocked with 429")?;
    browser.click(".breaker:has(#chaos-rate) button")?;
    browser.wait_for("#fault-list", "chaos: 30 % of calls")?;
    let config = world.stack.lab().get("/lab/config")?;
    ensure!(config.get("chaos") == Some(&json!({ "seed": 1, "rate": 0.3 })), "{config}");
    for _ in 0..2 {
        let left = browser.count("#fault-list li")?;
        browser.click("#fault-list li button")?;
        browser.wait_until("one less", || Ok(browser.count("#fault-list li")? < left))?;
    }
    let config = world.stack.lab().get("/lab/config")?;
    for name in ["blocked", "chaos"] {
        ensure!(config.get(name) == Some(&Value::Null), "{config}");
    }
    Ok(())
}
