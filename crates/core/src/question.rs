//! A question: what was asked, by whom and where, in terms that every platform has.

use serde::{Deserialize, Serialize};

use crate::i18n::Language;
use crate::ids::{JobId, Millis, Secret};

/// A question, as every platform delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
pub struct Question {
    /// Name of the platform on which it was asked, that of its transport.
    pub platform: String,
    /// Id of the platform's event.
    pub id: JobId,
    /// Token with which the platform accepts an answer to this event.
    pub token: Secret,
    /// The question's text, not blank.
    pub text: String,
    /// Message that it is about, if it is about one.
    pub quote: Option<Quote>,
    /// Files that the asker brings with it. Those of the message that it is about are in the quote.
    pub files: Vec<Attachment>,
    /// Who asks.
    pub asker: Asker,
    /// What was answered before, if its answer is wanted once more: the question stands there already.
    pub again: Option<Again>,
    /// Where, and what may be done there: the channel's note to its own transport, opaque to everybody
    /// else. It is stored with the job and holds no secret.
    pub place: String,
    /// Name of the conversation that it belongs to: the platform, the place and the asker. `None` where the
    /// platform does not tell one of them, and for a question by itself.
    pub conversation: Option<String>,
    /// Server's id, if it was asked in one.
    pub server: Option<String>,
    /// Whether the answer is for the asker alone, also where others read along.
    pub is_private: bool,
    /// Whether it is quoted in its answer, and not posted in the asker's name: the asker, or the server, wants it
    /// so. It is known from when the job is claimed.
    pub is_quoted: bool,
    /// Whether its text is what an image is to show: no model answers it, and its answer is the image.
    pub draws: bool,
    /// Whether the asker wants to begin anew: no saved answer, and nothing that was said before.
    pub is_fresh: bool,
    /// Model that the asker wants to be asked first, as it is configured.
    pub model: Option<String>,
    /// Language of sentences that the program itself writes to the asker.
    pub language: Language,
    /// When it was asked, by the platform's clock.
    pub asked: Millis,
}

impl Question {
    /// Returns the files that are to be read for it: the asker's own, and those of the message it is about.
    pub fn attachments(&self) -> impl Iterator<Item = &Attachment> {
        self.files.iter().chain(self.quote.iter().flat_map(|quote| &quote.attachments))
    }
}

/// An image that was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Name of its file.
    pub name: &'static str,
    /// Media type.
    pub media: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
    /// What it is to show, for whoever does not see it.
    pub prompt: String,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// Id; empty if the platform did not tell it.
    pub id: String,
    /// Display name, as the platform shows it in this place: the asker's choice, so it proves nothing.
    pub name: String,
    /// Name that the platform gave to this person only; empty if it did not tell one.
    pub handle: String,
    /// Picture's URL.
    pub avatar_url: String,
}

/// An answer of ours, after which the same question is answered once more.
///
/// # Shape
/// A stored format: `{"of":"…","link":"https://…"}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// Id of the job whose answer it is.
    pub of: JobId,
    /// Its address, by which people find it; empty if it has none.
    pub link: String,
}

/// A message that a question is about. Anybody may have written it: it is data, and never the asker's words.
///
/// # Shape
/// A stored format: `{"link":"https://…","author":"…","text":"…","files":["…"]}`, and `"own":true` where it is an
/// answer to whoever asks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Quote {
    /// Its address, by which people find it; empty if it has none.
    pub link: String,
    /// Display name of who wrote it: their choice, so it proves nothing.
    pub author: String,
    /// Its words, as far as they are read.
    pub text: String,
    /// Names of the files that come with it.
    pub files: Vec<String>,
    /// Whether it is an answer of ours to whoever asks: nobody else has chosen its words.
    #[serde(rename = "own", default, skip_serializing_if = "core::ops::Not::not")]
    pub is_own: bool,
    /// Those files, as far as they are read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// A file that was sent to the platform. Its name, its kind and what is in it are whatever its sender chose.
///
/// # Shape
/// A stored format: `{"name":"a.pdf","url":"https://…","kind":"application/pdf","bytes":1024}`, and `"spoken":true`
/// where it is the question.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Attachment {
    /// Name.
    pub name: String,
    /// Address from which it is read, which expires; empty if the channel knows none that may be requested.
    pub url: String,
    /// Media type as the platform tells it; often missing or wrong.
    pub kind: String,
    /// Size as the platform tells it, in bytes.
    pub bytes: u64,
    /// Whether the asker recorded it as the question, which has no other words.
    #[serde(rename = "spoken", default, skip_serializing_if = "core::ops::Not::not")]
    pub is_spoken: bool,
}

/// Begins the address of a file that is kept here.
const KEPT: &str = "file:";

impl Attachment {
    /// Returns the address of a file that is kept here, by the key of [`crate::ports::Files`].
    pub fn address_of(key: &str) -> String {
        [KEPT, key].concat()
    }

    /// Returns the key of a file that is kept here; `None` if it is read over HTTP.
    pub fn key(&self) -> Option<&str> {
        self.url.strip_prefix(KEPT)
    }
}
