//! A button below an answer: what is replied to who presses it.

use super::{admitted, misconfigured};
use crate::channels::Channel;
use miyabi_app::accept::{Accepted, accept};
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
        Pressed::Ask(mut question) => {
            // There may be other models than when it was asked.
            question.model.take_if(|model| !settings.has_model(model));
            let (language, id) = (question.language, question.id.clone());
            let of = question.again.as_ref().map(|again| again.of.clone());
            match accept(host, &transport, *question).await {
                Accepted::Deferred => reply::deferred(),
                Accepted::Refused(notice) => {
                    if let Some(of) = of {
                        let host_after = host.clone();
                        host.wait_until(async move {
                            buttons::release(&host_after, &of, &id).await;
                        });
                    }
                    reply::private(sentence(notice, language))
                }
            }
        }
    }
}
