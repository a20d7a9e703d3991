//! Every SQL statement about API keys: whose a request is, and which keys a person has, gets and takes back.

use serde::Deserialize;

use miyabi_core::fault::Fault;
use miyabi_core::key::{ApiKey, MAX_KEYS, Scopes};
use miyabi_core::ports::{Random, Sql, Statement, read_flag, read_rows};

/// Who sends a request, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Person whose key it is.
    pub owner: String,
    /// What the key may do.
    pub scopes: Scopes,
    /// Whose knowledge it reads; blank for nobody's.
    pub workspace: String,
    /// When the key ends, in Unix seconds.
    pub expires_at: Option<u64>,
}

/// A key that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Who gets it, with what.
    pub principal: Principal,
    /// Name that its owner gives it.
    pub name: String,
}

/// A key as its owner sees it. The key itself is nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Listed {
    /// Key's id.
    pub id: String,
    /// Name that its owner gave it.
    pub name: String,
    /// Last characters of the key, by which its owner knows it.
    pub tail: String,
    /// List of scopes, see [`Scopes`].
    pub scopes: String,
    /// When it was last used, to the hour, in Unix seconds.
    pub last_used_at: Option<u64>,
    /// When it ends, in Unix seconds.
    pub expires_at: Option<u64>,
}

/// What became of a key that was to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// It is there. The key is shown this once.
    Key(ApiKey, Listed),
    /// Its owner has as many as there may be.
    TooMany,
}

/// Returns whose a key is; `None` if nobody's, or not any more. Notes that it is used, once an hour.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads; the hour of use stays.
pub async fn principal(host: &impl Sql, key: &ApiKey) -> Result<Option<Principal>, Fault> {
    principal_of(host, &key.hash()).await
}

/// As [`principal()`], for who has nothing but the key's hash: a socket, which lives longer than a request.
///
/// # Errors
/// As [`principal()`].
///
/// # Repeats
/// As [`principal()`].
pub async fn principal_of(host: &impl Sql, hash: &str) -> Result<Option<Principal>, Fault> {
    Ok(named(host, hash).await?.map(|(principal, _)| principal))
}

/// As [`principal_of`], with the name that its owner has given the key.
///
/// # Errors
/// As [`principal()`].
///
/// # Repeats
/// As [`principal()`].
pub async fn named(host: &impl Sql, hash: &str) -> Result<Option<(Principal, String)>, Fault> {
    #[derive(Deserialize)]
    struct Found {
        id: String,
        owner: String,
        name: String,
        scopes: String,
        workspace: String,
        expires_at: Option<u64>,
        #[serde(deserialize_with = "read_flag")]
        is_unnoted: bool,
    }
    let find = Statement {
        name: "api_keys::principal",
        sql: "SELECT id, owner, name, scopes, workspace, expires_at,
                coalesce(last_used_at, 0) <= unixepoch() - 3600 AS is_unnoted FROM api_keys
              WHERE hash = ?1 AND revoked_at IS NULL AND coalesce(expires_at, unixepoch() + 1) > unixepoch()",
        values: vec![hash.into()],
    };
    let Some(found) = host.row::<Found>(find).await? else { return Ok(None) };
    if found.is_unnoted {
        let note = Statement {
            name: "api_keys::note_use",
            sql: "UPDATE api_keys SET last_used_at = unixepoch()
                  WHERE id = ?1 AND coalesce(last_used_at, 0) <= unixepoch() - 3600",
            values: vec![found.id.into()],
        };
        // Who has a key may use it, also while nothing can be written: the next request notes it.
        drop(host.run(note).await);
    }
    let Found { owner, name, workspace, expires_at, .. } = found;
    let scopes = Scopes::parse(&found.scopes);
    Ok(scopes.map(|scopes| (Principal { owner, scopes, workspace, expires_at }, name)))
}

/// Makes a key, unless its owner has [`MAX_KEYS`] that count; those of browsers are not among them.
///
/// Of the keys that do not count any more the newest hundred are kept, so that nobody fills the database by
/// making keys and taking them back.
///
/// # Errors
/// A fault of the store, or of the platform's random numbers; worth a retry.
///
/// # Repeats
/// Makes another key. After an error there may be a key that nobody knows: it is in the list.
pub async fn create(host: &(impl Sql + Random), new: NewKey) -> Result<Created, Fault> {
    let NewKey { principal: Principal { owner, scopes, workspace, expires_at }, name } = new;
    let key = ApiKey::of(host.random()?);
    let id = hex::encode(host.random::<8>()?);
    let forget = Statement {
        name: "api_keys::forget",
        sql: "DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys
                WHERE owner = ?1 AND (revoked_at IS NOT NULL OR expires_at <= unixepoch())
                ORDER BY coalesce(revoked_at, expires_at) DESC LIMIT -1 OFFSET 100)",
        values: vec![owner.as_str().into()],
    };
    let insert = Statement {
        name: "api_keys::create",
        sql: "INSERT INTO api_keys (id, owner, name, hash, tail, scopes, workspace, expires_at)
              SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE (SELECT count(*) FROM api_keys
                WHERE owner = ?2 AND revoked_at IS NULL AND NOT is_page
                  AND coalesce(expires_at, unixepoch() + 1) > unixepoch()) < ?9
              RETURNING id, name, tail, scopes, last_used_at, expires_at",
        values: vec![
            id.into(),
            owner.into(),
            name.into(),
            key.hash().into(),
            key.tail().into(),
            scopes.list().into(),
            workspace.into(),
            expires_at.into(),
            MAX_KEYS.into(),
        ],
    };
    let statement = insert.name;
    let rows = host.batch(vec![forget, insert]).await?.pop().unwrap_or_default();
    let made: Option<Listed> = read_rows(statement, rows)?.into_iter().next();
    Ok(made.map_or(Created::TooMany, |listed| Created::Key(key, listed)))
}

/// Returns a person's keys that count, oldest first; at most [`MAX_KEYS`], and those of their browsers.
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
                AND coalesce(expires_at, unixepoch() + 1) > unixepoch()
              ORDER BY created_at, id",
        values: vec![owner.into()],
    };
    host.rows(statement).await
}

/// Takes a person's key back, and returns whether they had one of this id.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second time there is none.
pub async fn revoke(host: &impl Sql, owner: &str, id: &str) -> Result<bool, Fault> {
    let statement = Statement {
        name: "api_keys::revoke",
        sql: "UPDATE api_keys SET revoked_at = unixepoch()
              WHERE owner = ?1 AND id = ?2 AND revoked_at IS NULL RETURNING id",
        values: vec![owner.into(), id.into()],
    };
    host.hits(statement).await
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
