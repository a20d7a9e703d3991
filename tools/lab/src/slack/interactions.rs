//! Interactions: a button that is pressed, a shortcut of a message.

use serde_json::{Value, json};

use super::deliveries::Kind;
use super::order::{Press, Shortcut};
use super::state::{Hook, State, Trigger};
use super::world::{self, APP_ID, Channel, Person, TEAM_DOMAIN, TEAM_ID};
use crate::clock;
use crate::merge::{merge, without_nulls};

/// How long a `response_url` works.
const HOOK_MS: u64 = 30 * 60_000;

/// Who does something, and where.
pub(super) type Scene = (Person, Channel);
/// A form: what it is about, and its fields.
pub(super) type Form = (Kind, Vec<(&'static str, String)>);

/// Makes a `response_url`, for a message (its time, and whether only the person sees it) in a thread.
pub(super) fn hook(
    state: &mut State,
    base: &str,
    (person, channel): Scene,
    (of, thread): (Option<(String, bool)>, Option<String>),
) -> String {
    let key = format!("lab-hook-{}", state.next_number());
    let until_ms = clock::now_ms() + HOOK_MS;
    let hook = Hook { channel, person: person.name, of, thread, until_ms, uses: 0 };
    state.hooks.insert(key.clone(), hook);
    format!("{base}/slack/hooks/{key}")
}

/// A `trigger_id`, by which a window can be opened.
pub(super) fn trigger(state: &mut State, person: Person) -> String {
    let at_ms = clock::now_ms();
    let id = format!("{at_ms}.{}.lab{:029}", 718_000_000_u64, state.next_number());
    state.triggers.insert(id.clone(), Trigger { person: person.name, at_ms, is_used: false });
    id
}

/// What every payload has.
pub(super) fn payload(state: &mut State, kind: &str, (person, channel): Scene) -> Value {
    json!({
        "type": kind, "token": world::VERIFICATION_TOKEN, "api_app_id": APP_ID,
        "team": { "id": TEAM_ID, "domain": TEAM_DOMAIN }, "enterprise": null,
        "is_enterprise_install": false, "trigger_id": trigger(state, person),
        "user": {
            "id": person.id, "username": person.name, "name": person.name, "team_id": TEAM_ID,
        },
        "channel": { "id": channel.id, "name": channel.told_name() },
    })
}

fn form(payload: &Value) -> Form {
    (Kind::Interaction, vec![("payload", payload.to_string())])
}

/// A button among blocks, with the id of its block.
fn button(blocks: &[Value], press: &Press) -> Option<(Value, Value)> {
    let is_asked =
        |block: &&Value| press.block_id.as_ref().is_none_or(|id| block["block_id"] == **id);
    blocks.iter().filter(is_asked).find_map(|block| {
        let elements = block["elements"].as_array().into_iter().flatten();
        let mut all = elements.chain([&block["accessory"]]);
        let found = all.find(|it| it["type"] == "button" && it["action_id"] == press.action_id)?;
        Some((found.clone(), block["block_id"].clone()))
    })
}

/// A person presses a button.
///
/// # Errors
/// A sentence: there is no such button.
pub(super) fn press(
    state: &mut State,
    base: &str,
    scene: Scene,
    press: &Press,
    changes: &Value,
) -> Result<Form, String> {
    let (person, channel) = scene;
    let mut body = payload(state, "block_actions", scene);
    let blocks = match &press.message {
        None => {
            let view = state.homes.get(person.name).ok_or("the home is empty")?.clone();
            body["container"] = json!({ "type": "view", "view_id": view["id"] });
            body["channel"] = Value::Null;
            let blocks = view["blocks"].as_array().cloned().unwrap_or_default();
            body["view"] = view;
            blocks
        }
        Some(ts) => {
            let is_it = |it: &&super::state::Ephemeral| it.ts == *ts && it.to == person.name;
            let whisper = state.ephemerals.iter().find(is_it).cloned();
            let said = state.message(channel, ts).cloned();
            let (blocks, thread, message) = match (&whisper, &said) {
                (Some(it), _) => (it.blocks.clone(), it.thread.clone(), Value::Null),
                (None, Some(it)) => (it.blocks.clone(), it.thread.clone(), state.to_json(it)),
                (None, None) => return Err(format!("{} sees no message {ts}", person.name)),
            };
            body["container"] = without_nulls(json!({
                "type": "message", "message_ts": ts, "channel_id": channel.id,
                "is_ephemeral": whisper.is_some(), "thread_ts": thread,
            }));
            body["message"] = message;
            body["state"] = json!({ "values": {} });
            let of = Some((ts.clone(), whisper.is_some()));
            body["response_url"] = json!(hook(state, base, scene, (of, thread)));
            blocks
        }
    };
    let found = button(&blocks, press);
    let (button, block) = found.ok_or_else(|| format!("no button `{}` there", press.action_id))?;
    let value = press.value.as_ref().map_or(button["value"].clone(), |value| json!(value));
    let action = json!({
        "type": "button", "action_id": press.action_id, "block_id": block, "text": button["text"],
        "value": value, "style": button["style"], "action_ts": state.next_ts(),
    });
    body["actions"] = json!([without_nulls(action)]);
    merge(&mut body, changes);
    let enterprise = body["enterprise"].take();
    let mut body = without_nulls(body);
    body["enterprise"] = enterprise;
    Ok(form(&body))
}

/// A person uses a shortcut of a message.
///
/// # Errors
/// A sentence: there is no such message.
pub(super) fn shortcut(
    state: &mut State,
    base: &str,
    scene: Scene,
    shortcut: &Shortcut,
    changes: &Value,
) -> Result<Form, String> {
    let ts = &shortcut.message;
    let message = state.message(scene.1, ts).cloned();
    let message = message.ok_or_else(|| format!("no message {ts} there"))?;
    let mut body = payload(state, "message_action", scene);
    body["callback_id"] = json!(shortcut.callback_id);
    body["message_ts"] = json!(ts);
    body["action_ts"] = json!(state.next_ts());
    body["message"] = state.to_json(&message);
    let hook = hook(state, base, scene, (None, message.thread));
    body["response_url"] = json!(hook);
    merge(&mut body, changes);
    Ok(form(&body))
}
