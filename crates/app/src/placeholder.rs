//! The sentence that the asker reads when there is no answer: in the place of the placeholder, the
//! "thinking…" that only the asker sees, or a message where the platform has no placeholder.
//!
//! Who reads the conversation is told there.

use core::time::Duration;

use super::lease::Leases;
use super::post_once::PostOnce;
use super::{Job, jobs, to_params};
use miyabi_core::fault::{Cause, EngineError, Fault};
use miyabi_core::i18n::{Language, sentence};
use miyabi_core::ports::{Clock, Log, Sql};
use miyabi_core::server::Refusal;
use miyabi_core::transport::{Message, Transport};

/// Name of the message in the ledger, where the platform has no placeholder.
const NOTICE: &str = "notice:1";

/// How long an asker is worth another try where the platform sets no limit.
const MAX_REPLY_AGE: Duration = Duration::from_mins(15);

/// Returns how long after a question its asker can still be told something.
pub fn reply_lifetime(transport: &impl Transport) -> Duration {
    transport.capabilities().reply_lifetime.unwrap_or(MAX_REPLY_AGE)
}

/// Tells the asker of a job something. A placeholder that the asker dismissed needs no word.
///
/// # Errors
/// A store fault, or a send error; its notice is [`miyabi_core::fault::Notice::Blocked`] when the asker
/// cannot be reached for good.
///
/// # Repeats
/// The second edit changes nothing; a message is guarded by the ledger, for which the job's row is
/// written if there is none.
pub async fn notify_asker(
    host: &(impl Sql + Clock + Log),
    transport: &impl Transport,
    job: &Job,
    words: &str,
) -> Result<(), Fault> {
    let message = Message::text(words);
    let capabilities = transport.capabilities();
    if capabilities.has_placeholder {
        return Ok(transport.edit(&job.question, &message).await.map(drop)?);
    }
    // The ledger guards the messages of jobs that have a row. A database that was away may have kept this
    // job from having one, and without it the message would not be sent.
    let _is_new = jobs::insert(host, job, &to_params(job)).await?;
    if capabilities.reads_conversation() {
        // The conversation is told: where the question stands others read along.
        return Ok(());
    }
    let route = &transport.route(&job.question).await?;
    let leases = &Leases::default();
    let once = PostOnce { host, transport, job, leases, step: NOTICE, route, message };
    once.post().await.map(drop)
}

/// Returns what the asker reads in place of "thinking…" when there is no answer: the sentence, below
/// what of the answer stands there already, and above `notes`, blank for none.
pub fn apology(
    transport: &impl Transport,
    fault: &Fault,
    language: Language,
    shown: Option<&str>,
    notes: &str,
) -> String {
    let words = sentence(fault.notice, language);
    let cause = &fault.cause;
    let words = if let Cause::Engine(EngineError::OverBudget { until_s: Some(until_s), .. }) = cause
    {
        format!("{words} ({})", transport.time(*until_s, language))
    } else if let Cause::Engine(EngineError::NotAllowed { refusal, instead }) = cause {
        let name = |name: &String| match refusal {
            Refusal::Place => transport.channel(name),
            Refusal::Model | Refusal::Limit => transport.code(name),
        };
        let names = instead.iter().map(name).collect::<Vec<_>>().join(" ");
        [words, " ", &names].concat().trim_end().to_owned()
    } else {
        words.to_owned()
    };
    let (shown, gap) = shown.map_or(("", ""), |shown| (shown, "\n\n"));
    let notes = if notes.is_empty() { String::new() } else { format!("\n{notes}") };
    let words = [gap, &words, &transport.truncate(&notes, &[gap, &words].concat())].concat();
    transport.truncate(shown, &words) + &words
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    //! A budget that is spent is said to be new at a time, and no other; whoever has no placeholder is told.

    use super::*;
    use crate::testing::discord;
    use miyabi_core::fault::{Notice, Scope};
    use miyabi_testing::{Fake, Plain, job, run};

    #[test]
    fn without_a_placeholder_the_asker_is_told_once_even_if_the_job_has_no_row_yet() {
        let (world, job) = (Fake::new(), job("hi"));
        let platform = Plain(world.clone());
        for _ in 0..2 {
            let told = run(notify_asker(&world, &platform, &job, "Sorry.")).unwrap();
            assert_eq!(told, Ok(()));
        }
        assert_eq!(*world.plain.borrow(), ["Sorry."]);
        assert_eq!(world.job(job.id().as_str()).unwrap().0, "PENDING");
    }

    #[test]
    fn notes_stand_below_the_apology_and_all_of_it_fits_into_one_message() {
        let transport = discord(&Fake::new());
        let fault = EngineError::Crowded { running: 9 }.into();
        let words = sentence(Notice::Crowded, Language::English);
        let told =
            |shown, notes: &str| apology(&transport, &fault, Language::English, shown, notes);
        assert_eq!(told(None, "-# remembered: tea"), format!("{words}\n-# remembered: tea"));
        let shown = told(Some("It is"), "-# remembered: tea");
        assert_eq!(shown, format!("It is\n\n{words}\n-# remembered: tea"));
        for shown in [None, Some("a"), Some("long ".repeat(900).as_str())] {
            let told = told(shown, &"-# remembered: tea\n".repeat(300));
            assert!(told.chars().count() <= 2_000 && told.contains(words), "{told}");
        }
    }

    #[test]
    fn a_budget_that_is_spent_is_told_with_its_time_and_one_that_is_set_aside_without() {
        let transport = discord(&Fake::new());
        let apologized = |until_s, language| {
            let fault = EngineError::OverBudget { scope: Scope::Server, until_s }.into();
            apology(&transport, &fault, language, None, "")
        };
        for language in [Language::English, Language::Japanese] {
            let words = sentence(Notice::ServerBudget, language);
            assert_eq!(
                apologized(Some(1_730_073_600), language),
                format!("{words} (<t:1730073600:R>)")
            );
            assert_eq!(apologized(None, language), sentence(Notice::BudgetHeld, language));
        }
        let held = apologized(None, Language::English);
        assert!(held.contains("ask again in a moment") && !held.contains("used up"), "{held}");
    }
}
