//! The reply to a moderator's command: from a message to whoever asked.
//!
//! The ledger knows which message belongs to which job, and the job who asked it, for as long as jobs are
//! kept. What stands above a posted question says the same, in the part of the name that nobody can choose.

use serde::Deserialize;

use super::inquiry::{self, Inquirer};
use miyabi_core::event::Event;
use miyabi_core::fault::Fault;
use miyabi_core::i18n::Markup;
use miyabi_core::i18n::attribution::{self, Inquiry, Origin};
use miyabi_core::ports::{Clock, Log, RateLimits, Sql, Statement};

const NAME: &str = "attribution::look";

const ORIGIN: &str = "SELECT jobs.id AS job, jobs.asker AS asker,
    coalesce(jobs.created_at, 0) AS asked_s
  FROM posts JOIN jobs ON jobs.id = posts.job
  WHERE posts.message_id = ?1 AND ?1 <> '' AND jobs.server = ?2 LIMIT 1";

/// Returns the sentence that says whose question a message of the moderator's server belongs to.
///
/// It is a refusal to somebody who moderates none, and an apology if the database takes too long or if the
/// moderator asks too much in a minute: an inquiry counts as a question does.
///
/// # Repeats
/// Reads, and counts again.
pub async fn tell(
    host: &(impl Sql + Clock + Log + RateLimits),
    markup: &impl Markup,
    retention_days: u32,
    inquiry: &Inquiry,
) -> String {
    let language = inquiry.language;
    let Some(server) = inquiry.server.as_deref() else {
        return attribution::refusal(language).to_owned();
    };
    let inquirer = Inquirer { person: &inquiry.moderator, language, statement: NAME };
    let failed = |fault| Event::AttributionFailed { fault };
    let look = look(host, &inquiry.message, server);
    match inquiry::look_up(host, inquirer, look, failed).await {
        Ok(Some(origin)) => attribution::found(&origin, language, markup),
        Ok(None) => attribution::unknown(retention_days, language),
        Err(words) => words.to_owned(),
    }
}

/// Reads whose question a message belongs to, if it was asked in that server.
async fn look(host: &impl Sql, message: &str, server: &str) -> Result<Option<Origin>, Fault> {
    let row: Option<Row> = host
        .row(Statement { name: NAME, sql: ORIGIN, values: vec![message.into(), server.into()] })
        .await?;
    Ok(row.map(|Row { job, asker, asked_s }| Origin { asker, job, asked_s }))
}

#[derive(Deserialize)]
struct Row {
    job: String,
    asker: String,
    asked_s: u64,
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::testing::discord;
    use miyabi_core::fault::Notice;
    use miyabi_core::i18n::{Language, sentence};
    use miyabi_core::ports::Limit;
    use miyabi_testing::{Fake, run};

    /// A world in which person 5 has asked in server 8, and person 6 in server 9.
    fn world() -> Fake {
        let world = Fake::new();
        let sql = "INSERT INTO jobs (id, platform, token, status, result, asker, server, created_at) VALUES
            ('71', 'discord', '', 'COMPLETED', 'a', '5', '8', 1700000000),
            ('72', 'discord', '', 'COMPLETED', 'a', '6', '9', 1700000000),
            ('73', 'discord', 't', 'PROCESSING', NULL, '5', '8', 1700000000),
            ('74', 'discord', '', 'COMPLETED', 'a', '', '8', 1700000000);
          INSERT INTO posts (job, step, state, message_id) VALUES
            ('71', 'question:1', 'SENT', '100'), ('71', 'answer:1', 'SENT', '101'),
            ('71', 'answer:2', 'SENT', '102'), ('72', 'answer:1', 'SENT', '201'),
            ('73', 'question:1', 'SENT', '300'), ('73', 'answer:1', 'SENDING', NULL),
            ('74', 'answer:1', 'SENT', '401')";
        world.db.execute_batch(sql).unwrap();
        world
    }

    fn inquiry(message: &str, server: Option<&str>) -> Inquiry {
        Inquiry {
            message: message.to_owned(),
            moderator: "1".to_owned(),
            server: server.map(ToOwned::to_owned),
            language: Language::English,
        }
    }

    fn told(world: &Fake, inquiry: &Inquiry) -> String {
        run(tell(world, &discord(world), 30, inquiry)).unwrap()
    }

    #[test]
    fn a_moderator_is_told_whose_question_a_message_belongs_to() {
        let world = world();
        for (message, job) in [("100", "71"), ("101", "71"), ("102", "71"), ("300", "73")] {
            let expected = format!(
                "This message belongs to a question of <@5>.\nUser `5`, question `{job}`, <t:1700000000:f>"
            );
            assert_eq!(told(&world, &inquiry(message, Some("8"))), expected, "{message}");
        }
        assert!(told(&world, &inquiry("401", Some("8"))).contains("did not name"));
    }

    #[test]
    fn of_another_server_and_of_what_is_no_message_of_ours_nobody_is_told() {
        let world = world();
        let unknown = attribution::unknown(30, Language::English);
        for (message, server) in
            [("201", "8"), ("100", "9"), ("100", ""), ("999", "8"), ("", "8"), ("@original", "8")]
        {
            assert_eq!(told(&world, &inquiry(message, Some(server))), unknown, "{message}");
        }
        assert!(unknown.contains("30 days") && unknown.contains("(@handle)"));
    }

    #[test]
    fn of_a_job_that_is_too_old_only_the_name_above_the_question_is_left() {
        let world = world();
        world.db.execute_batch("DELETE FROM posts; DELETE FROM jobs").unwrap();
        let unknown = attribution::unknown(30, Language::English);
        assert_eq!(told(&world, &inquiry("100", Some("8"))), unknown);
    }

    #[test]
    fn who_moderates_no_server_is_told_nothing_and_the_database_is_left_alone() {
        let world = world();
        let refusal = attribution::refusal(Language::English);
        assert_eq!(told(&world, &inquiry("100", None)), refusal);
        world.exhausted.borrow_mut().push((Limit::Asker, "1".to_owned()));
        let crowded = sentence(Notice::Crowded, Language::English);
        assert_eq!(told(&world, &inquiry("100", Some("8"))), crowded);
        assert_eq!(world.round_trips.borrow().as_slice(), []);
    }

    #[test]
    fn a_database_that_is_away_gives_a_plain_sentence() {
        let world = world();
        world.store_faults.borrow_mut().push(NAME);
        let apology = sentence(Notice::TryAgain, Language::English);
        assert_eq!(told(&world, &inquiry("100", Some("8"))), apology);
        assert!(matches!(world.events.borrow().first(), Some(Event::AttributionFailed { .. })));
    }

    #[test]
    fn a_message_is_found_by_an_index() {
        let world = Fake::new();
        let mut prepared = world.db.prepare(&format!("EXPLAIN QUERY PLAN {ORIGIN}")).unwrap();
        let plan = prepared.query_map(["1", "2"], |row| row.get(3)).unwrap();
        let plan: Vec<String> = plan.map(Result::unwrap).collect();
        assert!(plan.iter().any(|step| step.contains("posts_by_message_id")), "{plan:?}");
    }
}
