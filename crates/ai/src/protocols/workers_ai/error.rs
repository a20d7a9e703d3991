//! Errors of Workers AI, and the codes that it shares with the AI Gateway.

use serde::Deserialize;
use serde_json::Value;

use crate::Failure;
use crate::protocols::vendor_error::{self, VendorWords};
use crate::protocols::wire::{self, Code, Lenient, Reported};
use miyabi_core::fault::Class;

/// Errors inside a result or an event that came as a success: `error` of any model, or `errors` of the
/// REST API.
#[derive(Default, Deserialize)]
struct ReportedErrors {
    error: Option<ErrorDetail>,
    errors: Lenient<Vec<ErrorDetail>>,
}

type ErrorDetail = Reported<ErrorFields>;

#[derive(Debug, Default, Deserialize)]
struct ErrorFields {
    message: Lenient<String>,
    #[serde(rename = "type")]
    kind: Lenient<String>,
    #[serde(rename = "internalCode")]
    internal_code: Lenient<Code>,
    status_code: Lenient<Code>,
    code: Lenient<Code>,
}

/// Returns the failure that a result really is, `None` if it reports no error.
pub(super) fn read_error(result: &Value) -> Option<Failure> {
    wire::read::<ReportedErrors>(result)?.failure()
}

impl ReportedErrors {
    /// Returns the first error's failure.
    fn failure(&self) -> Option<Failure> {
        let listed = || self.errors.0.as_ref()?.first();
        self.error.as_ref().or_else(listed).map(ErrorDetail::failure)
    }
}

impl ErrorDetail {
    fn failure(&self) -> Failure {
        let mut words = VendorWords::default();
        let (message, code) = match self {
            Self::List(errors) => match errors.first() {
                Some(first) => return first.failure(),
                None => ("", None),
            },
            Self::Text(message) => (message.as_str(), None),
            Self::Fields(fields) => {
                (fields.message.0.as_deref().unwrap_or_default(), fields.code())
            }
            Self::Other(_) => ("", None),
        };
        let said = error_code(message);
        let code = if said == TOO_LONG { said } else { code.unwrap_or(said) };
        if code >= 1000 {
            return Failure::new(classify(code), code);
        }
        // Three digits are an HTTP status.
        words.add_message(message);
        if let Self::Fields(fields) = self {
            fields.add_words(&mut words);
        }
        vendor_error::classify(code, &words)
    }
}

impl ErrorFields {
    fn code(&self) -> Option<u32> {
        let codes = [&self.internal_code, &self.status_code, &self.code];
        codes.into_iter().find_map(|code| code.0.as_ref()?.number())
    }

    fn add_words(&self, words: &mut VendorWords) {
        if let Some(code) = self.code.0.as_ref().and_then(Code::word) {
            words.add_word(code);
        }
        if let Some(kind) = &self.kind.0 {
            words.add_word(kind);
        }
    }
}

/// Internal error codes of Workers AI and of the AI Gateway.
///
/// # Source
/// Cloudflare Docs/Workers AI errors, and field reports, gathered 2026-11-20.
const KNOWN_CODES: [u32; 34] = [
    2001, 2003, 2009, 2016, 2017, 2021, 3003, 3006, 3007, 3008, 3021, 3023, 3036, 3039, 3040, 3041,
    3030, 3042, 3046, 4006, 5004, 5005, 5006, 5007, 5016, 5018, 5019, TOO_LONG, 5028, 5035, 7003,
    8001, 8006, 8007,
];

/// Prompt and completion are more than the model's context.
const TOO_LONG: u32 = 5021;

/// Authentication error; apart because it has five digits.
const AUTHENTICATION: u32 = 10_000;

/// The day's free neurons are used.
const DAILY_LIMIT: u32 = 3036;

/// Returns what kind of failure an internal code is; unknown codes may pass.
///
/// # Source
/// Cloudflare Docs/Workers AI errors and AI Gateway/Guardrails, and field reports, gathered 2026-11-21.
pub(in crate::protocols) fn classify(code: u32) -> Class {
    match code {
        // The day's free neurons are used; nothing changes before 00:00 UTC.
        DAILY_LIMIT | 4006 => Class::Quota,
        2003 | 3021 => Class::RateLimit,
        3040 => Class::Busy,
        3006 | TOO_LONG => Class::TooLong,
        // No such model, agreement not accepted, account blocked, paid only, gateway, auth.
        2001 | 2009 | 2021 | 3023 | 3039 | 3041 | 3042 | 5005 | 5007 | 5016 | 5018 | 5019
        | 5028 | 5035 | 7003 | AUTHENTICATION => Class::Config,
        3003 | 5004 | 5006 | 8001 => Class::BadRequest,
        // The gateway's guardrails, and what an image model does not draw: "Input prompt contains NSFW content".
        2016 | 2017 | 3030 | 8007 => Class::Policy,
        // A forced call that did not fit the completion.
        8006 => Class::Truncated,
        _ => Class::Transient,
    }
}

/// Returns the internal code that a thrown error's message names, 0 if it names none.
///
/// The binding's exceptions carry no HTTP status; the code is in the text. It is read only where the
/// service writes it: in the row of names and numbers before the first words, each with a colon behind
/// it. What follows may quote the question. A known code wins over any other number of that row; without
/// one, the service's own sentence about the context counts as 5021 if the words begin with it, and without
/// any, that about the daily neurons as 3036.
///
/// # Example
/// `InferenceUpstreamError: 3040: Capacity temporarily exceeded` → 3040
pub fn error_code(message: &str) -> u32 {
    let (codes, words) = leading_codes(message);
    let is_known = |code: &&u32| KNOWN_CODES.contains(code) || **code == AUTHENTICATION;
    match codes.iter().find(is_known) {
        Some(code) => *code,
        None if says_too_long(words) => TOO_LONG,
        None if codes.is_empty() && says_daily_limit(words) => DAILY_LIMIT,
        None => codes.first().copied().unwrap_or_default(),
    }
}

/// Returns the codes before the first words of a message, and the words.
fn leading_codes(message: &str) -> (Vec<u32>, &str) {
    let mut codes = Vec::new();
    let mut rest = message.trim_start();
    while let Some((piece, after)) = rest.split_once(':') {
        let piece = piece.trim();
        let is_code = (3..=5).contains(&piece.len()) && piece.bytes().all(|b| b.is_ascii_digit());
        // `InferenceUpstreamError`, `AiError`, `Error`.
        let is_name = piece.ends_with("Error") && piece.bytes().all(|b| b.is_ascii_alphanumeric());
        if is_code {
            codes.extend(piece.parse::<u32>());
        } else if !is_name {
            break;
        }
        rest = after.trim_start();
    }
    (codes, rest)
}

/// Sentences by which the service says that prompt and completion do not fit. They come with several codes.
///
/// # Source
/// Field reports of 5021, and of 3010 and none with HTTP 413 and 400, gathered 2026-11-29.
const TOO_LONG_SENTENCES: [&str; 2] = [
    "the estimated number of input and maximum output tokens",
    "requested token count exceeds the model's maximum context length",
];

fn says_too_long(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    TOO_LONG_SENTENCES.iter().any(|sentence| words.starts_with(sentence))
}

/// Sentences by which the service says that the day's free neurons are used.
const DAILY_SENTENCES: [&str; 3] = [
    "you have used up your daily free allocation",
    "you reached the limit of free neurons",
    "neurons used up",
];

/// Returns whether a message begins with such a sentence, maybe with numbers before: `4 of 10,000 neurons
/// used up`.
fn says_daily_limit(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    let bare = words.trim_start_matches(|c: char| c.is_ascii_digit() || " ,.".contains(c));
    let bare = bare.strip_prefix("of ").unwrap_or(bare);
    let bare = bare.trim_start_matches(|c: char| c.is_ascii_digit() || " ,.".contains(c));
    DAILY_SENTENCES.iter().any(|sentence| bare.starts_with(sentence))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
