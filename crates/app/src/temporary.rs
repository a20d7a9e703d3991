//! Temporary conversations: not listed, nothing in them is remembered of their person, and gone a day after
//! their latest question.
//!
//! An id says that a conversation is one ([`PREFIX`]), so whoever has it knows, and nothing has to be looked up.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | all turns are gone | a day after the latest question | gone is gone, see [`super::conversation`] |
//! | it is off its owner's list, with the link to it | then | the time of the first stays |
//!
//! Dying between the two leaves it in the list, so the next round goes on.

use core::time::Duration;

use serde::Deserialize;

use super::conversation::Command;
use super::privacy::ObjectName;
use super::{conversations, memory};
use miyabi_core::event::Event;
use miyabi_core::fault::Fault;
use miyabi_core::ports::{Clock, Conversations, Log, Sql, Statement};
use miyabi_core::question::Question;

/// What the id of a temporary conversation begins with.
pub const PREFIX: &str = "temporary.";

/// How long one is there after its latest question, in seconds.
pub const LIFETIME_S: u32 = 86_400;

/// Most that are deleted in a round: the rest has the next minute.
const MAX_DELETED: u32 = 30;

/// Time after which a round deletes no other one.
const ROUND: Duration = Duration::from_secs(20);

/// Returns whether an id is that of a temporary conversation.
pub fn is_id(id: &str) -> bool {
    id.starts_with(PREFIX)
}

/// Returns whether a question is asked in a temporary conversation.
pub fn holds(question: &Question) -> bool {
    // A name is made of the platform, the id there, and the person.
    let name = question.conversation.as_deref().unwrap_or_default();
    name.split(':').nth(1).is_some_and(is_id)
}

/// Deletes those whose time is over.
///
/// # Repeats
/// See the table of this module.
pub async fn sweep(host: &(impl Sql + Conversations + Clock + Log), object_name: ObjectName) {
    #[derive(Deserialize)]
    struct Old {
        owner: String,
        id: String,
    }
    let begin = host.now();
    let old = host.rows::<Old>(Statement {
        name: "conversations::temporary",
        // In the words of the index.
        sql: "SELECT owner, id FROM conversations
              WHERE id >= 'temporary.' AND id < 'temporary/' AND deleted_at IS NULL
                AND updated_at < unixepoch() - ?1 ORDER BY updated_at LIMIT ?2",
        values: vec![LIFETIME_S.into(), MAX_DELETED.into()],
    });
    let failed = |fault| host.log(&Event::SweepFailed { job: None, fault });
    let old = old.await.unwrap_or_else(|fault| {
        failed(fault);
        Vec::new()
    });
    for Old { owner, id } in old {
        if host.now().since(begin) > ROUND {
            break;
        }
        // One that cannot be reached holds up no other.
        if let Err(fault) = delete(host, &owner, &id, &object_name(&owner, &id)).await {
            failed(fault);
        }
    }
}

async fn delete(
    host: &(impl Sql + Conversations + Clock),
    owner: &str,
    id: &str,
    object: &str,
) -> Result<(), Fault> {
    // First what was said: by the row the next round finds what this one leaves.
    let _deleted = memory::persist(host, object, &Command::Delete).await?;
    conversations::delete(host, owner, id).await.map(drop)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
