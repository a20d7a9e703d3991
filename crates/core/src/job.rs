//! A job: a question in one of its generations, and the parameters of its Workflow instance.

use serde_json::Value;

use crate::i18n::Language;
use crate::ids::{JobId, Millis, Secret};
use crate::json::{self, Field};
use crate::question::{Asker, Place, Question, Rights};

/// A question that is being answered, in one of its generations.
///
/// A job has one generation, unless its Workflow dies or falls silent: then the watchdog gives it another
/// one. Whatever a generation writes, it writes under its number, so that an earlier one that wakes up
/// again finds itself superseded and stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Question.
    pub question: Question,
    /// Generation, from 1.
    pub generation: u32,
}

impl Job {
    /// Returns the first generation of a question's job.
    pub const fn first(question: Question) -> Self {
        Self { question, generation: 1 }
    }

    /// Returns the job's id, the question's.
    pub const fn id(&self) -> &JobId {
        &self.question.id
    }

    /// Returns the name of this generation's Workflow instance: the job's id, and from the second generation on
    /// also its number.
    pub fn instance(&self) -> String {
        match self.generation {
            ..=1 => self.id().as_str().to_owned(),
            generation => format!("{}_{generation}", self.id()),
        }
    }
}

/// Returns the Workflow's parameters for a job, as JSON text: all that it needs, so that it runs even if
/// its row is not written yet.
///
/// # Shape
/// A stored format: fields are only added, with a default when absent.
/// `{"v":1,"id":"…","generation":1,"token":"…","question":"…","user":"…","name":"…","avatar":"…",
/// "direct":false,"server":"…","channel":"…","parent":null,"speaks":true,"reads":true,
/// "webhooks":true,"language":"ja","fresh":false,"asked":1730014552832}`
pub fn to_params(Job { question, generation }: &Job) -> String {
    let (is_direct, channel, parent, rights) = match &question.place {
        Place::Direct => (true, None, None, Rights::NONE),
        Place::Channel { id, parent, rights } => (false, id.as_deref(), parent.as_deref(), *rights),
    };
    json::record(&[
        ("v", Field::Number(1)),
        ("id", question.id.as_str().into()),
        ("generation", Field::Number(i64::from(*generation))),
        ("token", question.token.reveal().into()),
        ("question", question.text.as_str().into()),
        ("user", question.asker.id.as_str().into()),
        ("name", question.asker.name.as_str().into()),
        ("avatar", question.asker.avatar_url.as_str().into()),
        ("direct", is_direct.into()),
        ("channel", channel.into()),
        ("parent", parent.into()),
        ("speaks", rights.speaks.into()),
        ("reads", rights.reads.into()),
        ("webhooks", rights.manages_webhooks.into()),
        ("server", question.server.as_deref().into()),
        ("language", question.language.name().into()),
        ("fresh", question.is_fresh.into()),
        ("asked", Field::Number(i64::try_from(question.asked.0).unwrap_or_default())),
    ])
}

/// Reads back what [`to_params`] wrote; `None` if it is not that.
pub fn from_params(params: &Value) -> Option<Job> {
    let text = |name: &str| params.get(name).and_then(Value::as_str);
    let owned = |name: &str| text(name).map(ToOwned::to_owned);
    let is_set = |name: &str| params.get(name).and_then(Value::as_bool);
    let number = |name: &str| params.get(name).and_then(Value::as_u64);
    let id = JobId::parse(text("id")?)?;
    let asked = number("asked").map(Millis);
    let question = Question {
        id,
        token: Secret::new(owned("token")?),
        text: owned("question")?,
        asker: Asker {
            id: owned("user").unwrap_or_default(),
            name: owned("name").unwrap_or_default(),
            avatar_url: owned("avatar").unwrap_or_default(),
        },
        place: if is_set("direct").unwrap_or(false) {
            Place::Direct
        } else {
            let rights = Rights {
                speaks: is_set("speaks").unwrap_or(true),
                reads: is_set("reads").unwrap_or(true),
                manages_webhooks: is_set("webhooks").unwrap_or(true),
            };
            Place::Channel { id: owned("channel"), parent: owned("parent"), rights }
        },
        server: owned("server"),
        is_fresh: is_set("fresh").unwrap_or(false),
        language: Language::of_locale(text("language").unwrap_or_default()),
        asked: asked.unwrap_or_default(),
    };
    let generation =
        number("generation").and_then(|generation| u32::try_from(generation).ok()).unwrap_or(1);
    Some(Job { question, generation })
}
