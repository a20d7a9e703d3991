//! What every messenger does with what people write there: who writes is looked up, a question with its files becomes a
//! job, and a command has a reply in words.

mod commands;
mod files;

use self::files::Copying;
use crate::channels::Channel;
use miyabi_app::accept::{Accepted, accept};
use miyabi_app::accounts;
use miyabi_channels::sent::SentFile;
use miyabi_core::config::Settings;
use miyabi_core::event::Event;
use miyabi_core::i18n::help::Way;
use miyabi_core::ports::{Clock, Host, Log, Sql};
use miyabi_core::question::Question;
use miyabi_core::rejection::Rejection;

/// Has whoever writes or presses be the person whom their account is linked to.
///
/// Each messenger does so before anything else is done for them. The question's conversation stays the account's.
///
/// # Errors
/// [`Rejection::Unavailable`]: whoever cannot be told now is nobody else meanwhile, and the platform sends it again.
///
/// # Repeats
/// Who is linked to nobody stays who they are.
pub(crate) async fn identify(
    host: &(impl Sql + Clock + Log),
    question: &mut Question,
) -> Result<(), Rejection> {
    let found = accounts::whose(host, &question.asker.id).await;
    question.asker.id = found.map_err(|fault| {
        host.log(&Event::RequestFailed { request: None, fault });
        Rejection::Unavailable
    })?;
    Ok(())
}

/// What is needed to reply.
pub(crate) struct Messenger<'a, H> {
    pub(crate) host: &'a H,
    pub(crate) settings: &'a Settings,
    pub(crate) transport: Channel<H>,
    /// This Worker's own address.
    pub(crate) origin: &'a str,
    /// How people use it there.
    pub(crate) way: Way,
}

impl<H: Host + Clone + 'static> Messenger<'_, H> {
    /// Makes a question a job, with copies of its files and of those of the message that it is about.
    ///
    /// # Repeats
    /// See [`accept()`] and `files`.
    pub(crate) async fn ask(
        &self,
        mut question: Question,
        files: &[SentFile],
        quoted_files: &[SentFile],
    ) -> Accepted {
        let copying = Copying::of(self.host, self.settings, &self.transport, &question);
        let (attachments, mut copies) = copying.all(files).await;
        let (about, of_quote) = copying.all(quoted_files).await;
        question.files = attachments;
        copies.extend(of_quote);
        if let Some(quote) = &mut question.quote {
            quote.files = about.iter().map(|file| file.name.clone()).collect();
            quote.attachments = about;
        }
        let accepted = accept(self.host, &self.transport, question).await;
        if let Accepted::Refused(_) = accepted {
            copying.release(&copies).await;
        }
        accepted
    }
}
