//! Whether the Worker answers as it should, and what it says about itself.

use anyhow::Result;
use miyabi_core::config::is_base_url;
use serde_json::{Value, json};

use super::report::Line;
use super::{Subject, checkout, discord, models};
use crate::http::{self, Reply};
use crate::project;
use crate::stack::config;
use crate::value::text;

const TOKEN: &str = "MIYABI_OPERATOR_TOKEN";
const INTERACTIONS: &str = "/discord/interactions";
/// A signature that is well-formed, and wrong.
const FORGED: [u8; 128] = [b'0'; 128];

/// What the Worker answered, or why it did not.
type Answer = Result<Reply>;

/// Looks at the Worker, if its address is known.
pub fn check(subject: &Subject) -> Vec<Line> {
    let Some(url) = subject.url.as_deref() else {
        let hint = "--url https://…, as `wrangler deploy` prints it";
        return vec![Line::warn("address", "not known: the Worker is not asked", hint)];
    };
    let send = |method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>| {
        http::send(method, &format!("{url}{path}"), headers, body)
    };
    let plain = send("GET", "/health", &[], None);
    let mut lines = health(&plain, subject.environment.as_deref(), &own_version());
    if plain.is_err() {
        return lines;
    }
    let deep = match token(subject, url) {
        Ok(token) => {
            let headers = [("authorization", format!("Bearer {token}"))];
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            deep(&send("GET", "/health?deep=1", &headers, None))
        }
        Err(line) => Err(line),
    };
    if !is_off(&plain, "discord") {
        let signature = String::from_utf8_lossy(&FORGED).into_owned();
        let now = now();
        let headers = [("x-signature-ed25519", &*signature), ("x-signature-timestamp", &*now)];
        lines.push(forged(&send("POST", INTERACTIONS, &headers, Some(&json!({ "type": 1 })))));
        lines.push(ping(subject, url, deep.as_deref().unwrap_or_default()));
    }
    match deep {
        Ok(checks) => lines.extend(checks.iter().map(|check| own_word(check, subject))),
        Err(line) => lines.push(line),
    }
    lines
}

/// Returns whether the Worker says that a channel is off.
fn is_off(health: &Answer, channel: &str) -> bool {
    let body = health.as_ref().ok().and_then(|reply| reply.json().ok()).unwrap_or_default();
    let off = body.get("off").and_then(Value::as_array).into_iter().flatten();
    off.into_iter().any(|name| name == channel)
}

/// Looks whether Discord's check of the address is answered, as far as that can be seen from here.
fn ping(subject: &Subject, url: &str, checks: &[Value]) -> Line {
    let endpoint = found(checks, "application").and_then(Value::as_str);
    let is_saved = endpoint.is_some_and(|endpoint| endpoint == format!("{url}{INTERACTIONS}"));
    match &subject.lab {
        Some(lab) => pong(http::post(
            &format!("{lab}/lab/interactions"),
            &json!({ "worker": url, "interaction": { "type": 1 } }),
        )),
        None if is_saved => {
            Line::ok("a PING", "Discord has saved this address, which it does after an answer")
        }
        None => Line::warn(
            "a PING",
            "not sent: only Discord can sign one",
            "save the address in the portal: Discord sends one, and saves if it is answered",
        ),
    }
}

fn own_version() -> String {
    let manifest = project::read("Cargo.toml").and_then(|text| config::parse(&text));
    let manifest = manifest.unwrap_or_default();
    let package = manifest.get("workspace").and_then(|workspace| workspace.get("package"));
    let version = package.and_then(|package| package.get("version"));
    version.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn now() -> String {
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    time.unwrap_or_default().as_secs().to_string()
}

fn health(answer: &Answer, environment: Option<&str>, version: &str) -> Vec<Line> {
    let what = "GET /health";
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) => {
            return vec![Line::fail(what, format!("{error:#}"), "is the address right?")];
        }
    };
    let Ok(body) = reply.json() else {
        let detail = format!("answered {} and no JSON", reply.status);
        return vec![Line::fail(what, detail, "is the address right?")];
    };
    let [runs, name] = ["version", "environment"].map(|field| text(&body, field));
    let mut lines = vec![if runs == version {
        Line::ok(what, format!("{runs}, {name}"))
    } else {
        let detail = format!("runs `{runs}`, the checkout is {version}");
        Line::warn(what, detail, "`npx wrangler deploy`, if it should be the same")
    }];
    if let Some(expected) = environment.filter(|expected| *expected != name) {
        let detail = format!("it calls itself `{name}`, not `{expected}`");
        lines.push(Line::fail("environment", detail, "do --url and --env belong together?"));
    }
    let off = body.get("off").and_then(Value::as_array).into_iter().flatten();
    let off: Vec<&str> = off.filter_map(Value::as_str).collect();
    if !off.is_empty() {
        lines.push(Line::ok("channels", format!("off: {}", off.join(", "))));
    }
    let problems = body.get("problems").and_then(Value::as_array).into_iter().flatten();
    lines.extend(problems.map(|problem| {
        Line::fail(text(problem, "name"), text(problem, "problem"), text(problem, "hint"))
    }));
    lines
}

fn forged(answer: &Answer) -> Line {
    let what = "a forged signature";
    match answer {
        Ok(reply) if reply.status == 401 => Line::ok(what, "is refused with 401"),
        Ok(reply) if reply.status == 503 => {
            let hint = "npx wrangler secret put DISCORD_PUBLIC_KEY";
            Line::fail(what, "cannot be checked: there is no public key", hint)
        }
        Ok(reply) => {
            let detail = format!("is answered with {}, not 401", reply.status);
            Line::fail(what, detail, "does this address belong to Miyabi, with nothing in front?")
        }
        Err(error) => Line::error(what, error),
    }
}

fn pong(receipt: Result<Reply>) -> Line {
    let what = "a PING";
    match receipt.and_then(|reply| reply.json()) {
        Ok(receipt) if receipt.get("ack") == Some(&json!({ "type": 1 })) => {
            Line::ok(what, "signed by the lab, is answered")
        }
        Ok(receipt) => {
            let status = receipt.get("status").cloned().unwrap_or_default();
            let hint = "is DISCORD_PUBLIC_KEY this application's?";
            Line::fail(what, format!("signed by the lab, is answered with {status}"), hint)
        }
        Err(error) => Line::error(what, &error),
    }
}

/// Returns the operator's token, if it may be sent there.
fn token<'a>(subject: &'a Subject, url: &str) -> Result<&'a str, Line> {
    let what = "GET /health?deep=1";
    let Some(token) = subject.value(TOKEN) else {
        let hint = format!("`npx wrangler secret put {TOKEN}` there, export {TOKEN}=… here");
        return Err(Line::warn(what, format!("not asked: {TOKEN} is not known here"), hint));
    };
    if is_base_url(url) {
        return Ok(token);
    }
    Err(Line::warn(what, "not asked: the token would be readable on its way", "use https"))
}

/// Returns the checks, or the line that says why there are none.
fn deep(answer: &Answer) -> Result<Vec<Value>, Line> {
    let what = "GET /health?deep=1";
    let reply = answer.as_ref().map_err(|error| Line::error(what, error))?;
    match reply.status {
        401 => {
            let hint = format!("is {TOKEN} here the one that is set there?");
            return Err(Line::fail(what, "the token is refused", hint));
        }
        503 => {
            let hint = format!("npx wrangler secret put {TOKEN}");
            return Err(Line::warn(what, format!("is off: {TOKEN} is not set there"), hint));
        }
        _ => {}
    }
    let body = reply.json().unwrap_or_default();
    let Some(checks) = body.get("checks").and_then(Value::as_array) else {
        let detail = format!("answered {} without checks", reply.status);
        return Err(Line::fail(what, detail, "an older version? `npx wrangler deploy`"));
    };
    Ok(checks.clone())
}

fn found<'a>(checks: &'a [Value], name: &str) -> Option<&'a Value> {
    checks.iter().find(|check| text(check, "name") == name)?.get("found")
}

/// Turns one of the Worker's checks into a line: its own judgement, and ours where the checkout knows
/// more.
fn own_word(check: &Value, subject: &Subject) -> Line {
    let [name, state, detail, hint] =
        ["name", "state", "detail", "hint"].map(|field| text(check, field));
    let what = &format!("it says: {name}");
    let found = check.get("found").cloned().unwrap_or_default();
    match (name, state) {
        (_, "fail") => Line::fail(what, detail, hint),
        (_, "warn") => Line::warn(what, detail, hint),
        ("commands", "ok") => discord::judge_commands(what, &found, subject.user_install()),
        ("model", "ok") => Line { what: what.clone(), ..models::judge(detail) },
        ("database", "ok") => database(what, found.as_str().unwrap_or_default()),
        ("application", "ok") => endpoint(what, detail, found.as_str(), subject),
        ("webhook", "ok") => Line::ok(what, format!("posts in {}", found.as_str().unwrap_or("?"))),
        (_, "ok") => Line::ok(what, detail),
        _ => Line::warn(what, format!("{state}: {detail}"), hint),
    }
}

fn database(what: &str, newest: &str) -> Line {
    match checkout::newest_migration() {
        Ok(own) if own.as_str() > newest => {
            let detail = format!("it has {newest}, the checkout {own}");
            let hint = "apply the migrations before you deploy: README, step 7";
            Line::warn(what, detail, hint)
        }
        Ok(_) => Line::ok(what, format!("migrated up to {newest}")),
        Err(error) => Line::error(what, &error),
    }
}

/// The lab has no portal, so nobody can have set an address there.
fn endpoint(what: &str, detail: &str, endpoint: Option<&str>, subject: &Subject) -> Line {
    let hint = "portal, General Information, Interactions Endpoint URL";
    let own = subject.url.as_deref().unwrap_or_default();
    match endpoint.filter(|endpoint| !endpoint.is_empty()) {
        _ if subject.lab.is_some() => Line::ok(what, detail),
        Some(set) if set == format!("{own}{INTERACTIONS}") => {
            Line::ok(what, format!("{detail}; Discord sends interactions here"))
        }
        Some(set) => Line::warn(what, format!("Discord sends interactions to {set}"), hint),
        None => Line::fail(what, "Discord does not know where to send interactions", hint),
    }
}

#[cfg(test)]
mod tests;
