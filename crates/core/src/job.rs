//! A job: a question in one of its generations, and the parameters of its Workflow instance.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::i18n::Language;
use crate::ids::{JobId, Millis, Secret};
use crate::json;
use crate::question::{Again, Asker, Attachment, Question, Quote};

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
        Self::instance_of(self.id(), self.generation)
    }

    /// Returns the name of the Workflow instance of a job's generation.
    pub fn instance_of(job: &JobId, generation: u32) -> String {
        match generation {
            ..=1 => job.as_str().to_owned(),
            generation => format!("{job}_{generation}"),
        }
    }
}

/// The Workflow's parameters, as they are stored. Unknown fields are ignored.
#[derive(Serialize, Deserialize)]
struct Params<'a> {
    platform: Cow<'a, str>,
    id: JobId,
    generation: u32,
    token: Cow<'a, str>,
    question: Cow<'a, str>,
    user: Cow<'a, str>,
    name: Cow<'a, str>,
    handle: Cow<'a, str>,
    avatar: Cow<'a, str>,
    place: Cow<'a, str>,
    server: Option<Cow<'a, str>>,
    language: Cow<'a, str>,
    fresh: bool,
    asked: Millis,
    conversation: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quote: Option<Cow<'a, Quote>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<Attachment>,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    private: bool,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    draws: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    again: Option<Cow<'a, Again>>,
}

/// Returns the Workflow's parameters for a job, as JSON text.
///
/// They hold all that the job needs, so that it runs even if its row is not written yet.
///
/// # Shape
/// A stored format: from the first release on fields are only added, with a default when absent.
/// `{"platform":"discord","id":"…","generation":1,"token":"…","question":"…","user":"…","name":"…","handle":"…",
/// "avatar":"…","place":"…","server":"…","language":"ja","fresh":false,"asked":1730014552832,
/// "conversation":"discord:…:…"}`, and where there is one the `quote`, see [`Quote`], the `files`, see [`Attachment`], `"private":true`,
/// `"draws":true`, `"model":"…"` and `"again":{"of":"…","link":"…"}`.
pub fn to_params(Job { question, generation }: &Job) -> String {
    let params = Params {
        platform: question.platform.as_str().into(),
        id: question.id.clone(),
        generation: *generation,
        token: question.token.reveal().into(),
        question: question.text.as_str().into(),
        user: question.asker.id.as_str().into(),
        name: question.asker.name.as_str().into(),
        handle: question.asker.handle.as_str().into(),
        avatar: question.asker.avatar_url.as_str().into(),
        place: question.place.as_str().into(),
        server: question.server.as_deref().map(Cow::from),
        language: question.language.name().into(),
        fresh: question.is_fresh,
        asked: question.asked,
        conversation: question.conversation.as_deref().map(Cow::from),
        quote: question.quote.as_ref().map(Cow::Borrowed),
        files: question.files.clone(),
        private: question.is_private,
        draws: question.draws,
        model: question.model.as_deref().map(Cow::from),
        again: question.again.as_ref().map(Cow::Borrowed),
    };
    serde_json::to_string(&params).unwrap_or_default()
}

/// Reads back what [`to_params`] wrote; `None` if it is not that.
pub fn from_params(params: &Value) -> Option<Job> {
    let params: Params<'_> = json::read(params)?;
    let question = Question {
        platform: params.platform.into_owned(),
        id: params.id,
        token: Secret::new(params.token.into_owned()),
        text: params.question.into_owned(),
        quote: params.quote.map(Cow::into_owned),
        again: params.again.map(Cow::into_owned),
        files: params.files,
        is_private: params.private,
        draws: params.draws,
        is_quoted: false,
        asker: Asker {
            id: params.user.into_owned(),
            name: params.name.into_owned(),
            handle: params.handle.into_owned(),
            avatar_url: params.avatar.into_owned(),
        },
        place: params.place.into_owned(),
        conversation: params.conversation.map(Cow::into_owned),
        server: params.server.map(Cow::into_owned),
        is_fresh: params.fresh,
        model: params.model.map(Cow::into_owned),
        language: Language::of_locale(&params.language),
        asked: params.asked,
    };
    Some(Job { question, generation: params.generation })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn good() -> Value {
        json!({
            "platform": "x", "id": "1", "generation": 2, "token": "t", "question": "hi",
            "user": "7", "name": "Mio", "handle": "mio", "avatar": "", "place": "here",
            "server": null, "language": "ja", "fresh": true, "asked": 9_007_199_254_740_993_u64,
            "conversation": null,
        })
    }

    #[test]
    fn parameters_of_another_shape_are_no_job() {
        assert!(from_params(&good()).is_some());
        for (field, odd) in [
            ("id", json!("../1")),
            ("token", json!(7)),
            ("generation", json!(-1)),
            ("generation", json!(4_294_967_296_u64)),
            ("place", json!(5)),
            ("server", json!(5)),
            ("fresh", json!("yes")),
            ("asked", json!(1.5)),
        ] {
            let mut params = good();
            params[field] = odd;
            assert_eq!(from_params(&params), None, "{params}");
        }
        assert_eq!(from_params(&json!("{}")), None);
    }

    #[test]
    fn parameters_that_lack_a_field_are_no_job() {
        let fields = good().as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        for field in
            fields.iter().filter(|field| !["server", "conversation"].contains(&field.as_str()))
        {
            let mut params = good();
            params.as_object_mut().unwrap().remove(field);
            assert_eq!(from_params(&params), None, "{field}");
        }
    }

    #[test]
    fn a_message_that_is_asked_about_is_read_back() {
        let mut params = good();
        params["private"] = json!(true);
        params["draws"] = json!(true);
        params["model"] = json!("openai/gpt-5-mini");
        params["again"] = json!({ "of": "12", "link": "https://x/2" });
        params["quote"] = json!({ "link": "https://x/1", "author": "Alex", "text": "\"hi\"", "files": ["a.png"], "own": true });
        let job = from_params(&params).unwrap();
        assert!(job.question.is_private && job.question.draws);
        assert_eq!(job.question.model.as_deref(), Some("openai/gpt-5-mini"));
        assert_eq!(job.question.quote.as_ref().unwrap().files, ["a.png"]);
        assert_eq!(serde_json::from_str::<Value>(&to_params(&job)).unwrap(), params);
        params["files"] = json!([{ "name": "a.pdf", "url": "https://x/a", "kind": "application/pdf", "bytes": 7 }]);
        params["quote"]["attachments"] = params["files"].clone();
        let job = from_params(&params).unwrap();
        assert_eq!(job.question.attachments().map(|file| file.bytes).collect::<Vec<_>>(), [7, 7]);
        assert_eq!(serde_json::from_str::<Value>(&to_params(&job)).unwrap(), params);
        params["quote"] = json!("hi");
        assert_eq!(from_params(&params), None);
    }

    #[test]
    fn parameters_are_read_back_with_every_digit() {
        let job = from_params(&good()).unwrap();
        assert_eq!(job.question.asked, Millis(9_007_199_254_740_993));
        let params: Value = serde_json::from_str(&to_params(&job)).unwrap();
        assert_eq!((from_params(&params), params), (Some(job), good()));
    }
}
