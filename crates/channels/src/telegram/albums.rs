//! Albums: photos and documents that somebody sends together, each of which comes as an update of its own, without an
//! end. They are kept until none has come for a second, and are one question then.
//!
//! | effect | why repeating it is safe |
//! | --- | --- |
//! | an item is kept | its message is its key |
//! | an album is asked | its job's id is that of its item with words, or of the first one |
//! | it is noted as asked | it says so already |
//!
//! The update is acknowledged when its item is kept. Who waits for the second may die: whatever was not asked is found by
//! [`waiting`] a moment later.

use core::time::Duration;

use serde::Deserialize;

use super::parse::{Bot, Told, item};
use super::place::Place;
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;
use miyabi_core::ports::{Sql, Statement};

/// How long nothing comes any more after the last item of an album.
pub const QUIET: Duration = Duration::from_secs(1);

/// Age from which an album that nobody has asked is asked by whoever looks, in milliseconds.
const LEFT_MS: u64 = 10_000;

/// How long items are kept, in milliseconds: a day, as long as Telegram sends an update again.
const LIFETIME_MS: u64 = 24 * 60 * 60 * 1000;

/// Most albums that are asked late at a time.
const MAX_LATE: u32 = 20;

/// Returns what tells an album from others.
pub fn key(place: Place, album: &str) -> String {
    format!("{}.{album}", place.chat)
}

/// Keeps an item.
///
/// # Errors
/// A store fault; Telegram sends the update again then.
///
/// # Repeats
/// See the table of this module.
pub async fn keep(
    host: &impl Sql,
    (album, message): (&str, i64),
    body: &str,
    now: Millis,
) -> Result<(), Fault> {
    host.run(Statement {
        name: "albums::keep",
        sql: "INSERT INTO telegram_albums (album, message, body, received_ms)
              VALUES (?1, ?2, ?3, ?4) ON CONFLICT (album, message) DO NOTHING",
        values: vec![album.into(), message.unsigned_abs().into(), body.into(), now.0.into()],
    })
    .await
}

/// Returns whether an item was the last of its album to come.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Reads only.
pub async fn is_last(host: &impl Sql, (album, message): (&str, i64)) -> Result<bool, Fault> {
    let later = host.hits(Statement {
        name: "albums::is_last",
        sql: "SELECT 1 AS later FROM telegram_albums AS other, telegram_albums AS own
              WHERE own.album = ?1 AND own.message = ?2 AND other.album = ?1
                AND (other.received_ms, other.message) > (own.received_ms, own.message) LIMIT 1",
        values: vec![album.into(), message.unsigned_abs().into()],
    });
    Ok(!later.await?)
}

/// Returns what of an album was not asked as one message, and its items, to be told to [`asked`]; `None` for nothing.
///
/// It is the question of the item with words, or of the first one, with the files of all. What comes after an album was
/// asked is a question of its own.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Reads only.
pub async fn gather(
    host: &impl Sql,
    album: &str,
    bot: Bot<'_>,
) -> Result<Option<(Box<Told>, Vec<i64>)>, Fault> {
    #[derive(Deserialize)]
    struct Row {
        message: i64,
        body: String,
    }
    let select = Statement {
        name: "albums::gather",
        sql: "SELECT message, body FROM telegram_albums
              WHERE album = ?1 AND is_asked = 0 ORDER BY message",
        values: vec![album.into()],
    };
    let rows: Vec<Row> = host.rows(select).await?;
    let items: Vec<_> = rows.iter().filter_map(|row| item(&row.body, bot)).collect();
    let first = items.iter().position(|item| item.has_words).unwrap_or(0);
    let (mut files, mut quoted_files) = (Vec::new(), Vec::new());
    for item in &items {
        files.extend_from_slice(&item.told.files);
        quoted_files.extend_from_slice(&item.told.quoted_files);
    }
    let told = items.into_iter().nth(first).map(|item| item.told);
    let messages = rows.iter().map(|row| row.message).collect();
    Ok(told.map(|told| (Box::new(Told { files, quoted_files, ..*told }), messages)))
}

/// Notes that items of an album were asked. Where that fails they are asked again, which is the same job.
///
/// # Repeats
/// See the table of this module.
pub async fn asked(host: &impl Sql, album: &str, messages: &[i64]) {
    let messages = serde_json::to_string(messages).unwrap_or_default();
    let update = Statement {
        name: "albums::asked",
        sql: "UPDATE telegram_albums SET is_asked = 1
              WHERE album = ?1 AND message IN (SELECT value FROM json_each(?2))",
        values: vec![album.into(), messages.into()],
    };
    drop(host.run(update).await);
}

/// Deletes the items of yesterday. What fails is left for the next time.
///
/// # Repeats
/// Finds nothing.
pub async fn forget(host: &impl Sql, now: Millis) {
    let delete = Statement {
        name: "albums::forget",
        sql: "DELETE FROM telegram_albums WHERE received_ms < ?1",
        values: vec![now.0.saturating_sub(LIFETIME_MS).into()],
    };
    drop(host.run(delete).await);
}

/// Returns albums that nobody has asked although all of them is there.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Returns them until they are asked.
pub async fn waiting(host: &impl Sql, now: Millis) -> Result<Vec<String>, Fault> {
    #[derive(Deserialize)]
    struct Row {
        album: String,
    }
    let select = Statement {
        name: "albums::waiting",
        sql: "SELECT album FROM telegram_albums WHERE is_asked = 0 GROUP BY album
              HAVING max(received_ms) < ?1 LIMIT ?2",
        values: vec![now.0.saturating_sub(LEFT_MS).into(), MAX_LATE.into()],
    };
    let rows: Vec<Row> = host.rows(select).await?;
    Ok(rows.into_iter().map(|row| row.album).collect())
}
