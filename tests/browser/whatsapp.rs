//! WhatsApp on the page: a chat, a group, somebody without a number, buttons and lists, by mouse and by keyboard, and
//! axe looks at each.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use xtask::browser::keys;
use xtask::http;

use crate::chats::{a_chat_has_help_and_is_its_persons_own, a_reply_is_answered, write};
use crate::commands::look;
use crate::world::World;

const PRIVATE: &str = "whatsapp:private";
const GROUP: &str = "whatsapp:group";
const NAMELESS: &str = "whatsapp:nameless";

/// Sends a message to Mio, as the Worker does.
fn send(world: &World, fields: &Value) -> Result<()> {
    let known = world.stack.lab().get("/lab/world")?;
    let at = |path: &str| known.pointer(path).and_then(Value::as_str).context("the lab's world");
    let mut body = json!({
        "messaging_product": "whatsapp", "recipient_type": "individual",
        "to": at("/whatsapp/users/mio/wa_id")?,
    });
    let fields = fields.as_object().cloned().unwrap_or_default();
    body.as_object_mut().context("an object")?.extend(fields);
    let authorization = format!("Bearer {}", at("/whatsapp/access_token")?);
    let headers = [("authorization", authorization.as_str())];
    let url = format!("{}/{}/messages", at("/whatsapp/base")?, at("/whatsapp/phone_number_id")?);
    let reply = http::send("POST", &url, &headers, Some(&body))?;
    ensure!(reply.status == 200, "{}", reply.body);
    Ok(())
}

/// Has Mio write something of which the Worker does not get to know, so that she can be written to.
fn begin(world: &World) -> Result<()> {
    let order = json!({ "text": "Hello", "worker": "http://127.0.0.1:1", "wait": false });
    world.stack.lab().post("/lab/whatsapp/messages", &order).map(drop)
}

pub(crate) fn a_chat_is_answered(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(PRIVATE)?;
    look(world, "an empty chat")?;
    write(world, "What time is it in Tokyo?")?;
    world.wait_for_message("みお", "What time is it in Tokyo?")?;
    world.wait_for_message("Miyabi", "Asia/Tokyo")?;
    world.wait_for_status("COMPLETED")?;
    browser.wait_for("#timeline [data-step='answer:1']", "whatsapp_messages")?;
    look(world, "an answer")?;
    let page = world.value("document.documentElement.textContent")?.to_string();
    ensure!(!page.contains("that-opens-nothing-else"), "the page shows a secret");
    ensure!(!page.contains("Lab0token0"), "the page shows the token");
    browser.wait_for("#about", "Messages charged: 1.")?;
    a_chat_has_help_and_is_its_persons_own(world)
}

pub(crate) fn the_buttons_of_an_answer_work(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(PRIVATE)?;
    write(world, "Why is the sky blue?")?;
    world.wait_for_message("Miyabi", "scripted model")?;
    world.wait_for_status("COMPLETED")?;
    look(world, "an answer with buttons")?;
    let answers = || browser.count("#log [data-author=Miyabi]");
    browser.click("#log .keyboard [data-key*='/again:']")?;
    browser.wait_until("another answer", || Ok(answers()? == 2))
}

pub(crate) fn a_row_of_a_list_is_chosen_by_keyboard(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(PRIVATE)?;
    begin(world)?;
    let rows = json!([
        { "id": "/help", "title": "Help", "description": "What there is" },
        { "id": "/status", "title": "Status" },
    ]);
    let interactive = json!({
        "type": "list", "body": { "text": "What would you like?" },
        "action": { "button": "Choose", "sections": [{ "rows": rows }] },
    });
    send(world, &json!({ "type": "interactive", "interactive": interactive }))?;
    browser.wait_for("#log .rows summary", "Choose")?;
    browser.run("document.querySelector('#log .rows summary').focus()", &[])?;
    browser.press(keys::ENTER)?;
    browser.wait_for("#log .rows li", "What there is")?;
    look(world, "an open list")?;
    browser.press(keys::TAB)?;
    browser.press(keys::ENTER)?;
    browser.wait_for("#log .mine .quoted", "What would you like?")?;
    world.wait_for_message("みお", "Help")?;
    look(world, "a row that was chosen")
}

pub(crate) fn a_group_is_answered_where_it_asks(world: &World) -> Result<()> {
    world.go(GROUP)?;
    world.be("alex")?;
    write(world, "/ask Who is there?")?;
    world.wait_for_message("Alex", "/ask Who is there?")?;
    world.wait_for_message("Miyabi", "scripted model")?;
    world.wait_for_status("COMPLETED")?;
    // A reply to the answer is for the number too.
    let (reply, answers) = ("#log [data-author=Miyabi] .reply", "#log [data-author=Miyabi]");
    a_reply_is_answered(world, (reply, "↩ Miyabi"), answers, "And now?")
}

pub(crate) fn who_shows_no_number_is_answered(world: &World) -> Result<()> {
    world.go(NAMELESS)?;
    write(world, "Who am I?")?;
    world.wait_for_message("Sora", "Who am I?")?;
    world.wait_for_message("Miyabi", "scripted model")?;
    world.wait_for_status("COMPLETED")?;
    look(world, "somebody without a number")
}

pub(crate) fn nothing_of_a_message_runs(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(PRIVATE)?;
    begin(world)?;
    let hostile = "<img src=x onerror=alert(1)>";
    let text = format!(
        "{hostile} *bold _it_* ~old~ `code` https://a.example/?q=b javascript:alert(1)\n> said\n- one\n1. two\n```let x = 1;```"
    );
    send(world, &json!({ "type": "text", "text": { "body": text } }))?;
    world.wait_for_message("Miyabi", hostile)?;
    for (selector, words) in [
        ("strong", "bold"),
        ("strong em", "it"),
        ("s", "old"),
        ("code.code", "code"),
        ("a", "https://a.example/?q=b"),
        ("blockquote", "said"),
        (".bullet", "• one"),
        (".number", "1. two"),
        ("pre", "let x = 1;"),
    ] {
        browser.wait_for(&format!("#log .formatted {selector}"), words)?;
    }
    ensure!(browser.count("#log img")? == 0, "a text became an element");
    ensure!(browser.count("#log .formatted a")? == 1, "what is no address became a link");
    look(world, "formatting")
}
