//! The whole HTTP surface: method and path, and what handles them.
//!
//! | method, path | handler | reply |
//! | --- | --- | --- |
//! | `POST /discord/interactions` | `interactions` | the interaction's reply, or a rejection |
//! | `POST /slack/events`, `/slack/commands`, `/slack/interactivity` | `slack` | nothing, or what whoever typed a command reads, or a rejection |
//! | `POST /telegram/webhook` | `telegram` | nothing, or one call of the Bot API, or a rejection |
//! | `POST /whatsapp/webhook` | `whatsapp` | nothing, or a rejection |
//! | `GET /whatsapp/webhook` | `whatsapp` | the challenge by which Meta tries the address, or a rejection |
//! | `GET /health` | `health` | 200 with version and missing settings |
//! | `GET /health?deep=1` | `health`, `deep` | the same and `checks` for the operator's token; else 401, or 503 when none is set |
//! | `/api/…` | `api` | JSON, or a problem |
//! | `POST /mcp` | `api` | a message of MCP, or a problem |
//! | `GET /share/…` | `api` | a page or JSON, or a problem |
//! | any other method on the others | | 405 with `Allow` |
//! | anything else | | 404 |
//!
//! What is a file in `web/dist` (the chat page on `/`, `/openapi.json`) is served by the platform and never gets
//! here.

pub(crate) mod api;
mod buttons;
mod deep;
mod health;
pub(crate) mod messenger;
pub(crate) mod settle;
mod slack;
pub mod telegram;
mod whatsapp;

use self::settle::settle;

use serde_json::json;

use crate::channels::Channel;
use miyabi_app::accept::{Accepted, accept};
use miyabi_app::consent::{self, Pressed};
use miyabi_app::memory::command;
use miyabi_app::{attribution, key_command, quotes, recent, reminders, settings, status, usage};
use miyabi_channels::discord::parse::{Completion, Inbound, parse};
use miyabi_channels::discord::{reply, verify};
use miyabi_core::config::{Config, ConfigError, Installation, Settings};
use miyabi_core::event::Event;
use miyabi_core::fault::Notice;
use miyabi_core::http::{Incoming, Reply};
use miyabi_core::i18n::help::{Help, Way};
use miyabi_core::i18n::memory::Wish;
use miyabi_core::i18n::usage::Inquiry;
use miyabi_core::i18n::{self, Language, Markup as _, messages, sentence};
use miyabi_core::ports::{Host, Log};
use miyabi_core::question::Question;
use miyabi_core::rejection::Rejection;
use miyabi_core::transport::Transport as _;

/// Replies to a request. Never fails: what is wrong with the request is a 4xx with a JSON body.
///
/// # Repeats
/// See [`accept()`]; everything else only reads.
pub async fn serve<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    request: &impl Incoming,
) -> Reply {
    let replied = match (request.method(), request.path()) {
        ("POST", "/discord/interactions") => interactions(host, config, request).await,
        ("POST", "/slack/events") => slack::events(host, config, request).await,
        ("POST", "/slack/commands") => slack::commands(host, config, request).await,
        ("POST", "/slack/interactivity") => slack::interactivity(host, config, request).await,
        ("POST", "/telegram/webhook") => telegram::webhook(host, config, request).await,
        ("POST", "/whatsapp/webhook") => whatsapp::webhook(host, config, request).await,
        ("GET", "/whatsapp/webhook") => whatsapp::challenge(config, request),
        (_, "/whatsapp/webhook") => Err(Rejection::WrongMethod { allow: "GET, POST" }),
        (
            _,
            "/discord/interactions"
            | "/slack/events"
            | "/slack/commands"
            | "/slack/interactivity"
            | "/telegram/webhook",
        ) => Err(Rejection::WrongMethod { allow: "POST" }),
        ("GET", "/health") if health::is_deep(request.query()) => {
            Ok(health::check(host, config, request).await)
        }
        ("GET" | "HEAD", "/health") => Ok(Reply::json(200, &json!(health::health(config)))),
        (_, "/health") => Err(Rejection::WrongMethod { allow: "GET, HEAD" }),
        (_, path) if api::is_path(path) => Ok(api::serve(host, config, request).await),
        _ => Err(Rejection::UnknownPath),
    };
    replied.unwrap_or_else(|rejection| reject(host, config, rejection))
}

async fn interactions<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    request: &impl Incoming,
) -> Result<Reply, Rejection> {
    if config.public_key.is_none() {
        return Err(Rejection::Unconfigured);
    }
    let verified = verify::verify(host, request).await?;
    Ok(match parse(&verified)? {
        Inbound::Ping => reply::pong(),
        Inbound::Autocomplete => reply::no_choices(),
        Inbound::CompleteModel(completion) => complete_model(host, config, &completion).await,
        Inbound::CompleteQuestion { asker, conversation, typed } => {
            // Who types is told of no failure: there is nothing to choose from then.
            let found = recent::questions(host, &asker, &conversation, &typed).await;
            reply::choices(found.unwrap_or_default().iter().map(String::as_str))
        }
        Inbound::CompleteReminder { asker, typed } => complete_reminder(host, &asker, &typed).await,
        Inbound::Unknown(language) => reply::unknown(language),
        Inbound::AskNothing(language) => reply::ask_something(language),
        Inbound::DrawNothing(language) => reply::draw_something(language),
        Inbound::Ask(question, installation) => ask(host, config, *question, installation).await,
        Inbound::NothingToRead(language) => {
            reply::private(messages::NOTHING_TO_READ.in_language(language))
        }
        Inbound::OpenForm(question, place) => open_form(host, config, &question, place).await,
        Inbound::Form(question, place, id) => ask_about(host, config, *question, place, &id).await,
        Inbound::Consent(decided) => match consent::decide(host, *decided).await {
            Pressed::Done(words) => reply::replaced(words),
            Pressed::Told(words) => reply::private(words),
        },
        Inbound::Press(press, place) => buttons::press(host, config, *press, place).await,
        Inbound::Help(language, server, place) => {
            help(host, config, language, server.as_deref(), place).await
        }
        Inbound::Status(inquiry) => tell_status(host, config, &inquiry).await,
        Inbound::Settings(inquiry, place) => settle(host, config, &inquiry, place).await,
        Inbound::Privacy(inquiry, is_press) => {
            settle::privacy(host, config, &inquiry, is_press).await
        }
        Inbound::Usage(inquiry) => report_usage(host, config, &inquiry).await,
        Inbound::Key(inquiry, place) => {
            tell_of_keys(host, config, &inquiry, place, request.origin()).await
        }
        Inbound::Memory(question, wish) => tell_of_memory(host, config, *question, wish).await,
        Inbound::WhoAsked(inquiry) => tell_who_asked(host, config, &inquiry).await,
    })
}

async fn report_usage<H: Host + Clone>(host: &H, config: &Config, inquiry: &Inquiry) -> Reply {
    match &config.settings {
        Ok(settings) => {
            let transport = Channel::discord(host, settings);
            reply::private(&usage::report(host, &transport, &settings.budgets, inquiry).await)
        }
        Err(error) => misconfigured(host, error, inquiry.language),
    }
}

async fn help<H: Host + Clone>(
    host: &H,
    config: &Config,
    language: Language,
    server: Option<&str>,
    installation: Installation,
) -> Reply {
    let settings = match &config.settings {
        Ok(settings) => settings,
        Err(error) => return misconfigured(host, error, language),
    };
    if !settings.access.admits(server, installation) {
        return reply::private(sentence(Notice::NotHere, language));
    }
    let transport = Channel::discord(host, settings);
    reply::private(&help_of(host, settings, &transport, (Way::Menus, language), server).await)
}

/// Returns what there is in a server, for who asks for help.
async fn help_of<H: Host + Clone>(
    host: &H,
    settings: &Settings,
    transport: &Channel<H>,
    (way, language): (Way, Language),
    server: Option<&str>,
) -> String {
    let settings = settings::shown_in(host, settings, server).await;
    let models: Vec<_> = settings.models.iter().map(|model| model.id.as_str()).collect();
    let remembers = settings.remembers_in(server);
    let text = Help { models: &models, remembers, language, way }.text(transport);
    transport.truncate(&text, "")
}

async fn tell_status<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    inquiry: &i18n::status::Inquiry,
) -> Reply {
    match &config.settings {
        Ok(settings) => {
            let transport = Channel::discord(host, settings);
            reply::private(&status::reply(host, &transport, inquiry).await)
        }
        Err(error) => misconfigured(host, error, inquiry.language),
    }
}

/// Whoever may not ask is given no key and no code; who has one sees it and takes it back anywhere.
async fn tell_of_keys<H: Host + Clone>(
    host: &H,
    config: &Config,
    inquiry: &i18n::keys::Inquiry,
    installation: Installation,
    origin: &str,
) -> Reply {
    let settings = match &config.settings {
        Ok(settings) => settings,
        Err(error) => return misconfigured(host, error, inquiry.language),
    };
    let is_new = matches!(inquiry.wish, i18n::keys::Wish::Create { .. } | i18n::keys::Wish::Link);
    if is_new && !settings.access.admits(inquiry.server.as_deref(), installation) {
        return reply::private(sentence(Notice::NotHere, inquiry.language));
    }
    let transport = Channel::discord(host, settings);
    reply::private(&key_command::reply(host, &transport, inquiry, origin).await)
}

/// A file takes longer than a reply may: it comes in place of the acknowledgement, to the person alone.
async fn tell_of_memory<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    question: Question,
    wish: Wish,
) -> Reply {
    let settings = match &config.settings {
        Ok(settings) => settings,
        Err(error) => return misconfigured(host, error, question.language),
    };
    let transport = Channel::discord(host, settings);
    match command::reply(host, &transport, settings, question, wish).await {
        Some(sentence) => reply::private(&sentence),
        None => reply::deferred(),
    }
}

async fn tell_who_asked<H: Host + Clone>(
    host: &H,
    config: &Config,
    inquiry: &i18n::attribution::Inquiry,
) -> Reply {
    match &config.settings {
        Ok(settings) => {
            let transport = Channel::discord(host, settings);
            let days = settings.watch.retention_days;
            reply::private(&attribution::tell(host, &transport, days, inquiry).await)
        }
        Err(error) => misconfigured(host, error, inquiry.language),
    }
}

/// The message is kept, since the form does not bring it back.
async fn open_form(
    host: &impl Host,
    config: &Config,
    question: &Question,
    installation: Installation,
) -> Reply {
    if let Err(reply) = admitted(host, config, question, installation) {
        return *reply;
    }
    match quotes::keep(host, question).await {
        Ok(()) => reply::form(question.id.as_str(), question.language),
        Err(sentence) => reply::private(sentence),
    }
}

async fn ask_about<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    mut question: Question,
    installation: Installation,
    id: &str,
) -> Reply {
    if let Err(reply) = admitted(host, config, &question, installation) {
        return *reply;
    }
    match quotes::take(host, id, &mut question).await {
        Ok(()) => ask(host, config, question, installation).await,
        Err(sentence) => reply::private(sentence),
    }
}

/// Returns the settings where a question may be asked, and else the reply that says why not.
fn admitted<'c>(
    host: &impl Log,
    config: &'c Config,
    question: &Question,
    installation: Installation,
) -> Result<&'c Settings, Box<Reply>> {
    let language = question.language;
    let settings =
        config.settings.as_ref().map_err(|error| Box::new(misconfigured(host, error, language)))?;
    if settings.access.admits(question.server.as_deref(), installation) {
        return Ok(settings);
    }
    host.log(&Event::NotAdmitted { job: question.id.clone() });
    Err(Box::new(reply::private(sentence(Notice::NotHere, language))))
}

/// Models are named to whoever may ask.
async fn complete_model(host: &impl Host, config: &Config, completion: &Completion) -> Reply {
    let Completion { typed, server, installation } = completion;
    let admits = |it: &&Settings| it.access.admits(server.as_deref(), *installation);
    let Some(settings) = config.settings.as_ref().ok().filter(admits) else {
        return reply::no_choices();
    };
    let settings = settings::shown_in(host, settings, server.as_deref()).await;
    let ids = settings.models.iter().map(|model| model.id.as_str());
    reply::choices(ids.filter(|id| id.to_lowercase().contains(typed.as_str())))
}

/// A person's own reminders; none where the database does not tell.
async fn complete_reminder(host: &impl Host, asker: &str, typed: &str) -> Reply {
    let waiting = reminders::waiting(host, asker).await.unwrap_or_default();
    let shown: Vec<_> = waiting
        .into_iter()
        .filter(|it| !it.is_lost)
        .map(|it| (it.id.clone(), reminders::entry(it).words))
        .collect();
    let fitting = shown.iter().filter(|(_, words)| words.to_lowercase().contains(typed));
    reply::named_choices(fitting.map(|(id, words)| (words.as_str(), id.as_str())))
}

async fn ask<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    question: Question,
    installation: Installation,
) -> Reply {
    let settings = match admitted(host, config, &question, installation) {
        Ok(settings) => settings,
        Err(reply) => return *reply,
    };
    let transport = Channel::discord(host, settings);
    let language = question.language;
    if question.model.as_ref().is_some_and(|model| !settings.has_model(model)) {
        let ids: Vec<_> = settings.models.iter().map(|model| transport.code(&model.id)).collect();
        let words = i18n::commands::no_such_model(language, &ids.join(", "));
        return reply::private(&transport.truncate(&words, ""));
    }
    match accept(host, &transport, question).await {
        Accepted::Deferred => reply::deferred(),
        Accepted::Refused(notice) => reply::private(sentence(notice, language)),
    }
}

fn misconfigured(host: &impl Log, error: &ConfigError, language: Language) -> Reply {
    host.log(&Event::Misconfigured { message: error.to_string() });
    reply::private(sentence(Notice::Misconfigured, language))
}

fn reject(host: &impl Log, config: &Config, rejection: Rejection) -> Reply {
    let (status, reason) = (rejection.status(), rejection.sentence());
    host.log(&Event::RequestRejected { status, reason });
    let mut reply = Reply::error(status, reason);
    if let Rejection::WrongMethod { allow } = rejection {
        reply = reply.header("allow", allow.to_owned());
    }
    if let (Rejection::Unconfigured, Err(error)) = (rejection, &config.settings) {
        host.log(&Event::Misconfigured { message: error.to_string() });
        reply =
            Reply::json(status, &json!({ "error": reason, "problems": health::problems(error) }));
    }
    reply
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
