//! `POST /slack/events`, `/slack/commands` and `/slack/interactivity`: what happens in Slack, and the reply to it.
//!
//! Slack waits three seconds. What cannot be read now is a status that is no success, after which Slack sends an event
//! again, three times within five minutes; everything else is acknowledged, also a question that is refused in words.
//!
//! | effect | why repeating it is safe |
//! | --- | --- |
//! | the job | its id is made of team, channel and message, and of Slack's id of a command or press |
//! | words for one person | they read them twice |
//! | the home | shows the same again |

mod thread;

use core::time::Duration;
use std::rc::Rc;

use serde_json::Value;

use super::help_of;
use super::messenger::{Messenger, identify};
use crate::channels::Channel;
use miyabi_app::accept::Accepted;
use miyabi_app::buttons::{self, Pressed as Outcome};
use miyabi_app::{quotes, unserved};
use miyabi_channels::commands::Wish;
use miyabi_channels::messengers::name as shown_name;
use miyabi_channels::sent::SentFile;
use miyabi_channels::slack::PLATFORM;
use miyabi_channels::slack::call::{call, once, reading};
use miyabi_channels::slack::form::OpenView;
use miyabi_channels::slack::methods::{PostEphemeral, PublishView, SetPrompts};
use miyabi_channels::slack::parse::{self, Inbound, Pressed, Told, Window};
use miyabi_channels::slack::place::Place;
use miyabi_channels::slack::reply::{self, challenged, done, shown, told};
use miyabi_channels::slack::transport::Slack;
use miyabi_channels::slack::verify::{Verified, verify};
use miyabi_core::config::{self, Config, Settings};
use miyabi_core::fault::Notice;
use miyabi_core::http::{Incoming, Reply, Request};
use miyabi_core::i18n::help::Way;
use miyabi_core::i18n::{Language, chats, messages, sentence, typed};
use miyabi_core::ports::Host;
use miyabi_core::question::Question;
use miyabi_core::rejection::Rejection;
use miyabi_core::transport::{RateLimitBudget, SendError};

/// Longest wait for each thing that is read before the reply: whatever is not there by then is done without.
const SOON: Duration = Duration::from_millis(800);

/// How long what a person is called is remembered, in seconds.
const PROFILE_S: u32 = 24 * 60 * 60;

/// Header of an event that is sent once more.
///
/// # Source
/// docs.slack.dev/apis/events-api, May 2026.
const RETRY: &str = "x-slack-retry-num";

/// Replies to an event.
///
/// # Errors
/// [`Rejection::Unconfigured`] where Slack is off, what [`verify`] and [`parse::event`] refuse, and
/// [`Rejection::Unavailable`] where who writes is not known now.
///
/// # Repeats
/// See the table of this module.
pub(super) async fn events<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    request: &impl Incoming,
) -> Result<Reply, Rejection> {
    let (bot, verified) = Bot::verified(host, config, request).await?;
    bot.reply(parse::event(&verified)?, &verified).await
}

/// Replies to a command.
///
/// # Errors
/// As for [`events`].
///
/// # Repeats
/// As for [`events`].
pub(super) async fn commands<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    request: &impl Incoming,
) -> Result<Reply, Rejection> {
    let (bot, verified) = Bot::verified(host, config, request).await?;
    bot.reply(parse::command(&verified)?, &verified).await
}

/// Replies to what was pressed.
///
/// # Errors
/// As for [`events`].
///
/// # Repeats
/// As for [`events`].
pub(super) async fn interactivity<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    request: &impl Incoming,
) -> Result<Reply, Rejection> {
    let (bot, verified) = Bot::verified(host, config, request).await?;
    bot.reply(parse::interaction(&verified)?, &verified).await
}

/// How Miyabi stands to a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is in it.
    Inside,
    /// It is not, and may write there all the same.
    Outside,
    /// It may not write there.
    Nowhere,
}

/// What every part of handling a request needs.
struct Bot<'a, H> {
    host: &'a H,
    settings: &'a Settings,
    slack: &'a Rc<config::Slack>,
    origin: &'a str,
    /// Whether Slack sends it once more: what is to be shown at once may be over.
    is_repeated: bool,
}

impl<'a, H: Host + Clone + 'static> Bot<'a, H> {
    async fn verified(
        host: &'a H,
        config: &'a Config,
        request: &'a impl Incoming,
    ) -> Result<(Self, Verified), Rejection> {
        let settings =
            config.settings.as_ref().map_err(|_misconfigured| Rejection::Unconfigured)?;
        let slack = settings.slack.as_ref().ok_or(Rejection::Unconfigured)?;
        let verified = verify(host, &slack.signing_secret, request).await?;
        let is_repeated = request.header(RETRY).is_some();
        Ok((Self { host, settings, slack, origin: request.origin(), is_repeated }, verified))
    }

    fn transport(&self) -> Slack<H> {
        Slack::new(self.host.clone(), Rc::clone(self.slack))
    }

    async fn reply(&self, inbound: Inbound, verified: &Verified) -> Result<Reply, Rejection> {
        Ok(match inbound {
            Inbound::Challenge(challenge) => challenged(&challenge),
            Inbound::Told(mut found) => {
                identify(self.host, &mut found.question).await?;
                self.answer(*found).await
            }
            Inbound::Pressed(mut pressed) => {
                identify(self.host, &mut pressed.press.question).await?;
                self.press(*pressed).await;
                done()
            }
            Inbound::Home(place) => {
                self.fill_home(place).await;
                done()
            }
            Inbound::Messages(place) if !self.settings.suggestions.is_empty() => {
                let prompts = SetPrompts::of(&place, &self.settings.suggestions);
                // Whoever sees none writes something of their own.
                let _shown = once(self.host, self.slack, &prompts).await;
                done()
            }
            Inbound::Messages(_) | Inbound::Passing => done(),
            Inbound::Unserved(kind) => {
                let (host, body) = (self.host.clone(), verified.body().to_vec());
                self.host.wait_until(async move {
                    unserved::keep(&host, PLATFORM, &[kind], &body).await;
                });
                done()
            }
        })
    }

    async fn answer(&self, mut found: Told) -> Reply {
        let (name, locale) = self.profile(&found.place).await;
        let window = found.window.take();
        if let Some(Window::Sent(kept)) = &window {
            found.question.language = Language::of_locale(&locale);
            if let Err(words) = quotes::take(self.host, kept, &mut found.question).await {
                return reply::refused(words);
            }
        }
        found.complete(&name, &locale);
        let (respond_to, in_thread) = (found.respond_to.take(), found.in_thread.take());
        let Told { wish, mut question, mut place, files, quoted_files, is_command, .. } = found;
        let language = question.language;
        // A menu and a command are there where Miyabi is not.
        let is_asked_aside = (is_command || respond_to.is_some()) && wish == Wish::Answer;
        let standing = if is_asked_aside { self.standing(&place).await } else { Standing::Inside };
        if standing == Standing::Outside {
            place.is_outside = true;
            question.place = place.to_text();
        }
        let words = match wish {
            // Where it is not in the channel it can share no image.
            Wish::Answer
                if standing == Standing::Nowhere
                    || (standing == Standing::Outside && question.draws) =>
            {
                chats::NOT_IN_CHANNEL.in_language(language).to_owned()
            }
            Wish::Answer if let Some(Window::Opens(trigger)) = &window => {
                match self.open(&question, place.clone(), Some(quoted_files), trigger).await {
                    Ok(()) => return done(),
                    Err(words) => words.to_owned(),
                }
            }
            Wish::Answer => {
                if let (None, Some(ts), true) = (&question.quote, &in_thread, place.is_shared) {
                    question.quote = self.thread(&place, ts).await;
                }
                let asked = question.clone();
                match self.messenger().ask(question, &files, &quoted_files).await {
                    Accepted::Deferred => {
                        if !self.is_repeated {
                            self.think(asked);
                        }
                        return if is_command { shown() } else { done() };
                    }
                    Accepted::Refused(notice) => sentence(notice, language).to_owned(),
                }
            }
            Wish::Command(command) => {
                // Nobody else reads the reply to a command.
                self.messenger().words(command, question, false).await
            }
            Wish::Nothing => chats::ASK_SOMETHING.in_language(language).to_owned(),
            Wish::UnknownCommand => {
                typed(chats::UNKNOWN_COMMAND.in_language(language), &self.transport())
            }
            Wish::Unreadable => messages::NOTHING_TO_READ.in_language(language).to_owned(),
        };
        if is_command {
            return told(&words);
        }
        if let Some(Window::Sent(_)) = window {
            return reply::refused(&words);
        }
        match respond_to {
            Some(address) => self.respond(&address, &words),
            None => self.whisper(place, words, in_thread.is_some()),
        }
        done()
    }

    /// Whoever pressed reads what came of it alone.
    async fn press(&self, Pressed { mut press, trigger, begins }: Pressed) {
        let Some(place) = Place::of(&press.question) else { return };
        let (name, locale) = self.profile(&place).await;
        (press.question.asker.name, press.question.language) =
            (shown_name(&name), Language::of_locale(&locale));
        let language = press.question.language;
        let transport = Channel::Slack(self.transport());
        let question = match buttons::press(self.host, &transport, press).await {
            Outcome::Ask(question) => question,
            Outcome::Told(words) => return self.whisper(place, words, true),
            Outcome::OpenForm(question) => {
                let answered = Place { thread: place.thread.clone().or(begins), ..place.clone() };
                if let Err(words) = self.open(&question, answered, None, &trigger).await {
                    self.whisper(place, words.to_owned(), true);
                }
                return;
            }
        };
        let asked = (*question).clone();
        match buttons::ask(self.host, &transport, self.settings, *question).await {
            Accepted::Deferred => self.think(asked),
            Accepted::Refused(notice) => {
                self.whisper(place, sentence(notice, language).to_owned(), true);
            }
        }
    }

    /// Opens a form for a question about a message, which is kept meanwhile.
    ///
    /// # Errors
    /// What its person reads instead.
    async fn open(
        &self,
        question: &Question,
        place: Place,
        files: Option<Vec<SentFile>>,
        trigger: &str,
    ) -> Result<(), &'static str> {
        quotes::keep(self.host, question).await?;
        let form = OpenView::of(trigger, question, place, files);
        let opened = once(self.host, self.slack, &form).await;
        opened.map(|_| ()).map_err(|_late| sentence(Notice::TryAgain, question.language))
    }

    /// Says in the home of the app what Miyabi can do. Where that fails it stays as it was, until it is opened again.
    async fn fill_home(&self, place: Place) {
        let (_, locale) = self.profile(&place).await;
        let how = (Way::Workspace, Language::of_locale(&locale));
        let transport = Channel::Slack(self.transport());
        let words = help_of(self.host, self.settings, &transport, how, None).await;
        let view = PublishView::of(&place, &words);
        let _shown = once(self.host, self.slack, &view).await;
    }

    fn messenger(&self) -> Messenger<'_, H> {
        Messenger {
            host: self.host,
            settings: self.settings,
            transport: Channel::Slack(self.transport()),
            origin: self.origin,
            way: Way::Workspace,
        }
    }

    /// Shows that an answer is being written, after the reply.
    fn think(&self, question: Question) {
        let transport = self.transport();
        self.host.wait_until(async move { transport.think(&question).await });
    }

    /// Tells one person something, after the reply. Where that fails they ask again: nothing was promised.
    fn whisper(&self, place: Place, words: String, is_in_thread: bool) {
        let (host, slack) = (self.host.clone(), Rc::clone(self.slack));
        self.host.wait_until(async move {
            let whisper = PostEphemeral::of(&place, &words, is_in_thread);
            let _told = once(&host, &slack, &whisper).await;
        });
    }

    /// Tells whoever has opened a menu something where Miyabi may not be, by the address that Slack gives for it.
    fn respond(&self, address: &str, words: &str) {
        let Some(request) = reply::response(self.slack, address, words) else { return };
        let host = self.host.clone();
        self.host.wait_until(async move {
            let _told = host.send(&request).await;
        });
    }

    /// Returns what a person is called, and their locale; both blank where Slack does not tell now.
    async fn profile(&self, Place { team, user, .. }: &Place) -> (String, String) {
        let key = ["slack:person:", team, ".", user].concat();
        if let Some(known) = self.host.recall(&key).await {
            let (locale, name) = known.split_once('\n').unwrap_or_default();
            return (name.to_owned(), locale.to_owned());
        }
        let arguments = [("user", user.as_str()), ("include_locale", "true")];
        let told = self.read("users.info", &arguments).await;
        let text = |path: &str| {
            let told = told.as_ref().ok()?;
            told.pointer(path).and_then(Value::as_str).filter(|it| !it.is_empty())
        };
        let names = ["/user/profile/display_name", "/user/real_name", "/user/name"];
        let name = names.into_iter().find_map(text).unwrap_or_default().replace('\n', " ");
        let locale = text("/user/locale").unwrap_or_default().to_owned();
        if told.is_ok() {
            self.host.remember(&key, &[&locale, "\n", &name].concat(), PROFILE_S).await;
        }
        (name, locale)
    }

    /// Returns how Miyabi stands to where a command was typed: the answer comes as a message of its own.
    async fn standing(&self, place: &Place) -> Standing {
        let told = self.read("conversations.info", &[("channel", &place.channel)]).await;
        let flag = |channel: &Value, name| channel.get(name).and_then(Value::as_bool) == Some(true);
        match told.as_ref().map(|it| it.get("channel")) {
            Ok(Some(channel)) => {
                if flag(channel, "is_member") || flag(channel, "is_im") {
                    Standing::Inside
                } else if flag(channel, "is_channel") && !flag(channel, "is_private") {
                    Standing::Outside
                } else {
                    Standing::Nowhere
                }
            }
            Err(SendError::Refused { .. }) => Standing::Nowhere,
            // Whether it may will be seen when it writes.
            Ok(None) | Err(_) => Standing::Inside,
        }
    }

    async fn read(
        &self,
        method: &'static str,
        arguments: &[(&str, &str)],
    ) -> Result<Value, SendError> {
        let mut budget = RateLimitBudget::new(Duration::ZERO);
        let request = Request { timeout: SOON, ..reading(self.slack, method, arguments) };
        call(self.host, "", method, &request, &mut budget).await
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
