//! What happens to the deferred reply, the "thinking…" that only the asker sees?
//!
//! Our acknowledgement travels to Discord while the job already runs. An edit or removal that comes
//! first finds nothing; giving up then would leave the asker on "thinking…" for ever. So a reply
//! that is missing while the question is young is tried again.

use core::time::Duration;

use miyabi_channels::discord::post;
use miyabi_channels::discord::post::{Interaction, Message, Outcome};
use miyabi_channels::discord::{MAX_CONTENT_CHARS, Ports};
use miyabi_core::config::Settings;
use miyabi_core::fault::{Cause, DiscordError, EngineError, Fault};
use miyabi_core::i18n::{Language, sentence};
use miyabi_core::ports::Clock;
use miyabi_core::question::Question;
use miyabi_core::text::{chars, truncate_chars};

/// Discord waits 3 seconds for an acknowledgement; two more for its way and for clocks that differ.
const YOUNG_MS: u64 = 5_000;

/// Wait before the second try; doubles with each.
const PAUSE: Duration = Duration::from_millis(500);

/// Puts a message in place of "thinking…".
///
/// # Errors
/// See [`DiscordError`].
///
/// # Repeats
/// The second edit changes nothing.
pub async fn edit(
    host: &impl Ports,
    settings: &Settings,
    question: &Question,
    message: Message<'_>,
) -> Result<Outcome, DiscordError> {
    let interaction = interaction(settings, question);
    until_known(host, question, async || post::edit_reply(host, interaction, message).await).await
}

/// Puts an apology in place of "thinking…". One that the asker dismissed needs none.
///
/// # Errors
/// See [`DiscordError`]; [`DiscordError::Expired`] when the asker cannot be reached any more.
///
/// # Repeats
/// The second edit changes nothing.
pub async fn notify_asker(
    host: &impl Ports,
    settings: &Settings,
    question: &Question,
    words: &str,
) -> Result<(), DiscordError> {
    let message = Message { content: words, file: None };
    match edit(host, settings, question, message).await? {
        Outcome::Done | Outcome::Missing => Ok(()),
        Outcome::Expired => Err(DiscordError::Expired),
    }
}

/// Returns what the asker reads in place of "thinking…" when there is no answer: the sentence, below
/// what of the answer stands there already.
pub fn apology(fault: &Fault, language: Language, shown: Option<&str>) -> String {
    let words = sentence(fault.notice, language);
    let cause = &fault.cause;
    let words = if let Cause::Engine(EngineError::OverBudget { until_s: Some(until_s), .. }) = cause
    {
        // Discord shows it in the reader's language, "in 5 hours".
        format!("{words} (<t:{until_s}:R>)")
    } else {
        words.to_owned()
    };
    let Some(shown) = shown else { return words };
    let room = MAX_CONTENT_CHARS.saturating_sub(chars(&words) + 2);
    format!("{}\n\n{words}", truncate_chars(shown, room))
}

/// Removes "thinking…".
///
/// # Errors
/// See [`DiscordError`].
///
/// # Repeats
/// The second removal finds nothing and is fine.
pub async fn remove(
    host: &impl Ports,
    settings: &Settings,
    question: &Question,
) -> Result<(), DiscordError> {
    let interaction = interaction(settings, question);
    let delete = async || post::delete_reply(host, interaction).await;
    until_known(host, question, delete).await.map(drop)
}

/// Returns the reply's address.
pub const fn interaction<'a>(settings: &'a Settings, question: &'a Question) -> Interaction<'a> {
    Interaction { discord: &settings.discord, token: &question.token }
}

/// Calls until Discord knows the reply or the question is young no more.
async fn until_known(
    host: &impl Clock,
    question: &Question,
    call: impl AsyncFn() -> Result<Outcome, DiscordError>,
) -> Result<Outcome, DiscordError> {
    let mut pause = PAUSE;
    loop {
        let outcome = call().await?;
        if outcome == Outcome::Done || !is_young(host, question) {
            return Ok(outcome);
        }
        host.sleep(pause).await;
        pause *= 2;
    }
}

/// Returns whether Discord may not have seen our acknowledgement yet.
pub fn is_young(host: &impl Clock, question: &Question) -> bool {
    host.now().0.abs_diff(question.asked.0) < YOUNG_MS
}

#[cfg(test)]
mod tests {
    //! Is only that said to be new at a time which is?

    use super::*;
    use miyabi_core::fault::{Notice, Scope};

    #[test]
    fn a_budget_that_is_spent_is_told_with_its_time_and_one_that_is_set_aside_without() {
        let told = |until_s, language| {
            let fault = EngineError::OverBudget { scope: Scope::Server, until_s }.into();
            apology(&fault, language, None)
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
