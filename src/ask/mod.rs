//! The product: a question becomes an answer.
//!
//! [`accept`] makes it a job, [`workflow`] answers it, [`deliver`] posts it, [`reply`] is
//! the "thinking…" meanwhile, [`jobs`] and [`ledger`]
//! are what the database remembers.

pub mod accept;
pub mod deliver;
pub mod jobs;
pub mod ledger;
pub mod reply;
pub mod workflow;

use serde_json::Value;

use crate::channels::{Asker, Language, Place, Question};
use crate::ids::{JobId, Secret};
use crate::json::object;

/// Returns the Workflow's parameters for a question: all that the job needs, so that it runs even
/// if its row is not written yet.
///
/// # Shape
/// A stored format: fields are only added, with a default when absent.
/// `{"v":1,"id":"…","token":"…","question":"…","name":"…","avatar":"…","direct":false,
/// "channel":"…","parent":null,"language":"ja"}`
pub fn to_params(question: &Question) -> Value {
    let (is_direct, channel, parent) = match &question.place {
        Place::Direct => (true, None, None),
        Place::Channel { id, parent } => (false, id.as_deref(), parent.as_deref()),
    };
    object([
        ("v", 1.into()),
        ("id", question.id.as_str().into()),
        ("token", question.token.reveal().into()),
        ("question", question.text.as_str().into()),
        ("name", question.asker.name.as_str().into()),
        ("avatar", question.asker.avatar_url.as_str().into()),
        ("direct", is_direct.into()),
        ("channel", channel.into()),
        ("parent", parent.into()),
        ("language", question.language.name().into()),
    ])
}

/// Reads back what [`to_params`] wrote; `None` if it is not that.
pub fn from_params(params: &Value) -> Option<Question> {
    let text = |name: &str| params.get(name).and_then(Value::as_str);
    let owned = |name: &str| text(name).map(ToOwned::to_owned);
    let is_direct = params.get("direct").and_then(Value::as_bool).unwrap_or(false);
    Some(Question {
        id: JobId::parse(text("id")?)?,
        token: Secret::new(owned("token")?),
        text: owned("question")?,
        asker: Asker {
            name: owned("name").unwrap_or_default(),
            avatar_url: owned("avatar").unwrap_or_default(),
        },
        place: if is_direct {
            Place::Direct
        } else {
            Place::Channel { id: owned("channel"), parent: owned("parent") }
        },
        language: Language::of_locale(text("language").unwrap_or_default()),
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
