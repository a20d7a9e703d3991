//! The errors of vendors with `OpenAI`'s API: similar in format, different in text.
//!
//! # Source
//! `OpenAI` Docs/Error codes; Groq Docs/Error Codes and Rate Limits, continuedev/continue#10920 and
//! #10218 (the texts of 429 and 413); `DeepSeek` Docs/Error Codes, Aider-AI/aider#4851 (402);
//! huggingface/agents-course#386 (402), coreply/coreply#19 (401).

use serde_json::{Value, json};

use super::super::table::Vendor;
use crate::ai::Failure;
use crate::http::{Inbound, Reply};

/// The fields of an error about an invalid request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InvalidRequest {
    pub(super) message: String,
    pub(super) param: Option<String>,
    pub(super) code: Option<&'static str>,
}

impl InvalidRequest {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), param: None, code: None }
    }

    pub(super) fn at(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    pub(super) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }
}

/// An error, before it is written in a vendor's format.
struct Error<'a> {
    status: u16,
    kind: &'a str,
    code: Option<&'a str>,
    param: Option<&'a str>,
    message: &'a str,
}

impl Error<'_> {
    fn reply(&self, vendor: &Vendor) -> Reply {
        let Self { status, kind, code, param, message } = self;
        let body = match vendor.name {
            "vllm" => json!({ "error": {
                "message": message, "type": vllm_type(*status), "param": param, "code": status,
            } }),
            "groq" if param.is_none() => {
                json!({ "error": { "message": message, "type": kind, "code": code } })
            }
            "huggingface" if *kind == "plain" => json!({ "error": message }),
            _ => json!({ "error": {
                "message": message, "type": kind, "param": param, "code": code,
            } }),
        };
        Reply::json(*status, body)
    }
}

fn vllm_type(status: u16) -> &'static str {
    match status {
        400 => "BadRequestError",
        401 => "Unauthorized",
        404 => "NotFoundError",
        429 => "RateLimitError",
        503 => "ServiceUnavailableError",
        _ => "InternalServerError",
    }
}

/// The reply to an invalid request.
pub(super) fn invalid_request(vendor: &Vendor, wrong: &InvalidRequest) -> Reply {
    let error = Error {
        status: 400,
        kind: "invalid_request_error",
        code: wrong.code,
        param: wrong.param.as_deref(),
        message: &wrong.message,
    };
    error.reply(vendor)
}

/// The reply to a missing or a wrong key.
pub(in super::super) fn bad_key(vendor: &Vendor, inbound: &Inbound) -> Reply {
    if inbound.header("authorization").is_none() && vendor.name == "openai" {
        let message = "You didn't provide an API key. You need to provide your API key in an \
                       Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";
        let kind = "invalid_request_error";
        return Error { status: 401, kind, code: None, param: None, message }.reply(vendor);
    }
    failure(vendor, Failure::BadKey, None)
}

/// Groq's error about a tool call in the text of an answer.
pub(super) fn tool_use_failed(text: &str) -> Reply {
    let message = "Failed to call a function. Please adjust your prompt. \
                   See 'failed_generation' for more details.";
    let error = json!({ "message": message, "type": "invalid_request_error",
        "code": "tool_use_failed", "failed_generation": text });
    Reply::json(400, json!({ "error": error }))
}

/// The event that reports a failure in the middle of a stream.
pub(super) fn event() -> Value {
    json!({ "error": { "message": "The server had an error while processing your request. Sorry \
        about that!", "type": "server_error", "param": null, "code": null } })
}

/// A failure in a vendor's format; `after_s` is the wait that it asks for.
pub(in super::super) fn failure(vendor: &Vendor, failure: Failure, after_s: Option<u64>) -> Reply {
    let (status, kind, code, message) = match vendor.name {
        "groq" => groq(failure),
        "deepseek" => deepseek(failure),
        "huggingface" => huggingface(failure),
        _ => openai(failure),
    };
    let reply = Error { status, kind, code, param: None, message }.reply(vendor);
    let wait = after_s.or((failure == Failure::RateLimit && vendor.name == "groq").then_some(2));
    match wait {
        Some(seconds) => reply.header("retry-after", &seconds.to_string()),
        None => reply,
    }
}

type ErrorFields = (u16, &'static str, Option<&'static str>, &'static str);

fn openai(failure: Failure) -> ErrorFields {
    let wrong = "invalid_request_error";
    match failure {
        Failure::Busy => (
            503,
            "service_unavailable_error",
            None,
            "The engine is currently overloaded, please try again later.",
        ),
        Failure::RateLimit => (
            429,
            "requests",
            Some("rate_limit_exceeded"),
            "Rate limit reached for this model in organization org-lab on requests per min (RPM): \
             Limit 3, Used 3, Requested 1. Please try again in 20s.",
        ),
        Failure::Quota => (
            429,
            "insufficient_quota",
            Some("insufficient_quota"),
            "You exceeded your current quota, please check your plan and billing details.",
        ),
        Failure::TooLong => (
            400,
            wrong,
            Some("context_length_exceeded"),
            "This model's maximum context length is 8192 tokens. However, your messages resulted in \
             9001 tokens. Please reduce the length of the messages.",
        ),
        Failure::Policy => (
            400,
            wrong,
            Some("content_policy_violation"),
            "Your request was rejected as a result of our safety system.",
        ),
        Failure::BadKey => {
            (401, wrong, Some("invalid_api_key"), "Incorrect API key provided: lab-****.")
        }
        Failure::BadRequest => (400, wrong, Some("unknown_parameter"), "Unknown parameter: 'lab'."),
        Failure::NoModel => (
            404,
            wrong,
            Some("model_not_found"),
            "The model does not exist or you do not have access to it.",
        ),
        Failure::Error => (
            500,
            "server_error",
            None,
            "The server had an error while processing your request. Sorry about that!",
        ),
    }
}

fn groq(failure: Failure) -> ErrorFields {
    match failure {
        Failure::Busy => (
            503,
            "internal_server_error",
            None,
            "The model is currently over capacity. Please try again and back off exponentially.",
        ),
        Failure::RateLimit => (
            429,
            "tokens",
            Some("rate_limit_exceeded"),
            "Rate limit reached for model in organization `org_lab` service tier `on_demand` on \
             tokens per minute (TPM): Limit 6000, Used 5034, Requested 1443. Please try again in 2s.",
        ),
        Failure::Quota => (
            429,
            "tokens",
            Some("rate_limit_exceeded"),
            "Rate limit reached for model in organization `org_lab` service tier `on_demand` on \
             tokens per day (TPD): Limit 100000, Used 97050, Requested 3619. Please try again in \
             9m38.016s.",
        ),
        Failure::TooLong => (
            413,
            "tokens",
            Some("rate_limit_exceeded"),
            "Request too large for model in organization `org_lab` service tier `on_demand` on \
             tokens per minute (TPM): Limit 12000, Requested 14137, please reduce your message size \
             and try again.",
        ),
        Failure::BadKey => {
            (401, "invalid_request_error", Some("invalid_api_key"), "Invalid API Key")
        }
        Failure::Policy | Failure::BadRequest | Failure::NoModel | Failure::Error => {
            openai(failure)
        }
    }
}

fn deepseek(failure: Failure) -> ErrorFields {
    let code = Some("invalid_request_error");
    match failure {
        Failure::Busy => (503, "service_unavailable_error", None, "Server overloaded"),
        Failure::RateLimit => (429, "rate_limit_error", None, "Rate limit reached"),
        Failure::Quota => (402, "unknown_error", code, "Insufficient Balance"),
        Failure::TooLong => (
            400,
            "invalid_request_error",
            code,
            "This model's maximum context length is 65536 tokens. However, you requested 70001 tokens. \
             Please reduce the length of the messages or completion.",
        ),
        Failure::Policy => (400, "invalid_request_error", code, "Content Exists Risk"),
        Failure::BadKey => (
            401,
            "authentication_error",
            code,
            "Authentication Fails, Your api key: ****else is invalid",
        ),
        Failure::NoModel => (400, "invalid_request_error", code, "Model Not Exist"),
        Failure::BadRequest | Failure::Error => openai(failure),
    }
}

fn huggingface(failure: Failure) -> ErrorFields {
    match failure {
        Failure::Busy => (503, "plain", None, "Model is overloaded"),
        Failure::RateLimit => (429, "plain", None, "Too Many Requests"),
        Failure::Quota => (
            402,
            "plain",
            None,
            "You have exceeded your monthly included credits for Inference Providers. Subscribe to PRO \
             to get 20x more monthly included credits.",
        ),
        Failure::BadKey => (401, "plain", None, "Invalid username or password."),
        Failure::NoModel => (
            400,
            "invalid_request_error",
            Some("model_not_supported"),
            "The requested model is not supported by any provider you have enabled.",
        ),
        Failure::TooLong | Failure::Policy | Failure::BadRequest | Failure::Error => {
            openai(failure)
        }
    }
}
