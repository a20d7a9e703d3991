//! The replies to `/status` and `/cancel`: what has become of somebody's questions, and that they want no
//! answer any more.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | the job's row says that its asker wants no answer | before the reply | the first time stays |
//! | an event to each job that waits for a person's consent | beside the reply | it only ends the wait; the watchdog sends one that was lost |
//! | a reminder is taken back | before the reply | only one that waits |
//!
//! The job's own run reads it, lets go of the model and ends the job ([`super::workflow`]): it alone knows what
//! was posted, and tells its asker in place of "thinking…". What has an answer already is not stopped, unless
//! it is put aside ([`super::aside`]).

use futures::future::try_join;
use serde::Deserialize;

use super::consent::{self, Wait};
use super::inquiry::{self, Inquirer};
use super::jobs::batch;
use super::{chat, reminders};
use miyabi_core::event::Event;
use miyabi_core::fault::Fault;
use miyabi_core::i18n::reminders::{self as reminder_words, CANCELLED, NONE};
use miyabi_core::i18n::status::{self as words, Entry, Inquiry, State};
use miyabi_core::i18n::typed;
use miyabi_core::ids::JobId;
use miyabi_core::ports::{
    Clock, Log, RateLimits, Sql, Statement, WaitUntil, Workflows, read_flag, read_rows,
};
use miyabi_core::transport::Transport;

/// Returns the sentences that answer an inquiry; an apology if the database takes too long, or if the person
/// asks too much in a minute: an inquiry counts as a question does.
///
/// # Repeats
/// Counts again; see the table of this module.
pub async fn reply<H>(
    host: &H,
    transport: &impl Transport,
    Inquiry { asker, cancels, reminder, language }: &Inquiry,
) -> String
where
    H: Sql + Clock + Log + RateLimits + Workflows + WaitUntil + Clone + 'static,
{
    let language = *language;
    let failed = |fault| Event::StatusFailed { fault };
    if let Some(reminder) = reminder {
        let inquirer = Inquirer { person: asker, language, statement: "reminders::cancel" };
        let work = reminders::cancel(host, asker, reminder);
        return match inquiry::look_up(host, inquirer, work, failed).await {
            Ok(true) => CANCELLED.in_language(language).to_owned(),
            Ok(false) => typed(NONE.in_language(language), transport),
            Err(words) => words.to_owned(),
        };
    }
    if *cancels {
        let inquirer = Inquirer { person: asker, language, statement: "jobs::cancel" };
        let work = cancel(host, transport.name(), asker);
        return match inquiry::look_up(host, inquirer, work, failed).await {
            Ok((jobs, waits)) => {
                for Cancelled { id } in &jobs {
                    host.log(&Event::CancelAsked { job: id.clone() });
                }
                consent::wake_all(host, waits);
                words::stopping(language, jobs.len())
            }
            Err(words) => words.to_owned(),
        };
    }
    let inquirer = Inquirer { person: asker, language, statement: "jobs::latest" };
    let looks = async { try_join(latest(host, asker), reminders::waiting(host, asker)).await };
    match inquiry::look_up(host, inquirer, looks, failed).await {
        Ok((rows, waiting)) => {
            let entries: Vec<_> = rows.into_iter().map(entry).collect();
            let waiting: Vec<_> = waiting.into_iter().map(reminders::entry).collect();
            let waiting = reminder_words::list(&waiting, language, transport);
            let mut words = words::list(&entries, language, transport);
            if !waiting.is_empty() {
                words.extend(["\n", &waiting]);
            }
            transport.truncate(&words, "")
        }
        Err(words) => words.to_owned(),
    }
}

#[derive(Deserialize)]
struct Cancelled {
    id: JobId,
}

/// Marks every job of a person on a platform that has no answer yet, or is put aside with it, and returns them, and which of them wait for
/// a person's consent.
async fn cancel(
    host: &impl Sql,
    platform: &str,
    asker: &str,
) -> Result<(Vec<Cancelled>, Vec<Wait>), Fault> {
    let mark = Statement {
        name: "jobs::cancel",
        // An answer that is put aside goes, and its job goes on at once, to end.
        sql: "UPDATE jobs SET cancelled_at = coalesce(cancelled_at, unixepoch()), result = NULL,
                resumes_at = min(resumes_at, unixepoch())
              WHERE asker = ?1 AND ?1 <> '' AND platform = ?2
                AND status IN ('PENDING', 'PROCESSING')
                AND (result IS NULL OR resumes_at > unixepoch())
              RETURNING id",
        values: vec![asker.into(), platform.into()],
    };
    let [marked, waits] = batch(host, [mark, consent::waiting(asker, platform)]).await?;
    Ok((read_rows("jobs::cancel", marked)?, read_rows("consents::waiting", waits)?))
}

#[derive(Deserialize)]
struct Row {
    status: String,
    question: String,
    asked_s: u64,
    until_s: u64,
    #[serde(deserialize_with = "read_flag")]
    is_cancelled: bool,
}

/// Reads a person's jobs, those that have not ended first.
async fn latest(host: &impl Sql, asker: &str) -> Result<Vec<Row>, Fault> {
    host.rows(Statement {
        name: "jobs::latest",
        sql: "SELECT status, coalesce(created_at, 0) AS asked_s,
                cancelled_at IS NOT NULL AS is_cancelled,
                CASE WHEN json_valid(params) THEN coalesce(params ->> 'question', '') ELSE '' END
                  AS question,
                iif(status IN ('COMPLETED', 'ERROR'), updated_at, unixepoch()) AS until_s
              FROM jobs WHERE asker = ?1 AND ?1 <> ''
              ORDER BY status IN ('COMPLETED', 'ERROR'), created_at DESC, id DESC LIMIT 8",
        values: vec![asker.into()],
    })
    .await
}

fn entry(Row { status, question, asked_s, until_s, is_cancelled }: Row) -> Entry {
    let state = match status.as_str() {
        "COMPLETED" => State::Answered,
        "ERROR" => State::Failed,
        _ if is_cancelled => State::Stopping,
        "PENDING" => State::Waiting,
        _ => State::Answering,
    };
    // It stands between marks of code.
    let question = chat::title(&question).replace('`', "'");
    Entry { state, question, took_s: until_s.saturating_sub(asked_s), asked_s }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::jobs;
    use crate::testing::discord;
    use miyabi_core::fault::Notice;
    use miyabi_core::i18n::{Language, sentence};
    use miyabi_core::job::to_params;
    use miyabi_core::ports::Limit;
    use miyabi_testing::{Fake, job, run};

    fn told(world: &Fake, cancels: bool, asker: &str) -> String {
        let (asker, language) = (asker.to_owned(), Language::English);
        let inquiry = Inquiry { asker, cancels, reminder: None, language };
        run(reply(world, &discord(world), &inquiry)).unwrap()
    }

    fn asked(world: &Fake, text: &str) -> String {
        let job = job(text);
        assert_eq!(run(jobs::insert(world, &job, &to_params(&job))), Some(Ok(true)));
        job.question.asker.id
    }

    #[test]
    fn a_person_sees_their_own_questions_and_nobody_elses() {
        let world = Fake::new();
        let asker = asked(&world, "Why `is` the sky blue?\nTell me.");
        let seen = told(&world, false, &asker);
        assert!(seen.starts_with("**Your questions**\n- waiting, "), "{seen}");
        assert!(seen.ends_with("`Why 'is' the sky blue?`"), "{seen}");
        for other in ["4", ""] {
            assert!(told(&world, false, other).starts_with("You have asked nothing"), "{other}");
        }
    }

    #[test]
    fn a_question_is_stopped_once_and_what_has_an_answer_is_not() {
        let world = Fake::new();
        let asker = asked(&world, "Why?");
        assert!(told(&world, true, "4").contains("nothing to stop"));
        for _ in 0..2 {
            assert!(told(&world, true, &asker).starts_with("I am stopping your question."));
        }
        assert!(told(&world, false, &asker).contains("being stopped"));
        let at = || -> Option<u64> {
            world.db.query_row("SELECT cancelled_at FROM jobs", [], |row| row.get(0)).unwrap()
        };
        assert!(at().is_some());
        world
            .db
            .execute("UPDATE jobs SET status = 'PROCESSING', result = 'x', cancelled_at = NULL", [])
            .unwrap();
        assert!(told(&world, true, &asker).contains("nothing to stop"));
        assert_eq!(at(), None);
        let events = world.events.borrow();
        let wishes = events.iter().filter(|it| matches!(it, Event::CancelAsked { .. }));
        assert_eq!(wishes.count(), 2);
    }

    #[test]
    fn a_database_that_fails_and_a_limit_are_told() {
        let world = Fake::new();
        world.store_faults.borrow_mut().extend(["jobs::cancel", "jobs::latest"]);
        let again = sentence(Notice::TryAgain, Language::English);
        assert_eq!(
            (told(&world, true, "5").as_str(), told(&world, false, "5").as_str()),
            (again, again)
        );
        assert_eq!(world.events.borrow().len(), 2);
        world.exhausted.borrow_mut().push((Limit::Asker, "5".to_owned()));
        assert_eq!(told(&world, true, "5"), sentence(Notice::Crowded, Language::English));
    }
}
