//! A button below an answer: what is replied to who presses it.
//!
//! | effect | why repeating it is safe |
//! | --- | --- |
//! | what the button does | see [`miyabi_app::buttons`] |
//! | the press is acknowledged | Telegram takes it once, and a second one changes nothing |

use std::rc::Rc;

use crate::channels::Channel;
use miyabi_app::accept::Accepted;
use miyabi_app::buttons::{self, Pressed as Outcome};
use miyabi_channels::telegram::call::once;
use miyabi_channels::telegram::methods::{AnswerCallbackQuery, is_alert};
use miyabi_channels::telegram::parse::Pressed;
use miyabi_channels::telegram::place::Place;
use miyabi_channels::telegram::reply::{pressed, prompted, thinking, told};
use miyabi_channels::telegram::transport::Telegram;
use miyabi_core::config::{self, Settings};
use miyabi_core::http::Reply;
use miyabi_core::i18n::buttons::Button;
use miyabi_core::i18n::{chats, sentence};
use miyabi_core::ports::Host;

/// Whoever may not ask any more can still see how an answer came about, and delete it.
///
/// # Repeats
/// See the table of this module.
pub(super) async fn press<H: Host + Clone + 'static>(
    host: &H,
    settings: &Settings,
    telegram: &Rc<config::Telegram>,
    Pressed { press, place, asked, user, id }: Pressed,
) -> Reply {
    let transport = Channel::Telegram(Telegram::new(host.clone(), Rc::clone(telegram)));
    let language = press.question.language;
    if matches!(press.button, Button::Regenerate | Button::FollowUp)
        && !telegram.admits(user, place.chat)
    {
        return pressed(&id, &chats::not_admitted(language, &user.to_string(), &transport));
    }
    let question = match buttons::press(host, &transport, press).await {
        Outcome::Ask(question) => question,
        Outcome::Told(words) => return shown(host, telegram, (&id, place), &words),
        Outcome::OpenForm(question) => {
            acknowledge(host, telegram, &id);
            let answer = question.quote.map(|quote| quote.text).unwrap_or_default();
            return prompted(place, &answer, asked, language);
        }
    };
    match buttons::ask(host, &transport, settings, *question).await {
        Accepted::Deferred => {
            acknowledge(host, telegram, &id);
            thinking(place)
        }
        Accepted::Refused(notice) => pressed(&id, sentence(notice, language)),
    }
}

/// Shows words over the chat if they are few, and else as a message, where nobody else reads along.
fn shown<H: Host + Clone + 'static>(
    host: &H,
    telegram: &Rc<config::Telegram>,
    (id, place): (&str, Place),
    words: &str,
) -> Reply {
    if place.is_group || is_alert(words) {
        return pressed(id, words);
    }
    acknowledge(host, telegram, id);
    told(place, words)
}

/// Acknowledges a press by a call of its own, since the reply is another one.
fn acknowledge<H: Host + Clone + 'static>(host: &H, telegram: &Rc<config::Telegram>, id: &str) {
    let (after, telegram, id) = (host.clone(), Rc::clone(telegram), id.to_owned());
    host.wait_until(async move {
        // The button's own sign of waiting ends by itself.
        let _done = once(&after, &telegram, &AnswerCallbackQuery::of(&id, "")).await;
    });
}
