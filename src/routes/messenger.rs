//! What every messenger does with what people write there: a question with its files becomes a job, and a command has a
//! reply in words.

mod commands;
mod files;

use self::files::Copying;
use crate::channels::Channel;
use miyabi_app::accept::{Accepted, accept};
use miyabi_channels::sent::SentFile;
use miyabi_core::config::Settings;
use miyabi_core::i18n::help::Way;
use miyabi_core::ports::Host;
use miyabi_core::question::Question;

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
