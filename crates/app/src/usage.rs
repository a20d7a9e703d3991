//! What a person or a server has used, read from the sums: the reply to a question about it, and the sums
//! themselves.

use serde::Deserialize;

use super::accounts::of_person;
use super::inquiry::{self, Inquirer};
use miyabi_core::config::Budgets;
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, Scope, StoreError};
use miyabi_core::i18n::usage::{Account, Inquiry, Report, Sums};
use miyabi_core::ports::{Clock, Log, RateLimits, Rows, Sql, Statement, read_rows};
use miyabi_core::transport::Transport;

/// Returns the sentences that answer an inquiry; an apology if the database takes too long, or if the
/// person asks too much in a minute: an inquiry counts as a question does.
///
/// # Repeats
/// Reads, and counts again.
pub async fn report(
    host: &(impl Sql + Clock + Log + RateLimits),
    transport: &impl Transport,
    budgets: &Budgets,
    inquiry: &Inquiry,
) -> String {
    let Inquiry { asker, language, .. } = inquiry;
    let inquirer = Inquirer { person: asker, language: *language, statement: NAME };
    let failed = |fault| Event::UsageFailed { fault };
    let server = inquiry.server.as_deref().unwrap_or_default();
    let look = look(host, asker, server);
    let look = match inquiry::look_up(host, inquirer, look, failed).await {
        Ok(look) => look,
        Err(words) => return words.to_owned(),
    };
    let until_s = host.now().next_midnight_s();
    let own = look.account(Scope::Asker, budgets.asker);
    let budget = [budgets.server, look.reserved.settled].into_iter().flatten().min();
    let server = inquiry.server.as_ref().map(|_| look.account(Scope::Server, budget));
    let report = Report {
        own: &own,
        server: server.as_ref(),
        language: inquiry.language,
        until_s,
        markup: transport,
    };
    transport.truncate(&report.text(), "")
}

/// Returns what a person has used.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn account(host: &impl Sql, asker: &str, budgets: &Budgets) -> Result<Account, Fault> {
    Ok(look(host, asker, "").await?.account(Scope::Asker, budgets.asker))
}

/// The last statement of the batch, which names it.
const NAME: &str = "usage::reserved";

/// What was spent, by account: the rows of three statements.
struct Look {
    /// Of the last 30 days, by account and model, the dearest first.
    by_model: Vec<Row>,
    /// Of today, by account.
    today: Vec<Row>,
    /// What is set aside.
    reserved: Reserved,
}

/// Sums of an account, of one model or, without one, of all.
#[derive(Deserialize)]
struct Row {
    kind: Scope,
    model: Option<String>,
    questions: u64,
    calls: u64,
    tokens: u64,
    nano: u64,
    estimated: u64,
    unpriced: u64,
}

/// Nano-dollars that are set aside today, and what is settled for the server.
#[derive(Default, Deserialize)]
struct Reserved {
    asker: u64,
    server: u64,
    /// Budget of a day.
    settled: Option<u64>,
}

/// Reads what there is to tell of a person and a server, blank for none, in one round trip.
async fn look(host: &impl Sql, asker: &str, server: &str) -> Result<Look, Fault> {
    let values = || vec![asker.into(), server.into()];
    let statements = [("usage::by_model", BY_MODEL), ("usage::today", TODAY), (NAME, RESERVED)]
        .map(|(name, sql)| Statement { name, sql, values: values() });
    let rows = host.batch(statements.into()).await?;
    let [by_model, today, reserved] = <[Rows; 3]>::try_from(rows)
        .map_err(|_rows| Fault::from(StoreError::Failed { statement: NAME }))?;
    Ok(Look {
        by_model: read_rows("usage::by_model", by_model)?,
        today: read_rows("usage::today", today)?,
        reserved: read_rows(NAME, reserved)?.into_iter().next().unwrap_or_default(),
    })
}

const BY_MODEL: &str = concat!(
    "SELECT kind, model, sum(question_count) AS questions,
    sum(call_count) AS calls, sum(prompt_tokens + completion_tokens) AS tokens,
    sum(cost_nano) AS nano, sum(estimated_count) AS estimated, sum(unpriced_count) AS unpriced
  FROM spending
  WHERE ((kind = 'asker' AND key IN ",
    of_person!("?1"),
    ") OR (kind = 'server' AND key = ?2))
    AND day > unixepoch() / 86400 - 30
  GROUP BY kind, model ORDER BY nano DESC, calls DESC"
);

const TODAY: &str = concat!(
    "SELECT kind, sum(question_count) AS questions,
    sum(call_count) AS calls, sum(prompt_tokens + completion_tokens) AS tokens,
    sum(cost_nano) AS nano, sum(estimated_count) AS estimated, sum(unpriced_count) AS unpriced
  FROM spending
  WHERE ((kind = 'asker' AND key IN ",
    of_person!("?1"),
    ") OR (kind = 'server' AND key = ?2))
    AND day = unixepoch() / 86400
  GROUP BY kind"
);

const RESERVED: &str = "SELECT
    coalesce(sum(reserved_nano) FILTER (WHERE asker = ?1 AND ?1 <> ''), 0) AS asker,
    coalesce(sum(reserved_nano) FILTER (WHERE server = ?2 AND ?2 <> ''), 0) AS server,
    (SELECT settings ->> 'budget_nano' FROM server_settings WHERE server_settings.server = ?2
      ORDER BY version DESC LIMIT 1) AS settled
  FROM jobs WHERE reserved_nano > 0 AND day = unixepoch() / 86400";

impl Look {
    /// Returns what an account has used.
    fn account(&self, kind: Scope, budget: Option<u64>) -> Account {
        let mut account = Account { budget, ..Account::default() };
        for row in self.today.iter().filter(|row| row.kind == kind) {
            account.today = row.sums();
        }
        account.today.reserved = match kind {
            Scope::Asker => self.reserved.asker,
            Scope::Server => self.reserved.server,
            Scope::Day => 0,
        };
        for row in self.by_model.iter().filter(|row| row.kind == kind) {
            let sums = row.sums();
            account.month.add(&sums);
            if let Some(model) = row.model.as_deref().filter(|model| !model.is_empty()) {
                account.models.push((model.to_owned(), sums));
            }
        }
        account
    }
}

impl Row {
    fn sums(&self) -> Sums {
        Sums {
            questions: self.questions,
            calls: self.calls,
            tokens: self.tokens,
            nano: self.nano,
            reserved: 0,
            estimated: self.estimated,
            unpriced: self.unpriced,
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
