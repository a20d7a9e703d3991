//! Files of a message become files of its question: copied to the bucket at once, since a messenger's addresses of them
//! end, or want the bot's token.
//!
//! | effect | why repeating it is safe |
//! | --- | --- |
//! | the copy | a message that comes again has another one, which goes with its conversation |
//! | it is part of the conversation | it says so already ([`miyabi_app::uploads::questions`]) |
//! | it is not, where the question was refused | it says so already |
//!
//! A file that cannot be copied is one that cannot be read: the question is answered all the same, with a line that says
//! so.

use miyabi_core::join::join_all;

use crate::channels::Channel;
use miyabi_ai::files::{MAX_BYTES, MAX_FILES, media_of};
use miyabi_app::conversations::elsewhere;
use miyabi_app::limits::is_one_too_many;
use miyabi_app::uploads::{self, questions};
use miyabi_channels::sent::SentFile;
use miyabi_core::config::Settings;
use miyabi_core::ids::JobId;
use miyabi_core::ports::Host;
use miyabi_core::question::{Attachment, Question};

/// What copying the files of a question takes.
pub(super) struct Copying<'a, H> {
    host: &'a H,
    settings: &'a Settings,
    transport: &'a Channel<H>,
    /// Whose they are.
    owner: String,
    /// Id of the conversation, in its owner's list. Where it cannot be told, the files go after a day.
    conversation: Option<String>,
    /// Question's id.
    question: JobId,
}

impl<'a, H: Host + Clone> Copying<'a, H> {
    /// Returns that for a question.
    pub(super) fn of(
        host: &'a H,
        settings: &'a Settings,
        transport: &'a Channel<H>,
        Question { id, asker, conversation, .. }: &Question,
    ) -> Self {
        let (asker, question) = (asker.id.clone(), id.clone());
        // As the conversation, they are the account's.
        let found = conversation.as_deref().and_then(elsewhere);
        let (owner, conversation) =
            found.map_or((asker, None), |(owner, id)| (owner.to_owned(), Some(id)));
        Self { host, settings, transport, owner, conversation, question }
    }

    /// Returns files as a question brings them, each copied if it can be, and the ids of the copies.
    pub(super) async fn all(&self, files: &[SentFile]) -> (Vec<Attachment>, Vec<String>) {
        let copies = files.iter().enumerate().map(async |(nth, file)| {
            let quota = self.settings.files_quota.filter(|_| nth < MAX_FILES)?;
            self.one(quota, file).await
        });
        let (mut attachments, mut ids) = (Vec::new(), Vec::new());
        // At once: whoever sent the message waits for the reply meanwhile.
        for (file, copy) in files.iter().zip(join_all(copies).await) {
            let attachment = copy.as_ref().map_or_else(
                || Attachment {
                    name: file.name.clone(),
                    kind: file.kind.clone(),
                    bytes: file.bytes,
                    ..Attachment::default()
                },
                uploads::Upload::attachment,
            );
            attachments.push(Attachment { is_spoken: file.is_spoken, ..attachment });
            ids.extend(copy.map(|copy| copy.id));
        }
        (attachments, ids)
    }

    async fn one(&self, quota: u64, file: &SentFile) -> Option<uploads::Upload> {
        let (host, owner) = (self.host, self.owner.as_str());
        if file.bytes > u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) {
            return None;
        }
        // Whoever asks too much has nothing fetched for it.
        if is_one_too_many(host, &format!("file-of:{owner}")).await {
            return None;
        }
        let bytes = self.transport.download(file, MAX_BYTES).await?;
        let media = media_of(host, self.settings, (&file.name, &file.kind), &bytes).ok()?;
        let kept =
            uploads::keep(host, (owner, quota), (&file.name, media), &bytes).await.ok()??;
        if let Some(id) = &self.conversation {
            let ids = [kept.id.clone()];
            questions::claim(host, (owner, id), self.question.as_str(), &ids).await.ok()?;
        }
        Some(kept)
    }

    /// Lets copies go whose question was refused; where that fails, they go after a while.
    pub(super) async fn release(&self, ids: &[String]) {
        let turn = self.question.as_str();
        let _later = questions::release(self.host, &self.owner, turn, ids).await;
    }
}
