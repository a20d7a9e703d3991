//! What has somebody used? Read from the sums, and told at once.

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};
use serde_json::{Map, Value};

use miyabi_core::config::Budgets;
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, Notice, StoreError};
use miyabi_core::i18n::sentence;
use miyabi_core::i18n::usage::{Account, Inquiry, Sums, words};
use miyabi_core::ports::{Clock, Log, Rows, Sql, SqlValue, Statement};

/// Longest wait for the database: the reply has to be there after three seconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// Returns what whoever inquires reads, in at most `most_chars` code points.
///
/// # Repeats
/// Reads only.
pub async fn tell(
    host: &(impl Sql + Clock + Log),
    budgets: &Budgets,
    inquiry: &Inquiry,
    most_chars: usize,
) -> String {
    let looked = match select(pin!(look(host, inquiry)), pin!(host.sleep(PATIENCE))).await {
        Either::Left((looked, _)) => looked,
        Either::Right(_) => Err(StoreError::Failed { statement: NAME }.into()),
    };
    let rows = match looked {
        Ok(rows) => rows,
        Err(fault) => {
            host.log(&Event::UsageFailed { fault });
            return sentence(Notice::TryAgain, inquiry.language).to_owned();
        }
    };
    let until_s = host.now().next_midnight_s();
    let own = account(&rows, "asker", budgets.asker);
    let server = inquiry.server.as_ref().map(|_| account(&rows, "server", budgets.server));
    words(&own, server.as_ref(), (inquiry.language, until_s, most_chars))
}

const NAME: &str = "usage::look";

async fn look(host: &impl Sql, inquiry: &Inquiry) -> Result<Rows, Fault> {
    let text = |value: &str| SqlValue::Text(value.to_owned());
    let server = inquiry.server.as_deref().unwrap_or_default();
    let statement = Statement {
        name: NAME,
        sql: "SELECT kind, model, sum(questions) AS questions, sum(calls) AS calls,
                sum(prompt + completion) AS tokens, sum(nano) AS nano, sum(reserved) AS reserved,
                sum(estimated) AS estimated, sum(unpriced) AS unpriced FROM spending
              WHERE ((kind = 'asker' AND key = ?1) OR (kind = 'server' AND key = ?2))
                AND day > unixepoch() / 86400 - 30
              GROUP BY kind, model
              UNION ALL
              SELECT kind, NULL, sum(questions), sum(calls), sum(prompt + completion), sum(nano),
                sum(reserved), sum(estimated), sum(unpriced) FROM spending
              WHERE ((kind = 'asker' AND key = ?1) OR (kind = 'server' AND key = ?2))
                AND day = unixepoch() / 86400
              GROUP BY kind
              ORDER BY nano DESC, calls DESC",
        values: vec![text(&inquiry.asker), text(server)],
    };
    host.query(statement).await
}

fn account(rows: &Rows, kind: &str, budget: Option<u64>) -> Account {
    let mut account = Account { budget, ..Account::default() };
    for row in rows {
        let word = |name: &str| row.get(name).and_then(Value::as_str);
        if word("kind") != Some(kind) {
            continue;
        }
        let sums = sums(row);
        let Some(model) = word("model") else {
            account.today = sums;
            continue;
        };
        account.month.add(&sums);
        if !model.is_empty() {
            account.models.push((model.to_owned(), sums));
        }
    }
    account
}

fn sums(row: &Map<String, Value>) -> Sums {
    let number = |name: &str| row.get(name).and_then(Value::as_u64).unwrap_or_default();
    Sums {
        questions: number("questions"),
        calls: number("calls"),
        tokens: number("tokens"),
        nano: number("nano"),
        reserved: number("reserved"),
        estimated: number("estimated"),
        unpriced: number("unpriced"),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
