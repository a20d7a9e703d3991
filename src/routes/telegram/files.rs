//! Files of a message become files of its question: copied to the bucket at once, since Telegram's addresses of them end
//! and hold the bot's token.
//!
//! | effect | why repeating it is safe |
//! | --- | --- |
//! | the copy | a message that comes again is another one, which no question names, and which goes after a day |
//! | it is part of the conversation | it says so already ([`miyabi_app::uploads::questions`]) |
//!
//! A file that cannot be copied is one that cannot be read: the question is answered all the same, with a line that says
//! so.

use miyabi_ai::files::{MAX_BYTES, MAX_FILES, media_of};
use miyabi_app::conversations::id_elsewhere;
use miyabi_app::uploads::{self, questions};
use miyabi_channels::telegram::files::{SentFile, download};
use miyabi_core::config::Telegram;
use miyabi_core::ports::Host;
use miyabi_core::question::{Attachment, Question};

/// Returns files as a question of somebody brings them, each copied if it can be.
pub(super) async fn copied(
    host: &impl Host,
    telegram: &Telegram,
    quota: Option<u64>,
    question: &Question,
    files: &[SentFile],
) -> Vec<Attachment> {
    let mut attachments = Vec::new();
    for (nth, file) in files.iter().enumerate() {
        let copy = match quota {
            Some(quota) if nth < MAX_FILES => copy(host, telegram, quota, question, file).await,
            Some(_) | None => None,
        };
        attachments.push(copy.unwrap_or_else(|| Attachment {
            name: file.name.clone(),
            url: String::new(),
            kind: file.kind.clone(),
            bytes: file.bytes,
        }));
    }
    attachments
}

async fn copy(
    host: &impl Host,
    telegram: &Telegram,
    quota: u64,
    question: &Question,
    file: &SentFile,
) -> Option<Attachment> {
    if file.bytes > u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) {
        return None;
    }
    let bytes = download(host, telegram, file, MAX_BYTES).await?;
    let media = media_of(host, (&file.name, &file.kind), &bytes).ok()?;
    let owner = question.asker.id.as_str();
    let kept = uploads::keep(host, (owner, quota), (&file.name, media), &bytes).await.ok()??;
    // Where the conversation cannot be told, the file goes after a day.
    if let Some(id) = question.conversation.as_ref().and_then(|name| id_elsewhere(name, owner)) {
        let ids = [kept.id.clone()];
        let place = (owner, id.as_str());
        questions::claim(host, place, question.id.as_str(), &ids).await.ok()?;
    }
    Some(kept.attachment())
}
