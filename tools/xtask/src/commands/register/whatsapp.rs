//! `cargo xtask register --channel whatsapp`: the app's webhook and the number's commands, after showing what changes.
//!
//! The app is subscribed to the business account, and the template for reminders is looked at. The commands and the fields are the Worker's own, so that what is registered is what it understands.

pub mod template;

use anyhow::Result;
use miyabi_channels::commands;
use miyabi_core::config::Template;
use miyabi_core::i18n::Language;
use serde_json::{Value, json};

use super::{Options, address, changes, setting};
use crate::problem::problem;
use crate::setup::say;
use crate::value::text;
use crate::whatsapp::{ACCOUNT_ID, APP_ID, BASE, Caller, Graph, WEBHOOK};

/// What is sent to the webhook: messages with what becomes of the Worker's own, and new ids of people.
pub const FIELDS: [&str; 2] = ["messages", "user_id_update"];
/// Whose fields they are.
const OBJECT: &str = "whatsapp_business_account";
const TEMPLATE: &str = "WHATSAPP_TEMPLATE";
/// A template to begin with, where none is set.
const FIRST_TEMPLATE: &str = "miyabi_reminder/en_US";

/// Most ice breakers, and their greatest length.
///
/// # Source
/// WhatsApp Cloud API v23.0, `OpenAPI`; the guide says four.
const MAX_PROMPTS: usize = 3;
const MAX_PROMPT_CHARS: usize = 80;

/// What has to be set, each by its name.
const NEEDED: [&str; 6] = [
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
    "WHATSAPP_PHONE_NUMBER_ID",
    APP_ID,
    ACCOUNT_ID,
];

/// What is registered, and where.
#[derive(Debug, Clone)]
pub struct Registration<'a> {
    /// Whose.
    pub graph: Graph<'a>,
    /// Id of the app.
    pub app: &'a str,
    /// Id of the business account.
    pub account: &'a str,
    /// Id of the phone number.
    pub number: &'a str,
    /// The Worker's address, without a final slash.
    pub url: &'a str,
    /// What people may tap who write for the first time; of none, what is there stays.
    pub prompts: &'a [String],
}

/// What becomes of what is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What differs, one line each. The verify token is not compared: nobody can read it.
    pub lines: Vec<String>,
    /// Fields that the app is sent afterwards, those that it was sent before among them.
    fields: Vec<String>,
}

/// Prints what would be registered, or registers it.
///
/// # Errors
/// When a variable or the address is missing, Meta refuses, or the template cannot be sent.
pub(super) fn run(options: &Options) -> Result<()> {
    let set = |name: &str| -> Result<Option<String>> {
        let value = setting(name, options.environment.as_deref())?.trim().to_owned();
        Ok(Some(value).filter(|value| !value.is_empty() && value != "off"))
    };
    let prompts = prompts(&set("MIYABI_SUGGESTIONS")?.unwrap_or_default());
    let template = template_of(set(TEMPLATE)?.as_deref())?;
    if options.dry_run {
        let url = options.url.as_deref().unwrap_or("https://…").trim_end_matches('/');
        let first = template.or_else(|| Template::parse(FIRST_TEMPLATE));
        let wanted = json!({
            "webhook": webhook(url, &FIELDS.map(ToOwned::to_owned)),
            "conversational_automation": components(&prompts),
            "template": first.as_ref().map(template::draft),
        });
        println!("{}", serde_json::to_string_pretty(&wanted)?);
        return Ok(());
    }
    let values = NEEDED.iter().map(|name| set(name)).collect::<Result<Vec<_>>>()?;
    let [token, app_secret, verify_token, number, app, account] = known(&values)?;
    let url = address(options.url.as_deref(), "Meta sends messages")?;
    let base = set("WHATSAPP_API_BASE")?.unwrap_or_else(|| BASE.to_owned());
    let graph = Graph { base: base.trim_end_matches('/'), token, app_secret, verify_token };
    let registration = Registration { graph, app, account, number, url, prompts: &prompts };
    println!("number {}", registration.number()?);
    let change = registration.compare()?;
    if change.lines.is_empty() {
        println!("nothing changes, but that the verify token is set again: nobody can read it");
    } else {
        println!("{}", change.lines.join("\n"));
    }
    registration.put(&change)?;
    println!("registered");
    let Some(template) = template else {
        say(&format!(
            "{TEMPLATE} is not set: a reminder reaches only who has written in the last 24 hours; \
             --dry-run prints a template to make"
        ));
        return Ok(());
    };
    check(&graph, account, &template)
}

/// Returns what is set, if all of it is. Ids are part of addresses, so they have digits alone.
fn known(values: &[Option<String>]) -> Result<[&str; 6]> {
    let pairs = || NEEDED.iter().zip(values);
    let missing: Vec<&str> =
        pairs().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
    let hint = "docs/guide/whatsapp.md says where each comes from; then export it";
    if !missing.is_empty() {
        return Err(problem(format!("not set: {}", missing.join(", ")), hint));
    }
    let is_id = |value: &str| value.bytes().all(|it| it.is_ascii_digit());
    let wrong =
        pairs().find(|(name, value)| name.ends_with("_ID") && !value.as_deref().is_some_and(is_id));
    if let Some((name, _)) = wrong {
        return Err(problem(format!("{name} is not an id, which has digits alone"), hint));
    }
    let mut known = [""; NEEDED.len()];
    for (place, value) in known.iter_mut().zip(values) {
        *place = value.as_deref().unwrap_or_default();
    }
    Ok(known)
}

fn template_of(value: Option<&str>) -> Result<Option<Template>> {
    let Some(value) = value else { return Ok(None) };
    let template = Template::parse(value).ok_or_else(|| {
        problem(format!("{TEMPLATE} is not NAME/LANGUAGE"), format!("such as {FIRST_TEMPLATE}"))
    })?;
    Ok(Some(template))
}

/// Says that the template can be sent, or prints how it is made.
fn check(graph: &Graph<'_>, account: &str, template: &Template) -> Result<()> {
    let list = graph.call(Caller::User, "GET", &template::path(account, template), None)?;
    let label = format!("template {}/{}", template.name, template.language);
    match template::judge(&list, template) {
        Ok(detail) => {
            say(&format!("{label}: {detail}"));
            Ok(())
        }
        Err(why) => {
            println!("{}", serde_json::to_string_pretty(&template::draft(template))?);
            let hint = "make one as printed in WhatsApp Manager, Message templates, and wait until Meta has approved it";
            Err(problem(format!("{label} cannot be sent: {why}"), hint))
        }
    }
}

impl Registration<'_> {
    /// Returns the number as people see it, and its name.
    ///
    /// # Errors
    /// When Meta refuses.
    pub fn number(&self) -> Result<String> {
        let path = format!("{}?fields=display_phone_number,verified_name", self.number);
        let info = self.graph.call(Caller::User, "GET", &path, None)?;
        let [number, name] =
            ["display_phone_number", "verified_name"].map(|field| text(&info, field));
        Ok(format!("{number}, {name}"))
    }

    /// Compares what is registered with what should be.
    ///
    /// # Errors
    /// When Meta refuses.
    pub fn compare(&self) -> Result<Change> {
        let Self { graph, app, account, number, url, prompts } = self;
        let webhooks =
            graph.call(Caller::App(app), "GET", &format!("{app}/subscriptions"), None)?;
        let apps = graph.call(Caller::User, "GET", &format!("{account}/subscribed_apps"), None)?;
        let path = format!("{number}?fields=conversational_automation");
        let info = graph.call(Caller::User, "GET", &path, None)?;
        let mut lines = webhook_changes(&webhooks, url);
        lines.extend(subscription_changes(&apps, app, Some(url)));
        lines.extend(component_changes(&info, prompts));
        let mut fields = subscribed(&webhooks);
        let new: Vec<_> = FIELDS.iter().filter(|it| !fields.iter().any(|is| is == *it)).collect();
        fields.extend(new.into_iter().map(|it| (*it).to_owned()));
        Ok(Change { lines, fields })
    }

    /// Registers everything. Meta asks the Worker for its challenge meanwhile.
    ///
    /// # Errors
    /// When Meta refuses.
    pub fn put(&self, change: &Change) -> Result<()> {
        let Self { graph, app, account, number, url, prompts } = self;
        let mut webhook = webhook(url, &change.fields);
        if let Some(fields) = webhook.as_object_mut() {
            fields.insert("verify_token".to_owned(), json!(graph.verify_token));
        }
        let path = format!("{app}/subscriptions");
        graph.call(Caller::App(app), "POST", &path, Some(&webhook))?;
        // Without an address of its own, which takes one away that was set before.
        let path = format!("{account}/subscribed_apps");
        graph.call(Caller::User, "POST", &path, Some(&json!({})))?;
        let path = format!("{number}/conversational_automation");
        graph.call(Caller::User, "POST", &path, Some(&components(prompts)))?;
        Ok(())
    }
}

/// Returns the webhook as it should be, but for its verify token.
fn webhook(url: &str, fields: &[String]) -> Value {
    json!({ "object": OBJECT, "callback_url": format!("{url}{WEBHOOK}"), "fields": fields.join(",") })
}

/// Returns the app's webhook for accounts of WhatsApp, of all of its webhooks.
fn own(webhooks: &Value) -> Option<&Value> {
    let mut listed = webhooks.get("data").and_then(Value::as_array)?.iter();
    listed.find(|it| text(it, "object") == OBJECT)
}

/// Returns where the app is sent what happens on WhatsApp, if anywhere.
pub(in crate::commands) fn webhook_url(webhooks: &Value) -> Option<&str> {
    own(webhooks).map(|it| text(it, "callback_url"))
}

/// Returns the names of the fields that the app is sent.
fn subscribed(webhooks: &Value) -> Vec<String> {
    let fields = own(webhooks).and_then(|it| it.get("fields")).and_then(Value::as_array);
    let name = |field: &Value| field.as_str().unwrap_or_else(|| text(field, "name")).to_owned();
    fields.into_iter().flatten().map(name).collect()
}

/// Returns what differs in the app's webhook, one line each.
pub(in crate::commands) fn webhook_changes(webhooks: &Value, url: &str) -> Vec<String> {
    let wanted = format!("{url}{WEBHOOK}");
    let Some(own) = own(webhooks) else {
        return vec![format!("+ webhook {wanted}: {}", FIELDS.join(", "))];
    };
    let mut lines = Vec::new();
    if text(own, "callback_url") != wanted {
        let is = text(own, "callback_url");
        lines.push(format!("~ webhook.callback_url: {is:?} → {wanted:?}"));
    }
    if own.get("active") == Some(&json!(false)) {
        lines.push("~ webhook.active: false → true".to_owned());
    }
    let fields = subscribed(webhooks);
    let missing = FIELDS.iter().filter(|it| !fields.iter().any(|is| is == *it));
    lines.extend(missing.map(|field| format!("+ webhook.fields: {field}")));
    lines
}

/// Returns what differs in the account's subscriptions, one line each: the app is missing, or what it is sent goes to
/// another address that is set for this account alone.
pub(in crate::commands) fn subscription_changes(
    apps: &Value,
    app: &str,
    url: Option<&str>,
) -> Vec<String> {
    let listed = apps.get("data").and_then(Value::as_array).into_iter().flatten();
    let mut own = listed.filter(|it| {
        it.get("whatsapp_business_api_data").is_some_and(|data| text(data, "id") == app)
    });
    let Some(found) = own.next() else {
        return vec![format!("+ account: what happens there goes to the app {app}")];
    };
    match (text(found, "override_callback_uri"), url) {
        ("", _) | (_, None) => Vec::new(),
        (other, Some(url)) if other == format!("{url}{WEBHOOK}") => Vec::new(),
        (other, Some(_)) => vec![format!("- account.override_callback_uri: {other:?}")],
    }
}

/// Returns what differs in the commands and ice breakers of the number, one line each.
pub(in crate::commands) fn component_changes(info: &Value, prompts: &[String]) -> Vec<String> {
    let current = info.get("conversational_automation").unwrap_or(&Value::Null);
    let named = |components: &Value| -> Value {
        let listed = components.get("commands").and_then(Value::as_array).into_iter().flatten();
        let rename = |it: &Value| json!({ "name": text(it, "command_name"), "description": text(it, "command_description") });
        listed.map(rename).collect()
    };
    let wanted = components(prompts);
    let mut lines = changes(&named(current), &named(&wanted));
    if let Some(wanted) = wanted.get("prompts") {
        let current = current.get("prompts").cloned().unwrap_or_else(|| json!([]));
        if current != *wanted {
            lines.push(format!("~ ice breakers: {current} → {wanted}"));
        }
    }
    lines
}

/// Returns the commands, and the ice breakers if there are any. A number has one list for people of all languages, so
/// each command says what it does in all of ours.
fn components(prompts: &[String]) -> Value {
    let commands = commands::COMMANDS.iter().map(|(name, _, words)| {
        let description = Language::ALL.map(|language| words.in_language(language)).join(" / ");
        json!({ "command_name": name, "command_description": description })
    });
    let mut components = json!({ "commands": commands.collect::<Value>() });
    if let (Some(fields), false) = (components.as_object_mut(), prompts.is_empty()) {
        fields.insert("prompts".to_owned(), json!(prompts));
    }
    components
}

/// Returns those of the chat page's suggestions that WhatsApp takes.
pub(in crate::commands) fn prompts(suggestions: &str) -> Vec<String> {
    let listed: Vec<String> = serde_json::from_str(suggestions).unwrap_or_default();
    let short = listed.into_iter().filter(|it| it.chars().count() <= MAX_PROMPT_CHARS);
    short.take(MAX_PROMPTS).collect()
}

#[cfg(test)]
mod tests;
