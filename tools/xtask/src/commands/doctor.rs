//! `cargo xtask doctor`: what is wrong, here and where it is deployed, and what to do about it.
//!
//! | section | looks at |
//! | --- | --- |
//! | [`tools`] | what a build needs |
//! | [`checkout`] | `wrangler.toml`, schema and model, as they would be deployed |
//! | [`secrets`] | what is set here, and what wrangler says is set there |
//! | [`discord`] | application, webhook, commands and permissions, with the bot's token |
//! | [`telegram`] | bot, webhook and menus, with the bot's token, and the Worker's address for updates |
//! | [`slack`] | app and scopes, with the bot's token, and the Worker's address for events |
//! | [`whatsapp`] | token, number, webhook, commands and template, with its secrets, and the Worker's address for messages |
//! | [`worker`] | the Worker by its address: a forged signature, and all that it says about itself |
//!
//! Nothing is changed and nothing installed. What cannot be looked at from here is a `warn` that says
//! so. With `--lab` all of it is done to a stack of its own, which ends again.

pub mod checkout;
pub mod discord;
pub mod models;
pub mod permissions;
pub mod report;
pub mod secrets;
pub mod slack;
pub mod telegram;
#[cfg(test)]
mod testing;
pub mod tools;
pub mod whatsapp;
pub mod worker;

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use miyabi_core::config::UserInstall;
use serde_json::Value;

use super::register;
use super::register::telegram::Registration;
use crate::project;
use crate::setup::{Npm, say};
use crate::stack::{self, Question, Stack};
use crate::telegram::Bot;
use crate::whatsapp::{ACCOUNT_ID, APP_ID, Graph};
use report::{Line, Report, State};

/// What the stack's operator shows; it opens nothing else.
pub const LAB_TOKEN: &str = "the-lab-s-operator-token-that-opens-nothing-else";
const TOKEN: &str = "MIYABI_OPERATOR_TOKEN";
/// Secrets of the channels. One is off where none of its own is set, and another is on.
pub const DISCORD: [&str; 4] =
    ["DISCORD_APPLICATION_ID", "DISCORD_PUBLIC_KEY", "DISCORD_TOKEN", "DISCORD_WEBHOOK_URL"];
/// Secrets of Slack.
pub const SLACK: [&str; 2] = ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"];
/// Secrets of Telegram.
pub const TELEGRAM: [&str; 2] = ["TELEGRAM_BOT_TOKEN", "TELEGRAM_SECRET_TOKEN"];
/// Secrets of WhatsApp.
pub const WHATSAPP: [&str; 3] =
    ["WHATSAPP_ACCESS_TOKEN", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN"];

/// What to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Options {
    /// Address of a deployed Worker
    #[arg(long, value_parser = without_slash)]
    pub url: Option<String>,
    /// Environment of wrangler.toml; without it the local one
    #[arg(long = "env", value_name = "NAME")]
    pub environment: Option<String>,
    /// A stack of its own instead
    #[arg(long, conflicts_with_all = ["url", "environment"])]
    pub lab: bool,
}

#[expect(clippy::unnecessary_wraps, reason = "the form of clap's parsers")]
fn without_slash(url: &str) -> Result<String, String> {
    Ok(url.trim_end_matches('/').to_owned())
}

/// What is known about a deployment.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// The Worker's address.
    pub url: Option<String>,
    /// The lab's address, if it is Discord: it can sign.
    pub lab: Option<String>,
    /// Environment of `wrangler.toml`.
    pub environment: Option<String>,
    /// Settings by name, secrets included.
    pub values: BTreeMap<String, String>,
}

impl Subject {
    /// Returns whether people may ask where no server has installed the application. A value that the
    /// Worker does not take is a line of its own.
    pub fn user_install(&self) -> UserInstall {
        let value = self.value("MIYABI_USER_INSTALL").unwrap_or_default();
        register::user_install(value).unwrap_or_default()
    }

    /// Returns whether Discord is off, as far as it is known here.
    pub fn is_without_discord(&self) -> bool {
        is_without_discord(|name| self.value(name).is_some_and(|value| value != "off"))
    }

    /// Returns a setting that is known and not empty.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Returns the secrets by which a messenger is on, or the line that says why it is not looked at.
    ///
    /// # Errors
    /// That line: it is off, its secrets are not known here, or some of them are not set.
    fn messenger<const N: usize>(&self, names: [&str; N]) -> Result<[&str; N], Line> {
        let values = names.map(|name| self.value(name).filter(|value| *value != "off"));
        let missing = names.into_iter().zip(values).filter(|(_, value)| value.is_none());
        let missing: Vec<&str> = missing.map(|(name, _)| name).collect();
        match missing.as_slice() {
            [] => Ok(values.map(Option::unwrap_or_default)),
            all if all.len() == N => {
                let detail = match self.environment {
                    None => "off: its secrets are not set",
                    Some(_) => "not asked: its secrets are not known here; without them it is off",
                };
                Err(Line::ok("channel", detail))
            }
            [first, ..] => {
                let hint = format!("set all of its secrets, or none; here: export {first}=…");
                Err(Line::fail("channel", format!("not set: {}", missing.join(", ")), hint))
            }
        }
    }
}

/// Returns whether Discord is off: it may be where another messenger is set up.
fn is_without_discord(is_set: impl Fn(&str) -> bool) -> bool {
    let are_set = |names: &[&str]| names.iter().all(|name| is_set(name));
    let has_other = are_set(&SLACK) || are_set(&TELEGRAM) || are_set(&WHATSAPP);
    !DISCORD.iter().any(|name| is_set(name)) && has_other
}

/// Prints every line, then the sum, and returns whether nothing fails as an exit code.
///
/// # Errors
/// When something keeps it from looking at all.
pub fn run(options: &Options) -> Result<ExitCode> {
    if options.lab {
        // First, since it brings tools that are looked at.
        stack::prepare()?;
    }
    let mut report = Report::default();
    report.add("Tools", tools::check()?);
    let config = stack::config::parse(&project::read("wrangler.toml")?)?;
    let environment = options.environment.as_deref();
    let scope = checkout::scope(&config, environment)?;
    report.add("Checkout", checkout::check(&config, scope, environment));
    print!("{report}");
    let rest = match Npm::find()? {
        Some(npm) if options.lab => in_the_lab(npm)?,
        Some(npm) => {
            let (values, lines) = secrets::check(&npm, scope, environment)?;
            let (url, environment) = (options.url.clone(), options.environment.clone());
            let mut rest = Report::default();
            rest.add("Secrets", lines);
            rest.extend(examine(&Subject { url, lab: None, environment, values }));
            rest
        }
        // Said under tools.
        None => Report::default(),
    };
    print!("{rest}");
    report.extend(rest);
    println!("{}", report.sum());
    let fails = report.count(State::Fail) > 0;
    Ok(if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Looks at Discord, at the messengers and at the Worker.
pub fn examine(subject: &Subject) -> Report {
    let mut report = Report::default();
    report.add("Discord", discord::check(subject));
    report.add("Telegram", telegram::check(subject));
    report.add("Slack", slack::check(subject));
    report.add("WhatsApp", whatsapp::check(subject));
    report.add("Worker", worker::check(subject));
    report
}

/// Starts a stack, sets it up as docs/guide/deploy.md has people do it, and looks at it.
fn in_the_lab(npm: Npm) -> Result<Report> {
    say("starting the lab and the Worker in workerd");
    let stack = Stack::launch(npm, options())?;
    let subject = subject(&stack)?;
    register(&subject)?;
    // So that there is something to read in the channel.
    let receipt = stack.ask(&Question::new("Is the doctor in?"))?;
    stack.wait_for_job(&receipt.id)?;
    Ok(examine(&subject))
}

/// Returns what a stack needs for the deep check.
pub fn options() -> stack::Options {
    let token = (TOKEN.to_owned(), LAB_TOKEN.to_owned());
    stack::Options { vars: vec![token], ..stack::Options::default() }
}

/// Returns what is known about a stack.
///
/// # Errors
/// When the lab does not answer.
pub fn subject(stack: &Stack) -> Result<Subject> {
    let world = stack.lab().get("/lab/world")?;
    // The stack's own settings: see `stack::config`.
    let own = [(TOKEN, LAB_TOKEN), ("MIYABI_USER_INSTALL", "on"), ("MIYABI_WHATSAPP_ASK", "on")];
    let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut values = BTreeMap::from(own);
    for (name, field) in [
        ("DISCORD_APPLICATION_ID", "application_id"),
        ("DISCORD_PUBLIC_KEY", "public_key"),
        ("DISCORD_WEBHOOK_URL", "webhook_url"),
        ("DISCORD_TOKEN", "bot_token"),
        ("DISCORD_API_BASE", "discord_api_base"),
        ("SLACK_BOT_TOKEN", "slack/bot_token"),
        ("SLACK_SIGNING_SECRET", "slack/signing_secret"),
        ("SLACK_API_BASE", "slack/base"),
        ("TELEGRAM_BOT_TOKEN", "telegram/bot_token"),
        ("TELEGRAM_SECRET_TOKEN", "telegram/secret_token"),
        ("TELEGRAM_API_BASE", "telegram/base"),
        ("WHATSAPP_ACCESS_TOKEN", "whatsapp/access_token"),
        ("WHATSAPP_APP_SECRET", "whatsapp/app_secret"),
        ("WHATSAPP_VERIFY_TOKEN", "whatsapp/verify_token"),
        ("WHATSAPP_PHONE_NUMBER_ID", "whatsapp/phone_number_id"),
        ("WHATSAPP_API_BASE", "whatsapp/base"),
        ("WHATSAPP_TEMPLATE", "whatsapp/template"),
        (APP_ID, "whatsapp/app_id"),
        (ACCOUNT_ID, "whatsapp/business_account_id"),
    ] {
        let value = world.pointer(&format!("/{field}")).and_then(Value::as_str);
        let value = value.with_context(|| format!("the lab's world has no {field}"))?;
        values.insert(name.to_owned(), value.to_owned());
    }
    let (url, lab) = (Some(stack.url()), Some(stack.lab_url().to_owned()));
    Ok(Subject { url, lab, environment: None, values })
}

/// Registers the code's commands, and the Worker with Telegram and with WhatsApp.
///
/// # Errors
/// When Discord, Telegram or Meta refuses.
pub fn register(subject: &Subject) -> Result<()> {
    let value = |name: &str| subject.value(name).unwrap_or_default();
    register::put(value("DISCORD_TOKEN"), &commands(subject), subject.user_install())?;
    let bot = Bot { base: value("TELEGRAM_API_BASE"), token: value("TELEGRAM_BOT_TOKEN") };
    let url = subject.url.as_deref().unwrap_or_default();
    Registration { bot, secret: value("TELEGRAM_SECRET_TOKEN"), url }.put()?;
    let [token, app_secret, verify_token] = WHATSAPP.map(value);
    let graph = Graph { base: value("WHATSAPP_API_BASE"), token, app_secret, verify_token };
    let (app, account) = (value(APP_ID), value(ACCOUNT_ID));
    let number = value("WHATSAPP_PHONE_NUMBER_ID");
    let whatsapp =
        register::whatsapp::Registration { graph, app, account, number, url, prompts: &[] };
    whatsapp.put(&whatsapp.compare()?)
}

/// Returns where the application's commands are.
pub(crate) fn commands(subject: &Subject) -> String {
    let application = subject.value("DISCORD_APPLICATION_ID").unwrap_or_default();
    format!("{}/applications/{application}/commands", discord::base(subject))
}
