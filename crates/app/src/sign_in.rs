//! Every SQL statement about signing in to the page: codes, and the keys that they are spent for.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | a person's code | `/link` | the newest takes the place of the one before: each person has one |
//! | the key of a browser, and the code is spent | a code is sent | both in one transaction: the second time there is no code, and no key |
//! | the keys of browsers are deleted | signing out | gone is gone |

use miyabi_core::code::{Code, LIFETIME_S};
use miyabi_core::fault::Fault;
use miyabi_core::key::{ApiKey, MAX_PAGE_KEYS};
use miyabi_core::ports::{Random, Sql, Statement};
use miyabi_core::session;

/// What a page may do for who has signed in by a code: all that it shows. It makes no keys.
pub const SCOPES: &str = "chat,memory,files,usage,keys:read";

/// Name of a key that a code was spent for.
pub const NAME: &str = "web page";

/// Makes a code for a person, who reads the knowledge of this workspace.
///
/// # Errors
/// A fault of the store, or of the platform's random numbers; worth a retry.
///
/// # Repeats
/// See the table of this module.
pub async fn offer(
    host: &(impl Sql + Random),
    owner: &str,
    workspace: &str,
) -> Result<Code, Fault> {
    let code = Code::of(host.random()?);
    let statement = Statement {
        name: "sign_in_codes::offer",
        sql: "INSERT INTO sign_in_codes (owner, hash, workspace, expires_at)
              VALUES (?1, ?2, ?3, unixepoch() + ?4)
              ON CONFLICT (owner) DO UPDATE SET hash = excluded.hash, workspace = excluded.workspace,
                created_at = excluded.created_at, expires_at = excluded.expires_at",
        values: vec![owner.into(), code.hash().into(), workspace.into(), LIFETIME_S.into()],
    };
    host.run(statement).await?;
    Ok(code)
}

/// Spends a code for the key of a browser; `None` if it is spent, over or nobody's. Of the keys of somebody's
/// browsers the newest [`MAX_PAGE_KEYS`] are kept.
///
/// # Errors
/// A fault of the store, or of the platform's random numbers; worth a retry.
///
/// # Repeats
/// See the table of this module. After an error the code may be spent for a key that nobody knows: it is in its
/// owner's list.
pub async fn spend(host: &(impl Sql + Random), code: &Code) -> Result<Option<ApiKey>, Fault> {
    let key = ApiKey::of(host.random()?);
    let id = hex::encode(host.random::<8>()?);
    let insert = Statement {
        name: "sign_in_codes::spend",
        sql: "INSERT INTO api_keys (id, owner, name, hash, tail, scopes, workspace, expires_at, is_page)
              SELECT ?1, owner, ?2, ?3, ?4, ?5, workspace, unixepoch() + ?6, 1 FROM sign_in_codes
              WHERE hash = ?7 AND expires_at > unixepoch() RETURNING id",
        values: vec![
            id.as_str().into(),
            NAME.into(),
            key.hash().into(),
            key.tail().into(),
            SCOPES.into(),
            session::LIFETIME_S.into(),
            code.hash().into(),
        ],
    };
    let spent = Statement {
        name: "sign_in_codes::spent",
        sql: "DELETE FROM sign_in_codes WHERE hash = ?1",
        values: vec![code.hash().into()],
    };
    let replace = Statement {
        name: "api_keys::replace",
        sql:
            "DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys
                WHERE owner = (SELECT owner FROM api_keys WHERE id = ?1) AND is_page
                ORDER BY id = ?1 DESC, revoked_at IS NULL DESC, created_at DESC LIMIT -1 OFFSET ?2)",
        values: vec![id.into(), MAX_PAGE_KEYS.into()],
    };
    let rows = host.batch(vec![insert, spent, replace]).await?;
    let is_made = rows.first().is_some_and(|rows| !rows.is_empty());
    Ok(is_made.then_some(key))
}

/// Which browsers are signed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browsers {
    /// The one with the key at hand.
    This,
    /// All of the person's whose key is at hand, while it counts.
    All,
}

/// Deletes the keys that codes were spent for; a key that a person has made stays.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// See the table of this module.
pub async fn sign_out(host: &impl Sql, hash: &str, browsers: Browsers) -> Result<(), Fault> {
    let sql = match browsers {
        Browsers::This => "DELETE FROM api_keys WHERE hash = ?1 AND is_page",
        Browsers::All => {
            "DELETE FROM api_keys WHERE is_page AND owner = (SELECT owner FROM api_keys
               WHERE hash = ?1 AND revoked_at IS NULL
                 AND coalesce(expires_at, unixepoch() + 1) > unixepoch())"
        }
    };
    host.run(Statement { name: "api_keys::sign_out", sql, values: vec![hash.into()] }).await
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
