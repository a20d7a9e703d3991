//! Files that people upload for a question of the chat: a row in D1 each, and the bytes in the bucket.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | the row, which sets the bytes aside | first | a repeat is another file, which no question names, and which goes after a day |
//! | the bytes | then | the last ones stay, and they are the same |
//! | the row says that it is kept | after the bytes | it says so already |
//! | the row says in which conversation it is | a question names it | see [`questions`] |
//! | the row says that it is not wanted any more | its bytes were not written, its person, its conversation or their deletion says so, or its questions were forgotten, or no question ever named it | the time of the first stays |
//! | the bytes go, and then the row | by the watchdog, from then on | gone is gone |
//!
//! Nobody reads a file from when its row says that it is not wanted. Rows that are younger than any request are
//! left by the watchdog, so that bytes which are still written are gone before their row.

pub mod questions;

use serde::{Deserialize, Serialize};

use self::questions::is_free;
use super::accounts::of_person;
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;
use miyabi_core::ports::{Files, Random, Sql, Statement};
use miyabi_core::question::Attachment;

/// Most files of one person.
const MAX_FILES: u32 = 1_000;

/// Time after which a file goes that no question has named, in seconds.
const UNUSED_S: u32 = 24 * 60 * 60;

/// Time in which a request that writes bytes has ended, in seconds.
const WRITTEN_S: u32 = 5 * 60;

/// Most files that go in one round: as many as the bucket deletes at once.
const MAX_SWEPT: u32 = 500;

/// A file of somebody.
///
/// # Shape
/// A stored format: `{"id":"…","name":"a.pdf","type":"application/pdf","bytes":1024}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Id: 32 hexadecimal digits.
    pub id: String,
    /// Name, as its person chose it.
    pub name: String,
    /// Media type, as its bytes say.
    #[serde(rename = "type")]
    pub media: String,
    /// Size.
    pub bytes: u64,
}

impl Upload {
    /// Returns it as a question brings it.
    pub fn attachment(&self) -> Attachment {
        Attachment {
            name: self.name.clone(),
            url: Attachment::address_of(&key(&self.id)),
            kind: self.media.clone(),
            bytes: self.bytes,
            is_spoken: false,
        }
    }
}

/// Beginning of the keys of all files that people have uploaded.
const FOLDER: &str = "uploads/";

/// Returns the key of a file's bytes in the bucket.
pub fn key(id: &str) -> String {
    [FOLDER, id].concat()
}

/// Keeps a file of somebody, and returns it; `None` if they have as many as they may, or as many bytes as `quota`.
///
/// # Errors
/// A store fault, or none of the platform's random numbers; worth a retry.
///
/// # Repeats
/// See the table of this module.
pub async fn keep(
    host: &(impl Sql + Files + Random),
    (owner, quota): (&str, u64),
    (name, media): (&str, &str),
    bytes: &[u8],
) -> Result<Option<Upload>, Fault> {
    let id = hex::encode(host.random::<16>()?);
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let insert = Statement {
        name: "files::insert",
        sql:
            "INSERT INTO files (id, owner, name, type, bytes, is_kept) SELECT ?1, ?2, ?3, ?4, ?5, 0
              WHERE (SELECT count(*) < ?6 AND coalesce(sum(bytes), 0) + ?5 <= ?7 FROM files
                WHERE owner = ?2 AND deleted_at IS NULL)
              RETURNING id, name, type, bytes",
        values: vec![
            id.as_str().into(),
            owner.into(),
            name.into(),
            media.into(),
            size.into(),
            MAX_FILES.into(),
            quota.into(),
        ],
    };
    let Some(upload) = host.row::<Upload>(insert).await? else { return Ok(None) };
    if let Err(fault) = write(host, &id, bytes).await {
        // Its place is free at once; where this fails too, from when the watchdog comes.
        let _free = delete(host, owner, &id).await;
        return Err(fault);
    }
    Ok(Some(upload))
}

async fn write(host: &(impl Sql + Files), id: &str, bytes: &[u8]) -> Result<(), Fault> {
    host.write_file(&key(id), bytes).await?;
    host.run(Statement {
        name: "files::kept",
        sql: "UPDATE files SET is_kept = 1 WHERE id = ?1",
        values: vec![id.into()],
    })
    .await
}

/// Returns a file of a person or one of their accounts; `None` if they have none of this id, or not any more.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn find(host: &impl Sql, owner: &str, id: &str) -> Result<Option<Upload>, Fault> {
    host.row(Statement {
        name: "files::find",
        sql: concat!(
            "SELECT id, name, type, bytes FROM files WHERE id = ?2 AND owner IN ",
            of_person!("?1"),
            " AND deleted_at IS NULL AND is_kept = 1"
        ),
        values: vec![owner.into(), id.into()],
    })
    .await
}

/// Lets a file of somebody go, and returns whether they had it.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// It is gone, and the second answer says that they do not have it.
pub async fn delete(host: &impl Sql, owner: &str, id: &str) -> Result<bool, Fault> {
    host.hits(Statement {
        name: "files::delete",
        sql: concat!(
            "UPDATE files SET deleted_at = unixepoch() WHERE id = ?2 AND owner IN ",
            of_person!("?1"),
            " AND deleted_at IS NULL RETURNING id"
        ),
        values: vec![owner.into(), id.into()],
    })
    .await
}

/// Lets a file of somebody go that no question has, and returns whether there was one.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// It is gone, and the second answer says that there is none.
pub async fn discard(host: &impl Sql, owner: &str, id: &str) -> Result<bool, Fault> {
    host.hits(Statement {
        name: "files::discard",
        sql: concat!(
            "UPDATE files SET deleted_at = unixepoch()
             WHERE id = ?2 AND owner = ?1 AND deleted_at IS NULL AND ",
            is_free!(),
            " RETURNING id"
        ),
        values: vec![owner.into(), id.into()],
    })
    .await
}

/// Lets the files of a conversation go.
pub(crate) fn deleting(owner: &str, conversation: &str) -> Statement {
    Statement {
        name: "files::delete_with",
        sql: "UPDATE files SET deleted_at = unixepoch()
              WHERE owner = ?1 AND conversation = ?2 AND deleted_at IS NULL",
        values: vec![owner.into(), conversation.into()],
    }
}

/// Lets the files of a person go that there were until a time.
pub(crate) fn erasing(person: &str, until: Millis) -> Statement {
    Statement {
        name: "files::erase",
        sql: "UPDATE files SET deleted_at = unixepoch()
              WHERE owner = ?1 AND created_at <= ?2 AND deleted_at IS NULL",
        values: vec![person.into(), (until.0 / 1000).into()],
    }
}

/// Lets the files go whose latest question is forgotten, `?1` seconds after it was asked, or that are there for a
/// question which came to nothing: it may have died between its files and its conversation.
pub(crate) const FORGOTTEN: &str = concat!(
    "UPDATE files SET deleted_at = unixepoch()
  WHERE deleted_at IS NULL AND conversation IS NOT NULL AND created_at < unixepoch() - 86400
    AND (coalesce(asked_at, created_at) < unixepoch() - ?1
      OR (question IS NOT NULL AND asked_at < unixepoch() - 86400 AND ",
    is_free!(),
    ") OR NOT EXISTS (SELECT 1 FROM conversations
      WHERE conversations.owner = files.owner AND conversations.id = files.conversation
        AND conversations.deleted_at IS NULL AND updated_at >= unixepoch() - ?1))"
);

/// Deletes what is not wanted any more, some of it: the bytes, and then the rows.
///
/// # Errors
/// A store fault; the next round begins anew.
///
/// # Repeats
/// Gone is gone.
pub async fn sweep(host: &(impl Sql + Files)) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Unwanted {
        id: String,
    }
    let unwanted: Vec<Unwanted> = host
        .rows(Statement {
            name: "files::unwanted",
            sql: "SELECT id FROM files INDEXED BY files_deleted
                  WHERE deleted_at IS NOT NULL AND created_at < unixepoch() - ?1
                  UNION ALL
                  SELECT id FROM files INDEXED BY files_unused
                  WHERE conversation IS NULL AND deleted_at IS NULL
                    AND created_at < unixepoch() - ?2
                  UNION
                  SELECT id FROM files INDEXED BY files_unkept
                  WHERE is_kept = 0 AND deleted_at IS NULL AND created_at < unixepoch() - ?1
                  LIMIT ?3",
            values: vec![WRITTEN_S.into(), UNUSED_S.into(), MAX_SWEPT.into()],
        })
        .await?;
    if unwanted.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = unwanted.into_iter().map(|unwanted| unwanted.id).collect();
    // First of all: from now on no question takes one of them.
    let marked = Statement {
        name: "files::mark",
        sql: "UPDATE files SET deleted_at = coalesce(deleted_at, unixepoch())
              WHERE id IN (SELECT value FROM json_each(?1))
                AND (deleted_at IS NOT NULL OR conversation IS NULL OR is_kept = 0) RETURNING id",
        values: vec![list(&ids).into()],
    };
    let marked: Vec<Unwanted> = host.rows(marked).await?;
    let ids: Vec<String> = marked.into_iter().map(|marked| marked.id).collect();
    host.delete_files(ids.iter().map(|id| key(id)).collect()).await?;
    host.run(Statement {
        name: "files::swept",
        sql: "DELETE FROM files WHERE id IN (SELECT value FROM json_each(?1))
                AND deleted_at IS NOT NULL",
        values: vec![list(&ids).into()],
    })
    .await
}

fn list(ids: &[String]) -> String {
    serde_json::to_string(ids).unwrap_or_default()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
