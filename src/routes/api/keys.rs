//! The principal's keys: `GET` and `POST /api/keys`, `DELETE /api/keys/{id}`.

use serde::{Deserialize, Serialize};
use serde_json::json;

use miyabi_app::keys::{self, Created, Listed, NewKey, Principal};
use miyabi_core::http::Reply;
use miyabi_core::key::{ApiKey, MAX_KEYS, MAX_NAME_CHARS, Scopes};
use miyabi_core::ports::{Clock, Random, Sql};
use miyabi_core::problem::Problem;
use miyabi_core::time::{from_iso, to_iso};

use super::{Api, credentials};

/// A key, in camelCase as the API has all names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Key<'a> {
    id: &'a str,
    name: &'a str,
    scopes: Vec<&'a str>,
    last_used_at: Option<String>,
    expires_at: Option<String>,
    /// The key itself, this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

impl<'a> Key<'a> {
    fn new(listed: &'a Listed, key: Option<&'a ApiKey>) -> Self {
        Self {
            id: &listed.id,
            name: &listed.name,
            scopes: listed.scopes.split(',').collect(),
            last_used_at: listed.last_used_at.map(to_iso),
            expires_at: listed.expires_at.map(to_iso),
            secret: key.map(ApiKey::reveal),
        }
    }
}

/// Body of `POST /api/keys`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wanted {
    name: String,
    scopes: Vec<String>,
    expires_at: Option<String>,
}

/// Lists the principal's keys that count. They all fit on one page.
///
/// # Errors
/// A failure of the database.
///
/// # Repeats
/// Reads only.
pub(super) async fn list<H: Sql>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let listed = keys::list(api.host, &principal.owner).await?;
    let keys: Vec<Key<'_>> = listed.iter().map(|listed| Key::new(listed, None)).collect();
    Ok(Reply::json(200, &json!({ "keys": keys, "cursor": null })))
}

/// Makes the principal another key, which may do at most what the one at hand may, for at most as long, in
/// the same workspace.
///
/// # Errors
/// 400, 403, 409, or a failure of the database.
///
/// # Repeats
/// Makes another key.
pub(super) async fn create<H: Sql + Random + Clock>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let wanted: Wanted = api.json()?;
    let scopes = scopes(&wanted.scopes)?;
    check_name(&wanted.name)?;
    let lacking = principal.scopes.lack(&scopes);
    if !lacking.is_empty() {
        return Err(credentials::lacking(&lacking));
    }
    let expires_at = end(wanted.expires_at.as_deref(), api.host.now().0 / 1000, principal)?;
    let principal = Principal { scopes, expires_at, ..principal.clone() };
    match keys::create(api.host, NewKey { principal, name: wanted.name }).await? {
        Created::Key(key, listed) => Ok(Reply::json(201, &Key::new(&listed, Some(&key)))),
        Created::TooMany => {
            let detail = format!("a person has at most {MAX_KEYS} keys at a time; take one back");
            Err(Problem::new(409, "too_many_keys", detail))
        }
    }
}

/// Takes a key of the principal back, also the one at hand.
///
/// # Errors
/// 404 for what is not there, not the principal's, or taken back already; or a failure of the database.
///
/// # Repeats
/// The second time there is none.
pub(super) async fn revoke<H: Sql>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    if keys::revoke(api.host, &principal.owner, api.parameter(0)).await? {
        return Ok(Reply::empty(204));
    }
    Err(Problem::new(404, "not_found", "you have no key of this id, or not any more"))
}

fn scopes(names: &[String]) -> Result<Scopes, Problem> {
    Scopes::of(names.iter().map(String::as_str)).map_err(|wrong| {
        match names.iter().position(|name| name == wrong) {
            Some(index) => Problem::wrong(&format!("#/scopes/{index}"), "is no scope"),
            None => Problem::wrong("#/scopes", "names no scope"),
        }
    })
}

/// A name is shown in lists, on one line.
fn check_name(name: &str) -> Result<(), Problem> {
    let is_long = name.chars().count() > MAX_NAME_CHARS;
    if name.is_empty() || is_long || name.chars().any(char::is_control) {
        let detail = format!("is not 1 to {MAX_NAME_CHARS} characters without control characters");
        return Err(Problem::wrong("#/name", detail));
    }
    Ok(())
}

/// Returns when a key ends, in Unix seconds: at the latest when the one at hand does.
fn end(wanted: Option<&str>, now_s: u64, principal: &Principal) -> Result<Option<u64>, Problem> {
    let Some(wanted) = wanted else { return Ok(principal.expires_at) };
    let wanted = from_iso(wanted).ok_or_else(|| {
        Problem::wrong("#/expiresAt", "is no instant such as 2027-01-31T00:00:00Z")
    })?;
    let wanted = u64::try_from(wanted).unwrap_or_default();
    if wanted <= now_s {
        return Err(Problem::new(409, "over_already", "#/expiresAt: this instant has passed"));
    }
    if principal.expires_at.is_some_and(|end| wanted > end) {
        let detail = "a key makes none that outlives it; #/expiresAt is after its own end";
        return Err(Problem::new(403, "outlives", detail));
    }
    Ok(Some(wanted))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
