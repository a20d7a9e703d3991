//! Every SQL statement about the list of a person's conversations. What was said is in the conversation's
//! own store; the row says that it is there, and whose it is.

use serde::Deserialize;

use super::accounts::of_person;
use super::{shares, uploads};
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;
use miyabi_core::ports::{Sql, Statement};

/// Most conversations of one person: several a day for years.
const MAX_CONVERSATIONS: u32 = 10_000;

/// Longest title, in characters.
pub const MAX_TITLE_CHARS: usize = 200;

/// Conversations of a page.
const PAGE: u32 = 50;

/// Returns whose a conversation of another platform is, and the id under which it is in their list: of
/// `discord:CHANNEL:PERSON`, `PERSON` and `discord.CHANNEL`.
///
/// Whoever asks there may be another person by now, whom that account is linked to.
pub fn elsewhere(name: &str) -> Option<(&str, String)> {
    let (platform, place) = name.split_once(':')?;
    let (place, owner) = place.split_once(':').filter(|(_, owner)| !owner.is_empty())?;
    Some((owner, [platform, ".", place].concat()))
}

/// A conversation in a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Listed {
    /// Whose it is: the person's, or one of their accounts'.
    pub owner: String,
    /// Id, among those of its owner.
    pub id: String,
    /// Title.
    pub title: String,
    /// When it last had a question, in Unix seconds.
    pub updated_at: u64,
}

/// What became of a conversation that is to have a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touched {
    /// It is in the list, at its head.
    Listed,
    /// Its owner has deleted it.
    Deleted,
    /// Its owner has as many as there may be.
    TooMany,
    /// An account has it that is linked to its owner.
    OfAccount,
}

/// Puts a conversation at the head of its owner's list, with this title if it is new: its time is that of its
/// latest question, so that what is written late is deleted with what was asked then.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// It is at the head already.
pub async fn touch(
    host: &impl Sql,
    owner: &str,
    id: &str,
    title: &str,
    asked: Millis,
) -> Result<Touched, Fault> {
    let touched = host
        .hits(Statement {
            name: "conversations::touch",
            sql: "INSERT INTO conversations (owner, id, title, created_at, updated_at)
                  SELECT ?1, ?2, ?3, ?5, ?5 WHERE ((SELECT count(*) FROM conversations
                    WHERE owner = ?1 AND deleted_at IS NULL) < ?4
                    OR EXISTS (SELECT 1 FROM conversations WHERE owner = ?1 AND id = ?2))
                    AND NOT EXISTS (SELECT 1 FROM conversations JOIN accounts ON account = owner
                      WHERE person = ?1 AND id = ?2)
                  ON CONFLICT (owner, id) DO UPDATE
                  SET updated_at = max(updated_at, excluded.updated_at)
                  WHERE deleted_at IS NULL
                  RETURNING id",
            values: vec![
                owner.into(),
                id.into(),
                title.into(),
                MAX_CONVERSATIONS.into(),
                (asked.0 / 1000).into(),
            ],
        })
        .await?;
    if touched {
        return Ok(Touched::Listed);
    }
    if is_deleted(host, owner, id).await? {
        return Ok(Touched::Deleted);
    }
    let of_account = find(host, owner, id).await?.is_some_and(|found| found.owner != owner);
    Ok(if of_account { Touched::OfAccount } else { Touched::TooMany })
}

/// Returns whether a person has deleted a conversation.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub fn is_deleted(
    host: &impl Sql,
    owner: &str,
    id: &str,
) -> impl Future<Output = Result<bool, Fault>> {
    host.hits(Statement {
        name: "conversations::is_deleted",
        sql: "SELECT 1 AS deleted FROM conversations
              WHERE owner = ?1 AND id = ?2 AND deleted_at IS NOT NULL",
        values: vec![owner.into(), id.into()],
    })
}

/// Returns a conversation of a person or one of their accounts, if there is one.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub fn find(
    host: &impl Sql,
    owner: &str,
    id: &str,
) -> impl Future<Output = Result<Option<Listed>, Fault>> {
    host.row(Statement {
        name: "conversations::find",
        sql: concat!(
            "SELECT owner, id, title, updated_at FROM conversations
             WHERE owner IN ",
            of_person!("?1"),
            " AND id = ?2 AND deleted_at IS NULL ORDER BY owner = ?1 DESC LIMIT 1"
        ),
        values: vec![owner.into(), id.into()],
    })
}

/// Returns a page of the conversations of a person and their accounts, the newest first, and where the next one begins.
///
/// `query` is a part of the title, in any case of letters; `cursor` is what the page before has returned. Temporary
/// ones are in no list.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn list(
    host: &impl Sql,
    owner: &str,
    query: &str,
    cursor: Option<(u64, &str)>,
) -> Result<(Vec<Listed>, Option<(u64, String)>), Fault> {
    let (before, after_id) = cursor.map_or((None, ""), |(before, id)| (Some(before), id));
    let mut found: Vec<Listed> = host
        .rows(Statement {
            name: "conversations::list",
            // `instr`, since the pattern of `LIKE` is short, and finds two letters of Japanese too.
            sql: concat!(
                "SELECT owner, id, title, updated_at FROM conversations
                  WHERE owner IN ",
                of_person!("?1"),
                " AND deleted_at IS NULL AND id NOT GLOB 'temporary.*'
                    AND (?2 = '' OR instr(lower(title), lower(?2)) > 0)
                    AND (?3 IS NULL OR updated_at < ?3 OR (updated_at = ?3 AND id > ?4))
                  ORDER BY updated_at DESC, id LIMIT ?5"
            ),
            values: vec![
                owner.into(),
                query.into(),
                before.into(),
                after_id.into(),
                (PAGE + 1).into(),
            ],
        })
        .await?;
    let size = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = found.len() > size;
    found.truncate(size);
    let last = found.last().filter(|_| has_more);
    let cursor = last.map(|last| (last.updated_at, last.id.clone()));
    Ok((found, cursor))
}

/// Gives a conversation another title, and returns whether there is one.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// It has the title already.
pub fn rename(
    host: &impl Sql,
    owner: &str,
    id: &str,
    title: &str,
) -> impl Future<Output = Result<bool, Fault>> {
    host.hits(Statement {
        name: "conversations::rename",
        sql: concat!(
            "UPDATE conversations SET title = ?3
             WHERE owner IN ",
            of_person!("?1"),
            " AND id = ?2 AND deleted_at IS NULL RETURNING id"
        ),
        values: vec![owner.into(), id.into(), title.into()],
    })
}

/// Takes a conversation off its owner's list for good, with the link to it, and returns whether it was ever
/// there.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The time of the first stays.
pub async fn delete(host: &impl Sql, owner: &str, id: &str) -> Result<bool, Fault> {
    let delete = Statement {
        name: "conversations::delete",
        sql: "UPDATE conversations SET title = '', deleted_at = coalesce(deleted_at, unixepoch())
              WHERE owner = ?1 AND id = ?2 RETURNING id",
        values: vec![owner.into(), id.into()],
    };
    let rows =
        host.batch(vec![shares::revoking(owner, id), uploads::deleting(owner, id), delete]).await?;
    Ok(rows.last().is_some_and(|rows| !rows.is_empty()))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_testing::{Fake, run};

    const NOW: Millis = Millis(1_800_000_000_000);

    fn touched(world: &Fake, owner: &str, id: &str) -> Touched {
        run(touch(world, owner, id, "Tea in Kyoto", NOW)).unwrap().unwrap()
    }

    fn ids(world: &Fake, owner: &str, query: &str) -> Vec<String> {
        let (found, _) = run(list(world, owner, query, None)).unwrap().unwrap();
        found.into_iter().map(|listed| listed.id).collect()
    }

    #[test]
    fn a_conversation_is_its_owners_alone() {
        let world = Fake::new();
        assert_eq!(touched(&world, "mio", "c1"), Touched::Listed);
        assert_eq!(touched(&world, "rin", "c1"), Touched::Listed);
        assert!(run(rename(&world, "mio", "c1", "Mio's")).unwrap().unwrap());
        let found = run(find(&world, "rin", "c1")).unwrap().unwrap().unwrap();
        assert_eq!(found.title, "Tea in Kyoto");
        assert!(run(delete(&world, "mio", "c1")).unwrap().unwrap());
        assert!(!run(delete(&world, "mio", "c2")).unwrap().unwrap());
        assert_eq!((ids(&world, "mio", ""), ids(&world, "rin", "")), (vec![], vec!["c1".into()]));
    }

    #[test]
    fn a_conversation_of_another_platform_has_its_place_for_an_id() {
        for (name, owner, id) in [
            ("discord:12:34", "34", "discord.12"),
            ("telegram:-1001.7:telegram:52", "telegram:52", "telegram.-1001.7"),
            ("slack:T1.C2:slack:T1.U5", "slack:T1.U5", "slack.T1.C2"),
        ] {
            assert_eq!(elsewhere(name), Some((owner, id.to_owned())));
        }
        for name in ["discord:12:", "discord:12", "x", ""] {
            assert_eq!(elsewhere(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_deleted_does_not_come_back() {
        let world = Fake::new();
        touched(&world, "mio", "c1");
        for _ in 0..2 {
            assert!(run(delete(&world, "mio", "c1")).unwrap().unwrap());
            assert_eq!(touched(&world, "mio", "c1"), Touched::Deleted);
        }
        assert_eq!(run(find(&world, "mio", "c1")).unwrap(), Ok(None));
        assert_eq!(run(rename(&world, "mio", "c1", "x")).unwrap(), Ok(false));
    }

    #[test]
    fn titles_are_searched_in_any_case_and_by_two_letters_of_japanese() {
        let world = Fake::new();
        for (id, title) in [("a", "Tea in Kyoto"), ("b", "東京都の天気"), ("c", "100% _sure_")]
        {
            run(touch(&world, "mio", id, title, NOW)).unwrap().unwrap();
        }
        for (query, expected) in
            [("kyoto", &["a"][..]), ("天気", &["b"]), ("%", &["c"]), ("_s", &["c"]), ("x", &[])]
        {
            assert_eq!(ids(&world, "mio", query), expected, "{query}");
        }
    }

    #[test]
    fn pages_have_each_conversation_once_also_when_times_are_equal() {
        let world = Fake::new();
        for number in 0..120 {
            touched(&world, "mio", &format!("c{number:03}"));
        }
        let (mut seen, mut cursor) = (Vec::new(), None::<(u64, String)>);
        loop {
            let at = cursor.as_ref().map(|(time, id)| (*time, id.as_str()));
            let (page, next) = run(list(&world, "mio", "", at)).unwrap().unwrap();
            seen.extend(page.into_iter().map(|listed| listed.id));
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((count, seen.len()), (120, 120));
    }

    #[test]
    fn what_nobody_asked_in_for_a_month_is_listed_no_more() {
        let world = Fake::new();
        for (id, days) in [("old", 31), ("new", 29)] {
            run(touch(&world, "mio", id, "Tea", NOW)).unwrap().unwrap();
            let sql =
                "UPDATE conversations SET updated_at = unixepoch() - ?1 * 86400 WHERE id = ?2";
            world.db.execute(sql, (days, id)).unwrap();
        }
        run(crate::jobs::forget(&world, 30)).unwrap().unwrap();
        let has = |id| run(find(&world, "mio", id)).unwrap().unwrap().is_some();
        assert_eq!(["old", "new"].map(has), [false, true]);
    }
}
