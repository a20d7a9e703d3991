//! A browser keeps a visitor's cookie, sends it to this origin alone, and shows it to no script.

use anyhow::{Result, ensure};

use crate::world::World;

/// Sends a request and notes its status; the page goes on at once.
const SEND: &str = "window.seen = undefined; \
                    fetch(arguments[0], { method: arguments[1], credentials: arguments[2] }) \
                      .then((reply) => { window.seen = reply.status }, () => { window.seen = 'failed' })";

fn send(world: &World, url: &str, method: &str, credentials: &str) -> Result<String> {
    let arguments = [url, method, credentials].map(Into::into);
    world.browser.run(SEND, &arguments)?;
    let is_seen = || Ok(world.value("window.seen !== undefined")? == true);
    world.browser.wait_until("the reply", is_seen)?;
    Ok(world.value("String(window.seen)")?.as_str().unwrap_or_default().to_owned())
}

pub(crate) fn a_page_of_ours_is_one_visitor(world: &World) -> Result<()> {
    let (browser, url) = (&world.browser, world.stack.url());
    let list = format!("{url}/api/conversations");
    let usage = format!("{url}/api/usage");
    // Any reply of the Worker is a page of its origin.
    for url in [url.clone(), url.replace("127.0.0.1", "localhost")] {
        browser.open(&format!("{url}/health"))?;
        let status = send(world, "/api/usage", "GET", "same-origin")?;
        ensure!(status == "401", "{status} without a cookie");
        ensure!(send(world, "/api/conversations", "GET", "same-origin")? == "200", "no visitor");
        // This route makes nobody a visitor, so who is one has sent the cookie.
        let status = send(world, "/api/usage", "GET", "same-origin")?;
        ensure!(status == "200", "{status} with the cookie, at {url}");
        ensure!(send(world, "/api/usage", "GET", "omit")? == "401", "the cookie was not needed");
        let gone = send(world, "/api/conversations/c9", "DELETE", "same-origin")?;
        ensure!(gone == "404", "{gone} for what there is not");
        ensure!(world.value("document.cookie")? == "", "a script sees the cookie");
    }
    // The lab's page is of another origin: its browser tells it nothing, and the Worker does nothing.
    browser.open(world.stack.lab_url())?;
    for (url, method) in [(&list, "GET"), (&usage, "GET"), (&list, "POST")] {
        let status = send(world, url, method, "include")?;
        ensure!(status == "failed", "{method} {url}: {status} to a page of another origin");
    }
    Ok(())
}
