//! Which conversation a file is part of: that of the first question with it which was not refused.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | the row says in which conversation it is, and for which turn | before the turn | it says so already; no other conversation takes it |
//! | that is taken back | the question was refused | only what this turn has, and only until a job has read it |
//! | the row names no turn any more: it stays in the conversation | a job reads it | it names none |
//!
//! A turn whose job has failed before it read the file, as one beyond a budget has, leaves it to whoever asks next;
//! so does one that never became a job.

use serde::Deserialize;

use super::{Upload, list};
use miyabi_core::fault::Fault;
use miyabi_core::ports::{Sql, Statement};
use miyabi_core::question::Attachment;

/// Whether a file is part of no conversation, or there for a question only that came to nothing. What dies between
/// the file and the job may go on for as long as a turn may wait for its job.
macro_rules! is_free {
    () => {
        "(conversation IS NULL OR (question IS NOT NULL AND coalesce(
            (SELECT jobs.status = 'ERROR' FROM jobs WHERE jobs.id = files.question),
            asked_at < unixepoch() - 900)))"
    };
}
pub(super) use is_free;

/// Makes files part of a conversation of their owner, for a turn, and returns them in this order; `None`, and none
/// of them is, if one is not there, or is part of another conversation.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// They are part of it already.
pub async fn claim(
    host: &impl Sql,
    (owner, conversation): (&str, &str),
    turn: &str,
    ids: &[String],
) -> Result<Option<Vec<Upload>>, Fault> {
    if ids.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let claimed: Vec<Upload> = host
        .rows(Statement {
            name: "files::claim",
            sql: concat!(
                "UPDATE files SET conversation = ?2, asked_at = unixepoch(),
                   question = CASE WHEN ",
                is_free!(),
                " THEN ?4 ELSE question END
                 WHERE id IN (SELECT value FROM json_each(?3)) AND owner = ?1
                   AND deleted_at IS NULL AND is_kept = 1 AND (conversation = ?2 OR ",
                is_free!(),
                ") AND (SELECT count(*) FROM files WHERE id IN (SELECT value FROM json_each(?3))
                     AND owner = ?1 AND deleted_at IS NULL AND is_kept = 1
                     AND (conversation = ?2 OR ",
                is_free!(),
                ")) = json_array_length(?3)
                 RETURNING id, name, type, bytes"
            ),
            values: vec![owner.into(), conversation.into(), list(ids).into(), turn.into()],
        })
        .await?;
    let find = |id: &String| claimed.iter().find(|upload| upload.id == *id).cloned();
    Ok(ids.iter().map(find).collect())
}

/// Takes files out of a conversation that are there for a turn which was refused.
///
/// # Errors
/// A store fault: another conversation may take them in a quarter of an hour.
///
/// # Repeats
/// They are part of none already.
pub async fn release(
    host: &impl Sql,
    owner: &str,
    turn: &str,
    ids: &[String],
) -> Result<(), Fault> {
    if ids.is_empty() {
        return Ok(());
    }
    host.run(Statement {
        name: "files::release",
        sql: "UPDATE files SET conversation = NULL, question = NULL, asked_at = NULL
              WHERE id IN (SELECT value FROM json_each(?2)) AND owner = ?1 AND question = ?3",
        values: vec![owner.into(), list(ids).into(), turn.into()],
    })
    .await
}

/// Returns those of a conversation's files that are still there, `most` of them, the first `own` of which the
/// question itself brings: they stay for as long as that.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The latest time counts.
pub async fn present(
    host: &impl Sql,
    (owner, conversation): (&str, &str),
    (files, own): (&[Upload], usize),
    most: usize,
) -> Result<Vec<Upload>, Fault> {
    let ids: Vec<String> = files.iter().map(|file| file.id.clone()).collect();
    let known = found(
        host,
        Statement {
            name: "files::present",
            sql: "UPDATE files SET asked_at = CASE WHEN id IN (SELECT value FROM json_each(?4))
                    THEN unixepoch() ELSE asked_at END
                  WHERE id IN (SELECT value FROM json_each(?3)) AND owner = ?1
                    AND conversation = ?2 AND deleted_at IS NULL RETURNING id",
            values: vec![
                owner.into(),
                conversation.into(),
                list(&ids).into(),
                list(ids.get(..own).unwrap_or(&ids)).into(),
            ],
        },
    )
    .await?;
    Ok(files.iter().filter(|file| known.contains(&file.id)).take(most).cloned().collect())
}

/// Returns the addresses of those of a question's files that are not to be read any more. The others stay in their
/// conversation from now on.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// They stay already.
pub async fn hold(host: &impl Sql, files: &[&Attachment]) -> Result<Vec<String>, Fault> {
    let kept: Vec<(String, &Attachment)> =
        files.iter().filter_map(|file| Some((id(file)?, *file))).collect();
    if kept.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = kept.iter().map(|(id, _)| id.clone()).collect();
    let held = Statement {
        name: "files::hold",
        sql: "UPDATE files SET question = NULL
              WHERE id IN (SELECT value FROM json_each(?1)) AND deleted_at IS NULL RETURNING id",
        values: vec![list(&ids).into()],
    };
    let held = found(host, held).await?;
    let gone = kept.into_iter().filter(|(id, _)| !held.contains(id));
    Ok(gone.map(|(_, file)| file.url.clone()).collect())
}

async fn found(host: &impl Sql, statement: Statement) -> Result<Vec<String>, Fault> {
    #[derive(Deserialize)]
    struct Found {
        id: String,
    }
    let found: Vec<Found> = host.rows(statement).await?;
    Ok(found.into_iter().map(|found| found.id).collect())
}

/// Returns the id of an upload that an attachment is.
fn id(file: &Attachment) -> Option<String> {
    file.key()?.strip_prefix(super::FOLDER).map(str::to_owned)
}
