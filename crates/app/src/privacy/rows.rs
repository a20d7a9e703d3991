//! Every statement by which the rows of a person are deleted.

use super::{ALL, COUNTED, LATE_S};
use crate::uploads;
use miyabi_core::ids::Millis;
use miyabi_core::ports::Statement;

/// Which jobs have ended that have answered questions of the person once more.
macro_rules! again {
    () => {
        "status IN ('COMPLETED', 'ERROR') AND (asker <> ?1 OR created_at <= ?2)
           AND (id IN (SELECT again FROM jobs
               WHERE asker = ?1 AND created_at <= ?2 AND again IS NOT NULL)
             OR CASE WHEN json_valid(kept) THEN kept ->> 'of' END IN (
               SELECT id FROM jobs WHERE asker = ?1 AND created_at <= ?2))"
    };
}

/// Marks that the person wants no answer to what runs, nor one that is put aside.
pub(super) fn cancel(person: &str, until: Millis) -> Statement {
    Statement {
        name: "people::cancel",
        sql: "UPDATE jobs SET cancelled_at = coalesce(cancelled_at, unixepoch()), result = NULL,
                resumes_at = min(resumes_at, unixepoch())
              WHERE asker = ?1 AND ?1 <> '' AND created_at <= ?2
                AND (result IS NULL OR resumes_at > unixepoch())
                AND status IN ('PENDING', 'PROCESSING')",
        values: vec![person.into(), (until.0 / 1000).into()],
    }
}

/// The reminders of a person until a time.
pub(super) fn erase_reminders(person: &str, until: Millis) -> Statement {
    Statement {
        name: "reminders::erase",
        // The row may be younger than its question.
        sql: "DELETE FROM reminders WHERE asker = ?1 AND (created_at <= ?2
                OR CASE WHEN json_valid(params) THEN params ->> 'asked' / 1000 <= ?2 END)",
        values: vec![person.into(), (until.0 / 1000).into()],
    }
}

/// The code of a person, by which a browser would be theirs again.
const CODES: &str = "DELETE FROM sign_in_codes WHERE owner = ?1 AND created_at <= ?2";

/// That the person's accounts are theirs: what these have is marked to be deleted too.
const ACCOUNTS: &str =
    "DELETE FROM accounts WHERE (person = ?1 OR account = ?1) AND linked_at <= ?2";

/// As who manages a server they have decided for others.
const DECIDED: &str =
    "UPDATE consents SET decided_by = '' WHERE decided_by = ?1 AND decided_at <= ?2";

/// The rows of a person until a time, with what runs once more, since a row may have come late; the mark changes
/// last.
pub(super) fn rows(person: &str, until: Millis) -> Vec<Statement> {
    let until_s = until.0 / 1000;
    let own = |name, sql| Statement { name, sql, values: vec![person.into(), until_s.into()] };
    vec![
        cancel(person, until),
        own("quotes::erase", "DELETE FROM quotes WHERE asker = ?1 AND created_at <= ?2"),
        erase_reminders(person, until),
        uploads::erasing(person, until),
        // That of a question which runs is its claim.
        own(
            "consents::erase",
            "DELETE FROM consents WHERE asker = ?1 AND (created_at <= ?2 OR job IN
               (SELECT id FROM jobs WHERE asker = ?1 AND created_at <= ?2)) AND job NOT IN
               (SELECT id FROM jobs WHERE asker = ?1 AND status IN ('PENDING', 'PROCESSING'))",
        ),
        // A moderator has had it answered once more, and was asked about what its words say.
        own(
            "consents::erase_again",
            concat!("DELETE FROM consents WHERE job IN (SELECT id FROM jobs WHERE ", again!(), ")"),
        ),
        own("consents::forget_decider", DECIDED),
        own("shares::erase", "DELETE FROM shares WHERE owner = ?1 AND shared_ms / 1000 <= ?2"),
        own("sign_in_codes::erase", CODES),
        own("accounts::erase", ACCOUNTS),
        own("api_keys::erase", "DELETE FROM api_keys WHERE owner = ?1 AND created_at <= ?2"),
        own(
            "dead_letters::erase",
            "DELETE FROM dead_letters WHERE CASE WHEN json_valid(params)
               THEN (params ->> 'user' = ?1 AND params ->> 'asked' / 1000 <= ?2)
                 OR params ->> '$.again.of' IN (SELECT id FROM jobs
                   WHERE asker = ?1 AND created_at <= ?2) ELSE 0 END",
        ),
        own(
            "conversations::erase",
            "DELETE FROM conversations WHERE owner = ?1 AND updated_at <= ?2",
        ),
        own(
            "conversations::untitle",
            "UPDATE conversations SET title = '' WHERE owner = ?1 AND created_at <= ?2",
        ),
        // The rows of jobs stay for a while, without words and without a name: without them, something that
        // comes late would begin the same question once more.
        own(
            "attempts::erase",
            "UPDATE attempts SET asker = '' WHERE job IN (SELECT id FROM jobs WHERE asker = ?1
               AND created_at <= ?2 AND status IN ('COMPLETED', 'ERROR'))",
        ),
        // A moderator has had it answered once more.
        own(
            "jobs::erase_again",
            concat!(
                "UPDATE jobs SET result = '', kept = iif(kept IS NULL, NULL, ''), trace = NULL
                 WHERE ",
                again!()
            ),
        ),
        // For the server's limit a person has asked as often as they have.
        own(
            "jobs::erase",
            "UPDATE jobs SET result = '', kept = iif(kept IS NULL, NULL, ''), trace = NULL,
               asker = iif(is_counted AND server <> ''
                 AND created_at >= unixepoch() / 86400 * 86400, asker, '')
             WHERE asker = ?1 AND created_at <= ?2
               AND status IN ('COMPLETED', 'ERROR')",
        ),
        done(person, until),
    ]
}

/// How far it has come: all of it, and the mark goes too where nothing comes late any more.
fn done(person: &str, until: Millis) -> Statement {
    let until_s = until.0 / 1000;
    Statement {
        name: "people::erased",
        // What still runs may write in any conversation.
        sql: "UPDATE people SET (erase_ms, erase_after) = (SELECT
                iif(?2 < unixepoch() - ?6 AND count(*) = 0, NULL, people.erase_ms), CASE
                  WHEN count(*) FILTER (WHERE status IN ('PENDING', 'PROCESSING')) > 0 THEN ''
                  WHEN ?2 >= unixepoch() - ?6 THEN ?4 WHEN count(*) > 0 THEN ?5 END
                FROM jobs WHERE asker = ?1 AND created_at <= ?2)
              WHERE id = ?1 AND erase_ms = ?3",
        values: vec![
            person.into(),
            until_s.into(),
            until.0.into(),
            ALL.into(),
            COUNTED.into(),
            LATE_S.into(),
        ],
    }
}
