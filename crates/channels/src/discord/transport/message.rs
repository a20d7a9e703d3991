//! How a message looks that is posted: whose name and picture it has.

use super::super::names::{self, ASSISTANT, FALLBACK_NAME};
use super::super::post::Content;
use miyabi_core::question::Question;
use miyabi_core::transport::{Author, Message};

/// Drops control characters, which show nothing: what Discord makes of them is not known, and a post whose
/// outcome is unclear is found by its text.
pub(super) fn without_controls(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

pub(super) fn content<'a>(message: &Message<'a>) -> Content<'a> {
    Content {
        content: message.content,
        file: message.file,
        listings: message.listings,
        image: message.image,
        ..Content::default()
    }
}

/// Returns the name under which a message is posted, and the one in its place if Discord refuses it.
pub(super) fn names(author: Author, question: &Question) -> [String; 2] {
    match author {
        Author::Assistant => [ASSISTANT, FALLBACK_NAME].map(ToOwned::to_owned),
        Author::Asker => {
            [names::posted_name(&question.asker), names::numbered_name(&question.asker)]
        }
    }
}

pub(super) fn picture(author: Author, question: &Question) -> &str {
    match author {
        Author::Assistant => "",
        Author::Asker => &question.asker.avatar_url,
    }
}
