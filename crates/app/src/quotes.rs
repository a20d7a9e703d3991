//! Messages that people are about to ask something about, with every SQL statement about them.
//!
//! A form stands between the message and the question, and the platform brings back neither the message nor
//! its words when the form is sent. So the message is kept under the id of the event that opened the form.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | the message's row | before the form opens | `ON CONFLICT DO NOTHING` |
//! | the row names the question | before that becomes a job | the same question finds its own; another one finds nothing |

use core::time::Duration;

use serde::Deserialize;

use super::inquiry;
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, Notice, StoreError};
use miyabi_core::i18n::{messages, sentence};
use miyabi_core::json;
use miyabi_core::ports::{Clock, Log, Sql, Statement};
use miyabi_core::question::Question;

/// How long a form can be sent after it was opened, in seconds.
pub const LIFETIME_S: u32 = 86_400;

/// Longest wait for the database before a form opens.
const KEEP_TIMEOUT: Duration = Duration::from_secs(2);

/// Longest wait for the database before a question becomes a job, which may take 2.4 of the three seconds.
const TAKE_TIMEOUT: Duration = Duration::from_millis(500);

/// Keeps the message of a question that is yet to be asked, or returns the sentence that is read instead of
/// the form.
///
/// # Errors
/// A sentence: the database takes too long or fails.
///
/// # Repeats
/// Finds the row.
pub async fn keep(
    host: &(impl Sql + Clock + Log),
    question: &Question,
) -> Result<(), &'static str> {
    let quote = serde_json::to_string(&question.quote).unwrap_or_default();
    let insert = host.run(Statement {
        name: "quotes::keep",
        sql: "INSERT INTO quotes (id, asker, quote) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        values: vec![question.id.as_str().into(), question.asker.id.as_str().into(), quote.into()],
    });
    let kept = inquiry::in_time(host, "quotes::keep", KEEP_TIMEOUT, insert).await;
    kept.map_err(|fault| failed(host, question, fault))
}

/// Gives a question the message that was kept under `id` for its asker.
///
/// # Errors
/// A sentence: another question was asked about it by the same form, it is too old, or the database takes too
/// long or fails.
///
/// # Repeats
/// The same question finds its message again.
pub async fn take(
    host: &(impl Sql + Clock + Log),
    id: &str,
    question: &mut Question,
) -> Result<(), &'static str> {
    let update = host.row::<Kept>(Statement {
        name: "quotes::take",
        sql: "UPDATE quotes SET job = ?3
              WHERE id = ?1 AND asker = ?2 AND job IN ('', ?3) AND created_at >= unixepoch() - ?4
              RETURNING quote",
        values: vec![
            id.into(),
            question.asker.id.as_str().into(),
            question.id.as_str().into(),
            LIFETIME_S.into(),
        ],
    });
    let taken = inquiry::in_time(host, "quotes::take", TAKE_TIMEOUT, update).await;
    let kept = taken.map_err(|fault| failed(host, question, fault))?;
    let kept = kept.ok_or(messages::FORM_IS_OVER.in_language(question.language))?;
    let unreadable = || StoreError::Row { statement: "quotes::take" }.into();
    let quote = json::parse(&kept.quote).ok_or_else(|| failed(host, question, unreadable()))?;
    question.quote = Some(quote);
    Ok(())
}

#[derive(Deserialize)]
struct Kept {
    quote: String,
}

fn failed(host: &impl Log, question: &Question, fault: Fault) -> &'static str {
    host.log(&Event::QuoteFailed { fault });
    sentence(Notice::TryAgain, question.language)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_core::ids::JobId;
    use miyabi_core::question::Quote;
    use miyabi_testing::{Fake, question, run, wherever_it_dies};

    fn quote() -> Quote {
        Quote { author: "Alex".to_owned(), text: "hi".to_owned(), ..Quote::default() }
    }

    fn asked(id: &str) -> Question {
        Question { id: JobId::parse(id).unwrap(), ..question("What is this?") }
    }

    #[test]
    fn a_message_is_for_one_question_of_whoever_opened_the_form() {
        let world = Fake::new();
        let opened = Question { quote: Some(quote()), ..asked("1") };
        for _ in 0..2 {
            assert_eq!(run(keep(&world, &opened)), Some(Ok(())));
        }
        let over = Some(Err(messages::FORM_IS_OVER.in_language(opened.language)));
        let mut other = asked("2");
        other.asker.id = "4".to_owned();
        assert_eq!(run(take(&world, "1", &mut other)), over, "somebody else");
        assert_eq!(run(take(&world, "9", &mut asked("2"))), over, "no such form");
        for _ in 0..2 {
            let mut question = asked("2");
            assert_eq!(run(take(&world, "1", &mut question)), Some(Ok(())));
            assert_eq!(question.quote, Some(quote()));
        }
        let mut again = asked("3");
        assert_eq!(run(take(&world, "1", &mut again)), over, "the form was sent before");
        assert_eq!(again.quote, None);
    }

    #[test]
    fn a_form_is_over_after_a_day_and_its_message_is_deleted() {
        let world = Fake::new();
        assert_eq!(
            run(keep(&world, &Question { quote: Some(quote()), ..asked("1") })),
            Some(Ok(()))
        );
        let age = |seconds: u32| {
            let sql = format!("UPDATE quotes SET created_at = unixepoch() - {seconds}");
            world.db.execute(&sql, []).unwrap();
        };
        age(LIFETIME_S - 60);
        run(crate::jobs::forget(&world, 30)).unwrap().unwrap();
        assert_eq!(run(take(&world, "1", &mut asked("2"))), Some(Ok(())));
        age(LIFETIME_S + 60);
        assert!(run(take(&world, "1", &mut asked("2"))).unwrap().is_err());
        run(crate::jobs::forget(&world, 30)).unwrap().unwrap();
        let left: u32 =
            world.db.query_row("SELECT count(*) FROM quotes", [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0);
    }

    #[test]
    fn a_form_that_is_sent_twice_is_one_question_wherever_the_program_dies() {
        wherever_it_dies(1, |death| {
            let world = Fake::new();
            let opened = Question { quote: Some(quote()), ..asked("1") };
            world.crash_at(death.effect, death.side);
            let mut question = asked("2");
            let died = run(keep(&world, &opened)).is_none()
                || run(take(&world, "1", &mut question)).is_none();
            world.restart();
            assert_eq!(run(keep(&world, &opened)), Some(Ok(())));
            assert_eq!(run(take(&world, "1", &mut question)), Some(Ok(())), "{death:?}");
            assert_eq!(question.quote, Some(quote()));
            assert!(run(take(&world, "1", &mut asked("3"))).unwrap().is_err(), "{death:?}");
            died
        });
    }

    #[test]
    fn a_database_that_fails_is_told_and_logged() {
        let world = Fake::new();
        world.store_faults.borrow_mut().extend(["quotes::keep", "quotes::take"]);
        let again = sentence(Notice::TryAgain, question("").language);
        assert_eq!(run(keep(&world, &asked("1"))), Some(Err(again)));
        assert_eq!(run(take(&world, "1", &mut asked("2"))), Some(Err(again)));
        let events = world.events.borrow();
        assert_eq!(events.len(), 2);
        assert!(events.iter().all(|event| matches!(event, Event::QuoteFailed { .. })));
    }
}
