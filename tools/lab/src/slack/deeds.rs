//! What a person does: what changes in the channel, and what the Worker gets to know of it.

use serde_json::{Value, json};

use super::deliveries::{Kind, Typed as Line};
use super::events::{self, Event};
use super::files;
use super::interactions::{self, Form, Scene};
use super::message::{Author, Message};
use super::order::{Order, Pane};
use super::posting::remove;
use super::state::State;
use super::typed::Typed;
use super::windows;
use super::world::{self, BOT_USER_ID, Channel, TEAM_ID};

/// What an order comes to.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// Times of the messages that were written, changed or deleted; of a new thread of the assistant its root.
    pub(super) messages: Vec<String>,
    pub(super) form: Option<Form>,
}

/// Carries out what a person does; events are in the state's outbox then.
///
/// # Errors
/// A sentence about the order.
pub(super) fn build(state: &mut State, base: &str, order: &Order) -> Result<Built, String> {
    let person = world::person(&order.person);
    let person = person.ok_or_else(|| format!("nobody named `{}`", order.person))?;
    let label = order.channel.clone().unwrap_or_else(|| format!("dm:{}", person.name));
    let channel = world::channel(&label).ok_or_else(|| format!("no channel `{label}`"))?;
    if !channel.is_open_to(person) {
        return Err(format!("{} is not in `{label}`", person.name));
    }
    let scene = (person, channel);
    let mut built = Built::default();
    if let Some(press) = &order.press {
        built.form = Some(interactions::press(state, base, scene, press, &order.envelope)?);
    } else if let Some(shortcut) = &order.shortcut {
        built.form = Some(interactions::shortcut(state, base, scene, shortcut, &order.envelope)?);
    } else if let Some(submit) = &order.submit {
        built.form = Some(windows::submit(state, scene, submit)?);
    } else if let Some(command) = &order.command {
        built.form = Some(typed(state, base, scene, command, order)?);
    } else if let Some(pane) = order.open {
        built.messages.extend(opened(state, scene, pane));
    } else if let Some(ts) = &order.edit {
        edited(state, scene, ts, order)?;
        built.messages.push(ts.clone());
    } else if let Some(ts) = &order.delete {
        let message = theirs(state, scene, ts)?;
        remove(state, &message);
        built.messages.push(ts.clone());
    } else {
        built.messages.extend(written(state, base, scene, order)?);
    }
    Ok(built)
}

/// A message of a person.
fn theirs(state: &State, (person, channel): Scene, ts: &str) -> Result<Message, String> {
    let message = state.message(channel, ts);
    let message = message.filter(|message| message.author == Author::Person(person));
    message.cloned().ok_or_else(|| format!("{} has no message {ts} there", person.name))
}

/// The text of an order and its block.
fn words(state: &mut State, order: &Order) -> (String, Vec<Value>) {
    if let Some(text) = &order.raw_text {
        return (text.clone(), Vec::new());
    }
    let text = order.text.as_deref().unwrap_or_default();
    let text = if order.mention { format!("@miyabi {text}") } else { text.to_owned() };
    let typed = Typed::of(&text);
    if typed.text.is_empty() {
        return (String::new(), Vec::new());
    }
    let block = typed.block(state.next_number());
    (typed.text, vec![block])
}

fn mentions(message: &Message) -> bool {
    !message.channel.is_direct() && message.text.contains(&format!("<@{BOT_USER_ID}>"))
}

/// A person writes: one message, with all of its files.
fn written(
    state: &mut State,
    base: &str,
    (person, channel): Scene,
    order: &Order,
) -> Result<Option<String>, String> {
    let (text, blocks) = words(state, order);
    if text.trim().is_empty() && order.files.is_empty() {
        if order.event.is_object() || order.raw_body.is_some() || order.verify {
            return Ok(None);
        }
        return Err("the order has nothing to say".to_owned());
    }
    if state.is_archived(channel) {
        return Err(format!("`{}` is archived", channel.label()));
    }
    if let Some(ts) = &order.thread {
        let root = state.message(channel, ts).ok_or_else(|| format!("no message {ts} there"))?;
        if root.thread.is_some() {
            return Err(format!("{ts} is a reply, and no root"));
        }
    }
    let mut files = Vec::new();
    for sent in &order.files {
        files.push(files::send(state, base, person.id, sent)?);
    }
    let mut message = Message::new(state.next_ts(), channel, Author::Person(person), text);
    message.blocks = blocks;
    message.thread.clone_from(&order.thread);
    message.files = files;
    let shown = state.to_json(&message);
    if mentions(&message) {
        state.outbox.push(events::mentioned(&message, &shown, &message.ts));
    }
    state.outbox.push(events::said(&message, shown));
    let ts = message.ts.clone();
    state.put(message);
    Ok(Some(ts))
}

/// A person changes a text of theirs; a mention that was not there before is one.
fn edited(state: &mut State, scene: Scene, ts: &str, order: &Order) -> Result<(), String> {
    let before = theirs(state, scene, ts)?;
    let (text, blocks) = words(state, order);
    let event_ts = state.next_ts();
    let after = Message { text, blocks, edited: Some(event_ts.clone()), ..before.clone() };
    let (old, new) = (state.to_json(&before), state.to_json(&after));
    if mentions(&after) && !mentions(&before) {
        state.outbox.push(events::mentioned(&after, &new, &event_ts));
    }
    state.outbox.push(events::changed(after.channel, &event_ts, (old, new)));
    let is_it = |it: &&mut Message| it.channel == after.channel && it.ts == after.ts;
    if let Some(stored) = state.messages.iter_mut().find(is_it) {
        *stored = after.clone();
    }
    Ok(())
}

/// A person opens the app's home, its messages, or the assistant's pane.
fn opened(state: &mut State, (person, from): Scene, pane: Pane) -> Option<String> {
    let channel = Channel::of(person);
    let event_ts = state.next_ts();
    if pane != Pane::Assistant {
        let tab = if pane == Pane::Home { "home" } else { "messages" };
        let mut body = json!({
            "type": "app_home_opened", "user": person.id, "channel": channel.id, "tab": tab,
            "event_ts": event_ts,
        });
        if let (Pane::Home, Some(view)) = (pane, state.homes.get(person.name)) {
            body["view"] = view.clone();
        }
        state.outbox.push(Event { channel, body });
        return None;
    }
    // The thread begins with a message of the app's.
    let text = "New Assistant Thread".to_owned();
    let root = Message::new(state.next_ts(), channel, Author::Bot, text);
    let ts = root.ts.clone();
    state.put(root);
    // What they look at meanwhile, if it is a channel.
    let mut context = json!({ "team_id": TEAM_ID, "enterprise_id": null });
    if !from.is_direct() {
        context["channel_id"] = json!(from.id);
    }
    let thread = json!({
        "user_id": person.id, "context": context, "channel_id": channel.id, "thread_ts": ts,
    });
    let body = json!({
        "type": "assistant_thread_started", "assistant_thread": thread, "event_ts": event_ts,
    });
    state.outbox.push(Event { channel, body });
    Some(ts)
}

/// A person types a slash command.
fn typed(
    state: &mut State,
    base: &str,
    (person, channel): Scene,
    command: &str,
    order: &Order,
) -> Result<Form, String> {
    if !command.starts_with('/') {
        return Err(format!("`{command}` does not begin with `/`"));
    }
    if order.thread.is_some() {
        return Err("Slack takes no command of an app in a thread".to_owned());
    }
    let text = order.raw_text.clone().or_else(|| order.text.clone()).unwrap_or_default();
    let line = format!("{command} {text}").trim_end().to_owned();
    let hook = interactions::hook(state, base, (person, channel), (None, None));
    let fields = vec![
        ("token", world::VERIFICATION_TOKEN.to_owned()),
        ("team_id", TEAM_ID.to_owned()),
        ("team_domain", world::TEAM_DOMAIN.to_owned()),
        ("channel_id", channel.id.to_owned()),
        ("channel_name", channel.told_name().to_owned()),
        ("user_id", person.id.to_owned()),
        ("user_name", person.name.to_owned()),
        ("command", command.to_owned()),
        ("text", text),
        ("api_app_id", world::APP_ID.to_owned()),
        ("is_enterprise_install", "false".to_owned()),
        ("response_url", hook),
        ("trigger_id", interactions::trigger(state, person)),
    ];
    Ok((Kind::Command(Line { channel, person, line }), fields))
}
