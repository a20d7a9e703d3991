//! The webhooks of channels: the configured one serves its own channel, and any other channel has one of
//! the application's own, found or made with the bot's token.
//!
//! The database remembers which webhook a channel has, and no token: Discord's list has it, and the same
//! request shows that the webhook is still there. A webhook that Discord says is gone is marked and not
//! called again, since repeated calls to one are punished. The configured one is looked at again after an
//! hour: it is the operator's choice, and Discord may have been wrong.
//!
//! # Source
//! Discord Docs/Rate Limits (404 from webhooks), read 2026-11-20.

use core::time::Duration;

use serde_json::{Map, Value};

use super::Ports;
use super::post::{self, Webhook};
use miyabi_core::config::Discord;
use miyabi_core::event::Event;
use miyabi_core::fault::{Cause, Fault};
use miyabi_core::ids::Secret;
use miyabi_core::ports::{Rows, Sql, Statement};
use miyabi_core::transport::SendError;

/// Longest time that one job has for making a channel's webhook while others wait for it.
const MAKING_S: u32 = 20;
/// Wait before the next look at what another job makes, and how many looks.
const PAUSE: Duration = Duration::from_secs(2);
const LOOKS: usize = 11;

/// How long it is believed, without another look, that the configured webhook is gone or posts elsewhere.
const BELIEVED_S: u32 = 3600;

/// A webhook, with the secret by which it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Id.
    pub id: String,
    /// URL without a query.
    pub url: Secret,
}

impl Hook {
    /// Returns the configured one.
    pub fn configured(discord: &Discord) -> Self {
        Self { id: discord.webhook_id.clone(), url: discord.webhook_url.clone() }
    }

    fn own(discord: &Discord, id: &str, token: &str) -> Self {
        let url = Secret::new(format!("{}/webhooks/{id}/{token}", discord.api_base));
        Self { id: id.to_owned(), url }
    }

    /// Returns it as what posts take, in a thread or not.
    pub fn in_thread<'a>(&'a self, thread: Option<&'a str>) -> Webhook<'a> {
        Webhook { id: &self.id, url: &self.url, thread }
    }
}

/// What is remembered about a channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Id of the application's own webhook there.
    pub own: Option<String>,
    /// Whether the configured webhook serves the channel.
    pub configured: Configured,
}

/// What is remembered about the configured webhook, as seen from one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Configured {
    /// It may post in this channel.
    #[default]
    Possible,
    /// It posts in another channel.
    Elsewhere,
    /// It is gone.
    Gone,
}

/// Returns what is remembered.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn known(host: &impl Sql, discord: &Discord, channel: &str) -> Result<Known, Fault> {
    Ok(known_of(&host.query(known_statement(discord, channel)).await?))
}

/// Returns the statement that reads what is remembered: a row for [`known_of`].
pub fn known_statement(discord: &Discord, channel: &str) -> Statement {
    Statement {
        name: "webhooks::known",
        sql: "SELECT
                (SELECT id FROM webhooks
                  WHERE channel = ?2 AND id <> ?1 AND gone_at IS NULL ORDER BY id LIMIT 1) AS own,
                (SELECT iif(gone_at IS NULL, 'elsewhere', 'gone') FROM webhooks
                  WHERE id = ?1 AND iif(gone_at IS NULL, channel NOT IN ('', ?2), TRUE)
                    AND coalesce(gone_at, seen_at) > unixepoch() - ?3) AS configured",
        values: vec![discord.webhook_id.as_str().into(), channel.into(), BELIEVED_S.into()],
    }
}

/// Reads what [`known_statement`] has read.
pub fn known_of(rows: &Rows) -> Known {
    let Some(row) = rows.first() else { return Known::default() };
    let column = |name: &str| row.get(name).and_then(Value::as_str);
    let configured = match column("configured") {
        Some("gone") => Configured::Gone,
        Some(_) => Configured::Elsewhere,
        None => Configured::Possible,
    };
    Known { own: column("own").map(ToOwned::to_owned), configured }
}

/// Remembers that a webhook is gone.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call changes nothing but the time.
pub fn forget(host: &impl Ports, id: &str) -> impl Future<Output = Result<(), Fault>> {
    host.log(&Event::SenderGone { sender: id.to_owned() });
    let statement = Statement {
        name: "webhooks::forget",
        sql: "INSERT INTO webhooks (id, channel, gone_at) VALUES (?1, '', unixepoch())
              ON CONFLICT (id) DO UPDATE SET gone_at = unixepoch()",
        values: vec![id.into()],
    };
    host.run(statement)
}

/// Remembers in which channel a webhook posts, as Discord has just said; blank if not where we knew it.
///
/// One that is believed to be gone is not asked about, so what is said of it was said before: a statement may
/// take effect long after its caller gave it up. It stays gone.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call changes nothing but the time.
pub fn moved(host: &impl Sql, id: &str, channel: &str) -> impl Future<Output = Result<(), Fault>> {
    let statement = Statement {
        name: "webhooks::moved",
        sql: "INSERT INTO webhooks (id, channel) VALUES (?1, ?2)
              ON CONFLICT (id) DO UPDATE SET channel = ?2, gone_at = NULL, seen_at = unixepoch()
              WHERE gone_at IS NULL OR gone_at <= unixepoch() - ?3",
        values: vec![id.into(), channel.into(), BELIEVED_S.into()],
    };
    host.run(statement)
}

/// Returns a webhook of the application's own, if Discord lists it in a channel.
///
/// # Errors
/// See [`SendError`].
///
/// # Repeats
/// Reads only.
pub async fn listed(
    host: &impl Ports,
    discord: &Discord,
    channel: &str,
    id: &str,
) -> Result<Option<Hook>, SendError> {
    let listed = post::channel_webhooks(host, discord, channel).await?;
    let hook = listed.into_iter().find(|(known, _)| known == id);
    Ok(hook.map(|(id, token)| Hook::own(discord, &id, &token)))
}

/// Returns the application's own webhook of a channel, finding or making it; `None` if Discord does
/// not let us. `known` is what was just read of it.
///
/// # Errors
/// A store fault, or a Discord fault that may pass.
///
/// # Repeats
/// The second call finds what the first has made: one job at a time makes a channel's webhook, and
/// looks at Discord's list first.
pub async fn obtain(
    host: &impl Ports,
    discord: &Discord,
    channel: &str,
    known: Known,
) -> Result<Option<Hook>, Fault> {
    let mut own = known.own;
    for _ in 0..LOOKS {
        if let Some(id) = own {
            match listed(host, discord, channel, &id).await {
                Ok(Some(hook)) => return Ok(Some(hook)),
                // Somebody deleted it, or moved it to another channel, which will find it.
                Ok(None) => moved(host, &id, "").await?,
                Err(SendError::Refused { .. }) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
        if reserve(host, channel).await? {
            break;
        }
        host.sleep(PAUSE).await;
        own = self::known(host, discord, channel).await?.own;
    }
    match find_or_make(host, discord, channel).await {
        Err(Fault { cause: Cause::Send(SendError::Refused { .. }), .. }) => {
            release(host, channel).await?;
            Ok(None)
        }
        other => other,
    }
}

/// Returns whether we are the one to make the channel's webhook now.
fn reserve(host: &impl Sql, channel: &str) -> impl Future<Output = Result<bool, Fault>> {
    let statement = Statement {
        name: "webhooks::reserve",
        sql: "INSERT INTO breakers (scope, closes_at) VALUES ('webhooks:' || ?1, unixepoch() + ?2)
              ON CONFLICT (scope) DO UPDATE SET closes_at = excluded.closes_at
              WHERE closes_at <= unixepoch()
              RETURNING scope",
        values: vec![channel.into(), MAKING_S.into()],
    };
    host.hits(statement)
}

/// Lets the next one try at once.
fn release(host: &impl Sql, channel: &str) -> impl Future<Output = Result<(), Fault>> {
    let statement = Statement {
        name: "webhooks::release",
        sql: "DELETE FROM breakers WHERE scope = 'webhooks:' || ?1",
        values: vec![channel.into()],
    };
    host.run(statement)
}

async fn find_or_make(
    host: &impl Ports,
    discord: &Discord,
    channel: &str,
) -> Result<Option<Hook>, Fault> {
    for (id, token) in post::channel_webhooks(host, discord, channel).await? {
        if remember(host, channel, &id).await? {
            return Ok(Some(Hook::own(discord, &id, &token)));
        }
    }
    let (id, token) = post::create_webhook(host, discord, channel).await?;
    remember(host, channel, &id).await?;
    Ok(Some(Hook::own(discord, &id, &token)))
}

/// Returns whether the webhook is remembered now; not so one that was gone.
fn remember(host: &impl Sql, channel: &str, id: &str) -> impl Future<Output = Result<bool, Fault>> {
    let statement = Statement {
        name: "webhooks::remember",
        sql: "INSERT INTO webhooks (id, channel) VALUES (?1, ?2)
              ON CONFLICT (id) DO UPDATE SET channel = ?2, seen_at = unixepoch() WHERE gone_at IS NULL
              RETURNING id",
        values: vec![id.into(), channel.into()],
    };
    host.hits(statement)
}

/// Returns those of some webhooks that are or were the application's own.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn ours(host: &impl Sql, ids: &[&str]) -> Result<Vec<String>, Fault> {
    let statement = Statement {
        name: "webhooks::ours",
        sql: "SELECT id FROM webhooks WHERE id IN (SELECT value FROM json_each(?1))",
        values: vec![serde_json::to_string(ids).unwrap_or_default().into()],
    };
    let rows = host.query(statement).await?;
    let id = |row: &Map<String, Value>| row.get("id")?.as_str().map(ToOwned::to_owned);
    Ok(rows.iter().filter_map(id).collect())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
