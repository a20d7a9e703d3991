//! What a person does on the page beside asking: commands, menus of messages, panels, forms and buttons, by mouse
//! and by keyboard, and axe looks at each state.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use xtask::browser::keys;
use xtask::project;

use crate::world::World;

/// What axe finds, with where it found it.
const FINDINGS: &str = "return axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => \
                        nodes.map(({ target }) => `${id}: ${target.join(' ')}`)))";

/// What a message says that its reader alone sees, without its buttons and menus.
const PANEL: &str = "#log .private .said";

/// Has axe look at the page as it is, in both themes.
pub(crate) fn look(world: &World, state: &str) -> Result<()> {
    let file = project::root()?.join("web/node_modules/axe-core/axe.min.js");
    let axe = std::fs::read_to_string(file).context("axe")?;
    for theme in ["dark", "light"] {
        world.browser.prefer(theme)?;
        world.browser.inject(&axe)?;
        let found = world.browser.run(FINDINGS, &[])?;
        ensure!(found == json!([]), "{state}, {theme}: {found}");
    }
    Ok(())
}

/// Chooses a command and sends it as it is.
fn command(world: &World, name: &str) -> Result<()> {
    world.browser.fill("#question", &format!("/{name} "))?;
    world.browser.wait_for("#chip", name)?;
    world.browser.fill("#question", keys::ENTER)
}

/// The component that carries this, in the newest message that has it.
fn part(id: &str) -> String {
    format!("#log [data-custom-id*='{id}']")
}

/// Chooses in a menu, as a person does with the arrow keys.
fn choose(world: &World, selector: &str, value: &str) -> Result<()> {
    world.browser.click(&format!("{selector} option[value='{value}']"))
}

fn say(world: &World, words: &str) -> Result<()> {
    world.browser.fill("#question", &format!("{words}{}", keys::ENTER))?;
    world.browser.wait_for("#log", words)
}

pub(crate) fn what_is_typed_is_completed(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go("random")?;
    world.ask("Why is the sea salty?")?;
    world.wait_for_status("COMPLETED")?;
    browser.fill("#question", "/ask ")?;
    browser.wait_for("#chip", "/ask")?;
    browser.fill("#question", "salt")?;
    let offers = |list: &str, value: &str| {
        let script = "return [...document.querySelectorAll(arguments[0])].map((it) => it.value)";
        let selector = format!("#choices-{list} option");
        browser.wait_until(value, || {
            let offered = browser.run(script, &[json!(selector)])?;
            Ok(offered.as_array().is_some_and(|it| it.contains(&json!(value))))
        })
    };
    offers("question", "Why is the sea salty?")?;
    browser.fill("[data-option=model]", "qwen")?;
    offers("model", "@cf/qwen/qwen3-30b-a3b-fp8")?;
    look(world, "the composer")?;
    browser.press(keys::ESCAPE)?;
    browser.wait_until("the line", || Ok(browser.count("#chip[hidden]")? == 1))
}

pub(crate) fn a_message_is_asked_about_from_its_menu(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.be("alex")?;
    say(world, "The zebra crossing is closed.")?;
    browser.run("document.querySelector('#log .apps').focus()", &[])?;
    browser.press(keys::ENTER)?;
    browser.wait_for("#log .menu", "Ask Miyabi")?;
    look(world, "the menu of a message")?;
    let focus = "document.activeElement.textContent";
    ensure!(world.value(focus)? == "Ask Miyabi", "the menu has the focus");
    browser.press(keys::DOWN)?;
    ensure!(world.value(focus)? == "Translate", "arrow keys go through the menu");
    browser.press(keys::ESCAPE)?;
    ensure!(world.value("document.activeElement.className")? == "apps", "Escape leads back");
    browser.press(keys::ENTER)?;
    browser.press(keys::ENTER)?;
    browser.wait_for("dialog", "Ask Miyabi")?;
    look(world, "a form")?;
    browser.fill("dialog [data-field]", "Where is it?")?;
    browser.click("dialog [type=submit]")?;
    world.wait_for_message("Miyabi", "about: ")?;
    world.wait_for_status("COMPLETED")?;
    browser.click("#log .apps")?;
    browser.click("#log .menu [role=menuitem]:nth-child(2)")?;
    browser.wait_for("#log .used", "used Translate")?;
    world.wait_for_message("Miyabi", "Only you can see this")?;
    world.wait_for_status("COMPLETED")
}

pub(crate) fn settings_are_chosen_and_written(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.be("alex")?;
    command(world, "settings")?;
    browser.wait_for("#log .only", "Only you can see this")?;
    look(world, "the panel of settings")?;
    choose(world, &part("-language"), "ja")?;
    browser.wait_for(PANEL, "日本語")?;
    browser.click(&part("-write"))?;
    browser.wait_for("dialog", "")?;
    look(world, "the form of settings")?;
    browser.fill("dialog [data-field=persona]", "Speak of marmalade.")?;
    browser.press(keys::ESCAPE)?;
    browser.wait_until("the form to close", || Ok(browser.count("dialog")? == 0))?;
    browser.click(&part("-write"))?;
    browser.fill("dialog [data-field=persona]", "Speak of marmalade.")?;
    browser.click("dialog [type=submit]")?;
    browser.wait_for(PANEL, "marmalade")?;
    for words in ["marmalade", "日本語"] {
        browser.click(&part("-undo"))?;
        let has = || Ok(!browser.text(PANEL)?.unwrap_or_default().contains(words));
        browser.wait_until("it to be undone", has)?;
    }
    Ok(())
}

pub(crate) fn each_button_of_an_answer_works(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go("random")?;
    world.be("alex")?;
    world.ask("Why is the sky blue?")?;
    world.wait_for_status("COMPLETED")?;
    browser.wait_until("buttons", || Ok(browser.count("#log .buttons button")? == 4))?;
    look(world, "an answer with buttons")?;
    browser.run(&format!("document.querySelector(\"{}\").focus()", part("1.why.")), &[])?;
    browser.press(keys::ENTER)?;
    browser.wait_for("#log .private", "rounds: 1")?;
    browser.click("#log .only button")?;
    browser.click(&part("1.follow."))?;
    browser.fill("dialog [data-field]", "And at sunset?")?;
    browser.click("dialog [type=submit]")?;
    world.wait_for_message("Alex (@alex)", "And at sunset?")?;
    world.wait_for_status("COMPLETED")?;
    let answers = || browser.count(&part("1.why."));
    browser.wait_until("two answers", || Ok(answers()? == 2))?;
    browser.click(&part("1.again."))?;
    browser.wait_until("a third answer", || Ok(answers()? == 3))?;
    world.wait_for_status("COMPLETED")?;
    browser.click(&part("1.delete."))?;
    browser.wait_until("one to go", || Ok(answers()? == 2))?;
    browser.wait_for("#log .private", "delet")
}

pub(crate) fn a_tool_acts_when_it_may(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.be("alex")?;
    for (button, words) in [("approve", "loans so far: 1"), ("deny", "scripted model")] {
        let title = format!("Genji {button}");
        world.ask(&format!(r#"[call mcp_library_lend {{"title":"{title}"}}]"#))?;
        browser.wait_for("#log .private", &title)?;
        look(world, "a call that waits")?;
        let selector = part(&format!("1.{button}."));
        browser.run(&format!("document.querySelector(\"{selector}\").focus()"), &[])?;
        browser.press(keys::ENTER)?;
        world.wait_for_message("Miyabi", words)?;
        world.wait_for_status("COMPLETED")?;
        browser.wait_until("nothing to wait for", || Ok(browser.count("#log .private")? == 0))?;
    }
    Ok(())
}

pub(crate) fn an_image_is_seen(world: &World) -> Result<()> {
    let browser = &world.browser;
    browser.fill("#question", "/imagine ")?;
    browser.wait_for("#chip", "/imagine")?;
    browser.fill("#question", &format!("月の上の猫{}", keys::ENTER))?;
    world.wait_for_message("みお (@mio)", "月の上の猫")?;
    let seen = "(() => { const it = document.querySelector('#log .file img'); return it && it.complete && it.naturalWidth > 0 && it.getBoundingClientRect().width > 50 && it.alt === '月の上の猫'; })()";
    browser.wait_until("the image", || Ok(world.value(seen)? == true))?;
    world.wait_for_status("COMPLETED")?;
    look(world, "an image")
}

pub(crate) fn what_is_kept_is_shown_and_deleted(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.be("alex")?;
    world.ask("Remember that I like tea.")?;
    world.wait_for_status("COMPLETED")?;
    command(world, "privacy")?;
    browser.wait_for(PANEL, "answers: ")?;
    look(world, "the panel of what is kept")?;
    browser.click(&part("1.privacy.quote"))?;
    browser.wait_for("#log .private", "never posted under your name")?;
    browser.click(&part("1.privacy.post"))?;
    browser.click(&part("1.privacy.delete"))?;
    browser.wait_for("#log .private", "Delete everything above")?;
    browser.click(&part("1.privacy.erase"))?;
    browser.wait_for("#log .private", "It is being deleted")?;
    let statement =
        "SELECT id FROM people WHERE erase_ms IS NOT NULL AND coalesce(erase_after, '') < '~'";
    browser.wait_until("all to go", || {
        world.stack.tick()?;
        Ok(world.stack.query(statement, &[])?.is_empty())
    })?;
    command(world, "privacy")?;
    browser.wait_for("#log .message:last-child .said", "answers: 0")
}
