//! What is kept of a person: how much there is, whether questions are posted in their name, and that all of it
//! is deleted.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | the person's choice | before the reply | the last one counts |
//! | that everything is to be deleted, until when, and that running questions are stopped | before the reply | the latest time counts; the first mark of a question stays |
//! | what is deleted | after the reply by `wait_until`, and by the watchdog until nothing is left | see `erase` |
//!
//! What is to be deleted is a mark in the person's row, and the watchdog goes on with it each minute, wherever
//! the program died: first the facts, then the conversations in their order, then the rows. When no question
//! from before it runs any more, all of it is told as done. The mark stays for what comes late, such as a dead
//! letter, and goes with a last round through everything.

mod rows;

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, join, select};
use miyabi_core::join::join_all;
use serde::Deserialize;

use self::rows::{cancel, erase_reminders, rows};
use super::accounts::of_person;
use super::conversation::{Command, Reply};
use super::facts::Request;
use super::inquiry::{self, Inquirer};
use super::memory::{once, owner};
use super::uploads;
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::i18n::privacy::{Inquiry, Kept, Wish};
use miyabi_core::ids::Millis;
use miyabi_core::json;
use miyabi_core::ports::{Clock, Conversations, Host, Log, Sql, Statement, read_flag, read_rows};

/// What a time-out is reported by.
const NAME: &str = "people::kept";

/// Longest wait for the object with the facts, which are only counted.
const FACTS_TIMEOUT: Duration = Duration::from_millis(1_200);

/// Most conversations that are told in a round: a request may call fifty others.
const TOLD_AT_ONCE: usize = 40;

/// Behind every id of a conversation: all were told, and nothing is left but what may come late.
const ALL: &str = "~";

/// Behind that: nothing comes late any more, and the day goes on in which the person's questions are counted.
const COUNTED: &str = "~~";

/// How long something from before the wish may come late, in seconds: a queue has given its job up by then.
const LATE_S: u32 = 20 * 60;

/// Most persons of one round of the watchdog.
const MAX_PEOPLE: u32 = 1;

/// Longest time for one person in one round.
const PERSON_TIMEOUT: Duration = Duration::from_secs(15);

/// Returns the name of the object of a conversation, by its person and its id in the person's list.
pub type ObjectName = fn(owner: &str, id: &str) -> String;

/// Carries out a wish, and returns what is kept then.
///
/// # Errors
/// A sentence: the database takes too long or fails, or the person asks too much in a minute.
///
/// # Repeats
/// See the table of this module.
pub async fn look<H: Host + Clone + 'static>(
    host: &H,
    object_name: ObjectName,
    inquiry: &Inquiry,
) -> Result<Kept, &'static str> {
    let Inquiry { person, language, wish } = inquiry;
    let failed = |fault| Event::SettingsFailed { fault };
    let inquirer = Inquirer { person, language: *language, statement: NAME };
    let kept = inquiry::look_up(host, inquirer, carry_out(host, person, *wish), failed).await?;
    if let Wish::Erase(_) = wish {
        let (host_after, person) = (host.clone(), person.clone());
        host.wait_until(async move { go_on(&host_after, object_name, &person).await });
    }
    Ok(kept)
}

async fn carry_out(
    host: &(impl Sql + Conversations + Clock),
    person: &str,
    wish: Wish,
) -> Result<Kept, Fault> {
    let mut statements = match wish {
        Wish::Show | Wish::AskToErase => Vec::new(),
        Wish::Quote(quotes) => vec![quote(person, quotes)],
        // A reminder that comes due while the rest goes would be a new question.
        Wish::Erase(until) => {
            vec![
                mark(person, until),
                cancel(person, until),
                erase_reminders(person, until),
                uploads::erasing(person, until),
            ]
        }
    };
    statements.push(count(person));
    let counting = host.batch(statements);
    let listing = async {
        match select(pin!(owner::list(host, person)), pin!(host.sleep(FACTS_TIMEOUT))).await {
            Either::Left((Ok(listing), _)) => u64::try_from(listing.facts.len()).ok(),
            Either::Left((Err(_), _)) | Either::Right(_) => None,
        }
    };
    let (counted, facts) = join(counting, listing).await;
    let rows = counted?.pop().unwrap_or_default();
    let unreadable = || Fault::from(StoreError::Row { statement: NAME });
    let row = read_rows::<Row>(NAME, rows)?.into_iter().next().ok_or_else(unreadable)?;
    Ok(Kept {
        questions: row.questions,
        conversations: row.conversations,
        facts,
        keys: row.keys,
        links: row.links,
        others: row.others,
        is_quoted: row.is_quoted,
        is_erasing: row.is_erasing,
        accounts: read_accounts(person, &row.accounts),
    })
}

#[derive(Deserialize)]
struct Row {
    questions: u64,
    conversations: u64,
    keys: u64,
    links: u64,
    others: u64,
    #[serde(deserialize_with = "read_flag")]
    is_quoted: bool,
    #[serde(deserialize_with = "read_flag")]
    is_erasing: bool,
    /// A list in JSON.
    accounts: String,
}

/// Returns the accounts that are a person, and the person; none where there is nothing but that.
fn read_accounts(person: &str, accounts: &str) -> Vec<String> {
    let mut accounts: Vec<String> = json::parse(accounts).unwrap_or_default();
    if !accounts.is_empty() {
        accounts.insert(0, person.to_owned());
    }
    accounts
}

/// Counts what is kept of a person: a [`Row`].
fn count(person: &str) -> Statement {
    Statement {
        name: NAME,
        sql: concat!(
            "WITH own (id) AS ",
            of_person!("?1"),
            "SELECT (SELECT count(*) FROM jobs
                  WHERE asker IN own AND ?1 <> '' AND result IS NOT '') AS questions,
                (SELECT count(*) FROM conversations
                  WHERE owner IN own AND deleted_at IS NULL) AS conversations,
                (SELECT count(*) FROM api_keys WHERE owner IN own) AS keys,
                (SELECT count(*) FROM shares WHERE owner IN own) AS links,
                (SELECT count(*) FROM quotes WHERE asker IN own AND ?1 <> '')
                  + (SELECT count(*) FROM files WHERE owner IN own AND deleted_at IS NULL)
                  + (SELECT count(*) FROM dead_letters WHERE json_valid(params)
                    AND params ->> 'user' IN own AND ?1 <> '') AS others,
                EXISTS (SELECT 1 FROM people WHERE id = ?1 AND is_quoted) AS is_quoted,
                EXISTS (SELECT 1 FROM people WHERE id = ?1 AND erase_ms IS NOT NULL
                  AND coalesce(erase_after, '') < ?2) AS is_erasing,
                (SELECT json_group_array(account) FROM accounts WHERE person = ?1) AS accounts"
        ),
        values: vec![person.into(), ALL.into()],
    }
}

fn quote(person: &str, quotes: bool) -> Statement {
    Statement {
        name: "people::quote",
        sql: "INSERT INTO people (id, is_quoted) SELECT ?1, ?2 WHERE ?1 <> ''
              ON CONFLICT (id) DO UPDATE SET is_quoted = excluded.is_quoted,
                updated_at = unixepoch()",
        values: vec![person.into(), u32::from(quotes).into()],
    }
}

/// Marks that everything is to be deleted that there was until a time, also of the person's accounts.
fn mark(person: &str, until: Millis) -> Statement {
    Statement {
        name: "people::erase",
        sql: "INSERT INTO people (id, erase_ms, erase_after)
              SELECT id, ?2, NULL FROM (SELECT ?1 AS id
                UNION ALL SELECT account FROM accounts WHERE person = ?1) WHERE id <> ''
              ON CONFLICT (id) DO UPDATE SET erase_ms = excluded.erase_ms, erase_after = NULL,
                updated_at = unixepoch()
              WHERE coalesce(erase_ms, 0) < excluded.erase_ms",
        values: vec![person.into(), until.0.into()],
    }
}

/// Goes on with what is to be deleted of some persons, those first that were looked at longest ago; for the last
/// time when nothing comes late any more, and when their questions count for no daily limit.
///
/// # Repeats
/// As `erase`.
pub async fn sweep(host: &(impl Sql + Conversations + Clock + Log), object_name: ObjectName) {
    #[derive(Deserialize)]
    struct Marked {
        id: String,
    }
    let marked = host.rows::<Marked>(Statement {
        name: "people::marked",
        sql: "UPDATE people SET updated_at = unixepoch() WHERE id IN (SELECT id FROM people
                WHERE erase_ms IS NOT NULL AND (coalesce(erase_after, '') < ?2 OR erase_ms / 1000
                  < iif(erase_after = ?2, unixepoch() - ?3, unixepoch() / 86400 * 86400))
                ORDER BY updated_at, id LIMIT ?1) RETURNING id",
        values: vec![MAX_PEOPLE.into(), ALL.into(), LATE_S.into()],
    });
    match marked.await {
        Ok(people) => {
            for Marked { id } in people {
                go_on(host, object_name, &id).await;
            }
        }
        Err(fault) => host.log(&Event::SweepFailed { job: None, fault }),
    }
}

async fn go_on(
    host: &(impl Sql + Conversations + Clock + Log),
    object_name: ObjectName,
    person: &str,
) {
    let work = pin!(erase(host, object_name, person));
    let erased = match select(work, pin!(host.sleep(PERSON_TIMEOUT))).await {
        Either::Left((erased, _)) => erased,
        Either::Right(_) => Err(StoreError::Failed { statement: "people::erase" }.into()),
    };
    if let Err(fault) = erased {
        host.log(&Event::SweepFailed { job: None, fault });
    }
}

/// How far a person's things are deleted.
#[derive(Deserialize)]
struct Mark {
    erase_ms: u64,
    /// Id of the last conversation that was told; `None` while the facts are not forgotten.
    erase_after: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
}

/// Deletes some of what a person wants deleted.
///
/// # Errors
/// A store fault: the next round goes on where this one was.
///
/// # Repeats
/// Gone is gone, and what was said after the wish stays.
async fn erase(
    host: &(impl Sql + Conversations + Clock),
    object_name: ObjectName,
    person: &str,
) -> Result<(), Fault> {
    let Some(Mark { erase_ms, erase_after }) = host
        .row::<Mark>(Statement {
            name: "people::mark",
            sql: "SELECT erase_ms, erase_after FROM people WHERE id = ?1 AND erase_ms IS NOT NULL",
            values: vec![person.into()],
        })
        .await?
    else {
        return Ok(());
    };
    let until = Millis(erase_ms);
    let mut left = TOLD_AT_ONCE;
    let after = match erase_after {
        Some(after) if after.as_str() < ALL => after,
        // All of it once more, for what came late.
        Some(_) => String::new(),
        None => {
            // Conversations that its list does not have are known where facts were used.
            let forgotten = owner::forget_in(host, person, Request::Erase { until }).await?;
            let mut places = forgotten.conversations;
            places.truncate(TOLD_AT_ONCE);
            left = left.saturating_sub(places.len());
            tell(host, until, places).await?;
            advance(host, person, until, "").await?;
            String::new()
        }
    };
    if left == 0 {
        return Ok(());
    }
    let listed: Vec<Listed> = host
        .rows(Statement {
            name: "people::conversations",
            sql: "SELECT id FROM conversations WHERE owner = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
            values: vec![
                person.into(),
                after.as_str().into(),
                u32::try_from(left).unwrap_or(u32::MAX).into(),
            ],
        })
        .await?;
    let names = listed.iter().map(|listed| object_name(person, &listed.id)).collect();
    tell(host, until, names).await?;
    let is_last = listed.len() < left;
    if let Some(Listed { id }) = listed.last().filter(|_| !is_last) {
        return advance(host, person, until, id).await;
    }
    host.batch(rows(person, until)).await.map(drop)
}

/// Has conversations forget what was asked until a time.
async fn tell(
    host: &(impl Conversations + Clock),
    until: Millis,
    names: Vec<String>,
) -> Result<(), Fault> {
    let erase = &Command::Erase { until };
    let told = names.iter().map(async |name| once(host, name, erase).await);
    for reply in join_all(told).await {
        if reply? != Reply::Erased {
            return Err(StoreError::Row { statement: "conversation::erase" }.into());
        }
    }
    Ok(())
}

/// Notes how far it has come, unless the person has wished it again meanwhile.
async fn advance(host: &impl Sql, person: &str, until: Millis, after: &str) -> Result<(), Fault> {
    host.run(Statement {
        name: "people::advance",
        sql: "UPDATE people SET erase_after = ?3 WHERE id = ?1 AND erase_ms = ?2",
        values: vec![person.into(), until.0.into(), after.into()],
    })
    .await
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
