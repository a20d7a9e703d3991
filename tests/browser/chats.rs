//! What is the same on the pages of all messengers.

use anyhow::{Result, ensure};
use xtask::browser::keys;

use crate::commands::look;
use crate::world::World;

/// Writes a message and sends it.
pub(crate) fn write(world: &World, words: &str) -> Result<()> {
    world.browser.fill("#question", &format!("{words}{}", keys::ENTER))
}

/// The help is chosen by keyboard in a chat of Mio's that has one answer, Alex sees nothing of it, and it fits a phone.
pub(crate) fn a_chat_has_help_and_is_its_persons_own(world: &World) -> Result<()> {
    let browser = &world.browser;
    browser.fill("#question", "/he")?;
    browser.wait_for("#commands [aria-selected=true]", "/help")?;
    browser.press(keys::ENTER)?;
    browser.press(keys::ENTER)?;
    world.wait_for_message("みお", "/help")?;
    browser.wait_until("help", || Ok(browser.count("#log [data-author=Miyabi]")? == 2))?;
    // Alex has a chat of their own.
    world.be("alex")?;
    browser.wait_for("#log", "every text is a question")?;
    fits_a_phone(world)
}

/// What Mio was answered about the time in Tokyo fits a phone.
pub(crate) fn fits_a_phone(world: &World) -> Result<()> {
    world.browser.resize(390, 844, 1.0)?;
    world.be("mio")?;
    world.wait_for_message("Miyabi", "Asia/Tokyo")?;
    let wide = world.value("document.documentElement.scrollWidth")?;
    ensure!(wide.as_u64() <= Some(390), "{wide} pixels wide");
    look(world, "a phone")
}

/// A reply, by the button that `reply` names, gets another one of the `answers`, and is no reply any more then. What was
/// said is seen in its own place alone.
pub(crate) fn a_reply_is_answered(
    world: &World,
    (reply, chip): (&str, &str),
    answers: &str,
    words: &str,
) -> Result<()> {
    let browser = &world.browser;
    browser.run(&format!("document.querySelector({reply:?}).click()"), &[])?;
    browser.wait_for("#chip", chip)?;
    look(world, "a reply")?;
    write(world, words)?;
    browser.wait_until("another answer", || Ok(browser.count(answers)? == 2))?;
    ensure!(world.value("document.getElementById('chip').hidden")? == true, "it replies once");
    world.go("general")?;
    browser.wait_for("#log", "Nothing has been said here")
}
