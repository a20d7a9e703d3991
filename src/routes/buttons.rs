//! A button below an answer: what is replied to who presses it.

use super::{admitted, misconfigured};
use crate::channels::Channel;
use miyabi_app::accept::Accepted;
use miyabi_app::buttons::{self, Pressed};
use miyabi_app::quotes;
use miyabi_channels::discord::reply;
use miyabi_core::config::{Config, Installation};
use miyabi_core::http::Reply;
use miyabi_core::i18n::buttons::{Button, Press};
use miyabi_core::i18n::sentence;
use miyabi_core::ports::Host;

/// Whoever may not ask any more can still see how an answer came about, and delete it.
pub(super) async fn press<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    press: Press,
    installation: Installation,
) -> Reply {
    let asks = matches!(press.button, Button::Regenerate | Button::FollowUp);
    let settings = match &config.settings {
        Ok(settings) => settings,
        Err(error) => return misconfigured(host, error, press.question.language),
    };
    if asks && let Err(reply) = admitted(host, config, &press.question, installation) {
        return *reply;
    }
    let transport = Channel::discord(host, settings);
    match buttons::press(host, &transport, press).await {
        Pressed::Told(words) => reply::private(&words),
        Pressed::OpenForm(question) => match quotes::keep(host, &question).await {
            Ok(()) => reply::follow_up_form(question.id.as_str(), question.language),
            Err(sentence) => reply::private(sentence),
        },
        Pressed::Ask(question) => {
            let language = question.language;
            match buttons::ask(host, &transport, settings, *question).await {
                Accepted::Deferred => reply::deferred(),
                Accepted::Refused(notice) => reply::private(sentence(notice, language)),
            }
        }
    }
}
