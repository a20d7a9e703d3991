//! A job: a question in one of its generations, and the parameters of its Workflow instance.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::i18n::Language;
use crate::ids::{JobId, Millis, Secret};
use crate::question::{Asker, Place, Question, Rights};

/// A question that is being answered, in one of its generations.
///
/// A job has one generation, unless its Workflow dies or falls silent: then the watchdog starts another
/// one.
/// The number of the generation is a fencing token: every write carries it, so that an earlier generation
/// that wakes up again finds itself superseded and stops.
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

    /// Returns the name of this generation's Workflow instance.
    ///
    /// It is the job's id, and from the second generation on also the generation's number.
    pub fn instance(&self) -> String {
        match self.generation {
            ..=1 => self.id().as_str().to_owned(),
            generation => format!("{}_{generation}", self.id()),
        }
    }
}

/// The Workflow's parameters, as they are stored.
///
/// What an answer can do without may be missing or `null`; unknown fields are ignored.
#[derive(Serialize, Deserialize)]
struct Params<'a> {
    v: Option<u32>,
    platform: Cow<'a, str>,
    id: JobId,
    generation: Option<u32>,
    token: Cow<'a, str>,
    question: Cow<'a, str>,
    user: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
    handle: Option<Cow<'a, str>>,
    avatar: Option<Cow<'a, str>>,
    direct: Option<bool>,
    channel: Option<Cow<'a, str>>,
    parent: Option<Cow<'a, str>>,
    speaks: Option<bool>,
    embeds: Option<bool>,
    reads: Option<bool>,
    webhooks: Option<bool>,
    server: Option<Cow<'a, str>>,
    language: Option<Cow<'a, str>>,
    fresh: Option<bool>,
    asked: Option<Millis>,
    conversation: Option<Cow<'a, str>>,
}

/// Returns the Workflow's parameters for a job, as JSON text.
///
/// They hold all that the job needs, so that it runs even if its row is not written yet.
///
/// # Shape
/// A stored format: fields are only added, with a default when absent.
/// `{"v":1,"platform":"discord","id":"…","generation":1,"token":"…","question":"…","user":"…","name":"…","handle":"…","avatar":"…",
/// "direct":false,"channel":"…","parent":null,"speaks":true,"embeds":true,"reads":true,"webhooks":true,
/// "server":"…","language":"ja","fresh":false,"asked":1730014552832,"conversation":"discord:…:…"}`
pub fn to_params(Job { question, generation }: &Job) -> String {
    let (is_direct, channel, parent, rights) = match &question.place {
        Place::Direct => (true, None, None, Rights::NONE),
        Place::Channel { id, parent, rights } => (false, id.as_deref(), parent.as_deref(), *rights),
    };
    let params = Params {
        v: Some(1),
        platform: question.platform.as_str().into(),
        id: question.id.clone(),
        generation: Some(*generation),
        token: question.token.reveal().into(),
        question: question.text.as_str().into(),
        user: Some(question.asker.id.as_str().into()),
        name: Some(question.asker.name.as_str().into()),
        handle: Some(question.asker.handle.as_str().into()),
        avatar: Some(question.asker.avatar_url.as_str().into()),
        direct: Some(is_direct),
        channel: channel.map(Cow::from),
        parent: parent.map(Cow::from),
        speaks: Some(rights.speaks),
        embeds: Some(rights.embeds),
        reads: Some(rights.reads),
        webhooks: Some(rights.manages_webhooks),
        server: question.server.as_deref().map(Cow::from),
        language: Some(question.language.name().into()),
        fresh: Some(question.is_fresh),
        asked: Some(question.asked),
        conversation: question.conversation.as_deref().map(Cow::from),
    };
    serde_json::to_string(&params).unwrap_or_default()
}

/// Reads back what [`to_params`] wrote; `None` if it is not that.
pub fn from_params(params: &Value) -> Option<Job> {
    let params = Params::deserialize(params).ok()?;
    let place = if params.direct.unwrap_or(false) {
        Place::Direct
    } else {
        let rights = Rights {
            speaks: params.speaks.unwrap_or(true),
            embeds: params.embeds.unwrap_or(false),
            reads: params.reads.unwrap_or(true),
            manages_webhooks: params.webhooks.unwrap_or(true),
        };
        Place::Channel {
            id: params.channel.map(Cow::into_owned),
            parent: params.parent.map(Cow::into_owned),
            rights,
        }
    };
    let question = Question {
        platform: params.platform.into_owned(),
        id: params.id,
        token: Secret::new(params.token.into_owned()),
        text: params.question.into_owned(),
        asker: Asker {
            id: params.user.unwrap_or_default().into_owned(),
            name: params.name.unwrap_or_default().into_owned(),
            handle: params.handle.unwrap_or_default().into_owned(),
            avatar_url: params.avatar.unwrap_or_default().into_owned(),
        },
        place,
        conversation: params.conversation.map(Cow::into_owned),
        server: params.server.map(Cow::into_owned),
        is_fresh: params.fresh.unwrap_or(false),
        language: Language::of_locale(&params.language.unwrap_or_default()),
        asked: params.asked.unwrap_or_default(),
    };
    Some(Job { question, generation: params.generation.unwrap_or(1) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parameters_of_another_shape_are_no_job() {
        let good = json!({ "platform": "x", "id": "1", "token": "t", "question": "hi" });
        let job = from_params(&good).unwrap();
        assert_eq!((job.generation, job.question.text.as_str()), (1, "hi"));
        for (field, odd) in [
            ("id", json!("../1")),
            ("token", json!(7)),
            ("generation", json!(-1)),
            ("generation", json!(4_294_967_296_u64)),
            ("direct", json!("yes")),
            ("channel", json!(5)),
            ("asked", json!(1.5)),
        ] {
            let mut params = good.clone();
            params[field] = odd;
            assert_eq!(from_params(&params), None, "{params}");
        }
        assert_eq!(from_params(&json!("{}")), None);
    }

    #[test]
    fn parameters_are_read_back_with_every_digit() {
        let mut job =
            from_params(&json!({ "platform": "x", "id": "1", "token": "t", "question": "hi" }))
                .unwrap();
        job.question.asked = Millis(9_007_199_254_740_993);
        let params = serde_json::from_str(&to_params(&job)).unwrap();
        assert_eq!(from_params(&params), Some(job));
    }
}
