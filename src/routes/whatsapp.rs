//! `POST /whatsapp/webhook`: what happens on WhatsApp; and `GET`, by which Meta tries the address.
//!
//! Whatever cannot be done now is a status that is no success, after which Meta sends the whole delivery again, for a week
//! at most; everything else is acknowledged. What it has sent before is done once all the same.
//!
//! | effect | why repeating it is safe |
//! | --- | --- |
//! | the job | its id is made of the number and Meta's id of the message |
//! | words for who wrote | sent once, when the message is noted as dealt with: each costs money |
//! | what a button does | see [`miyabi_app::buttons`] |
//! | that it was read, and somebody types | shows the same again |
//! | who is called something else | see [`accounts`] |
//! | what became of messages | see [`kept`] |

use std::rc::Rc;

use super::messenger::{Messenger, identify};
use crate::channels::Channel;
use miyabi_app::accept::Accepted;
use miyabi_app::accounts;
use miyabi_app::buttons::{self, Pressed};
use miyabi_app::limits::is_one_too_many;
use miyabi_app::unserved;
use miyabi_channels::commands::{self, Command, Wish};
use miyabi_channels::digest::digest;
use miyabi_channels::whatsapp::kept::{self, Known};
use miyabi_channels::whatsapp::methods::Content;
use miyabi_channels::whatsapp::parse::{Delivery, Message, Status, Told, What, parse};
use miyabi_channels::whatsapp::place::Place;
use miyabi_channels::whatsapp::transport::WhatsApp;
use miyabi_channels::whatsapp::{PLATFORM, person, verify};
use miyabi_core::config::{self, Config, Settings};
use miyabi_core::event::Event;
use miyabi_core::http::{Incoming, Reply};
use miyabi_core::i18n::buttons::Press;
use miyabi_core::i18n::help::Way;
use miyabi_core::i18n::{Language, chats, messages, sentence, typed};
use miyabi_core::ids::JobId;
use miyabi_core::ports::{Host, Log};
use miyabi_core::rejection::Rejection;

/// What stands for messages among what is not served, where nobody is answered.
const MESSAGES: &str = "messages";

/// What stands there for messages that Meta delivers when their writers can no longer be answered.
const LATE: &str = "late_messages";

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// It was dealt with, now or before.
    Done,
    /// Nobody may be written to for it any more.
    TooLate,
}

/// Replies to Meta, which tries the address.
///
/// # Errors
/// [`Rejection::Unconfigured`] where WhatsApp is off, and what [`verify::challenge`] refuses.
///
/// # Repeats
/// Replies the same.
pub(super) fn challenge(config: &Config, request: &impl Incoming) -> Result<Reply, Rejection> {
    let (_, whatsapp) = configured(config)?;
    let challenge = verify::challenge(&whatsapp.verify_token, request.query())?;
    let kind = "text/plain; charset=utf-8".to_owned();
    Ok(Reply::text(200, challenge.into()).header("content-type", kind))
}

/// Replies to a delivery.
///
/// # Errors
/// [`Rejection::Unconfigured`] where WhatsApp is off, what [`verify::verify`] and [`parse`] refuse, and
/// [`Rejection::Unavailable`] where it cannot be noted what came, or who wrote is not known now.
///
/// # Repeats
/// See the table of this module.
pub(super) async fn webhook<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    request: &impl Incoming,
) -> Result<Reply, Rejection> {
    let (settings, whatsapp) = configured(config)?;
    let verified = verify::verify(&whatsapp.app_secret, request).await?;
    let Delivery { messages, statuses, renamed, mut unserved } =
        parse(&verified, &whatsapp.phone_number_id)?;
    tell_of_failures(host, &statuses);
    kept::note_statuses(host, &statuses).await.map_err(|_fault| Rejection::Unavailable)?;
    for (previous, current) in renamed {
        let done = accounts::renamed(host, &previous, &current).await;
        done.map_err(|_fault| Rejection::Unavailable)?;
    }
    if !whatsapp.asks && !messages.is_empty() {
        unserved.push(MESSAGES);
    }
    if whatsapp.asks {
        let number = Number { host, settings, whatsapp, origin: request.origin() };
        let new = kept::not_done(host, messages).await.map_err(|_fault| Rejection::Unavailable)?;
        for message in new {
            if number.take(message).await? == Taken::TooLate && !unserved.contains(&LATE) {
                unserved.push(LATE);
            }
        }
    }
    // When all else is done, so that a delivery that comes again is not kept for each time.
    if !unserved.is_empty() {
        let (host, body) = (host.clone(), verified.body().to_vec());
        host.clone().wait_until(async move {
            unserved::keep(&host, PLATFORM, &unserved, &body).await;
        });
    }
    Ok(Reply::empty(200))
}

fn configured(config: &Config) -> Result<(&Settings, &Rc<config::WhatsApp>), Rejection> {
    let settings = config.settings.as_ref().map_err(|_misconfigured| Rejection::Unconfigured)?;
    let whatsapp = settings.whatsapp.as_ref().ok_or(Rejection::Unconfigured)?;
    Ok((settings, whatsapp))
}

/// Says in the log which messages do not arrive: nobody else hears of it.
fn tell_of_failures(host: &impl Log, statuses: &[Status]) {
    for status in statuses {
        let job = status.tag.split('.').next().and_then(JobId::parse);
        if let (Some(code), Some(job)) = (status.failed, job) {
            host.log(&Event::NotDelivered { job, code });
        }
    }
}

/// A business phone number whose messages are answered.
struct Number<'a, H> {
    host: &'a H,
    settings: &'a Settings,
    whatsapp: &'a Rc<config::WhatsApp>,
    origin: &'a str,
}

impl<H: Host + Clone + 'static> Number<'_, H> {
    async fn take(&self, Message { place, mut what, .. }: Message) -> Result<Taken, Rejection> {
        // Before it is noted: what cannot be done for them now comes again as new.
        identify(
            self.host,
            match &mut what {
                What::Told(told) => &mut told.question,
                What::Pressed(press) => &mut press.question,
            },
        )
        .await?;
        let known = kept::note(self.host, self.whatsapp, &place).await;
        let known = known.map_err(|_fault| Rejection::Unavailable)?;
        match known {
            Known::Done => return Ok(Taken::Done),
            // A question is one job however often it is asked. Whoever is at anything else may be about to tell something.
            Known::Begun if !what.is_question() => return Err(Rejection::Unavailable),
            Known::Begun | Known::New => {}
        }
        let can_answer = self.transport().can_answer(&place).await;
        let told = match what {
            _ if !can_answer => None,
            What::Told(told) => self.answer(&place, *told).await,
            What::Pressed(press) => self.press(&place, *press).await,
        };
        // Before anything is told, since nobody can see later whether it was.
        kept::done(self.host, &place).await;
        if let (Some(content), Known::New) = (told, known) {
            self.tell(&place, content);
        }
        Ok(if can_answer { Taken::Done } else { Taken::TooLate })
    }

    /// Returns what who wrote is told at once, if it is anything.
    async fn answer(&self, place: &Place, told: Told) -> Option<Content> {
        let Told { wish, question, files, is_forwarded } = told;
        let (language, is_shared) = (question.language, place.group.is_some());
        let words = match wish {
            Wish::Answer => {
                let (own, others) =
                    if is_forwarded { (Vec::new(), files) } else { (files, Vec::new()) };
                match self.messenger().ask(question, &own, &others).await {
                    Accepted::Deferred => {
                        self.think(place);
                        return None;
                    }
                    Accepted::Refused(notice) => sentence(notice, language).to_owned(),
                }
            }
            Wish::Command(command) => {
                let words = self.messenger().words(command, question, is_shared).await;
                if command == Command::Help && !is_shared {
                    return Some(help(&words, language));
                }
                words
            }
            Wish::Nothing => chats::ASK_SOMETHING.in_language(language).to_owned(),
            Wish::UnknownCommand if is_shared => return None,
            Wish::UnknownCommand => {
                typed(chats::UNKNOWN_COMMAND.in_language(language), &self.transport())
            }
            Wish::Unreadable => messages::NOTHING_TO_READ.in_language(language).to_owned(),
        };
        Some(Content::words(&words))
    }

    async fn press(&self, place: &Place, press: Press) -> Option<Content> {
        let language = press.question.language;
        let transport = Channel::WhatsApp(self.transport());
        let question = match buttons::press(self.host, &transport, press).await {
            Pressed::Ask(question) => question,
            Pressed::Told(words) => return Some(Content::words(&words)),
            // There is no such button here.
            Pressed::OpenForm(_) => return None,
        };
        match buttons::ask(self.host, &transport, self.settings, *question).await {
            Accepted::Deferred => {
                self.think(place);
                None
            }
            Accepted::Refused(notice) => Some(Content::words(sentence(notice, language))),
        }
    }

    fn transport(&self) -> WhatsApp<H> {
        WhatsApp::new(self.host.clone(), Rc::clone(self.whatsapp))
    }

    fn messenger(&self) -> Messenger<'_, H> {
        Messenger {
            host: self.host,
            settings: self.settings,
            transport: Channel::WhatsApp(self.transport()),
            origin: self.origin,
            way: Way::List,
        }
    }

    /// Shows that an answer is being written, after the reply.
    fn think(&self, place: &Place) {
        let (transport, place) = (self.transport(), place.clone());
        self.host.wait_until(async move {
            // The answer comes all the same.
            let _shown = transport.think(&place).await;
        });
    }

    /// Tells who wrote something, after the reply. Where that fails they write again: nothing was promised. Each costs
    /// money, so nobody is told the same again and again.
    fn tell(&self, place: &Place, content: Content) {
        let (host, transport, place) = (self.host.clone(), self.transport(), place.clone());
        self.host.wait_until(async move {
            if !is_one_too_many(&host, &telling(&place, &content)).await {
                let _told = transport.tell(&place, &content).await;
            }
        });
    }
}

/// Returns the name under which it is counted how often somebody is told something.
fn telling(place: &Place, content: &Content) -> String {
    // Words always have JSON.
    let words = digest(&serde_json::to_string(content).unwrap_or_default());
    ["told ", &words, ":", &person(place.sender())].concat()
}

/// Returns the help, with a list of the commands below.
fn help(words: &str, language: Language) -> Content {
    let menu = commands::menu(language).filter(|(name, _)| !["ask", "new", "help"].contains(name));
    Content::with_list(words, chats::COMMANDS.in_language(language), menu)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
