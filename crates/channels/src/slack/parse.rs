//! Parses what Slack sends: verified bytes in, [`Inbound`] out.
//!
//! Unknown fields are ignored, and only what an answer cannot do without is required. An event of a kind that is not
//! served is told by its kind, so that it can be counted; none is an error, since Slack would send it again.
//!
//! | module | what comes | as |
//! | --- | --- | --- |
//! | `event` | messages and what else happens | JSON |
//! | `command` | commands that are typed | a form |
//! | `interaction` | buttons, the menus of messages, and windows | a form with JSON in it |

mod command;
mod event;
mod interaction;

pub use self::command::command;
pub use self::event::event;
pub use self::interaction::interaction;

use serde_json::Value;

use super::place::Place;
use super::{PLATFORM, conversation_name, person};
use crate::commands::Wish;
use crate::sent::SentFile;
use miyabi_core::i18n::buttons::Press;
use miyabi_core::i18n::{Language, chats, messages};
use miyabi_core::ids::{JobId, Millis, Secret};
use miyabi_core::question::{Asker, Question};

/// What a request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// Slack wants to know whether this address wants its events, and reads this there.
    Challenge(String),
    /// Somebody wants something.
    Told(Box<Told>),
    /// Somebody has pressed a button below an answer.
    Pressed(Box<Pressed>),
    /// Somebody has opened the home of the app.
    Home(Place),
    /// Somebody has opened their direct message with it.
    Messages(Place),
    /// Something that is not for Miyabi.
    Passing,
    /// Nothing that is served: its kind, or `other` for one that is newer than this program.
    Unserved(&'static str),
}

/// Who wants what, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What is wanted.
    pub wish: Wish,
    /// The message as a question. Its asker has no name yet, and its text may be blank: see [`Told::complete`].
    pub question: Question,
    /// Where it was written.
    pub place: Place,
    /// Files that come with it.
    pub files: Vec<SentFile>,
    /// Files of the message that it is about.
    pub quoted_files: Vec<SentFile>,
    /// Whether it is a command, which nobody else sees until it is shown.
    pub is_command: bool,
    /// Its time, if it is a message that stands in a thread that there was before.
    pub in_thread: Option<String>,
    /// Where whoever asked can be told something although Miyabi is not there; `None` where Slack gives no such address.
    pub respond_to: Option<String>,
    /// The window that is to be opened before it is a question, or that it comes from.
    pub window: Option<Window>,
}

/// A window with a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Window {
    /// It opens for what somebody has just done, which Slack names so for three seconds.
    Opens(String),
    /// It was sent; what is asked about is kept under this id.
    Sent(String),
}

/// A button that was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressed {
    /// Which, and by whom.
    pub press: Press,
    /// What Slack names it by, for three seconds.
    pub trigger: String,
    /// The thread that begins with the answer, where it stands in none.
    pub begins: Option<String>,
}

impl Told {
    /// Completes a question once it is known who asks: what is wanted of somebody who has written nothing is said in
    /// their language. `locale` is such as `ja-JP`.
    pub fn complete(&mut self, called: &str, locale: &str) {
        let question = &mut self.question;
        question.language = Language::of_locale(locale);
        crate::messengers::name(called).clone_into(&mut question.asker.name);
        if !question.text.is_empty() || self.wish != Wish::Answer {
            return;
        }
        question.text = if question.quote.is_some() {
            messages::question(messages::Wish::Explain, locale)
        } else if self.files.iter().any(|file| file.is_spoken) {
            chats::SPOKEN.in_language(question.language).to_owned()
        } else {
            chats::ABOUT_FILE.in_language(question.language).to_owned()
        };
    }
}

/// Most of a quoted message that is read, in code points.
const MAX_QUOTED: usize = 6_000;

/// Returns what somebody does in a place as a question without words.
fn person_asks(place: &Place, id: JobId, when: Millis) -> Question {
    let owner = person(&place.team, &place.user);
    let conversation = Some(conversation_name(&place.name(), &owner));
    let asker =
        Asker { id: owner, name: String::new(), handle: String::new(), avatar_url: String::new() };
    Question {
        platform: PLATFORM.to_owned(),
        id,
        token: Secret::new(String::new()),
        text: String::new(),
        quote: None,
        files: Vec::new(),
        conversation,
        asker,
        again: None,
        place: place.to_text(),
        server: place.is_shared.then(|| place.team.clone()),
        is_private: false,
        is_quoted: false,
        draws: false,
        is_fresh: false,
        model: None,
        language: Language::English,
        asked: when,
    }
}

/// Returns a time of Slack's in milliseconds; 0 if it is none.
fn millis(ts: &str) -> Millis {
    let seconds = ts.split('.').next().and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
    Millis(seconds.saturating_mul(1000))
}

fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field)?.as_str()
}

/// Says whether a channel is one in which a person is alone with whoever they write to.
fn is_direct(channel: &str) -> bool {
    channel.starts_with('D')
}

/// Returns what tells one press or command from another: Slack's id of it, made short.
fn short(trigger: &str) -> String {
    crate::digest::digest(trigger)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
