//! A question by naming the bot in any chat, `@bot what is tea?`.
//!
//! Each letter that is typed is an update, so what is offered costs nothing: no model, no statement. What is asked is told
//! when its person has sent it, where `BotFather` was told so.
//!
//! | effect | why repeating it is safe |
//! | --- | --- |
//! | the offer | another one takes its place |
//! | the job | its id is made of the message in which it is answered |

use std::rc::Rc;

use super::super::messenger::{Messenger, identify};
use crate::channels::Channel;
use miyabi_app::accept::Accepted;
use miyabi_channels::telegram::parse::{Chosen, Typing};
use miyabi_channels::telegram::reply::{done, offered, told_inline};
use miyabi_channels::telegram::transport::Telegram;
use miyabi_core::config::{self, Settings};
use miyabi_core::event::Event;
use miyabi_core::http::Reply;
use miyabi_core::i18n::help::Way;
use miyabi_core::i18n::{chats, sentence};
use miyabi_core::ports::Host;
use miyabi_core::rejection::Rejection;

/// Offers to ask what was typed, to whom may ask.
pub(super) fn offer(telegram: &config::Telegram, typing: &Typing) -> Reply {
    let Typing { id, user, words, language } = typing;
    offered(id, if telegram.admits(*user, *user) { words } else { "" }, *language)
}

/// Makes a question a job; whoever may not ask reads that below it.
///
/// # Errors
/// [`Rejection::Unavailable`] where nobody can say now who asks.
pub(super) async fn ask<H: Host + Clone + 'static>(
    host: &H,
    (settings, telegram): (&Settings, &Rc<config::Telegram>),
    Chosen { mut question, place }: Chosen,
    origin: &str,
) -> Result<Reply, Rejection> {
    let transport = Channel::Telegram(Telegram::new(host.clone(), Rc::clone(telegram)));
    let (words, language) = (question.text.clone(), question.language);
    let tell = |sentence: &str| told_inline(&place, &words, sentence);
    if !telegram.admits(place.user, place.user) {
        host.log(&Event::NotAdmitted { job: question.id.clone() });
        return Ok(tell(&chats::not_admitted(language, &place.user.to_string(), &transport)));
    }
    identify(host, &mut question).await?;
    let messenger = Messenger { host, settings, transport, origin, way: Way::Chat };
    Ok(match messenger.ask(question, &[], &[]).await {
        Accepted::Deferred => done(),
        Accepted::Refused(notice) => tell(sentence(notice, language)),
    })
}
