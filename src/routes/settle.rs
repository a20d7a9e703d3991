//! `/settings` and `/privacy`, and what is used or sent of their panels.

use super::api::chat::place;
use super::misconfigured;
use crate::channels::Channel;
use miyabi_app::settings::{self, Panel};
use miyabi_channels::discord::settings::View;
use miyabi_channels::discord::{self, reply};
use miyabi_core::config::{Config, Installation};
use miyabi_core::fault::Notice;
use miyabi_core::http::Reply;
use miyabi_core::i18n::settings::{Inquiry, Wish};
use miyabi_core::i18n::{privacy as wishes, sentence};
use miyabi_core::ports::Host;

/// Shows or changes the settings of a server.
///
/// # Repeats
/// See [`miyabi_app::settings`].
pub(super) async fn settle<H: Host + Clone>(
    host: &H,
    config: &Config,
    inquiry: &Inquiry,
    installation: Installation,
) -> Reply {
    let language = inquiry.language;
    let operator = match &config.settings {
        Ok(settings) => settings,
        Err(error) => return misconfigured(host, error, language),
    };
    if inquiry.server.is_some() && !operator.access.admits(inquiry.server.as_deref(), installation)
    {
        return reply::private(sentence(Notice::NotHere, language));
    }
    let Panel { version, settings, entries, can_undo, note } =
        match settings::look(host, operator, inquiry).await {
            Ok(panel) => panel,
            Err(words) => return reply::private(words),
        };
    let view = View {
        version,
        settings: &settings,
        entries: &entries,
        can_undo,
        note,
        operator,
        tools: &settings::tools(operator),
        language,
    };
    let transport = Channel::discord(host, operator);
    match inquiry.wish {
        Wish::Show => view.open(&transport),
        Wish::Write => view.form(),
        Wish::Change(..) => view.update(&transport),
    }
}

/// Shows, or deletes, what is kept of a person; also where questions are not answered.
///
/// # Repeats
/// See [`miyabi_app::privacy`].
pub(super) async fn privacy<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    inquiry: &wishes::Inquiry,
    is_press: bool,
) -> Reply {
    let operator = match &config.settings {
        Ok(settings) => settings,
        Err(error) => return misconfigured(host, error, inquiry.language),
    };
    match miyabi_app::privacy::look(host, object_name, inquiry).await {
        Ok(kept) => {
            let transport = Channel::discord(host, operator);
            discord::privacy::reply(inquiry, &kept, is_press, &transport)
        }
        Err(words) => reply::private(words),
    }
}

/// Returns the name of the object of a person's conversation by its id in their list.
pub(crate) fn object_name(owner: &str, id: &str) -> String {
    place(owner, id).name
}
