//! A person's recent questions in one place, for whoever begins to type another one there.
//!
//! The newest 200 of the person are looked through, by an index, since each letter that is typed does so.
//! They are read from what buttons need of a question (`jobs.kept`), which is there only where everybody in that
//! place could read the question: a private one is never kept, one that was deleted is not kept any more, and those of
//! other places are left out, since somebody may look at the asker's screen.

use core::time::Duration;

use miyabi_core::fault::Fault;
use miyabi_core::ports::{Clock, Sql, Statement};
use serde::Deserialize;

use super::inquiry;

/// Longest wait for the database: who types waits for nothing.
const TIMEOUT: Duration = Duration::from_millis(1_500);

/// Longest question that is offered, in code points: a choice holds no more, and one that is cut asks something else.
///
/// # Source
/// Discord Docs/Application Commands, Choice Structure, read 2026-11-29.
const MAX_CHARS: u32 = 100;

/// A row of the statement.
#[derive(Deserialize)]
struct Row {
    question: String,
}

/// Returns what a person has asked in a conversation and has `typed`, in lower case, in it, each once and the newest
/// first.
///
/// # Errors
/// A store fault, also when the database takes too long.
///
/// # Repeats
/// Reads only.
pub async fn questions(
    host: &(impl Sql + Clock),
    asker: &str,
    conversation: &str,
    typed: &str,
) -> Result<Vec<String>, Fault> {
    let look = host.rows::<Row>(Statement {
        name: "recent::questions",
        sql: "SELECT question FROM (
                SELECT kept ->> 'question' AS question, max(created_at) AS asked FROM (
                  SELECT kept, created_at FROM jobs WHERE asker = ?1 AND ?1 <> '' AND kept <> ''
                  ORDER BY created_at DESC LIMIT 200)
                WHERE kept ->> 'conversation' = ?2
                  AND kept ->> 'quote' IS NULL AND kept ->> 'draws' IS NULL
                GROUP BY question)
              WHERE length(question) <= ?3 ORDER BY asked DESC, question LIMIT 100",
        values: vec![asker.into(), conversation.into(), MAX_CHARS.into()],
    });
    let rows = inquiry::in_time(host, "recent::questions", TIMEOUT, look).await?;
    let questions = rows.into_iter().map(|row| row.question);
    Ok(questions.filter(|question| question.to_lowercase().contains(typed)).collect())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_testing::{Fake, run};
    use serde_json::json;

    const PLACE: &str = "discord:1:7";

    fn keep(world: &Fake, id: u32, asker: &str, at: u32, kept: &str) {
        let sql = "INSERT INTO jobs (id, platform, asker, server, status, generation, token, params, result, created_at, updated_at, kept)
                   VALUES (?1, 'discord', ?2, '9', 'COMPLETED', 1, '', '', 'x', ?3, ?3, ?4)";
        world.db.execute(sql, (id.to_string(), asker, at, kept)).unwrap();
    }

    fn asked(question: &str) -> String {
        json!({ "question": question, "conversation": PLACE }).to_string()
    }

    fn offered(world: &Fake, typed: &str) -> Vec<String> {
        run(questions(world, "7", PLACE, typed)).unwrap().unwrap()
    }

    #[test]
    fn a_persons_questions_of_the_place_are_offered_once_newest_first() {
        let world = Fake::new();
        keep(&world, 1, "7", 10, &asked("Is it raining in Kyoto?"));
        keep(&world, 2, "7", 20, &asked("桜はいつ?"));
        keep(&world, 3, "7", 30, &asked("Is it raining in Kyoto?"));
        keep(&world, 4, "7", 40, &asked(&"long ".repeat(30)));
        keep(&world, 5, "8", 50, &asked("Somebody else's"));
        keep(&world, 6, "7", 60, "");
        let elsewhere = json!({ "question": "Elsewhere", "conversation": "discord:2:7" });
        keep(&world, 7, "7", 70, &elsewhere.to_string());
        let quote = json!({ "link": "" });
        let about = json!({ "question": "About it", "conversation": PLACE, "quote": quote });
        keep(&world, 8, "7", 80, &about.to_string());
        let drawn = json!({ "question": "a cat", "conversation": PLACE, "draws": true });
        keep(&world, 9, "7", 90, &drawn.to_string());
        keep(&world, 10, "7", 95, &json!({ "of": "3" }).to_string());
        assert_eq!(offered(&world, ""), ["Is it raining in Kyoto?", "桜はいつ?"]);
        assert_eq!(offered(&world, "kyoto"), ["Is it raining in Kyoto?"]);
        assert_eq!(offered(&world, "桜"), ["桜はいつ?"]);
        assert_eq!(offered(&world, "%"), Vec::<String>::new());
        assert_eq!(run(questions(&world, "", PLACE, "")), Some(Ok(Vec::new())));
    }

    #[test]
    fn no_letter_that_is_typed_reads_all_questions_of_a_person() {
        let world = Fake::new();
        let sql = "EXPLAIN QUERY PLAN SELECT kept, created_at FROM jobs
                   WHERE asker = ?1 AND ?1 <> '' AND kept <> '' ORDER BY created_at DESC LIMIT 200";
        let plan: String = world.db.query_row(sql, ["7"], |row| row.get("detail")).unwrap();
        assert!(plan.contains("jobs_by_kept"), "{plan}");
    }
}
