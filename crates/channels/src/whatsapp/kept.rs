//! What is kept of WhatsApp's deliveries for a week: that a message came, and what became of those that were sent.
//!
//! Meta repeats a delivery for up to seven days, so a message is known for as long. It has no history that could be read,
//! so what a status says of a message is all by which one whose reply was lost is found.
//!
//! | effect | why repeating it is safe |
//! | --- | --- |
//! | a message is noted | says that it was there; a minute later, if nobody has ended with it, whoever asks begins anew |
//! | a status is noted | a later state stays, whatever comes after it; a failure stays for ever |
//!
//! No row names anybody: who wrote is told by a code that the app's secret is part of.

use miyabi_core::config::WhatsApp;
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;
use miyabi_core::mac::mac;
use miyabi_core::ports::{Sql, Statement};
use miyabi_core::transport::Candidate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::parse::{Message, Status};
use super::place::Place;
use crate::digest::digest;

/// How long a person may be written to after their last message, in seconds: a minute less than a day.
///
/// # Source
/// WhatsApp Cloud API, customer service windows, read 2026-11.
const WINDOW_S: u32 = 24 * 60 * 60 - 60;

/// How long all of it is kept, in seconds.
const LIFETIME_S: u32 = 7 * 24 * 60 * 60;

/// How long dealing with a message takes at most, in seconds: whoever has not ended by then has died.
const TURN_S: u32 = 60;

/// What is known of a message that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It comes for the first time, or whoever began to deal with it has died.
    New,
    /// It came within a minute, and nobody knows whether it was dealt with.
    Begun,
    /// It was dealt with.
    Done,
}

/// Returns those of some messages that were not dealt with before: a delivery may have hundreds, and each of them is
/// several calls, of which a request has few. Of one message [`note`] says it.
///
/// # Errors
/// A store fault; Meta repeats the delivery then.
///
/// # Repeats
/// Reads only.
pub async fn not_done(host: &impl Sql, messages: Vec<Message>) -> Result<Vec<Message>, Fault> {
    #[derive(Deserialize)]
    struct Row {
        id: String,
    }
    if messages.len() < 2 {
        return Ok(messages);
    }
    let ids: Vec<Value> =
        messages.iter().map(|message| digest(&message.place.message).into()).collect();
    let select = Statement {
        name: "whatsapp::not_done",
        sql: "SELECT id FROM whatsapp_messages
              WHERE is_done = 1 AND id IN (SELECT value FROM json_each(?1))",
        values: vec![Value::from(ids.clone()).to_string().as_str().into()],
    };
    let done: Vec<Row> = host.rows(select).await?;
    let is_done = |id: &Value| done.iter().any(|row| id.as_str() == Some(&row.id));
    let with_ids = messages.into_iter().zip(ids);
    Ok(with_ids.filter(|(_, id)| !is_done(id)).map(|(message, _)| message).collect())
}

/// Notes that a message came, and says whether it came before.
///
/// # Errors
/// A store fault; Meta repeats the delivery then.
///
/// # Repeats
/// See the table of this module.
pub async fn note(host: &impl Sql, whatsapp: &WhatsApp, place: &Place) -> Result<Known, Fault> {
    #[derive(Deserialize)]
    struct Row {
        is_done: Option<u8>,
    }
    let insert = Statement {
        name: "whatsapp::note",
        sql: "INSERT INTO whatsapp_messages (id, chat, wrote_at, received_at)
              VALUES (?1, ?2, coalesce(nullif(?3, 0), unixepoch()), unixepoch())
              ON CONFLICT (id) DO UPDATE SET
                was_known = is_done OR received_at > unixepoch() - ?4,
                received_at = iif(is_done OR received_at > unixepoch() - ?4, received_at, unixepoch())
              RETURNING iif(was_known, is_done, NULL) AS is_done",
        values: vec![
            digest(&place.message).into(),
            chat(whatsapp, place).into(),
            place.wrote_s.into(),
            TURN_S.into(),
        ],
    };
    let row: Option<Row> = host.row(insert).await?;
    Ok(match row.and_then(|row| row.is_done) {
        None => Known::New,
        Some(0) => Known::Begun,
        Some(_) => Known::Done,
    })
}

/// Notes that a message was dealt with. Where that fails it is dealt with again when it comes again, which what is done
/// with it has to bear.
///
/// # Repeats
/// Changes nothing.
pub async fn done(host: &impl Sql, place: &Place) {
    let update = Statement {
        name: "whatsapp::done",
        sql: "UPDATE whatsapp_messages SET is_done = 1 WHERE id = ?1",
        values: vec![digest(&place.message).into()],
    };
    drop(host.run(update).await);
}

/// Says whether somebody in a chat has written within a day, so that they may be answered in any words.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Reads only.
pub async fn is_open(host: &impl Sql, whatsapp: &WhatsApp, place: &Place) -> Result<bool, Fault> {
    let select = Statement {
        name: "whatsapp::is_open",
        sql: "SELECT 1 AS open FROM whatsapp_messages
              WHERE chat = ?1 AND wrote_at > unixepoch() - ?2 LIMIT 1",
        values: vec![chat(whatsapp, place).into(), WINDOW_S.into()],
    };
    host.hits(select).await
}

/// Notes what became of messages that were sent with a tag: a delivery may tell of hundreds, and each statement counts
/// among the calls that a request has.
///
/// # Errors
/// A store fault; Meta repeats the delivery then.
///
/// # Repeats
/// See the table of this module.
pub async fn note_statuses(host: &impl Sql, statuses: &[Status]) -> Result<(), Fault> {
    let tagged = statuses.iter().filter(|status| !status.tag.is_empty());
    let rows: Vec<_> = tagged
        .map(|Status { message, tag, failed }| json!([message, tag, u8::from(failed.is_some())]))
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let upsert = Statement {
        name: "whatsapp::note_statuses",
        sql: "INSERT INTO whatsapp_statuses (id, tag, is_failed, told_at)
              SELECT value ->> 0, value ->> 1, value ->> 2, unixepoch() FROM json_each(?1) WHERE true
              ON CONFLICT (id) DO UPDATE SET is_failed = max(is_failed, excluded.is_failed)",
        values: vec![Value::from(rows).to_string().as_str().into()],
    };
    host.run(upsert).await
}

/// Returns the messages that were sent with a tag, and have not failed, as far as Meta has told of them, oldest first.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Reads only.
pub async fn sent(host: &impl Sql, tag: &str) -> Result<Vec<Candidate>, Fault> {
    #[derive(Deserialize)]
    struct Row {
        id: String,
        told_at: u64,
    }
    let select = Statement {
        name: "whatsapp::sent",
        sql: "SELECT id, told_at FROM whatsapp_statuses
              WHERE tag = ?1 AND is_failed = 0 ORDER BY told_at, id",
        values: vec![tag.into()],
    };
    let rows: Vec<Row> = host.rows(select).await?;
    let of = |Row { id, told_at }| Candidate { id, posted: Millis(told_at.saturating_mul(1000)) };
    Ok(rows.into_iter().map(of).collect())
}

/// Deletes what is older than a week. What fails is left for the next time.
///
/// # Repeats
/// Finds nothing.
pub async fn forget(host: &impl Sql) {
    for (name, sql) in [
        (
            "whatsapp::forget_messages",
            "DELETE FROM whatsapp_messages WHERE received_at < unixepoch() - ?1",
        ),
        (
            "whatsapp::forget_statuses",
            "DELETE FROM whatsapp_statuses WHERE told_at < unixepoch() - ?1",
        ),
    ] {
        drop(host.run(Statement { name, sql, values: vec![LIFETIME_S.into()] }).await);
    }
}

/// Returns what tells a chat from others, without naming it: who tries every phone number does not find it without the
/// secret.
pub(super) fn chat(whatsapp: &WhatsApp, place: &Place) -> String {
    let parts = [place.number.as_bytes(), b" ", place.chat().as_bytes()];
    let mut code = hex::encode(mac(whatsapp.app_secret.reveal().as_bytes(), &parts));
    code.truncate(32);
    code
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_testing::whatsapp::whatsapp;
    use miyabi_testing::{Fake, run};

    fn place(user: &str, message: &str) -> Place {
        Place {
            number: "1".to_owned(),
            phone: Some(user.to_owned()),
            user: None,
            group: None,
            message: message.to_owned(),
            wrote_s: 0,
        }
    }

    fn now(world: &Fake) -> u64 {
        world
            .db
            .query_row("SELECT unixepoch()", [], |row| row.get::<_, i64>(0))
            .unwrap()
            .unsigned_abs()
    }

    #[test]
    fn a_message_is_known_the_second_time() {
        let world = Fake::new();
        let came = |message| {
            run(note(&world, &whatsapp(), &place("16505551234", message))).unwrap().unwrap()
        };
        assert_eq!(came("wamid.1"), Known::New);
        assert_eq!(came("wamid.1"), Known::Begun);
        run(done(&world, &place("16505551234", "wamid.1"))).unwrap();
        assert_eq!(
            [came("wamid.1"), came("wamid.1"), came("wamid.2")],
            [Known::Done, Known::Done, Known::New]
        );
        let kept: String = world
            .db
            .query_row("SELECT group_concat(id || chat) FROM whatsapp_messages", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert!(!kept.contains("16505551234") && !kept.contains("wamid"));
    }

    #[test]
    fn who_has_written_within_a_day_may_be_written_to() {
        let world = Fake::new();
        let ago = |user, s| Place { wrote_s: now(&world) - s, ..place(user, user) };
        let (here, there, undated) = (ago("1", 86_000), ago("2", 86_400), place("3", "wamid.3"));
        let open = |place| run(is_open(&world, &whatsapp(), place)).unwrap().unwrap();
        assert!(!open(&here));
        for place in [&here, &there, &undated] {
            let _new = run(note(&world, &whatsapp(), place)).unwrap();
        }
        assert!(open(&here) && !open(&there) && open(&undated));
    }

    #[test]
    fn a_failure_stays_whatever_comes_after_it() {
        let world = Fake::new();
        let status =
            |id: &str, failed| Status { message: id.to_owned(), tag: "job.1".to_owned(), failed };
        let told = |statuses: &[Status]| run(note_statuses(&world, statuses)).unwrap().unwrap();
        told(&[
            status("a", None),
            status("b", None),
            status("b", Some(131_047)),
            status("b", None),
        ]);
        told(&[status("a", None)]);
        let found = run(sent(&world, "job.1")).unwrap().unwrap();
        assert_eq!(found.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["a"]);
        assert!(run(sent(&world, "job.2")).unwrap().unwrap().is_empty());
    }

    #[test]
    fn hundreds_of_statuses_are_one_statement_and_those_of_nothing_of_ours_none() {
        let world = Fake::new();
        let status = |nth: usize, tag: &str| Status {
            message: nth.to_string(),
            tag: tag.to_owned(),
            failed: None,
        };
        let told = |tag: &str| {
            let statuses: Vec<_> = (0..1000).map(|nth| status(nth, tag)).collect();
            run(note_statuses(&world, &statuses)).unwrap().unwrap();
            let trips = world.round_trips.borrow();
            trips.iter().filter(|(name, _)| *name == "whatsapp::note_statuses").count()
        };
        assert_eq!(told(""), 0);
        assert_eq!(told("a \" tag"), 1);
        assert_eq!(run(sent(&world, "a \" tag")).unwrap().unwrap().len(), 1000);
    }

    #[test]
    fn nothing_is_kept_for_longer_than_a_week() {
        let world = Fake::new();
        let _new = run(note(&world, &whatsapp(), &place("1", "wamid.1"))).unwrap();
        let status = Status { message: "a".to_owned(), tag: "t".to_owned(), failed: None };
        run(note_statuses(&world, &[status])).unwrap().unwrap();
        let count = || -> i64 {
            let sql = "SELECT (SELECT count(*) FROM whatsapp_messages) + (SELECT count(*) FROM whatsapp_statuses)";
            world.db.query_row(sql, [], |row| row.get(0)).unwrap()
        };
        run(forget(&world)).unwrap();
        assert_eq!(count(), 2);
        for sql in [
            "UPDATE whatsapp_messages SET received_at = received_at - 604801",
            "UPDATE whatsapp_statuses SET told_at = told_at - 604801",
        ] {
            world.db.execute(sql, []).unwrap();
        }
        run(forget(&world)).unwrap();
        assert_eq!(count(), 0);
    }
}
