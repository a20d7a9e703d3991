//! Every SQL statement about API keys: whose a request is, which keys a person has, and taking one back.

use serde::Deserialize;

use miyabi_core::fault::Fault;
use miyabi_core::key::{ApiKey, Scopes};
use miyabi_core::ports::{Sql, Statement, read_rows};

/// Who sends a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Person whose key it is.
    pub owner: String,
    /// What the key may do.
    pub scopes: Scopes,
}

/// A key as its owner sees it. Its secret is nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Listed {
    /// Key's id.
    pub id: String,
    /// Name that its owner gave it.
    pub name: String,
    /// Last characters of the secret, by which its owner knows it.
    pub tail: String,
    /// Scopes, see [`Scopes`].
    pub scopes: String,
    /// When it was last used, to the hour, in Unix seconds.
    pub last_used_at: Option<u64>,
    /// When it ends, in Unix seconds.
    pub expires_at: Option<u64>,
}

/// Returns whose a key is; `None` if nobody's, or not any more. Remembers that it was used, to the hour.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads; the hour of use stays.
pub async fn principal(host: &impl Sql, key: &ApiKey) -> Result<Option<Principal>, Fault> {
    #[derive(Deserialize)]
    struct Found {
        owner: String,
        scopes: String,
    }
    let use_it = Statement {
        name: "api_keys::use",
        sql: "UPDATE api_keys SET last_used_at = unixepoch()
              WHERE hash = ?1 AND coalesce(last_used_at, 0) <= unixepoch() - 3600",
        values: vec![key.hash().into()],
    };
    let find = Statement {
        name: "api_keys::principal",
        sql: "SELECT owner, scopes FROM api_keys
              WHERE hash = ?1 AND revoked_at IS NULL AND coalesce(expires_at, unixepoch() + 1) > unixepoch()",
        values: vec![key.hash().into()],
    };
    let name = find.name;
    let rows = host.batch(vec![use_it, find]).await?.pop().unwrap_or_default();
    let found: Option<Found> = read_rows(name, rows)?.into_iter().next();
    Ok(found.and_then(|Found { owner, scopes }| {
        Some(Principal { owner, scopes: Scopes::parse(&scopes)? })
    }))
}

/// Returns a person's keys that count, oldest first.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn list(host: &impl Sql, owner: &str) -> Result<Vec<Listed>, Fault> {
    let statement = Statement {
        name: "api_keys::list",
        sql: "SELECT id, name, tail, scopes, last_used_at, expires_at FROM api_keys
              WHERE owner = ?1 AND revoked_at IS NULL
              ORDER BY created_at, id LIMIT 100",
        values: vec![owner.into()],
    };
    host.rows(statement).await
}

/// Takes a person's key back, and returns whether there is one of this id, taken back or not.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The time of the first stays.
pub async fn revoke(host: &impl Sql, owner: &str, id: &str) -> Result<bool, Fault> {
    let statement = Statement {
        name: "api_keys::revoke",
        sql: "UPDATE api_keys SET revoked_at = coalesce(revoked_at, unixepoch())
              WHERE owner = ?1 AND id = ?2 RETURNING id",
        values: vec![owner.into(), id.into()],
    };
    host.hits(statement).await
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
