//! Who sends a request without a key, where the operator lets visitors in.
//!
//! 1. The request comes from a page of this origin, or from no page at all: a browser keeps no cookie for a
//!    page of another origin, so that a listed one would be another visitor with each request. It needs a key.
//! 2. A cookie that is signed and not over is its visitor. Any other is 401, and is taken away.
//! 3. Who has none is a new visitor, where the route is one of the chat; an address makes only so many of
//!    them in a minute, because a cookie can be thrown away with what it has used of its budget.
//!
//! Nothing is stored of a visitor but what is stored of any person who asks. No facts are: nobody could come
//! back for them on another device, and who sits at this one next is not told.

use core::net::Ipv6Addr;

use miyabi_app::keys::Principal;
use miyabi_app::visitors;
use miyabi_core::config::Visitors;
use miyabi_core::http::Incoming;
use miyabi_core::key::{Scope, Scopes};
use miyabi_core::ports::{Clock, Random, RateLimits};
use miyabi_core::problem::Problem;
use miyabi_core::session::{self, Session};

use super::{credentials, limits, origin};

/// What a visitor may do, as the scopes of a key.
pub(super) const SCOPES: &str = "chat,usage:read";

/// Code of the problem of a cookie that counts no more.
pub(super) const OVER: &str = "invalid_session";

/// Header in which Cloudflare says where a request comes from.
const ADDRESS: &str = "cf-connecting-ip";

/// A visitor, and the cookie that their browser is to keep, if it is another one.
pub(super) struct Visitor {
    /// Who it is, and what they may do.
    pub(super) principal: Principal,
    /// Value of the header `Set-Cookie`.
    pub(super) cookie: Option<String>,
}

/// Returns the visitor who sends a request.
///
/// # Errors
/// 401, 403, 429, or a failure of the platform's random numbers.
///
/// # Repeats
/// Without a cookie, makes another visitor.
pub(super) async fn visitor(
    host: &(impl Clock + Random + RateLimits),
    settings: &Visitors,
    request: &impl Incoming,
    origins: &[String],
    scope: Scope,
) -> Result<Visitor, Problem> {
    origin::check_own(request, origins)?;
    let now_s = host.now().0 / 1000;
    let Some(session) = known(host, settings, request)? else {
        if scope != Scope::Chat {
            return Err(credentials::missing());
        }
        if visitors::is_refused(host, &network(request)).await {
            return Err(limits::no_visitor(settings));
        }
        let session = Session::begin(host.random()?, now_s);
        return of(&session, Some(session.cookie(&settings.secret)));
    };
    let renewed = session.renewed(now_s).map(|renewed| renewed.cookie(&settings.secret));
    of(&session, renewed)
}

/// Returns the session of a request's cookie, if it has one.
///
/// # Errors
/// 401 for one that is over or forged.
pub(super) fn known(
    host: &impl Clock,
    settings: &Visitors,
    request: &impl Incoming,
) -> Result<Option<Session>, Problem> {
    let header = request.header("cookie").unwrap_or_default();
    let Some(value) = session::in_header(&header, session::COOKIE) else { return Ok(None) };
    Session::read(value, &settings.secret, host.now().0 / 1000).map(Some).ok_or_else(|| {
        let detail = "this session is over, or none of ours; send the request again without its cookie \
                      to begin another, or with a key";
        over(detail, session::COOKIE)
    })
}

fn of(session: &Session, cookie: Option<String>) -> Result<Visitor, Problem> {
    let scopes = Scopes::parse(SCOPES).ok_or_else(credentials::missing)?;
    let owner = session.owner();
    let principal = Principal { owner, scopes, workspace: String::new(), expires_at: None };
    Ok(Visitor { principal, cookie })
}

/// Returns the problem of a cookie that counts no more, which is taken away.
pub(super) fn over(detail: &str, cookie: &str) -> Problem {
    Problem::new(401, OVER, detail)
        .header("www-authenticate", "Bearer")
        .header("set-cookie", session::removal(cookie))
}

/// Returns what counts as the address of a request: of IPv6 the network, since one sender has all of it.
pub(super) fn network(request: &impl Incoming) -> String {
    let address = request.header(ADDRESS).unwrap_or_default();
    let Ok(v6) = address.parse::<Ipv6Addr>() else { return address };
    let [a, b, c, d, ..] = v6.segments();
    format!("{a:x}:{b:x}:{c:x}:{d:x}")
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
