//! Errors of Chat Completions.

use serde::Deserialize;
use serde_json::Value;

use crate::Failure;
use crate::protocols::leaks;
use crate::protocols::reply::{Finish, ModelReply};
use crate::protocols::streamed::StreamedReply;
use crate::protocols::vendor_error::{self, VendorWords};
use crate::protocols::wire::{self, Code, Lenient, Reported};
use crate::tools::Tool;
use miyabi_core::fault::Class;

/// The error in a body.
#[derive(Default, Deserialize)]
pub(super) struct ReportedError {
    pub(super) error: Option<ErrorDetail>,
}

/// An error, in a response or in a stream.
///
/// # Source
/// `OpenAI` and Groq: an object. Hugging Face, and vLLM for a wrong key: a text, or a list of texts. Error
/// references of the vendors, read 2026-11-21.
pub(super) type ErrorDetail = Reported<ErrorFields>;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ErrorFields {
    message: Lenient<String>,
    /// The message, of servers made with `FastAPI`.
    detail: Lenient<String>,
    /// `error`, where vLLM writes an error in place of a reply.
    object: Lenient<String>,
    #[serde(rename = "type")]
    kind: Lenient<String>,
    code: Lenient<Code>,
    param: Lenient<String>,
    /// Groq's HTTP status, in a stream.
    status_code: Lenient<u32>,
    /// What a model wrote that Groq did not take for a tool call.
    failed_generation: Lenient<String>,
}

/// Reads a response that is no success. Groq's refusal of what a model generated is a reply all the
/// same: the text is in it.
///
/// # Errors
/// The failure, nearly always.
pub(in crate::protocols) fn read_error(status: u32, body: &Value) -> Result<ModelReply, Failure> {
    let ReportedError { error } = wire::read(body).unwrap_or_default();
    // vLLM writes the error itself in place of the body.
    let flat: ErrorFields = wire::read(body).unwrap_or_default();
    let detail = error.unwrap_or(ErrorDetail::Other(Value::Null));
    if let Some(text) = detail.generation() {
        return read_generation(text);
    }
    let mut words = VendorWords::default();
    flat.add_words(&mut words);
    detail.add_words(&mut words);
    Err(vendor_error::classify(status, &words))
}

/// Reads what a model said where a vendor wanted a tool call: a call that leaked, or an answer.
///
/// # Errors
/// [`Class::Transient`] for nothing, and for a call that cannot be understood.
fn read_generation(text: &str) -> Result<ModelReply, Failure> {
    let said = leaks::read(text, &Tool::ALL.map(Tool::name));
    let is_broken_call = said.text.starts_with(['{', '[', '<']);
    if said.calls.is_empty() && (said.text.is_empty() || is_broken_call) {
        return Err(Failure::new(Class::Transient, 400));
    }
    let leaks::Said { text, calls } = said;
    Ok(ModelReply { text, calls, finish: Finish::Complete, ..ModelReply::default() })
}

impl ErrorDetail {
    /// Returns the error that a document is in which neither a reply nor a field `error` stands.
    pub(super) fn flat(document: &Value) -> Option<Self> {
        let fields: ErrorFields = wire::read(document)?;
        let is_named = |word: &Option<String>| word.as_ref().is_some_and(|it| it.contains("error"));
        let is_error = is_named(&fields.object.0)
            || is_named(&fields.kind.0)
            || fields.detail.0.is_some()
            || fields.message.0.is_some() && fields.code.0.is_some();
        is_error.then_some(Self::Fields(fields))
    }

    /// Returns whether it says anything: some servers send a blank error with every reply.
    pub(super) fn is_error(&self) -> bool {
        match self {
            Self::Text(text) => !text.trim().is_empty(),
            Self::Fields(fields) => fields.says_something(),
            Self::List(errors) => errors.iter().any(Self::is_error),
            Self::Other(value) => !matches!(value, Value::Null | Value::Bool(false)),
        }
    }

    /// Returns the reply that the error holds, see [`read_error`]; `status` is used if the error names
    /// none.
    ///
    /// # Errors
    /// The failure, nearly always.
    pub(super) fn into_reply(self, status: u32) -> Result<ModelReply, Failure> {
        if let Some(text) = self.generation() {
            return read_generation(text);
        }
        let mut words = VendorWords::default();
        self.add_words(&mut words);
        Err(vendor_error::classify(self.status().unwrap_or(status), &words))
    }

    /// Ends a stream with this error.
    pub(super) fn end_stream(self, stream: &mut StreamedReply) {
        match self.into_reply(0) {
            Ok(reply) => {
                stream.replace_text(reply.text);
                for call in reply.calls {
                    stream.push_call(call);
                }
                stream.set_done();
            }
            Err(failure) => stream.fail(failure),
        }
    }

    fn generation(&self) -> Option<&str> {
        match self {
            Self::Fields(fields) => fields.failed_generation.0.as_deref(),
            Self::Text(_) | Self::List(_) | Self::Other(_) => None,
        }
    }

    /// Returns the HTTP status that the error names.
    fn status(&self) -> Option<u32> {
        let Self::Fields(fields) = self else { return None };
        fields.status_code.0.or_else(|| fields.code.0.as_ref()?.number())
    }

    fn add_words(&self, words: &mut VendorWords) {
        match self {
            Self::Text(message) => words.add_message(message),
            Self::Fields(fields) => fields.add_words(words),
            Self::List(errors) => errors.iter().for_each(|error| error.add_words(words)),
            Self::Other(_) => {}
        }
    }
}

impl ErrorFields {
    fn says_something(&self) -> bool {
        let texts = [&self.message, &self.detail, &self.kind, &self.failed_generation];
        let has_text = texts.into_iter().flat_map(|text| &text.0).any(|text| !text.is_empty());
        has_text || self.code.0.is_some() || self.status_code.0.is_some()
    }

    fn add_words(&self, words: &mut VendorWords) {
        for message in self.message.0.iter().chain(&self.detail.0) {
            words.add_message(message);
        }
        let code = self.code.0.as_ref().and_then(Code::word);
        for word in [code, self.kind.0.as_ref(), self.param.0.as_ref()].into_iter().flatten() {
            words.add_word(word);
        }
    }
}
