//! Speech: a recording becomes what is said in it, by a model that hears, booked as any other call.

use core::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::image::ordinal;
use super::kind::WAV;
use crate::attempt::{Attempt, AttemptOutcome};
use crate::prices::{Cost, Pricing, hearing};
use crate::protocols::workers_ai;
use crate::{Failure, Usage};
use miyabi_core::config::models::Model;
use miyabi_core::fault::Class;
use miyabi_core::i18n::files::Problem;
use miyabi_core::ports::{Ai, Clock};

/// Longest wait for a transcript.
const TIMEOUT: Duration = Duration::from_secs(40);

/// A file that sounds.
#[derive(Debug)]
pub(super) struct Recording {
    /// Media type.
    pub(super) media: &'static str,
    pub(super) bytes: Vec<u8>,
}

impl Recording {
    /// Returns about the longest that it may last, in milliseconds: how long is known only when it was heard.
    fn most_ms(&self) -> u64 {
        // One that nobody has packed, at the quality of a telephone, and speech that is packed tightly, 12 kbit/s.
        let bytes_of_a_second = if self.media == WAV { 8_000 } else { 1_500 };
        let bytes = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        bytes.saturating_mul(1_000).div_ceil(bytes_of_a_second)
    }
}

/// Returns what is said in a recording, empty if nothing is, and what hearing it took.
///
/// # Errors
/// A [`Problem`]: nothing here hears, what is granted does not pay for it, or the model does not answer.
///
/// # Repeats
/// Costs again.
pub(super) async fn transcribe(
    host: &(impl Ai + Clock),
    model: Option<&Model>,
    recording: Recording,
    (index, granted): (usize, Option<u64>),
) -> (Result<String, Problem>, Option<Attempt>) {
    let Some(model) = model else { return (Err(Problem::Kind), None) };
    let most_ms = recording.most_ms();
    let most = hearing(&model.id, most_ms).unwrap_or(0);
    if granted.is_some_and(|granted| most > granted) {
        return (Err(Problem::Kind), None);
    }
    // Both are large, so that only one of them stays in memory.
    let audio = BASE64_STANDARD.encode(&recording.bytes);
    drop(recording);
    let result = workers_ai::transcribe(host, model, audio, TIMEOUT).await;
    let (length_ms, pricing) = match &result {
        // Without a code the model may have heard it all, and nobody says so.
        Err(failure) if failure.code == 0 => (most_ms, Pricing::Estimated),
        // Nothing was heard, and so nothing is paid.
        Err(_) => (0, Pricing::Exact),
        Ok(heard) => match heard.length_ms {
            Some(length_ms) => (length_ms, Pricing::Table),
            None => (most_ms, Pricing::Estimated),
        },
    };
    let cost = match hearing(&model.id, length_ms) {
        Some(nano) => Cost { nano, pricing },
        None if result.is_err() => Cost { nano: 0, pricing },
        None => Cost { nano: 0, pricing: Pricing::Unpriced },
    };
    let outcome = match &result {
        Ok(_) => AttemptOutcome::Ok,
        Err(failure) => AttemptOutcome::Failed(failure.class),
    };
    let ordinal = ordinal(index);
    let usage = Usage::default();
    let attempt = Attempt { ordinal, model: model.id.clone(), outcome, usage, cost };
    let text = result.map(|heard| heard.text.trim().to_owned());
    (text.map_err(|failure| problem_of(&failure)), Some(attempt))
}

/// Returns what is wrong with a recording that a model did not take.
const fn problem_of(failure: &Failure) -> Problem {
    match failure.class {
        Class::BadRequest => Problem::Broken,
        Class::TooLong => Problem::TooLarge,
        Class::Config
        | Class::Quota
        | Class::RateLimit
        | Class::Busy
        | Class::Transient
        | Class::Policy
        | Class::Truncated => Problem::Unreachable,
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
