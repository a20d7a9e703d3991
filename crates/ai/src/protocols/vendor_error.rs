//! What a vendor's error means, judged by its status and by the vendor's own words.
//!
//! Vendors agree on little: the status decides unless the error's own words say more. An error may quote
//! the question, so only what a vendor wrote is read, see [`VendorWords`], and nothing of it is kept.

use core::time::Duration;

use crate::Failure;
use miyabi_core::fault::Class;

/// Words that occur in errors, in lower case, and the class that each stands for. The first entry counts
/// that occurs in the error and whose class [is possible](is_possible) at its status.
///
/// # Source
/// Error pages and error bodies of `OpenAI`, Anthropic, Gemini, Groq, `DeepSeek`, Hugging Face, Ollama,
/// vLLM and Cloudflare's AI Gateway, read 2026-11-21; of a context that is full, 2026-11-29.
const CLUES: [(&str, Class); 44] = [
    // OpenAI, Azure behind a router, Anthropic, DeepSeek, AI Gateway's guardrails.
    ("content_filter", Class::Policy),
    ("content_policy", Class::Policy),
    ("content filter", Class::Policy),
    ("content management", Class::Policy),
    ("content exists risk", Class::Policy),
    ("usage polic", Class::Policy),
    ("security configurations", Class::Policy),
    // OpenAI, Groq; vLLM and Ollama; Anthropic; Gemini; a limit per minute that is below the request.
    ("context_length", Class::TooLong),
    ("context length", Class::TooLong),
    ("context window", Class::TooLong),
    ("context limit", Class::TooLong),
    ("prompt is too long", Class::TooLong),
    ("maximum number of tokens", Class::TooLong),
    ("input token count", Class::TooLong),
    // llama.cpp behind Ollama; text-generation-inference of Hugging Face, without the names that it quotes.
    ("context size", Class::TooLong),
    ("tokens +  must be <=", Class::TooLong),
    ("input validation error:  must have less than", Class::TooLong),
    // OpenAI, Anthropic: the model writes less than we let it.
    ("max_tokens", Class::Config),
    ("max_completion_tokens", Class::Config),
    ("completion tokens", Class::Config),
    ("too large", Class::TooLong),
    // OpenAI; Anthropic; DeepSeek; Hugging Face.
    ("insufficient_quota", Class::Quota),
    ("billing_", Class::Quota),
    ("credit balance", Class::Quota),
    ("insufficient balance", Class::Quota),
    ("included credits", Class::Quota),
    // Gemini's 400; OpenAI, Groq, Hugging Face; DeepSeek; Ollama; vLLM without its flags.
    ("api key not valid", Class::Config),
    ("api_key_invalid", Class::Config),
    ("location is not supported", Class::Config),
    ("model_not", Class::Config),
    ("model not exist", Class::Config),
    ("decommissioned", Class::Config),
    ("not support tools", Class::Config),
    ("tool-choice", Class::Config),
    // Anthropic, Gemini, OpenAI; Groq; Hugging Face.
    ("overloaded", Class::Busy),
    ("capacity", Class::Busy),
    ("currently loading", Class::Busy),
    // Gemini; Groq and OpenAI: of this model, while the vendor's others have days of their own.
    (DAY_CLUES[0], Class::RateLimit),
    (DAY_CLUES[1], Class::RateLimit),
    // Inside a stream there is no status.
    ("rate_limit", Class::RateLimit),
    ("resource_exhausted", Class::RateLimit),
    ("authentication_error", Class::Config),
    ("invalid_api_key", Class::Config),
    ("invalid_request", Class::BadRequest),
];

const DAY_CLUES: [&str; 2] = ["perday", "per day"];

/// Wait for a limit per day that names none: longer than a question is waited for.
const DAY_WAIT: Duration = Duration::from_hours(1);

/// The only refusal for money that comes with a 400.
///
/// # Source
/// Anthropic API/Errors, and field reports, read 2026-11-21.
const NO_CREDIT: &str = "your credit balance is too low";

/// Longest part of a vendor's message, or word, that is read, in characters.
const MAX_LEAD_CHARS: usize = 200;

/// Beginnings of the messages that say that an allowance or a balance is used up, in lower case. A quota
/// closes a vendor for everybody, so such words count only where no question can stand before them.
///
/// # Source
/// Error pages of `OpenAI`, Anthropic, `DeepSeek` and Hugging Face, read 2026-11-28.
const QUOTA_SENTENCES: [&str; 4] = [
    "your credit balance",
    NO_CREDIT,
    "insufficient balance",
    "you have exceeded your monthly included credits",
];

/// What a vendor itself says in an error.
#[derive(Debug, Default)]
pub(super) struct VendorWords {
    /// Messages and codes, one per line.
    all: String,
    /// Codes and types alone, one per line: nobody else writes them.
    codes: String,
}

impl VendorWords {
    /// Adds a message: its first line up to a quotation, which may be the question. A quoted name, such
    /// as a model's, is passed over.
    pub(super) fn add_message(&mut self, message: &str) {
        let mut before = ' ';
        let mut left = MAX_LEAD_CHARS;
        let mut characters = message.chars();
        while let Some(character) = characters.next()
            && left > 0
        {
            left -= 1;
            let is_apostrophe = character == '\'' && before.is_alphanumeric();
            match character {
                '"' | '`' | '\'' if !is_apostrophe => {
                    let Some(after) = after_name(characters.as_str(), character) else { break };
                    characters = after.chars();
                }
                '\n' | '“' | '”' | '‘' | '«' | '»' | '「' | '『' => break,
                _ => self.all.push(character),
            }
            before = character;
        }
        self.all.push('\n');
    }

    /// Adds a word of the vendor's, such as an error's code or type.
    pub(super) fn add_word(&mut self, word: &str) {
        for words in [&mut self.all, &mut self.codes] {
            words.extend(word.chars().take(MAX_LEAD_CHARS));
            words.push('\n');
        }
    }

    /// Returns the same in lower case.
    fn to_lowercase(&self) -> Self {
        Self { all: self.all.to_ascii_lowercase(), codes: self.codes.to_ascii_lowercase() }
    }

    /// Returns whether a clue stands where it counts.
    fn have(&self, clue: &str, class: Class) -> bool {
        match class {
            Class::Quota => {
                let says_so = |line: &str| {
                    QUOTA_SENTENCES.iter().any(|it| line.starts_with(it) && it.contains(clue))
                };
                self.codes.contains(clue) || self.all.lines().any(says_so)
            }
            Class::BadRequest
            | Class::Config
            | Class::RateLimit
            | Class::Busy
            | Class::Transient
            | Class::TooLong
            | Class::Policy
            | Class::Truncated => self.all.contains(clue),
        }
    }
}

/// Returns what stands after the name that a text begins with and that `mark` ends; `None` if something
/// else is quoted.
fn after_name(text: &str, mark: char) -> Option<&str> {
    let end = text.find(|c: char| c == mark || !c.is_ascii_graphic())?;
    text.get(end..)?.strip_prefix(mark)
}

/// Returns what kind of failure an error is, by its words and its HTTP status, 0 if it has none.
pub(super) fn classify(status: u32, words: &VendorWords) -> Failure {
    let said = words.to_lowercase();
    let is_there = |(clue, class): &&(&str, Class)| {
        is_possible(status, *class, &said.all) && said.have(clue, *class)
    };
    let clue = CLUES.iter().find(is_there).map(|(_, class)| *class);
    let class = match (status, clue) {
        (402, _) => Class::Quota,
        // Groq: more tokens than a minute has.
        (413, _) => Class::TooLong,
        // That the request is invalid says less than these.
        (401 | 403..=405 | 410, None | Some(Class::BadRequest)) => Class::Config,
        (429, None | Some(Class::BadRequest)) => Class::RateLimit,
        (_, Some(class)) => class,
        (498 | 503 | 529, None) => Class::Busy,
        (408 | 409 | 425 | 499, None) => Class::Transient,
        (400..=499, None) => Class::BadRequest,
        (_, None) => Class::Transient,
    };
    let is_of_day =
        class == Class::RateLimit && DAY_CLUES.iter().any(|clue| said.all.contains(clue));
    Failure { after: is_of_day.then_some(DAY_WAIT), ..Failure::new(class, status) }
}

/// Returns whether an error with this status can be of this class, whatever its words are: a quota that
/// is taken for used up closes the vendor for everybody, and a broken server knows nothing of us.
fn is_possible(status: u32, class: Class, said: &str) -> bool {
    match class {
        Class::Quota if status == 400 => said.lines().any(|line| line.starts_with(NO_CREDIT)),
        Class::Quota => matches!(status, 0 | 402 | 403 | 429),
        Class::RateLimit => matches!(status, 0 | 403 | 429),
        Class::Busy => true,
        Class::TooLong => status < 500,
        Class::BadRequest | Class::Config | Class::Transient | Class::Policy | Class::Truncated => {
            status < 500 && status != 429
        }
    }
}
