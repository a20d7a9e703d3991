//! Who sends a request, and whether they may.
//!
//! # Source
//! RFC 6750, Bearer Token Usage.

use miyabi_app::keys::{self, Principal};
use miyabi_channels::web::socket::KEY_PROTOCOL;
use miyabi_core::http::Incoming;
use miyabi_core::key::{self, Access, ApiKey, Scope};
use miyabi_core::ports::Sql;
use miyabi_core::problem::Problem;

/// Names of parameters in which a key is sent where it must not be.
const NAMES: [&str; 7] =
    ["access_token", "api-key", "api_key", "apikey", "authorization", "bearer", "key"];

/// Refuses a request whose URL has a key in it, whoever's it is.
///
/// # Errors
/// 400.
pub(super) fn refuse_in_url(query: &str) -> Result<(), Problem> {
    let has_key = form_urlencoded::parse(query.as_bytes()).any(|(name, value)| {
        NAMES.contains(&name.to_ascii_lowercase().as_str())
            || key::is_in(&value)
            || key::is_in(&name)
    });
    if !has_key {
        return Ok(());
    }
    let detail = "a key in a URL ends up in logs: send it as the header `Authorization: Bearer …`, \
                  and take back this one";
    Err(Problem::new(400, "key_in_url", detail))
}

/// Returns the key that comes with a request for a socket. A browser can set no header there: it offers the
/// key as a subprotocol.
///
/// # Errors
/// 401.
pub(super) fn key_of_socket(request: &impl Incoming) -> Result<ApiKey, Problem> {
    let offered = request.header("sec-websocket-protocol").unwrap_or_default();
    let mut offered = offered.split(',').map(str::trim);
    match offered.find_map(|protocol| protocol.strip_prefix(KEY_PROTOCOL)) {
        Some(key) => ApiKey::parse(key).ok_or_else(invalid),
        None => key_of(request),
    }
}

/// Returns who sends a request.
///
/// What is no key by its checksum is refused without a look at the database.
///
/// # Errors
/// 401, or a failure of the database.
///
/// # Repeats
/// See [`keys::principal`].
pub(super) async fn principal(
    host: &impl Sql,
    request: &impl Incoming,
) -> Result<Principal, Problem> {
    let key = key_of(request)?;
    keys::principal(host, &key).await?.ok_or_else(invalid)
}

fn key_of(request: &impl Incoming) -> Result<ApiKey, Problem> {
    let header = request.header("authorization").unwrap_or_default();
    let (scheme, token) = header.split_once(' ').unwrap_or((&header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing());
    }
    ApiKey::parse(token.trim()).ok_or_else(invalid)
}

/// Returns the problem of a request without credentials.
pub(super) fn missing() -> Problem {
    let detail = "send a key as the header `Authorization: Bearer …`; /key in Discord makes one";
    Problem::new(401, "missing_credentials", detail).header("www-authenticate", "Bearer")
}

/// Returns the problem of what is no key, or not any more.
pub(crate) fn invalid() -> Problem {
    let detail = "this is no key, or not any more: it may be cut, taken back or over";
    Problem::new(401, "invalid_token", detail)
        .header("www-authenticate", "Bearer error=\"invalid_token\"")
}

/// Refuses a principal whose key does not grant this.
///
/// # Errors
/// 403, which names the scope.
pub(crate) fn demand(principal: &Principal, scope: Scope, access: Access) -> Result<(), Problem> {
    if principal.scopes.grant(scope, access) {
        Ok(())
    } else {
        Err(lacking(&[scope.named(access)]))
    }
}

/// Returns the problem of a key that lacks scopes.
pub(super) fn lacking(scopes: &[&str]) -> Problem {
    let scopes = scopes.join(" ");
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\"");
    Problem::new(403, "insufficient_scope", format!("this takes a key with the scope {scopes}"))
        .header("www-authenticate", challenge)
}
