//! What operators ask for and set: the number, the account, its templates, the token, the webhook, commands.

use serde_json::{Value, json};

use super::errors;
use super::params::{authorize, authorize_app, chosen, read};
use super::state::State;
use super::world::{
    self, ACCESS_TOKEN, APP_ID, BUSINESS_ID, BUSINESS_NAME, MANAGEMENT, PHONE_NUMBER_ID, TEMPLATES,
    VERSION,
};
use crate::clock;
use crate::http::{Inbound, Reply};

/// Most commands and prompts, and the longest of each.
const MAX_COMMANDS: usize = 30;
const MAX_COMMAND: usize = 30;
const MAX_DESCRIPTION: usize = 256;
const MAX_PROMPTS: usize = 3;
const MAX_PROMPT: usize = 80;

/// Fields of the account that the app can get to know of.
const FIELDS: [&str; 8] = [
    "account_update",
    "history",
    "message_template_status_update",
    "messages",
    "phone_number_quality_update",
    "smb_message_echoes",
    "standby",
    "user_id_update",
];

/// What is known of the number.
fn number(state: &State) -> Value {
    let webhook = state.webhook.as_ref().map(|(url, _)| url);
    json!({
        "id": PHONE_NUMBER_ID, "display_phone_number": "+1 555-078-3881",
        "verified_name": BUSINESS_NAME, "quality_rating": state.config.quality,
        "code_verification_status": "VERIFIED", "name_status": "APPROVED", "status": "CONNECTED",
        "platform_type": "CLOUD_API", "account_mode": "LIVE", "throughput": { "level": "STANDARD" },
        "messaging_limit_tier": "TIER_250", "conversational_automation": state.automation,
        "webhook_configuration": { "application": webhook },
    })
}

/// `GET /{number}`.
pub(super) fn phone_number(state: &State, inbound: &Inbound) -> Result<Reply, Reply> {
    authorize(state, inbound, MANAGEMENT)?;
    let usual = [
        "verified_name",
        "code_verification_status",
        "display_phone_number",
        "quality_rating",
        "platform_type",
        "throughput",
        "webhook_configuration",
    ];
    Ok(Reply::json(200, chosen(inbound, &usual, &number(state))?))
}

/// `GET /{account}`.
pub(super) fn account(state: &State, inbound: &Inbound) -> Result<Reply, Reply> {
    authorize(state, inbound, MANAGEMENT)?;
    let all = json!({
        "id": BUSINESS_ID, "name": BUSINESS_NAME, "timezone_id": "1", "currency": "USD",
        "message_template_namespace": "lab_7180", "account_review_status": "APPROVED",
    });
    let usual = ["name", "timezone_id", "message_template_namespace"];
    Ok(Reply::json(200, chosen(inbound, &usual, &all)?))
}

/// Checks that a call is about the account.
fn of_account(state: &State, id: &str, inbound: &Inbound) -> Result<(), Reply> {
    authorize(state, inbound, MANAGEMENT)?;
    if id == BUSINESS_ID { Ok(()) } else { Err(errors::no_object(id)) }
}

/// A list, with the cursors of its only page.
fn page(data: &[Value]) -> Reply {
    let cursors = json!({ "before": "QVFIUlab1", "after": "QVFIUlab2" });
    Reply::json(200, json!({ "data": data, "paging": { "cursors": cursors } }))
}

/// `GET /{account}/phone_numbers`.
pub(super) fn phone_numbers(state: &State, id: &str, inbound: &Inbound) -> Result<Reply, Reply> {
    of_account(state, id, inbound)?;
    let usual = [
        "verified_name",
        "code_verification_status",
        "display_phone_number",
        "quality_rating",
        "status",
    ];
    Ok(page(&[chosen(inbound, &usual, &number(state))?]))
}

/// `GET /{account}/message_templates`, of a name if it is given.
pub(super) fn templates(state: &State, id: &str, inbound: &Inbound) -> Result<Reply, Reply> {
    of_account(state, id, inbound)?;
    let name = inbound.parameter("name");
    let language = inbound.parameter("language");
    let is_asked = |it: &world::Template| {
        name.as_ref().is_none_or(|name| name == it.name)
            && language.as_ref().is_none_or(|language| language == it.language)
    };
    let is_paused = |it: world::Template| state.config.paused_templates.contains(&it.label());
    let data = TEMPLATES.into_iter().filter(is_asked).map(|it| it.to_json(is_paused(it)));
    Ok(page(&data.collect::<Vec<_>>()))
}

/// `GET`, `POST`, `DELETE /{account}/subscribed_apps`: whether the app gets to know of the account.
pub(super) fn subscribed(
    state: &mut State,
    id: &str,
    inbound: &Inbound,
    change: Option<bool>,
) -> Result<Reply, Reply> {
    of_account(state, id, inbound)?;
    if let Some(is_subscribed) = change {
        let given = read(inbound)?;
        if !given["override_callback_uri"].is_null() {
            return Err(errors::stricter("a webhook for this account alone is not emulated"));
        }
        state.is_subscribed = is_subscribed;
        return Ok(errors::success());
    }
    let app = json!({ "whatsapp_business_api_data": {
        "id": APP_ID, "name": BUSINESS_NAME,
        "link": format!("https://www.facebook.com/games/?app_id={APP_ID}"),
    } });
    let data: Vec<Value> = state.is_subscribed.then_some(app).into_iter().collect();
    Ok(Reply::json(200, json!({ "data": data })))
}

/// `GET /debug_token`: what a token is and may do.
pub(super) fn debug_token(state: &State, inbound: &Inbound) -> Result<Reply, Reply> {
    // The token asks about itself, or the app does.
    if authorize_app(inbound, &json!({})).is_err() {
        authorize(state, inbound, MANAGEMENT)?;
    }
    let expires_at = state.config.token_expires_at;
    let is_over = expires_at > 0 && expires_at <= clock::now_ms() / 1_000;
    let is_known = inbound.parameter("input_token").as_deref() == Some(ACCESS_TOKEN);
    if !is_known {
        let error = json!({ "code": 190, "message": "Invalid OAuth access token." });
        let data = json!({ "error": error, "is_valid": false, "scopes": [] });
        return Ok(Reply::json(200, json!({ "data": data })));
    }
    let scopes: Vec<&str> = state.config.scopes().collect();
    let granular = |scope: &&str| json!({ "scope": scope, "target_ids": [BUSINESS_ID] });
    let data = json!({
        "app_id": APP_ID, "type": "SYSTEM_USER", "application": BUSINESS_NAME,
        "data_access_expires_at": 0, "expires_at": expires_at, "is_valid": !is_over,
        "issued_at": 1_796_000_000, "scopes": scopes, "user_id": "718000000000009",
        "granular_scopes": scopes.iter().map(granular).collect::<Vec<_>>(),
    });
    Ok(Reply::json(200, json!({ "data": data })))
}

/// `POST /{number}/conversational_automation`: the commands that people are offered.
pub(super) fn automate(state: &mut State, id: &str, inbound: &Inbound) -> Result<Reply, Reply> {
    authorize(state, inbound, MANAGEMENT)?;
    if id != PHONE_NUMBER_ID {
        return Err(errors::no_object(id));
    }
    let given = read(inbound)?;
    let is_known =
        |name: &&String| matches!(name.as_str(), "enable_welcome_message" | "commands" | "prompts");
    if let Some(odd) =
        given.as_object().into_iter().flat_map(|it| it.keys()).find(|it| !is_known(it))
    {
        return Err(errors::stricter(&format!("`{odd}` is unknown")));
    }
    let list = |name: &str| given[name].as_array().cloned().unwrap_or_default();
    let (commands, prompts) = (list("commands"), list("prompts"));
    let fits = |value: &Value, most: usize| {
        value.as_str().is_some_and(|text| (1..=most).contains(&text.chars().count()))
    };
    let is_name = |value: &Value| {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        value.as_str().is_some_and(|text| text.chars().all(is_letter)) && fits(value, MAX_COMMAND)
    };
    let is_command = |it: &Value| {
        is_name(&it["command_name"])
            && fits(&it["command_description"], MAX_DESCRIPTION)
            && it.as_object().is_some_and(|fields| fields.len() == 2)
    };
    if commands.len() > MAX_COMMANDS || !commands.iter().all(is_command) {
        let what =
            "commands: at most 30, each with a name of letters and digits, and a description";
        return Err(errors::mistake(100, what));
    }
    if prompts.len() > MAX_PROMPTS || !prompts.iter().all(|it| fits(it, MAX_PROMPT)) {
        return Err(errors::mistake(100, "prompts: at most 3, each of at most 80 characters"));
    }
    state.automation = json!({
        "enable_welcome_message": given["enable_welcome_message"] == true, "commands": commands,
        "prompts": prompts,
    });
    Ok(errors::success())
}

/// `GET /{app}/subscriptions`: where the app gets to know of what.
pub(super) fn webhooks(state: &State, id: &str, inbound: &Inbound) -> Result<Reply, Reply> {
    authorize_app(inbound, &read(inbound)?)?;
    if id != APP_ID {
        return Err(errors::no_object(id));
    }
    let field = |name: &String| json!({ "name": name, "version": VERSION });
    let webhook = |(url, fields): &(String, Vec<String>)| {
        json!({
            "object": "whatsapp_business_account", "callback_url": url, "active": true,
            "fields": fields.iter().map(field).collect::<Vec<_>>(),
        })
    };
    let data: Vec<Value> = state.webhook.iter().map(webhook).collect();
    Ok(Reply::json(200, json!({ "data": data })))
}

/// A webhook that is to be set, once its address has answered.
#[derive(Debug)]
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) fields: Vec<String>,
    pub(super) verify_token: String,
}

/// Reads `POST /{app}/subscriptions`.
///
/// # Errors
/// The refusal.
pub(super) fn webhook(id: &str, inbound: &Inbound) -> Result<Webhook, Reply> {
    let given = read(inbound)?;
    authorize_app(inbound, &given)?;
    if id != APP_ID {
        return Err(errors::no_object(id));
    }
    if given["object"] != "whatsapp_business_account" {
        return Err(errors::mistake(100, "object is whatsapp_business_account"));
    }
    let text = |name: &str| given[name].as_str().unwrap_or_default().to_owned();
    let (url, verify_token) = (text("callback_url"), text("verify_token"));
    // Meta takes no address without TLS; on this machine there is none.
    let is_address = url.starts_with("https://") || url.starts_with("http://127.0.0.1:");
    if !is_address || verify_token.is_empty() {
        return Err(errors::mistake(100, "callback_url (https) and verify_token are required"));
    }
    // A list, or names between commas.
    let listed = given["fields"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let written = given["fields"].as_str().into_iter().flat_map(|text| text.split(','));
    let fields: Vec<String> = listed.chain(written).map(|name| name.trim().to_owned()).collect();
    match fields.iter().find(|field| !FIELDS.contains(&field.as_str())) {
        Some(odd) => Err(errors::mistake(100, &format!("no field `{odd}` of this object"))),
        None if fields.is_empty() => Err(errors::mistake(100, "fields are required")),
        None => Ok(Webhook { url, fields, verify_token }),
    }
}
