//! A narrow screen has one column, and a page that is loaded again shows what it showed.

use anyhow::{Result, ensure};

use crate::world::World;

pub(crate) fn a_narrow_screen_has_one_column(world: &World) -> Result<()> {
    let browser = &world.browser;
    browser.resize(390, 844, 1.0)?;
    world.ask("Is there room?")?;
    world.wait_for_message("Miyabi", "scripted model")?;
    world.wait_for_status("COMPLETED")?;
    let wide = world.value("document.documentElement.scrollWidth")?;
    ensure!(wide.as_u64() <= Some(390), "{wide} pixels wide");
    let below = "document.querySelector('aside').getBoundingClientRect().top >= document.querySelector('main').getBoundingClientRect().bottom";
    ensure!(world.value(below)? == true, "the timeline is beside the channel");
    for selector in ["nav", "main", "aside"] {
        let left = world
            .value(&format!("document.querySelector('{selector}').getBoundingClientRect().left"))?;
        ensure!(left == 0, "{selector} begins at {left}");
    }
    Ok(())
}

pub(crate) fn it_comes_back_when_the_page_is_loaded_again(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go("thread")?;
    world.ask("Do you stay?")?;
    world.wait_for_message("Miyabi", "scripted model")?;
    browser.click("#theme")?;
    ensure!(world.value("document.documentElement.dataset.theme")? == "dark", "the theme changes");
    browser.open(world.stack.lab_url())?;
    world.wait_for_message("みお (@mio)", "Do you stay?")?;
    browser.wait_for("#place", "thread")?;
    ensure!(world.value("document.documentElement.dataset.theme")? == "dark", "the theme stays");
    world.wait_for_status("COMPLETED")
}
