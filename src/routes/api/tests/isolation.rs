//! No sequence of calls by one principal yields a byte of another's.
//!
//! Four principals call every route in random order, with ids of anybody: two people with keys, in the header or
//! in the cookie beside that of the visitor, and the same ids of their own choice, a visitor, and who sends no
//! credentials at all. Every text that one of them sends,
//! and every answer, has a word that is its owner's alone. After each call, and after each job that runs in
//! between:
//!
//! | name | what holds |
//! | --- | --- |
//! | word, id | no reply, stream or frame has a word or an id of another's |
//! | share | a link shows what it has shown at first, and nothing once it is taken back |
//! | state | nothing that is another's has changed |
//! | object | an object was made by asking alone, and under its maker's name |
//! | unknown | what is another's and what is nobody's is one answer |
//! | usage | sums are of one's own questions |
//! | prompt | no model reads a word of another's |
//!
//! A sequence depends on its seed alone.

mod calls;
mod checks;
mod ears;
mod walk;

use std::collections::BTreeMap;

use self::walk::Walk;
use super::super::table::{Handler, Keyed, Public, ROUTES, Route};
use miyabi_testing::Misnaming;

/// Calls of one walk, before everybody calls everything.
const STEPS: usize = 80;

/// Routes that somebody has called with success, by method and path, and whether one has told words.
type Covered = BTreeMap<(&'static str, &'static str), bool>;

/// Walks, and returns what did not hold, with the calls that lead to it.
fn walk(seed: u64, covered: &mut Covered, prepare: impl Fn(&mut Walk)) -> Result<(), String> {
    let mut walk = Walk::new(seed);
    prepare(&mut walk);
    let held = (0..STEPS).try_for_each(|_| walk.step(covered));
    let held = held.and_then(|()| walk.sweep(covered));
    // What happens while somebody sleeps has the world in it, which would never go.
    drop(walk.world.while_asleep.take());
    held.map_err(|why| format!("{why}\nseed {seed}:\n{}", walk.lines.join("\n")))
}

/// Returns whether a successful reply tells nothing that somebody has said.
const fn is_silent(handler: Handler) -> bool {
    matches!(
        handler,
        Handler::Public(Public::SignOut)
            | Handler::Keyed(
                Keyed::Usage
                    | Keyed::RevokeKey
                    | Keyed::DeleteConversation
                    | Keyed::Share
                    | Keyed::Unshare
                    | Keyed::DeleteFile
                    | Keyed::ForgetFact
                    | Keyed::ForgetAll,
                ..
            )
    )
}

#[test]
fn no_sequence_of_calls_by_one_principal_yields_a_byte_of_anothers() {
    // What nobody calls, or what never says anything, proves nothing.
    let missed = |covered: &Covered| -> Vec<_> {
        let is_missed = |route: &&Route| {
            let told = covered.get(&(route.method, route.path));
            !told.is_some_and(|has_words| *has_words || is_silent(route.handler))
        };
        ROUTES.iter().filter(is_missed).map(|route| (route.method, route.path)).collect()
    };
    let mut covered = Covered::new();
    for seed in 0..24 {
        // Where a change of the table has other calls follow each other, it may take some more.
        if seed >= 8 && missed(&covered).is_empty() {
            break;
        }
        walk(seed, &mut covered, |_| {}).unwrap_or_else(|why| panic!("{why}"));
    }
    let missed = missed(&covered);
    assert!(missed.is_empty(), "nobody has called with success: {missed:?}");
}

/// Looks for a defect with one of the checks alone.
fn assert_found(only: &'static str, number: usize, plant: impl Fn(&Walk)) {
    let is_found = (0..16).any(|seed| {
        let walked = walk(seed, &mut Covered::new(), |walk| {
            walk.only = Some(only);
            plant(walk);
        });
        walked.is_err_and(|why| why.starts_with(only))
    });
    assert!(is_found, "plant {number} is not found by `{only}`");
}

/// Statements that forget their owner: what finds it, the statement, and its text.
const PLANTS: [(&str, &str, &str); 15] = [
    (
        "word",
        "files::find",
        "SELECT id, name, type, bytes FROM files
         WHERE ?1 <> '' AND id = ?2 AND deleted_at IS NULL",
    ),
    (
        "state",
        "files::delete",
        "UPDATE files SET deleted_at = unixepoch()
         WHERE ?1 <> '' AND id = ?2 AND deleted_at IS NULL RETURNING id",
    ),
    (
        "prompt",
        "files::claim",
        "UPDATE files SET conversation = ?2, question = ?4 WHERE ?1 <> '' AND deleted_at IS NULL
           AND id IN (SELECT value FROM json_each(?3)) RETURNING id, name, type, bytes",
    ),
    (
        "word",
        "conversations::find",
        "SELECT owner, id, title, updated_at FROM conversations
         WHERE ?1 <> '' AND id = ?2 AND deleted_at IS NULL ORDER BY title DESC",
    ),
    (
        "word",
        "conversations::list",
        "SELECT owner, id, title, updated_at FROM conversations
         WHERE ?1 <> '' AND deleted_at IS NULL AND (?2 = '' OR instr(title, ?2) > 0)
           AND (?3 IS NULL OR updated_at < ?3 OR (updated_at = ?3 AND id > ?4))
         ORDER BY updated_at DESC, id LIMIT ?5",
    ),
    (
        "unknown",
        "conversations::is_deleted",
        "SELECT 1 AS deleted FROM conversations
         WHERE ?1 <> '' AND id = ?2 AND deleted_at IS NOT NULL",
    ),
    (
        "state",
        "conversations::rename",
        "UPDATE conversations SET title = ?3
         WHERE ?1 <> '' AND id = ?2 AND deleted_at IS NULL RETURNING id",
    ),
    (
        "state",
        "conversations::delete",
        "UPDATE conversations SET title = '', deleted_at = coalesce(deleted_at, unixepoch())
         WHERE ?1 <> '' AND id = ?2 RETURNING id",
    ),
    ("state", "shares::revoke", "DELETE FROM shares WHERE ?1 <> '' AND conversation = ?2"),
    // One that ends no link at all.
    ("share", "shares::revoke", "DELETE FROM shares WHERE owner = ?2 AND conversation = ?1"),
    (
        "id",
        "api_keys::list",
        "SELECT id, '' AS name, tail, scopes, last_used_at, expires_at FROM api_keys
         WHERE ?1 <> '' AND revoked_at IS NULL ORDER BY created_at, id",
    ),
    (
        "state",
        "api_keys::revoke",
        "UPDATE api_keys SET revoked_at = unixepoch()
         WHERE ?1 <> '' AND id = ?2 AND revoked_at IS NULL RETURNING id",
    ),
    ("state", "api_keys::sign_out", "DELETE FROM api_keys WHERE is_page AND ?1 <> ''"),
    (
        "usage",
        "usage::by_model",
        "SELECT kind, model, sum(question_count) AS questions, sum(call_count) AS calls,
           sum(prompt_tokens + completion_tokens) AS tokens, sum(cost_nano) AS nano,
           sum(estimated_count) AS estimated, sum(unpriced_count) AS unpriced
         FROM spending WHERE (kind = 'asker' AND ?1 <> '') OR (kind = 'server' AND key = ?2)
         GROUP BY kind, model",
    ),
    // One that finds what nobody has, so that an object is made by looking.
    (
        "object",
        "conversations::find",
        "SELECT ?1 AS owner, ?2 AS id, '' AS title, 0 AS updated_at WHERE ?1 <> ''",
    ),
];

#[test]
fn a_statement_that_forgets_its_owner_is_found() {
    for (number, (only, name, sql)) in PLANTS.into_iter().enumerate() {
        assert_found(only, number, |walk| walk.world.sabotage.set(Some((name, sql))));
    }
}

#[test]
fn an_object_that_is_reached_by_anothers_name_is_found() {
    let everybodys: Misnaming = |name| {
        let mut parts = name.splitn(3, ':');
        let (kind, id) = (parts.next().unwrap(), parts.next().unwrap());
        if kind == "web" { format!("{kind}:{id}:zqmioowner") } else { name.to_owned() }
    };
    let one_persons: Misnaming = |name| {
        let is_person = name.starts_with("person:");
        if is_person { "person:zqmioowner".to_owned() } else { name.to_owned() }
    };
    let plants = [everybodys, one_persons].into_iter().enumerate();
    for (number, misnaming) in plants {
        for only in ["word", "state", "object", "prompt"] {
            assert_found(only, number, |walk| walk.world.misnaming.set(Some(misnaming)));
        }
    }
}
