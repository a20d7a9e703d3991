//! A person's accounts: an account of a messenger is linked to another one by a code that was made there, and is
//! then the same person.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | the row of the account, and the code is spent | a code is typed | both in one transaction: the second time there is no code, and an account has one row |
//! | the account's jobs, reminders, consents and browsers are the person's | in that transaction, and each minute for a while after it, for what comes late | what has moved is not the account's any more |
//! | the account's facts are the person's, and forgotten at the account | after the reply, and each minute for a while | a fact is known there by its question and words already; gone is gone |
//! | the row of an account | its platform calls it something else | an account has one row |
//! | the row is gone | it is taken back, or everything is deleted | gone is gone |
//!
//! - Only accounts of messengers have a row; their person is looked up for each message by [`whose`], and is nobody
//!   who has a row: there are no chains and no circles.
//! - A conversation stays its account's, in whose object and list it is: it goes on when its account is linked, and
//!   when that is taken back. Whoever the account is linked to reads it by `of_person`.
//! - What was spent stays where it was booked: the sums of a person are those of all their accounts.

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};
use serde::Deserialize;

use super::inquiry::{self, Inquirer};
use super::memory::owner;
use super::visitors::is_refused;
use miyabi_core::code::Code;
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, Notice, StoreError};
use miyabi_core::i18n::accounts::{self as words, Inquiry, Wish};
use miyabi_core::i18n::{Markup, Sentence, sentence, typed};
use miyabi_core::ports::{Clock, Conversations, Host, Log, Sql, Statement, read_flag, read_rows};

/// Longest wait for who writes, before a question becomes a job.
const WHOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// How long something of an account may come late, in seconds: what it had asked before has ended by then.
const LATE_S: u32 = 20 * 60;

/// Most accounts of one round of the watchdog.
const MAX_ACCOUNTS: u32 = 2;

/// Longest time for one account in one round.
const ACCOUNT_TIMEOUT: Duration = Duration::from_secs(10);

/// The ids of a person and of the accounts that are theirs, by the parameter that is the person's.
macro_rules! of_person {
    ($person:literal) => {
        concat!(
            "(SELECT ",
            $person,
            " UNION ALL SELECT account FROM accounts WHERE person = ",
            $person,
            ")"
        )
    };
}
pub(crate) use of_person;

/// Returns who writes from an account: the person whom it is linked to, or else the account itself.
///
/// # Errors
/// A store fault, worth a retry. Nobody is somebody else meanwhile: the caller does nothing for them.
///
/// # Repeats
/// Reads only.
pub async fn whose(host: &(impl Sql + Clock), account: &str) -> Result<String, Fault> {
    #[derive(Deserialize)]
    struct Found {
        person: String,
    }
    let name = "accounts::whose";
    let found = host.row::<Found>(Statement {
        name,
        sql: "SELECT person FROM accounts WHERE account = ?1",
        values: vec![account.into()],
    });
    let found = inquiry::in_time(host, name, WHOSE_TIMEOUT, found).await?;
    Ok(found.map_or_else(|| account.to_owned(), |found| found.person))
}

/// Returns the sentences that answer a wish about an account.
///
/// It is an apology if the database takes too long, or if the person asks too much in a minute: a wish counts as a
/// question does, and as a code that is tried on the page.
///
/// # Repeats
/// See the table of this module; counts again.
pub async fn reply<H: Host + Clone + 'static>(
    host: &H,
    markup: &impl Markup,
    inquiry: &Inquiry,
) -> String {
    let Inquiry { account, person, wish, language } = inquiry;
    let statement = "accounts::link";
    let inquirer = Inquirer { person, language: *language, statement };
    let failed = |fault| Event::KeysFailed { fault };
    let done = match wish {
        Wish::Link { .. } if account != person => {
            return typed(words::ALREADY.in_language(*language), markup);
        }
        // Nobody goes through codes until one fits.
        Wish::Link { .. } if is_refused(host, &["code:", account].concat()).await => {
            return sentence(Notice::Crowded, *language).to_owned();
        }
        Wish::Link { code } => {
            let work = async {
                match Code::parse(code) {
                    Some(code) => link(host, account, &code).await,
                    None => Ok(Linked::NoCode),
                }
            };
            inquiry::look_up(host, inquirer, work, failed).await
        }
        Wish::TakeBack => {
            let work = taken_back(host, account);
            let done = inquiry::look_up(host, inquirer, work, failed).await;
            return done.map_or_else(ToOwned::to_owned, |it| it.in_language(*language).to_owned());
        }
    };
    let words = match done {
        Ok(Linked::To(person)) => {
            let (host_after, account) = (host.clone(), account.clone());
            host.wait_until(async move { settle(&host_after, &account, &person, false).await });
            words::LINKED
        }
        Ok(Linked::NoCode) => words::NO_CODE,
        Ok(Linked::Erasing) => words::ERASING,
        Err(words) => return words.to_owned(),
    };
    typed(words.in_language(*language), markup)
}

/// What became of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Linked {
    /// The account is this person now.
    To(String),
    /// There is no such code, or not any more, or it is the account's own.
    NoCode,
    /// What one of them had is being deleted, which would take what moves along.
    Erasing,
}

/// Spends a code for a link of an account to the person who has made it, or whose other account has.
async fn link(host: &impl Sql, account: &str, code: &Code) -> Result<Linked, Fault> {
    #[derive(Deserialize)]
    struct Found {
        person: Option<String>,
    }
    let values = || vec![account.into(), code.hash().into()];
    let name = "accounts::link";
    let mut statements = vec![
        Statement { name: "accounts::is_erasing", sql: IS_ERASING, values: values() },
        Statement { name, sql: LINK, values: values() },
        spending(code),
    ];
    statements.extend(moves(account));
    let mut rows = host.batch(statements).await?.into_iter();
    let is_erasing = rows.next().is_some_and(|rows| !rows.is_empty());
    let linked = read_rows::<Found>(name, rows.next().unwrap_or_default())?;
    Ok(match linked.into_iter().find_map(|found| found.person) {
        Some(person) => Linked::To(person),
        None if is_erasing => Linked::Erasing,
        None => Linked::NoCode,
    })
}

/// The person of a code with the hash `?2`, if it counts.
macro_rules! maker {
    () => {
        "(SELECT coalesce((SELECT person FROM accounts WHERE account = owner), owner) AS person
          FROM sign_in_codes WHERE hash = ?2 AND expires_at > unixepoch()) AS maker"
    };
}

const IS_ERASING: &str = concat!(
    "SELECT 1 AS erasing FROM ",
    maker!(),
    " WHERE EXISTS (SELECT 1 FROM people WHERE id IN (maker.person, ?1) AND erase_ms IS NOT NULL)"
);

const LINK: &str = concat!(
    "INSERT INTO accounts (account, person) SELECT ?1, maker.person FROM ",
    maker!(),
    " WHERE maker.person <> ?1 AND ?1 <> '' AND NOT EXISTS (SELECT 1 FROM people
        WHERE id IN (maker.person, ?1) AND erase_ms IS NOT NULL)
      ON CONFLICT (account) DO NOTHING RETURNING person"
);

/// Spends a code, whatever it was good for.
fn spending(code: &Code) -> Statement {
    Statement {
        name: "sign_in_codes::spent",
        sql: "DELETE FROM sign_in_codes WHERE hash = ?1",
        values: vec![code.hash().into()],
    }
}

/// Spends a code that others may have read, so that it is nobody's.
///
/// # Errors
/// A store fault: the code lasts for as long as it does.
///
/// # Repeats
/// Gone is gone.
pub async fn void(host: &impl Sql, code: &str) -> Result<(), Fault> {
    match Code::parse(code) {
        Some(code) => host.run(spending(&code)).await,
        None => Ok(()),
    }
}

/// Parameters of a job in a column, with the person whom an account is linked to as who asks.
macro_rules! asked_by {
    ($column:literal) => {
        concat!(
            $column,
            " = CASE WHEN json_valid(",
            $column,
            ") THEN iif(",
            $column,
            " ->> 'user' = ?1, json_set(",
            $column,
            ", '$.user', link.person), ",
            $column,
            ") ELSE ",
            $column,
            " END"
        )
    };
}

/// What was an account's is its person's: nothing, if it is linked to nobody.
fn moves(account: &str) -> [Statement; 6] {
    [
        (
            "jobs::adopt",
            concat!(
                "UPDATE jobs SET asker = link.person, ",
                asked_by!("kept"),
                ", ",
                asked_by!("params"),
                " FROM accounts AS link WHERE link.account = ?1 AND jobs.asker = ?1"
            ),
        ),
        (
            "reminders::adopt",
            concat!(
                "UPDATE reminders SET asker = link.person, ",
                asked_by!("params"),
                " FROM accounts AS link WHERE link.account = ?1 AND reminders.asker = ?1"
            ),
        ),
        (
            "consents::adopt",
            "UPDATE consents SET asker = link.person FROM accounts AS link
             WHERE link.account = ?1 AND consents.asker = ?1",
        ),
        (
            "api_keys::adopt",
            "UPDATE api_keys SET owner = link.person FROM accounts AS link
             WHERE link.account = ?1 AND api_keys.owner = ?1",
        ),
        (
            "sign_in_codes::adopt",
            "DELETE FROM sign_in_codes WHERE owner = ?1
               AND EXISTS (SELECT 1 FROM accounts WHERE account = ?1)",
        ),
        // Accounts that were linked to it follow.
        (
            "accounts::adopt",
            "UPDATE accounts SET person = link.person, linked_at = unixepoch(), is_settled = 0
             FROM accounts AS link WHERE link.account = ?1 AND accounts.person = ?1",
        ),
    ]
    .map(|(name, sql)| Statement { name, sql, values: vec![account.into()] })
}

/// Has an account that its platform calls something else now be who it was before.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// It is that person already. One that is somebody's, or has accounts of its own, stays who it is.
pub async fn renamed(host: &impl Sql, previous: &str, current: &str) -> Result<(), Fault> {
    let insert = Statement {
        name: "accounts::rename",
        sql: "INSERT INTO accounts (account, person) SELECT ?1, was.person FROM
                (SELECT coalesce((SELECT person FROM accounts WHERE account = ?2), ?2) AS person) AS was
              WHERE was.person <> ?1 AND ?1 <> '' AND ?2 <> ''
                AND NOT EXISTS (SELECT 1 FROM accounts WHERE person = ?1)
                AND NOT EXISTS (SELECT 1 FROM people
                  WHERE id IN (was.person, ?1) AND erase_ms IS NOT NULL)
              ON CONFLICT (account) DO NOTHING",
        values: vec![current.into(), previous.into()],
    };
    // What it has asked by its new name before is that person's too; its facts follow within a minute.
    let statements = [insert].into_iter().chain(moves(current));
    host.batch(statements.collect()).await.map(drop)
}

/// Makes an account a person of its own again, and every one that is linked to it; returns the reply to that.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Gone is gone, and the reply says so.
pub(crate) async fn taken_back(host: &impl Sql, account: &str) -> Result<Sentence, Fault> {
    let is_gone = host.hits(Statement {
        name: "accounts::take_back",
        sql: "DELETE FROM accounts WHERE account = ?1 OR person = ?1 RETURNING account",
        values: vec![account.into()],
    });
    Ok(if is_gone.await? { words::NOT_ANY_MORE } else { words::NOT_AT_ALL })
}

/// Goes on with what moves, of some accounts: those first that were looked at longest ago.
///
/// # Repeats
/// See the table of this module.
pub async fn sweep(host: &(impl Sql + Conversations + Clock + Log)) {
    #[derive(Deserialize)]
    struct Unsettled {
        account: String,
        person: String,
        #[serde(deserialize_with = "read_flag")]
        is_last: bool,
    }
    let unsettled = host.rows::<Unsettled>(Statement {
        name: "accounts::unsettled",
        sql: "UPDATE accounts SET checked_at = unixepoch() WHERE account IN
                (SELECT account FROM accounts WHERE is_settled = 0 ORDER BY checked_at, account LIMIT ?1)
              RETURNING account, person, linked_at < unixepoch() - ?2 AS is_last",
        values: vec![MAX_ACCOUNTS.into(), LATE_S.into()],
    });
    match unsettled.await {
        Ok(found) => {
            for Unsettled { account, person, is_last } in found {
                settle(host, &account, &person, is_last).await;
            }
        }
        Err(fault) => host.log(&Event::SweepFailed { job: None, fault }),
    }
}

/// Moves what is there now. What fails is for the next round.
async fn settle(
    host: &(impl Sql + Conversations + Clock + Log),
    account: &str,
    person: &str,
    is_last: bool,
) {
    let work = pin!(go_on(host, account, person, is_last));
    let settled = match select(work, pin!(host.sleep(ACCOUNT_TIMEOUT))).await {
        Either::Left((settled, _)) => settled,
        Either::Right(_) => Err(StoreError::Failed { statement: "accounts::settle" }.into()),
    };
    if let Err(fault) = settled {
        host.log(&Event::SweepFailed { job: None, fault });
    }
}

async fn go_on(
    host: &(impl Sql + Conversations + Clock),
    account: &str,
    person: &str,
    is_last: bool,
) -> Result<(), Fault> {
    let of_link = |name, sql| Statement { name, sql, values: vec![account.into(), person.into()] };
    let mut statements = moves(account).to_vec();
    statements.push(of_link(
        "accounts::is_linked",
        "SELECT 1 AS linked FROM accounts WHERE account = ?1 AND person = ?2",
    ));
    let linked = host.batch(statements).await?.pop();
    // It was taken back meanwhile.
    if linked.is_none_or(|rows| rows.is_empty()) {
        return Ok(());
    }
    owner::adopt(host, account, person).await?;
    if !is_last {
        return Ok(());
    }
    host.run(of_link(
        "accounts::settle",
        "UPDATE accounts SET is_settled = 1 WHERE account = ?1 AND person = ?2",
    ))
    .await
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
