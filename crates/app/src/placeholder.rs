//! The placeholder, the "thinking…" that only the asker sees, and the sentence that stands there when
//! there is no answer.

use miyabi_core::fault::{Cause, EngineError, Fault};
use miyabi_core::i18n::{Language, sentence};
use miyabi_core::question::Question;
use miyabi_core::text::chars;
use miyabi_core::transport::{EditOutcome, Message, SendError, Transport};

/// Puts an apology in place of "thinking…". One that the asker dismissed needs none.
///
/// # Errors
/// See [`SendError`]; [`SendError::Expired`] when the asker cannot be reached any more.
///
/// # Repeats
/// The second edit changes nothing.
pub async fn notify_asker(
    transport: &impl Transport,
    question: &Question,
    words: &str,
) -> Result<(), SendError> {
    match transport.edit(question, &Message::text(words)).await? {
        EditOutcome::Done | EditOutcome::Missing | EditOutcome::TooEarly => Ok(()),
    }
}

/// Returns what the asker reads in place of "thinking…" when there is no answer: the sentence, below
/// what of the answer stands there already.
pub fn apology(
    transport: &impl Transport,
    fault: &Fault,
    language: Language,
    shown: Option<&str>,
) -> String {
    let words = sentence(fault.notice, language);
    let cause = &fault.cause;
    let words = if let Cause::Engine(EngineError::OverBudget { until_s: Some(until_s), .. }) = cause
    {
        format!("{words} ({})", transport.time(*until_s, language))
    } else {
        words.to_owned()
    };
    let Some(shown) = shown else { return words };
    format!("{}\n\n{words}", transport.truncate(shown, chars(&words) + 2))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    //! Whether only a budget that is spent is said to be new at a time.

    use super::*;
    use crate::testing::discord;
    use miyabi_core::fault::{Notice, Scope};
    use miyabi_testing::Fake;

    #[test]
    fn a_budget_that_is_spent_is_told_with_its_time_and_one_that_is_set_aside_without() {
        let transport = discord(&Fake::new());
        let told = |until_s, language| {
            let fault = EngineError::OverBudget { scope: Scope::Server, until_s }.into();
            apology(&transport, &fault, language, None)
        };
        for language in [Language::English, Language::Japanese] {
            let words = sentence(Notice::ServerBudget, language);
            assert_eq!(told(Some(1_730_073_600), language), format!("{words} (<t:1730073600:R>)"));
            assert_eq!(told(None, language), sentence(Notice::BudgetHeld, language));
        }
        let held = told(None, Language::English);
        assert!(held.contains("ask again in a moment") && !held.contains("used up"), "{held}");
    }
}
