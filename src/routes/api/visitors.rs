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

use super::origin::{self, Page};
use super::{credentials, limits};

/// What a visitor may do, as the scopes of a key.
const SCOPES: &str = "chat,usage:read";

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
    check_origin(request, origins)?;
    let now_s = host.now().0 / 1000;
    let header = request.header("cookie").unwrap_or_default();
    let Some(value) = session::in_header(&header) else {
        if scope != Scope::Chat {
            return Err(credentials::missing());
        }
        let address = network(&request.header(ADDRESS).unwrap_or_default());
        if visitors::is_refused(host, &address).await {
            return Err(limits::no_visitor(settings));
        }
        let session = Session::begin(host.random()?, now_s);
        return of(&session, Some(session.cookie(&settings.secret)));
    };
    let session = Session::read(value, &settings.secret, now_s).ok_or_else(over)?;
    let renewed = session.renewed(now_s).map(|renewed| renewed.cookie(&settings.secret));
    of(&session, renewed)
}

fn of(session: &Session, cookie: Option<String>) -> Result<Visitor, Problem> {
    let scopes = Scopes::parse(SCOPES).ok_or_else(credentials::missing)?;
    let owner = session.owner();
    let principal = Principal { owner, scopes, workspace: String::new(), expires_at: None };
    Ok(Visitor { principal, cookie })
}

fn over() -> Problem {
    let detail = "this session is over, or none of ours; send the request again without its cookie \
                  to begin another, or with a key";
    Problem::new(401, "invalid_session", detail)
        .header("www-authenticate", "Bearer")
        .header("set-cookie", session::removal())
}

/// Refuses what a page of another origin has sent, and asks a listed one for a key. What says nothing of where it comes from was sent by no
/// browser that knows `SameSite`, and so without anybody's cookie but its sender's own.
fn check_origin(request: &impl Incoming, origins: &[String]) -> Result<(), Problem> {
    match origin::page(request, origins) {
        Page::Own => Ok(()),
        Page::Listed => Err(credentials::missing()),
        Page::Foreign => Err(origin::cross_origin()),
        Page::Unsaid => match request.header("sec-fetch-site").as_deref() {
            None | Some("same-origin" | "none") => Ok(()),
            Some(_) => Err(origin::cross_origin()),
        },
    }
}

/// Returns what counts as one address: of IPv6 the network, since one sender has all of it.
fn network(address: &str) -> String {
    let Ok(v6) = address.parse::<Ipv6Addr>() else { return address.to_owned() };
    let [a, b, c, d, ..] = v6.segments();
    format!("{a:x}:{b:x}:{c:x}:{d:x}")
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
