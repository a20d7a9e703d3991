//! `POST /telegram/webhook`: an update of Telegram, and the reply to it.
//!
//! Whatever cannot be done now is a status that is no success, after which Telegram sends the update again, for a day
//! at most; everything else is acknowledged, since an update that comes again holds all that its chat sends after it.

pub mod album;
mod inline;
mod press;

use std::rc::Rc;

use serde_json::Value;

use super::messenger::{Messenger, identify};
use crate::channels::Channel;
use miyabi_app::accept::Accepted;
use miyabi_app::unserved;
use miyabi_channels::commands::{Command, Wish};
use miyabi_channels::telegram::call::once;
use miyabi_channels::telegram::methods::GetMe;
use miyabi_channels::telegram::parse::{Bot, Inbound, Told, parse};
use miyabi_channels::telegram::reply::{done, thinking, told};
use miyabi_channels::telegram::transport::Telegram;
use miyabi_channels::telegram::{PLATFORM, verify};
use miyabi_core::config::{self, Config};
use miyabi_core::event::Event;
use miyabi_core::http::{Incoming, Reply};
use miyabi_core::i18n::help::Way;
use miyabi_core::i18n::{chats, messages, sentence, typed};
use miyabi_core::ports::Host;
use miyabi_core::rejection::Rejection;

/// How long the bot's name is remembered, in seconds.
const NAME_S: u32 = 24 * 60 * 60;

/// Replies to an update.
///
/// # Errors
/// [`Rejection::Unconfigured`] where Telegram is off, what [`verify::verify`] and [`parse`] refuse, and
/// [`Rejection::Unavailable`] where the bot's name is needed and Telegram does not tell it, or who writes is not known now.
///
/// # Repeats
/// See [`miyabi_app::accept::accept()`]: a message is one job. The reply to a command is sent again.
pub(super) async fn webhook<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    request: &impl Incoming,
) -> Result<Reply, Rejection> {
    let settings = config.settings.as_ref().map_err(|_misconfigured| Rejection::Unconfigured)?;
    let telegram = settings.telegram.as_ref().ok_or(Rejection::Unconfigured)?;
    let verified = verify::verify(&telegram.secret_token, request).await?;
    let mut inbound = parse(&verified, Bot { id: telegram.bot_id, name: None })?;
    if inbound == Inbound::NeedsName {
        let name = name(host, telegram).await.ok_or(Rejection::Unavailable)?;
        inbound = parse(&verified, Bot { id: telegram.bot_id, name: Some(&name) })?;
    }
    match &mut inbound {
        Inbound::Told(found) => identify(host, &mut found.question).await?,
        Inbound::Pressed(pressed) => identify(host, &mut pressed.press.question).await?,
        // Whose an album is is looked up when it is asked.
        Inbound::Item(_)
        | Inbound::Typing(_)
        | Inbound::Chosen(_)
        | Inbound::Passing
        | Inbound::NeedsName
        | Inbound::Unserved(_) => {}
    }
    match inbound {
        Inbound::Told(found) => {
            let transport = Channel::Telegram(Telegram::new(host.clone(), Rc::clone(telegram)));
            let (origin, way) = (request.origin(), Way::Chat);
            let messenger = Messenger { host, settings, transport, origin, way };
            Ok(answer(&messenger, *found, telegram).await)
        }
        Inbound::Item(item) => {
            let body = String::from_utf8_lossy(verified.body());
            let origin = request.origin();
            album::take(host, (settings, telegram), *item, (&body, origin)).await
        }
        Inbound::Pressed(pressed) => Ok(press::press(host, settings, telegram, *pressed).await),
        Inbound::Typing(typing) => Ok(inline::offer(telegram, &typing)),
        Inbound::Chosen(chosen) => {
            inline::ask(host, (settings, telegram), *chosen, request.origin()).await
        }
        Inbound::Passing | Inbound::NeedsName => Ok(done()),
        Inbound::Unserved(kind) => {
            let (host, body) = (host.clone(), verified.body().to_vec());
            host.clone().wait_until(async move {
                unserved::keep(&host, PLATFORM, &[kind], &body).await;
            });
            Ok(done())
        }
    }
}

/// Returns the bot's name, by which people mention it in groups; `None` if Telegram does not tell it now.
async fn name(host: &impl Host, telegram: &config::Telegram) -> Option<String> {
    let key = format!("telegram:{}:name", telegram.bot_id);
    if let Some(name) = host.recall(&key).await {
        return Some(name);
    }
    let asked = once(host, telegram, &GetMe {}).await;
    let name = asked.ok()?.get("username").and_then(Value::as_str)?.to_owned();
    host.remember(&key, &name, NAME_S).await;
    Some(name)
}

async fn answer<H: Host + Clone + 'static>(
    messenger: &Messenger<'_, H>,
    found: Told,
    telegram: &config::Telegram,
) -> Reply {
    let Told { wish, question, place, user, files, quoted_files } = found;
    let language = question.language;
    let tell = |words: &str| told(place, words);
    // Also who may not ask any more sees and deletes what is kept of them.
    let asks = match wish {
        Wish::Command(it) => matches!(it, Command::Ask | Command::New | Command::Link),
        Wish::Answer | Wish::UnknownCommand | Wish::Nothing | Wish::Unreadable => true,
    };
    if (asks || place.is_group) && !telegram.admits(user, place.chat) {
        messenger.host.log(&Event::NotAdmitted { job: question.id.clone() });
        // In a group nobody hears of it: who knows what it is may ask in a private chat.
        return if place.is_group {
            done()
        } else {
            tell(&chats::not_admitted(language, &user.to_string(), &messenger.transport))
        };
    }
    match wish {
        Wish::Answer => match messenger.ask(question, &files, &quoted_files).await {
            Accepted::Deferred => thinking(place),
            Accepted::Refused(notice) => tell(sentence(notice, language)),
        },
        Wish::Nothing => tell(chats::ASK_SOMETHING.in_language(language)),
        Wish::Command(command) => tell(&messenger.words(command, question, place.is_group).await),
        Wish::UnknownCommand => {
            tell(&typed(chats::UNKNOWN_COMMAND.in_language(language), &messenger.transport))
        }
        Wish::Unreadable => tell(messages::NOTHING_TO_READ.in_language(language)),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
