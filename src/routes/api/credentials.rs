//! Who sends a request, and whether they may.
//!
//! # Source
//! RFC 6750, Bearer Token Usage.

use miyabi_app::access::{self, Doubt};
use miyabi_app::keys::{self, Principal};
use miyabi_channels::web::socket::KEY_PROTOCOL;
use miyabi_core::config::AccessTeam;
use miyabi_core::http::Incoming;
use miyabi_core::key::{self, Access, ApiKey, Scope, Scopes};
use miyabi_core::ports::{Cache, Clock, Http, Signatures, Sql};
use miyabi_core::problem::Problem;
use miyabi_core::session::{self, KEY_COOKIE};

use super::origin;
use super::visitors::over;

/// Names of parameters in which a key is sent where it must not be.
const NAMES: [&str; 7] =
    ["access_token", "api-key", "api_key", "apikey", "authorization", "bearer", "key"];

/// Header in which Cloudflare Access says who it has let through.
const ASSERTION: &str = "cf-access-jwt-assertion";

/// What whoever has come through Access may do, as the scopes of a key: what the page shows.
const ACCESS_SCOPES: &str = "chat,memory,files,usage";

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

/// A key that came with a request.
pub(super) struct Sent {
    /// The key.
    pub(super) key: ApiKey,
    /// Whether it came in the cookie of who has signed in.
    is_cookie: bool,
}

/// Returns the key that comes with a request: in its header, else in the cookie of who has signed in; `None` if
/// nothing says that there is one.
///
/// # Errors
/// 401 for what is no key by its checksum, without a look at the database; 401 or 403 for a cookie that a page of
/// another origin uses.
pub(super) fn sent(request: &impl Incoming, origins: &[String]) -> Result<Option<Sent>, Problem> {
    if let Some(header) = request.header("authorization") {
        return key_of(&header).map(Some);
    }
    let cookies = request.header("cookie").filter(|_| takes_cookies(request)).unwrap_or_default();
    let Some(value) = session::in_header(&cookies, KEY_COOKIE) else { return Ok(None) };
    origin::check_own(request, origins)?;
    let key = ApiKey::parse(value).ok_or_else(ended)?;
    Ok(Some(Sent { key, is_cookie: true }))
}

/// Returns the key that comes with a request for a socket. A browser can set no header there: it offers the key
/// as a subprotocol.
///
/// # Errors
/// 401, or as for [`sent`].
pub(super) fn sent_for_socket(
    request: &impl Incoming,
    origins: &[String],
) -> Result<Sent, Problem> {
    let offered = request.header("sec-websocket-protocol").unwrap_or_default();
    let mut offered = offered.split(',').map(str::trim);
    match offered.find_map(|protocol| protocol.strip_prefix(KEY_PROTOCOL)) {
        Some(key) => parse(key),
        None => sent(request, origins)?.ok_or_else(missing),
    }
}

/// Returns what Access says of a request, where it is asked and no key says otherwise.
pub(super) fn asserted<'t>(
    team: &'t AccessTeam,
    request: &impl Incoming,
) -> Option<(&'t AccessTeam, String)> {
    let is_asked = takes_cookies(request) && request.header("authorization").is_none();
    request.header(ASSERTION).filter(|_| is_asked).map(|assertion| (team, assertion))
}

/// Returns who has come through Access.
///
/// # Errors
/// 401 for an assertion by which nobody is known, 503 where it cannot be checked.
///
/// # Repeats
/// See [`access::whose`].
pub(super) async fn by_access(
    host: &(impl Clock + Http + Cache + Signatures),
    team: &AccessTeam,
    assertion: &str,
) -> Result<(Principal, String), Problem> {
    let known = access::whose(host, team, assertion).await.map_err(|doubt| {
        let detail = format!("what Cloudflare Access says of you {doubt}");
        if doubt == Doubt::Unavailable {
            return Problem::new(503, "unavailable", detail).header("retry-after", "5");
        }
        Problem::new(401, "invalid_assertion", detail).header("www-authenticate", "Bearer")
    })?;
    let scopes = Scopes::parse(ACCESS_SCOPES).ok_or_else(missing)?;
    let principal =
        Principal { owner: known.owner, scopes, workspace: String::new(), expires_at: None };
    Ok((principal, known.name))
}

/// Returns whether a request may be one of a page, by a cookie: `/mcp` and `/agents` are for programs.
pub(super) fn takes_cookies(request: &impl Incoming) -> bool {
    request.path().starts_with("/api/")
}

/// Returns whose a key is, and the name that they have given it.
///
/// # Errors
/// 401, or a failure of the database.
///
/// # Repeats
/// See [`keys::principal`].
pub(super) async fn whose(host: &impl Sql, sent: &Sent) -> Result<(Principal, String), Problem> {
    let found = keys::named(host, &sent.key.hash()).await?;
    found.ok_or_else(|| if sent.is_cookie { ended() } else { invalid() })
}

fn key_of(header: &str) -> Result<Sent, Problem> {
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing());
    }
    parse(token)
}

/// Returns the key that a text is, but for space around it.
///
/// # Errors
/// 401.
pub(super) fn parse(text: &str) -> Result<Sent, Problem> {
    let key = ApiKey::parse(text.trim()).ok_or_else(invalid)?;
    Ok(Sent { key, is_cookie: false })
}

/// Returns the problem of a cookie whose key counts no more.
fn ended() -> Problem {
    let detail = "you are signed out: the key that you have signed in with is over or taken back";
    over(detail, KEY_COOKIE)
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
