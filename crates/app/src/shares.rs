//! Links to conversations: made, read and taken back, with every SQL statement about them.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | the link's row | when its owner shares | a conversation has one: the newest takes the place of the others |
//! | no row | when its owner takes it back, or deletes the conversation | gone is gone |
//!
//! The row says up to which turn of which conversation a link shows, and the text is read there: see
//! [`Command::Branch`].

use serde::Deserialize;

use super::chat::Place;
use super::conversation::{Command, Page, Reply};
use super::memory;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ids::Millis;
use miyabi_core::ports::{Clock, Conversations, Random, Sql, Statement};
use miyabi_core::share::ShareToken;

/// What a link shows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Share {
    /// Whose conversation it is. It is shown to nobody.
    pub owner: String,
    /// Its id, among those of its owner. It is shown to nobody.
    pub conversation: String,
    /// Title when it was shared.
    pub title: String,
    /// Newest turn.
    turn: String,
    /// When it was shared.
    pub shared_ms: Millis,
    /// When the link ends, in Unix seconds.
    pub expires_at: u64,
}

/// What became of a conversation that is to be shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shared {
    /// The link is there. Its token is shown this once.
    Link(ShareToken),
    /// There is no answer in it yet, or not any more.
    Empty,
    /// It was deleted meanwhile.
    Deleted,
}

/// Makes a link to what was said in a conversation until now, in place of one that there is. The caller has
/// looked that its owner has the conversation.
///
/// # Errors
/// A fault of a store, or of the platform's random numbers; worth a retry.
///
/// # Repeats
/// Makes another link, and ends the one before: nobody has to take back one whose token was lost.
pub async fn share(
    host: &(impl Sql + Conversations + Clock + Random),
    place: &Place,
    expires_at: u64,
) -> Result<Shared, Fault> {
    let reply = memory::persist(host, &place.name, &Command::Share).await?;
    if let Reply::Refused(_) = reply {
        return Ok(Shared::Empty);
    }
    let Reply::Snapshot { turn, at } = reply else {
        return Err(StoreError::Row { statement: "conversation::reply" }.into());
    };
    let token = ShareToken::of(host.random()?);
    let is_made = host.hits(Statement {
        name: "shares::share",
        sql: "INSERT INTO shares (owner, conversation, hash, title, turn, shared_ms, expires_at)
              SELECT owner, id, ?3, title, ?4, ?5, ?6 FROM conversations
              WHERE owner = ?1 AND id = ?2 AND deleted_at IS NULL
              ON CONFLICT (owner, conversation) DO UPDATE SET hash = excluded.hash,
                title = excluded.title, turn = excluded.turn, shared_ms = excluded.shared_ms,
                expires_at = excluded.expires_at
              RETURNING hash",
        values: vec![
            place.owner.as_str().into(),
            place.id.as_str().into(),
            token.hash().into(),
            turn.into(),
            at.0.into(),
            expires_at.into(),
        ],
    });
    Ok(if is_made.await? { Shared::Link(token) } else { Shared::Deleted })
}

/// Takes the link to a conversation back. Whether there was one says nothing.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Gone is gone.
pub async fn revoke(host: &impl Sql, owner: &str, conversation: &str) -> Result<(), Fault> {
    host.run(revoking(owner, conversation)).await
}

/// Returns the statement that takes the link to a conversation back.
pub(super) fn revoking(owner: &str, conversation: &str) -> Statement {
    Statement {
        name: "shares::revoke",
        sql: "DELETE FROM shares WHERE owner = ?1 AND conversation = ?2",
        values: vec![owner.into(), conversation.into()],
    }
}

/// Returns what a link shows; `None` if there is no such link, or not any more.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub fn find(
    host: &impl Sql,
    token: &ShareToken,
) -> impl Future<Output = Result<Option<Share>, Fault>> {
    host.row(Statement {
        name: "shares::find",
        sql: "SELECT shares.owner, shares.conversation, shares.title, shares.turn,
                shares.shared_ms, shares.expires_at
              FROM shares JOIN conversations ON conversations.owner = shares.owner
                AND conversations.id = shares.conversation
              WHERE shares.hash = ?1 AND shares.expires_at > unixepoch()
                AND conversations.deleted_at IS NULL",
        values: vec![token.hash().into()],
    })
}

/// Returns the turns that a link shows, newest first; none where they have been forgotten. A cursor says that
/// older ones are left out. `object` is the name of the conversation's object.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn read(
    host: &(impl Conversations + Clock),
    object: &str,
    share: &Share,
) -> Result<Page, Fault> {
    let branch = Command::Branch { turn: share.turn.clone(), until: share.shared_ms };
    let reply = memory::persist(host, object, &branch).await?;
    let nothing = Page { turns: Vec::new(), cursor: None };
    if let Reply::Page(page) = reply { Ok(page) } else { Ok(nothing) }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
