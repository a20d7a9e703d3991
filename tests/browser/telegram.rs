//! Telegram on the page: a private chat, a group, previews, buttons, by mouse and by keyboard, and axe looks at each.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::chats::{a_chat_has_help_and_is_its_persons_own, a_reply_is_answered, write};
use crate::commands::look;
use crate::world::World;

const PRIVATE: &str = "telegram:private";
const GROUP: &str = "telegram:group";

/// Calls the Bot API as the Worker does, about Mio's chat.
fn call(world: &World, method: &str, parameters: &Value) -> Result<()> {
    let lab = world.stack.lab();
    let known = lab.get("/lab/world")?;
    let at = |path: &str| known.pointer(path).cloned().unwrap_or_default();
    let mut body = parameters.as_object().cloned().unwrap_or_default();
    body.insert("chat_id".to_owned(), at("/telegram/chats/mio/id"));
    let token = at("/telegram/bot_token");
    let path = format!("/telegram/bot{}/{method}", token.as_str().unwrap_or_default());
    lab.post(&path, &Value::Object(body)).map(drop)
}

pub(crate) fn a_private_chat_is_answered(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(PRIVATE)?;
    look(world, "an empty chat")?;
    write(world, "What time is it in Tokyo?")?;
    world.wait_for_message("みお", "What time is it in Tokyo?")?;
    world.wait_for_message("Miyabi", "Asia/Tokyo")?;
    world.wait_for_status("COMPLETED")?;
    browser.wait_for("#timeline [data-step='answer:1']", "telegram_send_message")?;
    look(world, "an answer")?;
    let page = world.value("document.documentElement.textContent")?.to_string();
    ensure!(!page.contains("that-opens-nothing-else"), "the page shows a secret");
    a_chat_has_help_and_is_its_persons_own(world)
}

pub(crate) fn an_answer_is_previewed(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(PRIVATE)?;
    let draft = |text: &str| json!({ "draft_id": 7, "text": text });
    call(world, "sendMessageDraft", &draft(""))?;
    browser.wait_for("#log .draft", "Thinking…")?;
    look(world, "thinking")?;
    call(world, "sendMessageDraft", &draft("Half of an answer"))?;
    browser.wait_for("#log .draft", "Half of an answer")?;
    look(world, "a draft")?;
    call(world, "sendMessage", &json!({ "text": "All of an answer" }))?;
    world.wait_for_message("Miyabi", "All of an answer")?;
    browser.wait_until("no draft", || Ok(browser.count("#log .draft")? == 0))?;
    let buttons = json!({ "inline_keyboard": [
        [{ "text": "Stop", "callback_data": "stop" }, { "text": "Page", "url": "https://a.example" }],
    ] });
    call(world, "sendMessage", &json!({ "text": "Press", "reply_markup": buttons }))?;
    browser.wait_for("#log .keyboard", "Stop")?;
    look(world, "buttons")?;
    browser.click("#log .keyboard button")?;
    let queries = || world.stack.lab().get("/lab/telegram/queries");
    browser.wait_until("the press", || Ok(queries()?.pointer("/0/as") == Some(&json!("mio"))))
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
    browser.wait_until("another answer", || Ok(answers()? == 2))?;
    browser.click("#log .bubble:last-of-type .keyboard [data-key*='/delete:']")?;
    browser.wait_until("it to go", || Ok(answers()? == 1))
}

pub(crate) fn an_answer_grows_while_it_is_written(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(PRIVATE)?;
    write(world, "[long 1000] [slow 60] in English")?;
    browser.wait_for("#log .draft", "scripted model")?;
    let length = || world.value("document.querySelector('#log .draft')?.innerText.length ?? 0");
    let early = length()?.as_u64().unwrap_or_default();
    browser.wait_until("more of it", || Ok(length()?.as_u64().unwrap_or_default() > early))?;
    world.wait_for_message("Miyabi", "quick brown fox")?;
    world.wait_for_status("COMPLETED")?;
    browser.wait_for("#timeline [data-step='think:1']", "telegram_send_message_draft")?;
    browser.wait_until("no draft", || Ok(browser.count("#log .draft")? == 0))
}

pub(crate) fn a_group_is_answered_where_it_asks(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(GROUP)?;
    write(world, "Good morning")?;
    browser.wait_for("#hint", "The bot does not see this")?;
    world.be("alex")?;
    write(world, "/ask Who is there?")?;
    world.wait_for_message("Alex", "/ask Who is there?")?;
    world.wait_for_message("Miyabi", "scripted model")?;
    browser.wait_for("#log .quoted", "/ask Who is there?")?;
    world.wait_for_status("COMPLETED")?;
    // A reply to the answer is for the bot too.
    let (reply, answers) = ("#log [data-author=Miyabi] .reply", "#log [data-author=Miyabi]");
    a_reply_is_answered(world, (reply, "↩ Miyabi"), answers, "And now?")?;
    browser.fill("#question", "/ask ")?;
    browser.wait_for("#chip", "/ask")
}

pub(crate) fn nothing_of_a_message_runs(world: &World) -> Result<()> {
    let browser = &world.browser;
    world.go(PRIVATE)?;
    let text = "<img src=x onerror=alert(1)> bold it code hidden link";
    let place = |word: &str| text.rfind(word).unwrap_or_default();
    let entity = |kind: &str, word: &str| json!({ "type": kind, "offset": place(word), "length": word.len() });
    let link = json!({
        "type": "text_link", "offset": place("link"), "length": 4, "url": "https://a.example/?q=<b>",
    });
    let entities = json!([
        entity("bold", "bold it"),
        entity("italic", "it"),
        entity("code", "code"),
        entity("spoiler", "hidden"),
        link,
    ]);
    call(world, "sendMessage", &json!({ "text": text, "entities": entities }))?;
    world.wait_for_message("Miyabi", "<img src=x onerror=alert(1)>")?;
    for (selector, words) in
        [("strong", "bold it"), ("strong em", "it"), ("code", "code"), ("a", "link")]
    {
        browser.wait_for(&format!("#log .formatted {selector}"), words)?;
    }
    ensure!(browser.count("#log img")? == 0, "a text became an element");
    ensure!(browser.count("#log .spoiler")? == 1, "what is hidden stays hidden");
    // A block begins and ends a line: the breaks around it are not drawn a second time.
    let date = json!({
        "type": "date_time", "offset": 0, "length": 4, "unix_time": 0, "date_time_format": "D",
    });
    call(world, "sendMessage", &json!({ "text": "then", "entities": [date] }))?;
    browser.wait_for("#log .formatted time", "1970")?;
    let pre = json!({ "type": "pre", "offset": 2, "length": 1 });
    call(world, "sendMessage", &json!({ "text": "a\nb\nc", "entities": [pre] }))?;
    browser.wait_for("#log .formatted:has(pre)", "b")?;
    let around = "[...document.querySelector('#log .formatted:has(pre)').childNodes].map((it) => it.textContent)";
    ensure!(world.value(around)? == json!(["a", "b", "c"]), "{}", world.value(around)?);
    look(world, "formatting")
}
