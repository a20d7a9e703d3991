//! An album: its items are kept as they come, and are one question when no more do.
//!
//! What repeating each effect does is in the table of [`albums`].

use std::rc::Rc;

use super::super::messenger::{Messenger, identify};
use crate::channels::Channel;
use miyabi_app::accept::Accepted;
use miyabi_channels::telegram::albums::{self, QUIET};
use miyabi_channels::telegram::call::once;
use miyabi_channels::telegram::methods::SendMessage;
use miyabi_channels::telegram::parse::{Bot, Item, Told};
use miyabi_channels::telegram::reply::{done, told, typing};
use miyabi_channels::telegram::transport::Telegram;
use miyabi_core::config::{self, Settings};
use miyabi_core::http::Reply;
use miyabi_core::i18n::help::Way;
use miyabi_core::i18n::{chats, sentence};
use miyabi_core::ports::Host;
use miyabi_core::rejection::Rejection;

/// Keeps an item, and asks its album after a second without another one.
///
/// # Errors
/// [`Rejection::Unavailable`] where it cannot be kept: Telegram sends it again.
pub(super) async fn take<H: Host + Clone + 'static>(
    host: &H,
    (settings, telegram): (&Settings, &Rc<config::Telegram>),
    item: Item,
    (body, origin): (&str, &str),
) -> Result<Reply, Rejection> {
    let Told { place, user, question, .. } = &*item.told;
    let (place, language) = (*place, question.language);
    if !telegram.admits(*user, place.chat) {
        let transport = Channel::Telegram(Telegram::new(host.clone(), Rc::clone(telegram)));
        let words = chats::not_admitted(language, &user.to_string(), &transport);
        // Once for all of them.
        return Ok(if item.has_words { told(place, &words) } else { done() });
    }
    let album = albums::key(place, &item.album);
    let kept = albums::keep(host, (&album, place.message), body, host.now()).await;
    kept.map_err(|_fault| Rejection::Unavailable)?;
    let (after, settings, origin) = (host.clone(), settings.clone(), origin.to_owned());
    host.wait_until(async move {
        after.sleep(QUIET).await;
        // Where nobody can say, it is asked late.
        if albums::is_last(&after, (&album, place.message)).await == Ok(true) {
            ask(&after, &settings, &album, &origin).await;
        }
    });
    Ok(typing(place))
}

/// Asks the albums that nobody has asked, since whoever waited for their ends died.
///
/// # Repeats
/// An album is one job.
pub async fn sweep<H: Host + Clone + 'static>(host: &H, settings: &Settings) {
    if settings.telegram.is_none() {
        return;
    }
    for album in albums::waiting(host, host.now()).await.unwrap_or_default() {
        ask(host, settings, &album, "").await;
    }
}

/// Asks an album. What cannot be done now is left for the sweep.
async fn ask<H: Host + Clone + 'static>(host: &H, settings: &Settings, album: &str, origin: &str) {
    let Some(telegram) = &settings.telegram else { return };
    let bot = Bot { id: telegram.bot_id, name: None };
    if let Ok(Some((told, messages))) = albums::gather(host, album, bot).await {
        let Told { mut question, place, files, quoted_files, .. } = *told;
        if identify(host, &mut question).await.is_err() {
            return;
        }
        let language = question.language;
        let transport = Channel::Telegram(Telegram::new(host.clone(), Rc::clone(telegram)));
        let messenger = Messenger { host, settings, transport, origin, way: Way::Chat };
        if let Accepted::Refused(notice) = messenger.ask(question, &files, &quoted_files).await {
            let words = SendMessage::of(place, sentence(notice, language));
            // Who is not told asks again.
            let _told = once(host, telegram, &words).await;
        }
        albums::asked(host, album, &messages).await;
    }
}
