//! What Meta says, asked with the secrets that are known here, and whether the Worker knows Meta's requests from
//! others'. Nothing is changed, and no request asks anything.

mod worker;

use anyhow::Result;
use miyabi_core::config::Template;
use serde_json::{Value, json};

use super::report::Line;
use super::{Subject, WHATSAPP};
use crate::commands::register::whatsapp::{
    component_changes, prompts, subscription_changes, template, webhook_changes, webhook_url,
};
use crate::http::Reply;
use crate::value::text;
use crate::whatsapp::{ACCOUNT_ID, APP_ID, BASE, Caller, Graph};

const NUMBER: &str = "WHATSAPP_PHONE_NUMBER_ID";
const TEMPLATE: &str = "WHATSAPP_TEMPLATE";
const REGISTER: &str = "cargo xtask register --channel whatsapp --url …";
const GUIDE: &str = "docs/guide/whatsapp.md";
const ASK: &str = "MIYABI_WHATSAPP_ASK";
/// What is asked about the number.
const FIELDS: &str = "verified_name,code_verification_status,display_phone_number,quality_rating,status,throughput,name_status";
/// A token that ends sooner is a warning, in seconds.
const SOON_S: u64 = 7 * DAY_S;
const DAY_S: u64 = 86_400;

/// What the token may do, and what does not work without it.
const SCOPES: [(&str, &str); 2] = [
    ("whatsapp_business_messaging", "it cannot answer"),
    ("whatsapp_business_management", "neither webhook nor commands nor templates can be looked at"),
];

/// What Meta or the Worker answered, or why it did not.
type Answer = Result<Reply>;

/// Looks at the token, the number, the webhook, the commands and the template, and from the other end at the Worker's
/// address for messages.
pub fn check(subject: &Subject) -> Vec<Line> {
    let [token, app_secret, verify_token] = match subject.messenger(WHATSAPP) {
        Ok(secrets) => secrets,
        Err(line) => return vec![line],
    };
    let base = subject.value("WHATSAPP_API_BASE").unwrap_or(BASE).trim_end_matches('/');
    let graph = Graph { base, token, app_secret, verify_token };
    let mut lines = vec![asking(subject.value(ASK))];
    lines.extend(of_app(&graph, subject));
    lines.extend(of_account(&graph, subject));
    lines.extend(of_number(&graph, subject));
    let url = subject.url.as_deref();
    lines.extend(url.map(|url| worker::check(url, &graph)).unwrap_or_default());
    lines
}

/// Says whether people are answered, and what that means.
fn asking(value: Option<&str>) -> Line {
    let detail = if value == Some("on") {
        "on: Meta charges for each message of an answer, since 2026-10-01"
    } else {
        "off: nobody is answered. Since 2026-01-15 Meta's terms do not allow a general assistant to be what a number is \
         for; to answer customers of your own business, set MIYABI_WHATSAPP_ASK to on"
    };
    Line::ok("asking", detail)
}

/// Returns an id that is known here, or the line that says that it is not.
fn id<'a>(subject: &'a Subject, what: &str, name: &str) -> Result<&'a str, Line> {
    let hint = format!("export {name}=…; {GUIDE} says where it stands");
    match subject.value(name) {
        None => Err(Line::warn(what, format!("not looked at: {name} is not known here"), hint)),
        Some(id) if id.bytes().all(|it| it.is_ascii_digit()) => Ok(id),
        Some(_) => {
            Err(Line::fail(what, format!("{name} is not an id, which has digits alone"), hint))
        }
    }
}

/// Returns what a call gave, or the line that says why it gave nothing.
fn given(graph: &Graph<'_>, caller: Caller<'_>, what: &str, answer: Answer) -> Result<Value, Line> {
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) => return Err(Line::warn(what, format!("{error:#}"), "try again")),
    };
    let Some(refusal) = graph.refusal(&reply) else {
        return Ok(reply.json().unwrap_or_default());
    };
    let (detail, hint) = (format!("Meta answered: {refusal}"), refusal.hint(caller));
    Err(if refusal.passes() {
        Line::warn(what, detail, hint)
    } else {
        Line::fail(what, detail, hint)
    })
}

/// Looks at what the app alone may ask: the token, and the webhook.
fn of_app(graph: &Graph<'_>, subject: &Subject) -> Vec<Line> {
    let [token, webhook] = ["access token", "address for messages"];
    let app = match id(subject, token, APP_ID) {
        Ok(app) => app,
        Err(line) => return vec![line.clone(), Line { what: webhook.to_owned(), ..line }],
    };
    let caller = Caller::App(app);
    let mut lines = match given(graph, caller, token, graph.inspect(app)) {
        Ok(info) => token_lines(graph, &info, app, subject.value(ACCOUNT_ID)),
        Err(line) => vec![line],
    };
    let answer = graph.ask(caller, "GET", &format!("{app}/subscriptions"), None);
    lines.push(match given(graph, caller, webhook, answer) {
        Ok(webhooks) => webhook_line(webhook, &webhooks, subject.url.as_deref()),
        Err(line) => line,
    });
    lines
}

/// Says what the token is, how long, and what it may do.
fn token_lines(graph: &Graph<'_>, info: &Value, app: &str, account: Option<&str>) -> Vec<Line> {
    let what = "access token";
    let data = info.get("data").unwrap_or(&Value::Null);
    let hint = format!("make one for the system user: {GUIDE}#set-it-up");
    if data.get("is_valid") != Some(&json!(true)) {
        let said = data.get("error").map(|it| text(it, "message")).unwrap_or_default();
        let detail = graph.without_secrets(format!("is not valid (any more): {said}"));
        return vec![Line::fail(what, detail, hint)];
    }
    if text(data, "app_id") != app {
        let detail = format!("is of another app: {}", text(data, "app_id"));
        return vec![Line::fail(what, detail, hint)];
    }
    let name = format!("of {}", text(data, "application"));
    let ends_at = data.get("expires_at").and_then(Value::as_u64).unwrap_or_default();
    let left = ends_at.saturating_sub(now());
    vec![
        if ends_at == 0 {
            Line::ok(what, format!("{name}, does not end"))
        } else if left < SOON_S {
            let hint = format!("the token of a system user need not end: {GUIDE}#set-it-up");
            Line::warn(what, format!("{name}, ends in {} h", left / 3_600), hint)
        } else {
            Line::ok(what, format!("{name}, ends in {} days", left / DAY_S))
        },
        scopes(data, account),
    ]
}

fn now() -> u64 {
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    time.unwrap_or_default().as_secs()
}

/// Compares what the token may do with what is needed, for this account as far as Meta says of which.
fn scopes(data: &Value, account: Option<&str>) -> Line {
    let list = |value: &Value, name: &str| {
        value.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let granted = list(data, "scopes");
    let granular = list(data, "granular_scopes");
    let missing = SCOPES.iter().filter_map(|(scope, without)| {
        if !granted.contains(&json!(scope)) {
            return Some(format!("{scope} ({without})"));
        }
        let targets = granular.iter().find(|it| text(it, "scope") == *scope);
        let targets = targets.map(|it| list(it, "target_ids")).unwrap_or_default();
        let account = account.filter(|_| !targets.is_empty())?;
        let is_meant = targets.contains(&json!(account));
        (!is_meant).then(|| format!("{scope} for the account {account}"))
    });
    let missing: Vec<String> = missing.collect();
    let what = "token's scopes";
    if missing.is_empty() {
        return Line::ok(what, format!("all {} that are needed", SCOPES.len()));
    }
    let hint = format!("make a token with both, for this account: {GUIDE}#set-it-up");
    Line::fail(what, format!("missing: {}", missing.join("; ")), hint)
}

fn webhook_line(what: &str, webhooks: &Value, url: Option<&str>) -> Line {
    let Some(set) = webhook_url(webhooks) else {
        return Line::fail(what, "Meta does not know where to send messages", REGISTER);
    };
    let Some(url) = url else {
        let detail = format!("messages go to {set}; not compared");
        return Line::warn(what, detail, "--url https://… compares it");
    };
    let changes = webhook_changes(webhooks, url);
    if changes.is_empty() {
        return Line::ok(what, format!("messages go to {set}"));
    }
    Line::fail(what, changes.join("; "), REGISTER)
}

/// Looks at what belongs to the account: which apps are told of what happens there, and the template.
fn of_account(graph: &Graph<'_>, subject: &Subject) -> Vec<Line> {
    let [subscription, template] = ["subscription", "template"];
    let ask = |path: &str| graph.ask(Caller::User, "GET", path, None);
    let mut lines = Vec::new();
    match (id(subject, subscription, ACCOUNT_ID), subject.value(APP_ID)) {
        (Err(line), _) => lines.push(line),
        // Said above.
        (Ok(_), None) => {}
        (Ok(account), Some(app)) => {
            let answer = ask(&format!("{account}/subscribed_apps"));
            lines.push(match given(graph, Caller::User, subscription, answer) {
                Ok(apps) => subscription_line(subscription, &apps, app, subject.url.as_deref()),
                Err(line) => line,
            });
        }
    }
    let wanted = match subject.value(TEMPLATE).map(Template::parse) {
        None => {
            let detail = "none: a reminder reaches only who has written in the last 24 hours";
            Err(Line::ok(template, detail))
        }
        Some(None) => Err(Line::fail(template, format!("{TEMPLATE} is not NAME/LANGUAGE"), GUIDE)),
        Some(Some(wanted)) => id(subject, template, ACCOUNT_ID).map(|account| (account, wanted)),
    };
    let listed = wanted.and_then(|(account, wanted)| {
        let answer = ask(&template::path(account, &wanted));
        Ok((given(graph, Caller::User, template, answer)?, wanted))
    });
    lines.push(match listed {
        Ok((list, wanted)) => template_line(template, &list, &wanted),
        Err(line) => line,
    });
    lines
}

fn subscription_line(what: &str, apps: &Value, app: &str, url: Option<&str>) -> Line {
    let changes = subscription_changes(apps, app, url);
    if changes.is_empty() {
        return Line::ok(what, "the app is told what happens in the account");
    }
    Line::fail(what, changes.join("; "), REGISTER)
}

fn template_line(what: &str, list: &Value, wanted: &Template) -> Line {
    let label = format!("{}/{}", wanted.name, wanted.language);
    match template::judge(list, wanted) {
        Ok(detail) => Line::ok(what, format!("{label}: {detail}")),
        Err(why) => Line::fail(
            what,
            format!("{label} cannot be sent: {why}"),
            format!("{REGISTER} prints one to make"),
        ),
    }
}

/// Looks at the number: how it stands, and its commands.
fn of_number(graph: &Graph<'_>, subject: &Subject) -> Vec<Line> {
    let [number, commands] = ["phone number", "its commands"];
    let known = match id(subject, number, NUMBER) {
        Ok(known) => known,
        // The Worker does not begin without it.
        Err(line) => return vec![Line::fail(&line.what, line.detail, line.hint)],
    };
    let ask =
        |fields: &str| graph.ask(Caller::User, "GET", &format!("{known}?fields={fields}"), None);
    let first = match given(graph, Caller::User, number, ask(FIELDS)) {
        Ok(info) => number_line(number, &info),
        Err(line) => line,
    };
    let second = match given(graph, Caller::User, commands, ask("conversational_automation")) {
        Ok(info) => {
            let prompts = prompts(subject.value("MIYABI_SUGGESTIONS").unwrap_or_default());
            let changes = component_changes(&info, &prompts);
            if changes.is_empty() {
                Line::ok(commands, "as the code has them")
            } else {
                Line::fail(commands, changes.join("; "), REGISTER)
            }
        }
        Err(line) => line,
    };
    vec![first, second]
}

/// Says how the number stands. Meta leaves some of it out, which is no bad sign.
fn number_line(what: &str, info: &Value) -> Line {
    let [status, quality, name, code] =
        ["status", "quality_rating", "name_status", "code_verification_status"]
            .map(|field| text(info, field));
    let throughput = info.get("throughput").map(|it| text(it, "level")).unwrap_or_default();
    let named = [
        ("", status),
        ("quality ", quality),
        ("throughput ", throughput),
        ("name ", name),
        ("code ", code),
    ];
    let named = named.into_iter().filter(|(_, value)| !value.is_empty());
    let named: Vec<String> = named.map(|(name, value)| format!("{name}{value}")).collect();
    let [shown, owner] = ["display_phone_number", "verified_name"].map(|field| text(info, field));
    let detail = format!("{shown}, {owner}: {}", named.join(", "));
    match (status, quality, name, code) {
        ("", _, _, "NOT_VERIFIED" | "UNVERIFIED") => {
            Line::fail(what, detail, format!("verify and register the number: {GUIDE}#set-it-up"))
        }
        ("" | "CONNECTED", "RED" | "YELLOW", ..) => {
            let hint = "people block or report the number: Meta lowers its limits, and may end it";
            Line::warn(what, detail, hint)
        }
        ("" | "CONNECTED", _, "DECLINED", _) => {
            Line::warn(what, detail, "WhatsApp Manager, Phone numbers: choose another display name")
        }
        ("" | "CONNECTED", ..) => Line::ok(what, detail),
        _ => Line::fail(
            what,
            detail,
            format!("register the number, or see WhatsApp Manager: {GUIDE}#set-it-up"),
        ),
    }
}

#[cfg(test)]
mod tests;
