//! `POST /telegram/webhook`: an update of Telegram, and the reply to it.
//!
//! Whatever cannot be done now is a status that is no success, after which Telegram sends the update again, for a day
//! at most; everything else is acknowledged, since an update that comes again holds all that its chat sends after it.

mod files;
mod press;

use std::rc::Rc;

use serde_json::Value;

use super::help_of;
use super::settle::object_name;
use crate::channels::Channel;
use miyabi_app::accept::{Accepted, accept};
use miyabi_app::memory::command;
use miyabi_app::{key_command, reminders, status, unserved, usage};
use miyabi_channels::telegram::call::once;
use miyabi_channels::telegram::commands::Command;
use miyabi_channels::telegram::methods::GetMe;
use miyabi_channels::telegram::parse::{Bot, Inbound, Told, Wish, parse};
use miyabi_channels::telegram::reply::{done, thinking, told};
use miyabi_channels::telegram::transport::Telegram;
use miyabi_channels::telegram::{PLATFORM, verify};
use miyabi_core::config::{self, Config, Settings};
use miyabi_core::event::Event;
use miyabi_core::http::{Incoming, Reply};
use miyabi_core::i18n::help::Way;
use miyabi_core::i18n::memory::Wish as MemoryWish;
use miyabi_core::i18n::privacy::Wish as PrivacyWish;
use miyabi_core::i18n::{
    chats, keys, messages, privacy, sentence, status as statuses, usage as usages,
};
use miyabi_core::ids::Millis;
use miyabi_core::ports::Host;
use miyabi_core::question::Question;
use miyabi_core::rejection::Rejection;

/// How long the bot's name is remembered, in seconds.
const NAME_S: u32 = 24 * 60 * 60;

/// What every part of handling an update needs.
struct Chat<'a, H> {
    host: &'a H,
    settings: &'a Settings,
    transport: Channel<H>,
    origin: &'a str,
}

/// Replies to an update.
///
/// # Errors
/// [`Rejection::Unconfigured`] where Telegram is off, what [`verify::verify`] and [`parse`] refuse, and
/// [`Rejection::Unavailable`] where the bot's name is needed and Telegram does not tell it.
///
/// # Repeats
/// See [`accept()`]: a message is one job. The reply to a command is sent again.
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
    match inbound {
        Inbound::Told(found) => {
            let transport = Channel::Telegram(Telegram::new(host.clone(), Rc::clone(telegram)));
            let chat = Chat { host, settings, transport, origin: request.origin() };
            Ok(chat.answer(*found, telegram).await)
        }
        Inbound::Pressed(pressed) => Ok(press::press(host, settings, telegram, *pressed).await),
        Inbound::Passing | Inbound::NeedsName => Ok(done()),
        Inbound::Unserved(kind) => {
            let (host, body) = (host.clone(), verified.body().to_vec());
            host.clone().wait_until(async move {
                unserved::keep(&host, PLATFORM, kind, &String::from_utf8_lossy(&body)).await;
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

impl<H: Host + Clone + 'static> Chat<'_, H> {
    async fn answer(&self, found: Told, telegram: &config::Telegram) -> Reply {
        let Told { wish, question, place, user, .. } = &found;
        let language = question.language;
        let tell = |words: &str| told(*place, words);
        // Also who may not ask any more sees and deletes what is kept of them.
        let asks = match wish {
            Wish::Command(it) => matches!(it, Command::Ask | Command::New | Command::Link),
            Wish::Answer | Wish::UnknownCommand | Wish::Nothing | Wish::Unreadable => true,
        };
        if (asks || place.is_group) && !telegram.admits(*user, place.chat) {
            self.host.log(&Event::NotAdmitted { job: question.id.clone() });
            // In a group nobody hears of it: who knows what it is may ask in a private chat.
            return if place.is_group {
                done()
            } else {
                tell(&chats::not_admitted(language, &user.to_string(), &self.transport))
            };
        }
        match wish {
            Wish::Answer => self.ask(found, telegram).await,
            Wish::Command(Command::Help) => tell(&self.help(&found).await),
            Wish::Command(Command::Ask | Command::New) | Wish::Nothing => {
                tell(chats::ASK_SOMETHING.in_language(language))
            }
            Wish::Command(command) => self.command(*command, found).await,
            Wish::UnknownCommand => tell(chats::UNKNOWN_COMMAND.in_language(language)),
            Wish::Unreadable => tell(messages::NOTHING_TO_READ.in_language(language)),
        }
    }

    async fn ask(&self, found: Told, telegram: &config::Telegram) -> Reply {
        let Told { mut question, place, files, quoted_files, .. } = found;
        let language = question.language;
        let copying = files::Copying::of(self.host, self.settings, telegram, &question);
        let (attachments, mut copies) = copying.all(&files).await;
        let (about, of_quote) = copying.all(&quoted_files).await;
        question.files = attachments;
        copies.extend(of_quote);
        if let Some(quote) = &mut question.quote {
            quote.files = about.iter().map(|file| file.name.clone()).collect();
            quote.attachments = about;
        }
        match accept(self.host, &self.transport, question).await {
            Accepted::Deferred => thinking(place),
            Accepted::Refused(notice) => {
                copying.release(&copies).await;
                told(place, sentence(notice, language))
            }
        }
    }

    async fn help(&self, Told { question, .. }: &Told) -> String {
        let (server, how) = (question.server.as_deref(), (Way::Chat, question.language));
        help_of(self.host, self.settings, &self.transport, how, server).await
    }

    /// Returns the reminder of `/cancel 2`, the second one that `/status` lists.
    async fn reminder(&self, question: &Question) -> Option<String> {
        let nth = question.text.parse::<usize>().ok()?.checked_sub(1)?;
        let waiting = reminders::waiting(self.host, &question.asker.id).await.ok()?;
        waiting.into_iter().nth(nth).map(|it| it.id)
    }

    async fn privacy(&self, question: &Question) -> String {
        let (language, person) = (question.language, question.asker.id.clone());
        let wish = privacy_wish(&question.text, question.asked);
        let inquiry = privacy::Inquiry { person, language, wish };
        let kept = match miyabi_app::privacy::look(self.host, object_name, &inquiry).await {
            Ok(kept) => kept,
            Err(words) => return words.to_owned(),
        };
        let (text, hint) = match wish {
            PrivacyWish::AskToErase => (privacy::sure(language).to_owned(), chats::PRIVACY_CONFIRM),
            PrivacyWish::Show | PrivacyWish::Quote(_) | PrivacyWish::Erase(_) => {
                (privacy::list(&kept, language, &self.transport, false), chats::PRIVACY_USAGE)
            }
        };
        [&text, "\n\n", hint.in_language(language)].concat()
    }

    /// Carries out a command about somebody's own things, whose reply nobody else is to see.
    async fn command(&self, command: Command, Told { question, place, .. }: Told) -> Reply {
        let language = question.language;
        if place.is_group && command != Command::Cancel {
            return told(place, chats::IN_PRIVATE.in_language(language));
        }
        let asker = question.asker.id.clone();
        let Self { host, settings, transport, origin } = self;
        let words = match command {
            Command::Status | Command::Cancel => {
                let cancels = command == Command::Cancel;
                let reminder = if cancels { self.reminder(&question).await } else { None };
                let inquiry = statuses::Inquiry { asker, cancels, reminder, language };
                status::reply(*host, transport, &inquiry).await
            }
            Command::Usage => {
                let inquiry = usages::Inquiry { asker, server: None, language };
                usage::report(*host, transport, &settings.budgets, &inquiry).await
            }
            Command::Memory => match wish_of(&question.text) {
                Some(wish) => {
                    let told = command::reply(*host, transport, settings, question, wish).await;
                    told.unwrap_or_default()
                }
                None => chats::MEMORY_USAGE.in_language(language).to_owned(),
            },
            Command::Link => {
                let (server, is_manager, wish) = (None, false, keys::Wish::Link);
                let inquiry = keys::Inquiry { owner: asker, server, is_manager, wish, language };
                key_command::reply(*host, transport, &inquiry, origin).await
            }
            Command::Privacy => self.privacy(&question).await,
            // These are answered before.
            Command::Ask | Command::New | Command::Help => String::new(),
        };
        told(place, &words)
    }
}

/// Reads what stands behind `/privacy`; anything else shows what is kept.
fn privacy_wish(words: &str, asked: Millis) -> PrivacyWish {
    let words = words.to_lowercase();
    match words.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["delete"] => PrivacyWish::AskToErase,
        // What there was when it was written: the same message again, later, means no more.
        ["delete", "everything"] => PrivacyWish::Erase(asked),
        _ => PrivacyWish::Show,
    }
}

/// Reads what stands behind `/memory`; `None` if it means nothing.
fn wish_of(words: &str) -> Option<MemoryWish> {
    let words = words.to_lowercase();
    let words: Vec<_> = words.split_whitespace().collect();
    match words.as_slice() {
        [] => Some(MemoryWish::List),
        ["on"] => Some(MemoryWish::Switch { is_on: true }),
        ["off"] => Some(MemoryWish::Switch { is_on: false }),
        ["forget", "all"] => Some(MemoryWish::ForgetAll),
        ["forget", id] => Some(MemoryWish::Forget { id: id.parse().ok()? }),
        _ => None,
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
