//! Slack on the page: a direct message, a channel with threads, statuses, growing answers, buttons and commands, by
//! mouse and by keyboard, and axe looks at each.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use xtask::browser::keys;
use xtask::http;

use crate::chats::{a_reply_is_answered, fits_a_phone, write};
use crate::commands::look;
use crate::world::World;

const DIRECT: &str = "slack:dm";
const GENERAL: &str = "slack:general";

/// Calls the Web API as the Worker does, about Mio's direct message.
fn call(world: &World, method: &str, arguments: &Value) -> Result<Value> {
    let known = world.stack.lab().get("/lab/world")?;
    let at = |path: &str| known.pointer(path).and_then(Value::as_str).context("the lab's world");
    let mut body = arguments.as_object().cloned().unwrap_or_default();
    let channel = if method.starts_with("assistant.") { "channel_id" } else { "channel" };
    body.insert(channel.to_owned(), json!(at("/slack/channels/dm:mio/id")?));
    let authorization = format!("Bearer {}", at("/slack/bot_token")?);
    let headers = [("authorization", authorization.as_str())];
    let url = format!("{}/{method}", at("/slack/base")?);
    let reply = http::send("POST", &url, &headers, Some(&Value::Object(body)))?.json()?;
    ensure!(reply.get("ok") == Some(&json!(true)), "{method}: {reply}");
    Ok(reply)
}

/// Has Mio write something of which the Worker does not get to know; returns its time.
fn root(world: &World, words: &str) -> Result<Value> {
    let order = json!({ "text": words, "worker": "http://127.0.0.1:1", "wait": false });
    let sent = world.stack.lab().post("/lab/slack/events", &order)?;
    sent.pointer("/messages/0").cloned().context("a message")
}

pub(crate) fn a_direct_message_is_answered(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(DIRECT)?;
    look(world, "an empty channel")?;
    write(world, "What time is it in Tokyo?")?;
    world.wait_for_message("みお", "What time is it in Tokyo?")?;
    world.wait_for_message("Miyabi", "Asia/Tokyo")?;
    world.wait_for_status("COMPLETED")?;
    browser.wait_for("#timeline [data-step='answer:1']", "slack_post_message")?;
    look(world, "an answer")?;
    let page = world.value("document.documentElement.textContent")?.to_string();
    ensure!(!page.contains("that-opens-nothing-else"), "the page shows a secret");
    // Alex has a channel of their own.
    world.be("alex")?;
    browser.wait_for("#log", "every text is a question")?;
    fits_a_phone(world)
}

pub(crate) fn a_command_is_chosen_and_answered_for_who_typed_it(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(GENERAL)?;
    browser.fill("#question", "/mi")?;
    browser.wait_for("#commands [aria-selected=true]", "/miyabi")?;
    browser.press(keys::ENTER)?;
    write(world, "help")?;
    browser.wait_for("#log .private", "Only visible to you")?;
    look(world, "a whisper")?;
    world.be("alex")?;
    browser.wait_until("nothing for others", || Ok(browser.count("#log .private")? == 0))
}

pub(crate) fn a_channel_is_answered_in_a_thread(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go("slack:random")?;
    write(world, "@miyabi Who is there?")?;
    browser.wait_for("#hint", "The app does not see this")?;
    world.go(GENERAL)?;
    world.be("alex")?;
    write(world, "@miyabi Who is there?")?;
    world.wait_for_message("Alex", "@Miyabi Who is there?")?;
    browser.wait_for("#log .reply-of[data-author=Miyabi]", "scripted model")?;
    world.wait_for_status("COMPLETED")?;
    // A reply in the thread is a question only where it mentions the app, since the root is Alex's.
    let (reply, answers) = ("#log .reply-of .tools button", "#log .reply-of[data-author=Miyabi]");
    a_reply_is_answered(world, (reply, "in the thread"), answers, "@miyabi And now?")
}

pub(crate) fn an_answer_grows_below_its_status(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(DIRECT)?;
    let thread = root(world, "Why?")?;
    let status = json!({ "thread_ts": thread, "status": "is thinking…" });
    call(world, "assistant.threads.setStatus", &status)?;
    browser.wait_for("#log .doing", "Miyabi is thinking…")?;
    look(world, "a status")?;
    let begin = json!({ "thread_ts": thread, "markdown_text": "**Half** of" });
    let ts = call(world, "chat.startStream", &begin)?.get("ts").cloned().context("a time")?;
    browser.wait_for("#log .growing strong", "Half")?;
    browser.wait_until("no status", || Ok(browser.count("#log .doing")? == 0))?;
    look(world, "a growing answer")?;
    call(world, "chat.appendStream", &json!({ "ts": ts, "markdown_text": " an answer" }))?;
    world.wait_for_message("Miyabi", "Half of an answer")?;
    call(world, "chat.stopStream", &json!({ "ts": ts }))?;
    browser.wait_until("it is whole", || Ok(browser.count("#log .growing")? == 0))
}

pub(crate) fn an_answer_grows_while_it_is_written(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(GENERAL)?;
    write(world, "@miyabi [long 1000] [slow 60] in English")?;
    browser.wait_for("#log .doing", "Miyabi")?;
    browser.wait_for("#log .growing", "scripted model")?;
    let length = || world.value("document.querySelector('#log .growing')?.innerText.length ?? 0");
    let early = length()?.as_u64().unwrap_or_default();
    browser.wait_until("more of it", || Ok(length()?.as_u64().unwrap_or_default() > early))?;
    world.wait_for_message("Miyabi", "quick brown fox")?;
    world.wait_for_status("COMPLETED")?;
    browser.wait_for("#timeline [data-step='think:1']", "slack_start_stream")?;
    browser.wait_until("it is whole", || Ok(browser.count("#log .growing")? == 0))?;
    let answers = browser.count("#log .reply-of[data-author=Miyabi]")?;
    ensure!(answers == 1, "{answers} answers");
    Ok(())
}

pub(crate) fn the_buttons_of_an_answer_work(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(DIRECT)?;
    write(world, "Why is the sky blue?")?;
    world.wait_for_message("Miyabi", "scripted model")?;
    world.wait_for_status("COMPLETED")?;
    look(world, "an answer with buttons")?;
    let answers = || browser.count("#log .message:not(.private)[data-author=Miyabi]");
    browser.click("#log .actions [data-key$='/again']")?;
    browser.wait_until("another answer", || Ok(answers()? == 2))?;
    browser.click("#log .message:last-of-type .actions [data-key$='/delete']")?;
    browser.wait_until("it to go", || Ok(answers()? == 1))
}

pub(crate) fn nothing_of_a_message_runs(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(DIRECT)?;
    let hostile = "<img src=x onerror=alert(1)>";
    let escaped = "&lt;img src=x onerror=alert(1)&gt; *bold _it_* `code` <https://a.example/?q=&lt;b&gt;|link> \
                   <javascript:alert(1)|run> <@U0>";
    call(world, "chat.postMessage", &json!({ "text": escaped }))?;
    world.wait_for_message("Miyabi", hostile)?;
    for (selector, words) in [
        ("strong", "bold it"),
        ("strong em", "it"),
        ("code", "code"),
        ("a", "link"),
        (".pill", "@"),
    ] {
        browser.wait_for(&format!("#log .formatted {selector}"), words)?;
    }
    ensure!(browser.count("#log .formatted a")? == 1, "what is no address became a link");
    let plain = |text: &str| json!({ "type": "plain_text", "text": text });
    let blocks = json!([
        { "type": "header", "text": plain(hostile) },
        { "type": "markdown", "text": format!("# Title\n{hostile}\n- [x](javascript:alert(1))") },
        { "type": "section", "text": plain(hostile), "fields": [plain("field")] },
        { "type": "divider" },
        { "type": "context", "elements": [{ "type": "mrkdwn", "text": "*context*" }] },
        { "type": "image", "image_url": "https://a.example/b.png", "alt_text": "A picture" },
        { "type": "actions", "elements": [
            { "type": "button", "action_id": "a", "text": plain("Page"), "url": "https://a.example" },
        ] },
    ]);
    call(world, "chat.postMessage", &json!({ "text": "blocks", "blocks": blocks }))?;
    browser.wait_for("#log .actions a", "Page")?;
    browser.wait_for("#log .context strong", "context")?;
    ensure!(browser.count("#log img")? == 0, "a text became an element");
    look(world, "blocks")
}
